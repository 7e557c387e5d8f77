//! nginx from Debian: one worker, 128 idle connections upstream, no access log.

use anyhow::Result;

use super::{Running, Surroundings, auth_server, cookie_line, filled, session_lines};
use crate::{
    credential::opaque_token,
    folder::Folder,
    load::Load,
    pinned::{Pinned, free_port},
    task::Task,
    workload::{PROXY_CORE, route_path},
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
        load if load.is_tls() => {
            let (chain, key) = (&certificate.chain, &certificate.key);
            let places = [("chain", &*chain.to_string_lossy()), ("key", &*key.to_string_lossy())];
            format!("{KEPT}\n{}", filled(TLS, &places))
        }
        _ => KEPT.to_owned(),
    };
    let server = filled(
        PLAIN,
        &[("listen", listen), ("options", &options), ("locations", &locations(task.routes))],
    );
    let (process, port) = start(surroundings, &folder, "", &server)?;
    Ok(Running { port, processes: vec![process], credential: None, folder })
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
    let folder = Folder::new()?;
    let jwt = &surroundings.token.jwt;
    folder.write(
        "sessions.txt",
        &session_lines(surroundings.sessions, |token| format!("{token} {jwt}")),
    )?;
    let mebibytes = surroundings.sessions.saturating_mul(ENTRY) / (1024 * 1024) + 8;
    let server = filled(
        LUA,
        &[
            ("mebibytes", &mebibytes.to_string()),
            ("sessions", &folder.path().join("sessions.txt").to_string_lossy()),
        ],
    );
    let (process, port) = start(surroundings, &folder, LUA_MODULES, &server)?;
    Ok(Running { port, processes: vec![process], credential: Some(cookie_line()), folder })
}

/// The key is looked up in a table of the configuration, whose value becomes the header.
pub(super) fn map(surroundings: &Surroundings, _: Task) -> Result<Running> {
    let folder = Folder::new()?;
    let jwt = &surroundings.token.jwt;
    let keys = folder.write(
        "keys.map",
        &session_lines(surroundings.sessions, |key| format!("{key} \"Bearer {jwt}\";")),
    )?;
    let server = filled(MAP, &[("keys", &keys.to_string_lossy())]);
    let (process, port) = start(surroundings, &folder, "", &server)?;
    let credential = Some(format!("apikey: {}", opaque_token(0)));
    Ok(Running { port, processes: vec![process], credential, folder })
}

/// A local server is asked about each request and answers with the header.
pub(super) fn auth_request(surroundings: &Surroundings, _: Task) -> Result<Running> {
    let folder = Folder::new()?;
    let (asked, asked_port) = auth_server(surroundings, &folder)?;
    let server = filled(AUTH_REQUEST, &[("auth", &asked_port.to_string())]);
    let (process, port) = start(surroundings, &folder, "", &server)?;
    Ok(Running { port, processes: vec![process, asked], credential: Some(cookie_line()), folder })
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
