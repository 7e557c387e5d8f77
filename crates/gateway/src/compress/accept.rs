//! `Accept-Encoding` (RFC 9110 section 12.5.3): what the client prefers of what there is.
//!
//! 1. Without the header nothing was asked for, so nothing is encoded.
//! 2. An item that is malformed counts as one that is not there.

use super::Encoding;
use crate::fields::{Fields, as_text};

/// Weights are compared as thousandths (section 12.4.2).
const MOST: u16 = 1_000;

/// What is to be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Preferred {
    pub(super) encoding: Encoding,
    /// Whether an answer that is not encoded is not acceptable.
    pub(super) is_identity_refused: bool,
}

/// Of those that there are the one with the highest weight, of several the first; `None` where an
/// answer that is not encoded is preferred, or nothing else is acceptable.
pub(super) fn preferred(fields: &Fields, available: &[Encoding]) -> Option<Preferred> {
    let mut weights = Weights::default();
    for value in fields.get_all("accept-encoding") {
        weights.read(value);
    }
    let mut best: Option<(Encoding, u16)> = None;
    for &encoding in available {
        let weight = weights.of(encoding);
        if weight > best.map_or(0, |(_, best)| best) {
            best = Some((encoding, weight));
        }
    }
    let (encoding, weight) = best?;
    let identity = weights.identity;
    if identity.is_some_and(|identity| identity > weight) {
        return None;
    }
    let is_identity_refused =
        identity == Some(0) || identity.is_none() && weights.others == Some(0);
    Some(Preferred { encoding, is_identity_refused })
}

#[derive(Default)]
struct Weights {
    brotli: Option<u16>,
    gzip: Option<u16>,
    identity: Option<u16>,
    /// Of `*`: whatever is not named.
    others: Option<u16>,
}

impl Weights {
    fn read(&mut self, value: &[u8]) {
        for item in as_text(value).unwrap_or_default().split(',') {
            let mut parts = item.split(';').map(str::trim);
            let name = parts.next().unwrap_or_default();
            let Some(weight) = weight(parts.next(), parts.next()) else { continue };
            let place = match name.to_ascii_lowercase().as_str() {
                "br" => &mut self.brotli,
                // Section 8.4.1.3.
                "gzip" | "x-gzip" => &mut self.gzip,
                "identity" => &mut self.identity,
                "*" => &mut self.others,
                _ => continue,
            };
            // Of two that contradict each other the lower one is safe.
            *place = Some(place.map_or(weight, |before| before.min(weight)));
        }
    }

    fn of(&self, encoding: Encoding) -> u16 {
        let named = match encoding {
            Encoding::Brotli => self.brotli,
            Encoding::Gzip => self.gzip,
        };
        named.or(self.others).unwrap_or(0)
    }
}

/// `q=0.8`, in thousandths; all of it where it is not written.
fn weight(parameter: Option<&str>, another: Option<&str>) -> Option<u16> {
    if another.is_some() {
        return None;
    }
    let Some(parameter) = parameter else { return Some(MOST) };
    let (name, value) = parameter.split_once('=')?;
    if !name.trim_end().eq_ignore_ascii_case("q") {
        return None;
    }
    let (whole, decimals) = value.trim_start().split_once('.').unwrap_or((value.trim(), ""));
    let is_short = decimals.len() <= 3 && decimals.bytes().all(|byte| byte.is_ascii_digit());
    let thousandths = format!("{decimals:0<3}").parse::<u16>().ok().filter(|_| is_short)?;
    match whole {
        "0" => Some(thousandths),
        "1" if thousandths == 0 => Some(MOST),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(values: &[&'static str]) -> Option<(&'static str, bool)> {
        let fields = values.iter().map(|value| ("accept-encoding", *value)).collect();
        let preferred = preferred(&fields, &[Encoding::Brotli, Encoding::Gzip])?;
        Some((preferred.encoding.name(), preferred.is_identity_refused))
    }

    #[test]
    fn the_highest_weight_wins_and_then_our_order() {
        for (value, expected) in [
            ("gzip, deflate, br, zstd", Some(("br", false))),
            ("gzip", Some(("gzip", false))),
            ("X-GZIP", Some(("gzip", false))),
            ("br;q=0.5, gzip;q=0.501", Some(("gzip", false))),
            ("br ; Q = 1.000 , gzip;q=1", Some(("br", false))),
            ("*", Some(("br", false))),
            ("br;q=0, *", Some(("gzip", false))),
            ("br;q=0, *;q=0.1, gzip;q=0", None),
            ("deflate, zstd", None),
            ("identity", None),
            ("gzip;q=0.5, identity;q=0.9", None),
            ("gzip;q=0.9, identity;q=0.9", Some(("gzip", false))),
            ("gzip, identity;q=0", Some(("gzip", true))),
            ("gzip, *;q=0", Some(("gzip", true))),
            ("identity;q=0", None),
            ("gzip;q=0.000", None),
            ("", None),
        ] {
            assert_eq!(chosen(&[value]), expected, "{value}");
        }
        assert_eq!(chosen(&[]), None);
        assert_eq!(chosen(&["deflate", "gzip"]), Some(("gzip", false)));
        assert_eq!(chosen(&["gzip", "gzip;q=0"]), None);
    }

    #[test]
    fn what_is_malformed_is_not_there() {
        for value in [
            "gzip;q=2",
            "gzip;q=1.001",
            "gzip;q=0.1234",
            "gzip;x=1",
            "gzip;q=a",
            "gzip;q=1;x",
            "gz ip",
            "gzip;q=",
            "gzip;q=-1",
            "gzip;q=0.+1",
        ] {
            assert_eq!(chosen(&[value]), None, "{value}");
        }
    }
}
