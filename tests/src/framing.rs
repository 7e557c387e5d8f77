//! Where a message ends (RFC 9112 section 6): nobody can make the gateway and a service disagree
//! about it, neither from outside nor from inside.

mod broken_answers;
mod noise;
mod oversize;
mod smuggling;
