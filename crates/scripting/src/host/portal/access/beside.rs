//! What is read beside the state that decides the tasks: names of people, debts, payments. A table or
//! column that the database does not have is remarked, and what rests on it is not told.

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;
use jiff::civil::Date;

use super::super::super::error::HostError;
use super::super::super::rows::Row as TableRow;
use super::super::columns::Columns;
use super::super::site_state;
use portal::access::{LedgerEntry, Payment, Transaction};
use portal::setting::Settings;
use portal::sync::{Debt, User};
use portal::user_id::UserId;
use session::database::Database;

/// What is read of a user beside what decides the tasks.
const OF_PEOPLE: &[&str] = &["full_name", "blok", "kamar", "manual_debt_mb"];

const DEBTS: Query<'static> = Query {
    table: "user_quota_debts",
    columns: &["amount_mb", "is_paid", "paid_at", "due_date"],
    sql: "SELECT user_id, amount_mb, is_paid, paid_at, due_date FROM user_quota_debts \
          WHERE is_paid = false AND paid_at IS NULL",
};

/// The last payments of each user, the newest first.
const TRANSACTIONS: Query<'static> = Query {
    table: "transactions",
    columns: &[
        "midtrans_order_id",
        "amount",
        "status",
        "payment_time",
        "expiry_time",
    ],
    sql: "SELECT user_id, midtrans_order_id, amount, status, payment_time, expiry_time, created_at \
          FROM (SELECT user_id, midtrans_order_id, amount, status, payment_time, expiry_time, \
                created_at, ROW_NUMBER() OVER (PARTITION BY user_id ORDER BY created_at DESC) AS place \
                FROM transactions WHERE user_id IS NOT NULL) AS numbered \
          WHERE place <= 5 ORDER BY user_id, place",
};

/// Entries that may give quota: each run of the sync writes others by the thousand.
const LEDGER: Query<'static> = Query {
    table: "quota_mutation_ledger",
    columns: &["source", "idempotency_key", "event_details", "created_at"],
    sql: "SELECT user_id, source, idempotency_key, event_details, created_at \
          FROM quota_mutation_ledger \
          WHERE source <> 'hotspot.sync_usage' AND source NOT LIKE 'policy.%'",
};

/// What is known of people beside the state of the site.
#[derive(Default)]
pub struct Beside {
    /// For each user one, in their order.
    pub people: Vec<Person>,
    pub debts: Vec<Debt>,
    transactions: HashMap<UserId, Vec<Transaction>>,
    /// `None` where it cannot be told what was credited.
    ledger: Option<HashMap<UserId, Vec<LedgerEntry>>>,
    /// What could not be looked at, because the database does not have it.
    pub missing: Vec<Missing>,
}

/// A user's name and room.
#[derive(Default)]
pub struct Person {
    pub name: Option<Box<str>>,
    pub block: Option<Box<str>>,
    pub room: Option<Box<str>>,
    pub manual_debt_mb: i64,
}

/// A table that the database does not have, or not with all columns.
pub struct Missing {
    pub table: &'static str,
    /// `None` where the whole table is missing.
    pub column: Option<&'static str>,
}

struct Query<'sql> {
    table: &'static str,
    columns: &'static [&'static str],
    sql: &'sql str,
}

/// Reads it, and the users themselves, whose table is read once for both.
///
/// # Errors
/// The database could not be read; a missing table or column of what stands beside them is no error.
pub async fn read(database: &Database, beside: &mut Beside) -> Result<Vec<User>, HostError> {
    let missing = &mut beside.missing;
    let users = users(database, missing).await?;
    let debts = rows(database, &DEBTS, debt, missing).await?;
    let transactions = rows(database, &TRANSACTIONS, transaction, missing).await?;
    let ledger = match transactions.as_deref() {
        None | Some([]) => None,
        Some(_) => rows(database, &LEDGER, ledger_entry, missing).await?,
    };
    let (users, people) = users;
    beside.people = people;
    beside.debts = debts.unwrap_or_default();
    beside.transactions = by_user(transactions.unwrap_or_default());
    beside.ledger = ledger.map(by_user);
    Ok(users)
}

/// The users, and for each the person; where the database lacks a column of people, they are all unnamed.
async fn users(
    database: &Database,
    missing: &mut Vec<Missing>,
) -> Result<(Vec<User>, Vec<Person>), HostError> {
    let columns = [site_state::USER_COLUMNS, &OF_PEOPLE.join(", ")].join(", ");
    let both = Query {
        table: "users",
        columns: OF_PEOPLE,
        sql: &format!("SELECT {columns} FROM users"),
    };
    if let Some(both) = rows(database, &both, user_and_person, missing).await? {
        return Ok(both.into_iter().unzip());
    }
    let users = site_state::users(database).await?;
    let people = users.iter().map(|_| Person::default()).collect();
    Ok((users, people))
}

impl Beside {
    /// The payment of each user that says most.
    pub fn payments(&self, settings: &Settings, now: Timestamp) -> HashMap<UserId, Payment> {
        let payments = self.transactions.iter();
        let payments = payments.filter_map(|(id, transactions)| {
            let ledger = self.ledger.as_ref();
            let ledger = ledger.map(|ledger| ledger.get(id).map_or(&[][..], Vec::as_slice));
            let payments = transactions.iter();
            let payments = payments.map(|each| Payment::of(each, ledger, settings, now));
            let payments: Vec<Payment> = payments.collect();
            Some((*id, Payment::weightiest(&payments)?.clone()))
        });
        payments.collect()
    }
}

/// The rows of a query; `None` where the database does not have what it names.
async fn rows<T>(
    database: &Database,
    query: &Query<'_>,
    read: fn(&TableRow) -> Result<Option<T>, HostError>,
    missing: &mut Vec<Missing>,
) -> Result<Option<Vec<T>>, HostError> {
    let error = match site_state::table(database, query.sql, read).await {
        Ok(rows) => return Ok(Some(rows)),
        Err(error) if error.kind.is_unreachable() => return Err(error),
        Err(error) => error,
    };
    let names: HashSet<String> = database
        .columns_of(query.table)
        .await?
        .into_iter()
        .collect();
    let column = query
        .columns
        .iter()
        .find(|column| !names.contains(**column));
    if !names.is_empty() && column.is_none() {
        return Err(error);
    }
    missing.push(Missing {
        table: query.table,
        column: column.copied().filter(|_| !names.is_empty()),
    });
    Ok(None)
}

fn by_user<T>(rows: Vec<(UserId, T)>) -> HashMap<UserId, Vec<T>> {
    let mut found: HashMap<UserId, Vec<T>> = HashMap::new();
    for (id, row) in rows {
        found.entry(id).or_default().push(row);
    }
    found
}

fn user_and_person(row: &TableRow) -> Result<Option<(User, Person)>, HostError> {
    let Some(user) = site_state::user(row)? else {
        return Ok(None);
    };
    let mut columns = Columns::of(row);
    let text = |text: Option<String>| text.map(String::into_boxed_str);
    let person = Person {
        name: text(columns.optional_text("full_name")?),
        block: text(columns.optional_text("blok")?),
        room: text(columns.optional_text("kamar")?),
        manual_debt_mb: columns.whole("manual_debt_mb")?,
    };
    Ok(Some((user, person)))
}

fn debt(row: &TableRow) -> Result<Option<Debt>, HostError> {
    let mut columns = Columns::of(row);
    let Some(user_id) = UserId::parse(&columns.text("user_id")?) else {
        return Ok(None);
    };
    let due = columns.optional_text("due_date")?;
    Ok(Some(Debt {
        user_id,
        amount_mb: columns.whole("amount_mb")?,
        due: due.and_then(|due| due.parse::<Date>().ok()),
        is_paid: columns.flag("is_paid")? || columns.time("paid_at")?.is_some(),
    }))
}

fn transaction(row: &TableRow) -> Result<Option<(UserId, Transaction)>, HostError> {
    let mut columns = Columns::of(row);
    let Some(user_id) = UserId::parse(&columns.text("user_id")?) else {
        return Ok(None);
    };
    let transaction = Transaction {
        order_id: columns.text("midtrans_order_id")?,
        amount_rp: columns.whole("amount")?,
        status: columns.text("status")?,
        paid_at: columns.time("payment_time")?,
        expires_at: columns.time("expiry_time")?,
        begun_at: columns.time("created_at")?,
    };
    Ok(Some((user_id, transaction)))
}

fn ledger_entry(row: &TableRow) -> Result<Option<(UserId, LedgerEntry)>, HostError> {
    let columns = Columns::of(row);
    let Some(user_id) = UserId::parse(&columns.text("user_id")?) else {
        return Ok(None);
    };
    let (key, details) = (
        columns.text("idempotency_key")?,
        columns.text("event_details")?,
    );
    let entry = LedgerEntry {
        source: columns.text("source")?,
        details: format!("{key} {details}"),
        at: columns.time("created_at")?,
    };
    Ok(Some((user_id, entry)))
}
