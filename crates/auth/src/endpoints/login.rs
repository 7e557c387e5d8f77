//! `{mount}/login`: the log-in form (GET) and what becomes of it (POST).

use std::net::IpAddr;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use serde::Deserialize;
use symbolon_core::audit::Kind;
use symbolon_core::return_to::ReturnTo;
use symbolon_core::session::Device;
use symbolon_store::passwords::CredentialsError;

use super::{FromGateway, see_other, source, user_agent};
use crate::audited;
use crate::caller::{By, Caller};
use crate::csrf::{LoginForm, is_same_origin};
use crate::form::{Fields, SecretField};
use crate::known_browser;
use crate::pages::LoginPage;
use crate::rejection::{self, Rejection};
use crate::service::{App, Service};
use crate::sign_in::{self, PASSWORD};

/// The query of the log-in page. A field that is there twice voids all of them.
#[derive(Default, Deserialize)]
pub(crate) struct Wish {
    #[serde(default)]
    return_to: String,
    /// Show the form even to whoever is logged in.
    reauthenticate: Option<String>,
    /// The class that a log-in has to reach for what the person wants to do (RFC 9470).
    acr: Option<String>,
    /// How old a log-in may be for that.
    max_age: Option<String>,
    /// The person comes from logging out.
    logged_out: Option<String>,
}

impl Wish {
    /// Whether whoever is logged in is asked all the same. They are never sent straight back: what
    /// sent them here would only send them here again.
    fn asks_again(&self) -> bool {
        self.reauthenticate.is_some() || self.acr.is_some() || self.max_age.is_some()
    }
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
    /// `yes`: the session goes on under a new token, if it is the same person's.
    #[serde(default)]
    again: String,
}

const LOGGED_OUT: &str = "You are logged out.";
const AGAIN: &str = "Please confirm with your password that it is you.";
const TOO_WEAK: &str = "What you want to do needs a stronger log-in than a password alone.";
const WRONG: &str = "The user name or the password is not right.";

impl Submitted {
    fn is_again(&self) -> bool {
        self.again == "yes"
    }
}

/// GET: the form, or straight on for whoever is logged in.
pub(crate) async fn show(
    State(app): State<App>,
    wish: Result<Query<Wish>, QueryRejection>,
    headers: HeaderMap,
) -> Result<Response, Rejection> {
    let Query(wish) = wish.unwrap_or_default();
    let return_to = ReturnTo::parse_or_root(&wish.return_to);
    let caller = Caller::identify(&app, &headers).await?;
    if caller.is_some() && !wish.asks_again() {
        return Ok(see_other(return_to.as_str()));
    }
    let notice = match (&wish, &caller) {
        (wish, _) if wish.logged_out.is_some() => Some(LOGGED_OUT),
        (Wish { acr: Some(acr), .. }, _) if acr != PASSWORD => Some(TOO_WEAK),
        (wish, Some(_)) if wish.asks_again() => Some(AGAIN),
        _ => None,
    };
    let page = LoginPage {
        csrf: String::new(),
        return_to: return_to.as_str(),
        username: caller.as_ref().map_or("", |caller| caller.subject().as_str()),
        error: None,
        notice,
        is_again: wish.asks_again() && caller.is_some(),
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
    let budget = known_browser::budget(&app, &headers, name, source);
    let proved = app.passwords.prove(name, password, budget).await;
    let proved = match proved {
        Ok(proved) => proved,
        Err(error) => return refuse(&app, &headers, &submitted, error, source),
    };
    let account = sign_in::renew_hash(&app, proved).await;
    let renews = if submitted.is_again() { previous(&app, &headers).await? } else { None };
    let renews = renews.filter(|previous| *previous.subject() == account.subject);
    let opened = if let Some(previous) = renews {
        let id = previous.session();
        sign_in::renew_session(&app, &account, (id, source), began_at).await?
    } else {
        end_previous(&app, &headers, source).await?;
        let device = Device::new(user_agent(&headers), source);
        sign_in::open_session(&app, &account, device, began_at).await?
    };
    let Some((token, session)) = opened else {
        let account = Some(account.subject);
        return refuse(&app, &headers, &submitted, CredentialsError::Wrong { account }, source);
    };
    app.metrics.count_success();
    tracing::info!(subject = %account.subject, session.id = %session, "logged in");
    let mut response = see_other(ReturnTo::parse_or_root(&submitted.return_to).as_str());
    let browser = app.browsers.vouch(&account.subject, began_at, &*app.random);
    let cookie = &app.config.cookie;
    let cookies = [
        cookie.set_session(&token),
        cookie.clear_login_form(),
        cookie.set_browser(&browser, &app.config.mount),
    ];
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
    source: Option<IpAddr>,
) -> Result<Response, Rejection> {
    let (status, text, wait) = match error {
        CredentialsError::Wrong { account } => {
            app.metrics.count_failure();
            audited::refused(app, Kind::LogInFailed, account.as_ref(), source);
            let subject = account.as_ref().map(tracing::field::display);
            tracing::info!(subject, "log-in failed");
            (StatusCode::UNPROCESSABLE_ENTITY, WRONG.to_owned(), None)
        }
        CredentialsError::Throttled(throttled) => {
            app.metrics.count_throttled();
            audited::refused(app, Kind::LogInThrottled, None, source);
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
        notice: None,
        is_again: submitted.is_again(),
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

/// Whoever this browser's cookie says it was before.
async fn previous(app: &Service, headers: &HeaderMap) -> Result<Option<Caller>, Rejection> {
    Ok(Caller::identify(app, headers).await?.filter(|caller| caller.by == By::Cookie))
}

/// Ends the session that this browser had before, whoever's it was.
async fn end_previous(
    app: &Service,
    headers: &HeaderMap,
    source: Option<IpAddr>,
) -> Result<(), Rejection> {
    if let Some(caller) = previous(app, headers).await? {
        let by = audited::by(app, caller.subject(), source).because("another_log_in");
        app.sessions.end_by(caller.session(), &by).await?;
        app.sessions.replaced(&caller.live.session.token, app.clock.now());
    }
    Ok(())
}
