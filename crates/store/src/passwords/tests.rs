//! Proving a password again: what spares the hash, and what does not.

use std::sync::Arc;

use parking_lot::Mutex;
use symbolon_core::password::PlainPassword;
use symbolon_core::secret::Secret;
use symbolon_core::throttle::{PAIR, Source};
use symbolon_core::{OsRandom, SubjectId, Timestamp};
use tempfile::TempDir;

use super::*;
use crate::conformance::sample;
use crate::core_store::Account;
use crate::sessions::SessionsConfig;
use crate::sqlite::SqliteStore;

const PASSWORD: &str = "open sesame, please";

struct TestClock(Mutex<Timestamp>);

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        *self.0.lock()
    }
}

struct World {
    passwords: Arc<Passwords>,
    core: Arc<dyn CoreStore>,
    store: SqliteStore,
    clock: Arc<TestClock>,
    _folder: TempDir,
}

impl World {
    async fn new() -> Self {
        Self::with_queue(100).await
    }

    async fn with_queue(queue: usize) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("symbolon.db");
        let store = SqliteStore::open(&format!("sqlite:{}", path.display())).await.unwrap();
        let core: Arc<dyn CoreStore> = Arc::new(store.clone());
        let clock = Arc::new(TestClock(Mutex::new(Timestamp::from_secs(1_800_000_000))));
        let config = SessionsConfig { cache_entries: 10, touch_interval: Duration::from_secs(10) };
        let sessions =
            Sessions::open(Arc::clone(&core), Arc::new(store.clone()), config, clock.now());
        let parts = PasswordsParts {
            core: Arc::clone(&core),
            sessions: sessions.await.unwrap(),
            clock: Arc::clone(&clock) as Arc<dyn Clock>,
            random: Arc::new(OsRandom),
        };
        let config = PasswordsConfig { threads: 2, queue, remember_for: REMEMBER_FOR };
        let passwords = Passwords::new(config, parts, &MasterKey::generate(&OsRandom)).unwrap();
        let now = clock.now();
        let account = Account {
            subject: alice(),
            password_hash: hash(PASSWORD),
            roles: Vec::new(),
            groups: Vec::new(),
            disabled: false,
            created_at: now,
            password_changed_at: now,
        };
        core.create_account(&account, sample::record()).await.unwrap();
        Self { passwords, core, store, clock, _folder: folder }
    }

    async fn again(&self, password: &str) -> Result<Arc<Account>, CredentialsError> {
        self.passwords.prove_again("Alice", password, Source::Unknown).await
    }

    fn hashes(&self) -> u64 {
        self.passwords.metrics().hashes()
    }

    fn advance(&self, by: Duration) {
        let mut now = self.clock.0.lock();
        *now = now.plus(by);
    }
}

fn alice() -> SubjectId {
    "alice".parse().unwrap()
}

fn hash(password: &str) -> String {
    let plain = PlainPassword::new(password).unwrap();
    PasswordHash::of(&plain, &OsRandom).unwrap().as_str().to_owned()
}

#[tokio::test]
async fn what_was_right_a_moment_ago_is_right_without_a_hash_and_without_a_charge() {
    let world = World::new().await;
    for _ in 0..10 * PAIR.free {
        assert!(world.again(PASSWORD).await.is_ok());
    }
    assert_eq!(world.hashes(), 1);
    world.advance(REMEMBER_FOR);
    assert!(world.again(PASSWORD).await.is_ok());
    assert_eq!(world.hashes(), 2);
}

#[tokio::test]
async fn a_wrong_password_is_hashed_each_time() {
    let world = World::new().await;
    assert!(world.again(PASSWORD).await.is_ok());
    for _ in 0..2 {
        assert!(matches!(world.again("wrong").await, Err(CredentialsError::Wrong { .. })));
    }
    assert_eq!(world.hashes(), 3);
}

#[tokio::test]
async fn a_new_password_makes_the_old_one_wrong_at_once() {
    let world = World::new().await;
    let old = world.again(PASSWORD).await.unwrap();
    let new = hash("a lamp, a ring and a cave");
    let now = world.clock.now();
    assert!(
        world
            .core
            .set_password(&alice(), (&old.password_hash, &new), now, None, sample::record())
            .await
            .unwrap()
    );
    assert!(matches!(world.again(PASSWORD).await, Err(CredentialsError::Wrong { .. })));
}

#[tokio::test]
async fn a_disabled_account_is_out_at_once_and_roles_are_those_of_now() {
    let world = World::new().await;
    assert!(world.again(PASSWORD).await.is_ok());
    let role = "admin".parse().unwrap();
    assert!(
        world
            .core
            .set_roles(&alice(), std::slice::from_ref(&role), sample::record())
            .await
            .unwrap()
    );
    assert_eq!(world.again(PASSWORD).await.unwrap().roles, [role]);
    assert!(world.core.set_disabled(&alice(), true, None, sample::record()).await.unwrap());
    assert!(matches!(world.again(PASSWORD).await, Err(CredentialsError::Wrong { .. })));
    assert!(world.core.set_disabled(&alice(), false, None, sample::record()).await.unwrap());
    assert!(world.again(PASSWORD).await.is_ok());
}

#[tokio::test]
async fn an_account_that_was_not_there_is_seen_when_it_is() {
    let world = World::new().await;
    let bob = |password| world.passwords.prove_again("bob", password, Source::Unknown);
    assert!(bob(PASSWORD).await.is_err());
    let alice = world.core.find_account(&alice()).await.unwrap().unwrap();
    let account = Account { subject: "bob".parse().unwrap(), ..alice };
    world.core.create_account(&account, sample::record()).await.unwrap();
    assert!(bob(PASSWORD).await.is_ok());
}

#[tokio::test]
async fn a_clients_credential_is_known_again_for_itself_only() {
    let world = World::new().await;
    let stored = PasswordHash::from_stored(&hash(PASSWORD));
    for (name, hashes) in [("reporting", 1), ("reporting", 1), ("billing", 2)] {
        let key = AttemptKey::of(name);
        let proved =
            world.passwords.prove_hash_again(&key, &stored, PASSWORD, Source::Unknown).await;
        assert!(proved.is_ok());
        assert_eq!(world.hashes(), hashes);
    }
    let key = AttemptKey::of("reporting");
    let wrong = world.passwords.prove_hash_again(&key, &stored, "wrong", Source::Unknown).await;
    assert!(matches!(wrong, Err(CredentialsError::Wrong { account: None })));
}

/// A caller that hangs up while the change is written: the memory learns of it all the same.
#[tokio::test]
async fn a_change_that_nobody_waits_for_is_seen() {
    use futures_util::FutureExt as _;
    let world = World::new().await;
    assert!(world.again(PASSWORD).await.is_ok());
    let alice = alice();
    assert!(world.core.set_disabled(&alice, true, None, sample::record()).now_or_never().is_none());
    // Another change, after it in the queue of the one writer.
    world.core.set_roles(&"nobody".parse().unwrap(), &[], sample::record()).await.unwrap();
    assert!(matches!(world.again(PASSWORD).await, Err(CredentialsError::Wrong { .. })));
}

/// Whether a password may be tried at once.
fn is_free(world: &World, key: &AttemptKey) -> bool {
    use futures_util::FutureExt as _;
    world.passwords.attempts().admit(key, Source::Unknown).now_or_never().is_some()
}

#[tokio::test]
async fn what_nobody_could_tell_is_not_held_against_whoever_tried() {
    let stored = PasswordHash::from_stored(&hash(PASSWORD));
    let credential = AttemptKey::of("reporting");
    // No place to wait: nothing is hashed.
    let world = World::with_queue(0).await;
    let (passwords, secret) = (&world.passwords, Secret::new(PASSWORD));
    for _ in 0..PAIR.free {
        let account = passwords.prove("alice", "wrong", Source::Unknown).await.err();
        let hash = passwords.prove_hash(&credential, &stored, "wrong", Source::Unknown).await;
        let secret = passwords.prove_secret(&credential, &secret, "wrong", Source::Unknown).await;
        for error in [account, hash.err(), secret.err()] {
            let error = error.unwrap();
            assert!(matches!(error, CredentialsError::Hashing(_)), "{error}");
        }
    }
    assert!(is_free(&world, &AttemptKey::Account(alice())));
    assert!(is_free(&world, &credential));
    // No store.
    let world = World::new().await;
    world.store.close().await;
    for _ in 0..PAIR.free {
        let error = world.passwords.prove("alice", "wrong", Source::Unknown).await.err().unwrap();
        assert!(matches!(error, CredentialsError::Store(_)), "{error}");
    }
    assert!(is_free(&world, &AttemptKey::Account(alice())));
}

#[tokio::test]
async fn a_password_in_an_explanation_is_charged_if_it_is_wrong_and_only_then() {
    use futures_util::FutureExt as _;
    let world = World::new().await;
    let key = AttemptKey::of("reporting");
    let secret = Secret::new(PASSWORD);
    // At once, or not at all.
    let explained =
        |typed| world.passwords.prove_secret_unsent(&key, &secret, typed).now_or_never();
    for _ in 0..200 {
        assert!(matches!(explained(PASSWORD), Some(Ok(()))));
    }
    for _ in 0..PAIR.free {
        assert!(matches!(explained("wrong"), Some(Err(CredentialsError::Wrong { account: None }))));
    }
    assert!(explained("wrong").is_none());
    assert!(explained(PASSWORD).is_none());
    // The client itself goes on, from wherever it is, and nothing was hashed for all that.
    let elsewhere = Source::Network("192.0.2.1".parse().unwrap());
    assert!(world.passwords.attempts().admit(&key, elsewhere).now_or_never().is_some());
    assert_eq!(world.hashes(), 0);
}
