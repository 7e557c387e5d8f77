//! Symbolon's authentication service: the pages where people log in and out and look after their
//! sessions, and the document services need to verify internal tokens.
//!
//! Rules of this room:
//! 1. Pages are plain HTML forms with stable ids; there is no script, and the content security
//!    policy allows none.
//! 2. Every form that changes something carries a token against request forgery ([`csrf`]).
//! 3. An unknown name and a wrong password look and take the same ([`symbolon_store::passwords`]).
//! 4. Guesses are paced, nobody is locked out ([`symbolon_core::throttle`]).
//!
//! What it deliberately does not know: listeners, TLS, the configuration file, the gateway.

mod accounts;
mod audited;
mod caller;
mod config;
mod cookies;
mod csrf;
mod device_name;
mod endpoints;
mod form;
mod known_browser;
mod metrics;
mod pages;
mod rejection;
mod representation;
mod response_headers;
mod service;
mod sign_in;

pub use accounts::{AccountError, Accounts};
pub use config::{Config, CookieConfig, PublicUrl, SameSite};
pub use metrics::Metrics;
pub use service::{AuthService, Parts, ServiceError};
