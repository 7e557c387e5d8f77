//! `basic`: a user name and a password with every request (RFC 7617): those of clients, and of
//! accounts where that is wanted.
//!
//! 1. Everything behind the first colon is the password, and no white space is taken off.
//! 2. A name is a client's first. Wrong guesses of either kind are paced by the same budgets as
//!    the log-in page's ([`Passwords`]), and an unknown name takes as long as a wrong password.
//! 3. What was right a moment ago is not hashed again.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use symbolon_core::client::{Proof, StoredPassword};
use symbolon_core::throttle::Source;
use symbolon_store::passwords::{AttemptKey, CredentialsError};
use symbolon_store::{Account, Known, MintedTokens, Registered};

use super::{Asked, Failure, Found, Whose};
use crate::config::authenticators::Basic;
use crate::near::Near;

/// The longest name and password together, in bytes.
const MAX_BYTES: usize = 1024;
/// The most accounts whose internal tokens are kept.
const MAX_ACCOUNTS: usize = 8 * 1024;

/// As it is sent; some programs leave the padding out.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// What is kept: the principals of accounts, so that their internal tokens are used again.
pub(super) struct State {
    known: Near<Arc<Account>, Arc<Known>>,
}

impl State {
    pub(super) fn new() -> Self {
        Self { known: Near::new(MAX_ACCOUNTS) }
    }

    pub(super) async fn ask(&self, settings: &Basic, asked: &Asked<'_>) -> Found {
        let presented = match asked.clean.presented().scheme("basic") {
            Ok(Some(presented)) => presented,
            Ok(None) => return Found::NotOffered,
            Err(()) => return malformed("several `Authorization` headers"),
        };
        let Some((name, password)) = parse(presented) else {
            return malformed("malformed `Authorization: Basic`");
        };
        let source = Source::from(Some(asked.clean.source().ip()));
        match asked.clients.username(&name) {
            Some(registered) => client(&registered, &name, &password, source, asked).await,
            None if settings.accounts => self.account(&name, &password, source, asked).await,
            None => nobody(&name, &password, source, asked).await,
        }
    }

    async fn account(
        &self,
        name: &str,
        password: &str,
        source: Source,
        asked: &Asked<'_>,
    ) -> Found {
        if asked.is_dry {
            return untried();
        }
        match asked.passwords.prove_again(name, password, source).await {
            Ok(account) => Found::Known(self.known.get_or(&account, || known(&account))),
            Err(error) => refused(error, None),
        }
    }
}

async fn client(
    registered: &Arc<Registered>,
    name: &str,
    password: &str,
    source: Source,
    asked: &Asked<'_>,
) -> Found {
    let credential = registered.credential();
    let Proof::Basic { password: stored, .. } = &credential.proof else {
        return wrong("not a password");
    };
    // The name's budget, as everywhere: else names of clients would be those that wait for nothing
    // of what was tried elsewhere.
    let key = AttemptKey::of(name);
    let whose = Whose::Client {
        client: registered.client().id.clone(),
        credential: credential.id.to_shared(),
    };
    let proved = match stored {
        StoredPassword::Hash(_) if asked.is_dry => return untried(),
        StoredPassword::Plain(secret) if asked.is_dry => {
            match asked.passwords.prove_secret_unsent(&key, secret, password).await {
                // That it was asked too often is no answer that a request would get.
                Err(CredentialsError::Throttled(_)) => {
                    let why = "too many wrong passwords were tried in explanations";
                    return Found::Unavailable(why.to_owned());
                }
                proved => proved,
            }
        }
        StoredPassword::Hash(hash) => {
            asked.passwords.prove_hash_again(&key, hash, password, source).await
        }
        StoredPassword::Plain(secret) => {
            asked.passwords.prove_secret(&key, secret, password, source).await
        }
    };
    match (proved, registered.prove(asked.now)) {
        (Ok(()), Ok(known)) => {
            if !asked.is_dry {
                registered.used(asked.now);
            }
            Found::Known(Arc::clone(known))
        }
        (Ok(()), Err(why)) => Failure::new("wrong", why.to_string()).of(whose).into(),
        (Err(error), _) => refused(error, Some(whose)),
    }
}

/// A name that nobody has costs what a wrong password costs.
async fn nobody(name: &str, password: &str, source: Source, asked: &Asked<'_>) -> Found {
    if asked.is_dry {
        return wrong("wrong name or password");
    }
    refused(asked.passwords.refuse(name, password, source).await, None)
}

/// What an account is known as.
fn known(account: &Account) -> Known {
    Known {
        subject: Some(account.subject.as_str().into()),
        roles: account.roles.clone(),
        groups: account.groups.clone(),
        acr: Some("pwd".into()),
        amr: vec!["pwd".to_owned()],
        internal_tokens: MintedTokens::default(),
        ..Known::default()
    }
}

/// The name and the password: split at the first colon (RFC 7617 section 2).
fn parse(presented: &[u8]) -> Option<(String, String)> {
    if presented.len() > MAX_BYTES * 4 / 3 + 4 {
        return None;
    }
    let text = String::from_utf8(BASE64.decode(presented).ok()?).ok()?;
    let (name, password) = text.split_once(':')?;
    let is_clean = !text.chars().any(char::is_control);
    let is_whole = !name.is_empty() && !password.is_empty();
    (is_clean && is_whole && text.len() <= MAX_BYTES)
        .then(|| (name.to_owned(), password.to_owned()))
}

fn malformed(why: &'static str) -> Found {
    Failure::new("malformed", why).into()
}

fn wrong(why: impl Into<std::borrow::Cow<'static, str>>) -> Found {
    Failure::new("wrong", why).into()
}

/// A password that cannot be tried without a trace.
fn untried() -> Found {
    Found::Unavailable("passwords are not tried for an explanation".to_owned())
}

/// `client` where the name was one of a client's.
fn refused(error: CredentialsError, client: Option<Whose>) -> Found {
    match error {
        CredentialsError::Wrong { account } => {
            let whose = account.map(Whose::Account).or(client);
            Failure::new("wrong", "wrong name or password").of(whose).into()
        }
        CredentialsError::Throttled(throttled) => Found::Throttled(throttled.retry_after),
        CredentialsError::Hashing(_) => Found::Throttled(Duration::from_secs(1)),
        error @ CredentialsError::Store(_) => {
            Found::Unavailable(symbolon_core::error::chain(&error))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Option<(String, String)> {
        parse(BASE64.encode(text).as_bytes())
    }

    #[test]
    fn everything_behind_the_first_colon_is_the_password() {
        let pair = |name: &str, password: &str| Some((name.to_owned(), password.to_owned()));
        assert_eq!(parsed("a:b:c"), pair("a", "b:c"));
        assert_eq!(parsed("a: b "), pair("a", " b "));
        assert_eq!(parsed("a::"), pair("a", ":"));
        for bad in ["", ":", "a", "a:", ":b", "a:b\n", "a\0:b"] {
            assert_eq!(parsed(bad), None, "{bad:?}");
        }
        assert_eq!(parse(b"!!!"), None);
        assert_eq!(parse(b"YTpi"), pair("a", "b"));
        assert_eq!(parse(b"YTpiYw"), pair("a", "bc"));
        assert_eq!(parsed(&format!("a:{}", "b".repeat(MAX_BYTES))), None);
    }
}
