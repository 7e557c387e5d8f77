//! A request as it was sent, for whoever checks a signature over it: with the path before it was
//! made canonical, and with the fields that were taken out. Those that no request may bring along
//! are not among them, so they cannot be signed.

use http::Version;
use symbolon_core::http_signature::Request;

use super::Clean;

/// Names and values.
type Rows<'a> = Vec<(&'a [u8], &'a [u8])>;

/// The parts of a request as they came.
pub(crate) struct Sent<'a> {
    clean: &'a Clean,
    fields: Rows<'a>,
}

impl Clean {
    /// The request as it was sent.
    pub(crate) fn as_sent(&self) -> Sent<'_> {
        // Cookies were written anew; what was sent is among the credentials.
        let mut fields: Rows<'_> =
            self.fields.iter().filter(|(name, _)| *name != b"cookie").collect();
        fields.extend(self.presented().all());
        fields.push((b"host", self.authority().as_bytes()));
        if let Some(place) = self.content_length {
            fields.push((b"content-length", self.fields.value(place)));
        }
        Sent { clean: self, fields }
    }
}

impl Sent<'_> {
    /// The same for a signature, reached by this scheme.
    pub(crate) fn request<'a>(&'a self, scheme: &'a str) -> Request<'a> {
        Request {
            method: self.clean.method.as_str(),
            target: self.clean.target.path_and_query(&self.clean.fields),
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
