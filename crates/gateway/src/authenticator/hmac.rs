//! `hmac`: a signature over the request, in Kong's, APISIX's or RFC 9421's form.
//!
//! What needs no key is judged first; then the key, which is asked for every signature alike, known
//! or not; and only of a signature that is good is it asked, and remembered, whether it was used.

use std::borrow::Cow;
use std::sync::Arc;

use symbolon_core::http_signature::{self, Form, Request, Unverified, find};
use symbolon_store::Known;

use super::{Asked, Failure, Found};
use crate::config::authenticators::Hmac;
use crate::replay::Use;
use crate::signed_body::BodyTerms;

/// The longest detail of a failure: it may name a component that the caller made up.
const MAX_DETAIL: usize = 160;

/// The challenge: one for each form that has a scheme of its own.
pub(super) fn challenge(settings: &Hmac) -> &'static str {
    let is_signature = settings.reads(Form::Apisix) || settings.reads(Form::MessageSignature);
    match (settings.reads(Form::Kong), is_signature) {
        (true, true) => "hmac realm=\"symbolon\", Signature realm=\"symbolon\"",
        (true, false) => "hmac realm=\"symbolon\"",
        (false, _) => "Signature realm=\"symbolon\"",
    }
}

/// Asks; `name` is the authenticator's in the configuration.
pub(super) fn ask(settings: &Hmac, name: &Arc<str>, asked: &Asked<'_>) -> Found {
    let sent = asked.clean.as_sent();
    let request = sent.request(asked.scheme());
    let signatures = match find(&request, &settings.policy.forms) {
        Ok(signatures) => signatures,
        Err(failure) => return failed(&failure).into(),
    };
    let mut first = Found::NotOffered;
    for signature in &signatures {
        match judge(settings, signature, &request, asked) {
            Ok((known, terms)) => {
                if let Some(terms) = terms {
                    asked.body.demand(terms, name, challenge(settings));
                }
                return Found::Known(known);
            }
            // Of several, what is told is why the first is not good.
            Err(found) if matches!(first, Found::NotOffered) => first = found,
            Err(_) => {}
        }
    }
    first
}

/// Who made one signature, and what it says of the body.
fn judge(
    settings: &Hmac,
    signature: &Unverified,
    request: &Request<'_>,
    asked: &Asked<'_>,
) -> Result<(Arc<Known>, Option<BodyTerms>), Found> {
    let policy = &settings.policy;
    let dated = signature.check(policy, asked.now).map_err(|failure| failed(&failure))?;
    let registered = asked.clients.hmac_key(signature.key_id());
    let key = registered.as_ref().and_then(|registered| registered.signature_key());
    signature.verify(key, policy).map_err(|failure| failed(&failure))?;
    // INVARIANT: without a key nothing verifies.
    let mismatch = http_signature::Failure::Mismatch;
    let registered = registered.ok_or_else(|| failed(&mismatch))?;
    // To whoever holds a key that was taken away, it is as unknown as any other.
    let known = registered
        .prove(asked.now)
        .map_err(|why| Failure::new(mismatch.code(), why.to_string()))?;
    let terms = body(settings, signature, request, asked).map_err(|failure| failed(&failure))?;
    if settings.refuse_replays {
        match asked.replays.take(signature, dated, asked.now, asked.is_dry) {
            Use::First => {}
            Use::Again => return Err(failed(&http_signature::Failure::Replayed).into()),
            Use::Full => return Err(Found::Unavailable("no room for used signatures".into())),
        }
    }
    if !asked.is_dry {
        registered.used(asked.now);
    }
    Ok((Arc::clone(known), terms))
}

/// What the signature says of the body, where there is one.
fn body(
    settings: &Hmac,
    signature: &Unverified,
    request: &Request<'_>,
    asked: &Asked<'_>,
) -> Result<Option<BodyTerms>, http_signature::Failure> {
    // Who explains a request has no body, only what the head says of it.
    let has_none = || asked.clean.content_length().is_none_or(|length| length == b"0");
    let is_empty = asked.announced == Some(0) || asked.is_dry && has_none();
    match signature.body_digest(request)? {
        Some(_) if asked.is_dry => Ok(None),
        None if settings.validate_body && !is_empty => Err(http_signature::Failure::NoDigest),
        None => Ok(None),
        Some(digest) if is_empty && digest.is_of(&[]) => Ok(None),
        Some(_) if is_empty => Err(http_signature::Failure::DigestMismatch),
        Some(digest) => Ok(Some(BodyTerms { digest, buffer: settings.buffer_body })),
    }
}

fn failed(failure: &http_signature::Failure) -> Failure {
    let detail = failure.to_string();
    let is_short = detail.len() <= MAX_DETAIL;
    let detail: Cow<'static, str> = if is_short { detail.into() } else { failure.code().into() };
    Failure::new(failure.code(), detail)
}
