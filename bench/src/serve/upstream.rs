//! The service behind every proxy: a fixed answer, or what it was asked.

use super::response;
use crate::workload::{ANSWER, SEEN_PATH};

/// The answer to the request with this head.
pub(crate) fn answer(head: &[u8]) -> Vec<u8> {
    let path = head.strip_prefix(b"GET ").unwrap_or_default();
    if path.starts_with(SEEN_PATH.as_bytes()) {
        return response("200 OK", "", &String::from_utf8_lossy(head));
    }
    response("200 OK", "", ANSWER)
}
