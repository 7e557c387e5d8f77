//! What stands around the example services: address, folder, configuration, accounts.

use std::fs;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use symbolon_gateway::config::{Authenticate, AuthenticatorKind, Targets};

use super::service::Kind;
use super::*;
use crate::config::Settings;
use crate::services::Services;

const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// The demo's configuration in this folder, read as the demo reads it.
fn settings(folder: &Folder, ip: IpAddr) -> Settings {
    folder.robot_key().unwrap();
    let at = |port| SocketAddr::new(ip, port);
    let targets = [(Kind::Orders, at(1)), (Kind::Profile, at(2)), (Kind::Echo, at(3))];
    let text = configuration::text(at(8080), at(9080), targets.into_iter());
    let file = folder.write_configuration(&text).unwrap();
    config::load(&file).unwrap().settings
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn address_beyond_this_machine_is_refused() {
    for address in ["0.0.0.0", "::", "192.0.2.1", "2001:db8::1", "::ffff:192.0.2.1"] {
        let refused = Reserved::new(address.parse().unwrap(), 0).unwrap_err();
        assert!(matches!(refused, AddressError::NotLoopback(_)), "{address}");
        assert!(refused.hint().is_some());
    }
}

#[test]
fn port_in_use_is_refused_with_a_way_out() {
    let other = TcpListener::bind((LOOPBACK, 0)).unwrap();
    let port = other.local_addr().unwrap().port();
    let refused = Reserved::new(LOOPBACK, port).unwrap_err();
    assert!(refused.to_string().contains(&port.to_string()));
    assert!(refused.hint().unwrap().contains("--port"));
}

#[test]
fn reserved_address_can_be_listened_on() {
    let reserved = Reserved::new(LOOPBACK, 0).unwrap();
    assert_ne!(reserved.address().port(), 0);
    TcpListener::bind(reserved.address()).unwrap();
}

#[test]
fn temporary_folder_is_private_and_goes_away() {
    let folder = Folder::open(None).unwrap();
    let path = folder.path().to_owned();
    assert_eq!(mode(&path), 0o700);
    fs::write(path.join("state"), "x").unwrap();
    drop(folder);
    assert!(!path.exists());
}

#[test]
fn kept_folder_keeps_the_key_of_the_robot() {
    let around = tempfile::tempdir().unwrap();
    let path = around.path().join("a/b");
    let key = Folder::open(Some(&path)).unwrap().robot_key().unwrap();
    assert_eq!(mode(&path), 0o700);
    assert_eq!(mode(&path.join(folder::ROBOT_KEY_FILE)), 0o600);
    assert_eq!(Folder::open(Some(&path)).unwrap().robot_key().unwrap(), key);
}

#[test]
fn folder_with_something_of_somebody_else_is_refused() {
    let outer = tempfile::tempdir().unwrap();
    let file = outer.path().join("symbolon.yaml");
    fs::write(&file, "version: 1\n").unwrap();
    let refused = Folder::open(Some(outer.path()));
    assert!(matches!(refused, Err(FolderError::Taken(_))), "{refused:?}");
    assert_eq!(fs::read_dir(outer.path()).unwrap().count(), 1, "nothing came into it");
    // An empty one is as good as a new one, and one's own is found again.
    fs::remove_file(&file).unwrap();
    drop(Folder::open(Some(outer.path())).unwrap());
    fs::write(&file, "version: 1\n").unwrap();
    drop(Folder::open(Some(outer.path())).unwrap());
}

#[test]
fn folder_of_a_running_demo_is_refused_to_another() {
    let around = tempfile::tempdir().unwrap();
    let first = Folder::open(Some(around.path())).unwrap();
    let second = Folder::open(Some(around.path()));
    assert!(matches!(second, Err(FolderError::InUse(_))));
    drop(first);
    Folder::open(Some(around.path())).unwrap();
}

#[test]
fn configuration_is_valid_whatever_the_address() {
    for ip in [LOOPBACK, IpAddr::V6(Ipv6Addr::LOCALHOST)] {
        let folder = Folder::open(None).unwrap();
        let settings = settings(&folder, ip);
        let public = SocketAddr::new(ip, 8080);
        let listeners = settings.gateway.listeners.iter();
        assert!(listeners.map(|listener| listener.address).eq([public]));
        assert_eq!(settings.issuer, format!("http://{public}/auth/internal"));
    }
}

#[test]
fn only_orders_may_change_the_session_and_only_the_cart() {
    let folder = Folder::open(None).unwrap();
    for service in settings(&folder, LOOPBACK).gateway.routing.services {
        let writes: &[&str] = if &*service.name == "orders" { &["cart"] } else { &[] };
        assert_eq!(service.session_writes, writes, "{}", service.name);
        if matches!(service.targets, Targets::Network(_)) {
            assert_eq!(service.audience, service.name);
        }
    }
}

fn takes_keys(authenticate: &Authenticate) -> bool {
    let is_key = |kind: &AuthenticatorKind| matches!(kind, AuthenticatorKind::ApiKey(_));
    authenticate.authenticators().iter().any(|one| is_key(&one.kind))
}

#[test]
fn only_the_tour_is_open_to_everybody() {
    let folder = Folder::open(None).unwrap();
    let mut open = Vec::new();
    let mut robot = Vec::new();
    for route in settings(&folder, LOOPBACK).gateway.routing.routes {
        match &route.authenticate {
            Authenticate::None | Authenticate::Chain { optional: true, .. } => {
                open.push(route.name.to_string());
            }
            authenticate if takes_keys(authenticate) => {
                robot.push(route.name.to_string());
            }
            Authenticate::Chain { .. } => assert!(!route.authorize.requirements().is_empty()),
        }
    }
    assert_eq!(open, ["tour", "style", "auth"]);
    // The last is where a client trades its key for a token.
    assert_eq!(robot, ["profile", "echo", "auth"]);
}

#[tokio::test]
async fn accounts_are_made_once_and_then_left_alone() {
    let folder = Folder::open(None).unwrap();
    let settings = settings(&folder, LOOPBACK);
    let mut listed = Vec::new();
    for _ in 0..2 {
        accounts::ensure(&settings).await.unwrap();
        let services = Services::open(&settings).await.unwrap();
        listed.push(services.core.list_accounts(None, 10).await.unwrap());
        services.store.close().await;
    }
    assert_eq!(listed[0], listed[1]);
    let names: Vec<_> = listed[0].iter().map(|account| account.subject.to_string()).collect();
    assert_eq!(names, ["alice", "root"]);
    assert_eq!(listed[0][1].roles, ["admin".parse().unwrap()]);
}

#[test]
fn tour_in_the_terminal_names_everything_there_is_to_try() {
    let folder = Folder::open(None).unwrap();
    let admin = SocketAddr::new(LOOPBACK, 9080);
    let tour = Tour { site: "http://127.0.0.1:8080", admin, folder: &folder, robot_key: "symk_x" };
    let text = tour.to_string();
    for part in [
        "alice",
        "root",
        "robot",
        "symk_x",
        "open sesame, please",
        "8080/auth/login",
        "8080/orders/cart",
        "8080/profile",
        "8080/admin",
        "8080/echo/",
        "symbolon.yaml",
    ] {
        assert!(text.contains(part), "{part}");
    }
}
