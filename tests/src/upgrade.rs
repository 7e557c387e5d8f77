//! The binary is replaced while it serves: nothing is refused, nothing is cut within the grace, and
//! what one process ends is over in the other.

mod admin;
mod clients;
mod failing;
mod held;
mod load;
mod processes;
mod scene;
mod sessions;
mod sockets;
mod streams;
mod wrapped;
