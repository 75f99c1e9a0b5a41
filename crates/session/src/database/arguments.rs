//! Parameters of a statement as each driver takes them.

use sqlx::mysql::MySqlArguments;
use sqlx::postgres::{PgArguments, PgStatement};
use sqlx::sqlite::SqliteArguments;
use sqlx::{Arguments, Either, Statement as _};

use super::fault::Fault;
use super::postgres_argument::PostgresArgument;
use super::value::SqlValue;

/// Those of PostgreSQL, as the types that it inferred.
///
/// # Errors
/// [`Fault::Count`] or [`Fault::Parameter`].
pub fn postgres(prepared: &PgStatement, parameters: &[SqlValue]) -> Result<PgArguments, Fault> {
    let types = match prepared.parameters() {
        Some(Either::Left(types)) => types,
        _ => &[],
    };
    if types.len() != parameters.len() {
        return Err(Fault::Count {
            expected: types.len(),
            given: parameters.len(),
        });
    }
    let mut arguments = PgArguments::default();
    for (at, (value, type_info)) in parameters.iter().zip(types).enumerate() {
        let refused = |reason: String| Fault::Parameter {
            number: at + 1,
            reason: reason.into(),
        };
        let argument = PostgresArgument::new(value, type_info).map_err(refused)?;
        arguments
            .add(argument)
            .map_err(|error| refused(error.to_string()))?;
    }
    Ok(arguments)
}

/// Those of MySQL and MariaDB, in the `order` of a statement's places.
///
/// # Errors
/// [`Fault::Parameter`].
pub fn mysql(order: &[usize], parameters: &[SqlValue]) -> Result<MySqlArguments, Fault> {
    let mut arguments = MySqlArguments::default();
    for place in order {
        add_to_mysql(&mut arguments, &parameters[*place]).map_err(|reason| Fault::Parameter {
            number: place + 1,
            reason: reason.into(),
        })?;
    }
    Ok(arguments)
}

/// Those of SQLite.
///
/// # Errors
/// [`Fault::Parameter`].
pub fn sqlite(parameters: &[SqlValue]) -> Result<SqliteArguments, Fault> {
    let mut arguments = SqliteArguments::default();
    for (at, value) in parameters.iter().enumerate() {
        add_to_sqlite(&mut arguments, value).map_err(|reason| Fault::Parameter {
            number: at + 1,
            reason: reason.into(),
        })?;
    }
    Ok(arguments)
}

fn add_to_mysql(arguments: &mut MySqlArguments, value: &SqlValue) -> Result<(), String> {
    let added = match value {
        SqlValue::Null => arguments.add(None::<&str>),
        SqlValue::Bool(value) => arguments.add(i64::from(*value)),
        SqlValue::Int(value) => arguments.add(*value),
        SqlValue::Float(value) => arguments.add(*value),
        SqlValue::Bytes(bytes) => arguments.add(bytes.as_slice()),
        SqlValue::Time(instant) => {
            arguments.add(instant.strftime("%Y-%m-%d %H:%M:%S%.6f").to_string())
        }
        other => match other.text() {
            Some(text) => arguments.add(text),
            None => return Err(format!("a parameter cannot be an {}", other.kind())),
        },
    };
    added.map_err(|error| error.to_string())
}

fn add_to_sqlite(arguments: &mut SqliteArguments, value: &SqlValue) -> Result<(), String> {
    let added = match value {
        SqlValue::Null => arguments.add(None::<i64>),
        SqlValue::Bool(value) => arguments.add(i64::from(*value)),
        SqlValue::Int(value) => arguments.add(*value),
        SqlValue::Float(value) => arguments.add(*value),
        SqlValue::Bytes(bytes) => arguments.add(bytes.clone()),
        other => match other.text() {
            Some(text) => arguments.add(text),
            None => return Err(format!("a parameter cannot be an {}", other.kind())),
        },
    };
    added.map_err(|error| error.to_string())
}
