//! Tokens that this system made, by their prefixes: they are shown to nobody outside.

use symbolon_core::TokenKind;

/// Whether this may be a token of ours, whole or not.
pub(super) fn is_own(token: &[u8]) -> bool {
    let kinds = [TokenKind::Session, TokenKind::ApiKey];
    kinds.iter().any(|kind| token.starts_with(kind.prefix().as_bytes()))
}
