//! From which addresses requests may come.

use super::{behind_a_proxy, settings};
use crate::harness::http::{Request, Response};
use crate::harness::stage::Stage;

const ROUTES: &str = "
  - name: office
    paths: [/office]
    service: api
    authenticate: [session]
    allow_sources: [10.0.0.0/8, \"2001:db8::/32\"]
    deny_sources: [10.66.0.0/16]";

fn from(stage: &Stage, source: &str, target: &str) -> Response {
    stage.exchange(&Request::get(target).with("X-Forwarded-For", source))
}

#[track_caller]
fn denied(answer: Response) {
    assert_eq!(answer.expect(403).json()["code"], "source_denied");
}

#[test]
fn a_route_is_for_the_addresses_that_it_names() {
    let stage = behind_a_proxy(ROUTES, "");
    for source in ["10.0.0.1", "2001:db8::7", "[2001:db8::7]:80", "::ffff:10.0.0.1"] {
        from(&stage, source, "/office").expect(401);
    }
    // Also one that lies in front of an address that is welcome.
    for source in ["192.0.2.1", "10.66.0.1", "2001:db9::7", "10.0.0.1, 192.0.2.1"] {
        denied(from(&stage, source, "/office"));
        from(&stage, source, "/public/x").expect(200);
    }
    // The proxy itself, where it says nothing.
    denied(stage.exchange(&Request::get("/office")));
    // A good session changes nothing.
    let alice = stage.alice();
    let request = alice.dress(Request::get("/office").with("X-Forwarded-For", "192.0.2.1"));
    denied(stage.exchange(&request));
}

#[test]
fn a_whole_site_can_be_closed_to_addresses_also_while_it_runs() {
    let stage = behind_a_proxy(ROUTES, "deny_sources: [192.0.2.0/24]");
    for target in ["/public/x", "/nowhere", "/auth/login", "/office"] {
        denied(from(&stage, "192.0.2.1", target));
    }
    from(&stage, "198.51.100.1", "/public/x").expect(200);
    let changed = settings(ROUTES, "allow_sources: [192.0.2.0/24, 127.0.0.0/8]");
    stage.symbolon.write_config(&changed.yaml(stage.api.address, stage.other.address));
    while from(&stage, "192.0.2.1", "/public/x").status == 403 {
        std::thread::yield_now();
    }
    denied(from(&stage, "198.51.100.1", "/public/x"));
    assert!(stage.api.hits() > 0);
}
