//! The service behind every proxy: a fixed answer, or what it was asked.

use anyhow::Result;
use clap::Args;

use super::{forever, response};
use crate::workload::{ANSWER, SEEN_PATH};

#[derive(Args)]
pub(crate) struct Options {
    /// The port of the loopback address to listen on.
    #[arg(long)]
    port: u16,
}

/// Serves until it is ended.
pub(crate) fn run(options: &Options) -> Result<()> {
    let fixed = response("200 OK", "", ANSWER);
    let seen = format!("GET {SEEN_PATH}");
    forever(options.port, move |head| {
        if head.starts_with(seen.as_bytes()) {
            response("200 OK", "", &String::from_utf8_lossy(head))
        } else {
            fixed.clone()
        }
    })
}
