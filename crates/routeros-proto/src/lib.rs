#![doc = include_str!("../README.md")]
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
pub use row::{Row, RowRef};
pub use rows::Rows;
pub use sentence::{Fields, Sentence, SentenceRef, Words};
pub use server::{Request, Server, TagPlace};
