//! How the router treats a device, and which row makes it.

use super::list_index::ListRow;
use super::patch::Patch;
use super::view::View;
use super::whereabouts::Whereabouts;
use crate::block::BindingType;
use crate::list_name::ListKind;
use crate::sync::{Binding, HotspotUser, Row};

/// How far a device comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Passage {
    /// Nowhere.
    Cut,
    /// Into the internet, slowly.
    Slowed,
    /// Into the internet.
    Open,
    /// To the login.
    Login,
    /// To a login that cannot succeed.
    LoginFails,
}

impl Passage {
    /// The stable word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Passage::Cut => "cut",
            Passage::Slowed => "slowed",
            Passage::Open => "open",
            Passage::Login => "login",
            Passage::LoginFails => "login_fails",
        }
    }
}

/// The row that decides about a device.
#[derive(Clone, Copy, Debug)]
pub(super) enum Decisive<'site> {
    Row(ListRow<'site>),
    Binding(&'site Row<Binding>),
    HotspotUser(&'site Row<HotspotUser>),
    NoHotspotUser,
    Nothing,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Treatment<'site> {
    pub(super) passage: Passage,
    pub(super) decisive: Decisive<'site>,
}

/// The lists that shut an address out, the one that says most first.
const SHUTTING_OUT: [ListKind; 5] = [
    ListKind::Blocked,
    ListKind::Inactive,
    ListKind::Unauthorized,
    ListKind::Expired,
    ListKind::Habis,
];

/// What comes of a login.
#[derive(Clone, Copy, Debug)]
pub(super) enum Login<'site> {
    Works,
    /// Nobody can log in as the hotspot user.
    Shut(&'site Row<HotspotUser>),
    /// The router has hotspot users, but not this one.
    Missing,
}

impl<'site> Login<'site> {
    pub(super) fn of(view: &View<'site>, name: &str) -> Self {
        match view.hotspot_user(name) {
            Some(user) if is_shut(&user.fields) => Login::Shut(user),
            None if view.has_hotspot_users() => Login::Missing,
            _ => Login::Works,
        }
    }
}

/// How the router treats a device, over whose addresses are these `rows`.
pub(super) fn treatment<'site>(
    view: &View<'site>,
    device: &Whereabouts,
    rows: &[ListRow<'site>],
    login: Login<'site>,
) -> Treatment<'site> {
    if let Some(row) = shutting_out(rows) {
        return Treatment {
            passage: Passage::Cut,
            decisive: Decisive::Row(row),
        };
    }
    let bindings = view.bindings(&device.mac);
    let of_kind = |kind| {
        let mut bindings = bindings.iter().filter(|row| is_in_force(&row.fields));
        bindings.find(|row| kind_of(&row.fields) == kind).copied()
    };
    let passes = device.is_bypassed || device.is_logged_in;
    if let Some(row) = of_kind(BindingType::Blocked).filter(|_| !passes) {
        return Treatment {
            passage: Passage::Cut,
            decisive: Decisive::Binding(row),
        };
    }
    let bypass = of_kind(BindingType::Bypassed);
    if passes || bypass.is_some() {
        if let Some(row) = rows.iter().find(|row| row.kind == ListKind::Fup) {
            return Treatment {
                passage: Passage::Slowed,
                decisive: Decisive::Row(*row),
            };
        }
        return Treatment {
            passage: Passage::Open,
            decisive: bypass.map_or(Decisive::Nothing, Decisive::Binding),
        };
    }
    let (passage, decisive) = match login {
        Login::Shut(user) => (Passage::LoginFails, Decisive::HotspotUser(user)),
        Login::Missing => (Passage::LoginFails, Decisive::NoHotspotUser),
        Login::Works => {
            let regular = of_kind(BindingType::Regular);
            let decisive = regular.map_or(Decisive::Nothing, Decisive::Binding);
            (Passage::Login, decisive)
        }
    };
    Treatment { passage, decisive }
}

/// How far the device comes after a task; `None` where the task has nothing to do with it. Logins and
/// hotspot users stay as they are; a device is let pass by its bindings as soon as the task writes one.
pub(super) fn passage_after<'site>(
    view: &View<'site>,
    patch: &Patch<'site>,
    device: &Whereabouts,
    rows: &[ListRow<'site>],
    login: Login<'_>,
) -> Option<Passage> {
    let added = device.addresses.iter();
    let added: Vec<ListRow<'_>> = added
        .flat_map(|address| patch.added_rows.over(*address))
        .collect();
    let bindings = view.bindings(&device.mac);
    let ids = bindings.iter().map(|row| row.id.as_str());
    let is_touched = patch.touches_bindings(&device.mac, ids);
    let removes = rows.iter().any(|row| patch.removes_row(row.id));
    if added.is_empty() && !removes && !is_touched {
        return None;
    }
    let kept = rows.iter().filter(|row| !patch.removes_row(row.id));
    let rows: Vec<ListRow<'_>> = kept.chain(&added).copied().collect();
    Some(passage_of(view, patch, device, (&rows, is_touched), login))
}

fn passage_of(
    view: &View<'_>,
    patch: &Patch<'_>,
    device: &Whereabouts,
    (rows, is_touched): (&[ListRow<'_>], bool),
    login: Login<'_>,
) -> Passage {
    if shutting_out(rows).is_some() {
        return Passage::Cut;
    }
    let bindings = view.bindings(&device.mac);
    let kept = bindings
        .iter()
        .filter_map(|row| patch.binding(&row.id, &row.fields));
    let kept = kept.filter(|binding| is_in_force(binding));
    let mut kinds: Vec<BindingType> = kept.map(|binding| kind_of(&binding)).collect();
    let added = patch.added_bindings(&device.mac).iter();
    kinds.extend(added.map(|binding| kind_of(binding)));
    let passes = !is_touched && (device.is_bypassed || device.is_logged_in);
    if kinds.contains(&BindingType::Blocked) && !passes {
        return Passage::Cut;
    }
    if passes || kinds.contains(&BindingType::Bypassed) {
        let is_slow = rows.iter().any(|row| row.kind == ListKind::Fup);
        return if is_slow {
            Passage::Slowed
        } else {
            Passage::Open
        };
    }
    match login {
        Login::Works => Passage::Login,
        Login::Shut(_) | Login::Missing => Passage::LoginFails,
    }
}

/// The rows in force over the device's addresses.
pub(super) fn rows<'site>(view: &View<'site>, device: &Whereabouts) -> Vec<ListRow<'site>> {
    let over = device.addresses.iter();
    let over = over.flat_map(|address| view.lists.over(*address));
    over.filter(is_row_in_force).collect()
}

fn is_row_in_force(row: &ListRow<'_>) -> bool {
    row.entry.disabled.as_deref() != Some("true")
}

fn shutting_out<'site>(rows: &[ListRow<'site>]) -> Option<ListRow<'site>> {
    let mut kinds = SHUTTING_OUT.iter();
    kinds.find_map(|kind| rows.iter().find(|row| row.kind == *kind).copied())
}

fn is_in_force(binding: &Binding) -> bool {
    binding.disabled.as_deref() != Some("true")
}

/// A binding without a type is a regular one.
pub(super) fn kind_of(binding: &Binding) -> BindingType {
    let word = binding.kind.as_deref().unwrap_or_default();
    BindingType::of(word).unwrap_or(BindingType::Regular)
}

/// Whether nobody can log in as this hotspot user: disabled, or with the limits that the blocks for
/// debts leave.
pub(super) fn is_shut(user: &HotspotUser) -> bool {
    let is_least = |text: &Option<String>, least: [&str; 2]| {
        text.as_deref()
            .is_some_and(|text| least.contains(&text.trim()))
    };
    user.disabled.as_deref() == Some("true")
        || is_least(&user.limit_bytes, ["1", "1B"])
        || is_least(&user.limit_uptime, ["1s", "00:00:01"])
}
