//! Parameters of a query: read, and taken out without touching the others.

use std::borrow::Cow;

/// Names and values, decoded.
pub(crate) fn parameters(
    query: Option<&str>,
) -> impl Iterator<Item = (Cow<'_, str>, Cow<'_, str>)> {
    let pairs = query.unwrap_or_default().split('&').filter(|pair| !pair.is_empty());
    pairs.map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (decoded(name), decoded(value))
    })
}

/// The values of a parameter, decoded. Names are compared decoded.
pub(crate) fn values<'a>(
    query: Option<&'a str>,
    name: &'a str,
) -> impl Iterator<Item = Cow<'a, str>> {
    parameters(query).filter(move |(other, _)| *other == *name).map(|(_, value)| value)
}

/// Whether two readers could take different values for a parameter, or one of them none: because it
/// comes twice, where its value matters, or because some split the query at `;` as well.
pub(crate) fn is_ambiguous(query: Option<&str>, name: &str, by_value: bool) -> bool {
    let (mut whole, mut within) = (0_usize, 0_usize);
    for pair in query.unwrap_or_default().split('&') {
        let is_split = pair.contains(';');
        for piece in pair.split(';') {
            let its = piece.split_once('=').map_or(piece, |(name, _)| name);
            if !piece.is_empty() && decoded(its) == name {
                *if is_split { &mut within } else { &mut whole } += 1;
            }
        }
    }
    if by_value { within > 0 || whole > 1 } else { within > 0 && whole == 0 }
}

/// The query without some parameters; order and spelling of the others stay. `None` where there is
/// nothing to take out.
pub(crate) fn without(query: &str, is_removed: impl Fn(&str) -> bool) -> Option<String> {
    let is_kept = |pair: &&str| {
        let name = pair.split_once('=').map_or(*pair, |(name, _)| name);
        !is_removed(&decoded(name))
    };
    let kept: Vec<&str> = query.split('&').filter(is_kept).collect();
    (kept.len() < query.split('&').count()).then(|| kept.join("&"))
}

/// As forms are encoded (WHATWG URL, 5.1); what is no escape stays as it is.
pub(crate) fn decoded(text: &str) -> Cow<'_, str> {
    if !text.bytes().any(|byte| matches!(byte, b'%' | b'+')) {
        return Cow::Borrowed(text);
    }
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((byte, after)) = rest.split_first() {
        rest = after;
        match (byte, after.split_at_checked(2)) {
            (b'%', Some((digits, behind))) if let Some(value) = hex(digits) => {
                out.push(value);
                rest = behind;
            }
            (b'+', _) => out.push(b' '),
            (byte, _) => out.push(*byte),
        }
    }
    Cow::Owned(String::from_utf8_lossy(&out).into_owned())
}

fn hex(digits: &[u8]) -> Option<u8> {
    let text = std::str::from_utf8(digits).ok()?;
    let is_hex = text.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_hex.then(|| u8::from_str_radix(text, 16).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_two_readers_could_read_in_two_ways_is_ambiguous() {
        for (query, by_value, by_presence) in [
            ("format=full", false, false),
            ("x=1&format=full&y", false, false),
            ("", false, false),
            ("formats=a&formats=b", false, false),
            ("x=1;y=format", false, false),
            ("format=%3B", false, false),
            ("format=a&format=a", true, false),
            ("format&format=", true, false),
            ("f%6Frmat=a&format=b", true, false),
            ("x=1;format=a", true, true),
            ("format=a;x", true, true),
            ("x;f%6frmat", true, true),
            ("format=a&x;format=a", true, false),
        ] {
            let said = |by_value| is_ambiguous(Some(query), "format", by_value);
            assert_eq!((said(true), said(false)), (by_value, by_presence), "{query}");
        }
        assert!(is_ambiguous(Some("a+b=1&a%20b=1"), "a b", true));
        assert!(!is_ambiguous(None, "a", true));
    }

    #[test]
    fn the_others_stay_as_they_are() {
        let without = |query| without(query, |name| name == "api key");
        assert_eq!(
            without("b=%41&api+key=x&a=1&a=+2&api%20key"),
            Some("b=%41&a=1&a=+2".to_owned())
        );
        assert_eq!(without("a=1&b"), None);
        assert_eq!(without("api+key=x"), Some(String::new()));
    }
}
