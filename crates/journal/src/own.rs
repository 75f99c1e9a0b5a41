//! Rows that the site's journals show tikbook to have added: these it may change again.

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::OnceLock;

use routeros_schema::Menu;

use super::record::{self, Record};
use plan::fields::Fields;
use plan::menu::{self, Key};
use plan::outcome::Status;
use plan::own::OwnRows;

/// The rows that the runs of a site added. Their journals are read when somebody asks.
pub struct JournalledRows {
    /// Where the journals are, and whose they are; nothing where there are none.
    journals: Option<(PathBuf, String)>,
    rows: OnceLock<HashSet<OwnRow>>,
}

/// A row by its router, menu, natural key and comment: whoever gave it another comment took it over.
#[derive(PartialEq, Eq, Hash)]
struct OwnRow {
    router: Option<String>,
    menu: Menu,
    key: Key,
    comment: Vec<u8>,
}

impl JournalledRows {
    /// Those of the `site` with this name whose journals are in `folder`.
    pub fn of(folder: Option<PathBuf>, site: &str) -> Self {
        Self {
            journals: folder.map(|folder| (folder, site.to_owned())),
            rows: OnceLock::new(),
        }
    }

    fn rows(&self) -> &HashSet<OwnRow> {
        self.rows.get_or_init(|| {
            let Some((folder, site)) = &self.journals else {
                return HashSet::new();
            };
            let records = record::read_all(folder, site).unwrap_or_default();
            let mut rows = HashSet::new();
            // The oldest comes last.
            for record in records.iter().rev() {
                note(record, &mut rows);
            }
            rows
        })
    }
}

/// Of a journal that cannot be read nobody knows, so it shows nothing.
impl OwnRows for JournalledRows {
    fn has(&self, router: Option<&str>, menu: &Menu, row: &Fields) -> bool {
        let row = own((router, menu), row);
        row.is_some_and(|row| self.rows().contains(&row))
    }
}

/// What a run made of the rows that were added until then, as far as its journal is whole.
fn note(record: &Record, rows: &mut HashSet<OwnRow>) {
    let applied = record.changes.iter().filter(|(_, outcome, _)| {
        let status = outcome.as_ref().map(|outcome| outcome.status);
        record.damage.is_empty() && status == Some(Status::Applied)
    });
    for change in applied.filter_map(|(change, ..)| change.row()) {
        let place = (change.router.as_deref(), &change.menu);
        let row = |row: Option<&Fields>| own(place, row?);
        let was_own = row(change.before()).is_some_and(|row| rows.remove(&row));
        if change.added().is_some() || was_own {
            rows.extend(row(change.after()));
        }
    }
}

fn own((router, menu): (Option<&str>, &Menu), row: &Fields) -> Option<OwnRow> {
    Some(OwnRow {
        router: router.map(str::to_owned),
        menu: menu.clone(),
        key: menu::key_of(menu, row)?,
        comment: row.get("comment").unwrap_or_default().to_vec(),
    })
}
