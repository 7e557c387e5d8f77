//! A secret that has to be known in clear, such as the shared key of a signature.

use std::fmt;

use aws_lc_rs::constant_time;
use aws_lc_rs::digest::{SHA256, digest};
use zeroize::Zeroizing;

/// Bytes that cannot be printed, are wiped when dropped, and are compared in constant time.
#[derive(Clone)]
pub struct Secret(Zeroizing<Vec<u8>>);

impl Secret {
    /// Keeps the bytes.
    pub fn new(bytes: impl Into<Vec<u8>>) -> Self {
        Self(Zeroizing::new(bytes.into()))
    }

    /// Whether it is this. Takes the same time wherever they differ, and whatever their length.
    pub fn is(&self, presented: &[u8]) -> bool {
        let (one, other) = (digest(&SHA256, &self.0), digest(&SHA256, presented));
        constant_time::verify_slices_are_equal(one.as_ref(), other.as_ref()).is_ok()
    }

    /// The bytes, for the one computation that needs them.
    pub fn reveal(&self) -> &[u8] {
        &self.0
    }
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.is(&other.0)
    }
}

impl Eq for Secret {}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}
