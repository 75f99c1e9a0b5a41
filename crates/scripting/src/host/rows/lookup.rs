//! Rows found by the value of a field.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::rc::Rc;

use rhai::Dynamic;
use routeros_schema::Kind;

use super::{Rows, View, by_kind};

/// Rows found by the value of one field: `users[id]` is the row, or `()`.
#[derive(Clone)]
pub struct Index {
    pub view: View,
    /// What its keys are.
    pub kind: Kind,
    pub positions: Rc<HashMap<String, u32>>,
}

/// Rows in groups by the value of one field: `groups[value]` are the rows, possibly none.
#[derive(Clone)]
pub struct Groups {
    pub view: View,
    /// What its keys are.
    pub kind: Kind,
    pub order: Rc<Vec<String>>,
    pub positions: Rc<HashMap<String, Vec<usize>>>,
}

/// Groups the rows of `view` by these keys of a kind, one for each row.
pub fn grouped(view: View, kind: Kind, keys: Vec<String>) -> Groups {
    let mut order = Vec::new();
    let mut positions: HashMap<String, Vec<usize>> = HashMap::new();
    for (index, key) in keys.into_iter().enumerate() {
        match positions.entry(key) {
            Entry::Occupied(mut entry) => entry.get_mut().push(index),
            Entry::Vacant(entry) => {
                order.push(entry.key().clone());
                entry.insert(vec![index]);
            }
        }
    }
    Groups {
        view,
        kind,
        order: Rc::new(order),
        positions: Rc::new(positions),
    }
}

/// The row with this key, or `()`.
pub fn found(index: &Index, key: &Dynamic) -> Dynamic {
    index
        .positions
        .get(&by_kind::key(&index.kind, key))
        .map_or(Dynamic::UNIT, |position| {
            Dynamic::from(index.view.row(*position as usize))
        })
}

/// The rows of this key, possibly none.
pub fn group(groups: &Groups, key: &Dynamic) -> Rows {
    let positions = groups.positions.get(&by_kind::key(&groups.kind, key));
    groups.view.select(positions.into_iter().flatten().copied())
}
