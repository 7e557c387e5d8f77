//! `traceparent` as it comes in (W3C Trace Context section 3.2.2). Anything doubtful is no parent.

use super::TRACEPARENT;
use crate::fields::{Fields, as_text};

/// The flag that says that the caller recorded its span (section 3.2.2.5.1).
const SAMPLED: u8 = 1;

/// The span above.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Parent {
    pub(super) trace: u128,
    pub(super) span: u64,
    pub(super) is_sampled: bool,
}

impl Parent {
    /// The one parent that the fields name.
    pub(super) fn of(fields: &Fields) -> Option<Self> {
        Self::parse(as_text(fields.only(TRACEPARENT)?)?)
    }

    /// `VERSION-TRACE-PARENT-FLAGS`, in lower case hexadecimal; a later version may say more.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('-');
        let version = hex(parts.next()?, 2)?;
        let trace = hex(parts.next()?, 32)?;
        let span = u64::try_from(hex(parts.next()?, 16)?).ok()?;
        let flags = u8::try_from(hex(parts.next()?, 2)?).ok()?;
        let says_more = parts.next().is_some();
        if version == 0xff || (version == 0 && says_more) || trace == 0 || span == 0 {
            return None;
        }
        Some(Self { trace, span, is_sampled: flags & SAMPLED != 0 })
    }
}

fn hex(text: &str, digits: usize) -> Option<u128> {
    let is_hex = text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    if text.len() != digits || !is_hex {
        return None;
    }
    u128::from_str_radix(text, 16).ok()
}
