//! The built-in site: a boarding house whose router and database disagree in every way that the
//! runbooks know. It needs no network and no set-up, and everything it starts is gone with the
//! value that was returned.

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod containers;
mod database;
mod engine;
mod fixture;
mod port;
mod redis;
mod router;
mod services;

pub use self::database::DemoDatabase;
pub use self::engine::DemoEngine;
pub use self::fixture::{Contents, FixtureError, ROUTER_STATE, tables};
pub use self::redis::{BROKER, DemoRedis, OWN_KEYS, RESULTS};
pub use self::router::{DemoRouter, PASSWORD, USER};
pub use self::services::{Demo, StandIn};

/// A part of the demo site that did not start.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// SQLite refused the tables or the rows.
    #[error("cannot fill its database")]
    Database(#[source] sqlx::Error),
    /// The simulated router has no port.
    #[error("cannot start its simulated router")]
    Router(#[source] std::io::Error),
    /// The simulated router does not understand its rows.
    #[error("cannot read the rows of its router")]
    RouterState(#[source] routeros_sim::StateError),
    /// The Redis stand-in has no port.
    #[error("cannot start its Redis stand-in")]
    Redis(#[source] std::io::Error),
    /// The stand-in for the Docker Engine has no port.
    #[error("cannot start its stand-in for the Docker Engine")]
    Engine(#[source] std::io::Error),
}
