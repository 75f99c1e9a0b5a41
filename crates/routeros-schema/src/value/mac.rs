//! MAC addresses.

use std::fmt;

/// Six bytes, written `AA:BB:CC:DD:EE:FF`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mac(pub [u8; 6]);

impl Mac {
    /// Reads six pairs of hexadecimal digits with `:`, `-`, `.` or nothing between, which is what
    /// the console's own help says that arguments take.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let mut address = [0; 6];
        let mut rest = bytes;
        for (index, byte) in address.iter_mut().enumerate() {
            if index > 0
                && let [b':' | b'-' | b'.', after @ ..] = rest
            {
                rest = after;
            }
            let [high, low, after @ ..] = rest else {
                return None;
            };
            *byte = digit(*high)? << 4 | digit(*low)?;
            rest = after;
        }
        rest.is_empty().then_some(Self(address))
    }
}

impl fmt::Display for Mac {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, e, f] = self.0;
        write!(formatter, "{a:02X}:{b:02X}:{c:02X}:{d:02X}:{e:02X}:{f:02X}")
    }
}

fn digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mac_address_is_written_in_capitals_with_colons() {
        for text in [
            "aa:bb:cc:dd:ee:0f",
            "AA-BB-CC-DD-EE-0F",
            "aa.bb.cc.dd.ee.0f",
            "aabbccddee0F",
        ] {
            let mac = Mac::parse(text.as_bytes()).unwrap();
            assert_eq!(mac.to_string(), "AA:BB:CC:DD:EE:0F", "{text}");
        }
    }

    #[test]
    fn anything_else_is_no_mac_address() {
        for text in [
            "",
            "aa:bb:cc:dd:ee",
            "aa:bb:cc:dd:ee:zz",
            "aa:bb:cc:dd:ee:f",
            "aa:bb:cc:dd:ee:ff:00",
            "aa:bb:cc:dd:ee:ff:",
            "aa::bb:cc:dd:ee:ff",
            "aa:bb:cc:dd:ee:é",
        ] {
            assert_eq!(Mac::parse(text.as_bytes()), None, "{text}");
        }
    }
}
