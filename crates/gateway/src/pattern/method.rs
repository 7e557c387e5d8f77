//! The methods a route answers for, as a small set.
//!
//! Only the methods of RFC 9110 section 9.3 and PATCH (RFC 5789) are known. TRACE and CONNECT are
//! never proxied.

use std::fmt;

use http::Method;

const NAMES: [(Method, &str); 7] = [
    (Method::GET, "GET"),
    (Method::HEAD, "HEAD"),
    (Method::POST, "POST"),
    (Method::PUT, "PUT"),
    (Method::PATCH, "PATCH"),
    (Method::DELETE, "DELETE"),
    (Method::OPTIONS, "OPTIONS"),
];

/// A set of methods.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct MethodSet(u8);

/// A text that is no method that can be proxied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not one of GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS (in upper case)")]
pub struct MethodError;

impl MethodSet {
    /// Every method that can be proxied.
    pub const ALL: Self = Self(0b0111_1111);
    /// No method.
    pub const NONE: Self = Self(0);

    /// The set of some names; GET brings HEAD along (RFC 9110 section 9.3.2).
    pub fn parse<'a>(names: impl IntoIterator<Item = &'a str>) -> Result<Self, MethodError> {
        let mut set = Self::NONE;
        for name in names {
            let at = NAMES.iter().position(|(_, known)| *known == name).ok_or(MethodError)?;
            set = set.union(Self(1 << at));
        }
        if set.contains(&Method::GET) {
            set = set.union(Self::of(&Method::HEAD));
        }
        Ok(set)
    }

    /// The set of one method; empty for a method that is never proxied.
    pub fn of(method: &Method) -> Self {
        let at = NAMES.iter().position(|(known, _)| known == method);
        at.map_or(Self::NONE, |at| Self(1 << at))
    }

    /// The names of its methods.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        let has = move |at: &usize| self.0 & (1 << at) != 0;
        NAMES.iter().enumerate().filter(move |(at, _)| has(at)).map(|(_, (_, name))| *name)
    }

    /// Whether the method is in the set.
    pub fn contains(self, method: &Method) -> bool {
        self.overlaps(Self::of(method))
    }

    /// Whether some method is in both.
    pub const fn overlaps(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// The methods in either.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// As in an `Allow` header (RFC 9110 section 10.2.1).
impl fmt::Display for MethodSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = "";
        for (at, (_, name)) in NAMES.iter().enumerate() {
            if self.0 & (1 << at) != 0 {
                write!(f, "{separator}{name}")?;
                separator = ", ";
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn get_brings_head_along() {
        assert_eq!(MethodSet::parse(["GET", "POST"]).unwrap().to_string(), "GET, HEAD, POST");
    }

    #[test]
    fn methods_that_are_never_proxied_are_in_no_set() {
        assert!(MethodSet::parse(["TRACE"]).is_err());
        assert!(MethodSet::parse(["get"]).is_err());
        assert!(!MethodSet::ALL.contains(&Method::TRACE));
        assert!(!MethodSet::ALL.contains(&Method::CONNECT));
    }
}
