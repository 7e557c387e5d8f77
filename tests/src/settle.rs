//! What a service does to the session with its answer, and what never leaves with one.

mod concealed;
mod data;
mod parallel;
mod refused;
mod token;
