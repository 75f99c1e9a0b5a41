//! How long a command is waited for.

use std::time::Duration;

use tokio::time::Instant;

/// The two limits of a command.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Waits {
    /// The longest time in which nothing comes from the router at all.
    pub silence: Option<Duration>,
    /// From its sending to its end.
    pub total: Option<Duration>,
}

/// Which of the limits a command has reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reached {
    /// The router has been silent for so long.
    Silence(Duration),
    /// It did not come to the end.
    Total {
        /// The limit.
        after: Duration,
        /// How long the router had been silent then, if for the second half of the time at least.
        silent: Option<Duration>,
    },
}

/// A tenth of a second in nanoseconds.
const TENTH: u128 = 100_000_000;

impl Waits {
    /// So long in all, and not longer in silence.
    pub fn of(time: Duration) -> Self {
        Self {
            silence: Some(time),
            total: Some(time),
        }
    }

    /// When the first of the limits is reached, of a command that was sent at `sent`, over a connection on
    /// which something came last at `heard`. A limit too far away for the clock is none.
    pub fn deadline(&self, sent: Instant, heard: Instant) -> Option<Instant> {
        let silent = self
            .silence
            .and_then(|limit| sent.max(heard).checked_add(limit));
        let ended = self.total.and_then(|limit| sent.checked_add(limit));
        silent.into_iter().chain(ended).min()
    }

    /// What is so at `now`, once the deadline is over. Where it is over for both, the router was silent.
    pub fn reached(&self, sent: Instant, heard: Instant, now: Instant) -> Reached {
        let silent = now.duration_since(sent.max(heard));
        match (self.silence.filter(|limit| silent >= *limit), self.total) {
            (Some(limit), _) => Reached::Silence(limit),
            (None, Some(after)) => {
                // Nobody wants to read microseconds.
                let rest = Duration::from_nanos((silent.as_nanos() % TENTH) as u64);
                let silent = (silent * 2 >= after).then(|| silent - rest);
                Reached::Total { after, silent }
            }
            // Without a limit there is no deadline.
            (None, None) => Reached::Silence(silent),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_counts_from_what_came_last_or_from_the_sending() {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let waits = |silence: u64, total: u64| Waits {
            silence: (silence > 0).then(|| Duration::from_secs(silence)),
            total: (total > 0).then(|| Duration::from_secs(total)),
        };
        let silence = |seconds| Reached::Silence(Duration::from_secs(seconds));
        let total = |after, silent: Option<u64>| Reached::Total {
            after: Duration::from_secs(after),
            silent: silent.map(Duration::from_secs),
        };
        // Silence, total, sent, heard, when it is looked at, and what is so then.
        for (waits, sent, heard, deadline, expected) in [
            (waits(20, 600), 100, 0, 120, silence(20)),
            (waits(20, 600), 100, 150, 170, silence(20)),
            (waits(20, 600), 0, 590, 600, total(600, None)),
            (waits(20, 30), 0, 14, 30, total(30, Some(16))),
            (waits(20, 30), 0, 16, 30, total(30, None)),
            (waits(30, 30), 0, 0, 30, silence(30)),
            (waits(0, 30), 0, 0, 30, total(30, Some(30))),
            (waits(0, 30), 0, 16, 30, total(30, None)),
            (waits(20, 0), 0, 5000, 5020, silence(20)),
        ] {
            let case = format!("{waits:?} {sent} {heard}");
            let found = waits.deadline(at(sent), at(heard));
            assert_eq!(found, Some(at(deadline)), "{case}");
            let reached = waits.reached(at(sent), at(heard), at(deadline));
            assert_eq!(reached, expected, "{case}");
        }
        assert_eq!(waits(0, 0).deadline(start, start), None);
    }

    #[test]
    fn a_limit_that_the_clock_cannot_reach_is_none() {
        let now = Instant::now();
        let waits = Waits {
            silence: Some(Duration::MAX),
            total: Some(Duration::MAX),
        };
        assert_eq!(waits.deadline(now, now), None);
    }
}
