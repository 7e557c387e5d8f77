//! The signing keys over the embedded store.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;
use symbolon_core::internal_token::{PUBLISH_AHEAD, RETIRED_FOR};
use symbolon_core::session::{Authentication, SessionData};
use symbolon_core::{ClientId, Generation, OsRandom, Session, SessionId, TokenHash};
use symbolon_verifier::{KeySet, Verifier};
use tempfile::TempDir;

use super::*;
use crate::conformance::sample;
use crate::sessions::{Sessions, SessionsConfig};
use crate::sqlite::SqliteStore;

const ISSUER: &str = "https://shop.example/auth/internal";
const NOW: Timestamp = Timestamp::from_secs(1_780_000_000);
const MONTH: Duration = Duration::from_hours(30 * 24);

struct Setup {
    _folder: TempDir,
    store: SqliteStore,
    master: MasterKey,
}

impl Setup {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("symbolon.db").display());
        Self {
            store: SqliteStore::open(&url).await.unwrap(),
            _folder: folder,
            master: MasterKey::generate(&OsRandom),
        }
    }

    async fn open(&self, now: Timestamp) -> Arc<Keys> {
        self.open_with(self.master.clone(), now).await.unwrap()
    }

    async fn open_with(&self, master: MasterKey, now: Timestamp) -> Result<Arc<Keys>, KeysError> {
        let config = KeysConfig {
            issuer: ISSUER.to_owned(),
            lifetime: Duration::from_mins(1),
            rotate_every: MONTH,
        };
        let core = Arc::new(self.store.clone());
        Keys::open(core, master, config, now, Arc::new(OsRandom)).await
    }

    /// A session in memory.
    async fn live(&self) -> Arc<LiveSession> {
        let config = SessionsConfig { cache_entries: 16, touch_interval: Duration::from_secs(30) };
        let store = Arc::new(self.store.clone());
        let sessions = Sessions::open(store.clone(), store, config, NOW).await.unwrap();
        sessions.create(session()).await.unwrap()
    }
}

fn session() -> Session {
    Session {
        id: SessionId::from_bytes([7; 16]),
        token: TokenHash::from_bytes([9; 32]),
        generation: Generation(1),
        subject: "alice".parse().unwrap(),
        client: None,
        authentication: Authentication {
            amr: ["pwd".to_owned()].into(),
            acr: "pwd".into(),
            at: NOW,
        },
        authorization: Arc::new(symbolon_core::session::Authorization {
            roles: vec!["customer".parse().unwrap()],
            ..symbolon_core::session::Authorization::default()
        }),
        created_at: NOW,
        last_seen: NOW,
        idle_timeout: MONTH,
        expires_at: NOW.plus(MONTH),
        device: None,
        data: SessionData::default(),
    }
}

fn signer(keys: &Keys, now: Timestamp) -> KeyId {
    keys.ring().signer(now).unwrap().key.id().clone()
}

fn mint(keys: &Keys, now: Timestamp) -> Arc<str> {
    let client = "robot".parse::<ClientId>().unwrap();
    let grant = Grant::for_client(&client, &[], &[], &[]);
    keys.mint(&grant, "orders", now).unwrap().token
}

fn is_accepted(keys: &Keys, token: &str, now: Timestamp) -> bool {
    let set = KeySet::parse(keys.jwks().as_bytes()).unwrap();
    Verifier::new(ISSUER, "orders", set).verify(token, now.as_secs()).is_ok()
}

fn states(keys: &Keys, now: Timestamp) -> Vec<KeyState> {
    keys.list(now).into_iter().map(|key| key.state).collect()
}

#[tokio::test]
async fn first_start_makes_a_key_that_signs_at_once() {
    let setup = Setup::new().await;
    let keys = setup.open(NOW).await;
    assert_eq!(states(&keys, NOW), [KeyState::Signing]);
    assert!(is_accepted(&keys, &mint(&keys, NOW), NOW));
}

#[tokio::test]
async fn restart_goes_on_with_the_same_key() {
    let setup = Setup::new().await;
    let before = setup.open(NOW).await;
    let after = setup.open(NOW).await;
    assert_eq!(signer(&before, NOW), signer(&after, NOW));
    assert!(is_accepted(&after, &mint(&before, NOW), NOW));
}

#[tokio::test]
async fn wrong_master_key_is_told_with_the_key_it_does_not_open() {
    let setup = Setup::new().await;
    let kid = signer(&*setup.open(NOW).await, NOW);
    let wrong = MasterKey::generate(&OsRandom);
    let Err(refused) = setup.open_with(wrong, NOW).await else {
        panic!("opened with another master key");
    };
    assert_eq!(refused.to_string(), format!("signing key `{kid}` cannot be unsealed"));
    assert!(refused.hint().unwrap().contains("master key"));
    assert_eq!(setup.store.list_keys().await.unwrap().len(), 1);
}

#[tokio::test]
async fn key_of_another_algorithm_is_not_taken_for_ours() {
    let setup = Setup::new().await;
    let newer = StoredKey {
        id: KeyId::new("later"),
        algorithm: "ML-DSA-44".to_owned(),
        sealed_private_key: vec![1, 2, 3],
        created_at: NOW,
        active_from: NOW,
        pulled_at: None,
    };
    setup.store.add_key(&newer, sample::record()).await.unwrap();
    let refused = setup.open_with(setup.master.clone(), NOW).await.err();
    assert!(
        matches!(refused, Some(KeysError::Algorithm { algorithm, .. }) if algorithm == "ML-DSA-44")
    );
}

#[tokio::test]
async fn lifetime_that_no_service_accepts_does_not_start() {
    let setup = Setup::new().await;
    let config = KeysConfig {
        issuer: ISSUER.to_owned(),
        lifetime: Duration::from_hours(1),
        rotate_every: MONTH,
    };
    let core = Arc::new(setup.store.clone());
    let refused = Keys::open(core, setup.master.clone(), config, NOW, Arc::new(OsRandom)).await;
    assert!(matches!(refused.err(), Some(KeysError::Lifetime(_))));
}

#[tokio::test]
async fn rotated_key_is_published_before_it_signs() {
    let setup = Setup::new().await;
    let keys = setup.open(NOW).await;
    let old = signer(&keys, NOW);
    let next = keys.rotate(&By::system(NOW)).await.unwrap();
    assert!(keys.jwks().contains(next.as_str()));
    assert_eq!(states(&keys, NOW), [KeyState::Signing, KeyState::Pending]);
    assert_eq!(keys.rotate(&By::system(NOW)).await.unwrap(), next, "asked twice");

    let later = NOW.plus(PUBLISH_AHEAD);
    assert_eq!(signer(&keys, later.minus(Duration::from_secs(1))), old);
    assert_eq!(signer(&keys, later), next);
    keys.maintain(later).await.unwrap();
    assert!(keys.jwks().contains(old.as_str()));
}

#[tokio::test]
async fn upkeep_makes_the_key_that_is_due_and_forgets_the_one_that_is_over() {
    let setup = Setup::new().await;
    let keys = setup.open(NOW).await;
    let old = signer(&keys, NOW);
    let due = NOW.plus(MONTH).minus(PUBLISH_AHEAD);
    keys.maintain(due.minus(Duration::from_secs(1))).await.unwrap();
    assert_eq!(keys.list(due).len(), 1);
    keys.maintain(due).await.unwrap();
    assert_eq!(states(&keys, due), [KeyState::Signing, KeyState::Pending]);

    let over = NOW.plus(MONTH).plus(RETIRED_FOR);
    keys.maintain(over).await.unwrap();
    assert_eq!(states(&keys, over), [KeyState::Signing]);
    assert!(!keys.jwks().contains(old.as_str()));
    assert_eq!(setup.store.list_keys().await.unwrap().len(), 1);
}

#[tokio::test]
async fn pulled_key_is_replaced_at_once() {
    let setup = Setup::new().await;
    let keys = setup.open(NOW).await;
    let (bad, token) = (signer(&keys, NOW), mint(&keys, NOW));
    assert!(keys.pull(&bad, &By::system(NOW)).await.unwrap());
    assert!(!is_accepted(&keys, &token, NOW));
    assert!(!keys.jwks().contains(bad.as_str()));
    assert_ne!(signer(&keys, NOW), bad);
    assert!(is_accepted(&keys, &mint(&keys, NOW), NOW));
}

#[tokio::test]
async fn pulling_a_key_that_does_not_sign_makes_no_other() {
    let setup = Setup::new().await;
    let keys = setup.open(NOW).await;
    let signs = signer(&keys, NOW);
    let pending = keys.rotate(&By::system(NOW)).await.unwrap();
    assert!(keys.pull(&pending, &By::system(NOW)).await.unwrap());
    assert_eq!(states(&keys, NOW), [KeyState::Signing, KeyState::Pulled]);
    assert_eq!(signer(&keys, NOW), signs);
    assert!(!keys.pull(&KeyId::new("unknown"), &By::system(NOW)).await.unwrap());
}

#[tokio::test]
async fn key_pulled_on_another_node_is_pulled_here_after_upkeep() {
    let setup = Setup::new().await;
    let (here, there) = (setup.open(NOW).await, setup.open(NOW).await);
    let bad = signer(&here, NOW);
    there.pull(&bad, &By::system(NOW)).await.unwrap();
    here.maintain(NOW).await.unwrap();
    assert_eq!(signer(&here, NOW), signer(&there, NOW));
    assert!(!here.jwks().contains(bad.as_str()));
}

#[tokio::test]
async fn internal_token_is_reused_for_its_audience_until_shortly_before_it_expires() {
    let setup = Setup::new().await;
    let (keys, live) = (setup.open(NOW).await, setup.live().await);
    let (orders, profile) = (Arc::from("orders"), Arc::from("profile"));
    let flat = Hierarchy::default();
    let first = keys.mint_for(&live, &orders, &flat, NOW).unwrap();
    let soon = NOW.plus(Duration::from_secs(49));
    assert_eq!(keys.mint_for(&live, &orders, &flat, soon).unwrap(), first);
    assert_ne!(keys.mint_for(&live, &profile, &flat, soon).unwrap(), first);
    let late = NOW.plus(Duration::from_secs(50));
    assert_ne!(keys.mint_for(&live, &orders, &flat, late).unwrap(), first);
}

#[tokio::test]
async fn internal_token_is_not_reused_where_other_roles_follow_from_the_same() {
    let setup = Setup::new().await;
    let (keys, live) = (setup.open(NOW).await, setup.live().await);
    let orders = Arc::from("orders");
    let flat = keys.mint_for(&live, &orders, &Hierarchy::default(), NOW).unwrap();
    let held = live.session.authorization.roles.first().unwrap().clone();
    let includes = [(held.clone(), vec!["reader".parse().unwrap()])].into();
    let hierarchy = Hierarchy::new(&includes, &BTreeMap::new()).unwrap();
    let token = keys.mint_for(&live, &orders, &hierarchy, NOW).unwrap();
    assert_ne!(token, flat);
    assert_eq!(keys.mint_for(&live, &orders, &hierarchy, NOW).unwrap(), token);
    let set = KeySet::parse(keys.jwks().as_bytes()).unwrap();
    let claims = Verifier::new(ISSUER, "orders", set).verify(&token, NOW.as_secs()).unwrap();
    assert_eq!(claims.roles, [held.as_str(), "reader"]);
}

#[tokio::test]
async fn internal_token_of_a_pulled_key_is_not_reused() {
    let setup = Setup::new().await;
    let (keys, live) = (setup.open(NOW).await, setup.live().await);
    let (orders, flat) = (Arc::from("orders"), Hierarchy::default());
    let first = keys.mint_for(&live, &orders, &flat, NOW).unwrap();
    keys.pull(&signer(&keys, NOW), &By::system(NOW)).await.unwrap();
    let second = keys.mint_for(&live, &orders, &flat, NOW).unwrap();
    assert_ne!(first, second);
    assert!(is_accepted(&keys, &second, NOW));
}

#[tokio::test]
async fn issuer_says_where_its_keys_are_and_promises_nothing_else() {
    let setup = Setup::new().await;
    let keys = setup.open(NOW).await;
    let document: Value = serde_json::from_str(&keys.discovery()).unwrap();
    assert_eq!(
        document,
        serde_json::json!({
            "issuer": "https://shop.example/auth/internal",
            "jwks_uri": "https://shop.example/auth/internal/jwks.json",
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["ES256"],
        })
    );
}
