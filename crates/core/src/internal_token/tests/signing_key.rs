//! Keys: their names, and that they open only as themselves.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::super::signing_key::thumbprint;
use super::*;
use crate::OsRandom;
use crate::id::KeyId;
use crate::seal::{MasterKey, SealError};

/// The key of RFC 7517 appendix A.1; its thumbprint was computed with another implementation.
#[test]
fn kid_is_the_thumbprint_of_rfc_7638() {
    let member = |text| -> [u8; 32] { URL_SAFE_NO_PAD.decode(text).unwrap().try_into().unwrap() };
    let x = member("MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4");
    let y = member("4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM");
    assert_eq!(
        URL_SAFE_NO_PAD.encode(thumbprint(&x, &y)),
        "cn-I_WNMClehiVp51i_0VpOENW1upEerA8sEam5hn-s"
    );
}

#[test]
fn no_command_line_takes_an_id_for_an_option() {
    // One in 64 would begin so.
    let mut drawn = (0..1000).map(|_| SigningKey::generate().unwrap());
    assert!(drawn.all(|key| !key.id().as_str().starts_with('-')));
}

#[test]
fn sealed_key_opens_as_itself() {
    let master = MasterKey::generate(&OsRandom);
    let key = SigningKey::generate().unwrap();
    let sealed = key.seal(&master, &OsRandom).unwrap();
    let opened = SigningKey::unseal(key.id(), &sealed, &master).unwrap();
    assert_eq!(opened.public(), key.public());
    assert_eq!(opened.id().as_str(), opened.public().kid());
}

#[test]
fn key_sealed_under_another_id_or_master_key_is_refused() {
    let master = MasterKey::generate(&OsRandom);
    let key = SigningKey::generate().unwrap();
    let sealed = key.seal(&master, &OsRandom).unwrap();
    let refused = SigningKeyError::Sealed(SealError);

    let other = KeyId::new("other");
    assert_eq!(SigningKey::unseal(&other, &sealed, &master).unwrap_err(), refused);
    let stranger = MasterKey::generate(&OsRandom);
    assert_eq!(SigningKey::unseal(key.id(), &sealed, &stranger).unwrap_err(), refused);
}

#[test]
fn what_is_sealed_in_a_keys_place_but_is_not_that_key_is_refused() {
    let master = MasterKey::generate(&OsRandom);
    let (key, other) = (SigningKey::generate().unwrap(), SigningKey::generate().unwrap());
    let sealed = other.seal(&master, &OsRandom).unwrap();
    let pkcs8 = master.open(&format!("signing-key:{}", other.id()), &sealed).unwrap();
    let place = format!("signing-key:{}", key.id());
    let moved = master.seal(&place, &pkcs8, &OsRandom).unwrap();
    let garbage = master.seal(&place, b"no key", &OsRandom).unwrap();

    let open = |sealed: &[u8]| SigningKey::unseal(key.id(), sealed, &master).unwrap_err();
    assert_eq!(open(&moved), SigningKeyError::Misplaced);
    assert_eq!(open(&garbage), SigningKeyError::Malformed);
}

#[test]
fn printing_a_key_tells_its_id_only() {
    let key = SigningKey::generate().unwrap();
    assert_eq!(format!("{key:?}"), format!("SigningKey({}, ..)", key.id()));
}
