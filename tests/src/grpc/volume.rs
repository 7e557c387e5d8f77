//! Long streams in both directions through a gateway that does not grow by them:
//! `SYMBOLON_GRPC_MIB=1024` for a whole GiB each.

use super::peers::{Service, call, stage};
use crate::harness::surroundings::number;

/// How much goes each way by default, in MiB.
const MIB: u64 = 128;
/// The most by which the gateway may grow, in kB.
const GROWTH_KB: u64 = 16 * 1024;

#[test]
fn big_streams_take_no_memory() {
    let mib = number("SYMBOLON_GRPC_MIB", MIB);
    let service = Service::start();
    let stage = stage(&service, "none", "");
    let before = stage.symbolon.program().memory_kb("VmRSS");
    let count = mib.to_string();
    let down = call(&stage, "downloaded", "Big", &[&count, "600"]);
    assert_eq!(down.value().as_u64(), Some(mib << 20));
    let up = call(&stage, "uploaded", "ClientStream", &[&count, "600"]);
    assert_eq!(*up.value(), format!("{mib} {}", mib << 20));
    let peak = stage.symbolon.program().memory_kb("VmHWM");
    assert!(peak < before + GROWTH_KB, "it grew from {before} kB to {peak} kB");
}
