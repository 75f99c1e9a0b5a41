//! Stable words of programs, such as `usage_sync`, as people say them.

use catalogue::{Language, Said};
use sentences::SpokenCode;

/// The columns that hold such words.
const FIELDS: [&str; 4] = ["cause", "changed_by", "effect", "removed_by"];

/// What the word in a column is to people; nothing in columns of other things.
pub fn spoken(field: &str, word: &str, language: Language) -> Option<String> {
    let said = || Said::from(SpokenCode { code: word });
    let is_one = FIELDS.contains(&field) && !word.is_empty();
    is_one.then(|| said().in_language(language).into_owned())
}
