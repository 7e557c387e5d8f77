//! The forms in which requests are signed, and where each stands in a request.

use super::failure::Failure;
use super::request::Request;
use super::unverified::Unverified;
use super::{apisix, kong, message};

/// How a signature is written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Form {
    /// `Authorization: hmac username="…"`, as Kong's `hmac-auth` reads it.
    Kong,
    /// `Authorization: Signature keyId="…"`, as APISIX's `hmac-auth` reads it.
    Apisix,
    /// `Signature-Input` and `Signature` (RFC 9421).
    MessageSignature,
}

impl Form {
    /// All that there are.
    pub const ALL: [Self; 3] = [Self::Kong, Self::Apisix, Self::MessageSignature];

    /// The name, as it stands in the configuration.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Kong => "kong",
            Self::Apisix => "apisix",
            Self::MessageSignature => "message_signature",
        }
    }

    /// The form of a name.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|form| form.name() == name)
    }
}

/// The signatures of a request in one of these forms; none where none is offered.
///
/// # Errors
/// One that cannot be read, or whose components the request does not have; and two that are
/// written in different forms: it would be chance which of the two decides.
pub fn find(request: &Request<'_>, forms: &[Form]) -> Result<Vec<Unverified>, Failure> {
    let mut offered = None;
    for (form, credentials) in authorizations(request) {
        if !forms.contains(&form) {
            continue;
        }
        // One request has one `Authorization` (RFC 9110 section 11.6.2).
        if offered.is_some() || request.values("authorization").nth(1).is_some() {
            return Err(Failure::SeveralForms);
        }
        offered = Some((form, credentials));
    }
    let is_message = forms.contains(&Form::MessageSignature) && message::is_offered(request);
    match offered {
        Some(_) if is_message => Err(Failure::SeveralForms),
        Some((form, credentials)) => {
            let credentials = std::str::from_utf8(credentials)
                .map_err(|_| Failure::Malformed("credentials are not text"))?;
            let signature = if form == Form::Kong {
                kong::read(request, credentials)
            } else {
                apisix::read(request, credentials)
            };
            Ok(vec![signature?])
        }
        None if is_message => message::read(request),
        None => Ok(Vec::new()),
    }
}

/// What stands behind the schemes that are ours.
fn authorizations<'a>(request: &Request<'a>) -> impl Iterator<Item = (Form, &'a [u8])> {
    request.values("authorization").filter_map(|value| {
        let length = value.iter().position(|byte| matches!(byte, b' ' | b'\t'));
        let (scheme, credentials) = value.split_at_checked(length.unwrap_or(value.len()))?;
        if scheme.eq_ignore_ascii_case(b"hmac") {
            Some((Form::Kong, credentials))
        } else if scheme.eq_ignore_ascii_case(b"signature") {
            Some((Form::Apisix, credentials))
        } else {
            None
        }
    })
}
