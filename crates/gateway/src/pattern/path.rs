//! Path patterns: `/orders` (prefix on whole segments), `= /x` (exact), `~ ^/v[0-9]+/` (regex).
//!
//! Patterns are written in canonical form, the form in which requests are judged
//! ([`crate::canonical`]); one that no request can have is refused.

use std::sync::Arc;

use crate::canonical;

/// The largest compiled regex, in bytes.
const REGEX_SIZE_LIMIT: usize = 1 << 20;

/// What a path must look like.
#[derive(Clone, Debug)]
pub enum PathPattern {
    /// Exactly this path.
    Exact(Arc<str>),
    /// This path or anything below it; without a trailing slash, `""` for the root.
    Prefix(Arc<str>),
    /// A regular expression, linear in time, anchored at the start by being written with `^`.
    Regex(regex::Regex),
}

/// Why a text is not a path pattern.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PathError {
    /// Does not start with `/`.
    #[error("must start with `/`, `= /` or `~ ^/`")]
    Start,
    /// No request path has this form, because requests are judged in canonical form.
    #[error("can never match: requests are judged in canonical form, and this is not ({0})")]
    NotCanonical(canonical::PathError),
    /// The same path has another canonical form.
    #[error("can never match: requests are judged in canonical form, which is `{0}`")]
    Spelled(String),
    /// The same of an escape within a regex.
    #[error("`{0}` can never match: in the canonical form of a path it is `{1}`")]
    Escape(String, String),
    /// A regex that is not anchored could be satisfied by any part of a path.
    #[error("a regex must be anchored: start it with `^/`")]
    NotAnchored,
    /// Not a regex, or one too large.
    #[error("not a usable regex: {0}")]
    Regex(String),
}

impl PathPattern {
    /// Parses a pattern.
    pub fn parse(text: &str) -> Result<Self, PathError> {
        if let Some(exact) = text.strip_prefix('=') {
            return Ok(Self::Exact(canonical_path(exact.trim_start())?.into()));
        }
        if let Some(regex) = text.strip_prefix('~') {
            return Self::regex(regex.trim_start());
        }
        let path = canonical_path(text)?;
        Ok(Self::Prefix(path.trim_end_matches('/').into()))
    }

    fn regex(text: &str) -> Result<Self, PathError> {
        if !text.starts_with("^/") || text.contains('|') && !has_single_branch(text) {
            return Err(PathError::NotAnchored);
        }
        check_escapes(text)?;
        regex::RegexBuilder::new(text)
            .size_limit(REGEX_SIZE_LIMIT)
            .build()
            .map(Self::Regex)
            .map_err(|error| PathError::Regex(first_line(&error.to_string())))
    }
}

impl PartialEq for PathPattern {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Exact(a), Self::Exact(b)) | (Self::Prefix(a), Self::Prefix(b)) => a == b,
            (Self::Regex(a), Self::Regex(b)) => a.as_str() == b.as_str(),
            _ => false,
        }
    }
}

fn canonical_path(text: &str) -> Result<&str, PathError> {
    if !text.starts_with('/') {
        return Err(PathError::Start);
    }
    match canonical::path(text) {
        Ok(path) if path == text => Ok(text),
        Ok(path) => Err(PathError::Spelled(path.into_owned())),
        Err(error) => Err(PathError::NotCanonical(error)),
    }
}

/// Refuses a regex that waits for an escape that no canonical path has: a stricter route would never
/// take what it is there for.
fn check_escapes(regex: &str) -> Result<(), PathError> {
    let ignores_case = regex.contains("(?i");
    for (at, _) in regex.match_indices('%') {
        let Some(escape) = regex.get(at..at + 3) else { continue };
        match canonical::escape(escape) {
            Some(Err(error)) => return Err(PathError::NotCanonical(error)),
            Some(Ok(form)) if form == escape => {}
            Some(Ok(form)) if ignores_case && form.eq_ignore_ascii_case(escape) => {}
            Some(Ok(form)) => {
                return Err(PathError::Escape(escape.to_owned(), regex::escape(&form)));
            }
            None => {}
        }
    }
    Ok(())
}

/// What every path that a regex matches begins with, as far as that is plain to see.
pub(crate) fn literal_start(regex: &str) -> String {
    let mut literal = String::new();
    let mut rest = regex.trim_start_matches('^').chars().peekable();
    while let Some(character) = rest.next() {
        let taken = match character {
            '\\' => rest.next().filter(|escaped| matches!(escaped, '.' | '-' | '+' | '$' | '*')),
            plain if plain.is_ascii_alphanumeric() || "/-_~,=:@!&'%".contains(plain) => Some(plain),
            _ => None,
        };
        let Some(taken) = taken else { break };
        // What may be left out or repeated is not certain.
        if matches!(rest.peek(), Some('?' | '*' | '+' | '{')) {
            break;
        }
        literal.push(taken);
    }
    literal
}

/// `^/a|/b` is anchored in its first branch only; `^/(a|b)` is fine.
fn has_single_branch(regex: &str) -> bool {
    let mut depth = 0_i32;
    let mut escaped = false;
    for byte in regex.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'(' | b'[' => depth += 1,
            b')' | b']' => depth -= 1,
            b'|' if depth == 0 => return false,
            _ => {}
        }
    }
    true
}

fn first_line(text: &str) -> String {
    text.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_kinds_are_told_apart() {
        assert_eq!(PathPattern::parse("/orders"), Ok(PathPattern::Prefix("/orders".into())));
        assert_eq!(PathPattern::parse("/orders/"), Ok(PathPattern::Prefix("/orders".into())));
        assert_eq!(PathPattern::parse("/"), Ok(PathPattern::Prefix("".into())));
        assert_eq!(PathPattern::parse("= /x"), Ok(PathPattern::Exact("/x".into())));
        assert!(matches!(PathPattern::parse("~ ^/v[0-9]+/"), Ok(PathPattern::Regex(_))));
        assert!(PathPattern::parse("~ ^/(a|b)/").is_ok());
    }

    #[test]
    fn the_literal_start_is_what_is_certain() {
        let rows = [
            ("^/orders/[0-9]+", "/orders/"),
            ("^/a\\.b/(x|y)", "/a.b/"),
            ("^/ab?c", "/a"),
            ("^/ab{0,3}", "/a"),
            ("^/v[0-9]", "/v"),
            ("^/.*", "/"),
            ("^/a$", "/a"),
            ("^/a\\d", "/a"),
        ];
        for (regex, literal) in rows {
            assert_eq!(literal_start(regex), literal, "{regex}");
        }
    }

    #[test]
    fn patterns_that_mislead_are_refused() {
        for bad in [
            "orders", "", "= orders", "/a/../b", "/a//b", "/%41", "/a%2fb", "/a;b", "~ /x",
            "~ ^/a|/b", "~ ^/(", "~ ^/[a-",
        ] {
            assert!(PathPattern::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn an_escape_that_no_canonical_path_has_is_refused_with_the_form_to_write() {
        for (bad, said) in [
            ("/books/%40secret", "which is `/books/@secret`"),
            ("= /a%c3%a4", "which is `/a%C3%A4`"),
            (
                "~ ^/books/[0-9]+%3Aexport$",
                "`%3A` can never match: in the canonical form of a path it is `:`",
            ),
            ("~ ^/(a|b%2e)$", "it is `\\.`"),
            ("~ ^/a%2b", "it is `\\+`"),
            ("~ ^/%c3%a4", "it is `%C3`"),
            ("~ ^/a(%2F|/)b", "ambiguous"),
            ("~ ^/(?i)%3a", "it is `:`"),
        ] {
            let error = PathPattern::parse(bad).unwrap_err().to_string();
            assert!(error.contains(said), "{bad}: {error}");
        }
        for good in ["~ ^/a%20b", "~ ^/%C3%A4", "~ ^/(?i)%c3%a4", "~ ^/%[0-9A-F]{2}", "~ ^/a%"] {
            assert!(PathPattern::parse(good).is_ok(), "{good}");
        }
    }
}
