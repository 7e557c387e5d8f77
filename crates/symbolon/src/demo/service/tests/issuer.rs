//! An issuer with a real key, which publishes it over the network as the gateway does.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use serde_json::{Value, json};
use symbolon_core::internal_token::{Grant, KeyRing, Minter, RingKey, SigningKey};
use symbolon_core::session::{Authentication, Authorization};
use symbolon_core::{Generation, OsRandom, Session, SessionId, Timestamp, TokenHash};
use symbolon_store::{Clock as _, SystemClock};
use symbolon_verifier::{Claims, RemoteVerifier};
use tokio::net::TcpListener;

use crate::demo::service::{Kind, router, site};

pub(super) struct Issuer {
    url: String,
    ring: KeyRing,
    minter: Minter,
    now: Timestamp,
}

impl Issuer {
    pub(super) async fn start() -> Self {
        let now = SystemClock.now();
        let key = RingKey {
            key: Arc::new(SigningKey::generate().unwrap()),
            created_at: now,
            active_from: now,
            pulled_at: None,
        };
        let ring = KeyRing::new(vec![key], now);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/auth/internal", listener.local_addr().unwrap());
        let discovery =
            json!({ "issuer": &url, "jwks_uri": format!("{url}/jwks.json") }).to_string();
        let jwks = ring.jwks_json().to_string();
        let published = Router::new()
            .route("/auth/internal/.well-known/openid-configuration", get(|| async { discovery }))
            .route("/auth/internal/jwks.json", get(|| async { jwks }));
        tokio::spawn(async { axum::serve(listener, published).await.unwrap() });
        let minter = Minter::new(&url, Duration::from_mins(1)).unwrap();
        Self { url, ring, minter, now }
    }

    pub(super) fn site(&self) -> &str {
        site(&self.url)
    }

    /// The service as the demo runs it.
    pub(super) fn service(&self, kind: Kind) -> Router {
        let verifier = RemoteVerifier::discover(&self.url, kind.name()).build().unwrap();
        router(kind, verifier, self.site())
    }

    /// A token for a service, from a session with these data.
    pub(super) fn token(&self, kind: Kind, subject: &str, role: &str, data: Value) -> Arc<str> {
        let session = self.session(subject, role, data);
        let grant = Grant::from(&session);
        let minted = self.minter.mint(&self.ring, &grant, kind.name(), self.now, &OsRandom);
        minted.unwrap().token
    }

    /// What a token for this subject says.
    pub(super) async fn claims(&self, subject: &str) -> Claims {
        let token = self.token(Kind::Profile, subject, "customer", json!({}));
        let verifier = RemoteVerifier::discover(&self.url, Kind::Profile.name()).build().unwrap();
        verifier.verify(&token).await.unwrap()
    }

    fn session(&self, subject: &str, role: &str, data: Value) -> Session {
        Session {
            id: SessionId::from_bytes([1; 16]),
            token: TokenHash::from_bytes([2; 32]),
            generation: Generation(0),
            subject: subject.parse().unwrap(),
            client: None,
            authentication: Authentication {
                amr: ["pwd".to_owned()].into(),
                acr: "pwd".into(),
                at: self.now,
            },
            authorization: Arc::new(Authorization {
                roles: vec![role.parse().unwrap()],
                ..Authorization::default()
            }),
            created_at: self.now,
            last_seen: self.now,
            idle_timeout: Duration::from_mins(30),
            expires_at: self.now.plus(Duration::from_hours(1)),
            device: None,
            data: serde_json::from_value(data).unwrap(),
        }
    }
}
