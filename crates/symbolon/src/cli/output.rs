//! What a command says: data on standard output, failures on standard error.
//!
//! A reader that went away (`| head`) is no failure of ours, so broken pipes are passed over.

use std::io::{self, Write as _};

/// Writes data.
pub(super) fn data(text: &str) {
    let _ = io::stdout().lock().write_all(text.as_bytes());
}

/// Writes why a command failed; a text that starts with `error:` stands as it is.
pub(super) fn failure(text: &str) {
    let prefix = if text.starts_with("error:") {
        ""
    } else {
        "error: "
    };
    let _ = writeln!(io::stderr().lock(), "{prefix}{text}");
}
