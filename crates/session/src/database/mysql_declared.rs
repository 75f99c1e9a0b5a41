//! What MySQL and MariaDB say that a schema declares: tables, the foreign keys that point at them,
//! triggers, functions.

use std::collections::BTreeSet;

use sqlx::mysql::MySqlConnection;

use super::Fault;
use super::statement::{Body, Case, Verb, Write, body};

/// A table by its schema and its name, as the server lists them.
pub(super) type Table = (String, String);

/// A foreign key that points at a table.
pub(super) struct Key {
    pub name: String,
    /// The table that has it.
    pub table: Table,
    on_delete: String,
    on_update: String,
    pub columns: Vec<String>,
    pub referenced: Vec<String>,
    /// Does the server itself give a column that is referenced its value?
    pub is_computed: bool,
}

impl Key {
    pub fn rule(&self, verb: Verb) -> &str {
        match verb {
            Verb::Delete => &self.on_delete,
            _ => &self.on_update,
        }
    }

    pub fn said(&self, verb: Verb) -> String {
        let event = match verb {
            Verb::Delete => "DELETE",
            _ => "UPDATE",
        };
        format!("{event} {}", self.rule(verb))
    }

    /// What becomes of the rows that point at a row that is so changed, if it is not refused.
    pub fn change(&self, verb: Verb) -> Option<Verb> {
        match (self.rule(verb), verb) {
            ("CASCADE", Verb::Delete) => Some(Verb::Delete),
            ("CASCADE" | "SET NULL" | "SET DEFAULT", _) => Some(Verb::Update),
            _ => None,
        }
    }
}

/// The table of `write` as the server lists it; as it is written if it is not there.
pub(super) async fn listed(
    connection: &mut MySqlConnection,
    write: &Write,
    case: Case,
) -> Result<Table, Fault> {
    let (schema, name) = write.table.schema_and_table();
    let tables = "SELECT CAST(table_schema AS CHAR), CAST(table_name AS CHAR) \
                  FROM information_schema.tables \
                  WHERE table_schema = coalesce(?, database()) AND table_name = ?";
    let found: Vec<Table> = sqlx::query_as(tables)
        .bind(schema)
        .bind(name)
        .fetch_all(&mut *connection)
        .await?;
    // The server compares these names without case, whatever it does with tables.
    let is_it = |found: &Table| case.folded(found.1.clone()) == name;
    match found.into_iter().find(is_it) {
        Some(table) => Ok(table),
        None => {
            let here = text(connection, "SELECT CAST(database() AS CHAR)").await?;
            Ok((schema.map_or(here, str::to_owned), name.to_owned()))
        }
    }
}

pub(super) async fn text(
    connection: &mut MySqlConnection,
    sql: &'static str,
) -> Result<String, Fault> {
    let value: Option<String> = sqlx::query_scalar(sql).fetch_one(connection).await?;
    Ok(value.unwrap_or_default())
}

/// The foreign keys that point at a table.
pub(super) async fn keys(
    connection: &mut MySqlConnection,
    table: &Table,
) -> Result<Vec<Key>, Fault> {
    let keys = "SELECT CAST(r.constraint_name AS CHAR), CAST(r.constraint_schema AS CHAR), \
                       CAST(r.table_name AS CHAR), CAST(r.delete_rule AS CHAR), \
                       CAST(r.update_rule AS CHAR), CAST(k.column_name AS CHAR), \
                       CAST(k.referenced_column_name AS CHAR), \
                       coalesce(c.extra NOT IN ('', 'auto_increment'), 0) <> 0 \
                FROM information_schema.referential_constraints AS r \
                JOIN information_schema.key_column_usage AS k \
                  ON k.constraint_schema = r.constraint_schema \
                 AND k.constraint_name = r.constraint_name AND k.table_name = r.table_name \
                LEFT JOIN information_schema.columns AS c \
                  ON c.table_schema = k.referenced_table_schema \
                 AND c.table_name = k.referenced_table_name \
                 AND c.column_name = k.referenced_column_name \
                WHERE r.unique_constraint_schema = ? AND r.referenced_table_name = ? \
                ORDER BY r.constraint_schema, r.table_name, r.constraint_name, k.ordinal_position";
    type Row = (String, String, String, String, String, String, String, bool);
    let rows: Vec<Row> = sqlx::query_as(keys)
        .bind(&table.0)
        .bind(&table.1)
        .fetch_all(connection)
        .await?;
    let mut keys: Vec<Key> = Vec::new();
    for (name, schema, table, on_delete, on_update, column, referenced, is_computed) in rows {
        let table = (schema, table);
        match keys.last_mut() {
            Some(last) if last.name == name && last.table == table => {
                last.columns.push(column);
                last.referenced.push(referenced);
                last.is_computed |= is_computed;
            }
            _ => keys.push(Key {
                name,
                table,
                on_delete,
                on_update,
                columns: vec![column],
                referenced: vec![referenced],
                is_computed,
            }),
        }
    }
    Ok(keys)
}

/// The functions that were made on this server, in lower case.
pub(super) async fn functions(connection: &mut MySqlConnection) -> Result<BTreeSet<String>, Fault> {
    let functions = "SELECT CAST(lower(routine_name) AS CHAR) FROM information_schema.routines \
                     WHERE routine_type = 'FUNCTION' AND routine_schema NOT IN ('mysql', 'sys')";
    let names: Vec<String> = sqlx::query_scalar(functions).fetch_all(connection).await?;
    Ok(names.into_iter().collect())
}

/// Name, mode and body of the triggers of a table.
pub(super) async fn triggers(
    connection: &mut MySqlConnection,
    table: &Table,
    verb: Verb,
) -> Result<Vec<(String, String, String)>, Fault> {
    let triggers = "SELECT CAST(trigger_name AS CHAR), CAST(sql_mode AS CHAR), \
                           CAST(action_statement AS CHAR) FROM information_schema.triggers \
                    WHERE event_object_schema = ? AND event_object_table = ? \
                      AND event_manipulation = ?";
    let event = match verb {
        Verb::Insert => "INSERT",
        Verb::Update => "UPDATE",
        Verb::Delete => "DELETE",
    };
    let found = sqlx::query_as(triggers).bind(&table.0).bind(&table.1);
    Ok(found.bind(event).fetch_all(connection).await?)
}

pub(super) fn read_body(
    mode: &str,
    text: &str,
    functions: &BTreeSet<String>,
) -> Result<Body, String> {
    if mode.contains("ANSI_QUOTES") || mode.contains("NO_BACKSLASH_ESCAPES") {
        return Err("it was made under another grammar (sql_mode)".to_owned());
    }
    let body = body(text)?;
    match body.calls.intersection(functions).next() {
        Some(name) => Err(format!("it calls the function `{name}`")),
        None => Ok(body),
    }
}
