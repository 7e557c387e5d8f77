//! `{mount}/account/password`: changes one's own password (ASVS 6.2.2, 6.2.3, 7.4.3).
//!
//! 1. The current password is asked again and paced like a log-in: a borrowed browser is no
//!    place to guess it.
//! 2. The session gets a new token; the others end, unless the person unticks that. It is one step
//!    with the new password, and done to its end if the person hangs up.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use serde::Deserialize;
use symbolon_core::audit::Kind;
use symbolon_core::password::{PlainPassword, Rules};
use symbolon_core::{PlainToken, SubjectId, TokenKind};
use symbolon_store::passwords::CredentialsError;
use symbolon_store::{PasswordChange, PasswordChanged, Rotation};

use super::{Done, done, not_logged_in, page};
use crate::audited;
use crate::caller::Caller;
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
    let new = match judge(&app, &account.subject, submitted.new.reveal()) {
        Ok(new) => new,
        Err(mistake) => return tell(&app, &caller, mistake).await,
    };
    let hash = app.passwords.hash(new).await?;
    let token = PlainToken::generate(TokenKind::Session, &*app.random);
    let change = PasswordChange {
        subject: account.subject,
        hashes: (account.password_hash, hash.as_str().to_owned()),
        rotation: Rotation {
            id: caller.session(),
            token: token.hash(),
            authentication: Some(password_authentication(began_at)),
            begins_at: None,
        },
        ends_others: submitted.end_others.as_deref() == Some("yes"),
    };
    let by = audited::by(&app, caller.subject(), source);
    let mut response = match app.sessions.change_password(change, &app.clock, &by).await? {
        PasswordChanged::Done(ended) => {
            tracing::info!(subject = %caller.subject(), sessions = ended, "password changed");
            done(&app, caller.by, Done::Password)
        }
        PasswordChanged::Meanwhile => {
            let why = "The password was changed somewhere else at the same time.";
            tell(&app, &caller, Mistake(why.to_owned())).await?
        }
        PasswordChanged::NoSession => return not_logged_in(&app, &headers),
    };
    // To programs as well, which have no other way to learn it.
    let cookie = app.config.cookie.set_session(&token);
    response.headers_mut().append(header::SET_COOKIE, cookie);
    Ok(response)
}

fn judge(app: &Service, subject: &SubjectId, typed: &str) -> Result<PlainPassword, Mistake> {
    let context = [subject.as_str(), &app.config.service_name];
    match (Rules { context: &context }).judge(typed) {
        Ok(new) => Ok(new.into_plain()),
        Err(refusal) => Err(Mistake(format!("The new password is not accepted: {refusal}."))),
    }
}

/// The account page again, with what was wrong.
async fn tell(app: &Service, caller: &Caller, mistake: Mistake) -> Result<Response, Rejection> {
    let mut response = page(app, caller, None, Some(mistake.0)).await?;
    *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    Ok(response)
}
