//! An answer on its way down, its body as it comes.

use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::{HeaderMap, Response};
use http_body::{Body as _, Frame};
use parking_lot::Mutex;

use super::answer::{self, Asked, Framing, write_field};
use super::out::Out;
use super::wire::Wire;
use crate::body::{BodyError, GatewayBody};

/// Why an answer did not come to its end.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unfinished {
    /// The client takes no more.
    #[error("the client is gone")]
    Client(#[from] io::Error),
    /// There is no more of it.
    #[error("the answer broke off")]
    Body(#[from] BodyError),
    /// It is not as long as was said.
    #[error("the answer has another length than it said")]
    Length,
}

/// Sends an answer; returns whether another request may follow.
pub(super) async fn send(
    wire: &Arc<Mutex<Wire>>,
    out: &mut Out,
    response: Response<GatewayBody>,
    asked: &Asked,
) -> Result<bool, Unfinished> {
    let (head, body) = response.into_parts();
    let lines = out.lines();
    lines.extend_from_slice(wire.lock().take_interim());
    let (mut framing, keep_alive) = answer::write(lines, &head, &body.size_hint(), asked);
    drop(head);
    let is_over = matches!(framing, Framing::Bodyless | Framing::Length(0));
    // Dropped with its last piece, and with it the access event: whoever has an answer finds it
    // counted.
    let mut body = Some(body).filter(|_| !is_over);
    let sent = poll_fn(|cx| {
        loop {
            let is_stuck = poll_fill(&mut body, &mut framing, out, cx)?;
            ready!(out.poll_write(wire, cx))?;
            if body.is_none() {
                return Poll::Ready(Ok(()));
            }
            if is_stuck {
                return wire
                    .lock()
                    .poll_gone(cx)
                    .map(|()| Err(Unfinished::Client(io::ErrorKind::ConnectionAborted.into())));
            }
        }
    })
    .await;
    if sent.is_err() && framing == Framing::UntilClose {
        wire.lock().break_off();
    }
    sent?;
    out.rest();
    Ok(keep_alive)
}

/// Takes what there is of a body; whether it has to be waited for.
fn poll_fill(
    body: &mut Option<GatewayBody>,
    framing: &mut Framing,
    out: &mut Out,
    cx: &mut Context<'_>,
) -> Result<bool, Unfinished> {
    while out.has_room()
        && let Some(coming) = body
    {
        match Pin::new(coming).poll_frame(cx) {
            Poll::Pending => return Ok(true),
            Poll::Ready(Some(frame)) => push(frame?, framing, out)?,
            Poll::Ready(None) => {
                finish(&HeaderMap::new(), framing, out)?;
                *body = None;
            }
        }
        // Asked once more than needed, a body could only say that it is over.
        if *framing == Framing::Length(0) {
            *body = None;
        }
    }
    Ok(false)
}

fn push(frame: Frame<Bytes>, framing: &mut Framing, out: &mut Out) -> Result<(), Unfinished> {
    let data = match frame.into_data() {
        Ok(data) if data.is_empty() => return Ok(()),
        Ok(data) => data,
        Err(frame) => {
            if let (Ok(trailers), Framing::Chunked(_)) = (frame.into_trailers(), &*framing) {
                finish(&trailers, framing, out)?;
                *framing = Framing::Length(0);
            }
            return Ok(());
        }
    };
    match framing {
        Framing::Bodyless => {}
        Framing::Length(left) => {
            *left = left.checked_sub(data.len() as u64).ok_or(Unfinished::Length)?;
            out.push(data, b"");
        }
        Framing::Chunked(_) => {
            write_size(out.lines(), data.len());
            out.push(data, b"\r\n");
        }
        Framing::UntilClose => out.push(data, b""),
    }
    Ok(())
}

fn finish(came: &HeaderMap, framing: &Framing, out: &mut Out) -> Result<(), Unfinished> {
    match framing {
        Framing::Length(left) if *left > 0 => return Err(Unfinished::Length),
        Framing::Bodyless | Framing::Length(_) | Framing::UntilClose => {}
        Framing::Chunked(announced) => {
            let lines = out.lines();
            lines.extend_from_slice(b"0\r\n");
            for (name, value) in came.iter().filter(|(name, _)| announced.contains(name)) {
                write_field(lines, name.as_str(), value.as_bytes());
            }
            lines.extend_from_slice(b"\r\n");
        }
    }
    Ok(())
}

/// The line before a chunk: its size in hexadecimal.
fn write_size(out: &mut Vec<u8>, size: usize) {
    let digits = (size.max(1).ilog2() / 4) + 1;
    for place in (0..digits).rev() {
        let digit = u32::try_from(size >> (4 * place) & 0xf).unwrap_or(0);
        out.push(char::from_digit(digit, 16).map_or(b'0', |digit| digit as u8));
    }
    out.extend_from_slice(b"\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_is_hexadecimal() {
        for size in [1, 9, 15, 16, 255, 256, 4096, 65_535, 1 << 32] {
            let mut out = Vec::new();
            write_size(&mut out, size);
            assert_eq!(out, format!("{size:x}\r\n").into_bytes());
        }
    }
}
