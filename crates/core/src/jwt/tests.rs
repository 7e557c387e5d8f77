//! Outside tokens: the RFCs' examples, every algorithm, and what is refused.

mod claims;
mod forged;
mod keys;
mod signer;
mod vectors;

use super::*;
use signer::Signer;

const NOW: i64 = 1_780_000_000;
