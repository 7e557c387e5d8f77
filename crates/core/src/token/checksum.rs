//! CRC-32 (IEEE 802.3, reflected), the checksum of every token.
//!
//! It guards against typing errors and stray strings, not against an attacker.

const TABLE: [u32; 256] = table();

/// The CRC-32 of `bytes`.
pub(super) fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |sum, byte| {
        let index = (sum as u8 ^ byte) as usize;
        (sum >> 8) ^ TABLE.get(index).copied().unwrap_or(0)
    })
}

#[expect(
    clippy::indexing_slicing,
    reason = "INVARIANT: evaluated by the compiler, index < 256"
)]
const fn table() -> [u32; 256] {
    let mut table = [0; 256];
    let mut index = 0;
    while index < 256 {
        let mut sum = index as u32;
        let mut bit = 0;
        while bit < 8 {
            sum = if sum & 1 == 1 {
                (sum >> 1) ^ 0xEDB8_8320
            } else {
                sum >> 1
            };
            bit += 1;
        }
        table[index] = sum;
        index += 1;
    }
    table
}
