//! What is taken away holds from the next request on, also while many requests are under way.
//!
//! Callers ask all the time. Each looks at the phase before it asks and after it was answered; only
//! where both are the same one, in which nothing was being changed, the answer is held against it.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use super::scene::Scene;
use crate::harness::http::Request;
use crate::harness::patience::eventually;
use crate::harness::surroundings::number;
use crate::harness::visitor::Visitor;

/// How often something is taken away and given back, unless somebody wants to know more.
const TURNS: u64 = 8;
/// Callers at the same time.
const CALLERS: usize = 4;

/// What is in force: `4n` it is allowed, `4n + 2` it was taken away; between them it is changing.
#[derive(Default)]
struct Phase {
    now: AtomicUsize,
    is_over: AtomicBool,
    /// Answers in phases in which it was allowed, and in which it was taken away.
    allowed: AtomicUsize,
    refused: AtomicUsize,
    /// Of the latter, those that let somebody in; of the former, those that did not.
    let_in: AtomicUsize,
    kept_out: AtomicUsize,
}

impl Phase {
    fn next(&self) {
        self.now.fetch_add(1, Ordering::SeqCst);
    }

    /// Enough answers to judge this phase by.
    fn wait(&self) {
        let count = if self.now.load(Ordering::SeqCst).is_multiple_of(4) {
            &self.allowed
        } else {
            &self.refused
        };
        let before = count.load(Ordering::SeqCst);
        eventually("answers", || (count.load(Ordering::SeqCst) > before + 20).then_some(()));
    }

    fn call(&self, scene: &Scene, visitor: &Visitor, path: &str) {
        let request = visitor.dress(Request::get(path));
        let mut connection = scene.stage.connect();
        while !self.is_over.load(Ordering::SeqCst) {
            let before = self.now.load(Ordering::SeqCst);
            let status = connection.exchange(&request).status;
            if self.now.load(Ordering::SeqCst) != before || before % 2 == 1 {
                assert!(matches!(status, 200 | 403), "{status}");
                continue;
            }
            let (count, wrong, right) = match before % 4 {
                0 => (&self.allowed, &self.kept_out, 200),
                _ => (&self.refused, &self.let_in, 403),
            };
            if status != right {
                wrong.fetch_add(1, Ordering::SeqCst);
            }
            count.fetch_add(1, Ordering::SeqCst);
        }
    }
}

/// Takes away and gives back, and says how many were let in although it was taken away.
fn measure(
    what: &str,
    scene: &Scene,
    visitor: &Visitor,
    path: &str,
    take: impl Fn(),
    give: impl Fn(),
) {
    let phase = Phase::default();
    thread::scope(|scope| {
        let callers: Vec<_> =
            (0..CALLERS).map(|_| scope.spawn(|| phase.call(scene, visitor, path))).collect();
        for _ in 0..number("SYMBOLON_TURNS", TURNS) {
            for change in [&take as &dyn Fn(), &give] {
                if callers.iter().any(thread::ScopedJoinHandle::is_finished) {
                    break;
                }
                phase.wait();
                phase.next();
                change();
                phase.next();
            }
        }
        phase.wait();
        phase.is_over.store(true, Ordering::SeqCst);
    });
    let count = |of: &AtomicUsize| of.load(Ordering::SeqCst);
    println!(
        "{what}: {} requests while it was allowed, {} of them kept out; {} after an answered \
         removal, {} of them let in",
        count(&phase.allowed),
        count(&phase.kept_out),
        count(&phase.refused),
        count(&phase.let_in)
    );
    assert_eq!((count(&phase.let_in), count(&phase.kept_out)), (0, 0));
}

#[test]
fn a_role_or_group_that_is_taken_away_lets_nobody_in_from_the_next_request_on() {
    let scene = Scene::new(
        "groups: { staff: { roles: [helper] } }",
        "  - { name: h, paths: [/h], service: api, authenticate: [session], authorize: { any_role: [helper] } }
  - { name: g, paths: [/g], service: api, authenticate: [session], authorize: { any_group: [staff] } }",
        &[],
    );
    let alice = scene.newcomer("alice", &["helper"], &["staff"]);
    let run = |words: &[&str]| drop(scene.stage.symbolon.run(words));
    measure(
        "group",
        &scene,
        &alice,
        "/g",
        || run(&["user", "groups", "alice", "--none"]),
        || run(&["user", "groups", "alice", "staff"]),
    );
    run(&["user", "groups", "alice", "--none"]);
    measure(
        "role",
        &scene,
        &alice,
        "/h",
        || run(&["user", "roles", "alice", "--none"]),
        || run(&["user", "roles", "alice", "helper"]),
    );
    run(&["user", "roles", "alice", "--none"]);
    run(&["user", "groups", "alice", "staff"]);
    measure(
        "role of a group",
        &scene,
        &alice,
        "/h",
        || run(&["user", "groups", "alice", "--none"]),
        || run(&["user", "groups", "alice", "staff"]),
    );
}

#[test]
fn a_policy_that_is_taken_away_lets_nobody_in_once_the_reload_is_told() {
    let permit = "permit (principal, action, resource);\n";
    let nothing = "forbid (principal, action, resource) when { principal.name == \"nobody\" };\n";
    let scene = Scene::new(
        "",
        "  - { name: p, paths: [/p], service: api, authenticate: [session], authorize: { policy: p } }",
        &[("p.cedar", permit)],
    );
    let alice = scene.newcomer("alice", &[], &[]);
    let change = |text: &str| {
        let before = scene.reloads("applied");
        scene.write_policy("p.cedar", text);
        eventually("the reload", || (scene.reloads("applied") > before).then_some(()));
    };
    measure("policy", &scene, &alice, "/p", || change(nothing), || change(permit));
}
