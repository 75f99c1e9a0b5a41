//! A connection that is opened when it is first asked for.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::Mutex;

use super::error::SessionError;

/// How long a failure answers for the next one who asks: reads that run side by side fail together
/// and not one after the other, and who asks later is tried again.
const REMEMBERED: Duration = Duration::from_secs(5);

/// A connection, or the reason why there is none.
pub(super) struct Slot<T>(Mutex<State<T>>);

enum State<T> {
    Untried,
    Open(Arc<T>),
    Failed(SessionError, Instant),
}

impl<T> Default for Slot<T> {
    fn default() -> Self {
        Self(Mutex::new(State::Untried))
    }
}

impl<T> Slot<T> {
    /// What is in the slot if it is still `good`, else what `open` gives.
    pub async fn get(
        &self,
        good: impl Fn(&T) -> bool,
        open: impl Future<Output = Result<T, SessionError>>,
    ) -> Result<Arc<T>, SessionError> {
        let mut state = self.0.lock().await;
        match &*state {
            State::Open(opened) if good(opened) => return Ok(Arc::clone(opened)),
            State::Failed(error, at) if at.elapsed() < REMEMBERED => return Err(error.clone()),
            State::Untried | State::Open(_) | State::Failed(..) => {}
        }
        match open.await {
            Ok(opened) => {
                let opened = Arc::new(opened);
                *state = State::Open(Arc::clone(&opened));
                Ok(opened)
            }
            Err(error) => {
                *state = State::Failed(error.clone(), Instant::now());
                Err(error)
            }
        }
    }
}
