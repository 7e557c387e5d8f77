//! `api_key`: a client's key in a header, in the query or in a cookie.

use std::borrow::Cow;
use std::sync::Arc;

use symbolon_core::cookie;
use symbolon_core::{TokenHash, TokenKind};

use super::{Asked, Failure, Found};
use crate::config::authenticators::ApiKey;
use crate::query;

pub(super) fn ask(settings: &ApiKey, asked: &Asked<'_>) -> Found {
    let key = match offered(settings, asked) {
        Ok(Some(key)) => key,
        Ok(None) => return Found::NotOffered,
        Err(failure) => return failure.into(),
    };
    let hash = TokenHash::of_presented(TokenKind::ApiKey, &key)
        .or_else(|_| TokenHash::of_foreign(&key))
        .map_err(|_| Failure::new("malformed", "malformed API key"));
    let hash = match hash {
        Ok(hash) => hash,
        Err(failure) => return failure.into(),
    };
    let Some(registered) = asked.clients.api_key(&hash) else {
        return Failure::new("unknown", "unknown API key").into();
    };
    match registered.prove(asked.now) {
        Ok(known) => {
            if !asked.is_dry {
                registered.used(asked.now);
            }
            Found::Known(Arc::clone(known))
        }
        // To whoever holds a key that was taken away, it is as unknown as any other.
        Err(why) => Failure::new("unknown", why.to_string()).into(),
    }
}

/// The one key of the request. An empty one is none.
fn offered<'a>(settings: &'a ApiKey, asked: &Asked<'a>) -> Result<Option<Cow<'a, [u8]>>, Failure> {
    let several = || Failure::new("several", "several API keys");
    let mut found: Option<Cow<'a, [u8]>> = None;
    let mut take = |key: Cow<'a, [u8]>| {
        if key.is_empty() {
            return Ok(());
        }
        match found.replace(key) {
            None => Ok(()),
            Some(_) => Err(several()),
        }
    };
    if let Some(name) = &settings.header {
        for value in asked.clean.values_of(name) {
            take(Cow::Borrowed(value.trim_ascii()))?;
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
    Ok(found)
}
