//! `identity_headers`: what a service that was written for another gateway is told of the caller.

use axum::http::HeaderName;
use symbolon_gateway::config::{Fact, IdentityHeaders};

use crate::config::fields::Fields;
use crate::config::mistake::{Mistake, Mistakes};
use crate::config::shape::{Key, Shape};

pub(super) const KEY: Key = Key::default(
    "identity_headers",
    "Unsigned headers that tell who calls, beside the internal token: `kong`, `apisix`, `none`, or \
     `{ x-user: sub, … }`",
    Shape::Either(&[
        Shape::Choice { of: &["none", "kong", "apisix"], later: &[] },
        Shape::Mapping { of: &Shape::Text },
    ]),
    "none",
);

pub(super) fn read(service: Fields<'_>, mistakes: &mut Mistakes) -> IdentityHeaders {
    match service.text("identity_headers") {
        "kong" => return IdentityHeaders::Kong,
        "apisix" => return IdentityHeaders::Apisix,
        _ => {}
    }
    let mut headers = Vec::new();
    for (name, node) in service.entries("identity_headers") {
        let header = HeaderName::try_from(name.text.as_str()).ok();
        let header = header.filter(IdentityHeaders::may_be);
        if header.is_none() {
            let message = format!("`{}` cannot be a header that tells who calls", name.text);
            mistakes.add(name.place, message);
        }
        let text = node.scalar().unwrap_or_default();
        let fact = Fact::parse(text);
        if fact.is_none() {
            let message = format!("nothing named `{text}` is known of callers");
            let hint = Some(format!("what is: {}", Fact::NAMES));
            mistakes.push(Mistake::new(node.place, message).hint(hint));
        }
        headers.extend(header.zip(fact));
    }
    if headers.is_empty() { IdentityHeaders::None } else { IdentityHeaders::Custom(headers.into()) }
}
