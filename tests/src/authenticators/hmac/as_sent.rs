//! What is signed is what was sent, in whatever form it was sent.

use super::scene::{Message, Scene, mac};
use crate::harness::http::Request;
use crate::harness::http2::{Client, request};
use crate::harness::settings::HOST;
use crate::harness::upstream::{Peer, Upstream};

/// RFC 9421 section 2.2.5.
#[test]
fn a_target_that_is_a_whole_uri_is_signed_as_one() {
    let scene = Scene::new();
    let created = scene.created(0);
    let whole = format!("http://{HOST}/signed/x?a=1");
    let signed = |target: &str| {
        let components =
            [("\"@method\"", "GET"), ("\"@request-target\"", target), ("\"@authority\"", HOST)];
        let parameters = format!(";created={created};keyid=\"alice\"");
        Message::new(&components, &parameters).signed(Request::get(&whole))
    };
    scene.takes(&signed(&whole));
    scene.refuses(&signed("/signed/x?a=1"), "signature_mismatch");
}

/// RFC 8441 section 4, RFC 9421 section 2.2.1.
#[test]
fn a_websocket_over_http2_is_signed_as_the_connect_that_it_is() {
    let scene = Scene::with(Upstream::scripted(|peer: &mut Peer| {
        if let Some(request) = peer.request() {
            peer.echo_messages(&request);
        }
    }));
    let created = scene.created(0);
    let address = format!("http://{HOST}/signed/x");
    let mut client = Client::to(scene.stage.symbolon.address);
    for (method, is_taken) in [("GET", false), ("CONNECT", true)] {
        let components = [("\"@method\"", method), ("\"@target-uri\"", address.as_str())];
        let message = Message::new(&components, &format!(";created={created};keyid=\"alice\""));
        let input = format!("sig1={}", message.input);
        let signature = format!("sig1=:{}:", mac(aws_lc_rs::hmac::HMAC_SHA256, &message.base));
        let further = [
            (":protocol", "websocket"),
            ("sec-websocket-version", "13"),
            ("signature-input", input.as_str()),
            ("signature", signature.as_str()),
        ];
        let fields = [&request("CONNECT", "/signed/x")[..], &further].concat();
        let stream = client.begin(&fields, "", true);
        if is_taken {
            client.data(stream, b"\x82\x80\0\0\0\0", false);
            assert_eq!(client.some(stream), b"\x82\x00");
            client.reset(stream);
        } else {
            client.answer(stream).expect(401);
        }
    }
}
