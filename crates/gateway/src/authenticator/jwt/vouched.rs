//! A token of an outside issuer, and what of it is believed.
//!
//! The end user's name is the issuer's name in the configuration, a colon, and the name that the
//! issuer gave: `partner:alice`. No name of this system has a colon, so nobody outside can be
//! taken for somebody here, nor one issuer's user for another's.

use std::sync::Arc;

use symbolon_core::jwt::{Claims, JwtError, Unverified};
use symbolon_core::{Role, Timestamp};
use symbolon_store::Known;

use super::super::scalars::scalars;
use super::Refusal;
use super::verified::{Basis, Verified};
use crate::config::authenticators::ClaimPaths;
use crate::issuers::{Issuer, NoKey};

/// The longest name of an end user, in bytes (`OpenID` Connect Core 2).
const MAX_SUBJECT_BYTES: usize = 255;

pub(super) async fn judge(
    token: Unverified<'_>,
    issuer: &Arc<Issuer>,
    paths: &ClaimPaths,
    now: Timestamp,
) -> Result<Verified, Refusal> {
    let key = match issuer.key(&token).await {
        Ok(key) => key,
        Err(NoKey::Token(error)) => return Err(error.into()),
        Err(NoKey::Unavailable(why)) => return Err(Refusal::Unavailable(why)),
    };
    let settings = issuer.settings();
    let (claims, until) = settings.expected.check(token.verify(&key)?, now)?;
    let known = known(&claims, &settings.name, paths, until)?;
    let basis = Basis::Issuer { issuer: Arc::clone(issuer), key };
    Ok(Verified { known: Arc::new(known), until, basis })
}

fn known(
    claims: &Claims,
    issuer: &Arc<str>,
    paths: &ClaimPaths,
    until: Timestamp,
) -> Result<Known, JwtError> {
    let subject = claims.text(&paths.subject).filter(|subject| is_name(subject));
    let subject = subject.ok_or(JwtError::Claims)?;
    let at = |path: &Option<Arc<str>>| path.as_deref().map(|path| claims.words(path));
    let owned = |words: Option<Vec<&str>>| -> Vec<String> {
        words.unwrap_or_default().into_iter().map(str::to_owned).collect()
    };
    let groups = paths.groups.as_deref().map(|path| claims.texts(path));
    let roles = paths.roles.as_deref().map(|path| claims.texts(path)).unwrap_or_default();
    Ok(Known {
        subject: Some(format!("{issuer}:{subject}").into()),
        issuer: Some(Arc::clone(issuer)),
        // What cannot be the name of a role here is none.
        roles: roles.into_iter().filter_map(|role| role.parse::<Role>().ok()).collect(),
        // A name that would be two in a list is none.
        groups: owned(groups).into_iter().filter(|group| is_word(group)).collect(),
        scopes: owned(at(&paths.scopes)),
        acr: claims.text("acr").map(Into::into),
        amr: claims.texts("amr").into_iter().map(str::to_owned).collect(),
        auth_time: claims.time("auth_time")?,
        expires_at: Some(until),
        claims: scalars(claims.members()),
        ..Known::default()
    })
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && !text.chars().any(|one| one == ',' || one.is_control())
}

/// Names go into headers, logs and tokens: what could not be read there is none.
fn is_name(subject: &str) -> bool {
    subject.len() <= MAX_SUBJECT_BYTES && !subject.chars().any(char::is_control)
}
