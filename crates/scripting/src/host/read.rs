//! Reads that were started: what they give, and waiting for it.

use std::cell::{Cell, RefCell};
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rhai::NativeCallContext;
use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

use planning::ChangeError;
use site::config::Service;

use super::error::{HostError, Kind, Origin};
use super::rows::Table;
use super::value::Value;

/// What a read gives: rows that keep their bytes, a value, or several of these by name.
#[derive(Clone)]
pub enum Answer {
    /// Rows of a menu or of a query.
    Table(Arc<dyn Table>),
    /// Several answers by name.
    Map(Vec<(&'static str, Answer)>),
    /// Anything else.
    Value(Value),
}

/// A read that was started.
pub struct Read {
    origin: Origin,
    service: Option<Service>,
    what: String,
    state: RefCell<State>,
    /// Has somebody looked at the outcome?
    seen: Cell<bool>,
    waiter: Rc<Waiter>,
}

enum State {
    Running(oneshot::Receiver<Result<Answer, HostError>>),
    Done(Result<Answer, HostError>),
}

impl Read {
    /// The read of `what` that a call in a script started, whose outcome comes by `receiver`.
    pub(super) fn of_call(
        context: &NativeCallContext,
        (service, what): (Option<Service>, String),
        receiver: oneshot::Receiver<Result<Answer, HostError>>,
        waiter: Rc<Waiter>,
    ) -> Self {
        Self {
            origin: Origin::of(context),
            service,
            what,
            state: RefCell::new(State::Running(receiver)),
            seen: Cell::new(false),
            waiter,
        }
    }

    /// Has somebody looked at the outcome?
    pub fn is_seen(&self) -> bool {
        self.seen.get()
    }

    /// The outcome, waiting for it if it is not there yet.
    ///
    /// # Errors
    /// The read failed, or the run was stopped; the error names the call that started the read.
    pub fn wait(&self) -> Result<Answer, HostError> {
        self.seen.set(true);
        let mut state = self.state.borrow_mut();
        if let State::Running(receiver) = &mut *state {
            let outcome = self.waiter.wait(&self.what, receiver).map_err(|error| {
                let mut error = error;
                error.service = error.service.or(self.service);
                error.origin.get_or_insert(self.origin.clone());
                error
            });
            *state = State::Done(outcome);
        }
        match &*state {
            State::Done(outcome) => outcome.clone(),
            State::Running(_) => Err(HostError::new(Kind::Interrupted, "the read was stopped")),
        }
    }
}

/// Shows that a run is waiting. Implementations decide when that is worth showing.
pub trait Progress {
    /// Still waiting for `what` after `elapsed`; called about once a second.
    fn waiting(&self, what: &str, elapsed: Duration);
    /// No longer waiting.
    fn done(&self);
}

/// Waits where the engine's thread must: the one place where it does.
pub(super) struct Waiter {
    pub runtime: Handle,
    pub cancel: CancellationToken,
    pub progress: Rc<dyn Progress>,
    /// How many threads had been stopped for want of memory when the run began.
    pub stopped: usize,
}

/// How often it is looked whether a thread was stopped.
const LOOK_EVERY: Duration = Duration::from_millis(100);

impl Waiter {
    /// What `planning` says of changes; the run's end ends it.
    pub fn planned<T: Send + 'static>(
        &self,
        planning: impl Future<Output = Result<T, ChangeError>> + Send + 'static,
    ) -> Result<T, ChangeError> {
        let planned = self.runtime.spawn(planning);
        self.until("the changes", async {
            tokio::select! {
                biased;
                () = self.cancel.cancelled() => Err(ChangeError::Stopped),
                () = self.out_of_memory() => Err(ChangeError::NoRoom),
                planned = planned => planned.unwrap_or(Err(ChangeError::Stopped)),
            }
        })
    }

    /// Waits for a read; the run's end ends it.
    pub fn wait(
        &self,
        what: &str,
        receiver: &mut oneshot::Receiver<Result<Answer, HostError>>,
    ) -> Result<Answer, HostError> {
        if let Ok(outcome) = receiver.try_recv() {
            return outcome;
        }
        let failed = |kind, message| Err(HostError::new(kind, message));
        self.until(what, async {
            tokio::select! {
                biased;
                () = self.cancel.cancelled() => {
                    failed(Kind::Interrupted, format!("stopped while waiting for {what}"))
                }
                () = self.out_of_memory() => {
                    let message = format!("{what} needs more memory than a run may hold");
                    failed(Kind::Invalid, message)
                }
                outcome = receiver => outcome.unwrap_or_else(|_| {
                    let message = format!("the read of {what} ended without an answer");
                    failed(Kind::Disconnected, message)
                }),
            }
        })
    }

    /// Ends once a thread of the runtime was stopped for want of memory: what it worked at does not come.
    async fn out_of_memory(&self) {
        let mut look = tokio::time::interval(LOOK_EVERY);
        while memory::stopped() == self.stopped {
            look.tick().await;
        }
    }

    /// Waits for `outcome`, and shows that it does.
    fn until<T>(&self, what: &str, outcome: impl Future<Output = T>) -> T {
        let began = Instant::now();
        let outcome = self.runtime.block_on(async {
            let mut outcome = pin!(outcome);
            let mut tick = tokio::time::interval(Duration::from_secs(1));
            tick.tick().await;
            loop {
                tokio::select! {
                    biased;
                    outcome = &mut outcome => return outcome,
                    _ = tick.tick() => self.progress.waiting(what, began.elapsed()),
                }
            }
        });
        self.progress.done();
        outcome
    }
}
