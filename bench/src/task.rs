//! What a program is set up for and measured with.

use crate::load::Load;

/// One kind of measurement.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Task {
    /// What is done again and again.
    pub(crate) load: Load,
    /// Routes that the program has and that requests take turns with; 0 for one that takes every
    /// path, and one path.
    pub(crate) routes: u32,
    /// Connections that are open and idle meanwhile.
    pub(crate) idle: u32,
}

impl Task {
    /// One route, nobody idle.
    pub(crate) const fn of(load: Load) -> Self {
        Self { load, routes: 0, idle: 0 }
    }
}
