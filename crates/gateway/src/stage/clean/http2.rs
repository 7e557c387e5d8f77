//! What a request of HTTP/2 has to be besides (RFC 9113 section 8), so that what is sent on as
//! HTTP/1.1 cannot mean something else there.
//!
//! The frame layer has refused malformed pseudo-headers and names in upper case by now. What is
//! checked here again does not depend on that layer.

use http::header::{self, HeaderMap, HeaderValue};

use super::malformed;
use crate::config::Limits;
use crate::hop_by_hop;
use crate::rejection::{Reason, Rejection};

/// Checks the fields and joins the cookies.
pub(super) fn check(headers: &mut HeaderMap, limits: &Limits) -> Result<(), Rejection> {
    join_cookies(headers);
    if headers.len() > limits.header_count {
        return Err(Rejection::new(Reason::HeadTooLarge, "number of fields"));
    }
    for (name, value) in &*headers {
        // Section 8.2.2: what concerns a connection is not said in fields.
        if is_of_connection(name.as_str(), value) {
            return Err(malformed(format!("`{name}` in HTTP/2")));
        }
        // Section 8.2.1: other parsers would read the value without it.
        if value.as_bytes().trim_ascii().len() != value.len() {
            return Err(malformed("white space around a value"));
        }
    }
    Ok(())
}

/// `te` may say that trailers are welcome; `trailer` announces some and concerns nobody else.
fn is_of_connection(name: &str, value: &HeaderValue) -> bool {
    match name {
        "te" => !value.as_bytes().eq_ignore_ascii_case(b"trailers"),
        "trailer" | "proxy-authorization" | "proxy-authenticate" => false,
        "http2-settings" => true,
        name => hop_by_hop::is_hop_by_hop(name),
    }
}

/// Cookies may come in several fields, which are one outside of HTTP/2 (section 8.2.3).
fn join_cookies(headers: &mut HeaderMap) {
    let mut cookies = headers.get_all(header::COOKIE).iter();
    if cookies.next().is_none() || cookies.next().is_none() {
        return;
    }
    let crumbs = headers.get_all(header::COOKIE).iter().map(HeaderValue::as_bytes);
    let joined = crumbs.collect::<Vec<_>>().join(&b"; "[..]);
    // Every part was a value already, and so is the separator.
    if let Ok(mut joined) = HeaderValue::from_bytes(&joined) {
        joined.set_sensitive(true);
        headers.insert(header::COOKIE, joined);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(rows: &[(&'static str, &str)]) -> Result<HeaderMap, Rejection> {
        let mut headers = HeaderMap::new();
        for (name, value) in rows {
            headers.append(*name, HeaderValue::from_str(value).unwrap());
        }
        check(&mut headers, &Limits::default()).map(|()| headers)
    }

    #[test]
    fn cookies_in_several_fields_are_one() {
        let headers = checked(&[("cookie", "a=1"), ("x", "y"), ("cookie", "b=2; c=3")]).unwrap();
        let cookies: Vec<_> = headers.get_all("cookie").iter().collect();
        assert_eq!(cookies, ["a=1; b=2; c=3"]);
    }

    #[test]
    fn what_concerns_a_connection_is_refused() {
        let wrong = [
            ("connection", "close"),
            ("keep-alive", "timeout=5"),
            ("proxy-connection", "close"),
            ("transfer-encoding", "chunked"),
            ("upgrade", "websocket"),
            ("http2-settings", "AAMAAABk"),
            ("te", "gzip"),
            ("te", "trailers, gzip"),
            ("x", " padded"),
            ("x", "padded "),
        ];
        for row in wrong {
            assert_eq!(checked(&[row]).unwrap_err().reason, Reason::Malformed, "{row:?}");
        }
        for row in [("te", "trailers"), ("trailer", "grpc-status"), ("x", "y z")] {
            assert!(checked(&[row]).is_ok(), "{row:?}");
        }
    }

    #[test]
    fn fields_are_counted_with_all_cookies_as_one() {
        let many: Vec<_> = (0..200).map(|_| ("cookie", "a=1")).collect();
        assert!(checked(&many).is_ok());
        let many: Vec<_> = (0..101).map(|_| ("x-a", "1")).collect();
        assert_eq!(checked(&many).unwrap_err().reason, Reason::HeadTooLarge);
    }
}
