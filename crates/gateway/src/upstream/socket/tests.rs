//! What holds over TLS only.

use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;

use super::*;
use crate::balance::Member;
use crate::config::Protocol;
use crate::tls::testing::certificate;
use crate::tls::{ServerTls, TargetTls, TargetTlsFiles};

const SOON: Duration = Duration::from_secs(10);

/// A listener with a certificate, and the target that it is.
async fn listening() -> (TcpListener, TlsAcceptor, Member) {
    let folder = tempfile::tempdir().unwrap();
    let shown = certificate(folder.path(), &["localhost"]);
    let server = ServerTls::new(vec![shown], None).unwrap();
    let files = TargetTlsFiles { danger_accept_any_certificate: true, ..TargetTlsFiles::default() };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let authority: Arc<str> = listener.local_addr().unwrap().to_string().into();
    let tls = TargetTls::load(files, Protocol::H1).unwrap().target(&authority);
    (listener, TlsAcceptor::from(server.config()), Member::alone(authority, tls))
}

fn held_back(socket: &Socket) -> bool {
    matches!(socket, Socket::Tls(stream, _) if stream.get_ref().1.wants_write())
}

#[tokio::test]
async fn what_is_held_back_is_pushed_on_while_an_answer_is_awaited() {
    let (listener, acceptor, target) = listening().await;
    let (go, may_go) = oneshot::channel::<usize>();
    let peer = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let mut stream = acceptor.accept(stream).await.unwrap();
        let mut body = vec![0; may_go.await.unwrap()];
        stream.read_exact(&mut body).await.unwrap();
        stream.write_all(b"done").await.unwrap();
        stream.flush().await.unwrap();
        stream
    });
    let mut socket = Socket::open(&target).await.unwrap();
    let mut written = 0;
    while !held_back(&socket) {
        written += socket.write(&[b'x'; 16 * 1024]).await.unwrap();
    }
    assert!(!socket.is_quiet(), "what it has not taken would stand before the next request");
    go.send(written).unwrap();
    let mut read = BytesMut::new();
    let filled = poll_fn(|cx| socket.poll_fill(&mut read, cx));
    assert_eq!(timeout(SOON, filled).await.expect("the peer waits for the end").unwrap(), 4);
    let peer = peer.await.unwrap();
    // The tickets that came along are nothing that anybody said.
    assert!(socket.is_quiet());
    drop(peer);
    let closed = async {
        while socket.is_quiet() {
            tokio::task::yield_now().await;
        }
    };
    timeout(SOON, closed).await.unwrap();
}
