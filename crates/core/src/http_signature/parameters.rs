//! The parameters of the two older forms: `name="value"`, separated by commas, in any order.
//!
//! Stricter than their plugins, which search for a pattern: every parameter is there once, none is
//! unknown, and nothing stands between them. Values have no escapes; nobody's client writes any.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::failure::Failure;

/// The longest signature that is looked at, in bytes: RSA with 8192 bits.
pub(super) const MAX_SIGNATURE: usize = 1024;

/// The most components that one signature may cover.
pub(super) const MAX_COMPONENTS: usize = 64;

/// The four that both forms have.
pub(super) struct Parameters<'a> {
    pub(super) key: &'a str,
    pub(super) algorithm: &'a str,
    /// The names of the signed headers, as they are written.
    pub(super) headers: Vec<&'a str>,
    pub(super) signature: Vec<u8>,
}

/// Reads them; what names the key is called differently in each.
pub(super) fn read<'a>(text: &'a str, key_name: &str) -> Result<Parameters<'a>, Failure> {
    let [mut key, mut algorithm, mut headers, mut signature] = [None; 4];
    let mut rest = text.trim_ascii();
    while !rest.is_empty() {
        let (name, value, behind) = one(rest)?;
        let slot = match name {
            name if name == key_name => &mut key,
            "algorithm" => &mut algorithm,
            "headers" => &mut headers,
            "signature" => &mut signature,
            _ => return Err(Failure::Malformed("unknown parameter")),
        };
        if slot.replace(value).is_some() {
            return Err(Failure::Malformed("parameter twice"));
        }
        rest = behind;
    }
    let (Some(key), Some(algorithm), Some(headers), Some(signature)) =
        (key, algorithm, headers, signature)
    else {
        return Err(Failure::Malformed("parameter missing"));
    };
    if key.is_empty() {
        return Err(Failure::Malformed("empty key"));
    }
    let headers: Vec<_> = headers.split(' ').collect();
    if headers.len() > MAX_COMPONENTS || headers.contains(&"") {
        return Err(Failure::Malformed("signed headers"));
    }
    Ok(Parameters { key, algorithm, headers, signature: decode(signature)? })
}

/// The first parameter of a text, and what follows its comma.
fn one(text: &str) -> Result<(&str, &str, &str), Failure> {
    let (name, rest) = text.split_once('=').ok_or(Failure::Malformed("parameter"))?;
    let (value, rest) = match rest.strip_prefix('"') {
        Some(quoted) => quoted.split_once('"').ok_or(Failure::Malformed("open quotes"))?,
        None => rest.split_at(rest.find([',', ' ', '\t']).unwrap_or(rest.len())),
    };
    if value.contains(['\\', '"']) || value.contains(char::is_control) {
        return Err(Failure::Malformed("value of a parameter"));
    }
    let rest = rest.trim_ascii_start();
    let behind = match rest.strip_prefix(',') {
        Some(behind) if !behind.trim_ascii().is_empty() => behind.trim_ascii_start(),
        None if rest.is_empty() => rest,
        _ => return Err(Failure::Malformed("parameters")),
    };
    Ok((name.trim_ascii(), value, behind))
}

fn decode(signature: &str) -> Result<Vec<u8>, Failure> {
    let signature = STANDARD.decode(signature).map_err(|_| Failure::Malformed("base64"))?;
    if signature.is_empty() || signature.len() > MAX_SIGNATURE {
        return Err(Failure::Malformed("length of the signature"));
    }
    Ok(signature)
}
