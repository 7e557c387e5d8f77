//! nginx from Debian: one worker, 128 idle connections upstream, no access log.

use anyhow::Result;

use super::{Running, Surroundings, auth_server, cookie_line, filled, session_lines};
use crate::{
    folder::Folder,
    pinned::{Pinned, free_port},
    workload::PROXY_CORE,
};

const PROGRAM: &str = "/usr/sbin/nginx";
const FRAME: &str = include_str!("../../templates/nginx.conf");
const PLAIN: &str = include_str!("../../templates/nginx-plain.conf");
const LUA_MODULES: &str = include_str!("../../templates/nginx-lua-modules.conf");
const LUA: &str = include_str!("../../templates/nginx-lua.conf");
const AUTH_REQUEST: &str = include_str!("../../templates/nginx-auth-request.conf");
/// What one entry of the shared dictionary takes at most, in octets.
const ENTRY: u32 = 1_536;

/// Proxying alone.
pub(super) fn plain(surroundings: &Surroundings) -> Result<Running> {
    let folder = Folder::new()?;
    let (process, port) = start(surroundings, &folder, "", PLAIN)?;
    Ok(Running { port, processes: vec![process], credential: None, folder })
}

/// The cookie is looked up in a shared dictionary, whose value becomes the header.
pub(super) fn lua(surroundings: &Surroundings) -> Result<Running> {
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

/// A local server is asked about each request and answers with the header.
pub(super) fn auth_request(surroundings: &Surroundings) -> Result<Running> {
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
