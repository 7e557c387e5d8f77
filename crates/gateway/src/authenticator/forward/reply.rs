//! The answer of a service whose status says it: 2xx is yes, 401, 403 and 3xx are no, and
//! whatever else there is, is no answer.

use http::StatusCode;

use super::judged::{self, Judged};
use crate::authenticator::http_client::Reply;
use crate::config::authenticators::forward::Forward;

/// Judges an answer.
pub(super) fn judge(reply: Reply, wanted: &Forward) -> Judged {
    let Reply { status, headers, body } = reply;
    match status {
        status if status.is_success() => judged::allowed(&headers, wanted),
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
            judged::refused(status, &headers, body, wanted)
        }
        status if status.is_redirection() => judged::refused(status, &headers, body, wanted),
        status => Err(format!("the service answered {}", status.as_u16())),
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::header::{HeaderMap, HeaderName, HeaderValue};

    use super::*;
    use crate::authenticator::forward::testing::settings;

    fn reply(status: u16, headers: &[(&'static str, &'static str)]) -> Reply {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        let status = StatusCode::from_u16(status).unwrap();
        Reply { status, headers: map, body: Bytes::from_static(b"no entry") }
    }

    #[test]
    fn only_what_is_listed_comes_back() {
        let yes = reply(
            204,
            &[
                ("x-user", "alice"),
                ("x-roles", "customer, admin"),
                ("x-tenant", "a"),
                ("x-tenant", "b"),
                ("x-else", "c"),
            ],
        );
        let allowed = judge(yes, &settings()).unwrap().unwrap();
        assert_eq!(allowed.subject.as_deref(), Some("alice"));
        assert_eq!(allowed.roles, ["customer", "admin"]);
        let headers: Vec<_> = allowed
            .headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.to_str().unwrap()))
            .collect();
        assert_eq!(headers, [("x-tenant", "a"), ("x-tenant", "b")]);
        let no =
            reply(401, &[("www-authenticate", "Custom"), ("x-tenant", "a"), ("set-cookie", "b")]);
        let refused = judge(no, &settings()).unwrap().unwrap_err();
        assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
        assert_eq!(refused.headers.len(), 1);
        assert_eq!(refused.headers[0].0, "www-authenticate");
        assert_eq!(refused.body, None);
    }

    #[test]
    fn whatever_is_neither_yes_nor_no_is_no_answer() {
        for status in [100, 400, 404, 407, 418, 429, 500, 502, 503] {
            assert!(judge(reply(status, &[("x-user", "alice")]), &settings()).is_err(), "{status}");
        }
        let rows: [&[(&str, &str)]; 5] = [
            &[],
            &[("x-user", "")],
            &[("x-user", "alice"), ("x-user", "bob")],
            &[("x-user", "al\tice")],
            &[("x-user", "alice"), ("x-tenant", "a\tb")],
        ];
        for headers in rows {
            assert!(judge(reply(200, headers), &settings()).is_err(), "{headers:?}");
        }
    }

    #[test]
    fn a_redirect_leads_somewhere() {
        let to = reply(302, &[("location", "https://login.example/")]);
        assert_eq!(judge(to, &settings()).unwrap().unwrap_err().status, 302);
        assert!(judge(reply(302, &[]), &settings()).is_err());
    }
}
