//! What the services of a built-in site hold at their start: the demo's own contents, or those of
//! a fixture file that a test names.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use routeros_sim::{Clock, State};
use serde::Deserialize;
use serde_json::{Map, Value as Json};

use super::containers::{DemoContainer, Written, containers, described};
use super::redis::contents::{databases, workers};
use super::redis::value::{Database, Entry, Value};
use super::redis::worker::Worker;

/// The portal's tables, empty, in the SQL of PostgreSQL.
const TABLES: &str = include_str!("tables.sql");
/// What SQLite writes otherwise. A column declared `uuid` would have numeric affinity there.
const OF_SQLITE: [(&str, &str); 4] = [
    (" uuid", " text"),
    (" json", " text"),
    (" timestamptz", " text"),
    ("DEFAULT now()", "DEFAULT CURRENT_TIMESTAMP"),
];
/// The rows of the demo's router, in the form of `tikbook simulate --state`.
pub const ROUTER_STATE: &str = include_str!("router.json");
/// The people of the demo.
const PEOPLE: &str = include_str!("people.sql");

/// What the services of a built-in site hold at their start.
#[derive(Clone, Debug)]
pub struct Contents {
    /// Statements that make and fill the database.
    pub(super) sql: String,
    /// The router's rows, in the form of `tikbook simulate --state`.
    pub(super) router: String,
    /// The keys of Redis by database; nothing for the demo's own, which count from the start.
    pub(super) redis: Option<Vec<Database>>,
    /// The containers of its Compose project; nothing where it has no Engine.
    pub(super) containers: Option<Vec<DemoContainer>>,
    /// The workers that listen at the broker; nothing for the demo's own.
    workers: Option<Vec<Worker>>,
    /// The time at which every clock of the site stands; the present time, running, without.
    pub now: Option<Timestamp>,
    /// The site's time zone, where the contents name one.
    pub time_zone: Option<String>,
    /// The variables of the portal's processes.
    pub environment: BTreeMap<String, String>,
}

impl Default for Contents {
    /// The boarding house of `--site demo`.
    fn default() -> Self {
        Self {
            sql: tables() + PEOPLE,
            router: ROUTER_STATE.to_owned(),
            redis: None,
            containers: Some(containers(Timestamp::now())),
            workers: None,
            now: None,
            time_zone: None,
            environment: BTreeMap::new(),
        }
    }
}

/// Statements that make the portal's tables in SQLite.
pub fn tables() -> String {
    let sql = TABLES.to_owned();
    OF_SQLITE
        .iter()
        .fold(sql, |sql, (theirs, here)| sql.replace(theirs, here))
}

/// A fixture that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FixtureError {
    /// It is not JSON of the form that `scripts/README.md` describes.
    #[error("the fixture is not of the known form")]
    Form(#[source] serde_json::Error),
    /// Its rows for the router cannot be used.
    #[error("the router's rows in the fixture cannot be used")]
    Router(#[source] routeros_sim::StateError),
    /// A name in it is no name of a table or a column.
    #[error("`{name}` is not the name of a table or a column")]
    Name {
        /// The name.
        name: String,
    },
    /// A value in it has no form in the database.
    #[error(
        "the column `{column}` of `{table}` has a value that is neither text, number nor truth"
    )]
    Value {
        /// The table.
        table: String,
        /// The column.
        column: String,
    },
    /// A key of Redis is not of a known form.
    #[error(
        "the Redis key `{key}` is neither a text nor one of {{\"text\": …}}, {{\"list\": […]}}, \
         {{\"hash\": {{…}}}}, {{\"set\": […]}}, {{\"zset\": {{…}}}}"
    )]
    Redis {
        /// The key.
        key: String,
    },
}

/// A fixture as it is written.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Fixture {
    now: Option<Timestamp>,
    time_zone: Option<String>,
    /// Variables of the portal's processes, which count where no setting has a text.
    environment: BTreeMap<String, String>,
    router: Map<String, Json>,
    /// Statements before the rows: tables of a site's own.
    sql: Vec<String>,
    database: BTreeMap<String, Vec<Map<String, Json>>>,
    settings: BTreeMap<String, Json>,
    redis: BTreeMap<String, Json>,
    containers: Option<Vec<Written>>,
    /// The keys of Celery's broker.
    broker: BTreeMap<String, Json>,
    /// The keys of Celery's store of results.
    results: BTreeMap<String, Json>,
    workers: Vec<Worker>,
}

impl Contents {
    /// The contents that a fixture describes, beside the portal's tables, which are always there.
    /// Its clock stands at `now`, or runs.
    ///
    /// # Errors
    /// What is wrong with the text. Whether the database takes the rows is only known when it is
    /// started.
    pub fn from_fixture(text: &str) -> Result<Self, FixtureError> {
        // By way of an object, as an array of nothing would pass for a fixture of nothing.
        let fixture: Fixture = serde_json::from_str::<serde_json::Map<String, Json>>(text)
            .and_then(|fields| serde_json::from_value(Json::Object(fields)))
            .map_err(FixtureError::Form)?;
        let router = Json::Object(fixture.router.clone()).to_string();
        State::from_json(&router).map_err(FixtureError::Router)?;
        Ok(Self {
            sql: sql(&fixture)?,
            router,
            redis: Some(vec![
                keys(&fixture.redis)?,
                keys(&fixture.broker)?,
                keys(&fixture.results)?,
                Database::new(),
            ]),
            containers: fixture.containers.map(described),
            workers: Some(fixture.workers),
            now: fixture.now,
            time_zone: fixture.time_zone,
            environment: fixture.environment,
        })
    }

    /// A clock for the router: it stands where the site's does.
    pub(super) fn clock(&self) -> Clock {
        self.now.map_or_else(Clock::running, |now| {
            Clock::standing(now.to_zoned_datetime(TimeZone::UTC).datetime())
        })
    }

    pub(super) fn databases(&self) -> Vec<Database> {
        self.redis.clone().unwrap_or_else(databases)
    }

    pub(super) fn workers(&self) -> Vec<Worker> {
        self.workers.clone().unwrap_or_else(workers)
    }
}

fn sql(fixture: &Fixture) -> Result<String, FixtureError> {
    // Tables are filled in the order of their names; what refers to what is checked at the end.
    let mut sql = format!("PRAGMA defer_foreign_keys = ON;\n{}", tables());
    for statement in &fixture.sql {
        sql.push_str(statement);
        sql.push_str(";\n");
    }
    for (table, rows) in &fixture.database {
        for row in rows {
            sql.push_str(&insert(table, row)?);
        }
    }
    for (name, value) in &fixture.settings {
        let row = Map::from_iter([
            ("setting_key".to_owned(), Json::from(name.as_str())),
            ("setting_value".to_owned(), Json::from(text(value))),
        ]);
        sql.push_str(&insert("application_settings", &row)?);
    }
    Ok(sql)
}

fn insert(table: &str, row: &Map<String, Json>) -> Result<String, FixtureError> {
    let columns: Vec<&str> = row
        .keys()
        .map(|column| identifier(column))
        .collect::<Result<_, _>>()?;
    let values: Vec<String> = row
        .iter()
        .map(|(column, value)| {
            literal(value).ok_or_else(|| FixtureError::Value {
                table: table.to_owned(),
                column: column.clone(),
            })
        })
        .collect::<Result<_, _>>()?;
    Ok(format!(
        "INSERT INTO {} ({}) VALUES ({});\n",
        identifier(table)?,
        columns.join(", "),
        values.join(", ")
    ))
}

fn identifier(name: &str) -> Result<&str, FixtureError> {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if name.is_empty() || !name.chars().all(plain) {
        return Err(FixtureError::Name {
            name: name.to_owned(),
        });
    }
    Ok(name)
}

fn literal(value: &Json) -> Option<String> {
    match value {
        Json::Null => Some("NULL".to_owned()),
        Json::Bool(flag) => Some(i32::from(*flag).to_string()),
        Json::Number(number) => Some(number.to_string()),
        // SQLite's text cannot hold a zero byte in a literal.
        Json::String(text) if !text.contains('\0') => {
            Some(format!("'{}'", text.replace('\'', "''")))
        }
        _ => None,
    }
}

/// A setting is text, however the fixture writes it.
fn text(value: &Json) -> String {
    match value {
        Json::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn keys(written: &BTreeMap<String, Json>) -> Result<Database, FixtureError> {
    written
        .iter()
        .map(|(key, json)| {
            let entry = entry(json).ok_or_else(|| FixtureError::Redis { key: key.clone() })?;
            Ok((key.clone(), entry))
        })
        .collect()
}

fn entry(json: &Json) -> Option<Entry> {
    if let Json::String(text) = json {
        return Some(Entry {
            value: Value::Text(text.clone()),
            lifetime: None,
        });
    }
    let fields = json.as_object()?;
    let mut lifetime = None;
    let mut value = None;
    for (name, json) in fields {
        match name.as_str() {
            "ttl" => lifetime = Some(Duration::from_secs(json.as_u64()?)),
            "text" => value = Some(Value::Text(json.as_str()?.to_owned())),
            "list" => value = Some(Value::List(texts(json)?)),
            "set" => value = Some(Value::Set(texts(json)?)),
            "hash" => value = Some(Value::Hash(pairs(json)?)),
            "zset" => value = Some(Value::Sorted(scores(json)?)),
            _ => return None,
        }
    }
    Some(Entry {
        value: value?,
        lifetime,
    })
}

fn texts(json: &Json) -> Option<Vec<String>> {
    let texts = json.as_array()?.iter();
    texts.map(|text| Some(text.as_str()?.to_owned())).collect()
}

fn pairs(json: &Json) -> Option<Vec<(String, String)>> {
    let fields = json.as_object()?.iter();
    fields
        .map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())))
        .collect()
}

fn scores(json: &Json) -> Option<Vec<(String, f64)>> {
    let members = json.as_object()?.iter();
    let mut members: Vec<(String, f64)> = members
        .map(|(name, score)| Some((name.clone(), score.as_f64()?)))
        .collect::<Option<_>>()?;
    members.sort_by(|one, other| one.1.total_cmp(&other.1));
    Some(members)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_and_settings_become_statements_that_quote_their_texts() {
        let contents = Contents::from_fixture(
            r#"{"database": {"users": [{"id": "1", "full_name": "D'Ali", "is_blocked": true}]},
                "settings": {"QUOTA_DEBT_LIMIT_MB": 500}}"#,
        )
        .unwrap();
        assert!(
            contents.sql.contains(
                "INSERT INTO users (id, full_name, is_blocked) VALUES ('1', 'D''Ali', 1);"
            )
        );
        assert!(
            contents
                .sql
                .contains("VALUES ('QUOTA_DEBT_LIMIT_MB', '500');")
        );
    }

    #[test]
    fn what_is_not_of_the_form_is_refused_by_name() {
        for (text, word) in [
            ("[]", "known form"),
            (r#"{"routers": {}}"#, "known form"),
            (r#"{"router": {"/ip/arp": [3]}}"#, "router's rows"),
            (r#"{"database": {"x; DROP": [{"a": 1}]}}"#, "x; DROP"),
            (
                r#"{"database": {"users": [{"id": [1]}]}}"#,
                "`id` of `users`",
            ),
            (r#"{"redis": {"k": {"zset": []}}}"#, "`k`"),
            (r#"{"broker": {"k": {"stream": []}}}"#, "`k`"),
            (r#"{"workers": [{"answers": true}]}"#, "known form"),
            (
                r#"{"containers": [{"service": "db", "state": "up"}]}"#,
                "known form",
            ),
            (r#"{"redis": {"k": {"ttl": 5}}}"#, "`k`"),
        ] {
            let error = Contents::from_fixture(text).unwrap_err().to_string();
            assert!(error.contains(word), "{text}: {error}");
        }
    }
}
