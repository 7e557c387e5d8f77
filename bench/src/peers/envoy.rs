//! Envoy: one worker, no access log, circuit breakers lifted.

use anyhow::Result;

use super::{Running, Surroundings, auth_server, cookie, filled, proof::Proof};
use crate::{
    folder::Folder,
    load::Load,
    pinned::{Pinned, free_port},
    task::Task,
    token::{AUDIENCE, ISSUER, SignedToken},
    workload::{PROXY_CORE, route_path},
};

const FRAME: &str = include_str!("../../templates/envoy.yaml");
const TLS: &str = include_str!("../../templates/envoy-tls.yaml");
const ALL: &str = include_str!("../../templates/envoy-all-paths.yaml");
const MATCHER: &str = include_str!("../../templates/envoy-matcher.yaml");
const ROUTE: &str = include_str!("../../templates/envoy-route.yaml");
const AUTH_CLUSTER: &str = include_str!("../../templates/envoy-auth-cluster.yaml");
const JWT_AUTHN: &str = include_str!("../../templates/envoy-jwt-authn.yaml");
const EXT_AUTHZ: &str = include_str!("../../templates/envoy-ext-authz.yaml");
const UPGRADE: &str = "                upgrade_configs: [{ upgrade_type: websocket }]";

/// Where the measured programs differ; the rest is the same for all.
struct Places<'a> {
    tls: &'a str,
    codec: &'a str,
    upgrade: &'a str,
    routes: &'a str,
    filter: &'a str,
    cluster: &'a str,
}

/// HTTP/1.1, one route, no authentication.
const USUAL: Places<'_> =
    Places { tls: "", codec: "HTTP1", upgrade: "", routes: ALL, filter: "", cluster: "" };

/// Proxying alone.
pub(super) fn plain(surroundings: &Surroundings, task: Task) -> Result<Running> {
    let folder = Folder::new()?;
    let certificate = &surroundings.certificate;
    let alpn = if task.load.is_http2() { "h2" } else { "http/1.1" };
    let (chain, key) = (certificate.chain.to_string_lossy(), certificate.key.to_string_lossy());
    let tls = filled(TLS, &[("chain", &chain), ("key", &key), ("alpn", alpn)]);
    let route = |number| filled(ROUTE, &[("path", &format!("{}/", route_path(number)))]);
    let routes = format!("{MATCHER}{}", (0..task.routes).map(route).collect::<String>());
    let places = Places {
        tls: if task.load.is_tls() { &tls } else { "" },
        codec: if task.load.is_http2() { "HTTP2" } else { "HTTP1" },
        upgrade: if task.load == Load::Messages { UPGRADE } else { "" },
        routes: if task.routes > 0 { &routes } else { ALL },
        ..USUAL
    };
    let (process, port) = start(surroundings, &folder, &places)?;
    Ok(Running { port, processes: vec![process], proof: None, folder })
}

/// The caller holds the JWT; Envoy verifies it once and then remembers it.
pub(super) fn jwt_authn(surroundings: &Surroundings, token: &SignedToken) -> Result<Running> {
    let folder = Folder::new()?;
    let filter = filled(
        JWT_AUTHN,
        &[("issuer", ISSUER), ("audience", AUDIENCE), ("key_set", &token.key_set)],
    );
    let (process, port) = start(surroundings, &folder, &Places { filter: &filter, ..USUAL })?;
    let proof = Some(Proof::line(token.line()));
    Ok(Running { port, processes: vec![process], proof, folder })
}

/// A local server is asked about each request and answers with the header.
pub(super) fn ext_authz(surroundings: &Surroundings, _: Task) -> Result<Running> {
    let folder = Folder::new()?;
    let (asked, asked_port) = auth_server(surroundings, &folder)?;
    let cluster = filled(AUTH_CLUSTER, &[("auth", &asked_port.to_string())]);
    let places = Places { filter: EXT_AUTHZ, cluster: &cluster, ..USUAL };
    let (process, port) = start(surroundings, &folder, &places)?;
    Ok(Running { port, processes: vec![process, asked], proof: Some(cookie()), folder })
}

fn start(
    surroundings: &Surroundings,
    folder: &Folder,
    places: &Places<'_>,
) -> Result<(Pinned, u16)> {
    let port = free_port()?;
    let text = filled(
        FRAME,
        &[
            ("port", &port.to_string()),
            ("upstream", &surroundings.upstream.to_string()),
            ("tls", places.tls),
            ("codec", places.codec),
            ("upgrade", places.upgrade),
            ("routes", places.routes),
            ("filter", places.filter),
            ("cluster", places.cluster),
        ],
    );
    let config = folder.write("envoy.yaml", &text)?;
    let process = Pinned::start(
        PROXY_CORE,
        &surroundings.envoy,
        &[
            "--config-path",
            &config.to_string_lossy(),
            "--concurrency",
            "1",
            "--disable-hot-restart",
            "--log-level",
            "error",
        ],
        &folder.path().join("envoy.log"),
        port,
    )?;
    Ok((process, port))
}
