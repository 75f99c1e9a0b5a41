//! What can go wrong with a database, in the operator's words.

use std::time::Duration;

use thiserror::Error;

use crate::error::ServiceError;
use catalogue::Said;
use sentences::{
    HintDatabaseCount, HintDatabaseDenied, HintDatabaseDisconnected, HintDatabaseLogin,
    HintDatabaseParameter, HintDatabaseTimeout, HintDatabaseTooMuch, HintDatabaseUndeclared,
    HintDatabaseUnreachable, HintDatabaseValue,
};
use site::config::Service;
use site::kind::Kind;
use wording::duration;

/// A database that cannot be reached, or a query that cannot be answered. No message holds a
/// password, and `address` is shown without one.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum DatabaseError {
    /// Nobody answers there, or not as a database should.
    #[error("cannot reach the database at {address}: {reason}")]
    Unreachable {
        /// Where.
        address: String,
        /// Why.
        reason: String,
    },
    /// It did not let us in within the time there is for that.
    #[error("the database at {address} did not answer within {}", duration::text(*limit))]
    ConnectTimeout {
        /// Where.
        address: String,
        /// The limit.
        limit: Duration,
    },
    /// It does not know the user, the password or the database.
    #[error("cannot log in to the database at {address}: `{message}`")]
    LoginRefused {
        /// Where.
        address: String,
        /// The server's words.
        message: String,
    },
    /// The connection ended, and with it the run's snapshot.
    #[error("lost the connection to the database at {address}: {reason}")]
    Disconnected {
        /// Where.
        address: String,
        /// Why, as far as is known.
        reason: String,
    },
    /// A query took longer than a query may.
    #[error("the database at {address} did not finish the query within {}", duration::text(*limit))]
    Timeout {
        /// Where.
        address: String,
        /// The limit.
        limit: Duration,
    },
    /// The query could change something, and reading is all there is.
    #[error("refused the query: {reason}")]
    Denied {
        /// What in it is refused, or the server's own words.
        reason: String,
    },
    /// A statement changes more than the table it names.
    #[error("the statement also changes the table `{table}`, {how}, and nothing says that it may")]
    Undeclared {
        /// The other table.
        table: String,
        /// What makes the statement change it.
        how: String,
    },
    /// The server cannot answer the query.
    #[error("the database cannot answer the query: `{message}`{place}")]
    Query {
        /// The server's words.
        message: String,
        /// Where in the query, as ` at line 1, column 8`, or nothing.
        place: String,
        /// SQLSTATE, or SQLite's number.
        code: String,
        /// The server's own advice.
        advice: Option<String>,
    },
    /// The query does not hold as many parameters as were given.
    #[error("the query takes {expected} parameters, {given} were given")]
    ParameterCount {
        /// The highest `$n` in the query.
        expected: usize,
        /// How many values came with it.
        given: usize,
    },
    /// A parameter cannot be sent as what the query needs.
    #[error("cannot use parameter ${number}: {reason}")]
    Parameter {
        /// Which, counted from 1.
        number: usize,
        /// Why.
        reason: String,
    },
    /// A value of the answer is not what the server says it is.
    #[error("cannot read column `{column}`: {reason}")]
    Value {
        /// The column.
        column: String,
        /// Why.
        reason: String,
    },
    /// An answer larger than an answer may be.
    #[error("the answer has more than {limit} {unit}")]
    TooMuch {
        /// The limit.
        limit: usize,
        /// `rows` or `bytes`.
        unit: &'static str,
    },
}

impl ServiceError for DatabaseError {
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
            | Self::TooMuch { .. } => Kind::Invalid,
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
        })
    }
}
