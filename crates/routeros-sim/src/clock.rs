//! The router's own clock, which a test can hold and advance.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use jiff::civil::DateTime;

/// What a simulator takes for the time: it dates new rows and lets timed rows run out.
///
/// Clones share one time. Latencies are not taken from it: they are real waits.
#[derive(Clone, Debug)]
pub struct Clock(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    start: DateTime,
    running_since: Option<Instant>,
    advanced_millis: AtomicU64,
}

impl Clock {
    /// A clock that runs, and starts at the present time in UTC.
    pub fn running() -> Clock {
        let start = jiff::Timestamp::now().to_zoned_datetime(jiff::tz::TimeZone::UTC);
        Clock::new(start.datetime(), Some(Instant::now()))
    }

    /// A clock that stands at `start` until it is advanced.
    pub fn standing(start: DateTime) -> Clock {
        Clock::new(start, None)
    }

    fn new(start: DateTime, running_since: Option<Instant>) -> Clock {
        Clock(Arc::new(Inner {
            start,
            running_since,
            advanced_millis: AtomicU64::new(0),
        }))
    }

    /// Moves the clock forward, in whole milliseconds.
    pub fn advance(&self, by: Duration) {
        let millis = u64::try_from(by.as_millis()).unwrap_or(u64::MAX);
        self.0.advanced_millis.fetch_add(millis, Ordering::SeqCst);
    }

    /// The time since the clock was made.
    pub fn elapsed(&self) -> Duration {
        let ran = self.0.running_since.map(|since| since.elapsed());
        let advanced = Duration::from_millis(self.0.advanced_millis.load(Ordering::SeqCst));
        ran.unwrap_or_default().saturating_add(advanced)
    }

    /// Date and time of the router, without a zone.
    pub fn now(&self) -> DateTime {
        let elapsed = jiff::SignedDuration::try_from(self.elapsed());
        elapsed.map_or(DateTime::MAX, |elapsed| {
            self.0.start.saturating_add(elapsed)
        })
    }
}

impl Default for Clock {
    fn default() -> Clock {
        Clock::running()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_standing_clock_moves_only_when_advanced() {
        let clock = Clock::standing(jiff::civil::date(2026, 5, 31).at(12, 0, 0, 0));
        let shared = clock.clone();
        assert_eq!(clock.elapsed(), Duration::ZERO);
        shared.advance(Duration::from_secs(61));
        assert_eq!(clock.elapsed(), Duration::from_secs(61));
        assert_eq!(clock.now().to_string(), "2026-05-31T12:01:01");
    }

    #[test]
    fn advancing_beyond_the_calendar_does_not_panic() {
        let clock = Clock::standing(DateTime::MAX);
        clock.advance(Duration::MAX);
        assert_eq!(clock.now(), DateTime::MAX);
    }
}
