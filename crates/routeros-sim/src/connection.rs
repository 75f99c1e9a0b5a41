//! One connection, as its commands see it: replies, what goes on beside them, its end.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use routeros_proto::{Limits, Request, Server, TagPlace};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::login::Account;
use crate::output::{Output, Sender};
use crate::router::Router;
use crate::trap::{Refusal, Trap};
use crate::{Faults, Recorder};

/// What all connections of a simulator have in common.
pub(crate) struct Shared {
    pub(crate) router: Mutex<Router>,
    pub(crate) account: Account,
    pub(crate) tag_place: TagPlace,
    pub(crate) recorder: Option<Recorder>,
    /// Cancelled when the simulator stops.
    pub(crate) stopped: CancellationToken,
    /// Cancelled when the router is started anew.
    pub(crate) up: Mutex<CancellationToken>,
}

impl Shared {
    /// The router. Nothing waits while it is held.
    pub(crate) fn router(&self) -> MutexGuard<'_, Router> {
        self.router.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends all connections at once, without a word (seen of `/system/reboot`).
    pub(crate) fn end_connections(&self) {
        self.up().cancel();
    }

    /// Cancelled when a connection that comes now is to end.
    pub(crate) fn connected(&self) -> CancellationToken {
        let mut up = self.up();
        if up.is_cancelled() {
            *up = self.stopped.child_token();
        }
        up.child_token()
    }

    fn up(&self) -> MutexGuard<'_, CancellationToken> {
        self.up.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One connection, as seen by its commands.
pub(crate) struct Connection {
    pub(crate) shared: Arc<Shared>,
    pub(crate) output: Sender,
    /// Where it comes from.
    pub(crate) client: IpAddr,
    /// Rows sent on this connection, for the faults that count them.
    pub(crate) rows_sent: AtomicUsize,
    /// Commands that go on while others are executed.
    flights: Mutex<HashMap<u64, Flight>>,
    next_flight: AtomicU64,
    /// Cancelled when nothing more is to be executed.
    ending: CancellationToken,
}

/// How a command that went on has ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// With its `!done`, or with its connection.
    Finished,
    /// By `/cancel`, which answers for it.
    Interrupted,
}

/// A command under way.
pub(crate) struct Flight {
    tag: Option<Bytes>,
    cancel: CancellationToken,
    task: JoinHandle<End>,
}

/// The most a client may send in one piece: words of 64 KiB, which is above what is seen to work on
/// routers. Ours; real limits are not documented.
pub(crate) const LIMITS: Limits = Limits {
    word: 64 << 10,
    sentence: 128 << 10,
};
/// Prints and listens at once on one connection (ours).
const MOST_FLIGHTS: usize = 256;

impl Connection {
    pub(crate) fn new(
        shared: Arc<Shared>,
        (output, client): (Sender, IpAddr),
        ending: CancellationToken,
    ) -> Self {
        Self {
            shared,
            output,
            client,
            rows_sent: AtomicUsize::new(0),
            flights: Mutex::default(),
            next_flight: AtomicU64::new(0),
            ending,
        }
    }

    /// Is nothing more to be executed?
    pub(crate) fn is_ending(&self) -> bool {
        self.ending.is_cancelled()
    }

    /// What `future` gives, unless the connection is to end before.
    pub(crate) async fn until_its_end<F: Future>(&self, future: F) -> Option<F::Output> {
        self.ending.run_until_cancelled(future).await
    }

    /// The faults that hold at the moment.
    pub(crate) fn faults(&self) -> Faults {
        self.shared.router().faults.clone()
    }

    /// How long the command that came now is to wait.
    pub(crate) fn latency(&self) -> Duration {
        let mut router = self.shared.router();
        router.commands = router.commands.saturating_add(1);
        router.faults.latency_of(router.commands)
    }

    /// Sends the replies that `write` makes; `false` when the connection is over.
    pub(crate) async fn reply(&self, write: impl FnOnce(&mut Server)) -> bool {
        let mut server = Server::new(LIMITS, self.shared.tag_place);
        write(&mut server);
        match server.poll_transmit() {
            Some(bytes) => self.send(bytes).await,
            None => true,
        }
    }

    /// Sends whole sentences; `false` when the connection is over.
    pub(crate) async fn send(&self, bytes: Bytes) -> bool {
        let chunk = self.shared.router().faults.chunk;
        self.send_output(Output::Bytes(bytes, chunk)).await
    }

    /// Hands something to the socket; `false` when the connection is over.
    pub(crate) async fn send_output(&self, output: Output) -> bool {
        self.output.send(output).await.is_ok()
    }

    /// Answers with traps and `!done`.
    pub(crate) async fn refuse(&self, tag: Option<&[u8]>, refusal: &Refusal) -> bool {
        self.reply(|server| {
            for trap in &refusal.0 {
                server.trap(tag, trap.category, &trap.message);
            }
            server.done(tag, [("", ""); 0]);
        })
        .await
    }

    /// Ends the connection with a reason. Always `false`.
    pub(crate) async fn fatal(&self, reason: &str) -> bool {
        self.reply(|server| server.fatal(reason)).await;
        self.close().await;
        false
    }

    /// Answers `/quit` (manual "API", and seen). Always `false`.
    pub(crate) async fn quit(&self) -> bool {
        self.shared.router().received.count("", "quit");
        self.fatal("session terminated on request").await
    }

    /// Lets a command run on beside others; `false` when the connection is over.
    pub(crate) async fn start<Run>(
        self: &Arc<Self>,
        request: &Request,
        run: impl FnOnce(Arc<Connection>, Option<Bytes>) -> Run,
    ) -> bool
    where
        Run: Future<Output = End> + Send + 'static,
    {
        if self.flights().len() >= MOST_FLIGHTS {
            return self
                .refuse(request.tag(), &Trap::action_failed().into())
                .await;
        }
        let tag = request.tag().map(Bytes::copy_from_slice);
        let number = self.next_flight.fetch_add(1, Ordering::Relaxed);
        let cancel = self.ending.child_token();
        let running = run(self.clone(), tag.clone());
        // Locked until the flight is known, so that it cannot end before.
        let mut flights = self.flights();
        let task = tokio::spawn({
            let (connection, cancel) = (self.clone(), cancel.clone());
            async move {
                let end = tokio::select! {
                    biased;
                    () = cancel.cancelled() => End::Interrupted,
                    end = running => end,
                };
                connection.flights().remove(&number);
                end
            }
        });
        flights.insert(number, Flight { tag, cancel, task });
        true
    }

    fn flights(&self) -> MutexGuard<'_, HashMap<u64, Flight>> {
        self.flights.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes out the commands under way with this tag, or all.
    pub(crate) fn take_flights(&self, tag: Option<&Bytes>) -> Vec<Flight> {
        let mut flights = self.flights();
        let is_wanted = |flight: &Flight| tag.is_none() || flight.tag.as_ref() == tag;
        let mut taken: Vec<(u64, Flight)> =
            flights.extract_if(|_, flight| is_wanted(flight)).collect();
        taken.sort_by_key(|(number, _)| *number);
        taken.into_iter().map(|(_, flight)| flight).collect()
    }

    /// Ends what is under way, and the connection after the last answer.
    pub(crate) async fn close(&self) {
        self.send_output(Output::Close).await;
        // Last, as it may be a command under way that closes, which ends with this.
        self.ending.cancel();
    }
}

impl Flight {
    /// Ends it; its tag, unless it had ended by itself.
    pub(crate) async fn interrupt(self) -> Option<Option<Bytes>> {
        self.cancel.cancel();
        let end = self.task.await;
        matches!(end, Ok(End::Interrupted)).then_some(self.tag)
    }
}
