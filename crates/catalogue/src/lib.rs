//! Sentences by key. A [`Message`] is a value: a key and typed arguments. What it says is looked up when it
//! is shown, in the language of who reads it; the texts stand in a [`Catalogue`], one file a language, in
//! the syntax of [Fluent](https://projectfluent.org).
//!
//! - A message is a whole sentence with named placeholders: `{ $user }`. It refers to no other message and
//!   calls no function, so what a translator sees is what is said.
//! - A variant is chosen by a number, in the plural forms of the language, or by a word:
//!   `{ $count -> [one] a row *[other] { $count } rows }`.
//! - An attribute is a text of its own by the key `message.attribute`: `finding-stale.advice`.
//! - A text may be written on several lines, which are joined by blanks.
//! - A file is bytes from outside: it is at most [`MOST_BYTES`] long, and no bytes make this crate panic.
//!
//! [`Catalogues`] are several files, the strongest first. A text is looked for in the language that is asked
//! for, then in English, which every message has. JSON always has the English text.
//!
//! ```
//! use std::sync::Arc;
//! use catalogue::{Argument, Catalogue, Catalogues, Language};
//!
//! let english = Catalogue::parse(Language::English, "en.ftl", "row-stale = { $user } is kept out\n").unwrap();
//! let catalogues = Arc::new(Catalogues::new([Arc::new(english)]));
//! let message = catalogues.message("row-stale", vec![("user".into(), Argument::from("08123"))]).unwrap();
//! assert_eq!(message.in_language(Language::Indonesian), "08123 is kept out");
//! ```

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod catalogues;
mod file;
mod language;
mod message;
mod number;
mod syntax;

pub use catalogues::{Catalogues, Difference, MessageError};
pub use file::{Catalogue, CatalogueError, MOST_BYTES, Problem};
pub use language::Language;
pub use message::{Argument, Message, Said};
pub use number::Number;
