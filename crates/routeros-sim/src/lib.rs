#![doc = include_str!("../README.md")]
#![warn(missing_docs)]
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod change;
mod clock;
mod connection;
mod fault;
mod id;
mod json;
mod login;
mod menu;
mod output;
mod received;
mod recorder;
mod router;
mod row;
mod session;
mod shown;
mod simulator;
mod state;
mod stream;
mod transport;
mod trap;
mod value;
mod verb;
mod version;

pub use clock::Clock;
pub use fault::{Faults, Policy, PolicyError};
pub use id::{Id, IdError};
pub use json::StateError;
pub use login::LoginKind;
pub use received::Received;
pub use recorder::Recorder;
pub use row::Row;
pub use simulator::{Options, Simulator};
pub use state::State;
/// The TLS library of [`Options::tls`].
#[cfg(feature = "tls")]
pub use tokio_rustls::rustls;
pub use version::{Version, VersionError};
