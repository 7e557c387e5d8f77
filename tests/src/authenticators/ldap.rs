//! `ldap`, with a real directory: who gets in, who does not, and what happens when it is away.

mod guessed;
mod reached;

use std::fs;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use tempfile::TempDir;

use super::directory::{ALICE_PASSWORD, Directory, OTHERS_PASSWORD, READER, READER_PASSWORD};
use crate::harness::http::{Request, Response};
use crate::harness::patience::now;
use crate::harness::settings::Settings;
use crate::harness::stage::Stage;
use crate::harness::upstream::Upstream;

const CHALLENGE: &str = "Basic realm=\"symbolon\", charset=\"UTF-8\"";

/// The service account and the search that most tests use, with further keys.
fn by_search(url: &str, folder: &TempDir, further: &str) -> String {
    fs::write(folder.path().join("reader.pw"), READER_PASSWORD).unwrap();
    let folder = folder.path().display();
    format!(
        "    ldap:
      url: {url}
      search:
        base: ou=people,dc=example,dc=test
        filter: \"(|(uid={{username}})(mail={{username}}))\"
        bind_dn: {READER}
        bind_password_file: {folder}/reader.pw
      groups: {{ base: \"ou=groups,dc=example,dc=test\", filter: \"(member={{dn}})\" }}
      roles: {{ staff: [customer], root: [admin] }}
{further}"
    )
}

/// A gateway whose routes `/staff` and `/root` ask the authenticator `corporate`.
fn stage(authenticator: &str) -> Stage {
    let routes = "
  - { name: staff, paths: [/staff], service: api, authenticate: [corporate] }
  - name: customers
    paths: [/customers]
    service: api
    authenticate: [corporate]
    authorize: { any_role: [customer] }
  - name: root
    paths: [/root]
    service: api
    authenticate: [corporate]
    authorize: { any_role: [admin] }
";
    let settings = Settings {
        sections: format!("authenticators:\n  corporate:\n{authenticator}"),
        routes: routes.to_owned(),
        ..Settings::default()
    };
    Stage::set(&settings, Upstream::plain())
}

/// `Authorization` of a scheme.
fn credential(scheme: &str, name: &str, password: &str) -> String {
    format!("{scheme} {}", STANDARD.encode(format!("{name}:{password}")))
}

#[track_caller]
fn ask(stage: &Stage, path: &str, name: &str, password: &str) -> Response {
    let credential = credential("Basic", name, password);
    stage.exchange(&Request::get(path).with("Authorization", &credential))
}

/// A directory without TLS, and a gateway that searches in it.
fn searching(further: &str) -> (Directory, Stage) {
    let (directory, folder) = (Directory::start(None), TempDir::new().unwrap());
    let stage = stage(&by_search(&directory.url(), &folder, further));
    (directory, stage)
}

#[test]
fn the_directory_decides_who_gets_in() {
    let (directory, stage) = searching("");
    let long = "a".repeat(3000);
    // Name, password, status, code of the failure.
    let rows: &[(&str, &str, u16, &str)] = &[
        ("alice", ALICE_PASSWORD, 200, ""),
        ("alice@example.test", ALICE_PASSWORD, 200, ""),
        ("ALICE", ALICE_PASSWORD, 200, ""),
        ("bob", OTHERS_PASSWORD, 200, ""),
        ("a,b", OTHERS_PASSWORD, 200, ""),
        ("alice", "open: sesame:", 401, "wrong"),
        ("alice", " open", 401, "wrong"),
        ("alice", " open: sesame:x", 401, "wrong"),
        ("bob", ALICE_PASSWORD, 401, "wrong"),
        ("nobody", OTHERS_PASSWORD, 401, "wrong"),
        ("", OTHERS_PASSWORD, 401, "wrong"),
        ("alice", "", 401, "wrong"),
        ("alice", &long, 401, "wrong"),
        (&long, OTHERS_PASSWORD, 401, "wrong"),
        ("*", OTHERS_PASSWORD, 401, "wrong"),
        ("b*", OTHERS_PASSWORD, 401, "wrong"),
        ("bob)(uid=*", OTHERS_PASSWORD, 401, "wrong"),
        ("x)(|(uid=bob", OTHERS_PASSWORD, 401, "wrong"),
        ("uid=bob,ou=people,dc=example,dc=test", OTHERS_PASSWORD, 401, "wrong"),
        ("bob\0", OTHERS_PASSWORD, 401, "wrong"),
        // Two entries have this address: either could be meant.
        ("twin@example.test", OTHERS_PASSWORD, 401, "wrong"),
        ("twin1", OTHERS_PASSWORD, 200, ""),
        // Two names in one entry: the principal would be now one, now the other.
        ("many", OTHERS_PASSWORD, 401, "wrong"),
    ];
    for (name, password, status, code) in rows {
        let hits = stage.api.hits();
        let answer = ask(&stage, "/staff", name, password).expect(*status);
        if *status == 200 {
            assert_eq!(stage.api.hits(), hits + 1, "{name}");
            assert!(!stage.api.last_request().headers().has("x-consumer-username"));
        } else {
            assert_eq!(stage.api.hits(), hits, "{name} reached the service");
            assert_eq!(answer.header("www-authenticate"), Some(CHALLENGE), "{name}");
            let body = answer.json();
            assert_eq!(
                (&body["authenticator"], &body["reason"]),
                (&json!("corporate"), &json!(code))
            );
        }
    }
    drop(directory);
}

#[test]
fn what_is_no_pair_is_refused_before_anybody_is_asked() {
    let (directory, stage) = searching("");
    for value in ["Basic", "Basic %%%", "Basic YWxpY2U=", "Basic YWxpY2U6"] {
        stage.exchange(&Request::get("/staff").with("Authorization", value)).expect(401);
    }
    let twice = Request::get("/staff")
        .with("Authorization", &credential("Basic", "alice", ALICE_PASSWORD))
        .with("Authorization", &credential("Basic", "alice", ALICE_PASSWORD));
    stage.exchange(&twice).expect(401);
    // Another scheme is none of its business.
    let other = stage.exchange(&Request::get("/staff").with("Authorization", "Bearer x"));
    assert_eq!(other.expect(401).json()["code"], "no_credentials");
    assert_eq!(
        stage.exchange(&Request::get("/staff")).expect(401).json()["code"],
        "no_credentials"
    );
    assert_eq!(directory.logged(" BIND "), 0, "somebody asked");
}

#[test]
fn the_service_learns_who_it_is_as_the_directory_calls_them() {
    let (_directory, stage) = searching("");
    ask(&stage, "/staff", "Alice@Example.TEST", ALICE_PASSWORD).expect(200);
    let request = stage.api.only_request();
    let claims = request.claims();
    assert_eq!(claims["sub"], "corporate:alice");
    assert_eq!(claims["roles"], json!(["customer"]));
    // `root` stands elsewhere, whoever made it: no group, and no role of it.
    assert_eq!(claims["groups"], json!(["Night Shift", "staff"]));
    assert_eq!(claims["amr"], json!(["pwd"]));
    let sent = credential("Basic", "Alice@Example.TEST", ALICE_PASSWORD);
    assert!(!format!("{request:?}").contains(&sent));
}

#[test]
fn groups_bring_roles_and_only_those_below_the_base() {
    let (_directory, stage) = searching("");
    ask(&stage, "/customers", "alice", ALICE_PASSWORD).expect(200);
    ask(&stage, "/customers", "bob", OTHERS_PASSWORD).expect(403);
    ask(&stage, "/root", "alice", ALICE_PASSWORD).expect(403);
}

#[test]
fn a_group_that_was_left_opens_nothing_any_more() {
    let (directory, stage) = searching("      cache: 0s\n");
    ask(&stage, "/customers", "alice", ALICE_PASSWORD).expect(200);
    directory.modify(
        "dn: cn=staff,ou=groups,dc=example,dc=test\nchangetype: modify\nreplace: member\n\
         member: uid=bob,ou=people,dc=example,dc=test\n",
    );
    ask(&stage, "/customers", "alice", ALICE_PASSWORD).expect(403);
    ask(&stage, "/customers", "bob", OTHERS_PASSWORD).expect(200);
}

#[test]
fn an_entry_whose_name_is_known_needs_no_search() {
    let directory = Directory::start(None);
    let stage = stage(&format!(
        "    ldap:
      url: {}
      user_dn: \"uid={{username}},ou=people,dc=example,dc=test\"
      groups: {{ base: \"ou=groups,dc=example,dc=test\", member_of: memberOf }}
      roles: {{ staff: [customer], root: [admin] }}
",
        directory.url()
    ));
    ask(&stage, "/customers", "ALICE", ALICE_PASSWORD).expect(200);
    assert_eq!(stage.api.last_request().claims()["sub"], "corporate:alice");
    ask(&stage, "/root", "alice", ALICE_PASSWORD).expect(403);
    // What would be two parts of a name is one value.
    ask(&stage, "/staff", "a,b", OTHERS_PASSWORD).expect(200);
    assert_eq!(stage.api.last_request().claims()["sub"], "corporate:a,b");
    for name in ["bob,ou=people", "bob+cn=Bob", "alice,ou=people,dc=example,dc=test", "#04", "\\"] {
        ask(&stage, "/staff", name, OTHERS_PASSWORD).expect(401);
    }
    ask(&stage, "/staff", "bob", "").expect(401);
    ask(&stage, "/staff", "", "").expect(401);
}

#[test]
fn clients_of_kong_send_a_scheme_of_their_own() {
    let (_directory, stage) = searching("      schemes: [ldap, basic]\n");
    for scheme in ["ldap", "LDAP", "Basic"] {
        let credential = credential(scheme, "bob", OTHERS_PASSWORD);
        stage.exchange(&Request::get("/staff").with("Authorization", &credential)).expect(200);
    }
    let refused = stage.exchange(&Request::get("/staff")).expect(401);
    let both = format!("LDAP realm=\"symbolon\", {CHALLENGE}");
    assert_eq!(refused.header("www-authenticate"), Some(&*both));
}

#[test]
fn a_password_that_was_right_is_known_for_a_while_and_connections_are_kept() {
    let (directory, stage) = searching("");
    for _ in 0..20 {
        ask(&stage, "/staff", "bob", OTHERS_PASSWORD).expect(200);
    }
    let tried = "BIND dn=\"uid=bob,ou=people,dc=example,dc=test\" method=128";
    directory.wait_for_logged(tried, 1);
    assert_eq!(directory.logged(tried), 1);
    ask(&stage, "/staff", "alice", ALICE_PASSWORD).expect(200);
    ask(&stage, "/staff", "twin1", OTHERS_PASSWORD).expect(200);
    directory.wait_for_logged("BIND dn=\"uid=twin1", 1);
    assert_eq!(directory.logged("ACCEPT from"), 2, "one that reads, one that proves");
}

#[test]
fn wrong_guesses_do_not_block_the_right_password_and_are_charged_like_any_others() {
    let (directory, stage) = searching("      negative_cache: 0s\n");
    ask(&stage, "/staff", "bob", OTHERS_PASSWORD).expect(200);
    // Ten are free; then each waits, twice as long as the one before: 250 ms, 500 ms, 1 s.
    for guess in 0..13 {
        ask(&stage, "/staff", "bob", &format!("guess {guess}")).expect(401);
    }
    // What was right a moment ago is not asked for again, and waits for nothing.
    let asked = directory.logged("BIND dn=\"uid=bob");
    ask(&stage, "/staff", "bob", OTHERS_PASSWORD).expect(200);
    assert_eq!(directory.logged("BIND dn=\"uid=bob"), asked);
    // One budget over all ways in: the log-in page waits as well, for this account alone.
    let takes = |name| {
        let (before, mut visitor) = (now(), stage.visitor());
        visitor.try_log_in(name, "another guess").unwrap();
        before.elapsed()
    };
    let (bob, carol) = (takes("bob"), takes("carol"));
    assert!(bob.as_millis() >= 1_000 && bob > carol, "{bob:?}, {carol:?}");
}
