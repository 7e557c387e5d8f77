//! Name and password as they come in `Authorization` (RFC 7617 section 2).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use crate::config::authenticators::ldap::Scheme;
use crate::stage::Presented;

/// The longest pair, encoded, in bytes.
const MAX_ENCODED: usize = 4096;

/// A name and a password.
pub(super) type Pair = (Vec<u8>, Zeroizing<Vec<u8>>);

/// The pair of one of the schemes, where one was sent.
pub(super) fn of(
    presented: Presented<'_>,
    schemes: &[Scheme],
) -> Result<Option<Pair>, &'static str> {
    for scheme in schemes {
        match presented.scheme(scheme.name()) {
            Ok(Some(encoded)) => return decoded(encoded).map(Some),
            Ok(None) => {}
            Err(()) => return Err("several `Authorization` headers"),
        }
    }
    Ok(None)
}

/// The password is all behind the first colon, white space and further colons included.
fn decoded(encoded: &[u8]) -> Result<Pair, &'static str> {
    if encoded.len() > MAX_ENCODED {
        return Err("too long");
    }
    let pair = STANDARD.decode(encoded).map_err(|_| "not base64")?;
    let pair = Zeroizing::new(pair);
    let colon = pair.iter().position(|byte| *byte == b':').ok_or("no colon")?;
    let (name, password) = pair.split_at(colon);
    let password = password.get(1..).unwrap_or_default();
    Ok((name.to_vec(), Zeroizing::new(password.to_vec())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_password_is_all_behind_the_first_colon() {
        let (name, password) = decoded(STANDARD.encode("alice: a:b ").as_bytes()).unwrap();
        assert_eq!((&*name, &**password), (&b"alice"[..], &b" a:b "[..]));
        let (name, password) = decoded(STANDARD.encode(":").as_bytes()).unwrap();
        assert_eq!((name.len(), password.len()), (0, 0));
        for bad in ["YWxpY2U=", "YWxpY2U6YQ", "%%", ""] {
            assert!(decoded(bad.as_bytes()).is_err(), "{bad}");
        }
    }
}
