//! HAProxy from Debian: one thread, `http-reuse always`, no log.

use anyhow::Result;

use super::{Running, Surroundings, cookie, filled, proof::Proof, session_lines};
use crate::{
    credential::token_hash,
    folder::Folder,
    load::Load,
    pinned::{Pinned, free_port},
    task::Task,
    token::{AUDIENCE, ISSUER, SignedToken},
    workload::{PROXY_CORE, route_path},
};

const PROGRAM: &str = "/usr/sbin/haproxy";
const FRAME: &str = include_str!("../../templates/haproxy.cfg");
const MAP: &str = include_str!("../../templates/haproxy-map.cfg");
const JWT: &str = include_str!("../../templates/haproxy-jwt.cfg");
/// Bodies go from socket to socket through a pipe in the kernel.
const SPLICE: &str = "    option splice-request\n    option splice-response";
/// Where all paths go.
const ALL: &str = "    default_backend service";

/// Proxying alone.
pub(super) fn plain(surroundings: &Surroundings, task: Task) -> Result<Running> {
    let folder = Folder::new()?;
    let tls =
        format!(" ssl crt {} ssl-min-ver TLSv1.3", surroundings.certificate.both.to_string_lossy());
    let bind = match (task.load.is_tls(), task.load.is_http2()) {
        (false, false) => String::new(),
        (true, false) => tls,
        (false, true) => " proto h2".to_owned(),
        (true, true) => format!("{tls} alpn h2"),
    };
    let backend = match task.routes {
        0 => ALL.to_owned(),
        count => {
            let lines = (0..count).map(|number| format!("{}/ service\n", route_path(number)));
            let routes = folder.write("routes.map", &lines.collect::<String>())?;
            format!("    use_backend %[path,map_beg({})]", routes.to_string_lossy())
        }
    };
    let options = match task.load {
        Load::Download | Load::Upload => SPLICE,
        _ => "",
    };
    let places = [("bind", &*bind), ("options", options), ("backend", &*backend), ("rules", "")];
    start(surroundings, folder, &places, None)
}

/// The hash of the cookie is looked up in a map file, whose value becomes the header.
pub(super) fn map(surroundings: &Surroundings, _: Task) -> Result<Running> {
    let folder = Folder::new()?;
    let jwt = &surroundings.tokens.es256.jwt;
    let sessions = folder.write(
        "sessions.map",
        &session_lines(surroundings.sessions, |token| format!("{} {jwt}", token_hash(token))),
    )?;
    let rules = filled(MAP, &[("sessions", &sessions.to_string_lossy())]);
    let places = [("bind", ""), ("options", ""), ("backend", ALL), ("rules", &rules)];
    start(surroundings, folder, &places, Some(cookie()))
}

/// Signature, issuer, audience and expiry are looked at each time.
pub(super) fn jwt(surroundings: &Surroundings, token: &SignedToken) -> Result<Running> {
    let folder = Folder::new()?;
    let file = folder.write("key.pem", &token.key)?;
    let is_public = token.key.starts_with("-----BEGIN ");
    let key = if is_public { file.to_string_lossy().into_owned() } else { token.key.clone() };
    let rules = filled(
        JWT,
        &[
            ("algorithm", token.algorithm),
            ("key", &key),
            ("issuer", ISSUER),
            ("audience", AUDIENCE),
        ],
    );
    let places = [("bind", ""), ("options", ""), ("backend", ALL), ("rules", &*rules)];
    start(surroundings, folder, &places, Some(Proof::line(token.line())))
}

fn start(
    surroundings: &Surroundings,
    folder: Folder,
    places: &[(&str, &str)],
    proof: Option<Proof>,
) -> Result<Running> {
    let port = free_port()?;
    let text = filled(
        &filled(FRAME, places),
        &[("port", &port.to_string()), ("upstream", &surroundings.upstream.to_string())],
    );
    let config = folder.write("haproxy.cfg", &text)?;
    let process = Pinned::start(
        PROXY_CORE,
        PROGRAM,
        &["-db", "-f", &config.to_string_lossy()],
        &folder.path().join("haproxy.log"),
        port,
    )?;
    Ok(Running { port, processes: vec![process], proof, folder })
}
