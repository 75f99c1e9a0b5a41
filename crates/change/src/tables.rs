//! Statements that change tables of the database. They are journalled and not undone.

use super::error::ChangeError;
use super::guard::Ceiling;
use super::planned::{Change, Outcome, Parameter, Status};
use session::database::{DatabaseError, SqlValue, Touched};
use session::{Session, write};
use site::config::Service;
use site::grant::{Grant, Permit, Target};
use wording::count::counted;

/// What a plan says about a statement.
pub const PLANNED: &str =
    "how many rows is known when it is applied, those of cascades and triggers among them";

/// Names the table that a statement writes: as `grant` declares it, where the server takes that for
/// the same table, else as the server does.
///
/// # Errors
/// [`ChangeError::Session`] for a statement that writes anything else, or if there is no database.
pub async fn name(
    session: &Session,
    grant: &Grant,
    change: &mut Change,
) -> Result<(), ChangeError> {
    let sql = change.statement.clone().unwrap_or_default();
    let database = session.database().await?;
    let table = database.written_table(&sql)?;
    let declared = grant
        .declared(Service::Db)
        .find(|name| table.is_named(name));
    let name = declared.map_or_else(|| table.to_string(), str::to_owned);
    // A plan that is read back has them already.
    let others = grant.declared(Service::Db).filter(|other| *other != name);
    change.beside = others.map(str::to_owned).collect();
    change.target = Target::Table(name);
    Ok(())
}

/// Executes the statement of a change. More rows than `ceiling` admits are rolled back.
pub async fn send(
    session: &Session,
    change: &Change,
    permits: Vec<Permit>,
    ceiling: &mut Ceiling<'_>,
) -> Outcome {
    let failed = |why: String| Outcome::because(Status::Failed, why);
    let parameters: Vec<SqlValue> = change.parameters.iter().map(sql_value).collect();
    let sql = change.statement.as_deref().unwrap_or_default();
    let database = match session.database().await {
        Ok(database) => database,
        Err(error) => return failed(error.to_string()),
    };
    let stays = |touched: &Touched| ceiling.admits(touched);
    let executed = write::statement(&database, &permits, sql, &parameters, stays).await;
    match (executed, &ceiling.refusal) {
        (Ok(_), Some(refusal)) => {
            Outcome::because(Status::Protected, format!("{refusal}; it was rolled back"))
        }
        (Ok(touched), None) => Outcome::because(Status::Applied, said(&touched)),
        (Err(error @ DatabaseError::Undeclared { .. }), _) => {
            let why = format!("{error}; nothing of it stays");
            ceiling.refusal = Some(error.into());
            Outcome::because(Status::Protected, why)
        }
        (Err(error @ (DatabaseError::Disconnected { .. } | DatabaseError::Timeout { .. })), _) => {
            Outcome::because(Status::Unknown, error.to_string())
        }
        (Err(error), _) => failed(error.to_string()),
    }
}

fn said(touched: &Touched) -> String {
    let rows = |count: u64| counted(usize::try_from(count).unwrap_or(usize::MAX), "row");
    let most = if touched.is_most { "at most " } else { "" };
    let all = rows(touched.rows);
    match touched.rows.saturating_sub(touched.own_rows) {
        0 => format!("{most}{all}"),
        others => {
            let perhaps = if touched.is_most { "perhaps " } else { "" };
            format!("{most}{all}, {perhaps}{others} of them by cascades and triggers")
        }
    }
}

fn sql_value(parameter: &Parameter) -> SqlValue {
    match parameter {
        Parameter::Null => SqlValue::Null,
        Parameter::Bool(truth) => SqlValue::Bool(*truth),
        Parameter::Int(number) => SqlValue::Int(*number),
        Parameter::Float(number) => SqlValue::Float(*number),
        Parameter::Decimal(text) => SqlValue::Decimal(text.clone()),
        Parameter::Text(text) => SqlValue::Text(text.clone()),
        Parameter::Time(time) => SqlValue::Time(*time),
        Parameter::Hex(bytes) => SqlValue::Bytes(bytes.0.clone()),
    }
}
