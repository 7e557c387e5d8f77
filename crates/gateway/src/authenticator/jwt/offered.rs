//! The one token of a request, wherever it stands.

use std::borrow::Cow;

use symbolon_core::cookie;

use super::super::{Asked, Failure};
use super::refused;
use crate::config::authenticators::Jwt;
use crate::query;
use crate::stage::{Bearer, bare};

/// The token, `None` where there is none. The same token may stand in several places; different
/// ones are refused, or one could be checked here and another one there.
pub(super) fn token<'a>(
    settings: &'a Jwt,
    asked: &Asked<'a>,
) -> Result<Option<Cow<'a, str>>, Failure> {
    let mut found: Option<Cow<'a, [u8]>> = None;
    let mut take = |token: Cow<'a, [u8]>| match &found {
        _ if token.is_empty() => Ok(()),
        Some(other) if *other != token => Err(several()),
        _ => {
            found = Some(token);
            Ok(())
        }
    };
    if settings.authorization {
        match asked.clean.presented().bearer() {
            Bearer::None => {}
            Bearer::Malformed => {
                let why = "malformed authorization header".to_owned();
                return Err(refused("malformed", why));
            }
            // What is opaque is for those who take opaque tokens.
            Bearer::Token(token) if !asked.takers.is_for_jwt(token) => {}
            Bearer::Token(token) => take(Cow::Borrowed(token))?,
        }
    }
    if let Some(name) = &settings.header {
        for value in asked.clean.values_of(name) {
            take(Cow::Borrowed(bare(value)))?;
        }
    }
    if let Some(name) = &settings.query {
        for value in query::values(asked.clean.query(), name) {
            take(Cow::Owned(value.into_owned().into_bytes()))?;
        }
    }
    if let Some(name) = &settings.cookie {
        match asked.clean.presented().cookie(name) {
            cookie::Found::None => {}
            cookie::Found::One(value) => take(Cow::Borrowed(value))?,
            cookie::Found::Several => return Err(several()),
        }
    }
    found.map(text).transpose()
}

fn text(token: Cow<'_, [u8]>) -> Result<Cow<'_, str>, Failure> {
    let malformed = || refused("malformed", "the token is not a compact JWS".to_owned());
    match token {
        Cow::Borrowed(bytes) => {
            std::str::from_utf8(bytes).map(Cow::Borrowed).map_err(|_| malformed())
        }
        Cow::Owned(bytes) => String::from_utf8(bytes).map(Cow::Owned).map_err(|_| malformed()),
    }
}

fn several() -> Failure {
    refused("several", "the request has several tokens".to_owned())
}
