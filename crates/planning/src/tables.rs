//! The tables that a statement of the database writes.

use super::error::ChangeError;
use plan::change::Change;
use plan::statement::{Parameter, Statement};
use session::Session;
use site::config::Service;
use site::grant::Grant;

/// A statement as a change of the table that it writes: as `grant` declares it, where the server takes that
/// for the same table, else as the server does.
///
/// # Errors
/// [`ChangeError::Session`] for a statement that writes anything else, or if there is no database.
pub async fn named(
    session: &Session,
    grant: &Grant,
    sql: &str,
    parameters: Vec<Parameter>,
    reason: &str,
) -> Result<Change, ChangeError> {
    let database = session.database().await?;
    let table = database.written_table(sql)?;
    let declared = grant
        .declared(Service::Db)
        .find(|name| table.is_named(name));
    let table = declared.map_or_else(|| table.to_string(), str::to_owned);
    let others = grant.declared(Service::Db).filter(|other| *other != table);
    let beside = others.map(str::to_owned).collect();
    let statement = Statement {
        table,
        beside,
        sql: sql.to_owned(),
        parameters,
    };
    Ok(Change::of(statement, reason))
}
