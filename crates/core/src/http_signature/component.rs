//! What a signature covers, in one vocabulary for all forms: that of RFC 9421 section 2.
//!
//! 1. Two identifiers are the same if their names and parameters are, in whatever order.
//! 2. `sf` and `bs` change how a value is written down, not which value it is: `x;sf` covers `x`.
//!    `key` and `name` choose a part: they cover that part and not the whole.
//! 3. What contains another covers it: a request line is method, path and query.

use std::borrow::Cow;
use std::fmt;

use sfv::{BareItem, FieldType as _, Item, Parser};

use super::request::Request;
use crate::time::Timestamp;

/// A component that has to be signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Component(Cow<'static, str>);

/// A text that names no component of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a component of a request")]
pub struct NotAComponent;

/// The derived components that a request has; `@query-param` only with a name.
const DERIVED: [&str; 7] =
    ["@authority", "@method", "@path", "@query", "@request-target", "@scheme", "@target-uri"];

/// What a line with method, path and query covers.
const REQUEST_LINE: [&str; 4] = ["@method", "@path", "@query", "@request-target"];

/// What a whole address covers.
const TARGET_URI: [&str; 5] = ["@authority", "@path", "@query", "@request-target", "@scheme"];

impl Component {
    pub(super) const METHOD_PATH_AND_QUERY: [Self; 3] = [
        Self(Cow::Borrowed("@method")),
        Self(Cow::Borrowed("@path")),
        Self(Cow::Borrowed("@query")),
    ];

    /// Reads `@method`, `content-type`, `@query-param;name="id"` or `x-list;key="a"`.
    ///
    /// # Errors
    /// Any other text.
    pub fn parse(text: &str) -> Result<Self, NotAComponent> {
        let (name, parameters) = text.split_at(text.find(';').unwrap_or(text.len()));
        let item: Item =
            Parser::new(&format!("\"{name}\"{parameters}")).parse().map_err(|_| NotAComponent)?;
        let wanted = identify(name, &item).ok_or(NotAComponent)?;
        let is_known = match name.strip_prefix('@') {
            Some(_) if name == "@query-param" => item.params.contains_key("name"),
            Some(_) => item.params.is_empty() && DERIVED.contains(&name),
            None => is_field_name(name) && item.params.keys().all(|key| key.as_str() == "key"),
        };
        if is_known { Ok(Self(wanted.into())) } else { Err(NotAComponent) }
    }
}

impl fmt::Display for Component {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether this is a name in lower case (RFC 9110 section 5.6.2).
pub(super) fn is_field_name(name: &str) -> bool {
    let is_token = |byte: u8| {
        byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"!#$%&'*+-.^_`|~".contains(&byte)
    };
    !name.is_empty() && name.bytes().all(is_token)
}

/// Name and parameters, the parameters in the order of their names.
fn identify(name: &str, item: &Item) -> Option<String> {
    let mut parameters = item.params.clone();
    parameters.sort_unstable_keys();
    let sorted = Item::with_params(BareItem::Boolean(true), parameters);
    let parameters = sorted.serialize();
    Some(format!("{name}{}", parameters.strip_prefix("?1")?))
}

/// What a signature covers.
#[derive(Default)]
pub(super) struct Covered {
    /// As they are written, to tell whether one is there twice.
    identifiers: Vec<String>,
    /// Each that is covered as a whole, and each chosen part.
    values: Vec<String>,
}

impl Covered {
    /// A component of RFC 9421; `None` where it is there already.
    pub(super) fn add(&mut self, name: &str, item: &Item) -> Option<()> {
        let identifier = identify(name, item)?;
        if self.identifiers.contains(&identifier) {
            return None;
        }
        self.identifiers.push(identifier);
        let mut value = item.clone();
        value.params.shift_remove("sf");
        value.params.shift_remove("bs");
        if value.params.is_empty() {
            self.add_field(name);
        } else {
            self.values.push(identify(name, &value)?);
        }
        Some(())
    }

    /// A header or a derived component as a whole.
    pub(super) fn add_field(&mut self, name: &str) {
        let contained: &[&str] = match name {
            "@target-uri" => &TARGET_URI,
            "@request-target" => &["@path", "@query"],
            "@authority" => &["host"],
            "host" => &["@authority"],
            _ => &[],
        };
        self.add_all(contained);
        self.values.push(name.to_owned());
    }

    /// Method, path and query in one line.
    pub(super) fn add_request_line(&mut self) {
        self.add_all(&REQUEST_LINE);
    }

    fn add_all(&mut self, names: &[&str]) {
        self.values.extend(names.iter().map(|name| (*name).to_owned()));
    }

    pub(super) fn has(&self, component: &Component) -> bool {
        self.covers(&component.0)
    }

    pub(super) fn covers(&self, identifier: &str) -> bool {
        self.values.iter().any(|value| value == identifier)
    }

    /// The first of these headers that is covered and holds a date.
    pub(super) fn date(&self, request: &Request<'_>, names: &[&str]) -> Option<Timestamp> {
        let mut covered = names.iter().filter(|name| self.covers(name));
        covered.find_map(|name| http_date(request.only(name).ok()??))
    }
}

/// A date in any of the three forms of RFC 9110 section 5.6.7.
fn http_date(text: &str) -> Option<Timestamp> {
    let time = httpdate::parse_http_date(text).ok()?;
    let since = time.duration_since(std::time::UNIX_EPOCH).ok()?;
    Some(Timestamp::from_secs(i64::try_from(since.as_secs()).ok()?))
}
