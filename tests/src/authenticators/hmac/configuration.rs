//! What does not load.

use std::fs;
use std::process::Command;

use tempfile::TempDir;

use crate::harness::{program, surroundings};

/// What `config check` says of a credential and an authenticator.
fn said(credential: &str, settings: &str) -> (bool, String) {
    let folder = TempDir::new().unwrap();
    for (name, text) in [
        ("short", "1234567"),
        ("secret", "a secret of thirty-two characters"),
        (
            "printed",
            "uzvJfB4u3N0Jy4T7NZ75MDVcr8zSTInedJtkgcu46YW4XByzNJjxBdtjUkdJPBtbmHhIDi6pcl8jsasjlTMtDQ==",
        ),
        (
            "printed.pem",
            "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAJrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs=\n-----END PUBLIC KEY-----\n",
        ),
        (
            "ed25519.pem",
            "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n-----END PUBLIC KEY-----\n",
        ),
    ] {
        fs::write(folder.path().join(name), text).unwrap();
    }
    let yaml = format!(
        "version: 1
public_url: http://shop.test
listeners: [{{ address: 127.0.0.1:0 }}]
authenticators: {{ strict: {{ hmac: {{ {settings} }} }} }}
clients: {{ one: {{ credentials: [{{ hmac: {{ key_id: k, {credential} }} }}] }} }}
services: {{ api: {{ targets: [http://127.0.0.1:1] }} }}
routes: [{{ name: api, paths: [/], service: api, authenticate: [strict] }}]
"
    );
    let file = folder.path().join("symbolon.yaml");
    fs::write(&file, yaml).unwrap();
    let mut command = Command::new(surroundings::symbolon());
    let output = program::run(command.args(["config", "check", "-c"]).arg(file), "");
    (output.status.success(), String::from_utf8(output.stderr).unwrap())
}

#[test]
fn keys_that_everybody_has_and_keys_that_do_not_fit_are_refused() {
    for good in [
        "secret_file: secret",
        "secret_file: secret, algorithms: [hmac-sha1, hmac-sha256]",
        "public_key_file: ed25519.pem",
        "public_key_file: ed25519.pem, algorithms: [ed25519]",
    ] {
        let (is_good, said) = said(good, "");
        assert!(is_good, "{good}: {said}");
    }
    for (wrong, why) in [
        ("secret_file: short", "shorter than 8 bytes"),
        ("secret_file: printed", "RFC 9421 prints"),
        ("secret_file: printed, secret_encoding: base64", "RFC 9421 prints"),
        ("secret_file: secret, secret_encoding: base64", "not base64"),
        ("public_key_file: printed.pem", "RFC 9421 prints"),
        ("public_key_file: secret", "not a public key in PEM"),
        ("public_key_file: ed25519.pem, algorithms: [rsa-pss-sha512]", "not a key for this"),
        // A public key that is taken for a secret is one that everybody has.
        ("public_key_file: ed25519.pem, algorithms: [hmac-sha256]", "HMACs are for secrets"),
        ("secret_file: secret, algorithms: [ed25519]", "HMACs are for secrets"),
        ("secret_file: secret, public_key_file: ed25519.pem", "either public or a secret"),
        ("algorithms: [hmac-sha256]", "either `secret_file` or `secret_env`"),
    ] {
        let (is_good, said) = said(wrong, "");
        assert!(!is_good && said.contains(why), "{wrong}: {said}");
    }
}

#[test]
fn settings_that_cannot_be_meant_are_refused() {
    for good in [
        "required_components: [\"@authority\", content-type, \"@query-param;name=\\\"id\\\"\"]",
        "forms: [message_signature], tag: shop, clock_skew: 15m",
    ] {
        let (is_good, said) = said("secret_file: secret", good);
        assert!(is_good, "{good}: {said}");
    }
    for (wrong, why) in [
        ("required_components: [Content-Type]", "not a component of a request"),
        ("required_components: [\"@status\"]", "not a component of a request"),
        ("forms: []", "forms"),
        ("forms: [cavage]", "cavage"),
        ("tag: shop", "only for `forms: [message_signature]`"),
        ("clock_skew: 16m", "clock_skew"),
        ("clock_skew: 0s", "clock_skew"),
        ("buffer_body: 2MiB", "buffer_body"),
        ("algorithms: [hmac-md5]", "hmac-md5"),
    ] {
        let (is_good, said) = said("secret_file: secret", wrong);
        assert!(!is_good && said.contains(why), "{wrong}: {said}");
    }
}
