//! MAC addresses: read from any usual way of writing one, written in one.

/// The six bytes of a MAC, from six pairs of hexadecimal digits with or without `:`, `-` or `.`
/// among them; `None` for other text.
#[must_use]
pub fn bytes(text: &str) -> Option<[u8; 6]> {
    let digits: String = text
        .trim()
        .chars()
        .filter(|c| !":-.".contains(*c))
        .collect();
    let mut bytes = [0; 6];
    hex::decode_to_slice(digits, &mut bytes).ok()?;
    Some(bytes)
}

/// A MAC in the router's spelling, from any usual one.
#[must_use]
pub fn canonical(written: &str) -> Option<String> {
    bytes(written).map(|bytes| text(&bytes))
}

/// A MAC as the router writes it: `0A:1B:2C:3D:4E:5F`.
#[must_use]
pub fn text(bytes: &[u8]) -> String {
    let pairs: Vec<String> = bytes.iter().map(|byte| format!("{byte:02X}")).collect();
    pairs.join(":")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mac_may_be_written_in_any_form() {
        for written in [
            "0a:1b:2c:3d:4e:5f",
            "0A-1B-2C-3D-4E-5F",
            "0a1b.2c3d.4e5f",
            " 0A1B2C3D4E5F ",
        ] {
            let read = canonical(written);
            assert_eq!(read.as_deref(), Some("0A:1B:2C:3D:4E:5F"), "{written}");
        }
        for other in [
            "",
            "0a:1b",
            "0a:1b:2c:3d:4e:5f:60",
            "0a:1b:2c:3d:4e:5\u{e9}",
            "+a:1b:2c:3d:4e:5f",
        ] {
            assert_eq!(bytes(other), None, "{other}");
        }
    }
}
