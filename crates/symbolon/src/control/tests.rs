//! Commands on a real store, carried out here and through the socket.

use std::os::unix::fs::PermissionsExt as _;
use std::time::Duration;

use symbolon_core::ClientId;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::UnixStream;
use tokio::sync::watch;
use zeroize::Zeroizing;

use super::*;
use crate::services::Services;
use crate::testing::system;

fn name(text: &str) -> SubjectId {
    text.parse().unwrap()
}

fn password(text: &str) -> Password {
    Password::new(Zeroizing::new(text.to_owned()))
}

fn add(text: &str) -> Command {
    Command::UserAdd {
        name: name(text),
        password: password("open sesame, please"),
        roles: vec!["customer".parse().unwrap()],
        groups: vec!["emea".to_owned()],
    }
}

async fn refused(services: &Services, command: Command) -> String {
    execute(services, command).await.unwrap_err().to_string()
}

#[tokio::test]
async fn accounts_are_added_listed_and_disabled() {
    let system = system().await;
    let services = &system.services;
    for who in ["zoe", "alice"] {
        execute(services, add(who)).await.unwrap();
    }
    execute(services, Command::UserDisable { name: name("zoe") }).await.unwrap();
    let Reply::Users(rows) = execute(services, Command::UserList).await.unwrap() else {
        panic!("a list of accounts");
    };
    assert!(rows.iter().all(|row| row.roles == ["customer"] && row.groups == ["emea"]), "{rows:?}");
    let rows: Vec<_> = rows.iter().map(|row| (row.name.as_str(), row.disabled)).collect();
    assert_eq!(rows, [("alice", false), ("zoe", true)]);
}

#[tokio::test]
async fn what_does_not_exist_is_said_to_be_missing() {
    let system = system().await;
    let services = &system.services;
    let nobody = || name("nobody");
    let id = symbolon_core::SessionId::from_bytes([7; 16]);
    let kid = symbolon_core::KeyId::new("none");
    let new = || password("open sesame, please");
    for command in [
        Command::UserDisable { name: nobody() },
        Command::UserEnable { name: nobody() },
        Command::UserRoles { name: nobody(), roles: Vec::new() },
        Command::UserPassword { name: nobody(), password: new() },
        Command::SessionEnd { id },
        Command::KeyPull { id: kid },
    ] {
        let reason = refused(services, command).await;
        assert!(reason.starts_with("there is no "), "{reason}");
    }
}

#[tokio::test]
async fn a_password_must_obey_the_rules_here_too() {
    let system = system().await;
    let services = &system.services;
    execute(services, add("alice")).await.unwrap();
    let command = Command::UserPassword { name: name("alice"), password: password("short") };
    assert!(refused(services, command).await.contains("not accepted"));
    let alice = name("alice");
    let stored = || services.core.find_account(&alice);
    let before = stored().await.unwrap().unwrap().password_hash;
    let command = Command::UserPassword {
        name: name("alice"),
        password: password("another long phrase, thanks"),
    };
    execute(services, command).await.unwrap();
    assert_ne!(stored().await.unwrap().unwrap().password_hash, before);
}

#[tokio::test]
async fn a_key_that_is_replaced_says_when_it_ends_and_what_the_new_one_has_not() {
    let system = system().await;
    let services = &system.services;
    let hours = |hours: u64| Duration::from_secs(hours * 3600);
    let client: ClientId = "robot".parse().unwrap();
    let carry_out = |command| execute(services, Command::Client(command));
    let id = client.clone();
    carry_out(ClientCommand::Add { id, facts: Facts::default() }).await.unwrap();
    for (overlap, expiry, is_own_end) in [(48, None, true), (1, None, false), (48, Some(1), true)] {
        let expiry = expiry.map(|span| Expiry::In(hours(span)));
        let added = ClientCommand::CredentialAdd {
            client: client.clone(),
            id: None,
            expiry: Some(Expiry::In(hours(24))),
            proof: NewProof::ApiKey { foreign: None },
        };
        let Reply::Credential { credential: old, .. } = carry_out(added).await.unwrap() else {
            panic!("a credential");
        };
        let own_end = services.clients.current().credentials(&client).iter().find_map(|one| {
            let one = one.credential();
            (one.id.as_str() == old).then_some(one.expires_at).flatten()
        });
        let rotate = ClientCommand::CredentialRotate {
            client: client.clone(),
            id: old.parse().unwrap(),
            overlap: hours(overlap),
            expiry,
        };
        let Reply::Credential { says, .. } = carry_out(rotate).await.unwrap() else {
            panic!("a credential");
        };
        let at_own_end = format!("`{old}` ends at {}", own_end.unwrap());
        assert_eq!(says.contains(&at_own_end), is_own_end, "{says}");
        assert_eq!(says.contains("does not expire"), expiry.is_none(), "{says}");
    }
}

#[tokio::test]
async fn a_pulled_key_is_replaced_at_once() {
    let system = system().await;
    let services = &system.services;
    let keys = async || match execute(services, Command::KeyList).await.unwrap() {
        Reply::Keys(rows) => rows,
        other => panic!("a list of keys, not {other:?}"),
    };
    let first = keys().await.remove(0).id;
    let id = symbolon_core::KeyId::new(&first);
    execute(services, Command::KeyPull { id }).await.unwrap();
    let states: Vec<_> = keys().await.into_iter().map(|key| (key.id == first, key.state)).collect();
    assert!(states.contains(&(true, "pulled".to_owned())), "{states:?}");
    assert!(states.contains(&(false, "signing".to_owned())), "{states:?}");
}

#[tokio::test]
async fn the_socket_carries_commands_answers_and_refusals() {
    let system = system().await;
    let path = system.loaded.settings.store.control_socket();
    let left = watch::Sender::new(false);
    let socket = ControlSocket::bind(&path, left.subscribe()).unwrap();
    let mode = std::fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let server = tokio::spawn(socket.run(system.services.clone()));

    let reply = send(&path, &add("alice")).await.unwrap();
    assert_eq!(reply, Reply::Done("account `alice` added".to_owned()));
    let refusal = send(&path, &add("alice")).await.unwrap_err();
    assert_eq!(refusal.to_string(), "account `alice` exists already");

    server.abort();
    let _ = server.await;
    assert!(!path.exists(), "a socket that nobody listens on is left behind");
    let error = send(&path, &Command::UserList).await.unwrap_err();
    assert!(matches!(error, SendError::NoServer { .. }));
}

#[tokio::test]
async fn nonsense_on_the_socket_is_refused_and_the_next_command_served() {
    let system = system().await;
    let path = system.loaded.settings.store.control_socket();
    let left = watch::Sender::new(false);
    let socket = ControlSocket::bind(&path, left.subscribe()).unwrap();
    let server = tokio::spawn(socket.run(system.services.clone()));
    let mut stream = UnixStream::connect(&path).await.unwrap();
    stream.write_all(b"{\"drop_tables\":{}}\n").await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.contains("not a command"), "{answer}");
    assert!(send(&path, &Command::UserList).await.is_ok());
    server.abort();
}

#[tokio::test]
async fn half_a_command_holds_up_no_other() {
    let system = system().await;
    let path = system.loaded.settings.store.control_socket();
    let left = watch::Sender::new(false);
    let socket = ControlSocket::bind(&path, left.subscribe()).unwrap();
    let server = tokio::spawn(socket.run(system.services.clone()));
    let mut half = UnixStream::connect(&path).await.unwrap();
    half.write_all(b"{\"user").await.unwrap();
    // Half as long as the other half is waited for.
    let other = tokio::time::timeout(Duration::from_secs(5), async {
        send(&path, &Command::UserList).await.unwrap();
    });
    other.await.expect("it is answered at once");
    server.abort();
}

#[tokio::test]
async fn a_socket_that_another_process_has_taken_over_stays() {
    let system = system().await;
    let path = system.loaded.settings.store.control_socket();
    let (left, stays) = (watch::Sender::new(false), watch::Sender::new(false));
    let socket = ControlSocket::bind(&path, left.subscribe()).unwrap();
    let heir = ControlSocket::inherit(&path, socket.share().unwrap(), stays.subscribe()).unwrap();
    let server = tokio::spawn(socket.run(system.services.clone()));
    left.send_replace(true);
    server.await.unwrap();
    let server = tokio::spawn(heir.run(system.services.clone()));
    assert!(send(&path, &Command::UserList).await.is_ok());
    server.abort();
}

#[test]
fn a_password_is_not_printed() {
    let printed = format!("{:?}", add("alice"));
    assert!(!printed.contains("sesame"), "{printed}");
}
