//! Everything that a route can take besides sessions.

use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::{SUBJECT, Settings, Site};
use crate::{
    credential::{NAME, PASSWORD, basic_line},
    peers::{Running, Surroundings, proof::Proof},
    signature::{KEYS, SECRET, key_id},
    task::Task,
    token::{AUDIENCE, ISSUER, KEY_ID, SignedToken},
    workload::CLIENT_NAME,
};

const API_KEY: &str = "{ api_key: { secret_file: {{folder}}/api.key } }";
const TOKENS: &str = "authenticators:\n  jwt: { jwt: { audience: orders } }\n";
/// A second or two for a busy machine; within the usual minute more signatures would be used than
/// are remembered.
const SIGNED: &str = "authenticators:\n  hmac: { hmac: { clock_skew: 3s } }\n";

/// The key of a client in the file.
pub(crate) fn api_key(surroundings: &Surroundings, _: Task) -> Result<Running> {
    let settings = Settings::authenticating("[api_key]").with(&client(API_KEY));
    let site = site(surroundings, &settings)?;
    let line = new_key(&site)?;
    serve(site, Proof::line(line))
}

/// The password of a client in the file.
pub(crate) fn basic_of_client(surroundings: &Surroundings, _: Task) -> Result<Running> {
    let credential =
        format!("{{ basic: {{ username: {NAME}, password_file: {{{{folder}}}}/password }} }}");
    let settings = Settings::authenticating("[basic]").with(&client(&credential));
    let site = site(surroundings, &settings)?;
    site.folder.write("password", PASSWORD)?;
    serve(site, Proof::line(basic_line()))
}

/// The password of an account.
pub(crate) fn basic_of_account(surroundings: &Surroundings, _: Task) -> Result<Running> {
    let site = site(surroundings, &Settings::authenticating("[basic]"))?;
    ensure!(SUBJECT == NAME, "the account has another name");
    site.add_account()?;
    serve(site, Proof::line(basic_line()))
}

/// Signatures of many clients, each used once.
pub(crate) fn hmac(surroundings: &Surroundings, task: Task) -> Result<Running> {
    let client = |number| {
        let key = key_id(number);
        let secret = "secret_file: {{folder}}/signing.key";
        format!("  {key}: {{ credentials: [{{ hmac: {{ key_id: {key}, {secret} }} }}] }}\n")
    };
    let clients: String = (0..KEYS).map(client).collect();
    let further = format!("{SIGNED}clients:\n{clients}");
    let site = site(surroundings, &Settings::authenticating("[hmac]").with(&further))?;
    site.folder.write("signing.key", SECRET)?;
    serve(site, Proof::signature(task.load))
}

/// A token that a client has signed.
pub(crate) fn jwt_of_client(surroundings: &Surroundings, token: &SignedToken) -> Result<Running> {
    let file = if token.key_set.contains("\"kty\"") { "public_key_file" } else { "secret_file" };
    let credential = format!(
        "{{ jwt: {{ key: {KEY_ID}, algorithm: {}, {file}: {{{{folder}}}}/jwt.key }} }}",
        token.algorithm
    );
    let further = format!("{TOKENS}{}", client(&credential));
    let site = site(surroundings, &Settings::authenticating("[jwt]").with(&further))?;
    site.folder.write("jwt.key", &token.key)?;
    serve(site, Proof::line(token.line()))
}

/// A token that somebody has signed whose keys are in a file.
pub(crate) fn jwt_of_issuer(surroundings: &Surroundings, token: &SignedToken) -> Result<Running> {
    let further = format!(
        "issuers:\n  bench: {{ issuer: \"{ISSUER}\", audience: {AUDIENCE}, algorithms: [{}], \
         jwks_file: {{{{folder}}}}/keys.json }}\n",
        token.algorithm
    );
    let site = site(surroundings, &Settings::authenticating("[jwt]").with(&further))?;
    site.folder.write("keys.json", &token.key_set)?;
    serve(site, Proof::line(token.line()))
}

/// The certificate of a client in the file.
pub(crate) fn mtls(surroundings: &Surroundings, _: Task) -> Result<Running> {
    let credential = format!("{{ mtls: {{ san: {CLIENT_NAME} }} }}");
    let settings = Settings::authenticating("[mtls]")
        .asking_for_certificates(&surroundings.certificate)
        .with(&client(&credential));
    serve(site(surroundings, &settings)?, Proof::certificate(surroundings, None))
}

/// The certificate and the key of one client.
pub(crate) fn mtls_and_api_key(surroundings: &Surroundings, _: Task) -> Result<Running> {
    let credentials = format!("{{ mtls: {{ san: {CLIENT_NAME} }} }}, {API_KEY}");
    let settings = Settings::authenticating("{ all: [mtls, api_key] }")
        .asking_for_certificates(&surroundings.certificate)
        .with(&client(&credentials));
    let site = site(surroundings, &settings)?;
    let line = new_key(&site)?;
    serve(site, Proof::certificate(surroundings, Some(line)))
}

/// The section with one client.
fn client(credentials: &str) -> String {
    format!("clients:\n  {NAME}:\n    credentials: [{credentials}]\n")
}

/// Makes a key in the file where the configuration looks for it; returns the header line with it.
fn new_key(site: &Site) -> Result<String> {
    let output = Command::new(&site.binary)
        .args(["client", "new-key"])
        .output()
        .context("cannot start `symbolon client new-key`")?;
    ensure!(output.status.success(), "`symbolon client new-key` failed: {}", output.status);
    let key = String::from_utf8(output.stdout).context("the key is no text")?;
    site.folder.write("api.key", &key)?;
    Ok(format!("apikey: {}", key.trim()))
}

fn site(surroundings: &Surroundings, settings: &Settings<'_>) -> Result<Site> {
    Site::new(&surroundings.symbolon, surroundings.upstream, settings)
}

fn serve(site: Site, proof: Proof) -> Result<Running> {
    let process = site.serve()?;
    Ok(site.running(process, Some(proof)))
}
