//! What servers read, for the fuzz targets.

use std::convert::Infallible;

use super::frames::{Kind, Scanner, Seen};

pub(crate) use super::h1::fuzzing::request_head;

/// Finds frames in bytes fed `step` at a time.
pub(crate) fn frames(data: &[u8], step: usize) -> Vec<(&'static str, usize, bool)> {
    let (mut scanner, mut found) = (Scanner::new(0), Vec::new());
    for piece in data.chunks(step) {
        let told = scanner.scan(piece, |seen| {
            if let Seen::Frame(frame) = seen {
                let kind = match frame.kind {
                    Kind::Data => "data",
                    Kind::Headers => "headers",
                    _ => "other",
                };
                found.push((kind, frame.length, frame.ends_stream));
            }
            Ok::<_, Infallible>(())
        });
        match told {
            Ok(()) => {}
            Err(never) => match never {},
        }
    }
    found
}
