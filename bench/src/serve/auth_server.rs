//! The server that `auth_request` and `ext_authz` ask: cookie, SHA-256, map, answer. It does as
//! little as such a server can, so that the figures show the asking and not the asked.

use std::{collections::HashMap, fs, path::PathBuf};

use anyhow::{Context, Result};
use aws_lc_rs::digest::{SHA256, SHA256_OUTPUT_LEN, digest};
use bytes::Bytes;
use clap::Args;
use tokio::runtime::Builder;

use super::{Reply, forever, response};
use crate::workload::COOKIE;

#[derive(Args)]
pub(crate) struct Options {
    /// The port of the loopback address to listen on.
    #[arg(long)]
    port: u16,
    /// Lines of token, space, JWT.
    #[arg(long)]
    sessions: PathBuf,
}

type Hash = [u8; SHA256_OUTPUT_LEN];

/// Serves until it is ended.
pub(crate) fn run(options: &Options) -> Result<()> {
    let file = fs::read_to_string(&options.sessions).context("cannot read the sessions")?;
    let known: HashMap<Hash, Bytes> = file
        .lines()
        .filter_map(|line| line.split_once(' '))
        .map(|(token, jwt)| {
            let header = format!("authorization: Bearer {jwt}\r\n");
            (hash(token.as_bytes()), response("200 OK", &header, ""))
        })
        .collect();
    let refusal = response("401 Unauthorized", "www-authenticate: Bearer\r\n", "");
    let answer = move |head: &[u8]| {
        let known = cookie(head).and_then(|token| known.get(&hash(token)));
        Reply::Octets(known.unwrap_or(&refusal).clone())
    };
    let runtime = Builder::new_current_thread().enable_io().build().context("no runtime")?;
    runtime.block_on(forever(options.port, answer))
}

fn hash(token: &[u8]) -> Hash {
    let mut octets = Hash::default();
    octets.copy_from_slice(digest(&SHA256, token).as_ref());
    octets
}

/// The value of the one cookie that the load generator sends.
fn cookie(head: &[u8]) -> Option<&[u8]> {
    let mut headers = [httparse::EMPTY_HEADER; 32];
    let mut request = httparse::Request::new(&mut headers);
    request.parse(head).ok()?;
    let cookies =
        request.headers.iter().find(|header| header.name.eq_ignore_ascii_case("cookie"))?;
    cookies.value.strip_prefix(COOKIE.as_bytes())?.strip_prefix(b"=")
}
