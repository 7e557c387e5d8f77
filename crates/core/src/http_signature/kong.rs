//! Kong's form: `Authorization: hmac username="…", algorithm="…", headers="…", signature="…"`.
//!
//! What is signed is one line for each name in `headers`, without a line feed behind the last:
//! - `request-line`: the request line, with the version of HTTP;
//! - `@request-target`: `@request-target: ` and method in lower case, path and query;
//! - any other: the name as it is written there, `: ` and the value.
//!
//! The date is `x-date`, or `date` where that is not signed or cannot be read.

use super::component::Covered;
use super::failure::Failure;
use super::form::Form;
use super::parameters;
use super::request::Request;
use super::unverified::{Unverified, algorithm, push_field};

pub(super) fn read(request: &Request<'_>, credentials: &str) -> Result<Unverified, Failure> {
    let parameters = parameters::read(credentials, "username")?;
    let mut base = String::new();
    let mut covered = Covered::default();
    for name in &parameters.headers {
        if !base.is_empty() {
            base.push('\n');
        }
        let target = request.target;
        match *name {
            "request-line" => {
                covered.add_request_line();
                base.extend([request.method, " ", target, " ", request.version]);
            }
            "@request-target" => {
                covered.add_request_line();
                let method = request.method.to_ascii_lowercase();
                base.extend(["@request-target: ", &method, " ", target]);
            }
            name => push_field(request, name, &mut base, &mut covered)?,
        }
    }
    Ok(Unverified {
        form: Form::Kong,
        algorithm: Some(algorithm(parameters.algorithm, Form::Kong)?),
        key_id: parameters.key.to_owned(),
        dated: covered.date(request, &["x-date", "date"]),
        expires: None,
        nonce: None,
        tag: None,
        covered,
        base: base.into_bytes(),
        signature: parameters.signature,
    })
}
