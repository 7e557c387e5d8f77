//! Conditions on headers and query: exact value, presence, or a regular expression.
//!
//! 1. All conditions of a route must be met; their number is its last rank.
//! 2. A header or parameter that comes twice meets no condition on its value: two readers could
//!    take different ones. So two different exact values exclude each other, which is what the
//!    check for ambiguous routes relies on. Nor may another route take over then: where a field that
//!    is looked at has two readings, the request is refused ([`Conditions::ambiguous`]).
//! 3. A regular expression is linear in time, bounded in size, and must match the whole value.
//! 4. Names and values of the query are compared after decoding (`%41` and `+`). Some readers split
//!    it at `;` as well; where that makes a difference, there are two readings.

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::fmt;

use http::header::{self, HeaderName};

use crate::fields::{Fields, as_text};
use crate::identity_headers::is_taken_out;
use crate::query::{self, parameters};

/// The largest compiled regex, in bytes.
const REGEX_SIZE_LIMIT: usize = 1 << 18;

/// What a request must have besides host, path and method.
#[derive(Clone, Debug, Default)]
pub struct Conditions {
    headers: Vec<(HeaderName, ValueTest)>,
    query: Vec<(String, ValueTest)>,
}

/// What one value must be.
#[derive(Clone, Debug)]
pub enum ValueTest {
    /// Exactly this, case included.
    Exact(Box<str>),
    /// Anything, as long as it is there.
    Present,
    /// A regular expression for the whole value.
    Matches(regex::Regex),
}

/// Why a condition is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConditionError {
    /// Not the name of a header.
    #[error("not the name of a header")]
    Name,
    /// Removed before routes are looked at.
    #[error("this header is removed or written anew before a service sees it")]
    Stripped,
    /// `Host` has a key of its own.
    #[error("`hosts` is the condition on the host")]
    Host,
    /// It is there already, in another spelling.
    #[error("there is a condition on this header already")]
    Twice,
    /// Not a regex, or one too large.
    #[error("not a usable regex: {0}")]
    Regex(String),
}

/// Where a condition looks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Field {
    Header(HeaderName),
    Query(String),
}

/// A field that a condition looks at, and whether its value matters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Look {
    pub(crate) field: Field,
    by_value: bool,
}

impl ValueTest {
    /// A regular expression for the whole value.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn matching(regex: &str) -> Result<Self, ConditionError> {
        let build =
            |regex: &str| regex::RegexBuilder::new(regex).size_limit(REGEX_SIZE_LIMIT).build();
        // By itself first: what closes our group would be another expression.
        build(regex).and_then(|_| build(&format!("^(?:{regex})$"))).map(Self::Matches).map_err(
            |error| {
                let text = error.to_string();
                let last = text.lines().last().unwrap_or_default();
                ConditionError::Regex(last.trim_start_matches("error: ").to_owned())
            },
        )
    }

    fn is_met_by(&self, value: &str) -> bool {
        match self {
            Self::Exact(exact) => **exact == *value,
            Self::Present => true,
            Self::Matches(regex) => regex.is_match(value),
        }
    }

    fn is_by_value(&self) -> bool {
        !matches!(self, Self::Present)
    }

    fn exact(&self) -> Option<&str> {
        match self {
            Self::Exact(exact) => Some(exact),
            _ => None,
        }
    }

    /// Whether no single value can meet both.
    fn excludes(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Exact(one), Self::Exact(two)) => one != two,
            (Self::Exact(exact), Self::Matches(regex))
            | (Self::Matches(regex), Self::Exact(exact)) => !regex.is_match(exact),
            _ => false,
        }
    }
}

impl Conditions {
    /// Adds a condition on a header.
    ///
    /// # Errors
    /// Where no request that routes see can have such a header.
    pub fn on_header(&mut self, name: &str, test: ValueTest) -> Result<(), ConditionError> {
        let name = HeaderName::try_from(name).map_err(|_| ConditionError::Name)?;
        if name == header::HOST {
            return Err(ConditionError::Host);
        }
        if is_taken_out(&name) {
            return Err(ConditionError::Stripped);
        }
        if self.headers.iter().any(|(other, _)| *other == name) {
            return Err(ConditionError::Twice);
        }
        self.headers.push((name, test));
        Ok(())
    }

    /// Adds a condition on a parameter of the query.
    pub fn on_query(&mut self, name: &str, test: ValueTest) {
        self.query.push((name.to_owned(), test));
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.headers.len() + self.query.len()
    }

    /// How many of them are on headers.
    pub(crate) fn count_of_headers(&self) -> usize {
        self.headers.len()
    }

    /// Whether a request meets all of them.
    pub(crate) fn are_met(&self, fields: &Fields, query: Option<&str>) -> bool {
        let meets = |(name, test): &(HeaderName, ValueTest)| match test {
            ValueTest::Present => fields.contains(name),
            test => header_value(fields, name).is_some_and(|value| test.is_met_by(value)),
        };
        self.headers.iter().all(meets) && self.query_is_met(query)
    }

    /// Whether the query meets the conditions on it.
    pub(crate) fn query_is_met(&self, query: Option<&str>) -> bool {
        self.query.iter().all(|(name, test)| match test {
            ValueTest::Present => parameters(query).any(|(other, _)| other == *name),
            test => query_value(query, name).is_some_and(|value| test.is_met_by(&value)),
        })
    }

    /// All that it looks at.
    pub(crate) fn looks(&self) -> impl Iterator<Item = Look> {
        let look = |field, test: &ValueTest| Look { field, by_value: test.is_by_value() };
        let headers = self.headers.iter();
        headers.map(move |(name, test)| look(Field::Header(name.clone()), test)).chain(
            self.query.iter().map(move |(name, test)| look(Field::Query(name.clone()), test)),
        )
    }

    /// The first of its fields of which a request has two readings; its headers may not be known.
    pub(crate) fn ambiguous(&self, fields: Option<&Fields>, query: Option<&str>) -> Option<Field> {
        let mut headers = self.headers.iter();
        if let Some((name, _)) =
            headers.find(|(name, test)| is_repeated(fields, name, test.is_by_value()))
        {
            return Some(Field::Header(name.clone()));
        }
        let mut names = self.query.iter();
        let found = names.find(|(name, test)| query::is_ambiguous(query, name, test.is_by_value()));
        found.map(|(name, _)| Field::Query(name.clone()))
    }

    /// Whether no request can meet both.
    pub(crate) fn exclude(&self, other: &Self) -> bool {
        let headers = self.headers.iter().any(|(name, test)| {
            other.headers.iter().any(|(same, its)| name == same && test.excludes(its))
        });
        headers
            || self.query.iter().any(|(name, test)| {
                other.query.iter().any(|(same, its)| name == same && test.excludes(its))
            })
    }

    /// The first condition that asks for one exact value.
    pub(crate) fn first_exact(&self) -> Option<(Field, &str)> {
        let on_header = self
            .headers
            .iter()
            .find_map(|(name, test)| Some((Field::Header(name.clone()), test.exact()?)));
        on_header.or_else(|| {
            self.query
                .iter()
                .find_map(|(name, test)| Some((Field::Query(name.clone()), test.exact()?)))
        })
    }
}

impl Field {
    /// The one value that a request has there.
    pub(crate) fn value<'a>(
        &self,
        fields: &'a Fields,
        query: Option<&'a str>,
    ) -> Option<Cow<'a, str>> {
        match self {
            Self::Header(name) => header_value(fields, name).map(Cow::Borrowed),
            Self::Query(name) => query_value(query, name),
        }
    }
}

impl Look {
    /// Whether a request has two readings of it; its headers may not be known.
    pub(crate) fn is_ambiguous(&self, fields: Option<&Fields>, query: Option<&str>) -> bool {
        match &self.field {
            Field::Header(name) => is_repeated(fields, name, self.by_value),
            Field::Query(name) => query::is_ambiguous(query, name, self.by_value),
        }
    }
}

impl fmt::Display for Field {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Header(name) => write!(out, "the header `{name}`"),
            Self::Query(name) => write!(out, "the parameter `{name}`"),
        }
    }
}

/// Whether a header whose value matters stands there more than once.
fn is_repeated(fields: Option<&Fields>, name: &HeaderName, by_value: bool) -> bool {
    by_value && fields.is_some_and(|fields| fields.get_all(name).nth(1).is_some())
}

/// The value of a header that stands there exactly once.
fn header_value<'a>(fields: &'a Fields, name: &HeaderName) -> Option<&'a str> {
    as_text(fields.only(name)?)
}

/// The decoded value of a parameter that stands there exactly once.
fn query_value<'a>(query: Option<&'a str>, name: &str) -> Option<Cow<'a, str>> {
    let mut values = parameters(query).filter(|(other, _)| *other == *name);
    let (value, another) = (values.next()?, values.next());
    if another.is_some() { None } else { Some(value.1) }
}
