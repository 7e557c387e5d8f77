//! What changes do, over the embedded store.

mod on_record;
mod rotating;
mod waiting;

use std::time::Duration;

use symbolon_core::audit::{By, Kind};
use symbolon_core::client::{CredentialId, Proof, StoredPassword};
use symbolon_core::http_signature::Algorithm;
use symbolon_core::password::PasswordHash;
use symbolon_core::secret::Secret;
use symbolon_core::{OsRandom, PlainToken, Timestamp, TokenKind};
use tempfile::TempDir;

use super::*;
use crate::client_store::{StoredClient, StoredCredential};
use crate::conformance::{NOW, sample};
use crate::sessions::SessionsConfig;
use crate::sqlite::SqliteStore;

struct World {
    clients: Arc<Clients>,
    sessions: Arc<Sessions>,
    store: SqliteStore,
    master: MasterKey,
    folder: TempDir,
}

impl World {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self::open(folder, MasterKey::generate(&OsRandom)).await
    }

    async fn restart(self) -> Self {
        self.clients.flush_uses().await.unwrap();
        self.store.close().await;
        Self::open(self.folder, self.master).await
    }

    async fn open(folder: TempDir, master: MasterKey) -> Self {
        let path = folder.path().join("symbolon.db");
        let store = SqliteStore::open(&format!("sqlite:{}", path.display())).await.unwrap();
        let shared = Arc::new(store.clone());
        let config = SessionsConfig { cache_entries: 10, touch_interval: Duration::from_secs(10) };
        let sessions = Sessions::open(shared.clone(), shared.clone(), config, NOW).await.unwrap();
        let clients = Self::beside(&store, &sessions, &master).await;
        Self { clients, sessions, store, master, folder }
    }

    /// What another process with the same store would know.
    async fn beside(
        store: &SqliteStore,
        sessions: &Arc<Sessions>,
        master: &MasterKey,
    ) -> Arc<Clients> {
        let parts = ClientsParts {
            store: Arc::new(store.clone()),
            sessions: Arc::clone(sessions),
            master: master.clone(),
            random: Arc::new(OsRandom),
        };
        Clients::open(parts).await.unwrap()
    }

    async fn add(&self, name: &str) {
        self.clients.add(Client::new(id(name)), &by()).await.unwrap();
    }

    /// A new API key of a client.
    async fn key(&self, name: &str) -> TokenHash {
        let hash = PlainToken::generate(TokenKind::ApiKey, &OsRandom).hash();
        let proof = Proof::ApiKey { hash };
        self.clients.add_credential(id(name), (None, proof), None, &by()).await.unwrap();
        hash
    }

    fn lets_in(&self, hash: &TokenHash, now: Timestamp) -> bool {
        let file = self.clients.file();
        let directories = Directories { file: &file, store: &self.clients };
        directories.api_key(hash).is_some_and(|registered| registered.prove(now).is_ok())
    }
}

fn id(name: &str) -> ClientId {
    name.parse().unwrap()
}

fn shared(key_id: &str) -> Proof {
    let algorithms = Algorithm::SHARED.into();
    let secret = Secret::new("a secret of thirty-two characters");
    Proof::Hmac { key_id: key_id.into(), secret, algorithms }
}

fn named(name: &str) -> CredentialId {
    name.parse().unwrap()
}

fn by() -> By {
    By::system(NOW)
}

#[tokio::test]
async fn a_change_holds_when_it_is_answered_and_after_a_restart() {
    let world = World::new().await;
    world.add("robot").await;
    let (one, two) = (world.key("robot").await, world.key("robot").await);
    assert!(world.lets_in(&one, NOW) && world.lets_in(&two, NOW));
    world.clients.remove_credential(id("robot"), named("api-key-1"), &by()).await.unwrap();
    assert!(!world.lets_in(&one, NOW) && world.lets_in(&two, NOW));
    let groups = |client: &mut Client| client.groups = vec!["staff".to_owned()];
    world.clients.change(id("robot"), (Kind::ClientChanged, &by()), groups).await.unwrap();
    let world = world.restart().await;
    assert!(!world.lets_in(&one, NOW) && world.lets_in(&two, NOW));
    assert_eq!(world.clients.current().client(&id("robot")).unwrap().groups, ["staff"]);
    let off = |client: &mut Client| client.enabled = false;
    world.clients.change(id("robot"), (Kind::ClientDisabled, &by()), off).await.unwrap();
    assert!(!world.lets_in(&two, NOW));
    world.clients.remove(id("robot"), &by()).await.unwrap();
    let world = world.restart().await;
    assert!(world.clients.current().is_empty() && !world.lets_in(&two, NOW));
}

#[tokio::test]
async fn every_kind_of_credential_is_what_it_was_after_a_restart() {
    let world = World::new().await;
    world.add("robot").await;
    let proofs = [
        Proof::Basic {
            username: "robot".into(),
            password: StoredPassword::Hash(PasswordHash::from_stored(sample::PASSWORD_HASH)),
        },
        shared("k"),
        Proof::Jwt { key: "j".into(), algorithm: "ES256".into(), material: Secret::new("PEM") },
        Proof::Mtls { certificate: CertificateMatch::san("robot.example").unwrap() },
        Proof::Mtls { certificate: CertificateMatch::subject("CN=a, O=b").unwrap() },
        Proof::Mtls { certificate: CertificateMatch::fingerprint(&"ab".repeat(32)).unwrap() },
    ];
    for proof in &proofs {
        let new = (None, proof.clone());
        world.clients.add_credential(id("robot"), new, None, &by()).await.unwrap();
    }
    let world = world.restart().await;
    let current = world.clients.current();
    assert_eq!(current.client(&id("robot")).unwrap().credentials.len(), proofs.len());
    for proof in &proofs {
        assert_eq!(current.looking_like(proof).unwrap().credential().proof, *proof);
    }
}

#[tokio::test]
async fn a_key_is_sealed_and_opens_only_in_its_place() {
    let world = World::new().await;
    for name in ["one", "two"] {
        world.add(name).await;
        let proof = shared(name);
        world.clients.add_credential(id(name), (None, proof), None, &by()).await.unwrap();
    }
    let (stored, _) = world.store.clients().await.unwrap();
    let sealed = |index: usize| stored[index].credentials[0].clone();
    let (one, two) = (sealed(0), sealed(1));
    assert!(!one.secret.as_ref().unwrap().windows(6).any(|window| window == b"secret"));
    let with =
        |credential| StoredClient { client: Client::new(id("one")), credentials: vec![credential] };
    let opened = |credential| world.clients.seals.open_client(with(credential)).credentials.len();
    assert_eq!(opened(one.clone()), 1);
    let swapped = StoredCredential { secret: two.secret, ..one.clone() };
    assert_eq!(opened(swapped), 0);
    // A key of one kind is not taken for one of another.
    let other = StoredCredential {
        kind: symbolon_core::client::ProofKind::Jwt,
        algorithm: Some("HS256".to_owned()),
        ..one
    };
    assert_eq!(opened(other), 0);
}

#[tokio::test]
async fn what_the_file_has_is_not_to_be_had() {
    let world = World::new().await;
    let hash = PlainToken::generate(TokenKind::ApiKey, &OsRandom).hash();
    let proof = Proof::ApiKey { hash };
    let mut of_file = Client::new(id("robot"));
    of_file.credentials.push(symbolon_core::Credential {
        id: named("key"),
        expires_at: None,
        proof: proof.clone(),
    });
    world.add("robot").await;
    let own = world.key("robot").await;
    world.add("other").await;
    world.clients.set_file(&Arc::new(Directory::new([of_file], None)));
    let refused = world.clients.add(Client::new(id("robot")), &by()).await.unwrap_err();
    assert!(matches!(refused, ClientsError::InFile(_)), "{refused}");
    let refused = world.clients.remove(id("robot"), &by()).await.unwrap_err();
    assert!(matches!(refused, ClientsError::InFile(_)), "{refused}");
    let taken = world.clients.add_credential(id("other"), (None, proof), None, &by()).await;
    assert!(matches!(taken.unwrap_err(), ClientsError::Taken(_)));
    // The name is the file's now, and so is what the store's had.
    assert!(world.lets_in(&hash, NOW) && !world.lets_in(&own, NOW));
    let taken = world.clients.add(Client::new(id("other")), &by()).await.unwrap_err();
    assert!(matches!(taken, ClientsError::ClientExists(_)), "{taken}");
}

#[tokio::test]
async fn a_rotated_key_ends_after_the_overlap() {
    let world = World::new().await;
    world.add("robot").await;
    let old = world.key("robot").await;
    let new = PlainToken::generate(TokenKind::ApiKey, &OsRandom).hash();
    let hour = Duration::from_hours(1);
    let by = by();
    let rotated = world.clients.rotate_credential(
        id("robot"),
        named("api-key-1"),
        Proof::ApiKey { hash: new },
        (hour, None),
        &by,
    );
    assert_eq!(rotated.await.unwrap(), named("api-key-2"));
    for world in [&world, &world] {
        assert!(world.lets_in(&old, NOW) && world.lets_in(&new, NOW));
        assert!(!world.lets_in(&old, NOW.plus(hour)) && world.lets_in(&new, NOW.plus(hour)));
    }
    let world = world.restart().await;
    assert!(!world.lets_in(&old, NOW.plus(hour)) && world.lets_in(&new, NOW.plus(hour)));
}

#[tokio::test]
async fn the_last_use_is_written_and_read_again() {
    let world = World::new().await;
    world.add("robot").await;
    let hash = world.key("robot").await;
    world.clients.current().api_key(&hash).unwrap().used(NOW);
    // Another form of the client knows it too.
    world.key("robot").await;
    let used = |world: &World| world.clients.current().api_key(&hash).unwrap().last_used();
    assert_eq!(used(&world), Some(NOW));
    let world = world.restart().await;
    assert_eq!(used(&world), Some(NOW));
    assert!(world.clients.current().api_key(&hash).unwrap().unwritten().is_none());
}

#[tokio::test]
async fn what_another_process_changed_is_seen_while_the_store_is_shared() {
    let world = World::new().await;
    world.add("robot").await;
    let hash = world.key("robot").await;
    let other = World::beside(&world.store, &world.sessions, &world.master).await;
    other.remove_credential(id("robot"), named("api-key-1"), &by()).await.unwrap();
    world.clients.follow().await.unwrap();
    assert!(world.lets_in(&hash, NOW), "nobody asks while this process is alone");
    world.sessions.share().await.unwrap();
    world.clients.follow().await.unwrap();
    assert!(!world.lets_in(&hash, NOW));
    // And what is changed here is made of what is there.
    other.add(Client::new(id("second")), &by()).await.unwrap();
    world.clients.add(Client::new(id("third")), &by()).await.unwrap();
    assert_eq!(world.clients.current().len(), 3);
}

#[tokio::test]
async fn the_sessions_that_a_client_opened_end_with_it_or_with_a_credential() {
    let world = World::new().await;
    for how in 0..3 {
        world.add("app").await;
        world.key("app").await;
        let with_client = |client: Option<&str>| symbolon_core::Session {
            client: client.map(id),
            ..sample::session("alice", NOW)
        };
        let opened = world.sessions.create(with_client(Some("app"))).await.unwrap();
        let other = world.sessions.create(with_client(None)).await.unwrap();
        match how {
            0 => world.clients.remove(id("app"), &by()).await.unwrap(),
            1 => {
                let off = |client: &mut Client| client.enabled = false;
                world.clients.change(id("app"), (Kind::ClientDisabled, &by()), off).await.unwrap();
            }
            _ => {
                let key = named("api-key-1");
                world.clients.remove_credential(id("app"), key, &by()).await.unwrap();
            }
        }
        let live = async |token| world.sessions.find(token, NOW).await.unwrap().is_some();
        assert!(!live(&opened.session.token).await && live(&other.session.token).await, "{how}");
        if how == 1 {
            world.clients.remove(id("app"), &by()).await.unwrap();
        }
    }
}
