//! Names that are to be different ones.

use std::collections::HashMap;

/// The names so far.
#[derive(Default)]
pub struct Numbered(HashMap<String, usize>);

impl Numbered {
    /// The name, with `#2` behind it where it is the second of its kind.
    pub fn of(&mut self, name: String) -> String {
        let count = self.0.entry(name.clone()).or_default();
        *count += 1;
        match *count {
            1 => name,
            count => format!("{name}#{count}"),
        }
    }
}
