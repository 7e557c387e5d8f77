//! A refusal as a response.

mod form;

use std::fmt::Write as _;

use bytes::Bytes;
use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use http::{Response, StatusCode, Version};

use super::{Reason, Rejection, StepUp, Unauthenticated};
use crate::authenticator::{Failed, Refusal};
use crate::grpc;
use crate::limit;

pub(crate) use form::Form;

/// How the page looks, in the colours of the log-in pages.
const STYLE: &str = include_str!("page.css");

/// What the rendering needs to know of the request.
pub(crate) struct Audience<'a> {
    /// The id that ties answer and log together.
    pub(crate) request_id: &'a str,
    /// What the caller can read.
    pub(crate) form: Form,
    /// The version of HTTP in which it asked.
    pub(crate) version: Version,
    /// Where to log in.
    pub(crate) login_path: &'a str,
    /// `Set-Cookie` that forgets the session cookie.
    pub(crate) forget_cookie: &'a HeaderValue,
}

impl Rejection {
    /// The response that says so.
    pub(crate) fn render(&self, audience: &Audience<'_>) -> Response<Bytes> {
        let (status, code, text) = self.reason.row();
        if audience.form == Form::Grpc {
            return self.render_for_grpc(status, text);
        }
        if let Reason::RefusedOutside(_, refusal) = &self.reason
            && let Some(body) = &refusal.body
        {
            return refusal.render(body.clone());
        }
        let mut headers = HeaderMap::with_capacity(10);
        set(&mut headers, header::CACHE_CONTROL, "no-store");
        set(&mut headers, header::X_CONTENT_TYPE_OPTIONS, "nosniff");
        set(&mut headers, header::REFERRER_POLICY, "no-referrer");
        set(
            &mut headers,
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'",
        );
        self.add_reason_headers(&mut headers, audience);
        if self.clear_cookie {
            headers.insert(header::SET_COOKIE, audience.forget_cookie.clone());
        }
        let body = if status.is_redirection() {
            Bytes::new()
        } else if audience.form == Form::Page {
            set(&mut headers, header::CONTENT_TYPE, "text/html; charset=utf-8");
            page(status, text, audience.request_id)
        } else {
            set(&mut headers, header::CONTENT_TYPE, "application/problem+json");
            problem(status, (code, text), self.reason.failed(), audience.request_id)
        };
        let mut response = Response::new(body);
        *response.status_mut() = status;
        *response.headers_mut() = headers;
        response
    }

    /// An answer that consists of trailers only, which are its head: gRPC says how a call ended
    /// there, and 200 is the status of every call that was understood.
    fn render_for_grpc(&self, status: StatusCode, text: &'static str) -> Response<Bytes> {
        let code = match self.reason {
            Reason::DeadlineExceeded => grpc::Code::DeadlineExceeded,
            _ => grpc::code_of(status),
        };
        let mut response = Response::new(Bytes::new());
        let headers = response.headers_mut();
        set(headers, header::CONTENT_TYPE, "application/grpc");
        headers.insert(grpc::STATUS, code.to_header());
        // Our texts hold nothing that would have to be percent-encoded.
        set(headers, grpc::MESSAGE, text);
        response
    }

    fn add_reason_headers(&self, headers: &mut HeaderMap, audience: &Audience<'_>) {
        match &self.reason {
            Reason::MethodNotAllowed(allowed) => {
                insert(headers, header::ALLOW, &allowed.to_string());
            }
            Reason::NoCredentials(said) | Reason::BadCredentials(said) => said.challenge(headers),
            // RFC 6750 section 3.1; scopes are words without quotes.
            Reason::InsufficientScope(scopes) => insert(
                headers,
                header::WWW_AUTHENTICATE,
                &format!(
                    "Bearer realm=\"symbolon\", error=\"insufficient_scope\", scope=\"{scopes}\""
                ),
            ),
            Reason::StepUp(step_up) => {
                insert(headers, header::WWW_AUTHENTICATE, &step_up.challenge());
            }
            Reason::LogIn(query) => {
                insert(headers, header::LOCATION, &format!("{}{query}", audience.login_path));
            }
            Reason::ToHttps(location) => insert(headers, header::LOCATION, location),
            Reason::RateLimited(quotas) => limit::retry_after(headers, quotas),
            Reason::RefusedOutside(_, refusal) => refusal.add_headers(headers),
            Reason::Throttled(seconds) => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from(*seconds));
            }
            Reason::Unavailable | Reason::Crowded(_) | Reason::Overloaded => {
                set(headers, header::RETRY_AFTER, "1");
            }
            // RFC 9112 section 6.3: nobody knows where the next request would begin.
            Reason::Malformed if audience.version < Version::HTTP_2 => {
                set(headers, header::CONNECTION, "close");
            }
            _ => {}
        }
    }
}

impl StepUp {
    /// RFC 9470 section 3; classes are words without quotes.
    fn challenge(&self) -> String {
        let mut text =
            "Bearer realm=\"symbolon\", error=\"insufficient_user_authentication\"".to_owned();
        if let Some(acr) = &self.acr {
            // Writing to a string cannot fail.
            let _ = write!(text, ", acr_values=\"{acr}\"");
        }
        if let Some(seconds) = self.max_age {
            let _ = write!(text, ", max_age=\"{seconds}\"");
        }
        text
    }
}

impl Unauthenticated {
    /// Says what is asked for; of the scheme that failed, also why (RFC 6750 section 3.1: no error
    /// code where no credential was sent).
    fn challenge(&self, headers: &mut HeaderMap) {
        for challenge in &*self.challenges {
            let failed = self.failed.as_ref().filter(|failed| failed.challenge == *challenge);
            let params = failed.and_then(|failed| failed.failure.params.as_deref());
            let value = match params {
                Some(params) => HeaderValue::try_from(format!("{challenge}, {params}")),
                None => Ok(HeaderValue::from_static(challenge)),
            };
            headers.append(
                header::WWW_AUTHENTICATE,
                value.unwrap_or_else(|_| HeaderValue::from_static(challenge)),
            );
        }
    }
}

impl Refusal {
    /// The answer of somebody else as a whole; only that it is not kept is ours.
    fn render(&self, body: Bytes) -> Response<Bytes> {
        let mut response = Response::new(body);
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        set(headers, header::CACHE_CONTROL, "no-store");
        set(headers, header::X_CONTENT_TYPE_OPTIONS, "nosniff");
        self.add_headers(headers);
        response
    }

    /// A 401 always asks for something (RFC 9110 section 15.5.2).
    fn add_headers(&self, headers: &mut HeaderMap) {
        for (name, value) in &self.headers {
            headers.append(name.clone(), value.clone());
        }
        if self.status == StatusCode::UNAUTHORIZED
            && !headers.contains_key(header::WWW_AUTHENTICATE)
        {
            set(headers, header::WWW_AUTHENTICATE, "Bearer realm=\"symbolon\"");
        }
    }
}

impl Reason {
    /// The credential that is not good.
    pub(crate) fn failed(&self) -> Option<&Failed> {
        match self {
            Self::BadCredentials(said) | Self::NoCredentials(said) => said.failed.as_ref(),
            _ => None,
        }
    }
}

fn set(headers: &mut HeaderMap, name: HeaderName, value: &'static str) {
    headers.insert(name, HeaderValue::from_static(value));
}

fn insert(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    // The values are made of canonical paths and method names, which are always printable ASCII.
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

/// RFC 9457; the request id is drawn from an alphabet that needs no escaping, as are codes and the
/// names of authenticators.
fn problem(
    status: StatusCode,
    (code, text): (&str, &str),
    failed: Option<&Failed>,
    request_id: &str,
) -> Bytes {
    let failed = failed.map_or_else(String::new, |failed| {
        format!(
            "\"authenticator\":\"{}\",\"reason\":\"{}\",",
            failed.authenticator, failed.failure.code
        )
    });
    Bytes::from(format!(
        "{{\"type\":\"about:blank\",\"title\":\"{}\",\"status\":{},\"code\":\"{code}\",\
         \"detail\":\"{text}\",{failed}\"request_id\":\"{request_id}\"}}\n",
        status.canonical_reason().unwrap_or("Error"),
        status.as_u16(),
    ))
}

/// A small page of one's own: no script, nothing from elsewhere.
fn page(status: StatusCode, text: &str, request_id: &str) -> Bytes {
    let title = status.canonical_reason().unwrap_or("Error");
    let number = status.as_u16();
    Bytes::from(format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <title>{title}</title><style>{STYLE}</style></head>\
         <body><main id=\"error\"><p class=\"status\">{number}</p><h1>{title}</h1><p>{text}</p>\
         <p><a href=\"/\">To the front page</a></p><small>Request {request_id}</small>\
         </main></body></html>\n",
    ))
}
