//! Rows that are found by a local number anywhere in their comments.

use std::collections::BTreeMap;

use crate::number::decimal_digit;

/// Places of rows by the digits behind `user=` in their comments. The portal looks for the number
/// as a part of the text, so a longer number is found by its beginning too.
#[derive(Default)]
pub(super) struct NamedRows {
    by_digits: BTreeMap<String, Vec<usize>>,
}

impl NamedRows {
    pub(super) fn insert(&mut self, comment: &str, place: usize) {
        const KEY: &str = "user=";
        let comment = comment.to_lowercase();
        for (start, _) in comment.match_indices(KEY) {
            let rest = &comment[start + KEY.len()..];
            let is_digit = |character: char| decimal_digit(character).is_some();
            let end = rest.find(|character| !is_digit(character));
            let digits = &rest[..end.unwrap_or(rest.len())];
            if !digits.is_empty() {
                let places = self.by_digits.entry(digits.to_owned()).or_default();
                places.push(place);
            }
        }
    }

    /// The places of the rows that name `name`, in the router's order.
    pub(super) fn of(&self, name: &str) -> Vec<usize> {
        let from = self.by_digits.range(name.to_owned()..);
        let named = from.take_while(|(digits, _)| digits.starts_with(name));
        let mut places: Vec<usize> = named.flat_map(|(_, places)| places).copied().collect();
        places.sort_unstable();
        places.dedup();
        places
    }
}
