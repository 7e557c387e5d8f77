//! The pages: which there are, what each shows, and how it becomes HTML.
//!
//! Templates are part of the program and escape everything they are given. Times are told in
//! words ([`ago`]), with the exact one beside them for machines.

mod ago;
mod escape;

use axum::http::{HeaderValue, header};
use axum::response::{Html, IntoResponse, Response};
use minijinja::value::Serde;
use minijinja::{Environment, UndefinedBehavior};
use serde::Serialize;

use crate::config::Config;
use crate::endpoints::stylesheet;

pub(crate) use ago::Moment;

/// A page that cannot be made.
#[derive(Debug, thiserror::Error)]
#[error("template `{name}`")]
pub struct PageError {
    name: &'static str,
    #[source]
    source: minijinja::Error,
}

/// All templates, parsed, and what every page shows.
pub(crate) struct Pages {
    templates: Environment<'static>,
    site: Site,
}

#[derive(Serialize)]
struct Site {
    name: String,
    mount: String,
    style: String,
}

/// What a template is given.
#[derive(Serialize)]
struct Frame<'a, P> {
    site: &'a Site,
    bar: Option<&'a Bar>,
    page: &'a P,
}

/// The strip that whoever is logged in sees on every page.
#[derive(Serialize)]
pub(crate) struct Bar {
    pub(crate) subject: String,
    /// Token for the log-out form.
    pub(crate) csrf: String,
}

/// The log-in form.
#[derive(Serialize)]
pub(crate) struct LoginPage<'a> {
    pub(crate) csrf: String,
    pub(crate) return_to: &'a str,
    /// What was typed before, to be corrected.
    pub(crate) username: &'a str,
    pub(crate) error: Option<&'a str>,
    /// Why the form is shown.
    pub(crate) notice: Option<&'a str>,
    /// Whether a session goes on if the same person logs in.
    pub(crate) is_again: bool,
}

/// The question whether to log out.
#[derive(Serialize)]
pub(crate) struct LogoutPage {}

/// The account: own sessions and password.
#[derive(Serialize)]
pub(crate) struct AccountPage {
    pub(crate) sessions: Vec<SessionRow>,
    pub(crate) min_password_chars: usize,
    /// Why the password was not changed.
    pub(crate) password_error: Option<String>,
    /// What was just done.
    pub(crate) notice: Option<&'static str>,
}

/// One session, as its owner sees it.
#[derive(Serialize)]
pub(crate) struct SessionRow {
    pub(crate) id: String,
    pub(crate) device: String,
    pub(crate) source: Option<String>,
    pub(crate) began: Moment,
    pub(crate) last_seen: Moment,
    pub(crate) is_this_one: bool,
}

/// A short message with one way on.
#[derive(Serialize)]
pub(crate) struct MessagePage<'a> {
    pub(crate) title: &'a str,
    pub(crate) text: &'a str,
    pub(crate) link: &'a str,
    pub(crate) link_text: &'a str,
}

/// A refusal.
#[derive(Serialize)]
pub(crate) struct ErrorPage<'a> {
    pub(crate) status: u16,
    pub(crate) title: &'a str,
    pub(crate) text: &'a str,
    pub(crate) request_id: Option<&'a str>,
}

macro_rules! templates {
    ($($file:literal),* $(,)?) => {
        [$(($file, include_str!(concat!("../templates/", $file)))),*]
    };
}

/// What one template needs.
pub(crate) trait Page: Serialize {
    /// The template's file.
    const TEMPLATE: &'static str;
}

impl Page for LoginPage<'_> {
    const TEMPLATE: &'static str = "login.html";
}

impl Page for LogoutPage {
    const TEMPLATE: &'static str = "logout.html";
}

impl Page for AccountPage {
    const TEMPLATE: &'static str = "account.html";
}

impl Page for MessagePage<'_> {
    const TEMPLATE: &'static str = "message.html";
}

impl Page for ErrorPage<'_> {
    const TEMPLATE: &'static str = "error.html";
}

impl Pages {
    pub(crate) fn new(config: &Config) -> Result<Self, PageError> {
        let mut templates = Environment::new();
        templates.set_undefined_behavior(UndefinedBehavior::Strict);
        templates.set_formatter(escape::write);
        for (name, source) in templates![
            "base.html",
            "mark.svg",
            "login.html",
            "logout.html",
            "account.html",
            "message.html",
            "error.html",
        ] {
            templates.add_template(name, source).map_err(|source| PageError { name, source })?;
        }
        let site = Site {
            name: config.service_name.clone(),
            mount: config.mount.clone(),
            style: stylesheet::address(&config.mount),
        };
        Ok(Self { templates, site })
    }

    /// Makes a page; `bar` for whoever is logged in.
    pub(crate) fn render<P: Page>(
        &self,
        page: &P,
        bar: Option<&Bar>,
    ) -> Result<Response, PageError> {
        let name = P::TEMPLATE;
        let frame = Frame { site: &self.site, bar, page };
        let html = self
            .templates
            .get_template(name)
            .and_then(|template| template.render(Serde(&frame)))
            .map_err(|source| PageError { name, source })?;
        let mut response = Html(html).into_response();
        // What stands on a page depends on who asks, and in which form they want it.
        response.headers_mut().insert(header::VARY, HeaderValue::from_static("accept, cookie"));
        Ok(response)
    }
}
