//! Browsers in which somebody proved their password lately: strangers who guess do not slow them.
//!
//! The account's budget of guesses is there for machines that nobody knows, and its owner must not
//! be one of them for having moved, or for sitting behind the guesser's own address. So whoever
//! logs in gets a cookie that says, under a key of ours: in this browser the password of this
//! account was right then (OWASP, "Slow Down Online Guessing Attacks with Device Cookies"). An
//! attempt that shows it is charged to the browser's own budget and to no other.
//!
//! It opens nothing: whoever steals it may guess as much as one address may, 10 times and then
//! every 8 seconds. It names nobody, and is void for any other account.

use std::net::IpAddr;

use aws_lc_rs::hmac;
use axum::http::HeaderMap;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use symbolon_core::random::{self, Random};
use symbolon_core::seal::MasterKey;
use symbolon_core::throttle::{PROOF_LIFETIME, Source};
use symbolon_core::{SubjectId, Timestamp};

use crate::cookies;
use crate::service::Service;

/// Random bytes in the browser's number.
const NUMBER: usize = 16;
/// The time of the proof, the number, and the HMAC-SHA-256 over both and the account.
const LENGTH: usize = 8 + NUMBER + 32;

/// Knows browsers again.
pub(crate) struct KnownBrowsers(hmac::Key);

impl KnownBrowsers {
    pub(crate) fn derive(master: &MasterKey) -> Self {
        Self(master.derive("known-browser"))
    }

    /// The cookie's value for a browser in which the password of `subject` was right at `now`.
    pub(crate) fn vouch(&self, subject: &SubjectId, now: Timestamp, random: &dyn Random) -> String {
        let number = random::bytes::<NUMBER>(random);
        let at = now.as_secs().to_be_bytes();
        let tag = hmac::sign(&self.0, &message(at, number, subject));
        URL_SAFE_NO_PAD.encode([&at[..], &number, tag.as_ref()].concat())
    }

    /// This browser, if it is known for the account of that name.
    fn recognise(
        &self,
        headers: &HeaderMap,
        cookie_name: &str,
        typed_name: &str,
        now: Timestamp,
    ) -> Option<Source> {
        let subject = typed_name.trim().parse().ok()?;
        let value = cookies::find(headers, cookie_name)?;
        let bytes: [u8; LENGTH] = URL_SAFE_NO_PAD.decode(value).ok()?.try_into().ok()?;
        let (at, rest) = bytes.split_first_chunk()?;
        let (number, tag) = rest.split_first_chunk()?;
        hmac::verify(&self.0, &message(*at, *number, &subject), tag).ok()?;
        let proved_at = Timestamp::from_secs(i64::from_be_bytes(*at));
        (now.since(proved_at) < PROOF_LIFETIME).then_some(Source::Browser(*number))
    }
}

/// Whose budget an attempt at the password of `typed_name` is charged to: the browser's, if it is
/// known for that account, else its network's.
pub(crate) fn budget(
    app: &Service,
    headers: &HeaderMap,
    typed_name: &str,
    network: Option<IpAddr>,
) -> Source {
    let cookie_name = app.config.cookie.browser_name();
    app.browsers
        .recognise(headers, &cookie_name, typed_name, app.clock.now())
        .unwrap_or_else(|| network.into())
}

/// What is signed; the parts before the name are of fixed lengths.
fn message(at: [u8; 8], number: [u8; NUMBER], subject: &SubjectId) -> Vec<u8> {
    [&at[..], &number, subject.as_str().as_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use axum::http::header::COOKIE;
    use symbolon_core::OsRandom;

    use super::*;

    const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);

    fn asked(browsers: &KnownBrowsers, value: &str, name: &str, now: Timestamp) -> Option<Source> {
        let mut headers = HeaderMap::new();
        headers.append(COOKIE, format!("browser={value}").parse().unwrap());
        browsers.recognise(&headers, "browser", name, now)
    }

    #[test]
    fn a_browser_is_known_for_its_account_and_for_thirty_days() {
        let browsers = KnownBrowsers::derive(&MasterKey::generate(&OsRandom));
        let alice = "alice".parse().unwrap();
        let value = browsers.vouch(&alice, NOW, &OsRandom);
        let known = asked(&browsers, &value, " alice ", NOW);
        assert!(matches!(known, Some(Source::Browser(_))), "{known:?}");
        let almost = NOW.plus(PROOF_LIFETIME).minus(Duration::from_secs(1));
        assert_eq!(asked(&browsers, &value, "alice", almost), known);
        assert_eq!(asked(&browsers, &value, "alice", NOW.plus(PROOF_LIFETIME)), None);
        assert_eq!(asked(&browsers, &value, "bob", NOW), None);
        let others = KnownBrowsers::derive(&MasterKey::generate(&OsRandom));
        assert_eq!(asked(&others, &value, "alice", NOW), None);
        let another = browsers.vouch(&alice, NOW, &OsRandom);
        assert_ne!(asked(&browsers, &another, "alice", NOW), known);
    }

    #[test]
    fn what_is_not_to_the_letter_is_no_known_browser() {
        let browsers = KnownBrowsers::derive(&MasterKey::generate(&OsRandom));
        let value = browsers.vouch(&"alice".parse().unwrap(), NOW, &OsRandom);
        let bytes = URL_SAFE_NO_PAD.decode(&value).unwrap();
        for at in 0..bytes.len() {
            let mut bent = bytes.clone();
            bent[at] ^= 1;
            assert_eq!(
                asked(&browsers, &URL_SAFE_NO_PAD.encode(&bent), "alice", NOW),
                None,
                "{at}"
            );
            let cut = URL_SAFE_NO_PAD.encode(&bytes[..at]);
            assert_eq!(asked(&browsers, &cut, "alice", NOW), None, "{at}");
        }
        assert_eq!(asked(&browsers, "", "alice", NOW), None);
        assert_eq!(asked(&browsers, &format!("{value}A"), "alice", NOW), None);
    }
}
