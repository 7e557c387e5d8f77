//! Routes that lead to no service: a redirect, or an answer that stands in the configuration.
//!
//! 1. Where a redirect leads to is up to the file: scheme and host are literal, and the path is in
//!    canonical form, so no request can make `//evil.example` of it (open redirect).
//! 2. The query of the request comes along unless the target has one of its own.

use bytes::Bytes;
use http::header::{self, HeaderValue};
use http::{HeaderMap, Response, StatusCode};

use super::template::{MadePathError, Template, TemplateError};
use crate::canonical;
use crate::pattern::PathPattern;

/// An answer in place of a service's.
#[derive(Clone, Debug)]
pub enum Answer {
    /// Somewhere else.
    Redirect(Redirect),
    /// These bytes.
    Respond(Respond),
}

/// A redirect.
#[derive(Clone, Debug)]
pub struct Redirect {
    status: StatusCode,
    /// `https://host`, or nothing for the same site.
    origin: String,
    path: Template,
    /// With its question mark.
    query: Option<String>,
}

/// A fixed answer.
#[derive(Clone, Debug)]
pub struct Respond {
    status: StatusCode,
    content_type: HeaderValue,
    body: Bytes,
}

/// Why an answer is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AnswerError {
    /// Neither a site nor a path.
    #[error("it must be a path, or `https://HOST` with a path behind it; the host is literal")]
    Target,
    /// Its query could not stand in a header.
    #[error("its query has a character that no query may have")]
    Query,
    /// Its path cannot be made.
    #[error(transparent)]
    Template(#[from] TemplateError),
    /// Not a status for this.
    #[error("not a status of an answer with a body")]
    Status,
    /// Not a media type.
    #[error("not a media type")]
    ContentType,
}

impl Redirect {
    /// Reads a target for a route with these paths.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn new(to: &str, status: u16, paths: &[PathPattern]) -> Result<Self, AnswerError> {
        let (origin, rest) = split_origin(to)?;
        let (path, query) = match rest.find('?') {
            Some(at) => rest.split_at_checked(at).ok_or(AnswerError::Target)?,
            None => (rest, ""),
        };
        if !canonical::query_is_clean(query) || query.contains('$') {
            return Err(AnswerError::Query);
        }
        let path = if path.is_empty() && !origin.is_empty() { "/" } else { path };
        Ok(Self {
            status: StatusCode::from_u16(status).map_err(|_| AnswerError::Status)?,
            origin: origin.to_owned(),
            path: Template::parse(path, paths)?,
            query: (!query.is_empty()).then(|| query.to_owned()),
        })
    }

    fn location(&self, path: &str, query: Option<&str>) -> Result<String, MadePathError> {
        let path = self.path.make(path)?;
        let query = match (&self.query, query) {
            (Some(own), _) => own.clone(),
            (None, Some(query)) => format!("?{query}"),
            (None, None) => String::new(),
        };
        Ok(format!("{}{path}{query}", self.origin))
    }
}

impl Respond {
    /// A fixed answer.
    ///
    /// # Errors
    /// Where it could not be sent.
    pub fn new(status: u16, content_type: &str, body: &str) -> Result<Self, AnswerError> {
        let status = StatusCode::from_u16(status).map_err(|_| AnswerError::Status)?;
        let has_none = matches!(status.as_u16(), ..200 | 204 | 205 | 304 | 600..);
        if has_none && !(body.is_empty() && status == StatusCode::NO_CONTENT) {
            return Err(AnswerError::Status);
        }
        let content_type =
            HeaderValue::from_str(content_type).map_err(|_| AnswerError::ContentType)?;
        if !content_type.as_bytes().contains(&b'/') {
            return Err(AnswerError::ContentType);
        }
        Ok(Self { status, content_type, body: Bytes::copy_from_slice(body.as_bytes()) })
    }
}

impl Answer {
    /// The answer to a request for this path.
    ///
    /// # Errors
    /// Where a redirect would lead to a path without canonical form.
    pub(crate) fn to(
        &self,
        path: &str,
        query: Option<&str>,
    ) -> Result<Response<Bytes>, MadePathError> {
        let mut headers = HeaderMap::with_capacity(8);
        let (status, body) = match self {
            Self::Redirect(redirect) => {
                let location = redirect.location(path, query)?;
                // Canonical paths and clean queries are printable ASCII.
                let location = HeaderValue::from_str(&location)
                    .map_err(|_| canonical::PathError::Character)?;
                headers.insert(header::LOCATION, location);
                (redirect.status, Bytes::new())
            }
            Self::Respond(respond) => {
                if !respond.body.is_empty() {
                    headers.insert(header::CONTENT_TYPE, respond.content_type.clone());
                }
                (respond.status, respond.body.clone())
            }
        };
        let mut response = Response::new(body);
        *response.status_mut() = status;
        *response.headers_mut() = headers;
        Ok(response)
    }
}

/// `https://host:port` and what follows; nothing and everything where there is no scheme.
fn split_origin(to: &str) -> Result<(&str, &str), AnswerError> {
    let after_scheme = match (to.strip_prefix("https://"), to.strip_prefix("http://")) {
        (Some(rest), _) | (_, Some(rest)) => rest,
        _ if to.starts_with('/') || to.starts_with('$') => return Ok(("", to)),
        _ => return Err(AnswerError::Target),
    };
    let end = after_scheme.find(['/', '$', '?']).unwrap_or(after_scheme.len());
    let (authority, rest) = after_scheme.split_at_checked(end).ok_or(AnswerError::Target)?;
    canonical::host_of(authority).map_err(|_| AnswerError::Target)?;
    to.split_at_checked(to.len() - rest.len()).ok_or(AnswerError::Target)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn redirect(to: &str, path: &str) -> Result<Redirect, AnswerError> {
        Redirect::new(to, 308, &[PathPattern::parse(path).unwrap()])
    }

    fn location(to: &str, route: &str, path: &str, query: Option<&str>) -> String {
        redirect(to, route).unwrap().location(path, query).unwrap()
    }

    #[test]
    fn a_redirect_leads_where_the_file_says() {
        let rows = [
            ("https://new.example${path}", "/", "/a/b", Some("c=d"), "https://new.example/a/b?c=d"),
            ("https://new.example", "/", "/a", None, "https://new.example/"),
            (
                "https://new.example:8443/x?y=1",
                "/",
                "/a",
                Some("c"),
                "https://new.example:8443/x?y=1",
            ),
            ("/new/$1", "~ ^/old/(.*)$", "/old/a", Some("c"), "/new/a?c"),
            ("${path}/more", "= /a", "/a", None, "/a/more"),
        ];
        for (to, route, path, query, expected) in rows {
            assert_eq!(location(to, route, path, query), expected, "{to}");
        }
    }

    #[test]
    fn a_target_that_a_request_could_bend_does_not_load() {
        for to in [
            "new.example/x",
            "//new.example/x",
            "ftp://x/",
            "javascript:alert(1)",
            "https://",
            "https:///x",
            "https://user@host/",
            "https://$1.example/",
            "https://*.example/",
            "/a?$1",
            "/a?b#c",
            "/a/../b",
        ] {
            assert!(redirect(to, "~ ^/x/(.*)$").is_err(), "{to}");
        }
        // What could be bent while running is refused then.
        for (to, path) in [("/$1", "/x//evil.example"), ("https://new.example$1", "/x/.evil.test")]
        {
            assert!(redirect(to, "~ ^/x/(.*)$").unwrap().location(path, None).is_err(), "{to}");
        }
    }

    #[test]
    fn a_fixed_answer_is_one_that_can_be_sent() {
        assert!(Respond::new(200, "text/plain", "x").is_ok());
        assert!(Respond::new(503, "text/plain", "").is_ok());
        assert!(Respond::new(204, "text/plain", "").is_ok());
        for status in [100, 101, 199, 204, 205, 304, 600, 999] {
            assert!(Respond::new(status, "text/plain", "x").is_err(), "{status}");
        }
        assert!(Respond::new(200, "text\n/plain", "x").is_err());
        assert!(Respond::new(200, "plain", "x").is_err());
    }

    proptest! {
        #[test]
        fn no_request_leads_to_another_site(raw in "/[a-z%0-9A-F./@~-]{0,20}") {
            let Ok(path) = canonical::path(&raw) else { return Ok(()) };
            for to in ["/$1", "/$1/x", "${path}", "/new$1"] {
                if let Ok(location) = redirect(to, "~ ^/[a-z]?(.*)$").unwrap().location(&path, None) {
                    prop_assert!(location.starts_with('/') && !location.starts_with("//"));
                    prop_assert!(!location.contains('\\'));
                }
            }
        }
    }
}
