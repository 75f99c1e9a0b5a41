#![doc = include_str!("../README.md")]
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
#[cfg(feature = "tls")]
mod tls;
mod waits;

pub use commands::Answer;
pub use error::{Class, ClientError, Fault, KeyExchange, Lost, TlsFault, fingerprint_text};
pub use memory::AnswerMemory;
#[cfg(feature = "tls")]
pub use options::{CertificateCheck, Tls};
pub use options::{Options, Secret};
pub use print::Print;
#[cfg(feature = "tls")]
pub use router::fingerprint;
pub use router::{Bounds, Part, Router};
pub use routeros_proto::{
    Batch, ChallengeLogin, Command, CommandError, Fields, Id, IdError, Limits, ProtoError, Query,
    QueryError, Row, RowRef, Rows, SentenceRef, Trap, Words,
};
pub use stream::RowStream;
