//! Conditions on headers and query: exact value, presence, or a regular expression.
//!
//! 1. All conditions of a route must be met; their number is its last rank.
//! 2. A header or parameter that comes twice meets no condition on its value: two readers could
//!    take different ones. So two different exact values exclude each other, which is what the
//!    check for ambiguous routes relies on.
//! 3. A regular expression is linear in time, bounded in size, and must match the whole value.
//! 4. Names and values of the query are compared after decoding (`%41` and `+`).

#[cfg(test)]
mod tests;

use std::borrow::Cow;

use http::header::{self, HeaderName};

use crate::fields::{Fields, as_text};
use crate::identity_headers::is_taken_out;
use crate::query::parameters;

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

/// Where a condition looks, for the index of a place in the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Field {
    Header(HeaderName),
    Query(String),
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
