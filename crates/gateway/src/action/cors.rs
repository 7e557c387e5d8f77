//! What pages of other origins may do with a route (Fetch, "CORS protocol").
//!
//! 1. A preflight is answered here, before anybody is authenticated: it never carries credentials.
//! 2. Every answer of the route says it, refusals included, so that a page can read why.
//! 3. `Vary: Origin` stands on every answer that differs by origin, also where there is none. What is
//!    for all is the same for all, so `*` stands on every answer, also for a cache that asks without
//!    an origin (Fetch, "CORS protocol and HTTP caches").
//! 4. The file decides, not the service: its own `Access-Control-*` headers are replaced.

use std::time::Duration;

use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use http::{Method, Response, StatusCode};

use super::origin::OriginPattern;
use crate::body::GatewayBody;
use crate::fields::{Fields, as_text};
use crate::pattern::MethodSet;
use crate::vary::vary;

/// What pages of some origins may do.
#[derive(Clone, Debug, Default)]
pub struct Cors {
    /// Which origins; `None` for any, without credentials.
    origins: Option<Vec<OriginPattern>>,
    credentials: bool,
    methods: Option<HeaderValue>,
    headers: Option<HeaderValue>,
    expose: Option<HeaderValue>,
    max_age: Option<HeaderValue>,
}

/// Why pages of other origins cannot be told so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CorsError {
    /// Any page of the web could act in the name of whoever looks at it.
    #[error("`*` is refused together with `credentials: true`")]
    AnyWithCredentials,
    /// `*` beside something.
    #[error("`*` stands for all, so it stands alone")]
    NotAlone,
    /// Not the name of a header.
    #[error("not the name of a header")]
    Name,
    /// Internal to the system.
    #[error("it is internal to this system")]
    Internal,
}

/// The headers that only this room writes.
const OURS: [HeaderName; 6] = [
    header::ACCESS_CONTROL_ALLOW_ORIGIN,
    header::ACCESS_CONTROL_ALLOW_CREDENTIALS,
    header::ACCESS_CONTROL_ALLOW_METHODS,
    header::ACCESS_CONTROL_ALLOW_HEADERS,
    header::ACCESS_CONTROL_MAX_AGE,
    header::ACCESS_CONTROL_EXPOSE_HEADERS,
];

/// The method that a preflight asks about; `None` where the request is no preflight.
pub(crate) fn preflight(method: &Method, fields: &Fields) -> Option<Method> {
    if method != Method::OPTIONS || !fields.contains(header::ORIGIN) {
        return None;
    }
    Method::from_bytes(fields.get(header::ACCESS_CONTROL_REQUEST_METHOD)?).ok()
}

impl Cors {
    /// For pages of these origins; `None` for any, and then without credentials.
    ///
    /// # Errors
    /// Any origin with credentials.
    pub fn new(origins: Option<Vec<OriginPattern>>, credentials: bool) -> Result<Self, CorsError> {
        if origins.is_none() && credentials {
            return Err(CorsError::AnyWithCredentials);
        }
        Ok(Self { origins, credentials, ..Self::default() })
    }

    /// They may use these methods, and remember that for so long.
    pub fn allow_methods(&mut self, methods: MethodSet, max_age: Duration) {
        self.methods = HeaderValue::from_str(&methods.to_string()).ok();
        self.max_age = Some(HeaderValue::from(max_age.as_secs()));
    }

    /// They may send these headers besides the usual ones; `*` for all.
    ///
    /// # Errors
    /// What is no such header.
    pub fn allow_headers(&mut self, names: &[&str]) -> Result<(), CorsError> {
        self.headers = self.names(names)?;
        Ok(())
    }

    /// They may read these headers besides the usual ones; `*` for all.
    ///
    /// # Errors
    /// What is no such header.
    pub fn expose_headers(&mut self, names: &[&str]) -> Result<(), CorsError> {
        self.expose = self.names(names)?;
        Ok(())
    }

    fn names(&self, names: &[&str]) -> Result<Option<HeaderValue>, CorsError> {
        for name in names {
            match *name {
                // To browsers it is then the name of a header.
                "*" if self.credentials => return Err(CorsError::AnyWithCredentials),
                "*" if names.len() > 1 => return Err(CorsError::NotAlone),
                "*" => {}
                name => match HeaderName::try_from(name).map_err(|_| CorsError::Name)? {
                    name if name.as_str().starts_with("symbolon") => {
                        return Err(CorsError::Internal);
                    }
                    _ => {}
                },
            }
        }
        Ok(HeaderValue::from_str(&names.join(", ")).ok().filter(|value| !value.is_empty()))
    }

    /// Whether pages of the origin that a request names may use the route.
    pub(crate) fn admits(&self, fields: &Fields) -> bool {
        self.allowed(fields.only(header::ORIGIN)).is_some()
    }

    /// The answer to a preflight of an origin that is admitted.
    pub(crate) fn answer_preflight(&self) -> Response<GatewayBody> {
        let mut response = Response::new(GatewayBody::empty());
        *response.status_mut() = StatusCode::NO_CONTENT;
        let rows = [
            (header::ACCESS_CONTROL_ALLOW_METHODS, &self.methods),
            (header::ACCESS_CONTROL_ALLOW_HEADERS, &self.headers),
            (header::ACCESS_CONTROL_MAX_AGE, &self.max_age),
        ];
        for (name, value) in rows {
            if let Some(value) = value {
                response.headers_mut().insert(name, value.clone());
            }
        }
        for asked in ["access-control-request-method", "access-control-request-headers"] {
            vary(response.headers_mut(), asked);
        }
        response
    }

    /// Writes on an answer what the origin of the request may do with it.
    pub(crate) fn dress(&self, request: &Fields, is_preflight: bool, answer: &mut HeaderMap) {
        // A preflight's own headers were written by `answer_preflight`.
        let kept: &[HeaderName] = if is_preflight {
            &[
                header::ACCESS_CONTROL_ALLOW_METHODS,
                header::ACCESS_CONTROL_ALLOW_HEADERS,
                header::ACCESS_CONTROL_MAX_AGE,
            ]
        } else {
            &[]
        };
        for name in OURS.iter().filter(|name| !kept.contains(name)) {
            answer.remove(name);
        }
        if self.origins.is_some() {
            vary(answer, "origin");
        }
        let Some(allowed) = self.allowed(request.only(header::ORIGIN)) else { return };
        answer.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, allowed);
        if self.credentials {
            let yes = HeaderValue::from_static("true");
            answer.insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, yes);
        }
        if let (Some(expose), false) = (&self.expose, is_preflight) {
            answer.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, expose.clone());
        }
    }

    /// The value of `Access-Control-Allow-Origin` for an origin.
    fn allowed(&self, origin: Option<&[u8]>) -> Option<HeaderValue> {
        let Some(origins) = &self.origins else {
            return Some(HeaderValue::from_static("*"));
        };
        let text = as_text(origin?)?;
        let is_listed = origins.iter().any(|pattern| pattern.matches(text));
        is_listed.then(|| HeaderValue::from_str(text).ok()).flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cors(origins: &[&str], credentials: bool) -> Cors {
        let origins = origins.iter().map(|origin| OriginPattern::parse(origin).unwrap()).collect();
        Cors::new(Some(origins), credentials).unwrap()
    }

    fn dressed(cors: &Cors, origin: Option<&'static str>) -> HeaderMap {
        let request = origin.map(|origin| ("origin", origin)).into_iter().collect();
        let mut answer = HeaderMap::new();
        answer.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
        answer.insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
        cors.dress(&request, false, &mut answer);
        answer
    }

    #[test]
    fn only_an_allowed_origin_is_told_that_it_is() {
        let cors = cors(&["https://app.example"], false);
        let answer = dressed(&cors, Some("https://app.example"));
        assert_eq!(answer.get("access-control-allow-origin").unwrap(), "https://app.example");
        assert!(!answer.contains_key("access-control-allow-credentials"), "the service's own");
        for other in [Some("https://evil.example"), Some("null"), None] {
            let answer = dressed(&cors, other);
            assert!(!answer.contains_key("access-control-allow-origin"), "{other:?}");
            assert_eq!(answer.get("vary").unwrap(), "origin", "{other:?}");
        }
    }

    #[test]
    fn everybody_with_credentials_does_not_load() {
        assert_eq!(Cors::new(None, true).unwrap_err(), CorsError::AnyWithCredentials);
        let mut with = cors(&["https://app.example"], true);
        assert_eq!(with.allow_headers(&["*"]), Err(CorsError::AnyWithCredentials));
        let mut without = cors(&["https://app.example"], false);
        assert_eq!(without.allow_headers(&["*"]), Ok(()));
        assert_eq!(without.allow_headers(&["*", "x-a"]), Err(CorsError::NotAlone));
        assert_eq!(without.expose_headers(&["Symbolon-Session"]), Err(CorsError::Internal));
    }

    #[test]
    fn two_origins_are_none() {
        let cors = cors(&["https://app.example"], true);
        let both = [("origin", "https://app.example"), ("origin", "https://evil.example")];
        assert!(!cors.admits(&both.into_iter().collect()));
    }

    #[test]
    fn a_preflight_is_options_with_an_origin_and_a_method() {
        let headers = |rows: &[(&str, &str)]| rows.iter().copied().collect::<Fields>();
        let full = headers(&[("origin", "x"), ("access-control-request-method", "PUT")]);
        assert_eq!(preflight(&Method::OPTIONS, &full), Some(Method::PUT));
        assert_eq!(preflight(&Method::GET, &full), None);
        assert_eq!(preflight(&Method::OPTIONS, &headers(&[("origin", "x")])), None);
        let without = headers(&[("access-control-request-method", "PUT")]);
        assert_eq!(preflight(&Method::OPTIONS, &without), None);
    }
}
