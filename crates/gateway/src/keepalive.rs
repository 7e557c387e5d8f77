//! A peer that is gone without a word, its power or its network lost, is noticed by the kernel.
//!
//! 1. Where nothing is sent, probes ask whether it is still there (RFC 9293 section 3.8.4): after a
//!    minute of silence, four times, every fifteen seconds. So a tunnel, which has no bound of its
//!    own, ends two minutes after its client.
//! 2. To a client, what is sent and not acknowledged waits as long at most, and never shorter than
//!    HTTP waits for it: a tunnel in which only the service speaks would be probed by nobody, and be
//!    kept for as long as the kernel sends everything again.
//!
//! Where a socket takes none of this, it is as good as without.

use std::time::Duration;

use socket2::{SockRef, TcpKeepalive};
use tokio::net::TcpStream;

/// The silence before the first probe.
const IDLE: Duration = Duration::from_mins(1);
/// From probe to probe.
const INTERVAL: Duration = Duration::from_secs(15);
/// The last probe that may stay without an answer.
const PROBES: u32 = 4;
/// All of it together.
const GONE: Duration = Duration::from_mins(2);

/// Of a client, which HTTP gives so long to take what it is sent.
pub(crate) fn watch_client(stream: &TcpStream, patience: Duration) {
    let socket = SockRef::from(stream);
    let _ = socket.set_tcp_keepalive(&probes());
    let _ = socket.set_tcp_user_timeout(Some(GONE.max(patience)));
}

/// Of a service. It may leave what it was sent unread for longer than that.
pub(crate) fn watch_target(stream: &TcpStream) {
    let _ = SockRef::from(stream).set_tcp_keepalive(&probes());
}

fn probes() -> TcpKeepalive {
    TcpKeepalive::new().with_time(IDLE).with_interval(INTERVAL).with_retries(PROBES)
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    #[tokio::test]
    async fn both_kinds_of_peers_are_asked_whether_they_are_there() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let target = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (client, _) = listener.accept().await.unwrap();
        watch_client(&client, Duration::from_secs(30));
        watch_target(&target);
        for stream in [&client, &target] {
            let socket = SockRef::from(stream);
            assert!(socket.keepalive().unwrap());
            assert_eq!(socket.tcp_keepalive_time().unwrap(), IDLE);
            assert_eq!(socket.tcp_keepalive_interval().unwrap(), INTERVAL);
            assert_eq!(socket.tcp_keepalive_retries().unwrap(), PROBES);
        }
        let limit = |stream| SockRef::from(stream).tcp_user_timeout().unwrap();
        assert_eq!((limit(&client), limit(&target)), (Some(GONE), None));
        watch_client(&client, Duration::from_mins(5));
        assert_eq!(limit(&client), Some(Duration::from_mins(5)));
    }
}
