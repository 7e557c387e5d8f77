//! APISIX's form: `Authorization: Signature keyId="…",algorithm="…",headers="…",signature="…"`.
//!
//! What is signed is the key's id on a line of its own, and one line for each name in `headers`,
//! each with a line feed behind it:
//! - `@request-target`: method, path and query;
//! - any other: the name as it is written there, `: ` and the value.
//!
//! The date is `date`.

use super::component::Covered;
use super::failure::Failure;
use super::form::Form;
use super::parameters;
use super::request::Request;
use super::unverified::{Unverified, algorithm, push_field};

pub(super) fn read(request: &Request<'_>, credentials: &str) -> Result<Unverified, Failure> {
    let parameters = parameters::read(credentials, "keyId")?;
    let mut base = format!("{}\n", parameters.key);
    let mut covered = Covered::default();
    for name in &parameters.headers {
        if *name == "@request-target" {
            covered.add_request_line();
            base.extend([request.method, " ", request.target]);
        } else {
            push_field(request, name, &mut base, &mut covered)?;
        }
        base.push('\n');
    }
    Ok(Unverified {
        form: Form::Apisix,
        algorithm: Some(algorithm(parameters.algorithm, Form::Apisix)?),
        key_id: parameters.key.to_owned(),
        dated: covered.date(request, &["date"]),
        expires: None,
        nonce: None,
        tag: None,
        covered,
        base: base.into_bytes(),
        signature: parameters.signature,
    })
}
