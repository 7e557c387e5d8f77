//! What goes out about a request: exactly what the list says, and where it came from.

use std::net::IpAddr;

use bytes::Bytes;
use http::Method;
use http::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, USER_AGENT};

use super::opa;
use crate::authenticator::http_client::Question;
use crate::config::authenticators::forward::{Form, Forward};

/// A request as it may be told.
pub(super) struct Seen<'a> {
    pub(super) method: &'a Method,
    pub(super) scheme: &'static str,
    pub(super) host: &'a str,
    /// With the query, without what the route hides.
    pub(super) target: &'a str,
    pub(super) path: &'a str,
    pub(super) query: Option<&'a str>,
    pub(super) source: IpAddr,
    pub(super) route: &'a str,
    /// Those of the list that the request has.
    pub(super) headers: Vec<(HeaderName, HeaderValue)>,
}

/// Puts the question.
pub(super) fn about(seen: &Seen<'_>, wanted: &Forward) -> Question {
    let mut headers = HeaderMap::new();
    let agent = HeaderValue::from_static("symbolon");
    let Form::Request(method) = &wanted.form else {
        headers.insert(USER_AGENT, agent);
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        return Question { method: Method::POST, headers, body: opa::input(seen) };
    };
    for (name, value) in &seen.headers {
        headers.append(name, value.clone());
    }
    headers.entry(USER_AGENT).or_insert(agent);
    let source = seen.source.to_string();
    let rows = [
        ("x-forwarded-method", seen.method.as_str()),
        ("x-forwarded-proto", seen.scheme),
        ("x-forwarded-host", seen.host),
        ("x-forwarded-uri", seen.target),
        ("x-forwarded-for", &source),
    ];
    for (name, value) in rows {
        // INVARIANT: a clean request has nothing that could not stand in a header.
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
    Question { method: method.clone(), headers, body: Bytes::new() }
}

/// Everything of a question, so that equal ones have one answer.
pub(super) fn parts(question: &Question) -> Vec<&[u8]> {
    let mut parts = vec![question.method.as_str().as_bytes(), &question.body];
    for (name, value) in &question.headers {
        parts.push(name.as_str().as_bytes());
        parts.push(value.as_bytes());
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::authenticator::forward::testing::{seen, settings};

    #[test]
    fn exactly_the_list_goes_out_and_where_it_came_from() {
        let question = about(&seen(), &settings());
        let mut rows: Vec<_> = question
            .headers
            .iter()
            .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()))
            .collect();
        rows.sort();
        assert_eq!(
            rows,
            [
                "authorization: Bearer t",
                "user-agent: symbolon",
                "x-forwarded-for: 192.0.2.1",
                "x-forwarded-host: shop.example.com",
                "x-forwarded-method: GET",
                "x-forwarded-proto: https",
                "x-forwarded-uri: /orders?a=1&a=2&b=x%20y",
            ]
        );
        assert_eq!((question.method, question.body.len()), (Method::GET, 0));
    }
}
