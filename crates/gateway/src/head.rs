//! The head of a request, whichever server read it.

use http::{Method, Request, Uri, Version};
use symbolon_core::Random;

use crate::extended_connect::{self, ExtendedConnect};
use crate::fields::{Fields, Span};

/// Method, target and fields as they were sent.
#[derive(Debug)]
pub(crate) struct Head {
    pub(crate) method: Method,
    pub(crate) version: Version,
    pub(crate) target: Target,
    pub(crate) fields: Fields,
    pub(crate) extended_connect: ExtendedConnect,
}

/// What is asked for (RFC 9112 section 3.2).
#[derive(Debug)]
pub(crate) enum Target {
    /// Path and query: this piece of the head.
    Origin(Span),
    /// A whole URI, or the pseudo-headers of HTTP/2.
    Absolute(Box<Uri>),
}

impl Head {
    /// The host that the target names, where it names one.
    pub(crate) fn authority(&self) -> Option<&str> {
        match &self.target {
            Target::Origin(_) => None,
            Target::Absolute(uri) => uri.authority().map(http::uri::Authority::as_str),
        }
    }

    /// Path and query; empty where there are none or they are no text.
    pub(crate) fn path_and_query(&self) -> &str {
        self.target.path_and_query(&self.fields)
    }
}

impl Target {
    /// Path and query as they were sent, with the fields of the same head.
    pub(crate) fn path_and_query<'a>(&'a self, fields: &'a Fields) -> &'a str {
        match self {
            Self::Origin(span) => std::str::from_utf8(fields.piece(*span)).unwrap_or_default(),
            Self::Absolute(uri) => uri.path_and_query().map_or("", http::uri::PathAndQuery::as_str),
        }
    }
}

/// Of a request that came over HTTP/2, with its body.
pub(crate) fn of_http2<B>(mut request: Request<B>, random: &dyn Random) -> (Head, B) {
    let extended_connect = extended_connect::translate(&mut request, random);
    let (parts, body) = request.into_parts();
    let head = Head {
        method: parts.method,
        version: Version::HTTP_2,
        target: Target::Absolute(Box::new(parts.uri)),
        fields: Fields::from(&parts.headers),
        extended_connect,
    };
    (head, body)
}
