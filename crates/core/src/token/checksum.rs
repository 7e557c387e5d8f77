//! CRC-32 (IEEE 802.3, reflected), the checksum of every token.
//!
//! It guards against typing errors and stray strings, not against an attacker.

const TABLE: [u32; 256] = table();

/// The CRC-32 of `bytes`.
pub(super) fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |sum: u32, byte| {
        let [.., low] = sum.to_be_bytes();
        (sum >> 8) ^ TABLE.get(usize::from(low ^ byte)).copied().unwrap_or(0)
    })
}

#[expect(clippy::indexing_slicing, reason = "INVARIANT: evaluated by the compiler, index < 256")]
const fn table() -> [u32; 256] {
    let mut table = [0; 256];
    let mut index: usize = 0;
    let mut start: u32 = 0;
    while index < 256 {
        let mut sum = start;
        let mut bit = 0;
        while bit < 8 {
            sum = if sum & 1 == 1 { (sum >> 1) ^ 0xEDB8_8320 } else { sum >> 1 };
            bit += 1;
        }
        table[index] = sum;
        index += 1;
        start += 1;
    }
    table
}
