//! CRC-32C (RFC 9260 appendix A), as version 2 wants it: its own place counts as zeros.

use std::ops::Range;

/// The polynomial, its bits in reverse.
const POLYNOMIAL: u32 = 0x82f6_3b78;

/// The checksum of `bytes`, as if those in `blank` were zero. Once a connection and of some hundred
/// bytes, so bit by bit will do.
pub(super) fn crc32c(bytes: &[u8], blank: Range<usize>) -> u32 {
    let mut sum = u32::MAX;
    for (at, byte) in bytes.iter().enumerate() {
        sum ^= u32::from(if blank.contains(&at) { 0 } else { *byte });
        for _ in 0..8 {
            sum = if sum & 1 == 1 { sum >> 1 ^ POLYNOMIAL } else { sum >> 1 };
        }
    }
    !sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_known_values_come_out() {
        assert_eq!(crc32c(b"123456789", 0..0), 0xe306_9283);
        // RFC 3720 appendix B.4: 32 bytes of zeros.
        assert_eq!(crc32c(&[7; 32], 0..32), 0x8a91_36aa);
    }
}
