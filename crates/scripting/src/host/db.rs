//! `db::` the portal's database: one read-only snapshot a run.

use std::sync::Arc;

use foldhash::HashMap;
use indexmap::IndexMap;
use rhai::plugin::*;
use rhai::{Array, Dynamic, ImmutableString};

use super::call;
use super::decimal::Decimal;
use super::dynamic::type_of;
use super::error::{CallResult, HostError, Kind};
use super::moment::Moment;
use super::primitive::{Declared, primitives};
use super::readers::Database;
use super::rows::{Rows, Table};
use super::value::Value;
use super::written::Written;
use plan::bytes::HexBytes;
use plan::statement::Parameter;
use session::database::{SqlRows, SqlValue};
use site::config::Service;

primitives! {
    ROWS: Database = reads rows(Sql);
    _: Database = reads rows(Sql, Value);
    ROW: Database = reads row(Sql);
    _: Database = reads row(Sql, Value);
    VALUE: Database = reads value(Sql);
    _: Database = reads value(Sql, Value);
    EXECUTE: Database = writes execute(Sql, Value);
    CLOCK: Database = measures clock();
    REFRESH: Database = reads refresh();
}

/// The portal's database, in PostgreSQL, MySQL, MariaDB or SQLite. All queries of a run see the same
/// snapshot, in a session that the server itself holds read-only; a statement that could do more
/// than read is refused before it is sent (kind `denied`). Parameters are written `$1`, `$2`, … on
/// every database and are never put into the text of a query. Queries start when they are called
/// and are waited for when their result is first used.
#[export_module]
pub mod db_module {
    use super::*;

    /// The rows of a query. Fails with kind `denied` for a statement that could do more than read,
    /// `refused` with the database's own words, `timeout`, or `invalid` beyond the site's `max_rows`.
    ///
    /// ```rhai
    /// let blocked = db::rows("SELECT phone_number FROM users WHERE is_blocked");
    /// assert(blocked.len() > 0, "the demo has blocked users");
    /// ```
    #[rhai_fn(name = "rows", return_raw)]
    pub fn rows(context: NativeCallContext, sql: &str) -> CallResult<Rows> {
        rows_with(context, sql, Array::new())
    }

    /// The rows of a query with parameters: `$1` stands for the first of the array.
    ///
    /// Parameters may be `()` for NULL, truth values, numbers, text, times, blobs, and on PostgreSQL
    /// arrays (`= ANY($1)`). Fails with kind `invalid` if there are more or fewer of them than the
    /// query names, or if one cannot be what the query needs.
    ///
    /// ```rhai
    /// let admins = db::rows("SELECT id FROM users WHERE role = $1", ["ADMIN"]);
    /// assert(admins.len() >= 0, "any number of them");
    /// ```
    #[rhai_fn(name = "rows", return_raw)]
    pub fn rows_with(context: NativeCallContext, sql: &str, parameters: Array) -> CallResult<Rows> {
        let parameters = sql_values(&context, parameters)?;
        let text = sql.to_owned();
        call::rows(&context, &ROWS, what(sql), move |database| async move {
            let rows = query(&database, &text, parameters).await?;
            Ok(Arc::new(QueryTable::new(rows)) as Arc<dyn Table>)
        })
    }

    /// The one row of a query as a map, or `()` if there is none. Fails with kind `invalid` if
    /// there are several, else as `db::rows`.
    ///
    /// ```rhai
    /// let user = db::row("SELECT count(*) AS users FROM users");
    /// assert(user.users > 0, "the demo has users");
    /// ```
    #[rhai_fn(name = "row", return_raw)]
    pub fn row(context: NativeCallContext, sql: &str) -> CallResult<Dynamic> {
        row_with(context, sql, Array::new())
    }

    /// The one row of a query with parameters as a map, or `()` if there is none.
    ///
    /// ```rhai
    /// assert_eq(db::row("SELECT id FROM users WHERE phone_number = $1", ["nobody"]), ());
    /// ```
    #[rhai_fn(name = "row", return_raw)]
    pub fn row_with(
        context: NativeCallContext,
        sql: &str,
        parameters: Array,
    ) -> CallResult<Dynamic> {
        one(&context, &ROW, sql, parameters, one_row)
    }

    /// The one value of a query with one column, or `()` if there is no row. Fails with kind
    /// `invalid` if there are several rows or columns, else as `db::rows`.
    ///
    /// ```rhai
    /// assert(db::value("SELECT count(*) FROM users") > 0, "the demo has users");
    /// ```
    #[rhai_fn(name = "value", return_raw)]
    pub fn value(context: NativeCallContext, sql: &str) -> CallResult<Dynamic> {
        value_with(context, sql, Array::new())
    }

    /// Executes one INSERT, UPDATE or DELETE of one table, with parameters. Without --apply it is only
    /// planned, and how many rows it changes is not known yet. It runs outside of the run's snapshot,
    /// and is journalled but not undone; `reason` says how many rows it changed, those that foreign
    /// keys (ON DELETE CASCADE, SET NULL, …) and triggers changed by it among them.
    ///
    /// Fails with kind `denied`, and nothing of it stays, if the header does not name each table that
    /// changes in `writes`, also by a cascade or a trigger (`"db:users"`, `"db:schema.users"`: as the
    /// server lists it, so on PostgreSQL `"Users"` is not `users`); if the statement could write more
    /// than one table by itself or gives rows back (RETURNING); and if more rows change in all than
    /// the run may change (--max-changes). MariaDB and MySQL do not count what keys change: where that
    /// is not certain the most that it can be counts.
    ///
    /// ```rhai
    /// let sql = "UPDATE users SET full_name = $1 WHERE phone_number = $2";
    /// assert_eq(db::execute(sql, ["Budi", "nobody"]).status, "planned");
    /// ```
    #[rhai_fn(return_raw)]
    pub fn execute(
        context: NativeCallContext,
        sql: &str,
        parameters: Array,
    ) -> CallResult<Written> {
        let parameters = sql_values(&context, parameters)?;
        let parameters = parameters.into_iter().map(parameter).collect::<Option<_>>();
        let parameters = parameters.ok_or_else(|| {
            HostError::invalid("a statement that writes takes no arrays as parameters")
                .on(Service::Db)
                .at(&context)
                .raise()
        })?;
        let sql = sql.to_owned();
        call::change(&context, &EXECUTE, Service::Db, |planner| async move {
            planner.statement(&sql, parameters, "").await
        })
    }

    /// What the database server takes for now, at this moment and not at the begin of the snapshot;
    /// `()` for SQLite, which has no clock but this machine's.
    ///
    /// ```rhai
    /// assert_eq(db::clock(), ());
    /// ```
    #[rhai_fn(return_raw)]
    pub fn clock(context: NativeCallContext) -> CallResult<Dynamic> {
        let what = "the database's clock";
        call::value(&context, &CLOCK, what, |database| async move {
            let database = database.open().await?;
            let told = database.clock().await?;
            Ok(told.and_then(|told| told.time).into())
        })
    }

    /// Gives up the run's snapshot for one of now: queries that follow see the database as it is at
    /// this moment. Waits for the queries before it. For a last look before something is changed.
    ///
    /// ```rhai
    /// let before = db::value("SELECT count(*) FROM users");
    /// db::refresh();
    /// assert_eq(db::value("SELECT count(*) FROM users"), before);
    /// ```
    #[rhai_fn(return_raw)]
    pub fn refresh(context: NativeCallContext) -> CallResult<Dynamic> {
        call::host(&context)?
            .settle_reads()
            .map_err(HostError::raise)?;
        let what = "a new snapshot of the database";
        call::value(&context, &REFRESH, what, |database| async move {
            database.open().await?.refresh().await?;
            Ok(Value::Unit)
        })
    }

    /// The one value of a query with parameters, or `()` if there is no row.
    ///
    /// ```rhai
    /// assert_eq(db::value("SELECT 1 WHERE 'a' = $1", ["b"]), ());
    /// ```
    #[rhai_fn(name = "value", return_raw)]
    pub fn value_with(
        context: NativeCallContext,
        sql: &str,
        parameters: Array,
    ) -> CallResult<Dynamic> {
        one(&context, &VALUE, sql, parameters, one_value)
    }
}

fn one(
    context: &NativeCallContext,
    primitive: &Declared<Database>,
    sql: &str,
    parameters: Array,
    choose: fn(&SqlRows) -> Result<Value, HostError>,
) -> CallResult<Dynamic> {
    let parameters = sql_values(context, parameters)?;
    let text = sql.to_owned();
    call::value(context, primitive, what(sql), move |database| async move {
        choose(&query(&database, &text, parameters).await?)
    })
}

async fn query(
    database: &Database,
    sql: &str,
    parameters: Vec<SqlValue>,
) -> Result<SqlRows, HostError> {
    let database = database.open().await?;
    let rows = database.rows(sql, parameters).await;
    rows.map_err(HostError::from)
}

fn one_row(rows: &SqlRows) -> Result<Value, HostError> {
    at_most_one(rows.len(), "row")?;
    if rows.is_empty() {
        return Ok(Value::Unit);
    }
    let fields: Result<IndexMap<String, Value>, HostError> = rows
        .columns()
        .iter()
        .enumerate()
        .map(|(at, name)| Ok((name.to_string(), value_of(rows, 0, at)?)))
        .collect();
    fields.map(Value::Map)
}

fn one_value(rows: &SqlRows) -> Result<Value, HostError> {
    at_most_one(rows.len(), "row")?;
    at_most_one(rows.columns().len(), "column")?;
    value_of(rows, 0, 0)
}

fn at_most_one(count: usize, noun: &str) -> Result<(), HostError> {
    if count <= 1 {
        return Ok(());
    }
    let message = format!("the query gave {count} {noun}s, and one was expected");
    Err(HostError::invalid(message)
        .on(Service::Db)
        .hint("narrow the query, or use db::rows"))
}

/// The query as a line of progress shows it.
fn what(sql: &str) -> String {
    const LONGEST: usize = 60;
    let line = sql.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut short: String = line.chars().take(LONGEST).collect();
    if short.len() < line.len() {
        short.push('…');
    }
    format!("query {short}")
}

/// The answer to a query, as rows of scripts.
pub(super) struct QueryTable {
    rows: SqlRows,
    columns: HashMap<Arc<str>, usize>,
}

impl QueryTable {
    pub(super) fn new(rows: SqlRows) -> Self {
        // Of two columns with one name the first counts.
        let named = rows.columns().iter().cloned().enumerate().rev();
        let columns = named.map(|(at, name)| (name, at)).collect();
        Self { rows, columns }
    }

    fn unknown_column(&self, field: &str) -> HostError {
        let known: Vec<&str> = self.rows.columns().iter().map(|name| &**name).collect();
        HostError::new(
            Kind::NoSuchItem,
            format!("the query has no column `{field}`"),
        )
        .on(Service::Db)
        .hint(format!("its columns are {}", known.join(", ")))
    }
}

impl Table for QueryTable {
    fn len(&self) -> usize {
        self.rows.len()
    }

    fn value(&self, row: usize, field: &str) -> Result<Value, HostError> {
        match self.columns.get(field) {
            Some(column) => value_of(&self.rows, row, *column),
            None => Err(self.unknown_column(field)),
        }
    }

    fn fields(&self, _row: usize) -> Vec<String> {
        self.rows
            .columns()
            .iter()
            .map(ToString::to_string)
            .collect()
    }

    fn with_bytes(&self, row: usize, field: &str, with: &mut dyn FnMut(&[u8])) {
        let Some(column) = self.columns.get(field) else {
            return;
        };
        if self.rows.with_text(row, *column, with) {
            return;
        }
        match value_of(&self.rows, row, *column) {
            Ok(Value::Unit) | Err(_) => {}
            Ok(value) => with(value.key().as_bytes()),
        }
    }
}

fn value_of(rows: &SqlRows, row: usize, column: usize) -> Result<Value, HostError> {
    script_value(rows.value(row, column)?).map_err(|type_name| {
        let name = &rows.columns()[column];
        HostError::invalid(format!("cannot read column `{name}` of type `{type_name}`"))
            .on(Service::Db)
            .hint("cast it to text in the query, for instance column::text")
    })
}

/// The value as scripts know it, or the type that they do not.
fn script_value(value: SqlValue) -> Result<Value, String> {
    Ok(match value {
        SqlValue::Null => Value::Unit,
        SqlValue::Bool(truth) => Value::Bool(truth),
        SqlValue::Int(number) => Value::Int(number),
        SqlValue::Float(number) => Value::Float(number),
        SqlValue::Decimal(text) => match Decimal::parse(&text) {
            Some(number) => Value::Decimal(number),
            // NaN and the infinities.
            None => Value::Text(text),
        },
        SqlValue::Bytes(bytes) => Value::Bytes(bytes),
        SqlValue::Time(time) => Value::Time(time),
        SqlValue::Text(text)
        | SqlValue::DateTime(text)
        | SqlValue::Date(text)
        | SqlValue::TimeOfDay(text)
        | SqlValue::Uuid(text)
        | SqlValue::Json(text) => Value::Text(text),
        SqlValue::Array(values) => {
            let values = values.into_iter().map(script_value);
            Value::Array(values.collect::<Result<_, _>>()?)
        }
        SqlValue::Unknown { type_name } => return Err(type_name),
    })
}

fn parameter(value: SqlValue) -> Option<Parameter> {
    Some(match value {
        SqlValue::Null => Parameter::Null,
        SqlValue::Bool(truth) => Parameter::Bool(truth),
        SqlValue::Int(number) => Parameter::Int(number),
        SqlValue::Float(number) => Parameter::Float(number),
        SqlValue::Decimal(text) => Parameter::Decimal(text),
        SqlValue::Time(time) => Parameter::Time(time),
        SqlValue::Bytes(bytes) => Parameter::Hex(HexBytes(bytes)),
        other => Parameter::Text(other.text()?),
    })
}

fn sql_values(context: &NativeCallContext, parameters: Array) -> CallResult<Vec<SqlValue>> {
    parameters
        .into_iter()
        .zip(1..)
        .map(|(value, number)| {
            sql_value(value).map_err(|type_name| {
                let message = format!("parameter ${number} is a {type_name}");
                HostError::invalid(message)
                    .on(Service::Db)
                    .hint("parameters are (), truth values, numbers, text, times and blobs")
                    .at(context)
                    .raise()
            })
        })
        .collect()
}

/// The value as databases know it, or the name of its type if it cannot be a parameter.
fn sql_value(value: Dynamic) -> Result<SqlValue, String> {
    if value.is_unit() {
        return Ok(SqlValue::Null);
    }
    if let Ok(truth) = value.as_bool() {
        return Ok(SqlValue::Bool(truth));
    }
    if let Ok(number) = value.as_int() {
        return Ok(SqlValue::Int(number));
    }
    if let Ok(number) = value.as_float() {
        return Ok(SqlValue::Float(number));
    }
    if let Ok(character) = value.as_char() {
        return Ok(SqlValue::Text(character.to_string()));
    }
    if let Some(text) = value.read_lock::<ImmutableString>() {
        return Ok(SqlValue::Text(text.to_string()));
    }
    if let Some(number) = value.read_lock::<Decimal>() {
        return Ok(SqlValue::Decimal(number.to_string()));
    }
    if let Some(moment) = value.read_lock::<Moment>() {
        return Ok(SqlValue::Time(moment.0));
    }
    if let Some(bytes) = value.read_lock::<rhai::Blob>() {
        return Ok(SqlValue::Bytes(bytes.clone()));
    }
    let type_name = type_of(&value);
    match value.into_array() {
        Ok(values) => {
            let values = values.into_iter().map(sql_value);
            Ok(SqlValue::Array(values.collect::<Result<_, _>>()?))
        }
        Err(_) => Err(type_name),
    }
}
