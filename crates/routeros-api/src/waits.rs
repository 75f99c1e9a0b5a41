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
    /// It went on all the time, and did not come to the end.
    Total(Duration),
}

/// A tenth of a second in nanoseconds.
const TENTH: u128 = 100_000_000;

impl Waits {
    /// When the first of the limits is reached, of a command that was sent at `sent`, over a connection on
    /// which something came last at `heard`. A limit too far away for the clock is none.
    pub fn deadline(&self, sent: Instant, heard: Instant) -> Option<Instant> {
        let silent = self
            .silence
            .and_then(|limit| sent.max(heard).checked_add(limit));
        let ended = self.total.and_then(|limit| sent.checked_add(limit));
        silent.into_iter().chain(ended).min()
    }

    /// What is so at `now`, once the deadline is over.
    ///
    /// A router that has said nothing in the second half of the whole time is silent, and not slow.
    pub fn reached(&self, sent: Instant, heard: Instant, now: Instant) -> Reached {
        let silent = now.duration_since(sent.max(heard));
        match (self.silence, self.total) {
            (Some(limit), _) if silent >= limit => Reached::Silence(limit),
            (_, Some(total)) if silent * 2 < total => Reached::Total(total),
            // Nobody wants to read microseconds.
            _ => {
                Reached::Silence(silent - Duration::from_nanos((silent.as_nanos() % TENTH) as u64))
            }
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
        // Silence, total, sent, heard, when it is looked at, and what is so then.
        for (waits, sent, heard, deadline, silent) in [
            (waits(20, 600), 100, 0, Some(120), Some(20)),
            (waits(20, 600), 100, 150, Some(170), Some(20)),
            (waits(20, 600), 0, 590, Some(600), None),
            (waits(20, 30), 0, 14, Some(30), Some(16)),
            (waits(20, 30), 0, 16, Some(30), None),
            (waits(0, 30), 0, 10, Some(30), Some(20)),
            (waits(20, 0), 0, 5000, Some(5020), Some(20)),
            (waits(0, 0), 0, 0, None, None),
        ] {
            let found = waits.deadline(at(sent), at(heard));
            assert_eq!(found, deadline.map(at), "{waits:?} {sent} {heard}");
            let Some(deadline) = deadline else { continue };
            let reached = waits.reached(at(sent), at(heard), at(deadline));
            let expected = match silent {
                Some(silent) => Reached::Silence(Duration::from_secs(silent)),
                None => Reached::Total(waits.total.unwrap_or_default()),
            };
            assert_eq!(reached, expected, "{waits:?} {sent} {heard}");
        }
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
