//! Texts without what people leave out when they type a name: case, accents, width of letters.

use icu_normalizer::DecomposingNormalizerBorrowed;

/// `text` in lower case, its letters without accents and other marks, white space as single blanks.
pub fn folded(text: &str) -> String {
    let decomposed = DecomposingNormalizerBorrowed::new_nfkd().normalize_iter(text.chars());
    let bare: String = decomposed.filter(|letter| !is_mark(*letter)).collect();
    let lower = bare.to_lowercase();
    let words: Vec<&str> = lower.split_whitespace().collect();
    words.join(" ")
}

/// Whether a character is a mark on the letter before it.
fn is_mark(character: char) -> bool {
    matches!(character,
        '\u{0300}'..='\u{036F}' | '\u{1AB0}'..='\u{1AFF}' | '\u{1DC0}'..='\u{1DFF}'
        | '\u{20D0}'..='\u{20FF}' | '\u{FE20}'..='\u{FE2F}')
}

#[cfg(test)]
mod tests {
    use super::folded;

    #[test]
    fn names_are_found_as_people_type_them() {
        for (text, expected) in [
            ("Café", "cafe"),
            ("CAFE\u{0301}", "cafe"),
            ("  Ni  Luh\tAyu ", "ni luh ayu"),
            ("Ｓiti", "siti"),
            ("Ştefan Ünal", "stefan unal"),
            ("Ĳsbrand", "ijsbrand"),
            ("Анна", "анна"),
            ("", ""),
        ] {
            assert_eq!(folded(text), expected, "{text}");
        }
    }
}
