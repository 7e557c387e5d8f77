//! What a request says of its body, and whether that is so: `Content-Digest` (RFC 9530 section 2)
//! and `Digest` (RFC 3230), which Kong's and APISIX's clients send.
//!
//! 1. Only a digest that is signed says anything: whoever changes a body can change an unsigned one
//!    with it.
//! 2. SHA-256 and SHA-512 count. Others are skipped (RFC 9530 section 2), and there has to be one
//!    that counts; where there are several, all have to fit.
//! 3. The body is not kept: it is hashed as it passes ([`DigestCheck`]).

use aws_lc_rs::constant_time;
use aws_lc_rs::digest::{self, Context};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sfv::{BareItem, Dictionary, Item, ListEntry, Parser};

use super::component::Covered;
use super::failure::Failure;
use super::request::Request;

/// The digests that a body has to have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BodyDigest {
    wanted: Vec<(Hash, Vec<u8>)>,
}

/// A body on its way, hashed so far.
pub struct DigestCheck {
    hashing: Vec<(Context, Vec<u8>)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Hash {
    Sha256,
    Sha512,
}

/// The digest of the body that a signature covers.
pub(super) fn signed(
    request: &Request<'_>,
    covered: &Covered,
) -> Result<Option<BodyDigest>, Failure> {
    let mut wanted = Vec::new();
    let is_whole = covered.covers("content-digest");
    for hash in [Hash::Sha256, Hash::Sha512] {
        let is_part = covered.covers(&format!("content-digest;key=\"{}\"", hash.name()));
        if is_whole || is_part {
            wanted.extend(content_digest(request, hash, is_part)?);
        }
    }
    let is_old = covered.covers("digest");
    if is_old {
        wanted.extend(old_digest(request)?);
    }
    if wanted.is_empty() {
        let is_signed = is_whole || is_old;
        return if is_signed { Err(Failure::MalformedDigest) } else { Ok(None) };
    }
    Ok(Some(BodyDigest { wanted }))
}

/// `sha-256=:…:, sha-512=:…:`
fn content_digest(
    request: &Request<'_>,
    hash: Hash,
    is_needed: bool,
) -> Result<Option<(Hash, Vec<u8>)>, Failure> {
    let text = request.joined("content-digest")?.unwrap_or_default();
    let members: Dictionary = Parser::new(&text).parse().map_err(|_| Failure::MalformedDigest)?;
    match members.get(hash.name()) {
        Some(ListEntry::Item(Item { bare_item: BareItem::ByteSequence(digest), .. }))
            if digest.len() == hash.length() =>
        {
            Ok(Some((hash, digest.clone())))
        }
        None if !is_needed => Ok(None),
        _ => Err(Failure::MalformedDigest),
    }
}

/// `SHA-256=…, SHA-512=…`; the names in either case.
fn old_digest(request: &Request<'_>) -> Result<Vec<(Hash, Vec<u8>)>, Failure> {
    let text = request.joined("digest")?.unwrap_or_default();
    let mut wanted = Vec::new();
    for entry in text.split(',') {
        let (name, value) = entry.trim_ascii().split_once('=').ok_or(Failure::MalformedDigest)?;
        let Some(hash) = Hash::of_name(&name.to_ascii_lowercase()) else { continue };
        let digest = STANDARD.decode(value).map_err(|_| Failure::MalformedDigest)?;
        if digest.len() != hash.length() {
            return Err(Failure::MalformedDigest);
        }
        wanted.push((hash, digest));
    }
    if wanted.is_empty() { Err(Failure::MalformedDigest) } else { Ok(wanted) }
}

impl Hash {
    const fn name(self) -> &'static str {
        match self {
            Self::Sha256 => "sha-256",
            Self::Sha512 => "sha-512",
        }
    }

    fn of_name(name: &str) -> Option<Self> {
        [Self::Sha256, Self::Sha512].into_iter().find(|hash| hash.name() == name)
    }

    const fn length(self) -> usize {
        match self {
            Self::Sha256 => 32,
            Self::Sha512 => 64,
        }
    }

    fn context(self) -> Context {
        Context::new(match self {
            Self::Sha256 => &digest::SHA256,
            Self::Sha512 => &digest::SHA512,
        })
    }
}

impl BodyDigest {
    /// Begins to check a body.
    pub fn check(&self) -> DigestCheck {
        let begun = |(hash, digest): &(Hash, Vec<u8>)| (hash.context(), digest.clone());
        DigestCheck { hashing: self.wanted.iter().map(begun).collect() }
    }

    /// Whether a body that is at hand has them all.
    pub fn is_of(&self, body: &[u8]) -> bool {
        let mut check = self.check();
        check.update(body);
        check.finish().is_ok()
    }
}

impl DigestCheck {
    /// More of the body came.
    pub fn update(&mut self, piece: &[u8]) {
        for (context, _) in &mut self.hashing {
            context.update(piece);
        }
    }

    /// The body is over: was it the one that was signed?
    ///
    /// # Errors
    /// [`Failure::DigestMismatch`]
    pub fn finish(self) -> Result<(), Failure> {
        let mut is_same = true;
        for (context, wanted) in self.hashing {
            is_same &=
                constant_time::verify_slices_are_equal(context.finish().as_ref(), &wanted).is_ok();
        }
        if is_same { Ok(()) } else { Err(Failure::DigestMismatch) }
    }
}

impl std::fmt::Debug for DigestCheck {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DigestCheck(..)")
    }
}
