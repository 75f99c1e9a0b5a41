//! Access: for each user and each device what the portal wants, what the router does, what that does
//! to the person, why, who would change it, and what an operator can do.
//!
//! Everything is told in bulk and in linear time. What a task would change is not guessed: the task is
//! run as a pure function, and the router's treatment of the device is judged once more on what it
//! leaves behind.
//!
//! What the router does to an address: rows in force on the lists blocked, inactive, unauthorized,
//! expired and habis shut it out, whatever its bindings say; one on fup slows it down. Rows may be
//! addresses, networks and ranges. What it does to a device: a binding in force that blocks shuts it
//! out, one that bypasses lets it pass, else its user logs in with a hotspot user.

mod advice;
mod cause;
mod coming;
mod disagreement;
mod effect;
mod foretold;
mod judge;
mod list_index;
mod part;
mod patch;
mod payment;
mod report;
mod rest;
mod sync_health;
mod treatment;
mod verdict;
mod view;
mod wanted;
mod whereabouts;

pub use advice::{Advice, Cost};
pub use cause::{Cause, CauseKind, OtherCause};
pub use coming::{ChangedBy, Coming};
pub use disagreement::{Disagreement, DisagreementKind, count, disagreements};
pub use effect::Effect;
pub use foretold::Foretold;
pub use judge::access;
pub use payment::{Credit, LedgerEntry, Payment, PaymentState, Transaction};
pub use report::{
    Access, Circumstances, DeviceAccess, ListRowAccess, Owner, StrangerAccess, UserAccess, Verdict,
};
pub use rest::{Guarded, Rest, RouterChanges};
pub use sync_health::SyncHealth;
pub use treatment::Passage;
pub use wanted::Wanted;
