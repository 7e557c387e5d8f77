//! A request as it was sent, for whoever checks a signature over it: with the path before it was
//! made canonical, and with the fields that were taken out. Those that no request may bring along
//! are not among them, so they cannot be signed.

use http::Version;
use symbolon_core::http_signature::Request;

use super::Clean;
use crate::head::Target;

/// Names and values.
type Rows<'a> = Vec<(&'a [u8], &'a [u8])>;

/// The parts of a request as they came.
pub(crate) struct Sent<'a> {
    clean: &'a Clean,
    fields: Rows<'a>,
    /// The target, where it was sent as a whole URI.
    absolute: Option<String>,
}

impl Clean {
    /// The length of the body, as it was sent.
    pub(crate) fn content_length(&self) -> Option<&[u8]> {
        self.content_length.map(|place| self.fields.value(place))
    }

    /// The request as it was sent.
    pub(crate) fn as_sent(&self) -> Sent<'_> {
        // Cookies were written anew; what was sent is among the credentials.
        let mut fields: Rows<'_> =
            self.fields.iter().filter(|(name, _)| *name != b"cookie").collect();
        fields.extend(self.presented().all());
        fields.push((b"host", self.authority().as_bytes()));
        if let Some(length) = self.content_length() {
            fields.push((b"content-length", length));
        }
        let absolute = match &self.target {
            // What HTTP/2 has in pseudo-headers is put together here, and was not sent as one.
            Target::Absolute(uri) if self.version != Version::HTTP_2 => Some(uri.to_string()),
            Target::Absolute(_) | Target::Origin(_) => None,
        };
        Sent { clean: self, fields, absolute }
    }
}

impl Sent<'_> {
    /// The same for a signature, reached by this scheme.
    pub(crate) fn request<'a>(&'a self, scheme: &'a str) -> Request<'a> {
        Request {
            // A WebSocket over HTTP/2 is asked for with CONNECT (RFC 8441 section 4), and signed so.
            method: if self.clean.is_extended_connect {
                "CONNECT"
            } else {
                self.clean.method.as_str()
            },
            target: self.clean.target.path_and_query(&self.clean.fields),
            absolute: self.absolute.as_deref(),
            authority: self.clean.authority(),
            scheme,
            version: match self.clean.version {
                Version::HTTP_10 => "HTTP/1.0",
                Version::HTTP_2 => "HTTP/2.0",
                _ => "HTTP/1.1",
            },
            fields: &self.fields,
        }
    }
}
