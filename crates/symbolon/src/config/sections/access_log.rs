//! `access_log`: where one line for each request goes.

use symbolon_gateway::config::AccessLog;

use crate::config::surroundings::Surroundings;

/// `stdout`, `stderr`, `off`, or a path.
pub(super) fn read(text: &str, surroundings: &Surroundings<'_>) -> AccessLog {
    match text {
        "off" => AccessLog::Off,
        "stdout" => AccessLog::Stdout,
        "stderr" => AccessLog::Stderr,
        path => AccessLog::File(surroundings.path(path)),
    }
}
