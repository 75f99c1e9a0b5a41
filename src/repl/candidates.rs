//! Texts that could stand at the cursor.

use report::printable::printable;

/// What could stand at the cursor, and from which byte of the line it would stand.
pub struct Candidates {
    /// The first byte that is replaced.
    pub start: usize,
    /// The texts, in their order.
    pub texts: Vec<String>,
}

/// The candidates that begin with `word`, which ends the line. One that a terminal would not show as it
/// is, is none: names of fields and keys may be a guest's.
pub fn beginning(before: &str, word: &str, texts: impl IntoIterator<Item = String>) -> Candidates {
    let mut texts: Vec<String> = texts
        .into_iter()
        .filter(|text| text.starts_with(word) && text != word && printable(text) == *text)
        .collect();
    texts.sort();
    texts.dedup();
    Candidates {
        start: before.len() - word.len(),
        texts,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_would_move_the_cursor_is_not_offered() {
        let names = [
            "quota:b",
            "quota:\u{1b}[31m",
            "quota:\u{202e}x",
            "quota:a\r",
            "other",
        ];
        let offered = beginning("redis::get(\"quota:", "quota:", names.map(str::to_owned));
        assert_eq!(
            (offered.start, &offered.texts[..]),
            (12, &["quota:b".to_owned()][..])
        );
    }
}
