//! What can go wrong between a run and its site.

use thiserror::Error;

use super::database::DatabaseError;
use super::redis::RedisError;
use crate::demo::DemoError;

/// A service of the site that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SessionError {
    /// Nothing says where the service is.
    #[error("no {service} is configured for the site `{site}`")]
    NotConfigured {
        /// `database`, `redis` or `router`.
        service: &'static str,
        /// The site's name.
        site: String,
        /// The variables that would say it.
        variables: &'static str,
    },
    /// The built-in site did not start.
    #[error("cannot start the demo site: {reason}")]
    Demo {
        /// Why.
        reason: String,
    },
    /// The database.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// Redis.
    #[error(transparent)]
    Redis(#[from] RedisError),
}

impl From<DemoError> for SessionError {
    fn from(error: DemoError) -> Self {
        let mut reason = error.to_string();
        let mut cause = std::error::Error::source(&error);
        while let Some(below) = cause {
            reason = format!("{reason}: {below}");
            cause = below.source();
        }
        Self::Demo { reason }
    }
}

impl SessionError {
    /// A stable word for what happened, for scripts to compare.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::NotConfigured { .. } => "not_configured",
            Self::Demo { .. } => "unreachable",
            Self::Database(error) => error.kind(),
            Self::Redis(error) => error.kind(),
        }
    }

    /// Whether nothing can be said about the site because a service of it did not answer.
    pub fn is_unreachable(&self) -> bool {
        match self {
            Self::NotConfigured { .. } => false,
            Self::Demo { .. } => true,
            Self::Database(error) => error.is_unreachable(),
            Self::Redis(error) => error.is_unreachable(),
        }
    }

    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::NotConfigured { variables, .. } => Some(format!(
                "set {variables}, or describe the site in tikbook.toml, or look around with --site demo"
            )),
            Self::Demo { .. } => None,
            Self::Database(error) => error.hint(),
            Self::Redis(error) => error.hint(),
        }
    }
}
