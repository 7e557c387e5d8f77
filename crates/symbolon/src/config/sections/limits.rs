//! `limits`: bounds on what a caller may ask of the gateway.

use symbolon_gateway::config::Limits;

use crate::config::fields::Fields;
use crate::config::shape::{GIB, HOUR, KIB, Key, SECOND, Section, Shape};

pub(super) static SECTION: Section = Section {
    is: "`limits`",
    doc: "Bounds on what a caller may ask",
    keys: &[
        Key::default(
            "head",
            "Longest request line and headers together",
            Shape::Size { min: 8 * KIB, max: KIB * KIB },
            "32KiB",
        ),
        Key::default(
            "headers",
            "Most header fields",
            Shape::Integer { min: 16, max: 1_000 },
            "100",
        ),
        Key::default(
            "target",
            "Longest request target (path and query)",
            Shape::Size { min: KIB, max: 64 * KIB },
            "8KiB",
        ),
        Key::default(
            "body",
            "Longest request body",
            Shape::Size { min: 0, max: 1_024 * GIB },
            "16MiB",
        ),
        Key::default(
            "handshake_timeout",
            "Longest wait for a PROXY header and a TLS handshake together",
            TIMEOUT,
            "10s",
        ),
        Key::default(
            "head_timeout",
            "Longest wait for a request head, also between two requests",
            TIMEOUT,
            "60s",
        ),
        Key::default("body_timeout", "Longest silence inside a body", TIMEOUT, "60s"),
        Key::default(
            "connections",
            "Most open connections of each worker",
            Shape::Integer { min: 1, max: 1_000_000 },
            "10000",
        ),
        Key::default(
            "streams",
            "Most streams that are open at once on one HTTP/2 connection",
            Shape::Integer { min: 1, max: 1_000 },
            "100",
        ),
        Key::default(
            "drain",
            "How long running requests may take to finish at shutdown",
            Shape::Duration { min: 0, max: HOUR },
            "30s",
        ),
    ],
};

const TIMEOUT: Shape = Shape::Duration { min: SECOND, max: HOUR };

pub(super) fn read(fields: Fields<'_>) -> Limits {
    let count =
        |key| usize::try_from(fields.integer(key).unwrap_or_default()).unwrap_or(usize::MAX);
    let bytes = |key| usize::try_from(fields.size(key)).unwrap_or(usize::MAX);
    Limits {
        head_bytes: bytes("head"),
        header_count: count("headers"),
        target_bytes: bytes("target"),
        body_bytes: fields.size("body"),
        handshake_timeout: fields.duration("handshake_timeout"),
        head_timeout: fields.duration("head_timeout"),
        body_timeout: fields.duration("body_timeout"),
        connections: count("connections"),
        streams: u32::try_from(count("streams")).unwrap_or(u32::MAX),
        drain: fields.duration("drain"),
    }
}
