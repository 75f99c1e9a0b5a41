//! What the usage sync does to one user on the router, run after run, until it leaves the user alone.

use std::collections::HashSet;

use super::part::Part;
use super::report::UserAccess;
use crate::comment::naming_parts;
use crate::mac;
use crate::sync::difference::{between, changed_fields};
use crate::sync::lists::says_the_same;
use crate::sync::{
    Binding, Fields, HotspotUser, ListEntry, MenuDifference, NextSync, Router, Row, Site,
    next_sync_on,
};

/// A site comes to rest before; what does not, is told as far as it came.
const MOST_RUNS: usize = 8;

/// The rows of the router that are not to be touched but by the portal, by the router's ids.
#[derive(Clone, Debug, Default)]
pub struct Guarded {
    /// Rows of the address-lists: these stay as they are.
    pub rows: HashSet<String>,
    /// Bindings: these stay, and go on naming whom they name.
    pub bindings: HashSet<String>,
}

/// What becomes of the router's menus that decide about a user's access.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RouterChanges {
    /// `/ip/firewall/address-list`.
    pub address_list: MenuDifference<ListEntry>,
    /// `/ip/hotspot/ip-binding`.
    pub bindings: MenuDifference<Binding>,
    /// `/ip/hotspot/user`.
    pub hotspot_users: MenuDifference<HotspotUser>,
}

/// How a user comes to rest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rest {
    /// What is to be made of the router, so that the usage sync finds nothing more to do for the user
    /// but what is `left`. A row that the sync takes away and writes anew is one that changes.
    pub changes: RouterChanges,
    /// What the sync does then, as guarded rows stand in the way.
    pub left: RouterChanges,
}

impl UserAccess {
    /// How the user comes to rest on the router while the database stays as it is.
    ///
    /// One run of the sync is not always enough: it lists a device for one run at the address that was
    /// stored, where it has just repaired the binding, and takes that row away in the next.
    #[must_use]
    pub fn at_rest(&self, site: &Site, guarded: &Guarded) -> Rest {
        let mut all = Part::of(site, self);
        all.learn_devices(site);
        let mut then = site.router.clone();
        let mut left = RouterChanges::default();
        for number in 0..MOST_RUNS {
            let run = next_sync_on(site, &then);
            // What is once the user's stays so: where a row of the user goes another user may be, whose row is
            // to come.
            all.learn(&then, &run);
            let wanted = |part: &Part| {
                let own = RouterChanges::of(part.take(&then, &run)).settled(&then, guarded);
                part.divided(&then, own, guarded)
            };
            let (done, _) = wanted(&all);
            let mut own = Part::of(site, self);
            own.learn(&then, &run);
            (_, left) = wanted(&own);
            if done == RouterChanges::default() {
                break;
            }
            done.apply_to(&mut then, number);
        }
        Rest {
            changes: RouterChanges::between(&site.router, &then).settled(&site.router, guarded),
            left,
        }
    }
}

impl RouterChanges {
    fn of(run: NextSync) -> Self {
        RouterChanges {
            address_list: run.address_list,
            bindings: run.bindings,
            hotspot_users: run.hotspot_users,
        }
    }

    fn between(before: &Router, now: &Router) -> Self {
        RouterChanges {
            address_list: between(&before.address_list, &now.address_list),
            bindings: between(&before.bindings, &now.bindings),
            hotspot_users: between(&before.hotspot_users, &now.hotspot_users),
        }
    }

    /// The same with rows that go and come again as rows that change, if at all, where a router can change
    /// them: it makes no lasting row of one that ends, and unties no binding from its address.
    fn settled(self, router: &Router, guarded: &Guarded) -> Self {
        let is_entry = |before: &Row<ListEntry>, now: &ListEntry| {
            let before = &before.fields;
            before.timeout.is_none() && (&before.list, &before.address) == (&now.list, &now.address)
        };
        let is_binding = |before: &Row<Binding>, now: &Binding| {
            let mac = |binding: &Binding| Some(mac::compared(binding.mac.as_deref()?).into_owned());
            let stays = guarded.bindings.contains(&before.id);
            mac(&before.fields) == mac(now) && (stays || before.fields.address == now.address)
        };
        RouterChanges {
            address_list: without_new_times(paired(
                self.address_list,
                &router.address_list,
                is_entry,
                |before, now| {
                    let comments = before.comment.as_deref().zip(now.comment.as_deref());
                    if comments.is_some_and(|(before, now)| says_the_same(before, now)) {
                        now.comment.clone_from(&before.comment);
                    }
                },
            )),
            bindings: without_new_times(paired(
                self.bindings,
                &router.bindings,
                is_binding,
                |before, now| now.address.clone_from(&before.address),
            )),
            hotspot_users: self.hotspot_users,
        }
    }

    fn apply_to(self, router: &mut Router, run: usize) {
        apply(&mut router.address_list, self.address_list, run);
        apply(&mut router.bindings, self.bindings, run);
        apply(&mut router.hotspot_users, self.hotspot_users, run);
    }
}

impl Part {
    /// What may be done of the changes of a router, and what is left to the portal.
    fn divided(
        &self,
        router: &Router,
        wanted: RouterChanges,
        guarded: &Guarded,
    ) -> (RouterChanges, RouterChanges) {
        let (address_list, rows_left) = divided_rows(router, wanted.address_list, &guarded.rows);
        let (bindings, bindings_left) = self.divided_bindings(router, wanted.bindings, guarded);
        let done = RouterChanges {
            address_list,
            bindings,
            hotspot_users: wanted.hotspot_users,
        };
        let left = RouterChanges {
            address_list: rows_left,
            bindings: bindings_left,
            hotspot_users: MenuDifference::default(),
        };
        (done, left)
    }

    fn divided_bindings(
        &self,
        router: &Router,
        wanted: MenuDifference<Binding>,
        guarded: &Guarded,
    ) -> (MenuDifference<Binding>, MenuDifference<Binding>) {
        let is_guarded = |id: &String| guarded.bindings.contains(id);
        let (kept, removed) = wanted.removed.into_iter().partition(is_guarded);
        let mut done = MenuDifference {
            removed,
            added: wanted.added,
            changed: Vec::new(),
        };
        let mut left = MenuDifference {
            removed: kept,
            ..MenuDifference::default()
        };
        for (id, mut fields) in wanted.changed {
            if !is_guarded(&id) {
                done.changed.push((id, fields));
                continue;
            }
            let row = router.bindings.iter().find(|row| row.id == id);
            let comment = row.and_then(|row| row.fields.comment.as_deref());
            let comment = comment.unwrap_or_default();
            if !self.is_only_named(comment) {
                left.changed.push((id, fields));
                continue;
            }
            fields.retain(|change| {
                let after = change.after.as_deref().unwrap_or_default();
                change.field != "comment" || naming_parts(after) == naming_parts(comment)
            });
            if !fields.is_empty() {
                done.changed.push((id, fields));
            }
        }
        (done, left)
    }
}

fn divided_rows(
    router: &Router,
    wanted: MenuDifference<ListEntry>,
    guarded: &HashSet<String>,
) -> (MenuDifference<ListEntry>, MenuDifference<ListEntry>) {
    let (kept, removed): (Vec<_>, Vec<_>) =
        (wanted.removed.into_iter()).partition(|id| guarded.contains(id));
    let (unchanged, changed): (Vec<_>, Vec<_>) =
        (wanted.changed.into_iter()).partition(|(id, _)| guarded.contains(id));
    // A list has an address once.
    let stays = router
        .address_list
        .iter()
        .filter(|row| kept.contains(&row.id));
    let stays: HashSet<(&str, &str)> = stays
        .map(|row| (row.fields.list.as_str(), row.fields.address.as_str()))
        .collect();
    let (double, added): (Vec<_>, Vec<_>) = (wanted.added.into_iter())
        .partition(|row| stays.contains(&(row.list.as_str(), row.address.as_str())));
    let done = MenuDifference {
        removed,
        added,
        changed,
    };
    let left = MenuDifference {
        removed: kept,
        added: double,
        changed: unchanged,
    };
    (done, left)
}

/// Makes of each row that goes and one that comes in its place one that changes: `now` as `keep` leaves it.
fn paired<T: Fields + Clone>(
    difference: MenuDifference<T>,
    rows: &[Row<T>],
    is_in_place: impl Fn(&Row<T>, &T) -> bool,
    keep: impl Fn(&T, &mut T),
) -> MenuDifference<T> {
    let gone: HashSet<&String> = difference.removed.iter().collect();
    let mut gone: Vec<&Row<T>> = rows.iter().filter(|row| gone.contains(&row.id)).collect();
    let (mut added, mut changed) = (Vec::new(), difference.changed);
    for mut row in difference.added {
        let Some(like) = gone.iter().position(|gone| is_in_place(gone, &row)) else {
            added.push(row);
            continue;
        };
        let before = gone.remove(like);
        keep(&before.fields, &mut row);
        let fields = changed_fields(&before.fields, &row);
        if !fields.is_empty() {
            changed.push((before.id.clone(), fields));
        }
    }
    MenuDifference {
        removed: gone.into_iter().map(|row| row.id.clone()).collect(),
        added,
        changed,
    }
}

/// The same without comments that only get another time, which nobody reads: the sync writes one wherever it
/// repairs a binding, and where two users put one address on a list in turn.
fn without_new_times<T>(mut difference: MenuDifference<T>) -> MenuDifference<T> {
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    for (_, fields) in &mut difference.changed {
        fields.retain(|change| {
            let comments = [&change.before, &change.after].map(text);
            change.field != "comment" || without_time(&comments[0]) != without_time(&comments[1])
        });
    }
    difference.changed.retain(|(_, fields)| !fields.is_empty());
    difference
}

/// The parts of a comment that do not say when it was written.
fn without_time(comment: &str) -> Vec<&str> {
    let parts = comment.split('|').map(str::trim);
    let is_time = |part: &&str| part.starts_with("date=") || part.starts_with("time=");
    parts.filter(|part| !is_time(part)).collect()
}

fn apply<T: Fields + Clone>(rows: &mut Vec<Row<T>>, difference: MenuDifference<T>, run: usize) {
    let removed: HashSet<String> = difference.removed.into_iter().collect();
    rows.retain(|row| !removed.contains(&row.id));
    for (id, fields) in difference.changed {
        let row = rows.iter_mut().find(|row| row.id == id);
        let Some(row) = row else { continue };
        for change in fields {
            row.fields.set(change.field, change.after);
        }
    }
    let added = difference.added.into_iter().enumerate();
    rows.extend(added.map(|(place, fields)| Row {
        // No id of the router's looks like this.
        id: format!("+{run}.{place}"),
        fields,
    }));
}
