//! Symbolon's domain: what a session, a token, a credential and a key are, and which
//! transitions they allow.
//!
//! Rules of this room:
//! 1. Pure: no async, no I/O. Time ([`Timestamp`]) and chance ([`Random`]) are arguments.
//! 2. A secret is a type that cannot be printed; only its hash is ever stored.
//! 3. States are values; a transition takes the old state and returns the new one.
//!
//! What it deliberately does not know: HTTP, SQL, the clock.

pub mod audit;
pub mod client;
pub mod cookie;
pub mod downstream;
pub mod error;
pub mod http_signature;
pub mod id;
pub mod internal_token;
pub mod keyed_hash;
pub mod mark;
pub mod password;
pub mod policy;
pub mod principal;
pub mod random;
pub mod return_to;
pub mod seal;
pub mod secret;
pub mod session;
pub mod settle;
pub mod throttle;
pub mod time;
pub mod token;

pub use client::{Client, Credential, CredentialId, Proof};
pub use id::{ClientId, KeyId, Role, SessionId, SubjectId};
pub use principal::Principal;
pub use random::{OsRandom, Random};
pub use session::{Generation, Session};
pub use time::Timestamp;
pub use token::{PlainToken, TokenHash, TokenKind};

/// JSON objects in which no member stands twice, read as anything.
pub use symbolon_verifier::strict_json;
