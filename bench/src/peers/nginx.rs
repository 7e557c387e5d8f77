//! nginx from Debian: one worker, 128 idle connections upstream, no access log.

use anyhow::{Context, Result};

use super::{
    Running, Surroundings, auth_server, cookie, filled,
    proof::{Proof, Seen, Shown},
    session_lines,
};
use crate::{
    certificate::Certificate,
    credential::{NAME, PASSWORD_HASHES, basic_line, opaque_token},
    folder::Folder,
    load::Load,
    pinned::{Pinned, free_port},
    task::Task,
    workload::{CLIENT_NAME, PROXY_CORE, route_path},
};

const PROGRAM: &str = "/usr/sbin/nginx";
const FRAME: &str = include_str!("../../templates/nginx.conf");
const PLAIN: &str = include_str!("../../templates/nginx-plain.conf");
const TLS: &str = include_str!("../../templates/nginx-tls.conf");
const UPGRADE: &str = include_str!("../../templates/nginx-upgrade.conf");
const BODIES: &str = include_str!("../../templates/nginx-bodies.conf");
const LUA_MODULES: &str = include_str!("../../templates/nginx-lua-modules.conf");
const LUA: &str = include_str!("../../templates/nginx-lua.conf");
const MAP: &str = include_str!("../../templates/nginx-map.conf");
const BASIC: &str = include_str!("../../templates/nginx-basic.conf");
const MTLS: &str = include_str!("../../templates/nginx-mtls.conf");
const AUTH_REQUEST: &str = include_str!("../../templates/nginx-auth-request.conf");
/// A kept connection upstream; where there is no upgrade.
const KEPT: &str = "        proxy_set_header Connection \"\";";
/// What one entry of the shared dictionary takes at most, in octets.
const ENTRY: u32 = 1_536;

/// Proxying alone.
pub(super) fn plain(surroundings: &Surroundings, task: Task) -> Result<Running> {
    let folder = Folder::new()?;
    let certificate = &surroundings.certificate;
    let listen = match (task.load.is_tls(), task.load.is_http2()) {
        (false, false) => "",
        (true, false) => " ssl",
        (false, true) => " http2",
        (true, true) => " ssl http2",
    };
    let options = match task.load {
        Load::Messages => UPGRADE.to_owned(),
        Load::Download | Load::Upload => format!("{KEPT}\n{BODIES}"),
        load if load.is_tls() => format!("{KEPT}\n{}", tls(certificate)),
        _ => KEPT.to_owned(),
    };
    let server = filled(
        PLAIN,
        &[("listen", listen), ("options", &options), ("locations", &locations(task.routes))],
    );
    let (process, port) = start(surroundings, &folder, "", &server)?;
    Ok(Running { port, processes: vec![process], proof: None, folder })
}

/// One for each route, or one for all paths.
fn locations(routes: u32) -> String {
    let location =
        |path: &str| format!("        location {path} {{ proxy_pass http://service; }}\n");
    match routes {
        0 => location("/"),
        _ => (0..routes).map(|number| location(&format!("{}/", route_path(number)))).collect(),
    }
}

/// The cookie is looked up in a shared dictionary, whose value becomes the header.
pub(super) fn lua(surroundings: &Surroundings, _: Task) -> Result<Running> {
    looking_up(surroundings, "cookie_symbolon", cookie())
}

/// The same with a key in a header.
pub(super) fn lua_key(surroundings: &Surroundings, _: Task) -> Result<Running> {
    looking_up(surroundings, "http_apikey", api_key())
}

fn looking_up(surroundings: &Surroundings, variable: &str, proof: Proof) -> Result<Running> {
    let folder = Folder::new()?;
    let jwt = &surroundings.tokens.es256.jwt;
    folder.write(
        "sessions.txt",
        &session_lines(surroundings.sessions, |token| format!("{token} {jwt}")),
    )?;
    let mebibytes = surroundings.sessions.saturating_mul(ENTRY) / (1024 * 1024) + 8;
    let server = filled(
        LUA,
        &[
            ("variable", variable),
            ("mebibytes", &mebibytes.to_string()),
            ("sessions", &folder.path().join("sessions.txt").to_string_lossy()),
        ],
    );
    let (process, port) = start(surroundings, &folder, LUA_MODULES, &server)?;
    Ok(Running { port, processes: vec![process], proof: Some(proof), folder })
}

/// The key is looked up in a table of the configuration, whose value becomes the header.
pub(super) fn map(surroundings: &Surroundings, _: Task) -> Result<Running> {
    let folder = Folder::new()?;
    let jwt = &surroundings.tokens.es256.jwt;
    let keys = folder.write(
        "keys.map",
        &session_lines(surroundings.sessions, |key| format!("{key} \"Bearer {jwt}\";")),
    )?;
    let server = filled(MAP, &[("keys", &keys.to_string_lossy())]);
    let (process, port) = start(surroundings, &folder, "", &server)?;
    let proof = Some(api_key());
    Ok(Running { port, processes: vec![process], proof, folder })
}

/// A local server is asked about each request and answers with the header.
pub(super) fn auth_request(surroundings: &Surroundings, _: Task) -> Result<Running> {
    let folder = Folder::new()?;
    let (asked, asked_port) = auth_server(surroundings, &folder)?;
    let server = filled(AUTH_REQUEST, &[("auth", &asked_port.to_string())]);
    let (process, port) = start(surroundings, &folder, "", &server)?;
    Ok(Running { port, processes: vec![process, asked], proof: Some(cookie()), folder })
}

/// The password is hashed each time and compared with that of the one user.
pub(super) fn basic(surroundings: &Surroundings, scheme: &str) -> Result<Running> {
    let folder = Folder::new()?;
    let hash = PASSWORD_HASHES.iter().find(|(name, _)| *name == scheme);
    let (_, hash) = hash.context("no hash has that name")?;
    let users = folder.write("users", &format!("{NAME}:{hash}\n"))?;
    let server = filled(BASIC, &[("users", &users.to_string_lossy())]);
    let (process, port) = start(surroundings, &folder, "", &server)?;
    let proof = Proof { shown: Shown::Line(basic_line()), seen: Seen::Name };
    Ok(Running { port, processes: vec![process], proof: Some(proof), folder })
}

/// The subject of the certificate is looked up in a table, whose value becomes the header.
pub(super) fn mtls(surroundings: &Surroundings, _: Task) -> Result<Running> {
    let folder = Folder::new()?;
    let certificate = &surroundings.certificate;
    let server = filled(
        MTLS,
        &[
            ("client", CLIENT_NAME),
            ("jwt", &surroundings.tokens.es256.jwt),
            ("tls", &tls(certificate)),
            ("authority", &certificate.authority.to_string_lossy()),
        ],
    );
    let (process, port) = start(surroundings, &folder, "", &server)?;
    let proof = Some(Proof::certificate(surroundings, None));
    Ok(Running { port, processes: vec![process], proof, folder })
}

fn tls(certificate: &Certificate) -> String {
    let (chain, key) = (&certificate.chain, &certificate.key);
    filled(TLS, &[("chain", &chain.to_string_lossy()), ("key", &key.to_string_lossy())])
}

/// The first of the keys that are looked up.
fn api_key() -> Proof {
    Proof::line(format!("apikey: {}", opaque_token(0)))
}

fn start(
    surroundings: &Surroundings,
    folder: &Folder,
    modules: &str,
    server: &str,
) -> Result<(Pinned, u16)> {
    let port = free_port()?;
    let text = filled(FRAME, &[("modules", modules), ("server", server)]);
    let text = filled(
        &text,
        &[
            ("port", &port.to_string()),
            ("upstream", &surroundings.upstream.to_string()),
            ("folder", &folder.path().to_string_lossy()),
        ],
    );
    let config = folder.write("nginx.conf", &text)?;
    let process = Pinned::start(
        PROXY_CORE,
        PROGRAM,
        &["-c", &config.to_string_lossy(), "-e", "stderr"],
        &folder.path().join("nginx.log"),
        port,
    )?;
    Ok((process, port))
}
