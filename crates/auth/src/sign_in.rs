//! From a proved password to a live session.
//!
//! The token is always new, and whatever session the browser had before is ended first, so an
//! attacker cannot plant a token and have it become somebody's (session fixation, ASVS 7.2.4).
//! One exception: whoever is asked for their password once more keeps their own session, under a
//! new token.

use std::net::IpAddr;
use std::sync::Arc;

use symbolon_core::audit::{By, Kind, Record};
use symbolon_core::session::{Authentication, Authorization, Device, SessionData};
use symbolon_core::{Generation, PlainToken, Session, SessionId, Timestamp, TokenKind};
use symbolon_store::passwords::Proved;
use symbolon_store::{Account, Rotation, StoreError};

use crate::audited;
use crate::service::Service;

/// `amr` (RFC 8176 section 2) and `acr` of a log-in with a password alone.
pub(crate) const PASSWORD: &str = "pwd";

/// Opens a session. `began_at` is a time before the password was looked at: a "log out
/// everywhere" in the meantime then ends this session too.
///
/// `None` when the account was disabled, or got another password, while this one was compared.
pub(crate) async fn open_session(
    service: &Service,
    account: &Account,
    device: Device,
    began_at: Timestamp,
) -> Result<Option<(PlainToken, SessionId)>, StoreError> {
    let token = PlainToken::generate(TokenKind::Session, &*service.random);
    let session = Session {
        id: SessionId::generate(&*service.random),
        token: token.hash(),
        generation: Generation::default(),
        subject: account.subject.clone(),
        client: None,
        authentication: password_authentication(began_at),
        authorization: Arc::new(Authorization {
            scopes: Vec::new(),
            roles: account.roles.clone(),
            groups: account.groups.clone(),
        }),
        created_at: began_at,
        last_seen: began_at,
        idle_timeout: service.config.lifetime.idle,
        expires_at: began_at.plus(service.config.lifetime.absolute),
        device: Some(Box::new(device)),
        data: SessionData::default(),
    };
    let (id, source) = (session.id, session.device.as_deref().and_then(|device| device.source));
    // Before the session, which lives in another file: the log may tell of a log-in whose token
    // nobody got, and never misses one.
    let by = audited::by(service, &account.subject, source);
    service.core.record(&[log_in(account, id, &by)]).await?;
    service.sessions.create(session).await?;
    if is_still_valid(service, account).await? {
        return Ok(Some((token, id)));
    }
    let by = By::system(service.clock.now()).because("account_changed_meanwhile");
    service.sessions.end_by(id, &by).await?;
    Ok(None)
}

/// Lets a session go on under a new token and with a new proof of identity; the old token is dead.
/// What services keep in it stays (ASVS 7.2.4: a new token at every authentication).
///
/// `None` as of [`open_session`], and when the session was ended meanwhile.
pub(crate) async fn renew_session(
    service: &Service,
    account: &Account,
    (id, source): (SessionId, Option<IpAddr>),
    began_at: Timestamp,
) -> Result<Option<(PlainToken, SessionId)>, StoreError> {
    let by = audited::by(service, &account.subject, source).because("again");
    service.core.record(&[log_in(account, id, &by)]).await?;
    let token = PlainToken::generate(TokenKind::Session, &*service.random);
    let authentication = Some(password_authentication(began_at));
    let rotation = Rotation { id, token: token.hash(), authentication, begins_at: None };
    if service.sessions.rotate(&rotation, service.clock.now()).await?.is_none() {
        return Ok(None);
    }
    if is_still_valid(service, account).await? {
        return Ok(Some((token, id)));
    }
    let by = By::system(service.clock.now()).because("account_changed_meanwhile");
    service.sessions.end_by(id, &by).await?;
    Ok(None)
}

fn log_in(account: &Account, session: SessionId, by: &By) -> Record {
    let record = Record::new(Kind::LogIn, by).subject(&account.subject).session(session);
    record.with("amr", vec![PASSWORD])
}

/// The proof that a password gives.
pub(crate) fn password_authentication(at: Timestamp) -> Authentication {
    Authentication { amr: [PASSWORD.to_owned()].into(), acr: PASSWORD.into(), at }
}

/// Hashes the password anew when the parameters were raised since. A failure changes nothing for
/// the person and is only logged; the next log-in tries again.
pub(crate) async fn renew_hash(service: &Service, proved: Proved) -> Account {
    let Proved { mut account, password } = proved;
    let stored = symbolon_core::password::PasswordHash::from_stored(&account.password_hash);
    if !stored.needs_rehash() {
        return account;
    }
    let Ok(fresh) = service.passwords.hash(password).await else {
        return account;
    };
    // The password itself did not change, so neither does the time it was set.
    let by = By::system(service.clock.now());
    let record = Record::new(Kind::PasswordRehashed, &by).subject(&account.subject);
    let renewed = service
        .core
        .set_password(
            &account.subject,
            (&account.password_hash, fresh.as_str()),
            account.password_changed_at,
            None,
            &record,
        )
        .await;
    match renewed {
        Ok(true) => fresh.as_str().clone_into(&mut account.password_hash),
        Ok(false) => {}
        Err(error) => {
            tracing::warn!(subject = %account.subject, %error, "password hash not renewed");
        }
    }
    account
}

/// Whether the account is still the one whose password was proved.
async fn is_still_valid(service: &Service, proved: &Account) -> Result<bool, StoreError> {
    let now = service.core.find_account(&proved.subject).await?;
    Ok(now.is_some_and(|now| {
        // Another log-in may have renewed the hash of the same password in the meantime.
        !now.disabled
            && now.password_changed_at == proved.password_changed_at
            // A session must not keep roles that were taken away while it was being made.
            && now.roles == proved.roles
            && now.groups == proved.groups
    }))
}
