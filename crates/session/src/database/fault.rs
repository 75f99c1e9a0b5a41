//! What goes wrong with a database, before it is told in the operator's words.

use std::time::Duration;

use super::error::{DatabaseError, Unit};
use super::{mysql, postgres, sqlite};
use catalogue::Said;
use sentences::{DatabaseAnnouncesTooMuch, DatabaseNoDatabase, DatabaseSays};
use wording::system::without_number;

/// What went wrong, before it is known on what address and in which query.
#[derive(Debug)]
pub enum Fault {
    /// What the driver says.
    Driver(sqlx::Error),
    /// It took longer than it may.
    Slow,
    /// What is not done, and why.
    Denied(Said),
    /// A statement changes a table that no permit names.
    Undeclared {
        /// The table.
        table: String,
        /// What makes the statement change it.
        how: String,
    },
    /// Bytes that the driver could make nothing of.
    Nonsense,
    /// While it waited the process came to hold more than it may.
    NoRoom,
    /// An answer larger than an answer may be.
    TooMuch {
        /// The limit.
        limit: usize,
        /// What was counted.
        unit: Unit,
    },
    /// A parameter that cannot be sent.
    Parameter {
        /// Which, counted from 1.
        number: usize,
        /// Why.
        reason: Said,
    },
    /// The server counts other parameters than were given.
    Count {
        /// How many it takes.
        expected: usize,
        /// How many there are.
        given: usize,
    },
}

impl From<sqlx::Error> for Fault {
    fn from(error: sqlx::Error) -> Self {
        Self::Driver(error)
    }
}

/// What an error of a server means, whichever server it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    Login,
    Absent,
    Slow,
    ReadOnly,
    Gone,
    Other,
}

impl Fault {
    pub(super) fn leaves_the_connection_good(&self) -> bool {
        match self {
            Self::Driver(error) => match error.as_database_error() {
                Some(error) => meaning(error) != Meaning::Gone,
                None => matches!(error, sqlx::Error::Encode(_) | sqlx::Error::Decode(_)),
            },
            Self::Nonsense | Self::NoRoom => false,
            _ => true,
        }
    }

    /// The error of a connection to `address` that was being opened.
    pub(super) fn on_connecting(self, address: &str) -> DatabaseError {
        let address = address.to_owned();
        let error = match self {
            Self::Driver(error) => error,
            Self::NoRoom => {
                let reason = DatabaseAnnouncesTooMuch.into();
                return DatabaseError::Unreachable { address, reason };
            }
            _ => {
                let reason = DatabaseNoDatabase.into();
                return DatabaseError::Unreachable { address, reason };
            }
        };
        match error.as_database_error() {
            Some(refused) if matches!(meaning(refused), Meaning::Login | Meaning::Absent) => {
                DatabaseError::LoginRefused {
                    address,
                    message: refused.message().to_owned(),
                }
            }
            _ => DatabaseError::Unreachable {
                address,
                reason: driver_reason(&error).into(),
            },
        }
    }

    /// The error of the statement `sql`, which may take `limit`.
    pub fn in_query(self, sql: &str, address: &str, limit: Duration) -> DatabaseError {
        let address = address.to_owned();
        match self {
            Self::Slow => DatabaseError::Timeout { address, limit },
            Self::Denied(reason) => DatabaseError::Denied { reason },
            Self::Undeclared { table, how } => DatabaseError::Undeclared { table, how },
            Self::Nonsense => DatabaseError::Disconnected {
                address,
                reason: DatabaseNoDatabase.into(),
            },
            Self::NoRoom => DatabaseError::NoRoom { address },
            Self::TooMuch { limit, unit } => DatabaseError::TooMuch { limit, unit },
            Self::Parameter { number, reason } => DatabaseError::Parameter { number, reason },
            Self::Count { expected, given } => DatabaseError::ParameterCount { expected, given },
            Self::Driver(error) => match error.as_database_error() {
                Some(said) => server_said(said, sql, address, limit),
                None => DatabaseError::Disconnected {
                    reason: driver_reason(&error).into(),
                    address,
                },
            },
        }
    }
}

fn server_said(
    error: &(dyn sqlx::error::DatabaseError + 'static),
    sql: &str,
    address: String,
    limit: Duration,
) -> DatabaseError {
    let message = error.message().to_owned();
    match meaning(error) {
        Meaning::Slow => DatabaseError::Timeout { address, limit },
        Meaning::ReadOnly => DatabaseError::Denied {
            reason: DatabaseSays { message }.into(),
        },
        Meaning::Gone => DatabaseError::Disconnected {
            address,
            reason: format!("`{message}`").into(),
        },
        Meaning::Login | Meaning::Absent | Meaning::Other => DatabaseError::Query {
            message,
            place: postgres::error_place(error, sql),
            code: error.code().unwrap_or_default().into_owned(),
            advice: postgres::error_advice(error),
        },
    }
}

fn meaning(error: &(dyn sqlx::error::DatabaseError + 'static)) -> Meaning {
    if let Some(error) = error.try_downcast_ref::<sqlx::mysql::MySqlDatabaseError>() {
        return mysql::meaning(error);
    }
    if error
        .try_downcast_ref::<sqlx::postgres::PgDatabaseError>()
        .is_some()
    {
        return postgres::meaning(&error.code().unwrap_or_default());
    }
    sqlite::meaning(&error.code().unwrap_or_default())
}

/// What the driver says, without its own prefixes.
fn driver_reason(error: &sqlx::Error) -> String {
    match error {
        sqlx::Error::Io(cause) => without_number(&cause.to_string()),
        sqlx::Error::Tls(cause) => format!("TLS: {cause}"),
        sqlx::Error::Configuration(cause) => cause.to_string(),
        sqlx::Error::Protocol(reason) => reason.clone(),
        sqlx::Error::Database(error) => format!("`{}`", error.message()),
        other => other.to_string(),
    }
}
