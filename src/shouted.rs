//! A language to try out: what the program says in English, in capitals. What is in small letters on a page in it
//! is a name, a word of the site, or a sentence that is not in the catalogue.

use std::collections::BTreeSet;
use std::sync::Once;

use catalogue::{Catalogue, Language};

const ENGLISH: &str = include_str!("../crates/sentences/catalogue/en.ftl");

/// The language that is spoken in capitals from now on. What it is answered with stays as it is.
pub fn language() -> Language {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let text = shouted(ENGLISH);
        let catalogue = Catalogue::parse(Language::Indonesian, "shouted", &text);
        sentences::try_out(catalogue.expect("capitals change nothing of the syntax"));
    });
    Language::Indonesian
}

/// The words of a page that are in small letters.
pub fn small_words(page: &str) -> BTreeSet<&str> {
    let words = page.split(|c: char| !c.is_ascii_lowercase());
    words.filter(|word| !word.is_empty()).collect()
}

fn shouted(english: &str) -> String {
    let mut shouted = String::new();
    let mut is_answer = false;
    for line in english.lines().filter(|line| !line.starts_with('#')) {
        // A message begins at the margin, an attribute with a dot.
        let begins = line.starts_with(|c: char| c.is_ascii_lowercase());
        let begins_text = begins || line.trim_start().starts_with('.');
        let (key, text) = match line.split_once('=').filter(|_| begins_text) {
            Some((key, text)) => (format!("{key}="), text),
            None => (String::new(), line),
        };
        if begins {
            is_answer = key.starts_with("answer-");
        }
        if !is_answer {
            shouted.push_str(&key);
            capitals(text, &mut shouted);
            shouted.push('\n');
        }
    }
    shouted
}

/// In capitals, but for names of placeholders and of variants.
fn capitals(text: &str, out: &mut String) {
    let mut is_name = false;
    for c in text.chars() {
        is_name = match c {
            '$' | '[' => true,
            ']' | ' ' | '}' => false,
            _ => is_name,
        };
        match is_name {
            true => out.push(c),
            false => out.extend(c.to_uppercase()),
        }
    }
}
