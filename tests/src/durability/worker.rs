//! One person who logs in, fills carts, changes tokens and logs out, until the server is gone.

use std::io;
use std::net::SocketAddr;

use super::known::{Live, assert_is_dead};

use crate::harness::http::{Request, Response};
use crate::harness::random::Random;
use crate::harness::symbolon::PASSWORD;
use crate::harness::visitor::Visitor;

/// The most sessions that are kept open.
const MOST_LIVE: usize = 6;
/// The most items in one cart; more would not fit into a session.
const MOST_ITEMS: usize = 300;
/// How many ended sessions are looked at again after each kill.
const ENDED_KEPT: usize = 20;

/// What it did and what it was told.
pub(super) struct Worker {
    name: String,
    random: Random,
    live: Vec<Live>,
    ended: Vec<Visitor>,
    next_item: usize,
    /// How many changes were acknowledged.
    pub(super) acknowledged: usize,
}

impl Worker {
    pub(super) fn new(name: &str, seed: u64) -> Self {
        Self {
            name: name.to_owned(),
            random: Random::new(seed),
            live: Vec::new(),
            ended: Vec::new(),
            next_item: 0,
            acknowledged: 0,
        }
    }

    /// Goes on until the server does not answer any more.
    pub(super) fn hammer(&mut self, address: SocketAddr) {
        for live in &mut self.live {
            live.visitor.address = address;
        }
        while self.step(address).is_ok() {
            self.acknowledged += 1;
        }
    }

    /// Looks whether everything is as it was acknowledged.
    pub(super) fn assert_all_is_kept(&self, address: SocketAddr) {
        for live in &self.live {
            live.assert_is_whole(address);
        }
        for ended in self.ended.iter().rev().take(ENDED_KEPT) {
            assert_is_dead(ended, address);
        }
    }

    /// Looks at all the sessions that were ever ended.
    pub(super) fn assert_the_dead_are_dead(&self, address: SocketAddr) {
        for ended in &self.ended {
            assert_is_dead(ended, address);
        }
    }

    fn step(&mut self, address: SocketAddr) -> io::Result<()> {
        let has_room = self.live.len() < MOST_LIVE;
        match self.random.below(10) {
            _ if self.live.is_empty() => self.log_in(address),
            0 | 1 if has_room => self.log_in(address),
            0..=2 => self.log_out(),
            3 => self.rotate(),
            _ => self.patch(),
        }
    }

    fn log_in(&mut self, address: SocketAddr) -> io::Result<()> {
        let mut visitor = Visitor::new(address);
        let answer = visitor.try_log_in(&self.name, PASSWORD)?;
        assert_eq!(answer.status, 303, "{answer:?}");
        self.live.push(Live::new(visitor));
        Ok(())
    }

    fn patch(&mut self) -> io::Result<()> {
        self.next_item += 1;
        let item = format!("i{}", self.next_item);
        let live = self.any();
        if live.items.len() >= MOST_ITEMS {
            return Ok(());
        }
        ask(live, &format!("/api/patch/{item}"))?;
        live.items.insert(item);
        Ok(())
    }

    fn rotate(&mut self) -> io::Result<()> {
        // Until the answer is there, either token may be the good one.
        let at = self.random.below(self.live.len());
        let mut live = self.live.swap_remove(at);
        let old = live.visitor.clone();
        ask(&mut live, "/api/rotate")?;
        assert_ne!(old.token(), live.visitor.token());
        live.replaced.push(old);
        self.live.push(live);
        Ok(())
    }

    fn log_out(&mut self) -> io::Result<()> {
        // Until the answer is there, the session may be ended or not.
        let at = self.random.below(self.live.len());
        let live = self.live.swap_remove(at);
        let bearer = format!("Bearer {}", live.visitor.token());
        let request = Request::post("/auth/logout").with("Authorization", &bearer).body(b"");
        let mut nobody = Visitor::new(live.visitor.address);
        let answer = nobody.try_send(request)?;
        assert_eq!(answer.status, 204, "{answer:?}");
        self.ended.push(live.visitor);
        Ok(())
    }

    fn any(&mut self) -> &mut Live {
        let at = self.random.below(self.live.len());
        &mut self.live[at]
    }
}

fn ask(live: &mut Live, target: &str) -> io::Result<Response> {
    let answer = live.visitor.try_send(Request::get(target))?;
    assert_eq!(answer.status, 200, "{target}: {answer:?}");
    Ok(answer)
}
