//! Rows as the router shows them.

use std::time::Duration;

use routeros_schema::Kind;
use routeros_schema::schema::Motion;
use routeros_schema::value::duration;

use crate::Row;
use crate::menu::Menu;

/// What a reader sees of a menu's rows at one moment: what is left of a timeout, no field that is only
/// ever written, and on a router that moves, counters and ages as they are by now.
#[derive(Clone, Copy)]
pub(crate) struct Shown {
    menu: &'static Menu,
    now: Duration,
    moves: bool,
    sees_secrets: bool,
    /// Whether there may be fields that are not shown: of most menus no field is looked at.
    hides: bool,
}

/// What a counter grows by in a millisecond (ours).
const PER_MILLISECOND: u64 = 1;

impl Shown {
    /// At `now`, on a router that moves or not, for somebody who sees secrets or not.
    pub(crate) fn new(
        menu: &'static Menu,
        now: Duration,
        (moves, sees_secrets): (bool, bool),
    ) -> Shown {
        let hides = !sees_secrets || menu.has_write_only();
        Shown {
            menu,
            now,
            moves,
            sees_secrets,
            hides,
        }
    }

    /// The row as it is shown.
    pub(crate) fn row(&self, row: &Row) -> Row {
        let row = row.at(self.now);
        if !self.moves && !self.hides {
            return row;
        }
        let changes: Vec<(Vec<u8>, Option<Vec<u8>>)> = row
            .fields()
            .filter_map(|(name, value)| Some((name.to_vec(), self.change(name, value)?)))
            .collect();
        if changes.is_empty() {
            return row;
        }
        let changes: Vec<(&[u8], Option<&[u8]>)> = changes
            .iter()
            .map(|(name, value)| (name.as_slice(), value.as_deref()))
            .collect();
        row.with(&changes)
    }

    /// The row without what is only ever written, and otherwise as it is.
    pub(crate) fn hidden(&self, row: &Row) -> Row {
        let as_it_is = Shown {
            now: Duration::ZERO,
            moves: false,
            ..*self
        };
        as_it_is.row(row)
    }

    /// What a field shows in place of its value, if it is another one, or nothing.
    fn change(&self, name: &[u8], value: &[u8]) -> Option<Option<Vec<u8>>> {
        let name = std::str::from_utf8(name).ok()?;
        if !self.sees_secrets && self.menu.is_secret(name) {
            return Some(None);
        }
        let field = self.menu.field(name)?;
        if field.is_write_only() {
            return Some(None);
        }
        if !self.moves || field.is_settable() {
            return None;
        }
        let moved = match field.motion {
            Motion::Steady => None,
            Motion::Moving => grown(&field.kind, value, self.now),
            Motion::CountingDown => run_down(value, self.now),
        };
        moved.map(Some)
    }
}

/// A counter or an age after a time; `None` of what neither grows nor ages.
fn grown(kind: &Kind, value: &[u8], by: Duration) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(value).ok()?;
    match kind {
        Kind::Pair(kind) => {
            let (up, down) = text.split_once('/')?;
            let up = grown(kind, up.as_bytes(), by)?;
            let down = grown(kind, down.as_bytes(), by)?;
            Some([up, down].join(&b'/'))
        }
        Kind::Counter | Kind::Number | Kind::Size => {
            let more = u64::try_from(by.as_millis()).unwrap_or(u64::MAX);
            let count = text.parse::<u64>().ok()?;
            let grown = count.wrapping_add(more.wrapping_mul(PER_MILLISECOND));
            Some(grown.to_string().into_bytes())
        }
        Kind::Duration => {
            let age = duration::parse(value).ok()?.saturating_add(by);
            Some(duration::format(Duration::from_secs(age.as_secs())).into_bytes())
        }
        _ => None,
    }
}

fn run_down(value: &[u8], by: Duration) -> Option<Vec<u8>> {
    let left = duration::parse(value).ok()?.saturating_sub(by);
    Some(duration::format(Duration::from_secs(left.as_secs())).into_bytes())
}
