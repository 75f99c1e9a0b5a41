//! Statements that change tables of the database. They are journalled and not undone.

use super::error::ChangeError;
use super::fields::unhex;
use super::planned::{Change, Outcome, Parameter, Status};
use crate::grant::Permit;
use crate::session::Session;
use crate::session::database::{DatabaseError, SqlValue};

/// Names the table that a statement writes.
///
/// # Errors
/// [`ChangeError::Session`] for a statement that writes anything else, or if there is no database.
pub async fn name(session: &Session, change: &mut Change) -> Result<(), ChangeError> {
    let sql = change.statement.clone().unwrap_or_default();
    let database = session.database().await?;
    change.target.name = database.written_table(&sql)?;
    Ok(())
}

/// Executes the statement of a change.
pub async fn send(session: &Session, change: &Change, permit: Option<Permit>) -> Outcome {
    let failed = |why: String| Outcome::because(Status::Failed, why);
    let Some(permit) = permit else {
        return failed("it was not permitted".to_owned());
    };
    let parameters: Vec<SqlValue> = change.parameters.iter().map(sql_value).collect();
    let sql = change.statement.as_deref().unwrap_or_default();
    let database = match session.database().await {
        Ok(database) => database,
        Err(error) => return failed(error.to_string()),
    };
    match database.execute(&permit, sql, &parameters).await {
        Ok(rows) => Outcome::because(Status::Applied, format!("{rows} rows")),
        Err(error @ (DatabaseError::Disconnected { .. } | DatabaseError::Timeout { .. })) => {
            Outcome::because(Status::Unknown, error.to_string())
        }
        Err(error) => failed(error.to_string()),
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
        Parameter::Hex(digits) => SqlValue::Bytes(unhex(digits).unwrap_or_default()),
    }
}
