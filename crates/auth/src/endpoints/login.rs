//! `{mount}/login`: the log-in form (GET) and what becomes of it (POST).

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use serde::Deserialize;
use symbolon_core::SessionId;
use symbolon_core::return_to::ReturnTo;
use symbolon_core::session::Device;
use symbolon_store::passwords::CredentialsError;

use super::{FromGateway, see_other, source, user_agent};
use crate::caller::{By, Caller};
use crate::csrf::{LoginForm, is_same_origin};
use crate::form::{Fields, SecretField};
use crate::pages::LoginPage;
use crate::rejection::{self, Rejection};
use crate::service::{App, Service};
use crate::sign_in;

/// The query of the log-in page. A field that is there twice voids all of them.
#[derive(Default, Deserialize)]
pub(crate) struct Wish {
    #[serde(default)]
    return_to: String,
    /// Show the form even to whoever is logged in.
    reauthenticate: Option<String>,
    /// The person comes from logging out.
    logged_out: Option<String>,
}

/// The form as it is sent.
#[derive(Deserialize)]
pub(crate) struct Submitted {
    #[serde(default)]
    username: String,
    #[serde(default)]
    password: SecretField,
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    return_to: String,
}

const WRONG: &str = "The user name or the password is not right.";

/// GET: the form, or straight on for whoever is logged in.
pub(crate) async fn show(
    State(app): State<App>,
    wish: Result<Query<Wish>, QueryRejection>,
    headers: HeaderMap,
) -> Result<Response, Rejection> {
    let Query(wish) = wish.unwrap_or_default();
    let return_to = ReturnTo::parse_or_root(&wish.return_to);
    if wish.reauthenticate.is_none() && Caller::identify(&app, &headers).await?.is_some() {
        return Ok(see_other(return_to.as_str()));
    }
    let page = LoginPage {
        csrf: String::new(),
        return_to: return_to.as_str(),
        username: "",
        error: None,
        has_logged_out: wish.logged_out.is_some(),
    };
    form(&app, &headers, page)
}

/// POST: log-in.
pub(crate) async fn submit(
    State(app): State<App>,
    from_gateway: FromGateway,
    headers: HeaderMap,
    Fields(submitted): Fields<Submitted>,
) -> Result<Response, Rejection> {
    let form_cookie = app.config.cookie.login_form_name();
    let is_genuine = is_same_origin(&headers, &app.config.public_url)
        && LoginForm::fits(&headers, &form_cookie, &app.csrf, &submitted.csrf);
    if !is_genuine {
        return Err(Rejection::StaleForm);
    }
    let began_at = app.clock.now();
    let source = source(&from_gateway);
    let (name, password) = (&submitted.username, submitted.password.reveal());
    let proved = app.passwords.prove(name, password, source.into()).await;
    let proved = match proved {
        Ok(proved) => proved,
        Err(error) => return refuse(&app, &headers, &submitted, error),
    };
    let account = sign_in::renew_hash(&app, proved).await;
    end_previous(&app, &headers).await?;
    let device = Device::new(user_agent(&headers), source);
    let opened = sign_in::open_session(&app, &account, device, began_at).await?;
    let Some((token, session)) = opened else {
        let account = Some(account.subject);
        return refuse(&app, &headers, &submitted, CredentialsError::Wrong { account });
    };
    app.metrics.count_success();
    tracing::info!(subject = %account.subject, session.id = %session, "logged in");
    let mut response = see_other(ReturnTo::parse_or_root(&submitted.return_to).as_str());
    let cookies = [app.config.cookie.set_session(&token), app.config.cookie.clear_login_form()];
    for cookie in cookies {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

/// The form again, with what was wrong.
fn refuse(
    app: &Service,
    headers: &HeaderMap,
    submitted: &Submitted,
    error: CredentialsError,
) -> Result<Response, Rejection> {
    let (status, text, wait) = match error {
        CredentialsError::Wrong { account } => {
            app.metrics.count_failure();
            let subject = account.as_ref().map(tracing::field::display);
            tracing::info!(subject, "log-in failed");
            (StatusCode::UNPROCESSABLE_ENTITY, WRONG.to_owned(), None)
        }
        CredentialsError::Throttled(throttled) => {
            app.metrics.count_throttled();
            tracing::info!("log-in throttled");
            let wait = rejection::retry_after(throttled.retry_after);
            let seconds = wait.to_str().unwrap_or_default();
            let text = format!("Too many attempts. Please try again in {seconds} seconds.");
            (StatusCode::TOO_MANY_REQUESTS, text, Some(wait))
        }
        other => return Err(other.into()),
    };
    let return_to = ReturnTo::parse_or_root(&submitted.return_to);
    let page = LoginPage {
        csrf: String::new(),
        return_to: return_to.as_str(),
        username: &submitted.username,
        error: Some(&text),
        has_logged_out: false,
    };
    let mut response = form(app, headers, page)?;
    *response.status_mut() = status;
    if let Some(wait) = wait {
        response.headers_mut().insert(header::RETRY_AFTER, wait);
    }
    Ok(response)
}

/// The form with its cookie and its token.
fn form(
    app: &Service,
    headers: &HeaderMap,
    mut page: LoginPage<'_>,
) -> Result<Response, Rejection> {
    let cookie_name = app.config.cookie.login_form_name();
    let form = LoginForm::open(headers, &cookie_name, &app.csrf, &*app.random);
    page.csrf = form.token;
    let mut response = app.pages.render(&page, None)?;
    response
        .headers_mut()
        .append(header::SET_COOKIE, app.config.cookie.set_login_form(&form.cookie));
    Ok(response)
}

/// Ends the session that this browser had before, whoever's it was.
async fn end_previous(app: &Service, headers: &HeaderMap) -> Result<Option<SessionId>, Rejection> {
    let Some(caller) = Caller::identify(app, headers).await? else {
        return Ok(None);
    };
    if caller.by == By::Bearer {
        return Ok(None);
    }
    let session = caller.session();
    app.sessions.end(session, app.clock.now()).await?;
    Ok(Some(session))
}
