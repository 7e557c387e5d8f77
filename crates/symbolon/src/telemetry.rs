//! Logs of the process itself: standard error, text for a terminal and JSON for everything else.
//!
//! `SYMBOLON_LOG` chooses what is logged, in the form of `tracing-subscriber`'s filters:
//! `info`, `debug`, `warn,symbolon_gateway=debug`.

use std::io::{self, IsTerminal as _};

use tracing_subscriber::EnvFilter;

use crate::config;

const VARIABLE: &str = "SYMBOLON_LOG";

/// Starts logging; `default` holds where the environment says nothing or nothing sensible.
pub(crate) fn start(default: &str) {
    let written = config::environment(VARIABLE).map(EnvFilter::try_new).transpose();
    let mistake = written.as_ref().err().map(ToString::to_string);
    let filter = written.ok().flatten();
    let builder = tracing_subscriber::fmt()
        .with_writer(io::stderr)
        .with_env_filter(filter.unwrap_or_else(|| EnvFilter::new(default)));
    // A second start in one process, as in tests, keeps the first.
    let _ = if io::stderr().is_terminal() {
        builder.try_init()
    } else {
        builder.json().flatten_event(true).try_init()
    };
    if let Some(error) = mistake {
        tracing::warn!(%error, "{VARIABLE} is not understood and passed over");
    }
}
