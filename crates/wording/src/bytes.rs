//! Bytes that are most often text, for people.

use std::borrow::Cow;

/// The text of bytes: what is not UTF-8 becomes `\xNN` (four characters, lower-case hexadecimal), so
/// that nothing is lost to the eye.
pub fn shown(bytes: &[u8]) -> Cow<'_, str> {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Cow::Borrowed(text);
    }
    let mut text = String::with_capacity(bytes.len() + 16);
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        for byte in chunk.invalid() {
            text.push_str(&format!("\\x{byte:02x}"));
        }
    }
    Cow::Owned(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_that_are_not_utf8_show_as_lower_case_hex() {
        assert_eq!(shown(b"ac\xb2 \xe7!"), "ac\\xb2 \\xe7!");
        assert_eq!(shown("héllo".as_bytes()), "héllo");
        assert_eq!(shown(b"\xe2\x82"), "\\xe2\\x82");
    }
}
