//! Points in time, and what a run takes for the present one.

use std::cell::Cell;
use std::rc::Rc;

use jiff::Timestamp;

/// A point in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(pub Timestamp);

/// What a run takes for the present time.
#[derive(Clone, Debug, Default)]
pub enum Clock {
    /// The system's clock.
    #[default]
    System,
    /// A clock that stands until somebody moves it.
    Standing(Rc<Cell<Timestamp>>),
}

impl Clock {
    /// The present time.
    pub fn now(&self) -> Timestamp {
        match self {
            Self::System => Timestamp::now(),
            Self::Standing(time) => time.get(),
        }
    }
}
