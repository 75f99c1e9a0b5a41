//! Who gets which network access, why, who would change it, and what can be done.

mod beside;
mod doubted;
mod model;
mod tables;
pub mod words;

use std::sync::Arc;

use rhai::plugin::*;
use rhai::{Dynamic, Map};

use super::super::call;
use super::super::error::{CallResult, HostError, Kind};
use super::super::given::fields_of_row;
use super::super::primitive::primitives;
use super::super::read::Answer;
use super::super::readers::{Database, Redis, Routers};
use super::super::rows::Rows;
use super::super::value::Value;
use super::site_state::{self, MenusRead, Sources};
use super::{next_sync, raise};
use beside::{Beside, Missing};
use model::Model;
use portal::access::{Circumstances, Foretold, Guarded, SyncHealth, access, count};
use portal::list_name::ListKind;
use portal::sync::{Hindrance, RunKeys, Site, Surroundings, hindrances};
use tables::{Of, Told};
use words::{map, optional, word};

primitives! {
    ACCESS: (Database, Redis, Routers) = reads access();
    _: (Database, Redis, Routers) = reads access(Value);
}

/// The access of everybody on a site.
#[export_module]
pub mod access_module {
    use super::*;

    /// Who gets which network access: for each user, each device and each row of the portal's lists
    /// what the portal wants, what the router does, what that does to the person, why, who changes it
    /// and when, and what can be done at what cost. All of the site is read once, side by side: the
    /// tables `users`, `user_devices`, `user_quota_debts`, `transactions` and `quota_mutation_ledger`,
    /// the settings, the menus of `portal::next_sync`, and the sync's keys in Redis; so the runbook
    /// reads from `db`, `mikrotik` and `redis`.
    ///
    /// Gives a map of rows: `users`, `devices`, `rows` and `disagreements`; and of
    /// `counts` (how many disagreements there are, by kind, all kinds), `next_sync` (as
    /// `portal::next_sync` gives it; `()` without Redis), `sync_health` (`state`: `runs`, `dead` or
    /// `unknown`; `since` when it is dead) and `remarks`, what could not be looked at: each has
    /// `missing` (`table`, `column` or `redis`) with `table` and `column`, or with `error`. Where
    /// Redis is not configured or does not answer, the rest is told without it.
    ///
    /// Users and devices have `effect` (`cut_off`, `let_through`, `slowed`, `login_fails`, `none`),
    /// `is_right` (the portal wants it so), `cause` (a map of `kind`, `list`, `address`, `id` and
    /// `setting`; of several things that do the same the one that stays longest) and its kind as `cause_kind`,
    /// `other_causes` (the others, each with its own `changed_by`) and `other_makers` (the same in a word each), `changed_by` (`usage_sync`, `overdue_block`,
    /// `end_of_month_block`, `unauthorized_sync`, `parity_guard`, `payment`, `operator`, `nobody`,
    /// `unknown`), `when` (a time, where it is fixed), and `advice`, an array of maps of `kind`, `cost`
    /// (`none`, `settles_debts`, `resets_password`, `disconnects`), `id`, `setting`, `least_mb`, `binding`
    /// (the type that the binding is to have), and of a row of a list `list`, `address` and `devices` (how many
    /// devices it lies over).
    /// Where the name of a list that decides is not set and not known to the router, while other lists carry
    /// the portal's comments, nothing is told: the cause is `setting_missing`, `changed_by` is `unknown`.
    ///
    /// Users have besides: `id`, `phone`, `name`, `block`, `room`, `role`, `is_blocked` (in the
    /// database), `wanted` (a map of `status`, `block`, `list`, `binding`, `profile` and `is_synced`;
    /// `()` where the used quota is no number) and its `status`, `is_online` (with any device), the `device` that the
    /// verdict is about (`is_device_online`) with its `address`, `passage` (`cut`, `slowed`, `open`, `login`,
    /// `login_fails`) and `lists`, `hotspot_user` (the router's id), `is_login_shut` (limits of a block are left
    /// on it), `automatic_debt_mb`, `manual_debt_mb`, `payment` (`state`: `credited`, `not_credited`,
    /// `pending`, `expired`, `failed`; `order_id`, `amount_rp`, `at`; `()` for none), `payment_state` and `coming`,
    /// what tasks will do (`by`, `at`), and `ways`, the steps of advice that give a right to access, or to
    /// full speed, to somebody who has none. Two more are worked out where they are touched, and `()` without
    /// Redis: `next_sync`, the user's part of what `portal::next_sync` gives (`looked_at` is whether the sync
    /// decides about the user, `users` the columns), an address with all its rows; and `repair`: what brings the user to rest on the router, so that
    /// no run of the sync finds more to do while the database is as it is. It has `changes` and what is `left` because rows are guarded
    /// (see `access(rows)`), each with `address_list`, `ip_binding` and `hotspot_user` as there; a row that the
    /// sync removes and adds again is one that is `changed`.
    ///
    /// Devices: `mac`, `owner` (`user`, `gone`, `nobody`) with `user_id`, `phone`, `name`, `role` or `token` (`who` is the phone or the token),
    /// `status` of the user, `is_stored` in the table, `is_authorized`, `is_random`, `is_online`,
    /// `address`, `addresses`, `lists`, `rows` and `bindings` (the router's ids), `passage`.
    /// Rows: `id`, `list`, `kind` (the list's word), `address`, `comment`, `timeout`, the `owner` that
    /// the comment names, `is_in_force`, `is_wide` (a network or a range), `covers` (how many rows for one
    /// address alone lie under a wide one), `devices` (MACs) and `users` (ids, of authorized devices) at its address, `is_online`, the list that is `wanted` there,
    /// `is_right`, its `effect` where it decides wrongly, and `removed_by`, also as `changed_by`.
    /// Disagreements: `kind` (`online_without_right`, `status_and_unauthorized`,
    /// `several_status_lists`, `authorized_without_binding`, `status_without_binding`,
    /// `binding_lease_differ`), `subject` (the router's id, or a MAC), `address`, `mac`, the owner,
    /// a `key` that stays when the row is written anew, `lists` at the address, `changed_by`.
    /// Fails as a service fails.
    ///
    /// ```rhai
    /// let access = portal::access();
    /// let cut_off = access.users.where(#{ effect: "cut_off", is_right: false });
    /// for user in cut_off { log::info(`${user.name}: ${user.cause.kind}, ${user.changed_by}`); }
    /// assert_eq(access.counts.several_status_lists, access.disagreements.where(#{ kind: "several_status_lists" }).len());
    /// ```
    #[rhai_fn(return_raw)]
    pub fn access(context: NativeCallContext) -> CallResult<Dynamic> {
        told(&context, MenusRead::default(), Guarded::default())
    }

    /// The same by rows of the router that the runbook has read already, so that they are not read
    /// again; see `portal::next_sync`. `guarded` beside them is a map of `address_list` and `bindings`, as
    /// `mikrotik::guarded` gives them: of what a user's `repair` would do to these rows it does what may be
    /// done, and the rest is `left`.
    ///
    /// ```rhai
    /// let arp = mikrotik::rows("/ip/arp", #{}, [".id", "mac-address", "address", "comment"]);
    /// assert_eq(portal::access(#{ arp: arp }).counts, portal::access().counts);
    /// ```
    #[rhai_fn(name = "access", return_raw)]
    pub fn access_by(context: NativeCallContext, mut read: Map) -> CallResult<Dynamic> {
        let guarded = read
            .remove("guarded")
            .map_or(Ok(Guarded::default()), guarded_of);
        let guarded = guarded.map_err(|error| raise(&context, error))?;
        let read = MenusRead::of(&read).map_err(|error| raise(&context, error))?;
        told(&context, read, guarded)
    }
}

/// The rows that a script calls guarded.
fn guarded_of(given: Dynamic) -> Result<Guarded, HostError> {
    let mut guarded = Guarded::default();
    for (name, rows) in given.try_cast::<Map>().unwrap_or_default() {
        let place = match name.as_str() {
            "address_list" => &mut guarded.rows,
            "bindings" => &mut guarded.bindings,
            _ => {
                let wrong = format!("`{name}` is nothing that can be guarded");
                return Err(HostError::invalid(wrong).hint("give address_list and bindings"));
            }
        };
        let Some(rows) = rows.try_cast::<Rows>() else {
            return Err(HostError::invalid(format!("`{name}` holds no rows")));
        };
        let view = rows.resolve()?;
        let ids =
            (0..view.len()).map(|place| fields_of_row(&view.row(place)).text(".id").to_owned());
        place.extend(ids);
    }
    Ok(guarded)
}

fn told(context: &NativeCallContext, read: MenusRead, guarded: Guarded) -> CallResult<Dynamic> {
    let host = call::host(context)?;
    let (now, time_zone) = (host.now(), host.time_zone());
    let settings = host.settings();
    let what = "who gets which access";
    call::answer(context, &ACCESS, what, move |services| async move {
        let (database, redis, routers) = &services;
        let database = database.open().await?;
        let settings = settings.read(&database).await?;
        let (redis, without_redis) = match redis.open().await.map_err(HostError::from) {
            Ok(redis) => (Some(redis), None),
            Err(error) if error.kind.is_unreachable() || error.kind == Kind::NotConfigured => {
                (None, Some(error))
            }
            Err(error) => return Err(error),
        };
        let sources = Sources {
            database,
            redis,
            routers,
        };
        let mut beside = Beside::default();
        let users = beside::read(&sources.database, &mut beside);
        let reading = site_state::read(&sources, users, settings, read, (now, time_zone));
        let (site, keys) = reading.await?;
        let doubted = doubted::lists(sources.routers, &site).await?;
        Ok(judged(
            (site, guarded),
            keys.as_ref(),
            (beside, doubted),
            without_redis,
        ))
    })
}

/// Judges the site as it was read.
fn judged(
    (mut site, guarded): (Site, Guarded),
    keys: Option<&RunKeys>,
    (beside, doubted): (Beside, Vec<ListKind>),
    without_redis: Option<HostError>,
) -> Answer {
    let payments = beside.payments(&site.settings, site.now);
    let Beside {
        people,
        debts,
        missing,
        ..
    } = beside;
    site.debts = debts;
    let sync = keys.map_or(SyncHealth::Unknown, |keys| {
        SyncHealth::of(keys, &site.settings, site.now)
    });
    // Of a Redis that nobody configured nothing is known, of one that is away that no run begins.
    let is_away = without_redis
        .as_ref()
        .is_some_and(|error| error.kind.is_unreachable());
    let why_not = (keys.is_some() || is_away).then(|| {
        hindrances(&Surroundings {
            keys,
            reaches_router: true,
            settings: &site.settings,
            now: site.now,
        })
    });
    let owing = site.users.iter().zip(&people);
    let owing = owing.filter(|(_, person)| person.manual_debt_mb > 0);
    let circumstances = Circumstances {
        sync,
        manual_debt_mb: owing
            .map(|(user, person)| (user.id, person.manual_debt_mb))
            .collect(),
        payments: payments.clone(),
        doubted,
    };
    let foretold = Foretold::of(&site);
    let access = access(&site, &circumstances, &foretold);
    let model = Arc::new(Model::new(
        site,
        access,
        &foretold,
        (people, payments),
        (keys.is_some(), guarded),
    ));
    let table = |of| Answer::Table(Told::table(&model, of));
    let rest = [
        ("counts", counts(&model)),
        ("next_sync", next(&foretold, why_not.as_deref())),
        ("sync_health", health(sync)),
        ("remarks", remarks(&missing, without_redis.as_ref())),
    ];
    let mut parts = vec![
        ("users", table(Of::Users)),
        ("devices", table(Of::Devices)),
        ("rows", table(Of::Rows)),
        ("disagreements", table(Of::Disagreements)),
    ];
    parts.extend(rest.map(|(name, value)| (name, Answer::Value(value))));
    Answer::Map(parts)
}

fn counts(model: &Model) -> Value {
    let counts = count(&model.site, &model.access).map(|(kind, number)| {
        let number = i64::try_from(number).unwrap_or(i64::MAX);
        (kind.word(), Value::Int(number))
    });
    map(counts)
}

fn next(foretold: &Foretold, why_not: Option<&[Hindrance]>) -> Value {
    why_not.map_or(Value::Unit, |why_not| {
        next_sync::described(&foretold.usage_sync, why_not)
    })
}

fn health(sync: SyncHealth) -> Value {
    map([("state", word(sync.word())), ("since", sync.since().into())])
}

/// What could not be looked at.
fn remarks(missing: &[Missing], without_redis: Option<&HostError>) -> Value {
    let of_tables = missing.iter().map(|missing| {
        let what = missing.column.map_or("table", |_| "column");
        map([
            ("missing", word(what)),
            ("table", word(missing.table)),
            ("column", optional(missing.column)),
        ])
    });
    let of_redis = without_redis.map(|error| {
        map([
            ("missing", word("redis")),
            ("error", word(&error.to_string())),
        ])
    });
    Value::Array(of_tables.chain(of_redis).collect())
}
