//! HAProxy from Debian: one thread, `http-reuse always`, no log.

use anyhow::Result;

use super::{Running, Surroundings, cookie_line, filled, session_lines};
use crate::{
    credential::token_hash,
    folder::Folder,
    pinned::{Pinned, free_port},
    workload::PROXY_CORE,
};

const PROGRAM: &str = "/usr/sbin/haproxy";
const FRAME: &str = include_str!("../../templates/haproxy.cfg");
const MAP: &str = include_str!("../../templates/haproxy-map.cfg");

/// Proxying alone.
pub(super) fn plain(surroundings: &Surroundings) -> Result<Running> {
    start(surroundings, Folder::new()?, "", None)
}

/// The hash of the cookie is looked up in a map file, whose value becomes the header.
pub(super) fn map(surroundings: &Surroundings) -> Result<Running> {
    let folder = Folder::new()?;
    let jwt = &surroundings.token.jwt;
    let sessions = folder.write(
        "sessions.map",
        &session_lines(surroundings.sessions, |token| format!("{} {jwt}", token_hash(token))),
    )?;
    let rules = filled(MAP, &[("sessions", &sessions.to_string_lossy())]);
    start(surroundings, folder, &rules, Some(cookie_line()))
}

fn start(
    surroundings: &Surroundings,
    folder: Folder,
    rules: &str,
    credential: Option<String>,
) -> Result<Running> {
    let port = free_port()?;
    let text = filled(
        FRAME,
        &[
            ("port", &port.to_string()),
            ("upstream", &surroundings.upstream.to_string()),
            ("rules", rules),
        ],
    );
    let config = folder.write("haproxy.cfg", &text)?;
    let process = Pinned::start(
        PROXY_CORE,
        PROGRAM,
        &["-db", "-f", &config.to_string_lossy()],
        &folder.path().join("haproxy.log"),
        port,
    )?;
    Ok(Running { port, processes: vec![process], credential, folder })
}
