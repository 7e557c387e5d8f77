//! The far end of a WebSocket: what comes goes back.

use anyhow::Result;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::websocket::{frame, parse};

/// Several frames.
const BUFFER: usize = 2 * 1024;

/// Sends every message back until the connection ends.
pub(super) async fn forever(mut connection: TcpStream) -> Result<()> {
    let mut buffer = Vec::with_capacity(BUFFER);
    while connection.read_buf(&mut buffer).await? > 0 {
        while let Some((payload, taken)) = parse(&buffer) {
            connection.write_all(&frame(&payload, false)).await?;
            buffer.drain(..taken);
        }
    }
    Ok(())
}
