//! What a program is shown with each request, and what its upstream then sees of it.

use std::path::{Path, PathBuf};

use super::Surroundings;
use crate::{credential::NAME, load::Load, signature::Signer};

/// Whoever is asked wants to know who asks.
pub(crate) struct Proof {
    pub(super) shown: Shown,
    pub(super) seen: Seen,
}

pub(super) enum Shown {
    /// This header line.
    Line(String),
    /// A signature made for each request, in the form of this load.
    Signature(Load),
    /// A certificate when the connection is made, and perhaps a header line.
    Certificate { client: PathBuf, line: Option<String> },
}

/// What the upstream sees.
#[derive(Clone, Copy)]
pub(super) enum Seen {
    /// A JWT.
    Jwt,
    /// A name in a header.
    Name,
}

impl Proof {
    /// A header line, for which the upstream sees a JWT.
    pub(super) fn line(line: String) -> Self {
        Self { shown: Shown::Line(line), seen: Seen::Jwt }
    }

    /// A signature, for which it sees a JWT.
    pub(super) fn signature(load: Load) -> Self {
        Self { shown: Shown::Signature(load), seen: Seen::Jwt }
    }

    /// The certificate of the client, for which it sees a JWT.
    pub(super) fn certificate(surroundings: &Surroundings, line: Option<String>) -> Self {
        let client = surroundings.certificate.client.clone();
        Self { shown: Shown::Certificate { client, line }, seen: Seen::Jwt }
    }

    /// The header lines of a single request for `path`.
    pub(super) fn lines(&self, path: &str) -> Option<String> {
        match &self.shown {
            Shown::Line(line) => Some(line.clone()),
            Shown::Signature(load) => Some(Signer::of(*load)?.lines(0, path)),
            Shown::Certificate { line, .. } => line.clone(),
        }
    }

    /// The header line that is the same each time.
    pub(crate) fn fixed_line(&self) -> Option<&str> {
        match &self.shown {
            Shown::Line(line) | Shown::Certificate { line: Some(line), .. } => Some(line),
            Shown::Signature(_) | Shown::Certificate { .. } => None,
        }
    }

    /// The file with certificate and key.
    pub(crate) fn client(&self) -> Option<&Path> {
        match &self.shown {
            Shown::Certificate { client, .. } => Some(client),
            Shown::Line(_) | Shown::Signature(_) => None,
        }
    }
}

impl Seen {
    /// Whether a request head shows it.
    pub(super) fn is_in(self, head: &str) -> bool {
        let head = head.to_ascii_lowercase();
        let has = |line: &str| head.contains(&format!("\r\n{line}"));
        match self {
            // Symbolon strikes the token out on its way back, which shows as well that it was there.
            Self::Jwt => {
                has("authorization: bearer ey")
                    || has(&format!("authorization: bearer {}", "*".repeat(100)))
            }
            Self::Name => has(&format!("x-consumer-username: {NAME}\r\n")),
        }
    }
}
