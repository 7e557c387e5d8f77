//! Durations and sizes as the file writes them: a whole number and a unit.

use std::time::Duration;

const MILLISECONDS_PER_UNIT: [(&str, u64); 5] =
    [("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000)];
const BYTES_PER_UNIT: [(&str, u64); 4] =
    [("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30), ("B", 1)];

/// Reads `500ms`, `60s`, `30m`, `12h` or `30d`.
pub(crate) fn duration(text: &str) -> Option<Duration> {
    scaled(text, &MILLISECONDS_PER_UNIT).map(Duration::from_millis)
}

/// Reads `512B`, `64KiB`, `1MiB` or `2GiB`, in bytes.
pub(crate) fn size(text: &str) -> Option<u64> {
    scaled(text, &BYTES_PER_UNIT)
}

/// Writes a number of milliseconds with the largest unit that needs no fraction.
pub(crate) fn write_milliseconds(milliseconds: u64) -> String {
    write(milliseconds, &MILLISECONDS_PER_UNIT)
}

/// Writes a number of bytes with the largest unit that needs no fraction.
pub(crate) fn write_size(bytes: u64) -> String {
    write(bytes, &BYTES_PER_UNIT)
}

fn scaled(text: &str, units: &[(&str, u64)]) -> Option<u64> {
    let split = text.find(|c: char| !c.is_ascii_digit())?;
    let (number, unit) = text.split_at_checked(split)?;
    let (_, factor) = units.iter().find(|(name, _)| *name == unit)?;
    whole(number)?.checked_mul(*factor)
}

fn whole(digits: &str) -> Option<u64> {
    // `parse` alone would also take a sign.
    let plain = digits.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| digits.parse().ok()).flatten()
}

fn write(value: u64, units: &[(&str, u64)]) -> String {
    units
        .iter()
        .filter(|(_, factor)| value.is_multiple_of(*factor))
        .max_by_key(|(_, factor)| *factor)
        .map_or_else(String::new, |(unit, factor)| format!("{}{unit}", value / factor))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_and_a_unit_make_a_duration() {
        let rows = [("500ms", 500), ("60s", 60_000), ("30m", 1_800_000), ("2d", 172_800_000)];
        for (text, millis) in rows {
            assert_eq!(duration(text), Some(Duration::from_millis(millis)), "{text}");
        }
        for bad in ["", "60", "s", "60 s", "60S", "1.5h", "-1s", "+1s", "1h30m", "213503982334602d"]
        {
            assert_eq!(duration(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_number_and_a_unit_make_a_size() {
        assert_eq!(size("64KiB"), Some(65_536));
        assert_eq!(size("0B"), Some(0));
        for bad in ["64", "64kb", "64KB", "KiB", "99999999999GiB"] {
            assert_eq!(size(bad), None, "{bad}");
        }
    }

    #[test]
    fn what_is_written_is_read_back() {
        for milliseconds in [0, 1, 90_000, 3_600_000, 86_400_000 * 30] {
            let text = write_milliseconds(milliseconds);
            assert_eq!(duration(&text), Some(Duration::from_millis(milliseconds)), "{text}");
        }
        assert_eq!(write_size(64 * 1024), "64KiB");
    }
}
