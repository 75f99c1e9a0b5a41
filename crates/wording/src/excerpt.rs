//! The beginning of a text that may be of any size.

use std::borrow::Cow;

/// Bytes that are more than anybody reads in one message.
const MOST: usize = 16 << 10;

/// A text of a message or of a line of the log; of a long one the beginning, and how long it is.
#[must_use]
pub fn excerpt(text: &str) -> Cow<'_, str> {
    if text.len() <= MOST {
        return text.into();
    }
    let shown = &text[..text.floor_char_boundary(MOST)];
    format!("{shown}… ({} bytes)", text.len()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_is_cut_between_two_characters() {
        assert_eq!(excerpt("short"), "short");
        for character in ["x", "é", "日", "😀"] {
            let long = character.repeat(MOST + 1);
            let cut = excerpt(&long);
            let (shown, size) = cut.split_once('…').unwrap();
            assert!(shown.len() <= MOST && shown.len() > MOST - 4);
            assert!(long.starts_with(shown));
            assert_eq!(size, format!(" ({} bytes)", long.len()));
        }
    }
}
