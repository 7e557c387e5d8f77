//! Chance as an argument: everything that must be unguessable asks a [`Random`].

use aws_lc_rs::rand;

/// A source of unpredictable bytes.
pub trait Random: Send + Sync {
    /// Fills `out` entirely.
    fn fill(&self, out: &mut [u8]);
}

/// The operating system's generator through aws-lc.
#[derive(Clone, Copy, Debug, Default)]
pub struct OsRandom;

impl Random for OsRandom {
    fn fill(&self, out: &mut [u8]) {
        if rand::fill(out).is_err() {
            // A process that cannot draw secrets must not hand out predictable ones.
            std::process::abort();
        }
    }
}

/// `N` fresh bytes.
pub fn bytes<const N: usize>(random: &dyn Random) -> [u8; N] {
    let mut out = [0; N];
    random.fill(&mut out);
    out
}
