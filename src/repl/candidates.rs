//! Texts that could stand at the cursor.

/// What could stand at the cursor, and from which byte of the line it would stand.
pub struct Candidates {
    /// The first byte that is replaced.
    pub start: usize,
    /// The texts, in their order.
    pub texts: Vec<String>,
}

/// The candidates that begin with `word`, which ends the line.
pub fn beginning(before: &str, word: &str, texts: impl IntoIterator<Item = String>) -> Candidates {
    let mut texts: Vec<String> = texts
        .into_iter()
        .filter(|text| text.starts_with(word) && text != word)
        .collect();
    texts.sort();
    texts.dedup();
    Candidates {
        start: before.len() - word.len(),
        texts,
    }
}
