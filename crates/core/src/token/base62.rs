//! Base 62 of fixed width: letters and digits only, so that a double click selects a whole token.

const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const U32_CHARS: usize = 6;

/// Appends 256 bits as 43 characters (62^43 is just above 2^256, so no bit is lost).
pub(super) fn push_bytes(text: &mut String, secret: &[u8; 32]) {
    let (chunks, _) = secret.as_chunks::<4>();
    let mut limbs = [0_u32; 8];
    for (limb, chunk) in limbs.iter_mut().zip(chunks) {
        *limb = u32::from_be_bytes(*chunk);
    }
    let mut digits = [b'0'; 43];
    for slot in digits.iter_mut().rev() {
        *slot = character(divide_by_62(&mut limbs));
    }
    text.extend(digits.iter().map(|digit| char::from(*digit)));
}

/// Appends a 32-bit number as 6 characters.
pub(super) fn push_u32(text: &mut String, number: u32) {
    push(text, u64::from(number));
}

/// Reads what [`push_u32`] wrote; `None` for any other text.
pub(super) fn read_u32(text: &[u8]) -> Option<u32> {
    if text.len() != U32_CHARS {
        return None;
    }
    let mut number: u64 = 0;
    for byte in text {
        number = number * 62 + u64::from(digit(*byte)?);
    }
    u32::try_from(number).ok()
}

fn push(text: &mut String, mut number: u64) {
    let mut digits = [b'0'; U32_CHARS];
    for slot in digits.iter_mut().rev() {
        *slot = character(number % 62);
        number /= 62;
    }
    text.extend(digits.iter().map(|digit| char::from(*digit)));
}

/// Schoolbook division of a big-endian number; returns the remainder.
fn divide_by_62(limbs: &mut [u32; 8]) -> u64 {
    let mut remainder: u64 = 0;
    for limb in limbs {
        let value = (remainder << 32) | u64::from(*limb);
        // The remainder is below 62, so the quotient of each limb fits 32 bits.
        *limb = u32::try_from(value / 62).unwrap_or(u32::MAX);
        remainder = value % 62;
    }
    remainder
}

fn character(digit: u64) -> u8 {
    usize::try_from(digit).ok().and_then(|digit| ALPHABET.get(digit)).copied().unwrap_or(b'0')
}

fn digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'A'..=b'Z' => Some(byte - b'A' + 10),
        b'a'..=b'z' => Some(byte - b'a' + 36),
        _ => None,
    }
}
