//! The fields of a request, sorted in one pass: what a service may see stays, credentials are taken
//! out, and gone is what belongs to the connection, what the connection nominates (RFC 9110 section
//! 7.6.1), and what could be an identity.

use http::Version;

use super::super::presented::Taken;
use super::{Ingress, malformed};
use crate::fields::{Fields, Place, Places};
use crate::hop_by_hop::{self, ConnectionOptions};
use crate::identity_headers;
use crate::rejection::Rejection;

/// What was taken out.
#[derive(Default)]
pub(super) struct Sorted {
    pub(super) taken: Taken,
    pub(super) set_aside: Places,
    pub(super) hosts: Places,
    pub(super) content_length: Option<Place>,
    pub(super) framing: Framing,
}

/// What the fields say of the body.
#[derive(Default)]
pub(super) struct Framing {
    lengths: u32,
    encodings: u32,
    is_chunked: bool,
    is_unexpected: bool,
}

impl Sorted {
    /// Takes it out.
    pub(super) fn of(fields: &mut Fields, ingress: &Ingress<'_>) -> Self {
        let nominated = ConnectionOptions::of_request(fields).nominated;
        let mut sorted = Self::default();
        fields.retain(|place, name, value| {
            if sorted.take(place, name, value) {
                return false;
            }
            let is_kept = !(hop_by_hop::is_hop_by_hop(name)
                || nominated.iter().any(|nominated| nominated.as_str().as_bytes() == name)
                || identity_headers::is_stripped(name)
                || ingress.identity_headers.iter().any(|told| told.as_str().as_bytes() == name));
            if !is_kept && ingress.set_aside.iter().any(|aside| aside.as_str().as_bytes() == name) {
                sorted.set_aside.push(place);
            }
            is_kept
        });
        sorted
    }

    /// Takes what is looked at again.
    fn take(&mut self, place: Place, name: &[u8], value: &[u8]) -> bool {
        match name {
            b"host" => self.hosts.push(place),
            b"content-length" => {
                self.framing.lengths += 1;
                self.content_length = Some(place);
            }
            b"transfer-encoding" => {
                self.framing.encodings += 1;
                self.framing.is_chunked = value.eq_ignore_ascii_case(b"chunked");
            }
            b"expect" => {
                self.framing.is_unexpected |= !value.eq_ignore_ascii_case(b"100-continue");
            }
            name => return self.taken.take(name, place),
        }
        true
    }
}

impl Framing {
    /// What a parser might let through and RFC 9112 section 6.3 allows to refuse.
    pub(super) fn check(&self, version: Version) -> Result<(), Rejection> {
        let is_encoded = self.encodings > 0;
        if self.lengths > 1 {
            Err(malformed("several content-length headers"))
        } else if is_encoded
            && (self.lengths > 0 || self.encodings > 1 || version != Version::HTTP_11)
        {
            Err(malformed("contradictory framing"))
        } else if is_encoded && !self.is_chunked {
            Err(malformed("transfer-encoding is not `chunked`"))
        } else if self.is_unexpected {
            Err(malformed("unknown expectation"))
        } else {
            Ok(())
        }
    }
}
