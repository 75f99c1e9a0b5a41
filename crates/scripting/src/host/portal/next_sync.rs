//! What the portal's usage sync does when it runs next.

use rhai::plugin::*;
use rhai::{Dynamic, Map};

use super::super::call;
use super::super::error::{CallResult, HostError};
use super::super::primitive::primitives;
use super::super::readers::{Database, Redis, Routers};
use super::super::value::Value;
use super::access::words::{map, optional, word, words};
use super::raise;
use super::site_state::{self, MenusRead, Sources};
use portal::access::RouterChanges;
use portal::sync::{
    self, ColumnChange, ColumnValue, Fields, Hindrance, MenuDifference, NextSync, Surroundings,
    hindrances,
};

primitives! {
    NEXT_SYNC: (Database, Redis, Routers) = reads next_sync();
    _: (Database, Redis, Routers) = reads next_sync(Value);
}

/// The next run of the usage sync.
#[export_module]
pub mod next_sync_module {
    use super::*;

    /// What the usage sync does if it begins now, its throttle and its locks passed: to users, rows
    /// of the address-lists, ip-bindings, hotspot users and leases. It reads the tables `users` and
    /// `user_devices`, the settings, these menus of the router each once, hosts and ARP, and the
    /// sync's keys in Redis, so the runbook reads from `db`, `mikrotik` and `redis`.
    ///
    /// Gives a map: `assumes` is `runs_now`; `would_run`, and `why_not` it would not: `throttled`
    /// (the last run ended less than an interval ago), `locked` (a run holds a lock; one whose run
    /// is gone is taken over), `breaker_open` (the portal does not ask the router for a while),
    /// `router_unreachable` (from here; such a run changes nothing, and all that follows is empty),
    /// `redis_unreachable` (from here), `schedule_invalid` (see `portal::schedule_problems`), `beat_dead`
    /// (no run has ended for four intervals, and no other task that beat starts has left a sign: beat or
    /// the worker is dead), `sync_dead` (the same, though other tasks of beat run). `looked_at` are the ids of the users that it
    /// decides about, in its order; `users` has by id the columns that change, as `[before, after]`.
    /// `address_list`, `ip_binding`, `hotspot_user` and `dhcp_lease` each have `removed` (ids),
    /// `added` (whole rows) and `changed` (by id the fields, as `[before, after]`). Values are the
    /// router's own words, `()` is absent, and date and time in comments that it writes are `<date>`
    /// and `<time>`. A row that is removed and added again stands in both.
    /// Fails as a service fails; a router or a Redis that cannot be reached is a reason and no error.
    ///
    /// ```rhai
    /// let next = portal::next_sync();
    /// assert(next.looked_at.len() > 0, "the demo has users");
    /// assert_eq(next.why_not, ["locked", "beat_dead"]);
    /// ```
    #[rhai_fn(return_raw)]
    pub fn next_sync(context: NativeCallContext) -> CallResult<Dynamic> {
        next(&context, MenusRead::default())
    }

    /// The same by rows of the router that the runbook has read already, so that they are not read
    /// again: a map of some of `address_list`, `bindings`, `hosts`, `leases` and `arp`, each with all
    /// fields that the sync looks at.
    ///
    /// ```rhai
    /// let arp = mikrotik::rows("/ip/arp", #{}, [".id", "mac-address", "address", "comment"]);
    /// assert_eq(portal::next_sync(#{ arp: arp }).looked_at, portal::next_sync().looked_at);
    /// ```
    #[rhai_fn(name = "next_sync", return_raw)]
    pub fn next_sync_by(context: NativeCallContext, read: Map) -> CallResult<Dynamic> {
        let read = MenusRead::of(&read).map_err(|error| raise(&context, error))?;
        next(&context, read)
    }
}

fn next(context: &NativeCallContext, read: MenusRead) -> CallResult<Dynamic> {
    let host = call::host(context)?;
    let (now, time_zone) = (host.now(), host.time_zone());
    let settings = host.settings();
    let what = "what the next sync does";
    call::value(context, &NEXT_SYNC, what, move |services| async move {
        let (database, redis, routers) = &services;
        let database = database.open().await?;
        let settings = settings.read(&database).await?;
        let redis = reached(redis.open().await.map_err(HostError::from))?;
        let Some(_) = reached(routers.open().await.map_err(HostError::from))? else {
            let keys = site_state::keys_alone(redis.as_deref()).await?;
            let around = Surroundings {
                keys: keys.as_ref(),
                reaches_router: false,
                settings: &settings,
                now,
            };
            return Ok(described(&NextSync::default(), &hindrances(&around)));
        };
        let sources = Sources {
            database,
            redis,
            routers,
        };
        let users = site_state::users(&sources.database);
        let reading = site_state::read(&sources, users, settings, read, (now, time_zone));
        let (site, keys) = reading.await?;
        let around = Surroundings {
            keys: keys.as_ref(),
            reaches_router: true,
            settings: &site.settings,
            now,
        };
        Ok(described(&sync::next_sync(&site), &hindrances(&around)))
    })
}

/// A service, or `None` where it cannot be reached.
///
/// # Errors
/// It is not there for another reason.
fn reached<T>(opened: Result<T, HostError>) -> Result<Option<T>, HostError> {
    match opened {
        Ok(service) => Ok(Some(service)),
        Err(error) if error.kind.is_unreachable() => Ok(None),
        Err(error) => Err(error),
    }
}

/// What the next usage sync does, as scripts see it.
pub fn described(next: &NextSync, why_not: &[Hindrance]) -> Value {
    let ids = next.looked_at.iter().map(|id| word(&id.to_string()));
    let users = next.users.iter();
    let users = users.map(|(id, changes)| (id.to_string(), columns(changes)));
    map([
        ("assumes", word("runs_now")),
        ("would_run", Value::Bool(why_not.is_empty())),
        (
            "why_not",
            words(why_not.iter().map(|hindrance| hindrance.word())),
        ),
        ("looked_at", Value::Array(ids.collect())),
        ("users", Value::Map(users.collect())),
        ("address_list", menu(&next.address_list)),
        ("ip_binding", menu(&next.bindings)),
        ("hotspot_user", menu(&next.hotspot_users)),
        ("dhcp_lease", menu(&next.leases)),
    ])
}

/// One user's part of a run.
pub fn of_one(run: &NextSync) -> Value {
    let users = run.users.iter().map(|(_, changes)| columns(changes)).next();
    map([
        ("looked_at", Value::Bool(!run.looked_at.is_empty())),
        ("users", users.unwrap_or_else(|| columns(&[]))),
        ("address_list", menu(&run.address_list)),
        ("ip_binding", menu(&run.bindings)),
        ("hotspot_user", menu(&run.hotspot_users)),
        ("dhcp_lease", menu(&run.leases)),
    ])
}

/// What becomes of the menus that decide about access.
pub fn of_router(changes: &RouterChanges) -> Value {
    map([
        ("address_list", menu(&changes.address_list)),
        ("ip_binding", menu(&changes.bindings)),
        ("hotspot_user", menu(&changes.hotspot_users)),
    ])
}

fn columns(changes: &[ColumnChange]) -> Value {
    let changes = changes.iter().map(|change| {
        let pair = vec![column(&change.before), column(&change.after)];
        (change.column.to_owned(), Value::Array(pair))
    });
    Value::Map(changes.collect())
}

fn column(value: &ColumnValue) -> Value {
    match value {
        ColumnValue::Null => Value::Unit,
        ColumnValue::Truth(truth) => Value::Bool(*truth),
        ColumnValue::Whole(number) => Value::Int(*number),
        ColumnValue::Decimal(number) => Value::Float(*number),
        ColumnValue::Text(text) => word(text),
    }
}

fn menu<T: Fields>(difference: &MenuDifference<T>) -> Value {
    let removed = difference.removed.iter().map(|id| word(id));
    let added = difference.added.iter().map(|row| {
        let fields = row.fields().into_iter();
        map(fields.map(|(name, text)| (name, optional(text))))
    });
    let changed = difference.changed.iter().map(|(id, fields)| {
        let fields = fields.iter().map(|change| {
            let pair = [&change.before, &change.after];
            let pair = pair.map(|text| optional(text.as_deref()));
            (change.field, Value::Array(pair.into()))
        });
        (id.clone(), map(fields))
    });
    map([
        ("removed", Value::Array(removed.collect())),
        ("added", Value::Array(added.collect())),
        ("changed", Value::Map(changed.collect())),
    ])
}
