//! Rates of queues.

/// Reads a rate in bits per second: plain digits, or digits with `k`, `M` or `G`, which are powers
/// of a thousand.
///
/// The router keeps `25M` as `25000000`, so what was written is not what is read back.
pub fn parse(bytes: &[u8]) -> Option<u64> {
    let (digits, factor) = match bytes {
        [digits @ .., b'k' | b'K'] => (digits, 1_000),
        [digits @ .., b'M'] => (digits, 1_000_000),
        [digits @ .., b'G'] => (digits, 1_000_000_000),
        digits => (digits, 1),
    };
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let number: u64 = std::str::from_utf8(digits).ok()?.parse().ok()?;
    number.checked_mul(factor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_a_number_of_bits() {
        for (text, bits) in [
            ("0", 0),
            ("512k", 512_000),
            ("25M", 25_000_000),
            ("1G", 1_000_000_000),
            ("25000000", 25_000_000),
        ] {
            assert_eq!(parse(text.as_bytes()), Some(bits), "{text}");
        }
        for text in [
            "",
            "k",
            "-1",
            "+1",
            "1m",
            "1.5M",
            "18446744073709551615G",
            "99999999999999999999",
            "é",
        ] {
            assert_eq!(parse(text.as_bytes()), None, "{text}");
        }
    }
}
