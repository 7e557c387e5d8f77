//! A target as `http` takes it.

use std::borrow::Cow;

/// Path and query. Clients send `"` in queries, and [`http::Uri`] refuses it there: escaped it means
/// the same (RFC 3986 section 2.1).
pub(super) fn target(text: &str) -> Cow<'_, str> {
    if memchr::memchr(b'"', text.as_bytes()).is_none() {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.replace('"', "%22"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::canonical;

    #[test]
    fn whatever_query_is_taken_makes_a_uri() {
        for byte in 0..=127_u8 {
            let query = format!("a={}", char::from(byte));
            if canonical::query_is_clean(&query) {
                let uri: Result<http::Uri, _> = target(&format!("/x?{query}")).parse();
                assert!(uri.is_ok(), "{query}: {uri:?}");
            }
        }
        assert_eq!(target("/x?a=\"b\"&c"), "/x?a=%22b%22&c");
    }
}
