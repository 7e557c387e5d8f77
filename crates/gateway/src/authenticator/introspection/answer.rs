//! What an introspection endpoint says of a token (RFC 7662 section 2.2), and whether that is
//! enough.
//!
//! 1. Only what has exactly the form of an answer is one. `"active": "true"` is none: whoever
//!    answers so is not who we think, and nobody can say.
//! 2. What the server judged is judged again, so far as it says so: `exp`, `nbf`, `iss`, `aud`.
//! 3. A token that is bound to a key (`cnf`, RFC 8705, RFC 9449) is refused: the binding is not
//!    checked here, and a stolen one must not pass.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Map, Value};
use symbolon_core::jwt::claim_at;
use symbolon_core::{Timestamp, strict_json};

use super::super::scalars::scalars;
use crate::config::authenticators::introspection::Introspection;

/// How far `nbf` may lie ahead: clocks differ.
const SKEW: Duration = Duration::from_secs(30);
/// The longest name of a principal, in bytes.
const MAX_NAME: usize = 256;
/// The most roles, groups, scopes or methods.
const MAX_LIST: usize = 256;

/// What a token is that the server does not know, or not any more.
pub(super) const INACTIVE: &str = "inactive";

/// A token that is good.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) subject: Option<String>,
    pub(super) client: Option<String>,
    pub(super) issuer: Option<String>,
    pub(super) scopes: Vec<String>,
    pub(super) roles: Vec<String>,
    pub(super) groups: Vec<String>,
    pub(super) acr: Option<String>,
    pub(super) amr: Vec<String>,
    pub(super) auth_time: Option<Timestamp>,
    pub(super) expires_at: Option<Timestamp>,
    /// What services can be told of it.
    pub(super) claims: BTreeMap<String, String>,
}

/// Why there is no good token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum No {
    /// The token is not good: what the caller is told, and the log.
    Bad(&'static str, &'static str),
    /// This is no answer.
    Nonsense(&'static str),
}

/// Judges the body of an answer of type `application/json`.
pub(super) fn judge(body: &[u8], wanted: &Introspection, now: Timestamp) -> Result<Token, No> {
    let answer: Map<String, Value> = strict_json::object(body)
        .map_err(|_| No::Nonsense("it is no JSON object, or has a member twice"))?;
    match answer.get("active") {
        Some(Value::Bool(true)) => {}
        Some(Value::Bool(false)) => return Err(No::Bad(INACTIVE, "the token is not active")),
        _ => return Err(No::Nonsense("`active` is neither true nor false")),
    }
    let expires_at = time(&answer, "exp")?;
    if expires_at.is_some_and(|end| end <= now) {
        return Err(No::Bad("expired", "the token is active, and its `exp` is over"));
    }
    if time(&answer, "nbf")?.is_some_and(|start| start > now.plus(SKEW)) {
        return Err(No::Bad("not_yet_valid", "the token's `nbf` is not reached"));
    }
    let issuer = text(&answer, "iss")?;
    if wanted.issuer.is_some() && issuer != wanted.issuer {
        return Err(No::Bad("issuer", "the token is somebody else's"));
    }
    check_audience(&answer, wanted)?;
    if answer.contains_key("cnf") {
        return Err(No::Bad("bound", "the token is bound to a key, which is not checked"));
    }
    let (subject, client) = (named(&answer, &wanted.claims.subject)?, named(&answer, "client_id")?);
    if subject.is_none() && client.is_none() {
        return Err(No::Bad("nobody", "the token names nobody"));
    }
    Ok(Token {
        subject,
        client,
        issuer,
        scopes: words(answer.get("scope"))?,
        roles: words(wanted.claims.roles.as_deref().and_then(|path| claim_at(&answer, path)))?,
        groups: words(wanted.claims.groups.as_deref().and_then(|path| claim_at(&answer, path)))?,
        acr: text(&answer, "acr")?,
        amr: words(answer.get("amr"))?,
        auth_time: time(&answer, "auth_time")?,
        expires_at,
        claims: scalars(&answer),
    })
}

fn check_audience(answer: &Map<String, Value>, wanted: &Introspection) -> Result<(), No> {
    let Some(wanted) = wanted.audience.as_deref() else { return Ok(()) };
    let is_wanted = match answer.get("aud") {
        None => false,
        Some(Value::String(audience)) => audience == wanted,
        Some(Value::Array(all)) if all.iter().all(Value::is_string) => {
            all.iter().any(|audience| audience == wanted)
        }
        Some(_) => return Err(No::Nonsense("`aud` is neither text nor a list of texts")),
    };
    if is_wanted { Ok(()) } else { Err(No::Bad("audience", "the token is for somebody else")) }
}

/// Seconds since 1970 (RFC 7662 section 2.2: an integer).
fn time(answer: &Map<String, Value>, name: &str) -> Result<Option<Timestamp>, No> {
    match answer.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => match value.as_i64() {
            Some(seconds) if seconds >= 0 => Ok(Some(Timestamp::from_secs(seconds))),
            _ => Err(No::Nonsense("a time is no number of seconds")),
        },
    }
}

fn text(answer: &Map<String, Value>, name: &str) -> Result<Option<String>, No> {
    text_of(answer.get(name))
}

fn text_of(value: Option<&Value>) -> Result<Option<String>, No> {
    match value {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(No::Nonsense("a text is something else")),
    }
}

/// A name that can stand in a header and in a log.
fn named(answer: &Map<String, Value>, path: &str) -> Result<Option<String>, No> {
    let Some(name) = text_of(claim_at(answer, path))?.filter(|name| !name.is_empty()) else {
        return Ok(None);
    };
    if name.len() > MAX_NAME || name.chars().any(char::is_control) {
        return Err(No::Nonsense("a name is too long or has control characters"));
    }
    Ok(Some(name))
}

/// A list of texts, or one text with spaces between its parts.
fn words(value: Option<&Value>) -> Result<Vec<String>, No> {
    let words: Vec<String> = match value {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::String(text)) => text.split(' ').map(str::to_owned).collect(),
        Some(Value::Array(all)) => {
            let text = |one: &Value| one.as_str().map(str::to_owned);
            all.iter()
                .map(text)
                .collect::<Option<_>>()
                .ok_or(No::Nonsense("a list has something else than texts"))?
        }
        Some(_) => return Err(No::Nonsense("a list is something else")),
    };
    let words: Vec<String> = words.into_iter().filter(|word| !word.is_empty()).collect();
    let is_odd = |letter: char| letter.is_control() || letter == ',';
    if words.len() > MAX_LIST || words.iter().any(|word| word.contains(is_odd)) {
        return Err(No::Nonsense("a list is too long, or has control characters or commas"));
    }
    Ok(words)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::authenticator::introspection::testing::settings;

    const NOW: Timestamp = Timestamp::from_secs(1_000_000);

    fn judged(answer: &Value) -> Result<Token, No> {
        judge(answer.to_string().as_bytes(), &settings(), NOW)
    }

    /// A good answer with some members replaced.
    fn with(changes: &Value) -> Value {
        let mut answer = json!({
            "active": true, "sub": "alice", "client_id": "app", "aud": "shop", "exp": 1_000_060,
            "iss": "https://as.example", "scope": "read write",
        });
        for (name, value) in changes.as_object().unwrap() {
            answer[name] = value.clone();
        }
        answer
    }

    #[test]
    fn a_good_token_says_who_and_what() {
        let token = judged(&with(&json!({
            "realm_access": { "roles": ["customer"] }, "acr": "mfa", "amr": ["pwd", "otp"],
            "auth_time": 999_000,
        })));
        let expected = Token {
            subject: Some("alice".to_owned()),
            client: Some("app".to_owned()),
            issuer: Some("https://as.example".to_owned()),
            scopes: vec!["read".to_owned(), "write".to_owned()],
            roles: vec!["customer".to_owned()],
            acr: Some("mfa".to_owned()),
            amr: vec!["pwd".to_owned(), "otp".to_owned()],
            auth_time: Some(Timestamp::from_secs(999_000)),
            expires_at: Some(Timestamp::from_secs(1_000_060)),
            groups: Vec::new(),
            claims: BTreeMap::new(),
        };
        let claims = token.as_ref().unwrap().claims.clone();
        assert_eq!(token.map(|token| Token { claims: BTreeMap::new(), ..token }), Ok(expected));
        let said = |path: &str| claims.get(path).map(String::as_str);
        assert_eq!((said("amr"), said("realm_access.roles")), (Some("pwd,otp"), Some("customer")));
    }

    #[test]
    fn a_member_with_a_dot_in_its_name_stands_in_for_none() {
        let token = judged(&with(&json!({ "realm_access.roles": ["root"] }))).unwrap();
        assert_eq!(token.roles, [""; 0]);
    }

    #[test]
    fn what_is_not_good_is_refused_by_its_own_name() {
        let rows = [
            (json!({ "active": false }), "inactive"),
            (json!({ "exp": 1_000_000 }), "expired"),
            (json!({ "exp": 0 }), "expired"),
            (json!({ "nbf": 1_000_031 }), "not_yet_valid"),
            (json!({ "iss": "https://other.example" }), "issuer"),
            (json!({ "iss": null }), "issuer"),
            (json!({ "aud": "shop2" }), "audience"),
            (json!({ "aud": ["a", "b"] }), "audience"),
            (json!({ "aud": [] }), "audience"),
            (json!({ "cnf": { "jkt": "x" } }), "bound"),
            (json!({ "sub": null, "client_id": "" }), "nobody"),
        ];
        for (changes, code) in rows {
            let judged = judged(&with(&changes.clone()));
            assert!(
                matches!(judged, Err(No::Bad(said, _)) if said == code),
                "{changes}: {judged:?}"
            );
        }
        assert!(judged(&with(&json!({ "aud": ["x", "shop"], "nbf": 1_000_030 }))).is_ok());
    }

    #[test]
    fn what_has_not_the_form_of_an_answer_is_none() {
        let rows = [
            json!({ "active": "true" }),
            json!({ "active": 1 }),
            json!({ "active": null }),
            json!({ "exp": "1000060" }),
            json!({ "exp": -1 }),
            json!({ "exp": 1e300 }),
            json!({ "aud": { "shop": true } }),
            json!({ "aud": ["shop", 1] }),
            json!({ "sub": 7 }),
            json!({ "sub": "al\nice" }),
            json!({ "scope": 1 }),
            json!({ "scope": ["a,b"] }),
            json!({ "realm_access": { "roles": { "admin": true } } }),
        ];
        for changes in rows {
            let judged = judged(&with(&changes.clone()));
            assert!(matches!(judged, Err(No::Nonsense(_))), "{changes}: {judged:?}");
        }
        for body in
            ["", "true", "[]", "{\"active\":true,\"active\":true,\"sub\":\"a\",\"aud\":\"shop\"}"]
        {
            let judged = judge(body.as_bytes(), &settings(), NOW);
            assert!(matches!(judged, Err(No::Nonsense(_))), "{body}");
        }
        assert!(matches!(judged(&json!({})), Err(No::Nonsense(_))));
    }
}
