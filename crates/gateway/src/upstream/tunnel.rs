//! After `101 Switching Protocols`: bytes both ways, for as long as the session lives, or the credential
//! of a client that it was opened with.
//!
//! 1. Nothing is passed on before the target has answered 101 (RUSTSEC-2026-0033).
//! 2. A tunnel of a session is looked at every few seconds and closed once the session is over.
//! 3. An open tunnel counts as use of the session, up to its absolute end.

use std::future::poll_fn;
use std::sync::Arc;
use std::time::Duration;

use http::header::{self, HeaderValue};
use http::{Response, StatusCode};
use symbolon_store::{Clients, Clock, Sessions};
use tokio::io::{AsyncWriteExt, copy_bidirectional};

use super::bad_gateway;
use super::exchange::Exchange;
use super::response_head::ResponseHead;
use super::socket::Socket;
use crate::body::GatewayBody;
use crate::rejection::Rejection;
use crate::session_guard::SessionGuard;
use crate::stage::Outbound;
use crate::upgrade::Upgrade;
use crate::write_watch::Watched;

/// What a tunnel needs for as long as it lives.
#[derive(Clone, Copy)]
pub(crate) struct Tunnels<'a> {
    pub(crate) sessions: &'a Arc<Sessions>,
    pub(crate) clients: &'a Arc<Clients>,
    pub(crate) clock: &'a Arc<dyn Clock>,
    /// How long a downstream may take nothing.
    pub(crate) patience: Duration,
}

impl Tunnels<'_> {
    /// Watches what a request was let in by, where that can end.
    pub(super) fn guard(&self, outbound: &Outbound) -> Option<SessionGuard> {
        let identified = outbound.permitted().identified();
        SessionGuard::of(identified, (self.sessions, self.clients), self.clock)
    }

    /// Answers 101 and lets the bytes flow once the downstream has switched as well.
    pub(super) fn switch(
        &self,
        exchange: Box<Exchange>,
        head: ResponseHead,
        upgrade: Option<Upgrade>,
        outbound: &Outbound,
    ) -> Result<Response<GatewayBody>, Rejection> {
        let identified = outbound.permitted().identified();
        let clean = identified.admitted().matched().clean();
        let is_extended = clean.is_extended_connect();
        let (Some(upgrade), true, Some(offered)) =
            (upgrade, clean.wants_websocket(), head.upgrade().cloned())
        else {
            return Err(bad_gateway("101 without being asked".to_owned()));
        };
        if !offered.as_bytes().eq_ignore_ascii_case(b"websocket") {
            return Err(bad_gateway("101 to another protocol".to_owned()));
        }
        let (connection, lease) = exchange.into_tunnel();
        let (target, early, place) = connection.into_parts();
        let guard = self.guard(outbound);
        let slot = outbound.permitted().slot().cloned();
        let patience = self.patience;
        tokio::spawn(async move {
            let _kept_while_it_lives = slot;
            // An error here means that one side went away, which is how tunnels end.
            let _ = tokio::select! {
                ended = carry(upgrade, target, &early, patience) => ended,
                () = session_over(guard) => Ok(()),
            };
            drop((lease, place));
        });
        let (mut parts, ..) = head.into_parts();
        if is_extended {
            // RFC 8441 section 5: 200 says what 101 says in HTTP/1.1, and there is no key.
            parts.status = StatusCode::OK;
            parts.headers.remove(header::SEC_WEBSOCKET_ACCEPT);
        } else {
            parts.status = StatusCode::SWITCHING_PROTOCOLS;
            parts.headers.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
            parts.headers.insert(header::UPGRADE, offered);
        }
        Ok(Response::from_parts(parts, GatewayBody::empty()))
    }
}

async fn carry(
    upgrade: Upgrade,
    mut target: Socket,
    early: &[u8],
    patience: Duration,
) -> std::io::Result<()> {
    let downstream = upgrade.switched().await?;
    // Over HTTP/2 it is a stream whose window may stay shut for ever.
    let mut downstream = Watched::new(downstream, patience);
    downstream.write_all(early).await?;
    downstream.flush().await?;
    copy_bidirectional(&mut downstream, &mut target).await.map(|_| ())
}

/// Ends when the session or the credential does; never for a tunnel without one.
pub(super) async fn session_over(guard: Option<SessionGuard>) {
    match guard {
        Some(mut guard) => poll_fn(|cx| guard.poll_over(cx)).await,
        None => std::future::pending().await,
    }
}
