//! What was acknowledged stays, whatever happens to the process (architecture.md 5, 3 and 4).

mod kill;
mod known;
mod restart;
mod worker;
