//! The upstream's parsers, for the fuzz targets.

use bytes::BytesMut;
use http::Method;

use super::response_head;
use crate::chunked::{Chunked, Decoded};

/// Parses heads until nothing more comes.
pub(crate) fn response_head(read: &mut BytesMut) {
    while let Ok(Some(head)) = response_head::parse(read, &Method::GET) {
        let (_, mut framing, _) = head.into_parts();
        while let Ok(Decoded::Data(data)) = framing.decode(read) {
            assert!(!data.is_empty());
        }
    }
}

/// Decodes chunks fed `step` bytes at a time.
pub(crate) fn chunked(mut rest: &[u8], step: usize) -> Option<Vec<u8>> {
    let (mut chunked, mut read, mut body) = (Chunked::default(), BytesMut::new(), Vec::new());
    loop {
        match chunked.decode(&mut read, crate::trailers::is_response_trailer).ok()? {
            Decoded::Data(data) => body.extend_from_slice(&data),
            Decoded::Trailers(_) | Decoded::End => return Some(body),
            Decoded::More if rest.is_empty() => return None,
            Decoded::More => {
                let (now, later) = rest.split_at(step.min(rest.len()));
                read.extend_from_slice(now);
                rest = later;
            }
        }
    }
}
