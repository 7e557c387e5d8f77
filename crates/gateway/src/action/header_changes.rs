//! Headers that a route sets, adds or removes.
//!
//! Never those that say who somebody is, that belong to one connection, that frame the message, or
//! that the gateway writes itself: a route that tries does not load.

use http::header::{self, HeaderMap, HeaderName, HeaderValue};

use crate::hop_by_hop;
use crate::identity_headers;

/// Changes in the order remove, set, add.
#[derive(Clone, Debug, Default)]
pub struct HeaderChanges {
    /// What was there under these names is gone: removed and set ones.
    gone: Vec<HeaderName>,
    /// What is there instead, or as well.
    new: Vec<(HeaderName, HeaderValue)>,
}

/// Which way the headers go that are changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// To the service.
    Request,
    /// To the caller.
    Response,
}

/// Why a header is left alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HeaderChangeError {
    /// Not the name of a header.
    #[error("not the name of a header")]
    Name,
    /// Not a value that can stand in a header.
    #[error("its value must be visible ASCII characters and spaces")]
    Value,
    /// Says who somebody is.
    #[error("it could be taken for an identity; the gateway alone says who somebody is")]
    Identity,
    /// Internal to the system.
    #[error("it is internal to this system")]
    Internal,
    /// Belongs to one connection.
    #[error("it belongs to one connection and is never passed on")]
    HopByHop,
    /// Says where the message ends or to whom it goes.
    #[error("it frames the message; `host` decides about `Host`")]
    Framing,
    /// Written by the gateway.
    #[error("the gateway writes it itself")]
    Ours,
    /// Cookies carry sessions.
    #[error("cookies carry sessions, which the gateway looks after")]
    Cookie,
}

impl HeaderChanges {
    /// Removes a header.
    ///
    /// # Errors
    /// Where it must be left alone.
    pub fn remove(&mut self, name: &str, direction: Direction) -> Result<(), HeaderChangeError> {
        self.gone.push(direction.changeable(name)?);
        Ok(())
    }

    /// Puts one value in the place of all that are there.
    ///
    /// # Errors
    /// Where it must be left alone, or is none.
    pub fn set(
        &mut self,
        name: &str,
        value: &str,
        direction: Direction,
    ) -> Result<(), HeaderChangeError> {
        self.add(name, value, direction)?;
        self.remove(name, direction)
    }

    /// Adds a value to those that are there.
    ///
    /// # Errors
    /// Where it must be left alone, or is none.
    pub fn add(
        &mut self,
        name: &str,
        value: &str,
        direction: Direction,
    ) -> Result<(), HeaderChangeError> {
        let name = direction.changeable(name)?;
        let value = HeaderValue::from_str(value).map_err(|_| HeaderChangeError::Value)?;
        self.new.push((name, value));
        Ok(())
    }

    /// Whether nothing is changed.
    pub fn is_empty(&self) -> bool {
        self.gone.is_empty() && self.new.is_empty()
    }

    /// Whether what came under this name is not passed on.
    pub(crate) fn replace(&self, name: &[u8]) -> bool {
        self.gone.iter().any(|gone| gone.as_str().as_bytes() == name)
    }

    /// What is passed on besides.
    pub(crate) fn additions(&self) -> impl Iterator<Item = (&HeaderName, &HeaderValue)> {
        self.new.iter().map(|(name, value)| (name, value))
    }

    /// Makes the changes.
    pub(crate) fn apply(&self, headers: &mut HeaderMap) {
        for name in &self.gone {
            headers.remove(name);
        }
        for (name, value) in &self.new {
            headers.append(name, value.clone());
        }
    }
}

impl Direction {
    /// The name, if headers of that name may be changed.
    fn changeable(self, text: &str) -> Result<HeaderName, HeaderChangeError> {
        let name = HeaderName::try_from(text).map_err(|_| HeaderChangeError::Name)?;
        if name.as_str().starts_with("symbolon") || name.as_str().starts_with("x-symbolon") {
            return Err(HeaderChangeError::Internal);
        }
        if hop_by_hop::is_hop_by_hop(name.as_str().as_bytes()) && name != header::TRANSFER_ENCODING
        {
            return Err(HeaderChangeError::HopByHop);
        }
        let framing =
            [header::CONTENT_LENGTH, header::TRANSFER_ENCODING, header::HOST, header::EXPECT];
        if framing.contains(&name) {
            return Err(HeaderChangeError::Framing);
        }
        if matches!(name, header::COOKIE | header::SET_COOKIE) {
            return Err(HeaderChangeError::Cookie);
        }
        let ours =
            ["via", "x-request-id", "ratelimit", "ratelimit-policy", "traceparent", "tracestate"];
        if ours.contains(&name.as_str()) {
            return Err(HeaderChangeError::Ours);
        }
        match self {
            Self::Request if identity_headers::is_stripped(name.as_str()) => {
                Err(HeaderChangeError::Identity)
            }
            Self::Response if name == header::AUTHORIZATION || name == header::WWW_AUTHENTICATE => {
                Err(HeaderChangeError::Identity)
            }
            _ => Ok(name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn set_replaces_add_adds_and_remove_removes() {
        let mut changes = HeaderChanges::default();
        changes.set("X-Set", "new", Direction::Response).unwrap();
        changes.add("X-Add", "two", Direction::Response).unwrap();
        changes.remove("server", Direction::Response).unwrap();
        let mut headers = HeaderMap::new();
        for (name, value) in [("x-set", "a"), ("x-set", "b"), ("x-add", "one"), ("server", "x")] {
            headers.append(name, value.parse().unwrap());
        }
        changes.apply(&mut headers);
        let mut left: Vec<_> =
            headers.iter().map(|(name, value)| (name.as_str(), value.to_str().unwrap())).collect();
        left.sort_unstable();
        assert_eq!(left, [("x-add", "one"), ("x-add", "two"), ("x-set", "new")]);
    }

    #[test]
    fn what_matters_to_security_or_framing_is_left_alone() {
        use HeaderChangeError as E;
        let both = [Direction::Request, Direction::Response];
        let rows: &[(&str, &[Direction], E)] = &[
            ("content-length", &both, E::Framing),
            ("Transfer-Encoding", &both, E::Framing),
            ("host", &both, E::Framing),
            ("connection", &both, E::HopByHop),
            ("trailer", &both, E::HopByHop),
            ("upgrade", &both, E::HopByHop),
            ("symbolon-session", &both, E::Internal),
            ("Symbolon-Anything", &both, E::Internal),
            ("cookie", &both, E::Cookie),
            ("set-cookie", &both, E::Cookie),
            ("x-request-id", &both, E::Ours),
            ("authorization", &both, E::Identity),
            ("x-user", &[Direction::Request], E::Identity),
            ("X-Forwarded-For", &[Direction::Request], E::Identity),
            ("apikey", &[Direction::Request], E::Identity),
            ("x_custom", &[Direction::Request], E::Identity),
            ("a b", &both, E::Name),
        ];
        for (name, directions, error) in rows {
            for direction in *directions {
                let mut changes = HeaderChanges::default();
                assert_eq!(changes.remove(name, *direction), Err(*error), "{name}");
                assert_eq!(changes.set(name, "x", *direction), Err(*error), "{name}");
                assert_eq!(changes.add(name, "x", *direction), Err(*error), "{name}");
                assert!(changes.is_empty());
            }
        }
        let mut changes = HeaderChanges::default();
        assert_eq!(changes.set("x-a", "a\r\nb: c", Direction::Request), Err(E::Value));
    }
}
