//! What a worker knows for sure, because it was answered.

use std::collections::BTreeSet;
use std::net::SocketAddr;

use crate::harness::http::{Request, exchange};
use crate::harness::visitor::Visitor;

/// A session that was acknowledged and that nobody asked to end.
pub(super) struct Live {
    pub(super) visitor: Visitor,
    /// The items whose patches were acknowledged.
    pub(super) items: BTreeSet<String>,
    /// Tokens that an acknowledged rotation replaced.
    pub(super) replaced: Vec<Visitor>,
}

impl Live {
    pub(super) fn new(visitor: Visitor) -> Self {
        Self { visitor, items: BTreeSet::new(), replaced: Vec::new() }
    }

    /// Fails the test when anything that was acknowledged is missing.
    pub(super) fn assert_is_whole(&self, address: SocketAddr) {
        let request = self.visitor.dress(Request::get("/api/data"));
        let answer = exchange(address, &request).expect(200);
        let data = answer.json();
        for item in &self.items {
            assert!(!data["cart"][item].is_null(), "item {item} is lost: {data}");
        }
        for replaced in &self.replaced {
            assert_is_dead(replaced, address);
        }
    }
}

/// Fails the test when an ended session or a replaced token lets anybody in.
pub(super) fn assert_is_dead(visitor: &Visitor, address: SocketAddr) {
    let request = visitor.dress(Request::get("/api/data"));
    let answer = exchange(address, &request);
    assert_eq!(answer.status, 401, "an ended session is alive: {answer:?}");
}
