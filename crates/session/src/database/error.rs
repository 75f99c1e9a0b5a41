//! What can go wrong with a database, in the operator's words.

use std::time::Duration;

use thiserror::Error;

use crate::error::ServiceError;
use catalogue::Said;
use sentences::{
    ErrorDatabaseConnectTimeout, ErrorDatabaseCount, ErrorDatabaseDenied,
    ErrorDatabaseDisconnected, ErrorDatabaseLogin, ErrorDatabaseNoRoom, ErrorDatabaseParameter,
    ErrorDatabaseQuery, ErrorDatabaseQueryAt, ErrorDatabaseTimeout, ErrorDatabaseTooManyBytes,
    ErrorDatabaseTooManyRows, ErrorDatabaseUndeclared, ErrorDatabaseUnreachable,
    ErrorDatabaseValue, HintDatabaseCount, HintDatabaseDenied, HintDatabaseDisconnected,
    HintDatabaseLogin, HintDatabaseParameter, HintDatabaseTimeout, HintDatabaseTooMuch,
    HintDatabaseUndeclared, HintDatabaseUnreachable, HintDatabaseValue, HintNoRoom,
};
use site::config::Service;
use site::kind::Kind;
use wording::duration;

/// A place in a query, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QueryPlace {
    /// The line.
    pub line: usize,
    /// The character of the line.
    pub column: usize,
}

/// What an answer is measured by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Rows.
    Rows,
    /// Bytes.
    Bytes,
}

/// A database that cannot be reached, or a query that cannot be answered. No message holds a
/// password, and `address` is shown without one.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{}", self.said())]
pub enum DatabaseError {
    /// Nobody answers there, or not as a database should.
    Unreachable {
        /// Where.
        address: String,
        /// Why.
        reason: Said,
    },
    /// It did not let us in within the time there is for that.
    ConnectTimeout {
        /// Where.
        address: String,
        /// The limit.
        limit: Duration,
    },
    /// It does not know the user, the password or the database.
    LoginRefused {
        /// Where.
        address: String,
        /// The server's words.
        message: String,
    },
    /// The connection ended, and with it the run's snapshot.
    Disconnected {
        /// Where.
        address: String,
        /// Why, as far as is known.
        reason: Said,
    },
    /// A query took longer than a query may.
    Timeout {
        /// Where.
        address: String,
        /// The limit.
        limit: Duration,
    },
    /// The query could change something, and reading is all there is.
    Denied {
        /// What in it is refused, or the server's own words.
        reason: Said,
    },
    /// A statement changes more than the table it names.
    Undeclared {
        /// The other table.
        table: String,
        /// What makes the statement change it.
        how: String,
    },
    /// The server cannot answer the query.
    Query {
        /// The server's words.
        message: String,
        /// Where in the query, where the server says that.
        place: Option<QueryPlace>,
        /// SQLSTATE, or SQLite's number.
        code: String,
        /// The server's own advice.
        advice: Option<String>,
    },
    /// The query does not hold as many parameters as were given.
    ParameterCount {
        /// The highest `$n` in the query.
        expected: usize,
        /// How many values came with it.
        given: usize,
    },
    /// A parameter cannot be sent as what the query needs.
    Parameter {
        /// Which, counted from 1.
        number: usize,
        /// Why.
        reason: Said,
    },
    /// A value of the answer is not what the server says it is.
    Value {
        /// The column.
        column: String,
        /// Why.
        reason: Said,
    },
    /// An answer larger than an answer may be.
    TooMuch {
        /// The limit.
        limit: usize,
        /// What was counted.
        unit: Unit,
    },
    /// There is no room for the answer in what the run may hold.
    NoRoom {
        /// Where.
        address: String,
    },
}

impl ServiceError for DatabaseError {
    fn said(&self) -> Said {
        match self {
            Self::Unreachable { address, reason } => {
                ErrorDatabaseUnreachable { address, reason }.into()
            }
            Self::ConnectTimeout { address, limit } => {
                let limit = duration::text(*limit);
                ErrorDatabaseConnectTimeout { address, limit }.into()
            }
            Self::LoginRefused { address, message } => {
                ErrorDatabaseLogin { address, message }.into()
            }
            Self::Disconnected { address, reason } => {
                ErrorDatabaseDisconnected { address, reason }.into()
            }
            Self::Timeout { address, limit } => {
                let limit = duration::text(*limit);
                ErrorDatabaseTimeout { address, limit }.into()
            }
            Self::Denied { reason } => ErrorDatabaseDenied { reason }.into(),
            Self::Undeclared { table, how } => ErrorDatabaseUndeclared { table, how }.into(),
            Self::Query {
                message,
                place: Some(QueryPlace { line, column }),
                ..
            } => ErrorDatabaseQueryAt {
                message,
                line: *line,
                column: *column,
            }
            .into(),
            Self::Query { message, .. } => ErrorDatabaseQuery { message }.into(),
            Self::ParameterCount { expected, given } => ErrorDatabaseCount {
                expected: *expected,
                given: *given,
            }
            .into(),
            Self::Parameter { number, reason } => ErrorDatabaseParameter {
                number: *number,
                reason,
            }
            .into(),
            Self::Value { column, reason } => ErrorDatabaseValue { column, reason }.into(),
            Self::TooMuch { limit, unit } => {
                let limit = *limit;
                match unit {
                    Unit::Rows => ErrorDatabaseTooManyRows { limit }.into(),
                    Unit::Bytes => ErrorDatabaseTooManyBytes { limit }.into(),
                }
            }
            Self::NoRoom { address } => ErrorDatabaseNoRoom {
                address,
                limit: memory::LIMIT >> 20,
            }
            .into(),
        }
    }

    fn service(&self) -> Service {
        Service::Db
    }

    fn kind(&self) -> Kind {
        match self {
            Self::Unreachable { .. } => Kind::Unreachable,
            Self::LoginRefused { .. } => Kind::LoginRefused,
            Self::Disconnected { .. } => Kind::Disconnected,
            Self::ConnectTimeout { .. } | Self::Timeout { .. } => Kind::Timeout,
            Self::Denied { .. } | Self::Undeclared { .. } => Kind::Denied,
            Self::Query { .. } => Kind::Refused,
            Self::ParameterCount { .. }
            | Self::Parameter { .. }
            | Self::Value { .. }
            | Self::TooMuch { .. }
            | Self::NoRoom { .. } => Kind::Invalid,
        }
    }

    fn hint(&self) -> Option<Said> {
        Some(match self {
            Self::Unreachable { .. } | Self::ConnectTimeout { .. } => {
                HintDatabaseUnreachable.into()
            }
            Self::LoginRefused { .. } => HintDatabaseLogin.into(),
            Self::Disconnected { .. } => HintDatabaseDisconnected.into(),
            Self::Timeout { .. } => HintDatabaseTimeout.into(),
            Self::Denied { .. } => HintDatabaseDenied.into(),
            Self::Undeclared { table, .. } => HintDatabaseUndeclared { table }.into(),
            Self::Query { advice, .. } => return advice.as_ref().map(Said::from),
            Self::ParameterCount { .. } => HintDatabaseCount.into(),
            Self::Parameter { .. } => HintDatabaseParameter.into(),
            Self::Value { .. } => HintDatabaseValue.into(),
            Self::TooMuch { .. } => HintDatabaseTooMuch.into(),
            Self::NoRoom { .. } => HintNoRoom.into(),
        })
    }
}
