//! `{mount}/account/password`: changes one's own password (ASVS 6.2.2, 6.2.3, 7.4.3).
//!
//! 1. The current password is asked again and paced like a log-in: a borrowed browser is no
//!    place to guess it.
//! 2. The session gets a new token; the others end, unless the person unticks that.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use serde::Deserialize;
use symbolon_core::audit::{self, Kind, Record};
use symbolon_core::password::{PlainPassword, Rules};
use symbolon_core::{PlainToken, SubjectId, TokenKind};
use symbolon_store::passwords::CredentialsError;
use symbolon_store::{Account, Rotation};

use super::{Done, done, not_logged_in, page};
use crate::audited;
use crate::caller::{By, Caller};
use crate::endpoints::{FromGateway, source};
use crate::form::{Fields, SecretField};
use crate::known_browser;
use crate::rejection::Rejection;
use crate::service::{App, Service};
use crate::sign_in::password_authentication;

/// The form as it is sent.
#[derive(Deserialize)]
pub(crate) struct Submitted {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    current: SecretField,
    #[serde(default)]
    new: SecretField,
    /// `yes` ends the other sessions.
    end_others: Option<String>,
}

/// What the person has to do better.
struct Mistake(String);

/// POST: changes the password.
pub(crate) async fn submit(
    State(app): State<App>,
    from_gateway: FromGateway,
    headers: HeaderMap,
    Fields(submitted): Fields<Submitted>,
) -> Result<Response, Rejection> {
    let Some(caller) = Caller::identify(&app, &headers).await? else {
        return not_logged_in(&app, &headers);
    };
    caller.check_form(&app, &headers, &submitted.csrf)?;
    let began_at = app.clock.now();
    let current = submitted.current.reveal();
    let name = caller.subject().as_str();
    let source = source(&from_gateway);
    let budget = known_browser::budget(&app, &headers, name, source);
    let proved = app.passwords.prove(name, current, budget).await;
    let account = match proved {
        Ok(proved) => proved.account,
        Err(CredentialsError::Wrong { .. }) => {
            tracing::info!(subject = %caller.subject(), "password change refused");
            audited::refused(&app, Kind::PasswordRefused, Some(caller.subject()), source);
            let mistake = Mistake("The current password is not right.".to_owned());
            return tell(&app, &caller, mistake).await;
        }
        Err(other) => return Err(other.into()),
    };
    let by = audited::by(&app, caller.subject(), source);
    if let Err(mistake) = store(&app, &account, submitted.new.reveal(), &by).await? {
        return tell(&app, &caller, mistake).await;
    }
    tracing::info!(subject = %caller.subject(), "password changed");
    if submitted.end_others.as_deref() == Some("yes") {
        end_others(&app, &caller, &by.because("password_changed")).await?;
    }
    let token = PlainToken::generate(TokenKind::Session, &*app.random);
    let rotation = Rotation {
        id: caller.session(),
        token: token.hash(),
        authentication: Some(password_authentication(began_at)),
    };
    let rotated = app.sessions.rotate(&rotation, app.clock.now()).await?;
    let mut response = done(&app, caller.by, Done::Password);
    // A session that was ended in the meantime has no new token; the page then asks to log in.
    if rotated.is_some() && caller.by == By::Cookie {
        let cookie = app.config.cookie.set_session(&token);
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

/// Judges, hashes and stores the new password.
async fn store(
    app: &Service,
    account: &Account,
    typed: &str,
    by: &audit::By,
) -> Result<Result<(), Mistake>, Rejection> {
    let new = match judge(app, &account.subject, typed) {
        Ok(new) => new,
        Err(mistake) => return Ok(Err(mistake)),
    };
    let hash = app.passwords.hash(new).await?;
    let record = Record::new(Kind::PasswordChanged, by).subject(&account.subject);
    let is_stored = app
        .core
        .set_password(
            &account.subject,
            (&account.password_hash, hash.as_str()),
            by.at,
            // This session stays, so the others end one by one.
            None,
            &record,
        )
        .await?;
    Ok(if is_stored {
        Ok(())
    } else {
        Err(Mistake("The password was changed somewhere else at the same time.".to_owned()))
    })
}

fn judge(app: &Service, subject: &SubjectId, typed: &str) -> Result<PlainPassword, Mistake> {
    let context = [subject.as_str(), &app.config.service_name];
    match (Rules { context: &context }).judge(typed) {
        Ok(new) => Ok(new.into_plain()),
        Err(refusal) => Err(Mistake(format!("The new password is not accepted: {refusal}."))),
    }
}

async fn end_others(app: &Service, caller: &Caller, by: &audit::By) -> Result<(), Rejection> {
    let ended = app.sessions.end_all_by(caller.subject(), Some(caller.session()), by).await?;
    tracing::info!(subject = %caller.subject(), sessions = ended, "other sessions ended");
    Ok(())
}

/// The account page again, with what was wrong.
async fn tell(app: &Service, caller: &Caller, mistake: Mistake) -> Result<Response, Rejection> {
    let mut response = page(app, caller, None, Some(mistake.0)).await?;
    *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    Ok(response)
}
