//! Envoy: one worker, no access log, circuit breakers lifted.

use anyhow::Result;

use super::{Running, Surroundings, auth_server, cookie_line, filled};
use crate::{
    credential::{AUDIENCE, ISSUER},
    folder::Folder,
    pinned::{Pinned, free_port},
    workload::PROXY_CORE,
};

const FRAME: &str = include_str!("../../templates/envoy.yaml");
const AUTH_CLUSTER: &str = include_str!("../../templates/envoy-auth-cluster.yaml");
const JWT_AUTHN: &str = include_str!("../../templates/envoy-jwt-authn.yaml");
const EXT_AUTHZ: &str = include_str!("../../templates/envoy-ext-authz.yaml");

/// Proxying alone.
pub(super) fn plain(surroundings: &Surroundings) -> Result<Running> {
    let folder = Folder::new()?;
    let (process, port) = start(surroundings, &folder, "", "")?;
    Ok(Running { port, processes: vec![process], credential: None, folder })
}

/// The caller holds the JWT; Envoy verifies it once and then remembers it.
pub(super) fn jwt_authn(surroundings: &Surroundings) -> Result<Running> {
    let folder = Folder::new()?;
    let filter = filled(
        JWT_AUTHN,
        &[("issuer", ISSUER), ("audience", AUDIENCE), ("key_set", &surroundings.token.key_set)],
    );
    let (process, port) = start(surroundings, &folder, &filter, "")?;
    let credential = Some(format!("authorization: Bearer {}", surroundings.token.jwt));
    Ok(Running { port, processes: vec![process], credential, folder })
}

/// A local server is asked about each request and answers with the header.
pub(super) fn ext_authz(surroundings: &Surroundings) -> Result<Running> {
    let folder = Folder::new()?;
    let (asked, asked_port) = auth_server(surroundings, &folder)?;
    let cluster = filled(AUTH_CLUSTER, &[("auth", &asked_port.to_string())]);
    let (process, port) = start(surroundings, &folder, EXT_AUTHZ, &cluster)?;
    Ok(Running { port, processes: vec![process, asked], credential: Some(cookie_line()), folder })
}

fn start(
    surroundings: &Surroundings,
    folder: &Folder,
    filter: &str,
    cluster: &str,
) -> Result<(Pinned, u16)> {
    let port = free_port()?;
    let text = filled(
        FRAME,
        &[
            ("port", &port.to_string()),
            ("upstream", &surroundings.upstream.to_string()),
            ("filter", filter),
            ("cluster", cluster),
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
