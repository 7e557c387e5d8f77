//! What every test of a forged token asserts: it is refused, for the stated reason.

use serde_json::Value;
use symbolon_verifier::VerifyError;

use crate::issuer::{Issuer, NOW, claims};

#[track_caller]
pub(crate) fn refused(issuer: &Issuer, token: &str, why: VerifyError) {
    assert_eq!(issuer.verifier().verify(token, NOW), Err(why), "{token:.200}");
}

#[track_caller]
pub(crate) fn refused_header(header: &Value, why: VerifyError) {
    let issuer = Issuer::es256();
    refused(&issuer, &issuer.token_of(header.to_string(), claims().to_string()), why);
}

#[track_caller]
pub(crate) fn refused_claims(claims: &Value, why: VerifyError) {
    let issuer = Issuer::es256();
    refused(&issuer, &issuer.token(claims), why);
}
