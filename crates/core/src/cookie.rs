//! Reading one cookie out of `Cookie` field values (RFC 6265bis section 5), without allocation.
//!
//! 1. Names are compared exactly: a `__HOST-` in another case is a foreign cookie.
//! 2. Two cookies of the name, equal or not, are worth none: one of them was planted by a
//!    neighbour (cookie tossing), and nothing says which.

/// Behind the session cookie's name: the cookie of the log-in form.
pub const LOGIN_FORM: &str = "-login";

/// Behind the session cookie's name: the cookie of a browser in which the password was right.
pub const KNOWN_BROWSER: &str = "-browser";

/// Whether a cookie is the session's or one that goes with it, in any spelling: with or without
/// prefix, in any case.
pub fn is_of_session(name: &[u8], session_cookie: &str) -> bool {
    let (name, ours) = (without_prefix(name), without_prefix(session_cookie.as_bytes()));
    match name.split_at_checked(ours.len()) {
        Some((start, rest)) if start.eq_ignore_ascii_case(ours) => ["", LOGIN_FORM, KNOWN_BROWSER]
            .iter()
            .any(|ending| rest.eq_ignore_ascii_case(ending.as_bytes())),
        _ => false,
    }
}

fn without_prefix(name: &[u8]) -> &[u8] {
    let prefixes: [&[u8]; 2] = [b"__host-", b"__secure-"];
    for prefix in prefixes {
        if let Some((start, rest)) = name.split_at_checked(prefix.len())
            && start.eq_ignore_ascii_case(prefix)
        {
            return rest;
        }
    }
    name
}

/// What was found for a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found<'a> {
    /// No cookie of that name.
    None,
    /// Exactly one, with this value.
    One(&'a [u8]),
    /// Several: nothing can be trusted.
    Several,
}

/// Looks for `name` in all `Cookie` field values of a request.
pub fn find<'a>(values: impl IntoIterator<Item = &'a [u8]>, name: &[u8]) -> Found<'a> {
    let mut found = Found::None;
    for (candidate, value) in values.into_iter().flat_map(pairs) {
        if candidate == name {
            found = match found {
                Found::None => Found::One(value),
                Found::One(_) | Found::Several => return Found::Several,
            };
        }
    }
    found
}

/// The field value without any cookie for which `remove` holds; `None` when nothing is left.
///
/// Order and spelling of the others are kept.
pub fn without(value: &[u8], remove: impl Fn(&[u8]) -> bool) -> Option<Vec<u8>> {
    without_pairs(value, |name, _| remove(name))
}

/// The same, where values decide as well.
pub fn without_pairs(value: &[u8], remove: impl Fn(&[u8], &[u8]) -> bool) -> Option<Vec<u8>> {
    let mut kept = Vec::with_capacity(value.len());
    for pair in value.split(|byte| *byte == b';').map(<[u8]>::trim_ascii) {
        let end = memchr::memchr(b'=', pair).unwrap_or(pair.len());
        let (name, value) = pair.split_at_checked(end).unwrap_or((pair, &[]));
        let value = value.get(1..).unwrap_or_default();
        if pair.is_empty() || remove(name.trim_ascii(), value.trim_ascii()) {
            continue;
        }
        if !kept.is_empty() {
            kept.extend_from_slice(b"; ");
        }
        kept.extend_from_slice(pair);
    }
    (!kept.is_empty()).then_some(kept)
}

fn pairs(value: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    let mut start = 0;
    let ends = memchr::memchr_iter(b';', value).chain([value.len()]);
    let pairs = ends.map(move |end| {
        let pair = value.get(start..end).unwrap_or_default();
        start = end + 1;
        pair
    });
    pairs.filter_map(|pair| {
        let at = memchr::memchr(b'=', pair)?;
        let (name, value) = pair.split_at_checked(at)?;
        Some((name.trim_ascii(), value.get(1..)?.trim_ascii()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find_in<'a>(value: &'a str, name: &str) -> Found<'a> {
        find([value.as_bytes()], name.as_bytes())
    }

    #[test]
    fn one_cookie_is_found_among_others() {
        assert_eq!(find_in("a=1; symbolon=x=y; b=2", "symbolon"), Found::One(b"x=y"));
        assert_eq!(find_in("a=1;symbolon=x", "symbolon"), Found::One(b"x"));
    }

    #[test]
    fn two_of_a_name_are_worth_none() {
        assert_eq!(find_in("s=1; s=1", "s"), Found::Several);
        assert_eq!(find([b"s=1".as_slice(), b"s=2"], b"s"), Found::Several);
    }

    #[test]
    fn another_spelling_is_another_cookie() {
        assert_eq!(find_in("__HOST-s=1; S=2; s_=3; s", "s"), Found::None);
    }

    #[test]
    fn the_others_are_kept_as_they_were() {
        let kept = without(b"a=1; s=secret;b=2 ; s=again", |name| name == b"s");
        assert_eq!(kept.as_deref(), Some(b"a=1; b=2".as_slice()));
        assert_eq!(without(b"s=1", |name| name == b"s"), None);
        let kept = without_pairs(b"a=1; b=x ;x;c=x=x", |_, value| value == b"x");
        assert_eq!(kept.as_deref(), Some(b"a=1; x; c=x=x".as_slice()));
    }
}
