//! How the directory is reached: away, silent, back again, verified, and never in clear.

use std::fs;
use std::net::TcpListener;
use std::path::Path;

use tempfile::TempDir;

use super::super::directory::{ALICE_PASSWORD, Directory, OTHERS_PASSWORD};
use super::{ask, by_search, searching, stage};
use crate::harness::certificates::Authority;
use crate::harness::http::Request;
use crate::harness::patience::{eventually, now};
use crate::harness::settings::Settings;
use crate::harness::symbolon::Symbolon;

#[test]
fn a_directory_that_is_away_is_a_503_and_comes_back_without_a_restart() {
    let (mut directory, stage) = searching("      cache: 0s\n      negative_cache: 0s\n");
    ask(&stage, "/staff", "bob", OTHERS_PASSWORD).expect(200);
    directory.stop();
    for (name, password) in [("bob", OTHERS_PASSWORD), ("bob", "wrong"), ("nobody", "x")] {
        let answer = ask(&stage, "/staff", name, password).expect(503);
        assert_eq!(answer.json()["code"], "unavailable");
        assert!(answer.header("www-authenticate").is_none());
    }
    stage.exchange(&Request::get("/public")).expect(200);
    assert_eq!(stage.api.hits(), 2);
    directory.start_again();
    // Kept connections are dead, and nobody notices.
    ask(&stage, "/staff", "bob", OTHERS_PASSWORD).expect(200);
    ask(&stage, "/staff", "bob", "wrong").expect(401);
}

#[test]
fn connections_that_died_meanwhile_are_replaced() {
    let (mut directory, stage) = searching("      cache: 0s\n");
    ask(&stage, "/staff", "bob", OTHERS_PASSWORD).expect(200);
    directory.stop();
    directory.start_again();
    ask(&stage, "/staff", "bob", OTHERS_PASSWORD).expect(200);
}

#[test]
fn a_connection_on_which_something_went_wrong_is_not_used_again() {
    let directory = Directory::start(None);
    let group = |number: usize| {
        format!(
            "dn: cn=g{number},ou=groups,dc=example,dc=test
changetype: add
objectClass: groupOfNames
cn: g{number}
member: uid=bob,ou=people,dc=example,dc=test

"
        )
    };
    // More than are read.
    directory.modify(&(0..257).map(group).collect::<String>());
    let authenticator = format!(
        "    ldap:
      url: {}
      user_dn: \"uid={{username}},ou=people,dc=example,dc=test\"
      groups: {{ base: \"ou=groups,dc=example,dc=test\", member_of: memberOf }}
",
        directory.url()
    );
    let stage = stage(&authenticator);
    let before = directory.logged("ACCEPT from");
    for connections in 1..=3 {
        ask(&stage, "/staff", "bob", OTHERS_PASSWORD).expect(503);
        eventually("a connection of its own", || {
            (directory.logged("ACCEPT from") - before == connections).then_some(())
        });
    }
}

#[test]
fn a_directory_that_says_nothing_is_a_503_in_time() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let (folder, url) =
        (TempDir::new().unwrap(), format!("ldap://{}", silent.local_addr().unwrap()));
    let stage = stage(&by_search(&url, &folder, "      timeout: 300ms\n"));
    let before = now();
    ask(&stage, "/staff", "bob", OTHERS_PASSWORD).expect(503);
    assert!(before.elapsed().as_secs() < 10, "{:?}", before.elapsed());
}

#[test]
fn a_service_account_that_is_not_known_is_a_503_and_lets_nobody_in() {
    let (directory, folder) = (Directory::start(None), TempDir::new().unwrap());
    let authenticator = by_search(&directory.url(), &folder, "");
    fs::write(folder.path().join("reader.pw"), "another").unwrap();
    let stage = stage(&authenticator);
    ask(&stage, "/staff", "bob", OTHERS_PASSWORD).expect(503);
}

#[test]
fn over_tls_the_directory_is_verified() {
    let (authority, stranger) = (Authority::new("ours"), Authority::new("stranger"));
    let folder = TempDir::new().unwrap();
    let (ours, theirs) = (folder.path().join("ours.pem"), folder.path().join("theirs.pem"));
    authority.write(&ours);
    stranger.write(&theirs);
    let directory = Directory::secured(&authority.issue(&["ldap.test", "127.0.0.1"]));
    let plain = Directory::start(Some(&authority.issue(&["127.0.0.1"])));
    let tls =
        |ca: &Path, further: &str| format!("      tls: {{ ca_file: {}{further} }}\n", ca.display());
    let starting = |ca: &Path| format!("      start_tls: true\n{}", tls(ca, ""));
    let rows = [
        (directory.url(), tls(&ours, ""), 200),
        (directory.url(), tls(&ours, ", server_name: ldap.test"), 200),
        (directory.url(), tls(&ours, ", server_name: other.test"), 503),
        (directory.url(), tls(&theirs, ""), 503),
        // The authorities of the system do not know it.
        (directory.url(), String::new(), 503),
        (plain.url(), starting(&ours), 200),
        (plain.url(), starting(&theirs), 503),
    ];
    for (url, further, status) in rows {
        let stage = stage(&by_search(&url, &folder, &further));
        let answer = ask(&stage, "/staff", "alice", ALICE_PASSWORD);
        assert_eq!(answer.status, status, "{url} {further}");
    }
    assert!(plain.logged("STARTTLS") > 0 || plain.logged("TLS established") > 0);
}

#[test]
fn what_would_send_passwords_in_clear_does_not_load() {
    let folder = TempDir::new().unwrap();
    let rows = [
        ("ldap://ldap.example.com", "", "without encryption"),
        ("ldap://ldap.example.com", "      start_tls: true\n", ""),
        ("ldaps://ldap.example.com", "      start_tls: true\n", "of no use with `ldaps://`"),
        ("ldap://ldap.example.com", "      danger_unencrypted: true\n", ""),
        ("ldaps://192.0.2.1", "", ""),
        ("ldaps://[2001:db8::1]:636", "", "`tls.server_name` is needed"),
        ("ldaps://[2001:db8::1]", "      tls: { server_name: ldap.example.com }\n", ""),
        ("ldaps://[2001:db8::1]", "      tls: { server_name: \"2001:db8::2\" }\n", "is needed"),
        ("https://ldap.example.com", "", "must be `ldaps://HOST[:PORT]`"),
        (
            "ldaps://ldap.example.com",
            "      user_dn: \"uid={username}\"\n",
            "either `user_dn` or `search`",
        ),
    ];
    for (url, further, message) in rows {
        let settings = Settings {
            sections: format!(
                "authenticators:\n  corporate:\n{}",
                by_search(url, &folder, further)
            ),
            ..Settings::default()
        };
        let nowhere = "127.0.0.1:1".parse().unwrap();
        let told = Symbolon::judge(&settings.yaml(nowhere, nowhere));
        match message {
            "" => assert_eq!(told, "", "{url} {further}"),
            message => assert!(told.contains(message), "{url} {further}: {told}"),
        }
    }
}
