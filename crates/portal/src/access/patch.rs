//! What a task would change of the things that decide how the router treats a device.

use std::borrow::Cow;

use foldhash::{HashMap, HashMapExt, HashSet};

use super::list_index::{ListIndex, ListRow};
use super::treatment::{Acts, kind_of_word};
use crate::list_name::ListKind;
use crate::sync::bindings::mac_of;
use crate::sync::{Binding, FieldChange, ListEntry, MenuDifference};

/// The rows that a task takes away, adds and changes.
pub(super) struct Patch<'task> {
    removed_rows: HashSet<&'task str>,
    pub(super) added_rows: ListIndex<'task>,
    removed_bindings: HashSet<&'task str>,
    changed_bindings: HashMap<&'task str, &'task [FieldChange]>,
    added_bindings: HashMap<Cow<'task, str>, Vec<&'task Binding>>,
}

impl<'task> Patch<'task> {
    pub(super) fn new(
        lists: &'task MenuDifference<ListEntry>,
        bindings: &'task MenuDifference<Binding>,
        kinds: &HashMap<String, ListKind>,
    ) -> Self {
        let added = lists.added.iter();
        let added = added.filter_map(|entry| {
            Some(ListRow {
                id: "",
                entry,
                kind: *kinds.get(&entry.list)?,
            })
        });
        let mut added_bindings: HashMap<Cow<'task, str>, Vec<&Binding>> = HashMap::new();
        for binding in &bindings.added {
            if let Some(mac) = mac_of(binding) {
                added_bindings.entry(mac).or_default().push(binding);
            }
        }
        let changed = bindings.changed.iter();
        Patch {
            removed_rows: lists.removed.iter().map(String::as_str).collect(),
            added_rows: ListIndex::new(added),
            removed_bindings: bindings.removed.iter().map(String::as_str).collect(),
            changed_bindings: changed
                .map(|(id, fields)| (id.as_str(), fields.as_slice()))
                .collect(),
            added_bindings,
        }
    }

    pub(super) fn removes_row(&self, id: &str) -> bool {
        self.removed_rows.contains(id)
    }

    /// How a binding that acts so acts after the task; `None` where it goes.
    pub(super) fn binding(&self, id: &str, mut acts: Acts) -> Option<Acts> {
        if self.removed_bindings.contains(id) {
            return None;
        }
        for change in self.changed_bindings.get(id).copied().unwrap_or_default() {
            let after = change.after.as_deref().unwrap_or_default();
            match change.field {
                "type" => acts.kind = kind_of_word(after),
                "disabled" => acts.is_in_force = after != "true",
                _ => {}
            }
        }
        Some(acts)
    }

    pub(super) fn added_bindings(&self, mac: &str) -> &[&'task Binding] {
        self.added_bindings.get(mac).map_or(&[], Vec::as_slice)
    }

    /// Whether it writes any binding of the MAC among these.
    pub(super) fn touches_bindings<'row>(
        &self,
        mac: &str,
        mut ids: impl Iterator<Item = &'row str>,
    ) -> bool {
        !self.added_bindings(mac).is_empty()
            || ids.any(|id| {
                self.removed_bindings.contains(id) || self.changed_bindings.contains_key(id)
            })
    }
}
