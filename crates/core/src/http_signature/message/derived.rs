//! What a request is about without being one of its headers (RFC 9421 section 2.2).

use std::fmt::Write as _;

use sfv::{BareItem, Item};

use super::super::failure::Failure;
use super::super::request::Request;

/// The value of a derived component.
pub(super) fn value(request: &Request<'_>, name: &str, item: &Item) -> Result<String, Failure> {
    if name == "@query-param" {
        return query_param(request, item);
    }
    if !item.params.is_empty() {
        return Err(unknown(name));
    }
    Ok(match name {
        "@method" => request.method.to_owned(),
        "@target-uri" => {
            let scheme = request.scheme.to_ascii_lowercase();
            format!("{scheme}://{}{}", request.authority, request.target)
        }
        "@authority" => authority(request),
        "@scheme" => request.scheme.to_ascii_lowercase(),
        // Section 2.2.5: as it was sent.
        "@request-target" => request.absolute.unwrap_or(request.target).to_owned(),
        "@path" => request.path().to_owned(),
        // Section 2.2.7: no query is an empty one.
        "@query" => format!("?{}", request.query().unwrap_or_default()),
        _ => return Err(unknown(name)),
    })
}

/// Section 2.2.3: in lower case, without the port that the scheme has anyhow.
fn authority(request: &Request<'_>) -> String {
    let authority = request.authority.to_ascii_lowercase();
    let port = if request.scheme.eq_ignore_ascii_case("https") { ":443" } else { ":80" };
    match authority.strip_suffix(port) {
        Some(host) => host.to_owned(),
        None => authority,
    }
}

/// Section 2.2.8: one parameter of the query, decoded as a form and encoded again, so that it does
/// not matter how it was encoded. One that is there twice cannot be meant.
fn query_param(request: &Request<'_>, item: &Item) -> Result<String, Failure> {
    let (Some(BareItem::String(wanted)), 1) = (item.params.get("name"), item.params.len()) else {
        return Err(unknown("@query-param"));
    };
    let identifier = || format!("@query-param;name=\"{}\"", wanted.as_str());
    let mut found = None;
    for pair in request.query().unwrap_or_default().split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        if encode(&decode(name)) == wanted.as_str()
            && found.replace(encode(&decode(value))).is_some()
        {
            return Err(Failure::Ambiguous(identifier()));
        }
    }
    found.ok_or_else(|| Failure::Absent(identifier()))
}

/// `+` is a space, and what looks like an escape and is none stands for itself (URL Standard,
/// section 5.1).
fn decode(text: &str) -> Vec<u8> {
    let mut rest = text.as_bytes();
    let mut decoded = Vec::with_capacity(rest.len());
    while let [first, behind @ ..] = rest {
        rest = behind;
        let byte = match (first, behind) {
            (b'+', _) => b' ',
            (b'%', [high, low, behind @ ..]) => match (digit(*high), digit(*low)) {
                (Some(high), Some(low)) => {
                    rest = behind;
                    high << 4 | low
                }
                _ => b'%',
            },
            _ => *first,
        };
        decoded.push(byte);
    }
    decoded
}

/// Every byte but those of the `application/x-www-form-urlencoded` percent-encode set's complement.
fn encode(bytes: &[u8]) -> String {
    let mut encoded = String::with_capacity(bytes.len());
    for byte in bytes {
        if byte.is_ascii_alphanumeric() || b"*-._".contains(byte) {
            encoded.push(char::from(*byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

fn unknown(name: &str) -> Failure {
    Failure::UnknownComponent(name.to_owned())
}
