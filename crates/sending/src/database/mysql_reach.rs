//! What a statement changes in MySQL and MariaDB.
//!
//! InnoDB carries cascades out by itself and counts them nowhere, and nothing tells which tables a
//! transaction has written. So the foreign keys and triggers are followed before the statement is
//! sent; `mysql_count` then finds how many rows it was.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::mysql::MySqlConnection;

use super::mysql_declared::{
    Functions, Key, Table, Trigger, check_views, keys, listed, text, triggers,
};
use super::reach::Beside;
use session::database::Fault;
use session::database::statement::{Body, Case, Verb, Write};

/// What a statement can change, followed before it is sent.
pub(super) struct Reach {
    /// Every table, the statement's own among them.
    pub tables: BTreeMap<Table, Reached>,
    pub own: Table,
    /// The tables that cascades change, each with the columns of the keys by which they do.
    pub cascades: BTreeMap<Table, Cascade>,
    pub has_triggers: bool,
    /// Does the server write to one of the tables twice for some rows?
    pub writes_twice: bool,
    pub is_mariadb: bool,
}

/// A table that a statement can change.
pub(super) struct Reached {
    pub beside: Beside,
    /// What triggers do to its rows.
    pub by_triggers: BTreeSet<Verb>,
}

impl Reached {
    /// Can triggers change or remove rows that it has?
    pub fn is_replaced_by_triggers(&self) -> bool {
        [Verb::Update, Verb::Delete]
            .iter()
            .any(|verb| self.by_triggers.contains(verb))
    }
}

#[derive(Default)]
pub(super) struct Cascade {
    /// Can rows go?
    pub removes: bool,
    /// The columns that another value can be put into, of each key.
    pub sets: BTreeSet<Vec<String>>,
    /// Can that be a value other than NULL?
    pub rewrites: bool,
}

impl Reach {
    /// Follows the foreign keys and triggers from the table of `write`.
    ///
    /// # Errors
    /// [`Fault::Denied`] for what cannot be followed.
    pub async fn of(
        connection: &mut MySqlConnection,
        write: &Write,
        case: Case,
    ) -> Result<Self, Fault> {
        let own = listed(connection, write, case).await?;
        let database: String = text(connection, "SELECT CAST(database() AS CHAR)").await?;
        let version = text(connection, "SELECT CAST(VERSION() AS CHAR)").await?;
        let functions = Functions::of(connection).await?;
        let qualified = write.qualified_call.as_deref();
        if let Some(name) = qualified.or_else(|| functions.stored(&write.calls)) {
            let why = format!("the function `{name}` is the site's own and could write more");
            return Err(Fault::Denied(why.into()));
        }
        check_views(connection, &write.words, &database).await?;
        let mut reach = Self {
            tables: BTreeMap::new(),
            own: own.clone(),
            cascades: BTreeMap::new(),
            has_triggers: false,
            writes_twice: false,
            is_mariadb: version.to_ascii_lowercase().contains("mariadb"),
        };
        let statement = Step {
            table: own,
            verb: write.verb,
            columns: Some(write.assigned.clone()),
            cause: Cause::Statement,
        };
        let mut open = vec![statement];
        let mut seen = BTreeSet::new();
        while let Some(step) = open.pop() {
            let Step {
                table,
                verb,
                columns,
                cause,
            } = step;
            let fires_triggers = !matches!(cause, Cause::Key(_));
            if !seen.insert((table.clone(), verb, columns.clone(), fires_triggers)) {
                continue;
            }
            let is_bare = table.0 == database;
            let names = (table.0.as_str(), table.1.as_str());
            let reached = reach.tables.entry(table.clone());
            let reached = reached.or_insert_with(|| Reached {
                beside: Beside::listed(names, is_bare, case, cause.to_string()),
                by_triggers: BTreeSet::new(),
            });
            if matches!(cause, Cause::Trigger(_)) {
                reached.by_triggers.insert(verb);
            }
            let triggers = match fires_triggers {
                true => triggers(connection, &table, verb).await?,
                false => Vec::new(),
            };
            for trigger in &triggers {
                let body = trigger.body(&functions)?;
                check_views(connection, &body.words, &table.0).await?;
                open.extend(by_trigger(trigger, body, &table));
            }
            reach.has_triggers |= !triggers.is_empty();
            if verb == Verb::Insert {
                continue;
            }
            // A trigger may give any column of the row another value.
            let columns = columns.filter(|_| triggers.is_empty());
            for key in keys(connection, &table).await? {
                open.extend(reach.by_key(key, verb, columns.as_ref()));
            }
        }
        Ok(reach)
    }

    /// What becomes of the rows whose foreign key points at rows that are so changed, in these
    /// columns or in any.
    fn by_key(&mut self, key: Key, verb: Verb, columns: Option<&BTreeSet<String>>) -> Option<Step> {
        let is_in = |columns: &BTreeSet<String>| {
            let mut referenced = key.referenced.iter();
            key.is_computed || referenced.any(|name| columns.contains(&name.to_lowercase()))
        };
        if verb == Verb::Update && !columns.is_none_or(is_in) {
            return None;
        }
        let change = key.change(verb)?;
        let cascade = self.cascades.entry(key.table.clone()).or_default();
        match change {
            Verb::Delete => cascade.removes = true,
            _ => {
                cascade.sets.insert(key.columns.clone());
                cascade.rewrites |= key.rule(verb) == "CASCADE";
            }
        }
        let columns = key.columns.iter().map(|name| name.to_lowercase());
        Some(Step {
            verb: change,
            columns: Some(columns.collect()),
            cause: Cause::Key(format!("{}` (ON {}", key.name, key.said(verb))),
            table: key.table,
        })
    }
}

/// What a trigger of `table` does, by its body.
fn by_trigger(trigger: &Trigger, body: Body, table: &Table) -> impl Iterator<Item = Step> {
    let writes = body.writes.into_iter();
    writes.map(|(schema, written, verb)| Step {
        table: (schema.unwrap_or_else(|| table.0.clone()), written),
        verb,
        columns: None,
        cause: Cause::Trigger(trigger.name.clone()),
    })
}

/// A change of a table that is to be followed.
struct Step {
    table: Table,
    verb: Verb,
    /// The columns that can change; any of them, without.
    columns: Option<BTreeSet<String>>,
    cause: Cause,
}

/// Why a table is reached.
#[derive(Clone)]
enum Cause {
    Statement,
    Trigger(String),
    Key(String),
}

impl std::fmt::Display for Cause {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Statement => f.write_str("by itself"),
            Self::Trigger(name) => write!(f, "by the trigger `{name}`"),
            Self::Key(name) => write!(f, "by its foreign key `{name})"),
        }
    }
}
