//! `{mount}/logout`: asks (GET) and ends sessions (POST).
//!
//! What is answered is done: the end is durable before the answer leaves, and the very next
//! request with the old token is refused.

use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::{FromGateway, see_other, source};
use crate::audited;
use crate::caller::{By, Caller, bearers};
use crate::cookies;
use crate::csrf;
use crate::form::Fields;
use crate::pages::{LogoutPage, MessagePage};
use crate::rejection::Rejection;
use crate::service::{App, Service};

/// W3C Clear Site Data; the cookie is cleared by `Set-Cookie`, since others on this site are not
/// ours to clear.
const CLEAR_SITE_DATA: (HeaderName, HeaderValue) = (
    HeaderName::from_static("clear-site-data"),
    HeaderValue::from_static("\"cache\", \"storage\""),
);

/// The form as it is sent.
#[derive(Default, Deserialize)]
pub(crate) struct Submitted {
    #[serde(default)]
    csrf: String,
    /// `yes` ends all sessions of the subject.
    everywhere: Option<String>,
}

/// GET changes nothing (RFC 9110 section 9.2.1): it asks.
pub(crate) async fn show(
    State(app): State<App>,
    headers: HeaderMap,
) -> Result<Response, Rejection> {
    if let Some(caller) = Caller::identify(&app, &headers).await? {
        return Ok(app.pages.render(&LogoutPage {}, Some(&caller.bar(&app)))?);
    }
    let page = MessagePage {
        title: "You are not logged in",
        text: "There is nothing to log out of in this browser.",
        link: &format!("{}/login", app.config.mount),
        link_text: "Log in",
    };
    Ok(app.pages.render(&page, None)?)
}

/// POST: ends this session, or all of the subject's.
pub(crate) async fn submit(
    State(app): State<App>,
    from_gateway: FromGateway,
    headers: HeaderMap,
    submitted: Result<Fields<Submitted>, Rejection>,
) -> Result<Response, Rejection> {
    let submitted = match submitted {
        Ok(Fields(submitted)) => submitted,
        // A program with a bearer token has nothing to say in a form.
        Err(Rejection::NotAForm) => Submitted::default(),
        Err(other) => return Err(other),
    };
    let Some(caller) = Caller::identify(&app, &headers).await? else {
        // Another site's form comes without our cookie, and must not make the browser forget it.
        if !csrf::is_same_origin(&headers, &app.config.public_url) {
            return Err(Rejection::StaleForm);
        }
        return nothing_to_end(&app, &headers);
    };
    caller.check_form(&app, &headers, &submitted.csrf)?;
    let by = audited::by(&app, caller.subject(), source(&from_gateway)).because("log_out");
    if submitted.everywhere.as_deref() == Some("yes") {
        let ended = app.sessions.end_all_by(caller.subject(), &by).await?;
        tracing::info!(subject = %caller.subject(), sessions = ended, "logged out everywhere");
    } else {
        app.sessions.end_by(caller.session(), &by).await?;
        tracing::info!(
            subject = %caller.subject(), session.id = %caller.session(), "logged out"
        );
    }
    app.metrics.count_log_out();
    Ok(goodbye(&app, caller.by))
}

/// The answer to whoever has no live session. One cookie that opens nothing is logged out already;
/// of a bearer token, or of several cookies, that cannot be said: sessions behind them live on.
fn nothing_to_end(app: &Service, headers: &HeaderMap) -> Result<Response, Rejection> {
    if bearers(headers).next().is_some() {
        return Err(Rejection::NotLoggedIn);
    }
    if cookies::are_several(headers, &app.config.cookie.name) {
        return Err(Rejection::TwoLogIns);
    }
    Ok(goodbye(app, By::Cookie))
}

/// The answer after the own session ended: the browser forgets everything about it.
pub(super) fn goodbye(app: &Service, by: By) -> Response {
    if by == By::Bearer {
        return StatusCode::NO_CONTENT.into_response();
    }
    let mut response = see_other(&format!("{}/login?logged_out=1", app.config.mount));
    let headers = response.headers_mut();
    headers.append(header::SET_COOKIE, app.config.cookie.clear_session());
    if app.config.public_url.is_trustworthy() {
        let (name, value) = CLEAR_SITE_DATA;
        headers.insert(name, value);
    }
    response
}
