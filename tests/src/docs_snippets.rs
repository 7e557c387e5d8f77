//! What the documentation says is tried: its configurations, its list of keys, its evidence.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use crate::harness::certificates::Authority;
use crate::harness::{program, surroundings};

/// How a block of YAML begins, and a complete configuration in it; what begins otherwise is a part
/// of one.
const BLOCK: &str = "```yaml\n";
const BEGINNING: &str = "version: 1\n";

/// The pages on which parts are tried as well, and what makes them whole.
const WITH_PARTS: &str = "coming-from-";
const FRAME: [(&str, &str); 3] = [
    ("public_url", "https://shop.example.com"),
    ("services", "{ orders: { targets: [http://127.0.0.1:9001] } }"),
    ("routes", "[{ name: all, paths: [/all], service: orders, authenticate: none }]"),
];

/// A key that configurations in the documentation name, and nobody has the other half of.
const PUBLIC_KEY: &str = "-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEI2j9VQBiQNdHfuBgJJUQxanFoT0K
KKdhi8k5TZyMNCIOMKBQALANMfAdqhbHBU7d+vxgE/GPDkcwsGodubgtow==
-----END PUBLIC KEY-----
";

#[test]
fn every_configuration_in_the_documentation_is_valid() {
    let mut tried = 0;
    for page in pages() {
        let takes_parts =
            page.file_name().is_some_and(|name| name.to_string_lossy().starts_with(WITH_PARTS));
        for yaml in configurations(&read(&page), takes_parts) {
            let folder = TempDir::new().unwrap();
            fs::create_dir(folder.path().join("secrets")).unwrap();
            let key = symbolon(&["client", "new-key"]);
            fs::write(folder.path().join("secrets/reporting.key"), key).unwrap();
            for secret in ["ldap.pw", "as.secret"] {
                fs::write(folder.path().join("secrets").join(secret), "a secret").unwrap();
            }
            write_certificates(&folder.path().join("tls"));
            write_policies(&read(&page), folder.path());
            write_secrets(&yaml, folder.path());
            let file = folder.path().join("symbolon.yaml");
            fs::write(&file, yaml).unwrap();
            symbolon(&["config", "check", "-c", file.to_str().unwrap()]);
            tried += 1;
        }
    }
    assert!(tried >= 5, "only {tried} configurations were found");
}

#[test]
fn every_key_of_the_configuration_is_explained() {
    let schema = read(&surroundings::repository().join("docs/config.schema.json"));
    let mut keys = HashSet::new();
    collect_keys(&serde_json::from_str(&schema).unwrap(), &mut keys);
    let page = read(&surroundings::repository().join("docs/configuration.md"));
    let is_missing = |key: &&String| {
        !page.contains(&format!("| `{key}` |")) && !page.contains(&format!(".{key}` |"))
    };
    let missing: Vec<_> = keys.iter().filter(is_missing).collect();
    assert!(keys.len() > 50 && missing.is_empty(), "{missing:?} of {}", keys.len());
}

#[test]
fn every_test_that_is_named_as_evidence_exists() {
    let mut code = String::new();
    for folder in ["crates", "tests"] {
        append_code(&surroundings::repository().join(folder), &mut code);
    }
    for page in ["docs/attacks.md", "docs/comparison.md"] {
        let page = read(&surroundings::repository().join(page));
        let named = tests_named_in(&page);
        let missing: Vec<_> =
            named.iter().filter(|name| !code.contains(&format!("fn {name}("))).collect();
        assert!(named.len() > 50 && missing.is_empty(), "{missing:?} of {}", named.len());
    }
}

#[test]
fn whatever_we_say_yes_to_names_its_test() {
    let page = read(&surroundings::repository().join("docs/comparison.md"));
    let ours = page.lines().filter_map(|line| line.strip_prefix("| ")?.split(" | ").nth(1));
    let ours: Vec<_> = ours.filter(|cell| cell.starts_with("yes")).collect();
    let bare: Vec<_> = ours.iter().filter(|cell| tests_named_in(cell).is_empty()).collect();
    assert!(ours.len() > 40 && bare.is_empty(), "{bare:?} of {}", ours.len());
}

/// The policies of a page, each with its file in its first line.
fn write_policies(page: &str, folder: &Path) {
    for text in page.split("```cedar\n// ").skip(1) {
        let (name, text) = text.split_once('\n').unwrap();
        let file = folder.join(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text.split("```").next().unwrap()).unwrap();
    }
}

/// The names in backticks that can only be those of tests.
fn tests_named_in(text: &str) -> Vec<&str> {
    let is_test = |word: &&str| {
        let is_name = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
        word.matches('_').count() > 1 && word.bytes().all(is_name)
    };
    text.split('`').filter(is_test).collect()
}

/// The files that configurations in the documentation name.
fn write_certificates(folder: &Path) {
    fs::create_dir(folder).unwrap();
    let authority = Authority::new("authority");
    for name in ["shop", "wildcard"] {
        authority.issue(&["shop.example.com"]).write(folder, name);
    }
    for name in ["clients", "internal-ca"] {
        authority.write(&folder.join(name).with_extension("pem"));
    }
    authority.write_revoked(&[], &folder.join("clients.crl"));
}

fn pages() -> Vec<PathBuf> {
    let root = surroundings::repository();
    let mut pages = vec![root.join("README.md"), root.join("examples/README.md")];
    for folder in ["docs", "docs/authenticators"] {
        let docs = fs::read_dir(root.join(folder)).unwrap().map(|entry| entry.unwrap().path());
        pages.extend(docs.filter(|path| path.extension().is_some_and(|ending| ending == "md")));
    }
    pages
}

/// The configurations of a page; where it takes parts, these as well, made whole.
fn configurations(page: &str, takes_parts: bool) -> Vec<String> {
    let blocks = page.match_indices(BLOCK).map(|(at, _)| &page[at + BLOCK.len()..]);
    let blocks = blocks.map(|rest| &rest[..rest.find("```").unwrap()]);
    let is_tried = |block: &&str| takes_parts || block.starts_with(BEGINNING);
    blocks.filter(is_tried).map(whole).collect()
}

fn whole(block: &str) -> String {
    if block.starts_with(BEGINNING) {
        return block.to_owned();
    }
    let says = |key: &str| block.lines().any(|line| line.starts_with(&format!("{key}:")));
    let missing = FRAME.iter().filter(|(key, _)| !says(key));
    let frame: Vec<String> = missing.map(|(key, value)| format!("{key}: {value}")).collect();
    format!("{BEGINNING}{}\n{block}", frame.join("\n"))
}

/// The files with secrets and public keys that a configuration names and nobody has written yet.
/// Each secret is another one, long enough for every kind.
fn write_secrets(yaml: &str, folder: &Path) {
    for (at, ending) in yaml.match_indices("_file: ") {
        let name = yaml[at + ending.len()..].split([' ', ',', '}', '\n']).next().unwrap();
        let file = folder.join(name);
        if file.exists() {
            continue;
        }
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        let secret = format!("0123456789abcdef0123456789abcdef-{name}\n");
        let is_public = yaml[..at].ends_with("public_key");
        fs::write(file, if is_public { PUBLIC_KEY } else { &secret }).unwrap();
    }
}

/// Every name below some `properties`.
fn collect_keys(schema: &Value, keys: &mut HashSet<String>) {
    match schema {
        Value::Object(members) => {
            if let Some(Value::Object(properties)) = members.get("properties") {
                keys.extend(properties.keys().cloned());
            }
            members.values().for_each(|inner| collect_keys(inner, keys));
        }
        Value::Array(items) => items.iter().for_each(|inner| collect_keys(inner, keys)),
        _ => {}
    }
}

fn append_code(folder: &Path, code: &mut String) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            append_code(&path, code);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            code.push_str(&read(&path));
        }
    }
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Runs a command that has to work; what it prints.
#[track_caller]
fn symbolon(words: &[&str]) -> String {
    let output = program::run(Command::new(surroundings::symbolon()).args(words), "");
    assert!(output.status.success(), "{words:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}
