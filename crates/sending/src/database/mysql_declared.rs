//! What MySQL and MariaDB say that a schema declares: tables, the foreign keys that point at them,
//! triggers, functions.

use std::collections::BTreeSet;

use sqlx::mysql::MySqlConnection;

use session::database::Fault;
use session::database::statement::{Body, Case, TELLING_OF_MYSQL, Verb, Write, body, view};

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

/// What may stand before a parenthesis.
pub(super) struct Functions {
    /// The functions that were made on this server, as far as the account sees them.
    stored: BTreeSet<String>,
    /// The server's own functions, and words.
    own: BTreeSet<String>,
}

impl Functions {
    /// What the server lists.
    pub async fn of(connection: &mut MySqlConnection) -> Result<Self, Fault> {
        let stored = "SELECT CAST(routine_name AS CHAR) FROM information_schema.routines \
                      WHERE routine_type = 'FUNCTION'";
        let stored: Vec<String> = sqlx::query_scalar(stored)
            .fetch_all(&mut *connection)
            .await?;
        let listed = "SELECT CAST(lower(table_name) AS CHAR) FROM information_schema.tables \
                      WHERE table_schema = 'information_schema'";
        let listed: Vec<String> = sqlx::query_scalar(listed)
            .fetch_all(&mut *connection)
            .await?;
        let mut own: BTreeSet<String> = TELLING_OF_MYSQL.iter().map(|&own| own.into()).collect();
        for (table, names) in [
            (
                "keywords",
                "SELECT CAST(lower(word) AS CHAR) FROM information_schema.keywords",
            ),
            (
                "sql_functions",
                "SELECT CAST(lower(function) AS CHAR) FROM information_schema.sql_functions",
            ),
        ] {
            if listed.iter().any(|listed| listed == table) {
                let names: Vec<String> = sqlx::query_scalar(names)
                    .fetch_all(&mut *connection)
                    .await?;
                own.extend(names);
            }
        }
        Ok(Self {
            stored: stored.iter().map(|name| in_quotes(name)).collect(),
            own,
        })
    }

    /// One of `calls` that was made on the server.
    pub fn stored<'a>(&self, calls: &'a BTreeSet<String>) -> Option<&'a str> {
        let mut calls = calls.iter().map(String::as_str);
        calls.find(|name| self.stored.contains(*name))
    }

    /// One of `calls` that is not the server's own: one may be there that the account does not see.
    fn foreign<'a>(&self, calls: &'a BTreeSet<String>) -> Option<&'a str> {
        let foreign = calls.iter().map(String::as_str);
        let mut foreign = foreign.filter(|name| !self.own.contains(*name));
        self.stored(calls).or_else(|| foreign.next())
    }
}

/// Name, mode and body of a trigger.
pub(super) struct Trigger {
    pub name: String,
    mode: String,
    /// None for an account without the privilege TRIGGER.
    body: Option<String>,
}

impl Trigger {
    /// Reads what it does.
    ///
    /// # Errors
    /// [`Fault::Denied`] for what is not followed.
    pub fn body(&self, functions: &Functions) -> Result<Body, Fault> {
        self.read(functions).map_err(|why| {
            let name = &self.name;
            Fault::Denied(format!("the trigger `{name}` could change any table: {why}").into())
        })
    }

    fn read(&self, functions: &Functions) -> Result<Body, String> {
        let Some(text) = &self.body else {
            return Err(
                "this account may not see what it does (GRANT TRIGGER shows it)".to_owned(),
            );
        };
        let mode = &self.mode;
        // In Oracle's a procedure is called by its name alone.
        let others = ["ANSI_QUOTES", "NO_BACKSLASH_ESCAPES", "ORACLE"];
        if others.iter().any(|other| mode.contains(other)) {
            return Err("it was made under another grammar (sql_mode)".to_owned());
        }
        let body = body(text)?;
        let stored = body.stored.as_deref();
        match stored.or_else(|| functions.foreign(&body.calls)) {
            Some(name) => Err(format!("it calls the function `{name}`")),
            None => Ok(body),
        }
    }
}

/// The triggers of a table.
pub(super) async fn triggers(
    connection: &mut MySqlConnection,
    table: &Table,
    verb: Verb,
) -> Result<Vec<Trigger>, Fault> {
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
    let found: Vec<(String, String, Option<String>)> =
        found.bind(event).fetch_all(connection).await?;
    let trigger = |(name, mode, body)| Trigger { name, mode, body };
    Ok(found.into_iter().map(trigger).collect())
}

/// Do the views that a text of these `words`, at home in the schema `home`, reads only read? A
/// function that one of them calls could write.
///
/// # Errors
/// [`Fault::Denied`] for a view that calls a function, or that the account may not look into.
pub(super) async fn check_views(
    connection: &mut MySqlConnection,
    words: &BTreeSet<String>,
    home: &str,
) -> Result<(), Fault> {
    // Nothing else than these reads a view.
    if !["select", "table"].iter().any(|word| words.contains(*word)) {
        return Ok(());
    }
    let views = "SELECT CAST(table_schema AS CHAR), CAST(table_name AS CHAR) \
                 FROM information_schema.tables WHERE table_type = 'VIEW'";
    let mut views: Vec<Table> = sqlx::query_as(views).fetch_all(&mut *connection).await?;
    let mut words = words.clone();
    loop {
        let is_read = |(schema, name): &Table| {
            let is_named = |name: &str| words.contains(&in_quotes(name));
            is_named(name) && (schema == home || is_named(schema))
        };
        let Some(at) = views.iter().position(is_read) else {
            return Ok(());
        };
        let view = views.swap_remove(at);
        words.extend(view_words(connection, &view).await?);
        // The server may leave the schema out where it keeps the text of a view.
        words.insert(in_quotes(&view.0));
    }
}

/// The words of a view that calls nothing but the server's own functions.
async fn view_words(
    connection: &mut MySqlConnection,
    (schema, name): &Table,
) -> Result<BTreeSet<String>, Fault> {
    let text = "SELECT CAST(view_definition AS CHAR) FROM information_schema.views \
                WHERE table_schema = ? AND table_name = ?";
    let text: Option<Option<String>> = sqlx::query_scalar(text)
        .bind(schema)
        .bind(name)
        .fetch_optional(connection)
        .await?;
    let text = text.flatten().unwrap_or_default();
    let read = match text.is_empty() {
        true => Err("this account may not see what it does (GRANT SHOW VIEW shows it)".to_owned()),
        false => view(&text),
    };
    let read = read.and_then(|view| match view.stored {
        Some(function) => Err(format!("it calls the function `{function}`")),
        None => Ok(view.words),
    });
    read.map_err(|why| {
        Fault::Denied(format!("the view `{name}` could change any table: {why}").into())
    })
}

/// A name in lower case, as it stands between backquotes.
fn in_quotes(name: &str) -> String {
    name.replace('`', "``").to_lowercase()
}
