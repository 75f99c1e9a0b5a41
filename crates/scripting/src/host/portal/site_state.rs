//! The state of a site, read in bulk: what decides the next run of the portal's tasks.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use rhai::Map;
use routeros_schema::RouterText;

use super::super::db::QueryTable;
use super::super::error::{HostError, Kind};
use super::super::readers::Routers;
use super::super::rows::{Row as TableRow, Rows, View};
use super::super::value::Value;
use super::columns::Columns;
use portal::list_name::{ListKind, ListName};
use portal::redis_key;
use portal::setting::Settings;
use portal::sync::{
    Arp, Binding, Device, Host, HotspotUser, Lease, ListEntry, Router, Row, RunKeys, Site, User,
};
use portal::user_id::UserId;
use session::RouterReader;
use session::database;
use session::redis::{self, RedisValue};
use session::router::{Print, Query};
use wording::bytes::shown;

/// How many keys are asked for at once.
const KEYS_AT_ONCE: usize = 1000;

/// The columns that [`user`] reads.
pub const USER_COLUMNS: &str = "id, phone_number, role, is_active, approval_status, is_blocked, \
    blocked_reason, is_unlimited_user, total_quota_purchased_mb, total_quota_used_mb, \
    auto_debt_offset_mb, quota_expiry_date, mikrotik_server_name, mikrotik_profile_name";

const DEVICES: &str = "SELECT id, user_id, mac_address, ip_address, is_authorized, last_seen_at, \
    last_bytes_total, last_hotspot_host_id, last_hotspot_uptime_seconds FROM user_devices";

/// The fields of a row of the router, by name.
type FieldsOf<'row> = &'row dyn Fn(&str) -> Option<String>;

/// Rows of the router that were read already.
#[derive(Default)]
pub struct MenusRead {
    address_list: Option<View>,
    bindings: Option<View>,
    hosts: Option<View>,
    leases: Option<View>,
    arp: Option<View>,
}

impl MenusRead {
    /// The rows that a script gives by name, once they are here.
    ///
    /// # Errors
    /// A name is of no menu (kind `invalid`), or a read failed.
    pub fn of(given: &Map) -> Result<Self, HostError> {
        let mut read = MenusRead::default();
        for (name, rows) in given {
            let rows = rows.read_lock::<Rows>().map(|rows| rows.clone());
            let place = read.named(name);
            let (Some(place), Some(rows)) = (place, rows) else {
                return Err(HostError::invalid(format!(
                    "`{name}` is nothing that the next sync could be told by"
                ))
                .hint("give rows as address_list, bindings, hosts, leases or arp"));
            };
            *place = Some(rows.resolve()?);
        }
        Ok(read)
    }

    /// The place of the rows that scripts call `name`.
    fn named(&mut self, name: &str) -> Option<&mut Option<View>> {
        Some(match name {
            "address_list" => &mut self.address_list,
            "bindings" => &mut self.bindings,
            "hosts" => &mut self.hosts,
            "leases" => &mut self.leases,
            "arp" => &mut self.arp,
            _ => return None,
        })
    }
}

/// Where the state is read from.
pub struct Sources<'services> {
    pub database: Arc<database::Database>,
    /// `None` where it is not there: then nothing is known of the sync's runs and of bytes counted before.
    pub redis: Option<Arc<redis::Redis>>,
    pub routers: &'services Routers,
}

/// What Redis holds about the runs of the sync, or `None` where it cannot be reached; the router is not
/// asked.
///
/// # Errors
/// Redis could not be read, for another reason.
pub async fn keys_alone(redis: Option<&redis::Redis>) -> Result<Option<RunKeys>, HostError> {
    run_keys(redis).await
}

/// Reads what the usage sync reads beside its settings and its users: their devices, the router's menus
/// but for those of `read`, and its keys in Redis. Debts are not read: the sync asks for none. `users` is
/// awaited meanwhile.
///
/// # Errors
/// A service could not be read.
pub async fn read(
    sources: &Sources<'_>,
    users: impl Future<Output = Result<Vec<User>, HostError>>,
    settings: Settings,
    read: MenusRead,
    (now, time_zone): (Timestamp, TimeZone),
) -> Result<(Site, Option<RunKeys>), HostError> {
    let redis = sources.redis.as_deref();
    let tables = async {
        let users = users.await?;
        let devices = table(&sources.database, DEVICES, device).await?;
        Ok((users, devices))
    };
    let ((users, devices), router, keys) = tokio::try_join!(
        tables,
        menus(sources.routers, &settings, read),
        run_keys(redis)
    )?;
    let byte_baselines = match redis {
        Some(redis) => baselines(redis, &devices).await?,
        None => HashMap::new(),
    };
    let site = Site {
        now,
        time_zone,
        settings,
        users,
        devices,
        debts: Vec::new(),
        router,
        byte_baselines,
    };
    Ok((site, keys))
}

/// The users.
///
/// # Errors
/// The database could not be read.
pub async fn users(database: &database::Database) -> Result<Vec<User>, HostError> {
    table(database, &format!("SELECT {USER_COLUMNS} FROM users"), user).await
}

/// The rows of a query that can be read.
///
/// # Errors
/// The database could not be read, or refuses the query.
pub async fn table<T>(
    database: &database::Database,
    sql: &str,
    read: fn(&TableRow) -> Result<Option<T>, HostError>,
) -> Result<Vec<T>, HostError> {
    let rows = database.rows(sql, Vec::new()).await?;
    let rows = Rows::of(Arc::new(QueryTable::new(rows))).resolve()?;
    let mut found = Vec::with_capacity(rows.len());
    for row in rows.iter() {
        found.extend(read(&row)?);
    }
    Ok(found)
}

/// A user; one without an id is nobody's the sync could look at.
///
/// # Errors
/// A column was not selected, or cannot be decoded.
pub fn user(row: &TableRow) -> Result<Option<User>, HostError> {
    let mut columns = Columns::of(row);
    let Some(id) = UserId::parse(&columns.text("id")?) else {
        return Ok(None);
    };
    Ok(Some(User {
        id,
        phone_number: columns.text("phone_number")?,
        role: columns.text("role")?,
        is_active: columns.flag("is_active")?,
        is_approved: columns.text("approval_status")? == "APPROVED",
        is_blocked: columns.flag("is_blocked")?,
        blocked_reason: columns.optional_text("blocked_reason")?,
        is_unlimited: columns.flag("is_unlimited_user")?,
        purchased_mb: columns.whole("total_quota_purchased_mb")?,
        used_mb: columns.number("total_quota_used_mb")?.unwrap_or(f64::NAN),
        offset_mb: columns.whole("auto_debt_offset_mb")?,
        expiry: columns.time("quota_expiry_date")?,
        server: columns.optional_text("mikrotik_server_name")?,
        profile: columns.optional_text("mikrotik_profile_name")?,
    }))
}

/// A device, if it is somebody's.
fn device(row: &TableRow) -> Result<Option<Device>, HostError> {
    let mut columns = Columns::of(row);
    let Some(user_id) = UserId::parse(&columns.text("user_id")?) else {
        return Ok(None);
    };
    let is_authorized = columns.flag("is_authorized")?;
    let count = |column| {
        let value = columns.value(column)?;
        let is_there = value != Value::Unit;
        Ok::<_, HostError>(value.key().parse::<i64>().ok().filter(|_| is_there))
    };
    Ok(Some(Device {
        bytes: count("last_bytes_total")?,
        uptime_seconds: count("last_hotspot_uptime_seconds")?,
        id: columns.text("id")?,
        user_id,
        mac: columns.text("mac_address")?,
        address: columns.optional_text("ip_address")?,
        is_authorized,
        last_seen: columns.time("last_seen_at")?,
        host_id: columns.optional_text("last_hotspot_host_id")?,
    }))
}

async fn menus(
    routers: &Routers,
    settings: &Settings,
    read: MenusRead,
) -> Result<Router, HostError> {
    let router = (routers.open().await?, routers.text());
    let of_lists = ListKind::ALL
        .map(|kind| Query::equal("list", ListName::of(kind, settings).name))
        .into_iter()
        .reduce(Query::or);
    let print = |path: &str, fields: &str| {
        let fields = [".id"].into_iter().chain(fields.split(' '));
        Print::new(path).fields(fields.map(str::to_owned))
    };
    let lists = print(
        "/ip/firewall/address-list",
        "list address comment disabled timeout",
    );
    let lists = match of_lists {
        Some(of_lists) => lists.query(of_lists),
        None => lists,
    };
    let bindings = print(
        "/ip/hotspot/ip-binding",
        "mac-address address server type comment disabled",
    );
    let hosts = print(
        "/ip/hotspot/host",
        "mac-address address to-address uptime idle-time bytes-in bytes-out authorized bypassed",
    );
    let hotspot_users = print(
        "/ip/hotspot/user",
        "name profile server limit-bytes-total limit-uptime comment disabled",
    );
    let profiles = print("/ip/hotspot/user/profile", "name");
    let leases = print(
        "/ip/dhcp-server/lease",
        "mac-address address server status comment dynamic disabled",
    );
    let arp = print("/ip/arp", "mac-address address comment");
    let (address_list, bindings, hosts, hotspot_users, profiles, leases, arp) = tokio::try_join!(
        menu(&router, read.address_list, &lists, list_entry),
        menu(&router, read.bindings, &bindings, binding),
        menu(&router, read.hosts, &hosts, host),
        menu(&router, None, &hotspot_users, hotspot_user),
        menu(&router, None, &profiles, |field| field("name")),
        menu(&router, read.leases, &leases, lease),
        menu(&router, read.arp, &arp, arp_entry),
    )?;
    Ok(Router {
        address_list,
        bindings,
        hosts,
        hotspot_users,
        profiles: profiles.into_iter().filter_map(|row| row.fields).collect(),
        leases,
        arp,
    })
}

/// The rows of a menu: those that were read already, else they are read now.
async fn menu<T>(
    (router, router_text): &(Arc<RouterReader>, RouterText),
    known: Option<View>,
    print: &Print,
    read: fn(FieldsOf<'_>) -> T,
) -> Result<Vec<Row<T>>, HostError> {
    let row = |field: FieldsOf<'_>| Row {
        id: field(".id").unwrap_or_default(),
        fields: read(field),
    };
    let text = |bytes: &[u8]| router_text.read(bytes).into_owned();
    if let Some(rows) = known {
        let rows = rows.iter();
        let rows = rows.map(|known| row(&|name| known.bytes(name).as_deref().map(text)));
        return Ok(rows.collect());
    }
    let sent = router.rows(print).await?;
    let mut rows = Vec::with_capacity(sent.len());
    rows.extend(
        sent.iter()
            .map(|sent| row(&|name| sent.get(name).map(text))),
    );
    Ok(rows)
}

fn list_entry(field: FieldsOf<'_>) -> ListEntry {
    ListEntry {
        list: field("list").unwrap_or_default(),
        address: field("address").unwrap_or_default(),
        comment: field("comment"),
        disabled: field("disabled"),
        timeout: field("timeout"),
    }
}

fn binding(field: FieldsOf<'_>) -> Binding {
    Binding {
        mac: field("mac-address"),
        address: field("address"),
        server: field("server"),
        kind: field("type"),
        comment: field("comment"),
        disabled: field("disabled"),
    }
}

fn host(field: FieldsOf<'_>) -> Host {
    Host {
        mac: field("mac-address").unwrap_or_default(),
        address: field("address"),
        to_address: field("to-address"),
        uptime: field("uptime"),
        idle_time: field("idle-time"),
        bytes_in: field("bytes-in"),
        bytes_out: field("bytes-out"),
        authorized: field("authorized"),
        bypassed: field("bypassed"),
    }
}

fn hotspot_user(field: FieldsOf<'_>) -> HotspotUser {
    HotspotUser {
        name: field("name").unwrap_or_default(),
        profile: field("profile"),
        server: field("server"),
        limit_bytes: field("limit-bytes-total"),
        limit_uptime: field("limit-uptime"),
        comment: field("comment"),
        disabled: field("disabled"),
    }
}

fn lease(field: FieldsOf<'_>) -> Lease {
    Lease {
        mac: field("mac-address"),
        address: field("address"),
        server: field("server"),
        status: field("status"),
        comment: field("comment"),
        dynamic: field("dynamic"),
        disabled: field("disabled"),
    }
}

fn arp_entry(field: FieldsOf<'_>) -> Arp {
    Arp {
        mac: field("mac-address"),
        address: field("address"),
        comment: field("comment"),
    }
}

async fn run_keys(redis: Option<&redis::Redis>) -> Result<Option<RunKeys>, HostError> {
    let Some(redis) = redis else {
        return Ok(None);
    };
    let is_locked =
        redis.exists(redis_key::RUN_LOCK).await? || redis.exists(redis_key::GLOBAL_LOCK).await?;
    Ok(Some(RunKeys {
        last_run: get(redis, redis_key::LAST_RUN).await?,
        is_locked,
        breaker: get(redis, redis_key::ROUTER_BREAKER).await?,
        other_task: other_task(redis).await?,
    }))
}

/// When another task that only beat starts was last seen at work.
async fn other_task(redis: &redis::Redis) -> Result<Option<i64>, HostError> {
    let unauthorized = get(redis, redis_key::UNAUTHORIZED_LOCK).await?;
    let unauthorized = unauthorized.and_then(|text| text.trim().parse().ok());
    let parity = get(redis, redis_key::PARITY_REPORT).await?;
    let parity = parity.and_then(|text| {
        let report: serde_json::Value = serde_json::from_str(&text).ok()?;
        let at: Timestamp = report.get("generated_at")?.as_str()?.parse().ok()?;
        Some(at.as_second())
    });
    Ok(unauthorized.max(parity))
}

/// The text of a key; a key that holds something else tells nothing.
async fn get(redis: &redis::Redis, key: &str) -> Result<Option<String>, HostError> {
    let answer = redis.call("GET", &[key.as_bytes().to_vec()]).await;
    match answer.map_err(HostError::from) {
        Ok(answer) => Ok(text(answer)),
        Err(error) if error.kind == Kind::Refused => Ok(None),
        Err(error) => Err(error),
    }
}

/// What Redis keeps of the bytes of these devices, by MAC.
async fn baselines(
    redis: &redis::Redis,
    devices: &[Device],
) -> Result<HashMap<String, String>, HostError> {
    let macs = devices.iter().map(|device| device.mac.to_uppercase());
    let mut macs: Vec<String> = macs.filter(|mac| !mac.is_empty()).collect();
    macs.sort_unstable();
    macs.dedup();
    let mut found = HashMap::new();
    for macs in macs.chunks(KEYS_AT_ONCE) {
        let keys = macs
            .iter()
            .map(|mac| format!("quota:last_bytes:mac:{mac}").into_bytes());
        let keys: Vec<Vec<u8>> = keys.collect();
        let RedisValue::Array(answers) = redis.call("MGET", &keys).await? else {
            continue;
        };
        let told = macs.iter().zip(answers);
        found.extend(told.filter_map(|(mac, answer)| Some((mac.clone(), text(answer)?))));
    }
    Ok(found)
}

fn text(answer: RedisValue) -> Option<String> {
    let bytes = answer.into_bytes()?;
    Some(shown(&bytes).into_owned())
}
