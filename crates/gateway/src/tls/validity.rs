//! From when to when a certificate is valid (RFC 5280 section 4.1.2.5).
//!
//! The verifier of the TLS stack knows the dates of what it verifies and keeps them to itself. Our
//! own certificate is verified by nobody here, and an operator wants to hear before the clients
//! say so. So the few bytes on the way to the two dates are walked here, and no more of X.509.

use symbolon_core::Timestamp;

/// ASN.1 tags (X.690).
const INTEGER: u8 = 0x02;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
const SEQUENCE: u8 = 0x30;
const VERSION: u8 = 0xa0;

/// The two dates of a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Validity {
    pub(super) not_before: Timestamp,
    pub(super) not_after: Timestamp,
}

impl Validity {
    /// Reads them; `None` where the certificate is not what it should be.
    pub(super) fn of(certificate: &[u8]) -> Option<Self> {
        let (certificate, _) = value(certificate, SEQUENCE)?;
        let (signed, _) = value(certificate, SEQUENCE)?;
        let rest = value(signed, VERSION).map_or(signed, |(_, rest)| rest);
        let (_serial_number, rest) = value(rest, INTEGER)?;
        let (_algorithm, rest) = value(rest, SEQUENCE)?;
        let (_issuer, rest) = value(rest, SEQUENCE)?;
        let (dates, _) = value(rest, SEQUENCE)?;
        let (not_before, rest) = time(dates)?;
        let (not_after, _) = time(rest)?;
        Some(Self { not_before, not_after })
    }
}

/// The content of the first value, which must have this tag, and what follows it.
fn value(bytes: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (&first, rest) = bytes.split_first()?;
    let (&short, rest) = rest.split_first()?;
    let (length, rest) = match short {
        0x00..=0x7f => (usize::from(short), rest),
        // Three bytes are enough for any file that is read.
        0x81..=0x83 => {
            let (long, rest) = rest.split_at_checked(usize::from(short - 0x80))?;
            (long.iter().fold(0, |length, byte| length << 8 | usize::from(*byte)), rest)
        }
        _ => return None,
    };
    if first != tag {
        return None;
    }
    rest.split_at_checked(length)
}

/// `YYMMDDHHMMSSZ` or `YYYYMMDDHHMMSSZ`.
fn time(bytes: &[u8]) -> Option<(Timestamp, &[u8])> {
    let (text, rest, is_short) = match value(bytes, UTC_TIME) {
        Some((text, rest)) => (text, rest, true),
        None => value(bytes, GENERALIZED_TIME).map(|(text, rest)| (text, rest, false))?,
    };
    let digits = std::str::from_utf8(text).ok()?.strip_suffix('Z')?;
    let (year, rest_of_it) = digits.split_at_checked(if is_short { 2 } else { 4 })?;
    let mut year: i64 = number(year)?;
    if is_short {
        year += if year < 50 { 2000 } else { 1900 };
    }
    let mut fields = [0; 5];
    if rest_of_it.len() != 2 * fields.len() {
        return None;
    }
    for (at, field) in fields.iter_mut().enumerate() {
        *field = number(rest_of_it.get(2 * at..2 * at + 2)?)?;
    }
    let [month, day, hour, minute, second] = fields;
    let seconds = ((days(year, month, day) * 24 + hour) * 60 + minute) * 60 + second;
    Some((Timestamp::from_secs(seconds), rest))
}

fn number(digits: &str) -> Option<i64> {
    digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok()).flatten()
}

/// Days from 1970-01-01 in the Gregorian calendar; years begin in March, so that a leap day is the
/// last of its year.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rcgen::{CertificateParams, KeyPair, date_time_ymd};

    use super::*;

    #[test]
    fn the_dates_are_those_that_were_signed() {
        for (from, to) in [((1999, 12, 31), (2024, 2, 29)), ((2026, 1, 1), (2050, 3, 1))] {
            let mut params = CertificateParams::new(vec!["a.example".to_owned()]).unwrap();
            params.not_before = date_time_ymd(from.0, from.1, from.2);
            params.not_after = date_time_ymd(to.0, to.1, to.2);
            let key = KeyPair::generate().unwrap();
            let certificate = params.self_signed(&key).unwrap();
            let expected = Validity {
                not_before: Timestamp::from_secs(params.not_before.unix_timestamp()),
                not_after: Timestamp::from_secs(params.not_after.unix_timestamp()),
            };
            assert_eq!(Validity::of(certificate.der()), Some(expected));
        }
    }

    proptest! {
        #[test]
        fn nothing_breaks_the_reader(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            Validity::of(&bytes);
        }
    }
}
