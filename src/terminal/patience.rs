//! How long an answer is waited for.

use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;

use super::question::{Answer, No};

/// How long a signal may go unnoticed.
pub(super) const TICK: Duration = Duration::from_millis(50);

/// The waiting for one answer.
pub(super) struct Patience<'a> {
    cancel: &'a CancellationToken,
    limit: Duration,
    until: Instant,
}

impl<'a> Patience<'a> {
    /// Begins to wait, for `limit` or until `cancel`.
    pub fn begin(cancel: &'a CancellationToken, limit: Duration) -> Self {
        let until = Instant::now() + limit;
        Self {
            cancel,
            limit,
            until,
        }
    }

    /// How long may still be waited.
    ///
    /// # Errors
    /// What there is in place of an answer.
    pub fn left(&self) -> Result<Duration, Answer> {
        if self.cancel.is_cancelled() {
            return Err(Answer::Stopped);
        }
        let left = self.until.saturating_duration_since(Instant::now());
        match left.is_zero() {
            true => Err(Answer::No(No::Silence(self.limit))),
            false => Ok(left),
        }
    }
}
