//! The Data API of Open Policy Agent: an input document goes out, a decision comes back.
//!
//! The input has the names that APISIX gives it, so that policies written for it keep working. A
//! decision is `true`, `false`, or an object with `allow`; one that is not there is a no, as OPA
//! means it (an undefined decision), and one of another form is no answer.

use bytes::Bytes;
use http::StatusCode;
use http::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use serde_json::{Map, Value, json};
use symbolon_core::strict_json;

use super::judged::{self, Judged};
use super::question::Seen;
use crate::authenticator::http_client::Reply;
use crate::config::authenticators::forward::Forward;
use crate::query;

/// The document about a request.
pub(super) fn input(seen: &Seen<'_>) -> Bytes {
    let mut headers = Map::new();
    for (name, value) in &seen.headers {
        add(&mut headers, name.as_str(), String::from_utf8_lossy(value.as_bytes()).into_owned());
    }
    let mut arguments = Map::new();
    for (name, value) in query::parameters(seen.query) {
        add(&mut arguments, &name, value.into_owned());
    }
    let document = json!({ "input": {
        "type": "http",
        "request": {
            "method": seen.method.as_str(),
            "scheme": seen.scheme,
            "host": seen.host,
            "path": seen.path,
            "query": arguments,
            "headers": headers,
        },
        "var": { "remote_addr": seen.source.to_string() },
        "route": { "name": seen.route },
    } });
    Bytes::from(document.to_string())
}

/// One value is a text, several are a list.
fn add(members: &mut Map<String, Value>, name: &str, value: String) {
    match members.get_mut(name) {
        None => {
            members.insert(name.to_owned(), Value::String(value));
        }
        Some(Value::Array(values)) => values.push(Value::String(value)),
        Some(first) => *first = json!([first.take(), value]),
    }
}

/// Judges a decision.
pub(super) fn judge(reply: &Reply, wanted: &Forward) -> Judged {
    if reply.status != StatusCode::OK {
        return Err(format!("the service answered {}", reply.status.as_u16()));
    }
    let answer: Map<String, Value> = strict_json::object(&reply.body)
        .map_err(|_| "the decision is no JSON object, or has a member twice".to_owned())?;
    match answer.get("result") {
        None | Some(Value::Bool(false)) => refused(&Map::new(), wanted),
        Some(Value::Bool(true)) => judged::allowed(&HeaderMap::new(), wanted),
        Some(Value::Object(decision)) => match decision.get("allow") {
            Some(Value::Bool(true)) => judged::allowed(&headers(decision)?, wanted),
            Some(Value::Bool(false)) | None => refused(decision, wanted),
            Some(_) => Err("`allow` of the decision is neither true nor false".to_owned()),
        },
        Some(_) => Err("the decision is neither true nor false nor an object".to_owned()),
    }
}

fn refused(decision: &Map<String, Value>, wanted: &Forward) -> Judged {
    let status = match decision.get("status_code") {
        None | Some(Value::Null) => StatusCode::FORBIDDEN,
        Some(code) => code
            .as_u64()
            .and_then(|code| u16::try_from(code).ok())
            .and_then(|code| StatusCode::from_u16(code).ok())
            .filter(|status| status.is_redirection() || status.is_client_error())
            .ok_or("`status_code` of the decision is no refusal")?,
    };
    let mut headers = headers(decision)?;
    let (kind, body) = match decision.get("reason") {
        None | Some(Value::Null) => return judged::refused(status, &headers, Bytes::new(), wanted),
        Some(Value::String(reason)) => ("text/plain; charset=utf-8", reason.clone()),
        Some(reason) => ("application/json", reason.to_string()),
    };
    headers.entry(CONTENT_TYPE).or_insert(HeaderValue::from_static(kind));
    judged::refused(status, &headers, Bytes::from(body), wanted)
}

fn headers(decision: &Map<String, Value>) -> Result<HeaderMap, String> {
    let mut headers = HeaderMap::new();
    let members = match decision.get("headers") {
        None | Some(Value::Null) => return Ok(headers),
        Some(Value::Object(members)) => members,
        Some(_) => return Err("`headers` of the decision is no object".to_owned()),
    };
    for (name, value) in members {
        let text = match value {
            Value::String(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            Value::Bool(truth) => truth.to_string(),
            _ => return Err("a header of the decision is no text".to_owned()),
        };
        let pair = HeaderName::try_from(name.as_str()).ok().zip(HeaderValue::try_from(text).ok());
        let (name, value) = pair.ok_or("a header of the decision has control characters")?;
        headers.append(name, value);
    }
    Ok(headers)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::authenticator::forward::testing::{seen, settings};

    fn judged(answer: &Value) -> Judged {
        let body = Bytes::from(answer.to_string());
        let wanted = Forward { principal: None, client_body: true, ..settings() };
        judge(&Reply { status: StatusCode::OK, headers: HeaderMap::new(), body }, &wanted)
    }

    #[test]
    fn the_document_says_what_was_asked_for_and_nothing_else() {
        let seen = seen();
        let document: Value = serde_json::from_slice(&input(&seen)).unwrap();
        let expected = json!({ "input": {
            "type": "http",
            "request": {
                "method": "GET",
                "scheme": "https",
                "host": "shop.example.com",
                "path": "/orders",
                "query": { "a": ["1", "2"], "b": "x y" },
                "headers": { "authorization": "Bearer t" },
            },
            "var": { "remote_addr": "192.0.2.1" },
            "route": { "name": "orders" },
        } });
        assert_eq!(document, expected);
    }

    #[test]
    fn yes_is_true_and_nothing_else_is() {
        for yes in [json!({ "result": true }), json!({ "result": { "allow": true } })] {
            assert!(judged(&yes).unwrap().is_ok(), "{yes}");
        }
        for no in [
            json!({}),
            json!({ "decision_id": "x" }),
            json!({ "result": false }),
            json!({ "result": {} }),
            json!({ "result": { "allow": false } }),
        ] {
            assert_eq!(judged(&no).unwrap().unwrap_err().status, 403, "{no}");
        }
        for nonsense in [
            json!({ "result": "true" }),
            json!({ "result": 1 }),
            json!({ "result": [true] }),
            json!({ "result": null }),
            json!({ "result": { "allow": "true" } }),
            json!({ "result": { "allow": true, "headers": [] } }),
            json!({ "result": { "allow": true, "headers": { "x-tenant": "a\r\nx-user: root" } } }),
            json!({ "result": { "allow": false, "status_code": 200 } }),
            json!({ "result": { "allow": false, "status_code": 500 } }),
            json!({ "result": { "allow": false, "status_code": "403" } }),
            json!({ "result": { "allow": false, "status_code": 302 } }),
        ] {
            assert!(judged(&nonsense).is_err(), "{nonsense}");
        }
    }

    #[test]
    fn reason_status_and_listed_headers_of_a_no_are_given() {
        let no = judged(&json!({ "result": {
            "allow": false, "status_code": 429, "reason": "slow down",
            "headers": { "www-authenticate": "Custom", "x-tenant": "a" },
        } }));
        let refused = no.unwrap().unwrap_err();
        assert_eq!(refused.status, 429);
        assert_eq!(refused.body.as_deref(), Some(&b"slow down"[..]));
        assert_eq!(refused.headers.len(), 1);
    }
}
