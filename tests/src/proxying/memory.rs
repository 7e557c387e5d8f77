//! A body of a hundred MiB passes through a gateway that does not grow by it.

use std::thread;

use crate::harness::settings::Settings;
use crate::harness::stage::Stage;
use crate::harness::upstream::Upstream;

const MIB: usize = 1024 * 1024;
const LENGTH: usize = 100 * MIB;
/// The most by which it may grow, in kB: buffers of two connections and some slack.
const GROWTH_KB: u64 = 16 * 1024;

#[test]
fn big_bodies_take_no_memory() {
    let api = Upstream::scripted(|peer| {
        while peer.request().is_some() {
            peer.write(format!("HTTP/1.1 200 OK\r\nContent-Length: {LENGTH}\r\n\r\n").as_bytes());
            let piece = vec![b'd'; MIB];
            for _ in 0..LENGTH / MIB {
                peer.write(&piece);
            }
        }
    });
    let settings =
        Settings { sections: "limits: { body: 200MiB }".to_owned(), ..Settings::default() };
    let stage = Stage::set(&settings, api);
    let before = stage.symbolon.program().memory_kb("VmRSS");

    let mut connection = stage.connect();
    let mut uplink = connection.stream().try_clone().unwrap();
    let sending = thread::spawn(move || {
        use std::io::Write as _;
        let head = format!(
            "POST /public/x HTTP/1.1\r\nHost: shop.test\r\nContent-Length: {LENGTH}\r\n\r\n"
        );
        uplink.write_all(head.as_bytes()).unwrap();
        let piece = vec![b'u'; MIB];
        for _ in 0..LENGTH / MIB {
            uplink.write_all(&piece).unwrap();
        }
    });
    let answer = connection.response().expect(200);
    sending.join().unwrap();
    assert_eq!(answer.message.body_length, LENGTH as u64);
    assert_eq!(stage.api.only_request().message.body_length, LENGTH as u64);

    let peak = stage.symbolon.program().memory_kb("VmHWM");
    assert!(peak < before + GROWTH_KB, "it grew from {before} kB to {peak} kB");
}
