//! Plans changes: records them, reads what they are about, judges them. Nothing here can send.

mod error;
mod judge;
pub mod keys;
mod measure;
mod own_service;
mod planner;
pub mod reread;
mod tables;
pub mod undo;

pub use error::{ChangeError, STAGES};
pub use judge::{Around, Broken, Judgement, judge};
pub use measure::measure;
pub use own_service::{Answer, OwnServices, Plans, unknown};
pub use planner::{Edited, Planner};
