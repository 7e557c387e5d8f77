//! `jwt`: tokens of clients, of outside issuers and of this system.

mod client_keys;
mod client_tokens;
mod confused;
mod forged;
mod independent;
mod issuers;
mod key_server;
mod lying_servers;
mod places;
mod scene;
mod signer;
