//! How many descriptors there are, and who gets the last of them.

use crate::harness::http::{Connection, Request};
use crate::harness::patience::eventually;
use crate::harness::settings::Settings;
use crate::harness::symbolon::Symbolon;
use crate::harness::upstream::Upstream;
use crate::harness::upstream::answer::ok;

/// So many that 300 are left for connections, of which clients leave 37.
const DESCRIPTORS: u32 = 128 + 300;
const FOR_CLIENTS: usize = 300 - 37;
/// Fewer than may be in.
const CLIENTS: usize = FOR_CLIENTS - 8;

fn start(api: &Upstream) -> Symbolon {
    let settings = Settings { sections: "workers: 1".to_owned(), ..Settings::default() };
    Symbolon::with_descriptors(&settings.yaml(api.address, api.address), DESCRIPTORS)
}

#[test]
fn kept_clients_need_no_descriptors_for_services() {
    let api = Upstream::plain();
    let symbolon = start(&api);
    let request = Request::get("/public/x");
    // One of them is the kept connection to the service.
    let mut clients: Vec<Connection> = (0..FOR_CLIENTS - 1)
        .map(|_| {
            let mut client = Connection::to(symbolon.address);
            client.exchange(&request).expect(200);
            client
        })
        .collect();
    for client in &mut clients {
        client.exchange(&request).expect(200);
    }
}

#[test]
fn what_is_left_is_for_those_who_are_in_and_then_they_are_refused() {
    // Says nothing until it is asked for something else.
    let api = Upstream::scripted(|peer| {
        while let Some(request) = peer.request() {
            if request.target().ends_with("wait") {
                return peer.wait_until_closed();
            }
            peer.write(&ok("{}"));
        }
    });
    let symbolon = start(&api);
    let mut clients: Vec<Connection> =
        (0..CLIENTS).map(|_| Connection::to(symbolon.address)).collect();
    // All are in once the last one is answered.
    clients[CLIENTS - 1].exchange(&Request::get("/public/x")).expect(200);
    let waiting = Request::get("/public/wait");
    // One more client is waited for.
    let left = 300 - CLIENTS - 1;
    for client in &mut clients[..left] {
        client.send(&waiting.to_bytes());
    }
    eventually("requests to be there", || (api.requests().len() == left + 1).then_some(()));
    clients[left].exchange(&waiting).expect(503);
    // Whoever goes makes room.
    drop(clients.remove(0));
    let mut asks = || clients[CLIENTS - 2].exchange(&Request::get("/public/x"));
    eventually("room", || (asks().status == 200).then_some(()));
}
