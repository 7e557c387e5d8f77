//! The client against endpoints that behave and misbehave.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::thread;

use super::*;

/// An endpoint on which each connection is answered by `serve`.
fn endpoint(serve: impl Fn(TcpStream) + Send + Sync + 'static) -> Endpoint {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        let serve = Arc::new(serve);
        for stream in listener.incoming().map_while(Result::ok) {
            let serve = Arc::clone(&serve);
            thread::spawn(move || serve(stream));
        }
    });
    Endpoint {
        address: "127.0.0.1".into(),
        port,
        host: format!("127.0.0.1:{port}").into(),
        target: "/ask?x=1".into(),
        tls: None,
        timeout: Duration::from_secs(5),
        connect_timeout: Duration::from_secs(5),
        connections: 2,
        queue: 2,
    }
}

/// The head of the next request; `None` at the end.
fn head(stream: &mut TcpStream) -> Option<String> {
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") {
        if stream.read(&mut byte).ok()? == 0 {
            return None;
        }
        head.extend_from_slice(&byte);
    }
    String::from_utf8(head).ok()
}

fn question() -> Question {
    Question { method: Method::GET, headers: HeaderMap::new(), body: Bytes::new() }
}

fn client(endpoint: Endpoint) -> HttpClient {
    HttpClient::new(endpoint, Arc::default())
}

const OK: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi";

#[tokio::test]
async fn the_target_is_the_configurations_and_connections_are_kept() {
    let client = client(endpoint(|mut stream| {
        let mut count = 0;
        while let Some(head) = head(&mut stream) {
            assert!(head.starts_with("GET /ask?x=1 HTTP/1.1\r\n"), "{head}");
            count += 1;
            let answer =
                format!("HTTP/1.1 200 OK\r\nx-count: {count}\r\ncontent-length: 2\r\n\r\nhi");
            stream.write_all(answer.as_bytes()).unwrap();
        }
    }));
    for count in ["1", "2", "3"] {
        let reply = client.ask(question()).await.unwrap();
        assert_eq!((reply.status, &*reply.body), (StatusCode::OK, &b"hi"[..]));
        assert_eq!(reply.headers["x-count"], count);
    }
}

#[tokio::test]
async fn a_connection_that_the_other_end_closed_is_replaced() {
    let client = client(endpoint(|mut stream| {
        head(&mut stream).unwrap();
        stream.write_all(OK).unwrap();
        // It says nothing of closing, and closes when the next question comes.
        let _ = stream.read(&mut [0]);
    }));
    for _ in 0..3 {
        assert_eq!(client.ask(question()).await.unwrap().status, StatusCode::OK);
    }
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_is_not_followed() {
    let client = client(endpoint(|mut stream| {
        head(&mut stream).unwrap();
        let answer =
            b"HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n";
        stream.write_all(answer).unwrap();
    }));
    assert_eq!(client.ask(question()).await.unwrap().status, StatusCode::FOUND);
}

#[tokio::test]
async fn answers_without_end_or_in_another_protocol_are_errors() {
    let flood = client(endpoint(|mut stream| {
        head(&mut stream).unwrap();
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n");
        while stream.write_all(&[b'x'; 4096]).is_ok() {}
    }));
    assert!(matches!(flood.ask(question()).await, Err(AskError::TooLarge)));
    let other = client(endpoint(|mut stream| {
        head(&mut stream).unwrap();
        let _ = stream.write_all(b"SSH-2.0-x\r\n");
    }));
    assert!(matches!(other.ask(question()).await, Err(AskError::Http(_))));
    let short = client(endpoint(|mut stream| {
        head(&mut stream).unwrap();
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhi");
    }));
    assert!(matches!(short.ask(question()).await, Err(AskError::Body(_))));
}

#[tokio::test]
async fn who_hangs_is_left_and_who_is_not_there_is_told() {
    let silent = Endpoint {
        timeout: Duration::from_millis(50),
        ..endpoint(|mut stream| while head(&mut stream).is_some() {})
    };
    assert!(matches!(client(silent).ask(question()).await, Err(AskError::Timeout)));
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let away = Endpoint { port, ..endpoint(|_| ()) };
    assert!(matches!(client(away).ask(question()).await, Err(AskError::Connect(_))));
}
