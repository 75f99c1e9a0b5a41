//! Statements that change tables of the database. They are journalled and not undone.

use super::ceiling::Ceiling;
use catalogue::Said;
use plan::outcome::{Outcome, Status};
use plan::statement::{Parameter, Statement};
use sending::{Touched, Writer};
use sentences::{
    OutcomeNothingStays, OutcomeRolledBack, OutcomeRows, OutcomeRowsMost, OutcomeRowsMostOthers,
    OutcomeRowsOthers,
};
use session::Session;
use session::database::{DatabaseError, SqlValue};
use site::grant::Permit;

/// Executes the statement of a change. More rows than `ceiling` admits are rolled back.
pub async fn send(
    (session, writer): (&Session, &Writer),
    statement: &Statement,
    permits: Vec<Permit>,
    ceiling: &mut Ceiling<'_>,
) -> Outcome {
    let failed = |why: String| Outcome::because(Status::Failed, why);
    let parameters: Vec<SqlValue> = statement.parameters.iter().map(sql_value).collect();
    let database = match session.database().await {
        Ok(database) => database,
        Err(error) => return failed(error.to_string()),
    };
    let stays = |touched: &Touched| ceiling.admits(touched);
    let executed = writer
        .statement(&database, &permits, &statement.sql, &parameters, stays)
        .await;
    match (executed, &ceiling.refusal) {
        (Ok(_), Some(refusal)) => {
            let why = refusal.said();
            Outcome::because(Status::Protected, OutcomeRolledBack { why })
        }
        (Ok(touched), None) => Outcome::because(Status::Applied, said(&touched)),
        (Err(error @ DatabaseError::Undeclared { .. }), _) => {
            let why = OutcomeNothingStays {
                why: error.to_string(),
            };
            ceiling.refusal = Some(error.into());
            Outcome::because(Status::Protected, why)
        }
        (Err(error @ (DatabaseError::Disconnected { .. } | DatabaseError::Timeout { .. })), _) => {
            Outcome::because(Status::Unknown, error.to_string())
        }
        (Err(error), _) => failed(error.to_string()),
    }
}

fn said(touched: &Touched) -> Said {
    let rows = touched.rows;
    let others = rows.saturating_sub(touched.own_rows);
    match (others, touched.is_most) {
        (0, false) => OutcomeRows { rows }.into(),
        (0, true) => OutcomeRowsMost { rows }.into(),
        (_, false) => OutcomeRowsOthers { rows, others }.into(),
        (_, true) => OutcomeRowsMostOthers { rows, others }.into(),
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
