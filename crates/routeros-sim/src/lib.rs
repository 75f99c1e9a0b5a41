//! A simulated MikroTik router: a server of the RouterOS API, for demonstrations, tests and the
//! authors of scripts.
//!
//! [`Simulator::start`] serves a [`State`] over TCP in this process. It speaks the protocol of
//! `routeros-proto`, keeps rows as raw bytes, and can be told to misbehave by [`Faults`].
//!
//! No real router was at hand. What the simulator does is therefore graded, here and where it is
//! written down:
//!
//! - *documented*: in MikroTik's manual, by the name of its page
//! - *seen*: in a capture, or reported from a real router
//! - *read*: in the code of public clients, which is what their authors believed
//! - *ours*: a guess, so that something happens; do not rely on it
//!
//! | behaviour | grade |
//! |---|---|
//! | login with name and password; the challenge before 6.43; `!fatal` after too many commands before login | documented, "API" |
//! | `invalid user name or password (6)`, `cannot log in`, `not logged in`; another try may follow | seen |
//! | sixteen commands, 16 KiB and a minute before login | ours |
//! | `!re`, `!done`, `!trap`, `!fatal` with a bare word; tags echoed; `getall` is `print` | documented, "API" |
//! | `.tag` directly after the reply word (last with [`Options::tag_last`], as in the manual's examples) | seen |
//! | `!empty` since 7.18, before `!done` of a print without rows | documented, changelog; seen |
//! | `/quit`; `/cancel` and the order of its replies; `.dead=true` in `listen` | documented, "API"; seen |
//! | queries as a stack of truth values; booleans in either spelling; `.id` compares with ids only | documented, "API"; seen |
//! | `.proplist` gives bare `!re` rows; `count-only` answers in `ret`; flags without a value | seen |
//! | arguments of `print`, and `unknown parameter` with the name since 7 | seen |
//! | fields and commands of each menu, as in 7.22.3 | seen |
//! | two traps for a bad path; `no such command`; `no such command prefix` | seen |
//! | `ret` of `add`; ids grow and are not used again within a run | seen; the second ours |
//! | several ids with commas; a number without `*` is the row's place; names, which may be shortened | read; seen; documented, "API command notes" |
//! | rows before one that fails are changed already | read |
//! | enumerations and names by prefix, `ambiguous value`, `input does not match any value` | seen; documented |
//! | `/32` dropped and ranges made prefixes in address lists | documented, "Address-lists" |
//! | MAC addresses in upper case, rates in plain bits, booleans as `true` and `false` | seen |
//! | one row for each list and address; timed rows can be set and removed; a timeout set again starts again | seen |
//! | a row given a timeout becomes dynamic; what is left is shown in whole seconds | documented, "Address-lists"; the second ours |
//! | DNS names in address lists stay as they are: no rows for their addresses appear | not imitated |
//! | `unset` only where the menu has it; `set =!field=` clears until 7.22 and does nothing since 7.23 | seen |
//! | dynamic leases refuse changes and can be removed | seen; read |
//! | dynamic filter rules, queues and static DNS entries refuse changes and removal | ours |
//! | a print shows the rows of the moment it came | ours |
//! | a login without the policy `api`; `not enough permissions (9)` without `read` or `write` | seen; told by [`Faults::lacks`], not by groups |
//! | `print` and `add` know neither `numbers` nor `.id` | seen |
//! | fields that are only written, such as the password of `/user`, are never shown | seen |
//! | the last user of the group `full` cannot be removed, turned off, or put into another group | documented, "User"; the second and third ours |
//! | a line in `/log` for each login over the API | seen |
//! | `/system/reboot`: connections end without a word, timed rows are gone, rows have other ids | seen; documented; told both ways |
//! | counters that grow and ages that pass, with [`Options::moving`]: a unit each millisecond | ours |
//! | groups and their policies, `/user/active`, `interval`, `copy-from` of defaults | not imitated |

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
mod router;
mod row;
mod session;
mod shown;
mod simulator;
mod state;
mod stream;
mod trap;
mod value;
mod verb;
mod version;

pub use clock::Clock;
pub use fault::{Faults, Policy};
pub use id::{Id, IdError};
pub use json::StateError;
pub use login::LoginKind;
pub use received::Received;
pub use row::Row;
pub use simulator::{Options, Simulator};
pub use state::State;
/// The TLS library of [`Options::tls`].
pub use tokio_rustls::rustls;
pub use version::{Version, VersionError};
