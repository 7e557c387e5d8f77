//! A person with a browser, as far as HTTP goes: cookies are kept, forms are filled in.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use super::html;
use super::http::{Connection, Request, Response};
use super::settings::ORIGIN;
use super::symbolon::PASSWORD;

/// The session cookie of a gateway whose public URL is http.
pub(crate) const COOKIE: &str = "symbolon";

/// A cookie jar and where to go with it.
#[derive(Clone)]
pub(crate) struct Visitor {
    /// Where the gateway listens.
    pub(crate) address: SocketAddr,
    origin: String,
    cookies: BTreeMap<String, String>,
}

impl Visitor {
    pub(crate) fn new(address: SocketAddr) -> Self {
        Self { address, origin: ORIGIN.to_owned(), cookies: BTreeMap::new() }
    }

    /// The same browser at a gateway with another public URL.
    #[must_use]
    pub(crate) fn at_origin(mut self, origin: &str) -> Self {
        origin.clone_into(&mut self.origin);
        self
    }

    /// The value of the session cookie.
    #[track_caller]
    pub(crate) fn token(&self) -> &str {
        self.cookie(COOKIE).expect("a session cookie")
    }

    pub(crate) fn cookie(&self, name: &str) -> Option<&str> {
        self.cookies.get(name).map(String::as_str)
    }

    /// The names of all cookies.
    pub(crate) fn cookie_names(&self) -> Vec<&str> {
        self.cookies.keys().map(String::as_str).collect()
    }

    /// The request with the cookies of this browser.
    pub(crate) fn dress(&self, request: Request) -> Request {
        if self.cookies.is_empty() {
            return request;
        }
        let pairs = self.cookies.iter().map(|(name, value)| format!("{name}={value}"));
        request.with("Cookie", &pairs.collect::<Vec<_>>().join("; "))
    }

    /// Sends the request on a connection of its own and keeps the cookies of the answer.
    #[track_caller]
    pub(crate) fn send(&mut self, request: Request) -> Response {
        self.try_send(request).unwrap()
    }

    /// The same where the connection may break.
    pub(crate) fn try_send(&mut self, request: Request) -> std::io::Result<Response> {
        let request = self.dress(request);
        let response = Connection::open(self.address)?.try_exchange(&request)?;
        self.keep_cookies(&response);
        Ok(response)
    }

    /// A request of a script in the page.
    #[track_caller]
    pub(crate) fn get(&mut self, target: &str) -> Response {
        self.send(Request::get(target))
    }

    /// A page that is navigated to.
    #[track_caller]
    pub(crate) fn open(&mut self, target: &str) -> Response {
        self.send(Request::get(target).navigating())
    }

    /// Sends a form of a page as a browser would: with its hidden fields and what was typed.
    #[track_caller]
    pub(crate) fn submit(
        &mut self,
        page: &Response,
        action: &str,
        typed: &[(&str, &str)],
    ) -> Response {
        let request = self.filled_in(page, action, typed);
        self.send(request)
    }

    /// The form, filled in and not sent yet.
    #[track_caller]
    pub(crate) fn filled_in(
        &self,
        page: &Response,
        action: &str,
        typed: &[(&str, &str)],
    ) -> Request {
        let mut fields = html::hidden_fields(page.text(), action);
        fields.extend(typed.iter().map(|(name, value)| ((*name).into(), (*value).into())));
        Request::post(action).navigating().with("Origin", &self.origin).form(&fields)
    }

    /// Logs in with [`PASSWORD`], which has to work.
    #[track_caller]
    pub(crate) fn log_in(&mut self, name: &str) -> Response {
        self.try_log_in(name, PASSWORD).unwrap().expect(303)
    }

    /// Tries to log in.
    pub(crate) fn try_log_in(&mut self, name: &str, password: &str) -> std::io::Result<Response> {
        let page = Request::get("/auth/login?reauthenticate=1").navigating();
        let page = self.try_send(page)?.expect(200);
        let typed = [("username", name), ("password", password)];
        self.try_send(self.filled_in(&page, "/auth/login", &typed))
    }

    /// Logs out, which has to work.
    #[track_caller]
    pub(crate) fn log_out(&mut self) -> Response {
        let page = self.open("/auth/logout").expect(200);
        self.submit(&page, "/auth/logout", &[]).expect(303)
    }

    fn keep_cookies(&mut self, response: &Response) {
        for line in response.headers().all("set-cookie") {
            let pair = line.split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            if line.to_ascii_lowercase().contains("max-age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }
}
