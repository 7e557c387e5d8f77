//! What never leaves in an answer: internal headers, the internal token wherever in a header it
//! is echoed, and cookies of our own name that a service made up.

use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use memchr::memmem;
use smallvec::SmallVec;
use symbolon_core::cookie::is_of_session;

/// Removes trailers in which the internal token is echoed.
pub(crate) fn conceal_trailers(trailers: &mut HeaderMap, internal_token: &str) {
    let leaking: SmallVec<[HeaderName; 4]> = trailers
        .iter()
        .filter(|(_, value)| leaks(value, Some(internal_token)))
        .map(|(name, _)| name.clone())
        .collect();
    for name in leaking {
        trailers.remove(name);
    }
}

/// Removes all of that.
pub(super) fn conceal(headers: &mut HeaderMap, internal_token: Option<&str>, session_cookie: &str) {
    let leaking: SmallVec<[HeaderName; 4]> = headers
        .iter()
        .filter(|(name, value)| is_internal(name) || leaks(value, internal_token))
        .map(|(name, _)| name.clone())
        .collect();
    for name in leaking {
        headers.remove(name);
    }
    if headers.contains_key(header::SET_COOKIE) {
        drop_our_cookies(headers, session_cookie);
    }
}

fn is_internal(name: &HeaderName) -> bool {
    let name = name.as_str();
    name.starts_with("symbolon") || name == "authorization" || name == "proxy-authorization"
}

/// Whether the token, or the signed part of it that could be completed, stands in a value.
fn leaks(value: &HeaderValue, internal_token: Option<&str>) -> bool {
    let Some(token) = internal_token else {
        return false;
    };
    let value = value.as_bytes();
    if value.len() < token.len() / 4 {
        return false;
    }
    token.split('.').skip(1).any(|part| memmem::find(value, part.as_bytes()).is_some())
}

fn drop_our_cookies(headers: &mut HeaderMap, session_cookie: &str) {
    let keeps = |value: &&HeaderValue| {
        // A browser sends a cookie without a name as its bare value, which could read as ours.
        let mut parts = value.as_bytes().splitn(2, |byte| *byte == b'=').map(<[u8]>::trim_ascii);
        let (name, rest) = (parts.next().unwrap_or_default(), parts.next());
        rest.is_some() && !name.is_empty() && !is_of_session(name, session_cookie)
    };
    let kept: Vec<HeaderValue> =
        headers.get_all(header::SET_COOKIE).iter().filter(keeps).cloned().collect();
    headers.remove(header::SET_COOKIE);
    for value in kept {
        headers.append(header::SET_COOKIE, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str = "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.c2lnbmF0dXJlc2lnbmF0dXJl";

    fn after(rows: &[(&str, &str)]) -> Vec<String> {
        let mut headers = HeaderMap::new();
        for (name, value) in rows {
            headers.append(HeaderName::try_from(*name).unwrap(), value.parse().unwrap());
        }
        conceal(&mut headers, Some(TOKEN), "__Host-symbolon");
        headers.iter().map(|(name, value)| format!("{name}: {}", value.to_str().unwrap())).collect()
    }

    #[test]
    fn the_internal_token_is_found_wherever_it_is_echoed() {
        let link = format!("</x?t={TOKEN}>");
        let part = "x eyJzdWIiOiJhbGljZSJ9 and more to make it long enough";
        assert_eq!(after(&[("link", &link), ("x-part", part), ("x-ok", "fine")]), ["x-ok: fine"]);
    }

    #[test]
    fn internal_headers_do_not_leave() {
        assert!(after(&[("symbolon-debug", "1"), ("authorization", "x")]).is_empty());
    }

    #[test]
    fn a_service_cannot_set_our_cookie_in_any_spelling() {
        let ours = [
            "nameless",
            "__Host-symbolon=x",
            "symbolon=x",
            "__HOST-Symbolon=x; Path=/",
            " symbolon =x",
            "=symbolon=x",
        ];
        for cookie in ours {
            assert!(after(&[("set-cookie", cookie)]).is_empty(), "{cookie}");
        }
        let theirs = [("set-cookie", "a=1"), ("set-cookie", "symbolon=x"), ("set-cookie", "b=2")];
        assert_eq!(after(&theirs), ["set-cookie: a=1", "set-cookie: b=2"]);
    }
}
