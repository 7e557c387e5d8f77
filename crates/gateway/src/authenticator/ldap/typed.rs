//! What a person typed, once it may be asked about at all.

use symbolon_core::{OsRandom, random};
use zeroize::Zeroizing;

/// The longest name, in bytes.
const MAX_NAME: usize = 256;
/// The longest password, in bytes.
const MAX_PASSWORD: usize = 1024;

/// A name and a password. Cannot be printed.
pub(super) struct Typed {
    name: String,
    password: Zeroizing<String>,
    nonce: [u8; 8],
}

impl Typed {
    /// Refuses what no directory should be asked. An empty password above all: with it, a bind
    /// succeeds for everybody (RFC 4513 section 5.1.2).
    pub(super) fn new(name: &[u8], password: &[u8]) -> Result<Self, &'static str> {
        let text = |bytes| std::str::from_utf8(bytes).map_err(|_| "not UTF-8");
        let (name, password) = (text(name)?, text(password)?);
        if name.trim().is_empty() {
            return Err("no name");
        }
        if password.is_empty() {
            return Err("no password");
        }
        if name.len() > MAX_NAME || password.len() > MAX_PASSWORD {
            return Err("too long");
        }
        if name.chars().any(char::is_control) || password.contains('\0') {
            return Err("control characters");
        }
        let password = Zeroizing::new(password.to_owned());
        Ok(Self { name: name.to_owned(), password, nonce: random::bytes(&OsRandom) })
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn password(&self) -> &str {
        &self.password
    }

    /// A part of a name that no entry has.
    pub(super) fn nonce(&self) -> String {
        use std::fmt::Write as _;
        self.nonce.iter().fold(String::new(), |mut text, byte| {
            // Writing to a string cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
    }
}

/// Nothing of it is printed.
impl std::fmt::Debug for Typed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Typed(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_directory_should_be_asked_is_refused() {
        let long = [b'a'; 2000];
        let rows: [(&[u8], &[u8]); 8] = [
            (b"alice", b""),
            (b"", b"secret"),
            (b"  ", b"secret"),
            (&long, b"secret"),
            (b"alice", &long),
            (b"al\nice", b"secret"),
            (b"alice", b"sec\0ret"),
            (b"\xff", b"secret"),
        ];
        for (name, password) in rows {
            assert!(Typed::new(name, password).is_err(), "{name:?}");
        }
        assert!(Typed::new("*)(uid=*".as_bytes(), "pass word:".as_bytes()).is_ok());
    }
}
