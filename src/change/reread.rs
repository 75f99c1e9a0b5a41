//! Reading rows again: by their ids, by their natural keys, in one go.

use std::collections::{HashMap, HashSet};

use routeros_api::{ClientError, Print, Query, RowRef, Rows};

use super::fields::Fields;
use super::menu;
use crate::session::RouterReader;

/// For more rows than this the whole menu is read: the router looks at all rows in either case.
const MOST_BY_QUERY: usize = 64;

/// Which rows of a menu are wanted.
#[derive(Default)]
pub struct Wanted {
    /// By id.
    pub ids: HashSet<String>,
    /// By natural key, see [`menu::key_of`].
    pub keys: HashSet<Vec<Vec<u8>>>,
}

/// Rows as they are now.
#[derive(Default)]
pub struct Found {
    by_id: HashMap<String, Fields>,
    by_key: HashMap<Vec<Vec<u8>>, String>,
}

impl Found {
    /// The row with this id.
    pub fn with_id(&self, id: &str) -> Option<&Fields> {
        self.by_id.get(id)
    }

    /// The row with this natural key, and its id.
    pub fn with_key(&self, key: &[Vec<u8>]) -> Option<(&str, &Fields)> {
        let id = self.by_key.get(key)?;
        Some((id, self.by_id.get(id)?))
    }

    fn keep(&mut self, menu: &str, wanted: &Wanted, row: RowRef<'_>) {
        let Some(id) = row.get(".id").and_then(|id| std::str::from_utf8(id).ok()) else {
            return;
        };
        let by_id = wanted.ids.contains(id);
        if !by_id && wanted.keys.is_empty() {
            return;
        }
        let fields = Fields::from(row);
        let key = menu::key_of(menu, &fields);
        let by_key = key.as_ref().is_some_and(|key| wanted.keys.contains(key));
        if by_id || by_key {
            self.by_key.extend(key.map(|key| (key, id.to_owned())));
            self.by_id.insert(id.to_owned(), fields);
        }
    }
}

/// Reads the wanted rows of `menu` with all their fields.
///
/// # Errors
/// As [`RouterReader::rows`]; part of an answer is never given as the answer.
pub async fn read(
    router: &RouterReader,
    menu: &str,
    wanted: &Wanted,
) -> Result<Found, ClientError> {
    let mut found = Found::default();
    let count = wanted.ids.len() + wanted.keys.len();
    if count == 0 {
        return Ok(found);
    }
    let mut print = Print::new(menu);
    if count <= MOST_BY_QUERY
        && let Some(query) = query(menu, wanted)
    {
        print = print.query(query);
    }
    let mut stream = router.stream(&print).await?;
    while let Some(batch) = stream.next().await? {
        let mut rows = Rows::default();
        rows.push(batch);
        for row in rows.iter() {
            found.keep(menu, wanted, row);
        }
    }
    Ok(found)
}

fn query(menu: &str, wanted: &Wanted) -> Option<Query> {
    let by_id = wanted.ids.iter().map(|id| Query::equal(".id", id));
    let by_key = wanted.keys.iter().filter_map(|key| {
        let fields = menu::key_fields(menu).iter().zip(key);
        fields
            .map(|(name, value)| match value.is_empty() {
                true => Query::absent(name),
                false => Query::equal(name, value),
            })
            .reduce(Query::and)
    });
    by_id.chain(by_key).reduce(Query::or)
}
