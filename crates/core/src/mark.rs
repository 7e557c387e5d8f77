//! Opaque names: they stand for something that must not be read out of them.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::seal::MasterKey;

/// How much of the HMAC a mark keeps, in bytes.
pub const LENGTH: usize = 16;

/// Makes opaque names that are the same on every node with the same master key.
#[derive(Clone)]
pub struct MarkKey(aws_lc_rs::hmac::Key);

impl MarkKey {
    /// A key for one purpose.
    pub fn derive(master: &MasterKey, purpose: &str) -> Self {
        Self(master.derive(purpose))
    }

    /// The opaque name of `thing` in `group`: 22 letters, digits, `-` and `_`.
    pub fn mark(&self, group: &str, thing: &str) -> String {
        URL_SAFE_NO_PAD.encode(self.bytes(group, thing))
    }

    /// The same as bytes.
    pub fn bytes(&self, group: &str, thing: &str) -> [u8; LENGTH] {
        let mut context = aws_lc_rs::hmac::Context::with_key(&self.0);
        context.update(&(group.len() as u64).to_be_bytes());
        context.update(group.as_bytes());
        context.update(thing.as_bytes());
        let tag = context.sign();
        let mut mark = [0; LENGTH];
        mark.iter_mut().zip(tag.as_ref()).for_each(|(to, from)| *to = *from);
        mark
    }
}

impl std::fmt::Debug for MarkKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MarkKey(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::OsRandom;

    #[test]
    fn a_mark_depends_on_key_group_and_thing_and_shows_none_of_them() {
        let master = MasterKey::generate(&OsRandom);
        let key = MarkKey::derive(&master, "marks");
        let mark = key.mark("orders", "10.0.0.1:80");
        assert_eq!(mark, MarkKey::derive(&master, "marks").mark("orders", "10.0.0.1:80"));
        assert_eq!(mark.len(), 22);
        let others = [
            key.mark("orders1", "0.0.0.1:80"),
            key.mark("order", "s10.0.0.1:80"),
            key.mark("orders", "10.0.0.2:80"),
            MarkKey::derive(&master, "other").mark("orders", "10.0.0.1:80"),
        ];
        assert!(!others.contains(&mark), "{others:?}");
    }
}
