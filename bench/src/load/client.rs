//! What every kind of load has in common: it can be asked again and again.

use anyhow::Result;

/// One connection, stream or visitor.
pub(super) trait Client: Send + 'static {
    /// Asks once, as the request of this number, and waits for the whole answer; another one than
    /// was expected is an error.
    fn ask(&mut self, turn: usize) -> impl Future<Output = Result<()>> + Send;
}
