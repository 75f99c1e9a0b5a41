//! What the portal's usage sync does when it runs next, row by row.
//!
//! The sync reads the router's menus once, then goes from user to user: it enrols devices, counts
//! usage, decides about the block, repairs bindings and leases, sets the profile, and puts the
//! user's addresses on the list of the user's status. What it does to one user, the next ones see.
//!
//! Beside it what the portal's other tasks do: the blocks for debts past their due date and at the
//! end of a month, the sync of unauthorised hosts, and the parity guard with its report.

mod addresses;
mod arp;
pub(crate) mod bindings;
mod debt_block;
mod decide;
pub(crate) mod difference;
mod end_of_month;
mod enrolment;
mod excerpt;
mod guard;
mod hindrance;
pub(crate) mod hosts;
mod hotspot_users;
pub(crate) mod leases;
pub(crate) mod lists;
mod named_rows;
mod overdue;
mod parity;
mod person;
pub(crate) mod places;
pub(crate) mod policy;
pub(crate) mod prepared;
mod run;
mod state;
mod table;
mod unauthorized;
mod usage;

pub use debt_block::{DebtBlock, may_be_blocked_for_debts};
pub use difference::{ColumnChange, ColumnValue, Enrolled, FieldChange, MenuDifference, NextSync};
pub use end_of_month::{ManualDebts, next_end_of_month_block};
pub(crate) use guard::parity_guard;
pub use guard::{ParityGuard, next_parity_guard};
pub use hindrance::{Hindrance, RunKeys, Surroundings, hindrances};
pub use overdue::next_overdue_block;
pub(crate) use overdue::overdue_block;
pub use parity::{
    Mismatch, ParityAction, ParityDevice, ParityItem, ParityReport, ParitySummary, parity_report,
};
pub use run::next_sync;
pub(crate) use run::{next_sync_on, usage_sync};
pub use state::{
    Arp, Binding, Debt, Device, Fields, Host, HotspotUser, Lease, ListEntry, Router, Row, Site,
    User,
};
pub(crate) use unauthorized::unauthorized_sync;
pub use unauthorized::{UnauthorizedCounts, UnauthorizedSync, next_unauthorized_sync};
