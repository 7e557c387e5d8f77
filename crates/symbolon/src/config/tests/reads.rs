//! Which declared keys the readers ask for, recorded while tests run.

use std::cell::RefCell;
use std::collections::BTreeSet;

use crate::config::shape::Section;

thread_local! {
    static READS: RefCell<BTreeSet<(&'static str, &'static str)>> = const { RefCell::new(BTreeSet::new()) };
}

/// Notes that a reader asked for a key.
pub(in crate::config) fn record(section: &'static Section, key: &'static str) {
    READS.with_borrow_mut(|reads| reads.insert((section.doc, key)));
}

/// All notes of this thread so far.
pub(in crate::config) fn take() -> BTreeSet<(&'static str, &'static str)> {
    READS.take()
}
