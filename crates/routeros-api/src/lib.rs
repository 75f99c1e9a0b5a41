//! A client for the API of MikroTik's RouterOS, on tokio.
//!
//! ```no_run
//! use routeros_api::{Options, Print, Query, Router, Secret};
//!
//! # async fn example() -> Result<(), routeros_api::ClientError> {
//! let router = Router::connect(&Options::new("192.0.2.1", "audit", Secret::new("…"))).await?;
//! let blocked = Print::new("/ip/firewall/address-list")
//!     .fields(["address", "comment"])
//!     .query(Query::equal("list", "blocked"));
//! for row in router.rows(&blocked).await?.iter() {
//!     let address = row.get("address").unwrap_or_default();
//!     println!("{}", String::from_utf8_lossy(address));
//! }
//! # Ok(()) }
//! ```
//!
//! - One task owns the socket ([`Router`] holds only channels), so a caller that is dropped or slow
//!   stops nobody else.
//! - Every command has two limits, how long the router may be silent and how long it may take in all. Then
//!   it is cancelled on the router, and its tag is given up when even that is not answered.
//! - What answers take of memory has one limit for all of them together ([`AnswerMemory`]).
//! - An answer is whole or an error: rows before an error are counted, never passed off as the answer.
//! - Errors say who is to blame, see [`Class`].

#![warn(missing_docs)]

mod commands;
mod connect;
mod driver;
mod error;
mod feed;
mod link;
mod memory;
mod options;
mod peer;
mod print;
mod router;
mod stream;
mod tls;
mod waits;

pub use commands::Answer;
pub use error::{Class, ClientError, Fault, KeyExchange, Lost, TlsFault, fingerprint_text};
pub use memory::AnswerMemory;
pub use options::{CertificateCheck, Options, Secret, Tls};
pub use print::Print;
pub use router::{Bounds, Part, Router, fingerprint};
pub use routeros_proto::{
    Batch, ChallengeLogin, Command, CommandError, Id, IdError, Limits, ProtoError, Query,
    QueryError, Row, RowRef, Rows, Trap,
};
pub use stream::RowStream;
