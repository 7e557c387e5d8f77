//! What a request of HTTP/2 has to be besides (RFC 9113 section 8), so that what is sent on as
//! HTTP/1.1 cannot mean something else there.
//!
//! The frame layer has refused malformed pseudo-headers and names in upper case by now. What is
//! checked here again does not depend on that layer.

use super::malformed;
use crate::config::Limits;
use crate::fields::Fields;
use crate::hop_by_hop;
use crate::rejection::{Reason, Rejection};

/// Checks the fields and joins the cookies.
pub(super) fn check(fields: &mut Fields, limits: &Limits) -> Result<(), Rejection> {
    join_cookies(fields);
    if fields.len() > limits.header_count {
        return Err(Rejection::new(Reason::HeadTooLarge, "number of fields"));
    }
    for (name, value) in fields.iter() {
        // Section 8.2.2: what concerns a connection is not said in fields.
        if is_of_connection(name, value) {
            return Err(malformed(format!("`{}` in HTTP/2", String::from_utf8_lossy(name))));
        }
        // Section 8.2.1: other parsers would read the value without it.
        if value.trim_ascii().len() != value.len() {
            return Err(malformed("white space around a value"));
        }
    }
    Ok(())
}

/// `te` may say that trailers are welcome; `trailer` announces some and concerns nobody else.
fn is_of_connection(name: &[u8], value: &[u8]) -> bool {
    match name {
        b"te" => !value.eq_ignore_ascii_case(b"trailers"),
        b"trailer" | b"proxy-authorization" | b"proxy-authenticate" => false,
        b"http2-settings" => true,
        name => hop_by_hop::is_hop_by_hop(name),
    }
}

/// Cookies may come in several fields, which are one outside of HTTP/2 (section 8.2.3).
fn join_cookies(fields: &mut Fields) {
    if fields.get_all("cookie").nth(1).is_none() {
        return;
    }
    let joined = fields.get_all("cookie").collect::<Vec<_>>().join(&b"; "[..]);
    fields.retain(|_, name, _| name != b"cookie");
    fields.append("cookie", &joined);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(rows: &[(&str, &str)]) -> Result<Fields, Rejection> {
        let mut fields = rows.iter().copied().collect();
        check(&mut fields, &Limits::default()).map(|()| fields)
    }

    #[test]
    fn cookies_in_several_fields_are_one() {
        let fields = checked(&[("cookie", "a=1"), ("x", "y"), ("cookie", "b=2; c=3")]).unwrap();
        let cookies: Vec<_> = fields.get_all("cookie").collect();
        assert_eq!(cookies, [b"a=1; b=2; c=3"]);
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
