//! Places of rows by a text of theirs, in the order of the rows, without a piece of memory for each text.

use foldhash::{HashMap, HashMapExt};

/// Which places a text has.
#[derive(Default)]
pub(crate) struct Places<'text> {
    /// The first and the last link of a text.
    ends: HashMap<&'text str, (u32, u32)>,
    links: Vec<Link>,
}

/// Counted in 32 bits, as the rows of all tables are.
struct Link {
    place: u32,
    /// The link behind it; its own number at the end.
    next: u32,
}

impl<'text> Places<'text> {
    pub(crate) fn with_capacity(texts: usize) -> Self {
        Places {
            ends: HashMap::with_capacity(texts),
            links: Vec::with_capacity(texts),
        }
    }

    pub(crate) fn add(&mut self, text: &'text str, place: usize) {
        let link = self.links.len() as u32;
        let ends = self.ends.entry(text).or_insert((link, link));
        if let Some(last) = self.links.get_mut(ends.1 as usize) {
            last.next = link;
        }
        ends.1 = link;
        let place = place as u32;
        self.links.push(Link { place, next: link });
    }

    /// The places of a text, in the order in which they were added.
    pub(crate) fn of(&self, text: &str) -> impl Iterator<Item = usize> + '_ {
        let mut at = self.ends.get(text).map(|(first, _)| *first);
        std::iter::from_fn(move || {
            let here = at?;
            let link = &self.links[here as usize];
            at = Some(link.next).filter(|next| *next != here);
            Some(link.place as usize)
        })
    }
}
