//! The RouterOS API protocol without I/O: no sockets, no clock, no runtime.
//!
//! Bytes come in and events come out, so that a client over any kind of stream, a simulator and a test
//! use the same state:
//!
//! - a client starts with [`Login`], which becomes a [`Connection`]; only that can send a [`Command`].
//! - a server is a [`Server`], which makes [`Request`]s of bytes and bytes of replies.
//! - both cut bytes into sentences with a [`Decoder`], whose [`Limits`] hold against any peer.
//! - rows stay the bytes they came in: [`Rows`], [`Row`] and [`RowRef`] find fields without copying.
//!
//! What is known of the protocol is in MikroTik's manual, page "API"; where that is silent, the
//! documentation of an item says what was seen in the field.

#![warn(missing_docs)]
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod batch;
mod client;
mod command;
mod decoder;
mod error;
mod id;
pub mod length;
mod login;
mod query;
mod reply;
mod row;
mod rows;
mod secret;
mod sentence;
mod server;

pub use batch::Batch;
pub use client::{Connection, Event, Tag};
pub use command::{Command, CommandError};
pub use decoder::{Closed, Decoder, Limits, Spare};
pub use error::{ProtoError, excerpt};
pub use id::{Id, IdError};
pub use login::{ChallengeLogin, Credentials, Login, LoginError, Step, challenge_response};
pub use query::{Query, QueryError};
pub use reply::{Reply, Trap};
pub use routeros_schema::is_secret;
pub use row::{Row, RowRef};
pub use rows::Rows;
pub use sentence::{Fields, Sentence, SentenceRef, Words};
pub use server::{Request, Server, TagPlace};
