//! Replacing the binary while it serves: what the old and the new process say to each other.
//!
//! ```text
//! old: starts the binary, its standard input one end of a pair of sockets
//! old -> new   the parcel: listening sockets, admin and control socket, the lock of the store
//! new -> old   R   configuration read, store open, everything bound; and its number
//! old -> new   G   go, or N: no, this one serves on
//! new -> old   S   requests are answered
//! old          accepts nothing more, drains, ends
//! ```
//!
//! 1. Until `S` has come the old process serves as before, and goes on when the new one fails.
//! 2. A process that was not told to go never serves, whatever became of the other one: the one
//!    that gives up may not reach all that it has started.
//! 3. Each end of the pair tells by its closing that the other process has let go of it.
//! 4. As long as there are two, neither answers from memory what the store decides
//!    (`symbolon_store::Sessions::share`). That there is only one is told by the kernel
//!    (`symbolon_store::Alone`), not by the pair.

mod parcel;
mod predecessor;
mod program;
mod starting;
mod successor;

pub(crate) use parcel::Parcel;
pub(crate) use predecessor::{Inheritance, MeetError, Predecessor};
pub(crate) use program::Program;
pub(crate) use successor::{Successor, UpgradeError};

/// What tells a process that it replaces another one: the form of the parcel.
const VARIABLE: &str = "SYMBOLON_REPLACES";

/// The only form so far. A process that is handed another one does not start.
const FORM: &str = "1";

/// The new process is ready. Its number follows, big-endian: the process that was started may be a
/// script around it.
const READY: u8 = b'R';
/// It may begin.
const GO: u8 = b'G';
/// It may not, ever.
const NO: u8 = b'N';
/// It has begun.
const SERVING: u8 = b'S';
