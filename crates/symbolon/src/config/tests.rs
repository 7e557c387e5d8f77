//! The configuration room as a whole: files in, settings or reports out.

mod any_text;
mod certificates;
mod policies;
mod reach;
pub(super) mod reads;
mod routes;
mod rules;
mod tls;
mod tokens;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use symbolon_core::{OsRandom, PlainToken, TokenKind};
use symbolon_gateway::config::{Limits, Targets};
use symbolon_gateway::pattern::HostPattern;

use super::shape::{Section, Shape};
use super::surroundings::Surroundings;
use super::{Loaded, Report, load_text, schema, sections, to_yaml};

const MINIMAL: &str = "public_url: https://a.example\nservices: {}\nroutes: []\n";
const COMPLETE: &str = include_str!("tests/complete.yaml");

fn load(text: &str) -> Result<Loaded, Report> {
    let key = PlainToken::generate(TokenKind::ApiKey, &OsRandom);
    let variables = |name: &str| match name {
        "ROBOT_KEY" => Some(key.reveal().to_owned()),
        "ROBOT_PASSWORD" => Some("a password of a machine".to_owned()),
        "ROBOT_PASSPHRASE" => Some("a passphrase of a machine, long enough".to_owned()),
        _ => None,
    };
    let file = certificates::folder().join("symbolon.yaml");
    let surroundings = Surroundings::of(&file, &variables);
    load_text("symbolon.yaml", text.to_owned(), &surroundings)
}

/// The messages with their places, for what the golden file does not show.
fn mistakes(text: &str) -> Vec<String> {
    let report = load(text).expect_err("the file should be refused");
    let mistakes = report.mistakes.iter();
    mistakes.map(|m| format!("{}:{} {}", m.place.line, m.place.column, m.message)).collect()
}

fn repository(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path);
    fs::read_to_string(path).unwrap()
}

#[test]
fn all_mistakes_are_reported_at_once() {
    let text = include_str!("tests/mistakes.yaml");
    let report = load(text).expect_err("the file should be refused");
    let told = report.to_string();
    let folder = format!("{}/", certificates::folder().display());
    let told = told.replace(&folder, "");
    assert_eq!(told.trim_end(), include_str!("tests/mistakes.txt").trim_end(), "{told}");
    assert!(!told.contains("hunter2"), "a value after an unknown key may be a secret");
}

#[test]
fn the_sample_is_valid() {
    load(&repository("examples/symbolon.yaml")).unwrap();
}

#[test]
fn the_kept_schema_is_the_declared_one() {
    let is_kept = repository("docs/config.schema.json") == schema();
    assert!(is_kept, "`symbolon config schema > docs/config.schema.json` writes it anew");
}

#[test]
fn every_declared_key_is_read_and_every_read_key_is_declared() {
    let mut declared = BTreeSet::new();
    collect(&sections::ROOT, &mut declared);
    reads::take();
    load(COMPLETE).unwrap();
    assert_eq!(reads::take(), declared);
}

fn collect(section: &'static Section, keys: &mut BTreeSet<(&'static str, &'static str)>) {
    for key in section.keys {
        keys.insert((section.doc, key.name));
        collect_shape(&key.shape, keys);
    }
}

fn collect_shape(shape: &'static Shape, keys: &mut BTreeSet<(&'static str, &'static str)>) {
    match shape {
        Shape::Section(section) | Shape::Named { of: section, .. } => collect(section, keys),
        Shape::List { of, .. } | Shape::Mapping { of } => collect_shape(of, keys),
        Shape::Either(shapes) => shapes.iter().for_each(|shape| collect_shape(shape, keys)),
        _ => {}
    }
}

#[test]
fn what_is_shown_means_the_same_when_read_again() {
    for text in [COMPLETE, MINIMAL] {
        let shown = to_yaml(&load(text).unwrap().effective);
        assert_eq!(to_yaml(&load(&shown).unwrap().effective), shown);
    }
}

#[test]
fn the_declared_limits_are_those_of_the_gateway() {
    let limits = load(MINIMAL).unwrap().settings.gateway.limits;
    assert_eq!(format!("{limits:?}"), format!("{:?}", Limits::default()));
}

#[test]
fn https_brings_secure_and_the_host_prefix() {
    let cookie = load(MINIMAL).unwrap().settings.sessions.cookie;
    assert_eq!((cookie.name.as_str(), cookie.secure), ("__Host-symbolon", true));
    let plain = MINIMAL.replace("https:", "http:");
    let cookie = load(&plain).unwrap().settings.sessions.cookie;
    assert_eq!((cookie.name.as_str(), cookie.secure), ("symbolon", false));
}

#[test]
fn the_mount_moves_everything_of_the_authentication_service() {
    let text = format!("{MINIMAL}auth: {{ mount: /id/in/ }}\n");
    let settings = load(&text).unwrap().settings;
    assert_eq!(settings.issuer, "https://a.example/id/in/internal");
    assert_eq!(settings.gateway.login_path, "/id/in/login");
}

#[test]
fn clients_have_their_credentials() {
    let key = "{ api_key: { secret_env: ROBOT_KEY } }";
    let text = format!(
        "{MINIMAL}clients: {{ idle: {{}}, robot: {{ groups: [a, b], credentials: [{key}] }} }}\n"
    );
    let clients = load(&text).unwrap().settings.gateway.routing.clients;
    let [idle, robot] = &clients[..] else { panic!("{clients:?}") };
    assert_eq!((idle.id.as_str(), idle.credentials.len()), ("idle", 0));
    assert_eq!((robot.id.as_str(), &robot.groups[..]), ("robot", &["a".into(), "b".into()][..]));
    assert_eq!(robot.credentials[0].id.as_str(), "api-key-1");
}

#[test]
fn a_route_for_a_host_does_not_hide_the_log_in_page() {
    let text = "public_url: https://a.example\n\
        services: { s: { targets: [http://127.0.0.1:1] } }\n\
        routes: [{ name: r, hosts: [a.example], paths: [/], service: s, authenticate: none }]\n";
    let routing = load(text).unwrap().settings.gateway.routing;
    let auth = routing.routes.iter().filter(|route| &*route.name == "auth");
    let hosts: Vec<_> = auth.map(|route| route.hosts.clone()).collect();
    let host = || vec![HostPattern::parse("a.example").unwrap()];
    // The pages, and the endpoint for clients.
    assert_eq!(hosts, [vec![], vec![], host(), host()]);
    let service = routing.services.iter().find(|service| &*service.name == "auth");
    assert!(matches!(service.unwrap().targets, Targets::InProcess));
}

#[test]
fn an_empty_file_lacks_what_has_no_default() {
    let expected =
        ["public_url", "services", "routes"].map(|key| format!("the file must say `{key}`"));
    let told = mistakes("");
    assert!(
        expected.iter().all(|message| told.iter().any(|told| told.ends_with(message))),
        "{told:?}"
    );
}

#[test]
fn a_value_of_nothing_is_no_value() {
    let told = mistakes("public_url:\nservices: {}\nroutes: []\n");
    assert_eq!(told, ["1:1 `public_url` has no value"]);
}

#[test]
fn authenticate_must_not_be_left_empty() {
    for (written, message) in [
        ("[]", "`authenticate` must not be empty"),
        ("~", "`authenticate` has no value"),
        ("{ any: [] }", "`any` must not be empty"),
        ("{ optional: true }", "`authenticate` must say either `any` or `all`"),
        ("{ any: [session], all: [bearer] }", "`authenticate` must say either `any` or `all`"),
        ("[{ all: [session, { any: [] }] }]", "`any` must not be empty"),
        ("[{ all: [session, basc] }]", "unknown authenticator `basc`"),
        ("[session, session]", "authenticator `session` stands here twice"),
    ] {
        let text = format!(
            "public_url: https://a.example\nservices: {{ s: {{ targets: [http://127.0.0.1:1] }} }}\n\
             routes: [{{ name: r, paths: [/], service: s, authenticate: {written} }}]\n"
        );
        let told = mistakes(&text);
        assert!(told.len() == 1 && told[0].ends_with(message), "{written}: {told:?}");
    }
}

#[test]
fn broken_yaml_is_reported_with_its_place() {
    let told = mistakes("public_url: https://a.example\nroutes: [\n");
    assert_eq!(told.len(), 1);
    assert!(told[0].starts_with("2:9 "), "{told:?}");
}

#[test]
fn a_change_that_needs_a_restart_is_told_from_one_that_does_not() {
    let started = load(MINIMAL).unwrap();
    let routes = "services: { s: { targets: [http://127.0.0.1:1] } }\n\
        routes: [{ name: r, paths: [/], service: s, authenticate: none }]\n";
    let text = format!("public_url: https://b.example\nlimits: {{ drain: 1s }}\n{routes}");
    let changed = load(&text).unwrap();
    assert_eq!(changed.keys_that_need_a_restart(&started), ["public_url", "limits"]);
    // Written out or left out, a default is the same.
    let same = load(&format!("{MINIMAL}limits: {{ drain: 30s }}\n")).unwrap();
    assert!(same.keys_that_need_a_restart(&started).is_empty());
}

#[test]
fn every_key_that_is_not_swapped_while_serving_is_told_to_need_a_restart() {
    let started = load(COMPLETE).unwrap();
    for (key, before, after) in [
        ("public_url", "https://127.0.0.1:8443", "https://127.0.0.1:8444"),
        ("listeners", "address: 127.0.0.1:8443", "address: 127.0.0.1:8444"),
        ("admin", "", "admin: { address: 127.0.0.1:9081 }"),
        ("workers", "", "workers: 3"),
        ("access_log", "sampling: 10%", "sampling: 20%"),
        ("limits", "", "limits: { body: 1MiB }"),
        ("store", "", "store: { url: \"sqlite:other.db\" }"),
        ("sessions", "", "sessions: { cookie: { same_site: strict } }"),
        ("internal_token", "", "internal_token: { lifetime: 30s }"),
        ("auth", "", "auth: { mount: /id }"),
        ("auth", "", "auth: { service_name: Shop }"),
    ] {
        let text = match before {
            "" => format!("{COMPLETE}{after}\n"),
            before => COMPLETE.replacen(before, after, 1),
        };
        assert_eq!(load(&text).unwrap().keys_that_need_a_restart(&started), [key], "{after}");
    }
}

#[test]
fn a_report_of_a_long_or_strange_line_stays_readable() {
    let text = format!("{MINIMAL}{}: 1\n\"bell\\a\u{7}\": 1\n", "x".repeat(500));
    let told = load(&text).expect_err("unknown keys").to_string();
    let longest = told.lines().filter(|line| line.contains('|')).map(str::len).max();
    assert!(longest.is_some_and(|longest| longest < 200), "{told}");
    assert!(!told.lines().any(|line| line.starts_with("5 |") && line.contains('\u{7}')), "{told}");
}
