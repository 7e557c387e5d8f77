//! Where a session was opened from, as its owner is shown it.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

/// The longest user agent that is kept, in bytes; the rest is cut off.
pub const MAX_USER_AGENT_BYTES: usize = 256;

/// The browser and the address of a log-in. Claims of the client, good for recognition only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Device {
    /// `User-Agent` as sent, cut to [`MAX_USER_AGENT_BYTES`].
    pub user_agent: String,
    /// Address the log-in came from.
    pub source: Option<IpAddr>,
}

impl Device {
    /// Keeps what fits.
    pub fn new(user_agent: &str, source: Option<IpAddr>) -> Self {
        let end = user_agent.floor_char_boundary(MAX_USER_AGENT_BYTES);
        Self { user_agent: user_agent.get(..end).unwrap_or_default().to_owned(), source }
    }
}
