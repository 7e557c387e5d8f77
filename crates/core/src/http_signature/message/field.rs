//! The value of a header as it is signed (RFC 9421 section 2.1).
//!
//! Trailers (`tr`) are not there yet when this is asked, and a request answers nothing (`req`):
//! both are unknown here, so that nothing is taken for signed that was not looked at.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sfv::{BareItem, Dictionary, FieldType as _, Item, List, Parser};

use super::super::component::is_field_name;
use super::super::failure::Failure;
use super::super::request::Request;

/// How a value is written down.
#[derive(Default)]
struct Style<'a> {
    /// Parsed and written down again (section 2.1.1).
    is_structured: bool,
    /// Only this member of a dictionary (section 2.1.2).
    key: Option<&'a str>,
    /// Each line as a byte sequence (section 2.1.3).
    is_binary: bool,
}

/// The value of a header.
pub(super) fn value(request: &Request<'_>, name: &str, item: &Item) -> Result<String, Failure> {
    if !is_field_name(name) {
        return Err(Failure::UnknownComponent(name.to_owned()));
    }
    let style = Style::of(name, item)?;
    let absent = || Failure::Absent(name.to_owned());
    if style.is_binary {
        let lines: Vec<_> =
            request.values(name).map(|value| format!(":{}:", STANDARD.encode(value))).collect();
        return if lines.is_empty() { Err(absent()) } else { Ok(lines.join(", ")) };
    }
    let text = request.joined(name)?.ok_or_else(absent)?;
    let malformed = |_| Failure::Malformed("not a structured field");
    if let Some(key) = style.key {
        let members: Dictionary = Parser::new(&text).parse().map_err(malformed)?;
        let member = members.get(key).cloned().ok_or_else(absent)?;
        return Ok(vec![member].serialize().unwrap_or_default());
    }
    if !style.is_structured {
        return Ok(text);
    }
    match kind(name) {
        Some(Kind::Dictionary) => {
            let members: Dictionary = Parser::new(&text).parse().map_err(malformed)?;
            Ok(members.serialize().unwrap_or_default())
        }
        Some(Kind::List) => {
            let members: List = Parser::new(&text).parse().map_err(malformed)?;
            Ok(members.serialize().unwrap_or_default())
        }
        Some(Kind::Item) => {
            let item: Item = Parser::new(&text).parse().map_err(malformed)?;
            Ok(item.serialize())
        }
        None => Err(Failure::UnknownComponent(format!("{name};sf"))),
    }
}

impl<'a> Style<'a> {
    fn of(name: &str, item: &'a Item) -> Result<Self, Failure> {
        let mut style = Self::default();
        for (parameter, value) in &item.params {
            match (parameter.as_str(), value) {
                ("sf", BareItem::Boolean(true)) => style.is_structured = true,
                ("bs", BareItem::Boolean(true)) => style.is_binary = true,
                ("key", BareItem::String(key)) => style.key = Some(key.as_str()),
                _ => return Err(Failure::UnknownComponent(format!("{name};{parameter}"))),
            }
        }
        if style.is_binary && (style.is_structured || style.key.is_some()) {
            return Err(Failure::Malformed("`bs` with `sf` or `key`"));
        }
        Ok(style)
    }
}

/// What a structured field is at its top.
enum Kind {
    Dictionary,
    List,
    Item,
}

/// The request headers that are structured fields (IANA's registry of field names). Whoever does
/// not know the kind cannot write the value down again (section 2.1.1).
fn kind(name: &str) -> Option<Kind> {
    Some(match name {
        "cache-control"
        | "cdn-cache-control"
        | "content-digest"
        | "priority"
        | "repr-digest"
        | "signature"
        | "signature-input"
        | "want-content-digest"
        | "want-repr-digest" => Kind::Dictionary,
        "accept-signature" | "cache-status" | "client-cert-chain" | "proxy-status" => Kind::List,
        "capsule-protocol"
        | "client-cert"
        | "idempotency-key"
        | "sec-gpc"
        | "origin-agent-cluster" => Kind::Item,
        _ => return None,
    })
}
