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

/// What on the router decides about a device.
#[derive(Clone, Copy, Debug)]
pub(super) enum Decisive<'site> {
    Row(ListRow<'site>),
    Binding(&'site Row<Binding>),
    HotspotUser(&'site Row<HotspotUser>),
    NoHotspotUser,
    Nothing,
}

/// How a device is treated.
#[derive(Clone, Debug)]
pub(super) struct Treatment<'site> {
    pub(super) passage: Passage,
    /// All that makes it so, each without the others, what says most first; nothing where no row stands
    /// for it.
    pub(super) makers: Vec<Decisive<'site>>,
}

/// What a binding does.
#[derive(Clone, Copy, Debug)]
pub(super) struct Acts {
    pub(super) kind: BindingType,
    pub(super) is_in_force: bool,
}

impl Acts {
    pub(super) fn of(binding: &Binding) -> Acts {
        Acts {
            kind: kind_of(binding),
            is_in_force: is_in_force(binding),
        }
    }
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
    let bindings = view.bindings(&device.mac);
    let of_kind = |kind| {
        let bindings = bindings.iter().filter(|row| is_in_force(&row.fields));
        let bindings = bindings.filter(move |row| kind_of(&row.fields) == kind);
        bindings.map(|row| Decisive::Binding(row))
    };
    let passes = device.is_bypassed || device.is_logged_in;
    let is_bypassed = of_kind(BindingType::Bypassed).next().is_some();
    let at_login = match login {
        Login::Shut(user) => Some(Decisive::HotspotUser(user)),
        Login::Missing => Some(Decisive::NoHotspotUser),
        Login::Works => None,
    };
    let mut makers: Vec<Decisive<'_>> = shutting_out(rows).map(Decisive::Row).collect();
    if !passes {
        makers.extend(of_kind(BindingType::Blocked));
    }
    if !makers.is_empty() {
        // A login comes after all of these.
        makers.extend(at_login.filter(|_| !passes && !is_bypassed));
        return Treatment {
            passage: Passage::Cut,
            makers,
        };
    }
    if passes || is_bypassed {
        let slow = rows.iter().filter(|row| row.kind == ListKind::Fup);
        let slow: Vec<Decisive<'_>> = slow.map(|row| Decisive::Row(*row)).collect();
        if !slow.is_empty() {
            return Treatment {
                passage: Passage::Slowed,
                makers: slow,
            };
        }
        return Treatment {
            passage: Passage::Open,
            makers: of_kind(BindingType::Bypassed).collect(),
        };
    }
    match at_login {
        Some(shut) => Treatment {
            passage: Passage::LoginFails,
            makers: vec![shut],
        },
        None => Treatment {
            passage: Passage::Login,
            makers: of_kind(BindingType::Regular).take(1).collect(),
        },
    }
}

/// How far the device comes after tasks, one after the other; `None` where they have nothing to do with
/// it. Logins and hotspot users stay as they are; a device is let pass by its bindings as soon as a task
/// writes one. What the first task puts on lists counts: the others would see it there.
pub(super) fn passage_after<'site>(
    view: &View<'site>,
    tasks: &[&Patch<'site>],
    device: &Whereabouts,
    rows: &[ListRow<'site>],
    login: Login<'_>,
) -> Option<Passage> {
    let added = device.addresses.iter();
    let added = added.filter_map(|address| Some(tasks.first()?.added_rows.over(*address)));
    let added: Vec<ListRow<'_>> = added.flatten().collect();
    let bindings = view.bindings(&device.mac);
    let is_touched = tasks.iter().any(|task| {
        let ids = bindings.iter().map(|row| row.id.as_str());
        task.touches_bindings(&device.mac, ids)
    });
    let removes = |row: &ListRow<'_>| tasks.iter().any(|task| task.removes_row(row.id));
    if added.is_empty() && !rows.iter().any(removes) && !is_touched {
        return None;
    }
    let kept = rows.iter().filter(|row| !removes(row));
    let rows: Vec<ListRow<'_>> = kept.chain(&added).copied().collect();
    Some(passage_of(view, tasks, device, (&rows, is_touched), login))
}

fn passage_of(
    view: &View<'_>,
    tasks: &[&Patch<'_>],
    device: &Whereabouts,
    (rows, is_touched): (&[ListRow<'_>], bool),
    login: Login<'_>,
) -> Passage {
    if shutting_out(rows).next().is_some() {
        return Passage::Cut;
    }
    let bindings = view.bindings(&device.mac).iter();
    let kept = bindings.filter_map(|row| {
        let mut tasks = tasks.iter();
        tasks.try_fold(Acts::of(&row.fields), |acts, task| {
            task.binding(&row.id, acts)
        })
    });
    let kept = kept.filter(|acts| acts.is_in_force);
    let mut kinds: Vec<BindingType> = kept.map(|acts| acts.kind).collect();
    let added = tasks
        .iter()
        .flat_map(|task| task.added_bindings(&device.mac));
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
    over.filter(ListRow::is_in_force).collect()
}

/// The rows that shut out, the one that says most first.
fn shutting_out<'rows, 'site>(
    rows: &'rows [ListRow<'site>],
) -> impl Iterator<Item = ListRow<'site>> + 'rows {
    let of_kind = move |kind: &ListKind| {
        let kind = *kind;
        rows.iter().filter(move |row| row.kind == kind).copied()
    };
    SHUTTING_OUT.iter().flat_map(of_kind)
}

fn is_in_force(binding: &Binding) -> bool {
    binding.disabled.as_deref() != Some("true")
}

/// A binding without a type is a regular one.
pub(super) fn kind_of(binding: &Binding) -> BindingType {
    kind_of_word(binding.kind.as_deref().unwrap_or_default())
}

pub(super) fn kind_of_word(word: &str) -> BindingType {
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
