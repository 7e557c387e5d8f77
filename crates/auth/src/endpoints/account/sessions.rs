//! `{mount}/account/sessions/end`: ends one of one's own sessions (ASVS 7.5.2).

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Deserialize;
use symbolon_core::{Session, SessionId, Timestamp};
use symbolon_store::StoreError;

use super::{Done, done, not_logged_in};
use crate::audited;
use crate::caller::Caller;
use crate::device_name;
use crate::endpoints::{FromGateway, logout, source};
use crate::form::Fields;
use crate::pages::{Moment, SessionRow};
use crate::rejection::Rejection;
use crate::service::{App, Service};

/// The most sessions that the account page shows; the newest of them.
const MAX_LISTED: u32 = 100;

/// The form as it is sent.
#[derive(Deserialize)]
pub(crate) struct Submitted {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    id: String,
}

/// POST: ends the session of that id. Somebody else's is as unknown as one that never was.
pub(crate) async fn end(
    State(app): State<App>,
    from_gateway: FromGateway,
    headers: HeaderMap,
    Fields(submitted): Fields<Submitted>,
) -> Result<Response, Rejection> {
    let Some(caller) = Caller::identify(&app, &headers).await? else {
        return not_logged_in(&app, &headers);
    };
    caller.check_form(&app, &headers, &submitted.csrf)?;
    let id: SessionId = submitted.id.parse().map_err(|_| Rejection::NotFound)?;
    let session = app.sessions.find_by_id(id).await?;
    if session.is_none_or(|session| session.subject != *caller.subject()) {
        return Err(Rejection::NotFound);
    }
    let by = audited::by(&app, caller.subject(), source(&from_gateway)).because("account_page");
    app.sessions.end_by(id, &by).await?;
    tracing::info!(subject = %caller.subject(), session.id = %id, "session ended by its owner");
    app.metrics.count_log_out();
    if id == caller.session() {
        return Ok(logout::goodbye(&app, caller.by));
    }
    Ok(done(&app, caller.by, Done::Session))
}

/// The caller's live sessions: this one first, the others by their last use.
pub(super) async fn rows(app: &Service, caller: &Caller) -> Result<Vec<SessionRow>, StoreError> {
    let now = app.clock.now();
    let mut sessions = app.sessions.list(Some(caller.subject()), MAX_LISTED).await?;
    sessions.retain(|session| session.is_live(last_seen(session, caller), now));
    sessions.sort_by_key(|session| {
        let is_other = session.id != caller.session();
        (is_other, std::cmp::Reverse(session.last_seen))
    });
    Ok(sessions.iter().map(|session| row(session, caller, now)).collect())
}

fn row(session: &Session, caller: &Caller, now: Timestamp) -> SessionRow {
    let device = session.device.as_deref();
    let source = device.and_then(|device| device.source);
    SessionRow {
        id: session.id.to_string(),
        device: device_name::of_user_agent(device.map_or("", |device| &device.user_agent)),
        source: source.map(|address| address.to_string()),
        began: Moment::new(session.created_at, now),
        last_seen: Moment::new(last_seen(session, caller), now),
        is_this_one: session.id == caller.session(),
    }
}

/// The store hears of uses some seconds late; of the caller's own session memory knows better.
fn last_seen(session: &Session, caller: &Caller) -> Timestamp {
    if session.id == caller.session() { caller.live.last_seen() } else { session.last_seen }
}
