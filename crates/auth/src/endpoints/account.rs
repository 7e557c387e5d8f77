//! `{mount}/account`: what people see and change of their own account.

pub(crate) mod password;
pub(crate) mod sessions;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use symbolon_core::password::MIN_PASSWORD_CHARS;

use super::see_other;
use crate::caller::{By, Caller};
use crate::pages::AccountPage;
use crate::rejection::Rejection;
use crate::representation::Representation;
use crate::service::{App, Service};

/// What was done just before, to be told on the page.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Done {
    /// The password was changed.
    Password,
    /// A session was ended.
    Session,
}

/// The query of the page.
#[derive(Default, Deserialize)]
pub(crate) struct Wish {
    done: Option<Done>,
}

/// GET: the page.
pub(crate) async fn show(
    State(app): State<App>,
    wish: Result<Query<Wish>, QueryRejection>,
    headers: HeaderMap,
) -> Result<Response, Rejection> {
    let Some(caller) = Caller::identify(&app, &headers).await? else {
        return not_logged_in(&app, &headers);
    };
    let Query(wish) = wish.unwrap_or_default();
    let notice = wish.done.map(|done| match done {
        Done::Password => "Your password is changed.",
        Done::Session => "The session is ended.",
    });
    page(&app, &caller, notice, None).await
}

/// The page, with what was done or what was wrong.
async fn page(
    app: &Service,
    caller: &Caller,
    notice: Option<&'static str>,
    password_error: Option<String>,
) -> Result<Response, Rejection> {
    let page = AccountPage {
        sessions: sessions::rows(app, caller).await?,
        min_password_chars: MIN_PASSWORD_CHARS,
        password_error,
        notice,
    };
    Ok(app.pages.render(&page, Some(&caller.bar(app)))?)
}

/// Log-in and back for people, 401 for programs.
fn not_logged_in(app: &Service, headers: &HeaderMap) -> Result<Response, Rejection> {
    match Representation::wanted(headers) {
        Representation::Document => Err(Rejection::NotLoggedIn),
        Representation::Page => {
            let mount = &app.config.mount;
            Ok(see_other(&format!("{mount}/login?return_to={mount}/account")))
        }
    }
}

/// The answer after something was done: 204 for programs, the page for people.
fn done(app: &Service, by: By, what: Done) -> Response {
    let query = match what {
        Done::Password => "password",
        Done::Session => "session",
    };
    match by {
        By::Bearer => StatusCode::NO_CONTENT.into_response(),
        By::Cookie => see_other(&format!("{}/account?done={query}", app.config.mount)),
    }
}
