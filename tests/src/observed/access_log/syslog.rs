//! Lines for a log service: over each of its wires, and while it is away.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _};
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::Value;

use crate::harness::http::{Request, exchange};
use crate::harness::patience::{Over, PATIENCE, eventually};
use crate::harness::settings::Settings;
use crate::harness::stage::Stage;
use crate::harness::upstream::Upstream;

fn stage(keys: &str) -> Stage {
    let sections = format!("access_log: {{ syslog: {{ {keys} }} }}");
    Stage::set(&Settings { sections, ..Settings::default() }, Upstream::plain())
}

/// Holds a message against RFC 5424; its line.
fn line_of(message: &str, priority: &str, process: u32) -> Value {
    let fields: Vec<&str> = message.splitn(8, ' ').collect();
    let [start, time, _host, app, id, kind, data, text] = fields[..] else {
        panic!("{message}");
    };
    assert_eq!(start, format!("<{priority}>1"), "{message}");
    assert!(time.len() == 24 && time.ends_with('Z'), "{message}");
    assert_eq!((app, kind, data), ("shop", "access", "-"), "{message}");
    assert_eq!(id, process.to_string(), "{message}");
    let line: Value = serde_json::from_str(text).unwrap();
    assert_eq!(line["time"], time);
    line
}

/// One message with its length before it (RFC 6587 section 3.4.1).
fn counted(stream: &mut BufReader<TcpStream>) -> String {
    let mut length = Vec::new();
    stream.read_until(b' ', &mut length).unwrap();
    let length = String::from_utf8(length).unwrap().trim_end().parse().unwrap();
    let mut message = vec![0; length];
    stream.read_exact(&mut message).unwrap();
    String::from_utf8(message).unwrap()
}

fn accept(listener: &TcpListener) -> BufReader<TcpStream> {
    listener.set_nonblocking(true).unwrap();
    let (stream, _) = eventually("a connection", || listener.accept().ok());
    stream.set_nonblocking(false).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    BufReader::new(stream)
}

fn dropped(stage: &Stage) -> u64 {
    let host = stage.symbolon.admin.to_string();
    let metrics = exchange(stage.symbolon.admin, &Request::get("/metrics").with("Host", &host));
    let name = "symbolon_access_log_dropped_total ";
    metrics.text().lines().find_map(|line| line.strip_prefix(name)).unwrap().parse().unwrap()
}

#[test]
fn each_line_is_a_datagram_over_udp() {
    let service = UdpSocket::bind("127.0.0.1:0").unwrap();
    service.set_read_timeout(Some(PATIENCE)).unwrap();
    let address = service.local_addr().unwrap();
    let stage = stage(&format!("address: \"udp://{address}\", facility: daemon, app_name: shop"));
    let mut bytes = vec![0; 65_536];
    for path in ["/public/1", "/public/2"] {
        stage.exchange(&Request::get(path)).expect(200);
        let length = service.recv(&mut bytes).unwrap();
        let message = std::str::from_utf8(&bytes[..length]).unwrap();
        assert_eq!(line_of(message, "30", stage.symbolon.program().id())["path"], path);
    }
}

#[test]
fn lines_are_counted_over_tcp_and_a_service_that_comes_back_is_found() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let stage = stage(&format!("address: \"tcp://{address}\", app_name: shop"));
    let process = stage.symbolon.program().id();
    let mut service = None;
    for turn in 0..3 {
        for number in 0..20 {
            let path = format!("/public/{turn}-{number}");
            stage.exchange(&Request::get(&path)).expect(200);
            let service = service.get_or_insert_with(|| accept(&listener));
            assert_eq!(line_of(&counted(service), "134", process)["path"], path);
        }
        // It ends the connection, and takes the next.
        service = None;
    }
    assert_eq!(dropped(&stage), 0);
}

#[test]
fn a_socket_of_the_system_that_is_made_anew_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    let bind = |path: &Path| {
        let service = UnixDatagram::bind(path).unwrap();
        service.set_read_timeout(Some(PATIENCE)).unwrap();
        service
    };
    let mut service = bind(&path);
    let stage = stage(&format!("address: {}, app_name: shop", path.display()));
    let mut bytes = vec![0; 65_536];
    for number in 0..3 {
        let target = format!("/public/{number}");
        stage.exchange(&Request::get(&target)).expect(200);
        let length = service.recv(&mut bytes).unwrap();
        let message = std::str::from_utf8(&bytes[..length]).unwrap();
        assert_eq!(line_of(message, "134", stage.symbolon.program().id())["path"], target);
        drop(service);
        fs::remove_file(&path).unwrap();
        service = bind(&path);
    }
}

#[test]
fn a_service_that_is_away_costs_lines_and_no_requests() {
    let folder = tempfile::tempdir().unwrap();
    let address = folder.path().join("nobody");
    let mut stage = stage(&format!("address: {}", address.display()));
    for number in 0..200 {
        stage.exchange(&Request::get(&format!("/public/{number}"))).expect(200);
    }
    eventually("the lost lines are counted", || (dropped(&stage) == 200).then_some(()));
    stage.symbolon.log().wait_for("a warning", |line| {
        line.contains("lines of the access log are lost").then_some(())
    });
    // The end does not wait for it either.
    assert!(stage.symbolon.stop().success());
}

#[test]
fn a_service_that_comes_back_under_load_is_found() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let stage = stage(&format!("address: \"tcp://{address}\""));
    let (is_over, mut connection) = (AtomicBool::new(false), stage.connect());
    std::thread::scope(|scope| {
        // Lines come without a pause, before it is given up and after.
        scope.spawn(|| {
            while !is_over.load(Ordering::Relaxed) {
                connection.exchange(&Request::get("/public/x")).expect(200);
            }
        });
        let _over = Over(&is_over);
        stage.symbolon.log().wait_for("it is given up", |line| {
            line.contains("the log service cannot be reached").then_some(())
        });
        let listener = TcpListener::bind(address).unwrap();
        listener.set_nonblocking(true).unwrap();
        eventually("the service is found", || listener.accept().ok().map(|_| ()));
    });
}
