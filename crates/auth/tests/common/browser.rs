//! As much of a browser as forms and cookies need.

use std::collections::BTreeMap;
use std::net::IpAddr;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, header};
use http_body_util::BodyExt as _;
use symbolon_core::downstream::Downstream;
use tower::ServiceExt as _;

#[derive(Clone)]
pub(crate) struct Browser {
    router: Router,
    pub(crate) cookies: BTreeMap<String, String>,
    pub(crate) source: Option<IpAddr>,
    /// Sent with every request.
    pub(crate) headers: Vec<(&'static str, String)>,
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn set_cookie(&self, name: &str) -> Option<&str> {
        self.headers
            .get_all(header::SET_COOKIE)
            .iter()
            .map(|value| value.to_str().unwrap())
            .find(|line| line.starts_with(&format!("{name}=")))
    }

    /// The value of the first hidden field of that name.
    pub(crate) fn hidden(&self, name: &str) -> String {
        let marker = format!("type=\"hidden\" name=\"{name}\" value=\"");
        let (_, rest) = self.body.split_once(&marker).expect("no such field");
        rest.split_once('"').unwrap().0.to_owned()
    }

    /// The identifiers in the list of sessions, in the order of the page.
    pub(crate) fn session_ids(&self) -> Vec<String> {
        let marker = "name=\"id\" value=\"";
        self.body
            .split(marker)
            .skip(1)
            .map(|rest| rest.split_once('"').unwrap().0.to_owned())
            .collect()
    }
}

impl Browser {
    pub(crate) fn new(router: Router) -> Self {
        Self {
            router,
            cookies: BTreeMap::new(),
            source: Some(IpAddr::from([192, 0, 2, 1])),
            headers: vec![("accept", "text/html".to_owned())],
        }
    }

    pub(crate) fn at(mut self, source: [u8; 4]) -> Self {
        self.source = Some(source.into());
        self
    }

    /// The session's token.
    pub(crate) fn token(&self) -> Option<&str> {
        let named = |name: &str| self.cookies.get(name).map(String::as_str);
        named("symbolon").or_else(|| named("__Host-symbolon"))
    }

    pub(crate) async fn get(&mut self, path: &str) -> Answer {
        let request = Request::get(path).body(Body::empty()).unwrap();
        self.send(request).await
    }

    pub(crate) async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let body: Vec<String> =
            fields.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect();
        let request = Request::post(path)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Body::from(body.join("&")))
            .unwrap();
        self.send(request).await
    }

    /// Opens the form, fills it in and sends it.
    pub(crate) async fn log_in(&mut self, name: &str, password: &str) -> Answer {
        let form = self.get("/auth/login?reauthenticate=1").await;
        assert_eq!(form.status, 200, "{}", form.body);
        self.send_log_in(&form, name, password).await
    }

    pub(crate) async fn send_log_in(
        &mut self,
        form: &Answer,
        name: &str,
        password: &str,
    ) -> Answer {
        let fields = [
            ("csrf", &*form.hidden("csrf")),
            ("return_to", &*form.hidden("return_to")),
            ("username", name),
            ("password", password),
        ];
        self.post("/auth/login", &fields).await
    }

    /// Sends a form of the account page with its token.
    pub(crate) async fn submit(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let page = self.get("/auth/account").await;
        assert_eq!(page.status, 200, "{}", page.body);
        let csrf = page.hidden("csrf");
        let fields = [&[("csrf", &*csrf)], fields].concat();
        self.post(path, &fields).await
    }

    pub(crate) async fn is_logged_in(&mut self) -> bool {
        self.get("/auth/account").await.status == 200
    }

    pub(crate) async fn send(&mut self, mut request: Request<Body>) -> Answer {
        let cookies: Vec<String> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let headers = request.headers_mut();
        if !cookies.is_empty() {
            headers.append("cookie", cookies.join("; ").parse().unwrap());
        }
        for (name, value) in &self.headers {
            headers.append(*name, value.parse().unwrap());
        }
        request
            .extensions_mut()
            .insert(Downstream { source: self.source, request_id: "request-1".into() });
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (head, body) = response.into_parts();
        for line in head.headers.get_all(header::SET_COOKIE) {
            self.keep(line.to_str().unwrap());
        }
        let body = body.collect().await.unwrap().to_bytes();
        Answer {
            status: head.status.as_u16(),
            headers: head.headers,
            body: String::from_utf8(body.to_vec()).unwrap(),
        }
    }

    fn keep(&mut self, line: &str) {
        let (pair, attributes) = line.split_once(';').unwrap();
        let (name, value) = pair.split_once('=').unwrap();
        if attributes.contains("Max-Age=0") {
            self.cookies.remove(name);
        } else {
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
    }
}

fn encode(value: &str) -> String {
    value
        .bytes()
        .map(|byte| {
            if byte.is_ascii_alphanumeric() {
                char::from(byte).to_string()
            } else {
                format!("%{byte:02X}")
            }
        })
        .collect()
}
