//! What was measured while a run was planned for the first time answers the second planning: a ping that is
//! lost once would make another plan of it, that nobody was asked for.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rhai::Position;

use super::read::Answer;

/// An older measurement is made anew.
const LIFETIME: Duration = Duration::from_mins(5);

/// The measurements of a run. Clones are the same ones.
#[derive(Clone, Default)]
pub struct Measured(Arc<Mutex<Kept>>);

type Kept = HashMap<Place, (Instant, Answer)>;

/// The call of a script that measures, what it measures, and how often it had been called before.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Place {
    source: String,
    position: Position,
    what: String,
    number: usize,
}

/// The measurements as one planning sees them.
pub struct Measurements {
    measured: Measured,
    is_second: bool,
    calls: RefCell<HashMap<Place, usize>>,
}

impl Measured {
    /// For a planning, the second one of its stage or the first, with which all begins anew.
    pub fn of_planning(self, is_second: bool) -> Measurements {
        if !is_second {
            self.kept().clear();
        }
        Measurements {
            measured: self,
            is_second,
            calls: RefCell::default(),
        }
    }

    /// Keeps what was measured.
    pub fn keep(&self, place: Place, answer: Answer) {
        self.kept().insert(place, (Instant::now(), answer));
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Measurements {
    /// The place of a call, and what it gave in the first planning, for the second one.
    pub fn of_call(
        &self,
        (source, position): (String, Position),
        what: String,
    ) -> (Place, Option<Answer>) {
        let mut place = Place {
            source,
            position,
            what,
            number: 0,
        };
        let mut calls = self.calls.borrow_mut();
        let count = calls.entry(place.clone()).or_default();
        place.number = *count;
        *count += 1;
        let kept = self.measured.kept();
        let answer = kept.get(&place).filter(|_| self.is_second);
        let answer = answer.filter(|(at, _)| at.elapsed() < LIFETIME);
        let answer = answer.map(|(_, answer)| answer.clone());
        drop(kept);
        (place, answer)
    }

    /// Where measurements are kept.
    pub fn measured(&self) -> Measured {
        self.measured.clone()
    }
}
