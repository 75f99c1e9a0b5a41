//! One connection: its login, then its commands.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use routeros_proto::{Limits, Request, Server, TagPlace};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::login::{Account, LoginStep, log_in};
use crate::output::{Output, Sender, write_all};
use crate::router::Router;
use crate::stream::{End, send_changes, send_count, send_rows};
use crate::trap::{Refusal, Trap};
use crate::verb::{self, Answer};
use crate::{Faults, Policy};

/// What all connections of a simulator have in common.
pub(crate) struct Shared {
    pub(crate) router: Mutex<Router>,
    pub(crate) account: Account,
    pub(crate) tag_place: TagPlace,
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
    fn connected(&self) -> CancellationToken {
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
    client: IpAddr,
    /// Rows sent on this connection, for the faults that count them.
    pub(crate) rows_sent: AtomicUsize,
    /// Commands that go on while others are executed.
    flights: Mutex<HashMap<u64, Flight>>,
    next_flight: AtomicU64,
    /// Cancelled when nothing more is to be executed.
    ending: CancellationToken,
}

/// A command under way.
struct Flight {
    tag: Option<Bytes>,
    cancel: CancellationToken,
    task: JoinHandle<End>,
}

/// The most a client may send in one piece: words of 64 KiB, which is above what is seen to work on
/// routers. Ours; real limits are not documented.
const LIMITS: Limits = Limits {
    word: 64 << 10,
    sentence: 128 << 10,
};
/// Number, size and time of what is taken before login are limited (manual "API"; the figures are ours).
const COMMANDS_BEFORE_LOGIN: usize = 16;
const BYTES_BEFORE_LOGIN: usize = 16 << 10;
const TIME_BEFORE_LOGIN: Duration = Duration::from_secs(60);
/// Commands that wait for their turn, and outputs that wait for the socket. Then reading stops.
const COMMANDS_WAITING: usize = 128;
const OUTPUTS_WAITING: usize = 16;
/// How long a connection that was closed goes on being read (ours).
const LINGER: Duration = Duration::from_secs(1);
/// Prints and listens at once on one connection (ours).
const MOST_FLIGHTS: usize = 256;
const LONGEST_NAME_LOGGED: usize = 64;
/// No protocol: reserved control bytes, then text.
const GARBAGE: &[u8] = b"\xFF\xFE\xFDHTTP/1.1 400 Bad Request\r\n\r\n";

/// Serves a connection until either side ends it.
pub(crate) async fn serve(
    shared: Arc<Shared>,
    socket: impl AsyncRead + AsyncWrite + Send + 'static,
    client: IpAddr,
) {
    let (reading, writing) = tokio::io::split(socket);
    let (output, outputs) = mpsc::channel(OUTPUTS_WAITING);
    let closed = shared.connected();
    let connection = Arc::new(Connection {
        shared,
        output,
        client,
        rows_sent: AtomicUsize::new(0),
        flights: Mutex::default(),
        next_flight: AtomicU64::new(0),
        ending: closed.child_token(),
    });
    let written = CancellationToken::new();
    tokio::spawn(write_until_closed(
        writing,
        outputs,
        closed.clone(),
        written.clone(),
    ));
    let both_done = async {
        converse(connection, reading).await;
        written.cancelled().await;
    };
    let lingered = async {
        written.cancelled().await;
        tokio::time::sleep(LINGER).await;
    };
    tokio::select! {
        () = both_done => {}
        () = lingered => {}
        () = closed.cancelled() => {}
    }
    closed.cancel();
}

async fn write_until_closed(
    socket: impl AsyncWrite + Unpin,
    outputs: mpsc::Receiver<Output>,
    closed: CancellationToken,
    written: CancellationToken,
) {
    closed.run_until_cancelled(write_all(socket, outputs)).await;
    written.cancel();
}

/// Reads and executes commands until the client ends the connection or breaks the protocol.
async fn converse(connection: Arc<Connection>, reading: impl AsyncRead + Unpin) {
    let mut reader = Reader::new(reading);
    if connection.faults().silent {
        connection.send_output(Output::Stall).await;
    }
    let login = log_in_first(&connection, &mut reader);
    if tokio::time::timeout(TIME_BEFORE_LOGIN, login).await == Ok(true) {
        execute_commands(&connection, &mut reader).await;
    }
    connection.close().await;
    // What the client still sends is read, or its system would throw our last words away.
    reader.drain().await;
}

async fn execute_commands(
    connection: &Arc<Connection>,
    reader: &mut Reader<impl AsyncRead + Unpin>,
) {
    let (queue, queued) = mpsc::channel(COMMANDS_WAITING);
    let executing = tokio::spawn(execute_in_turn(connection.clone(), queued));
    while let Some(Some(request)) = connection.ending.run_until_cancelled(reader.next()).await {
        let due = Instant::now() + connection.latency();
        if queue.send((due, request)).await.is_err() {
            break;
        }
    }
    drop(queue);
    // Commands that came before the client ended the connection are executed, as a router would.
    let _ = executing.await;
}

/// The receiving half, cut into requests.
struct Reader<Socket> {
    socket: Socket,
    server: Server,
}

impl<Socket: AsyncRead + Unpin> Reader<Socket> {
    fn new(socket: Socket) -> Reader<Socket> {
        let server = Server::new(LIMITS, TagPlace::default());
        Reader { socket, server }
    }

    /// The next request; `None` at the end of the stream and at bytes that are no protocol.
    async fn next(&mut self) -> Option<Request> {
        let mut intact = true;
        loop {
            if let Some(request) = self.server.poll_request() {
                return Some(request);
            }
            if !intact {
                return None;
            }
            let count = self.socket.read_buf(&mut self.server.spare()).await;
            if count.unwrap_or(0) == 0 {
                return None;
            }
            intact = self.server.received().is_ok();
        }
    }

    /// Reads to the end of the stream and looks at nothing.
    async fn drain(&mut self) {
        let mut unread = [0; 4096];
        while self.socket.read(&mut unread).await.unwrap_or(0) > 0 {}
    }
}

/// Answers commands until a login succeeds; `false` when the connection is over before.
async fn log_in_first(
    connection: &Connection,
    reader: &mut Reader<impl AsyncRead + Unpin>,
) -> bool {
    let mut challenge = None;
    for _ in 0..COMMANDS_BEFORE_LOGIN {
        let Some(request) = reader.next().await else {
            return false;
        };
        if request.sentence().wire().len() > BYTES_BEFORE_LOGIN {
            return connection.fatal("too much before login").await;
        }
        tokio::time::sleep(connection.faults().latency).await;
        match request.path() {
            b"/login" => {}
            b"/quit" => return connection.quit().await,
            // Seen.
            _ => return connection.fatal("not logged in").await,
        }
        let step = connection.try_login(&request, challenge.as_deref());
        connection.answer_login(&request, &step).await;
        match step {
            LoginStep::In => return true,
            LoginStep::Challenge(given) => challenge = Some(given),
            LoginStep::Refused(_) => {}
        }
    }
    connection.fatal("too many commands before login").await
}

/// Executes commands in the order they came, each when its latency is over.
async fn execute_in_turn(
    connection: Arc<Connection>,
    mut queued: mpsc::Receiver<(Instant, Request)>,
) {
    while let Some((due, request)) = queued.recv().await {
        tokio::time::sleep_until(due).await;
        if connection.ending.is_cancelled() {
            return;
        }
        let go_on = match request.path() {
            b"/quit" => connection.quit().await,
            b"/cancel" => cancel(&connection, &request).await,
            _ => execute(&connection, &request).await,
        };
        if !go_on {
            return;
        }
    }
}

/// Executes one command; `false` when the connection is over.
async fn execute(connection: &Arc<Connection>, request: &Request) -> bool {
    let answer = verb::execute(&mut connection.shared.router(), request);
    let tag = request.tag();
    match answer {
        Ok(Answer::Done(attributes)) => {
            connection
                .reply(|server| server.done(tag, attributes))
                .await
        }
        Ok(Answer::Print(print)) => {
            connection
                .start(request, |connection, tag| send_rows(connection, print, tag))
                .await
        }
        Ok(Answer::Count(print)) => {
            connection
                .start(request, |connection, tag| {
                    send_count(connection, print, tag)
                })
                .await
        }
        Ok(Answer::Listen(listen)) => {
            connection
                .start(request, |connection, tag| {
                    send_changes(connection, listen, tag)
                })
                .await
        }
        Ok(Answer::HangUp) => {
            connection.close().await;
            false
        }
        Ok(Answer::Reboot) => {
            connection.shared.end_connections();
            false
        }
        Err(refusal) => connection.refuse(tag, &refusal).await,
    }
}

/// Executes `/cancel`: of the commands with the tag in `tag`, or of all.
///
/// Manual "API", and seen: first the interrupted command's `!trap`, then the `!done` of `/cancel`,
/// then the `!done` of the interrupted one.
async fn cancel(connection: &Connection, request: &Request) -> bool {
    connection.shared.router().received.count("", "cancel");
    let wanted = request.get("tag").map(Bytes::copy_from_slice);
    let mut interrupted = Vec::new();
    for flight in connection.take_flights(wanted.as_ref()) {
        flight.cancel.cancel();
        if let Ok(End::Interrupted) = flight.task.await {
            interrupted.push(flight.tag);
        }
    }
    connection
        .reply(|server| {
            let trap = Trap::interrupted();
            for tag in &interrupted {
                server.trap(tag.as_deref(), trap.category, &trap.message);
            }
            server.done(request.tag(), [("", ""); 0]);
            for tag in &interrupted {
                server.done(tag.as_deref(), [("", ""); 0]);
            }
        })
        .await
}

impl Connection {
    /// The faults that hold at the moment.
    pub(crate) fn faults(&self) -> Faults {
        self.shared.router().faults.clone()
    }

    /// How long the command that came now is to wait.
    fn latency(&self) -> Duration {
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
    async fn fatal(&self, reason: &str) -> bool {
        self.reply(|server| server.fatal(reason)).await;
        self.close().await;
        false
    }

    /// Answers `/quit` (manual "API", and seen). Always `false`.
    async fn quit(&self) -> bool {
        self.shared.router().received.count("", "quit");
        self.fatal("session terminated on request").await
    }

    fn try_login(&self, request: &Request, challenge: Option<&str>) -> LoginStep {
        let mut router = self.shared.router();
        let step = match log_in(&self.shared.account, request, challenge) {
            LoginStep::In if router.faults.refuse_login || !router.faults.allows(Policy::Api) => {
                LoginStep::Refused(Trap::login_refused())
            }
            step => step,
        };
        let user = String::from_utf8_lossy(request.get("name").unwrap_or_default());
        let user: String = user.chars().take(LONGEST_NAME_LOGGED).collect();
        let client = self.client;
        // The words of RouterOS 7 (seen), but that the place of a failure is ours.
        let line = match step {
            LoginStep::In => Some((
                "system,info,account",
                format!("user {user} logged in from {client} via api"),
            )),
            LoginStep::Refused(_) => Some((
                "system,error,critical",
                format!("login failure for user {user} from {client} via api"),
            )),
            LoginStep::Challenge(_) => None,
        };
        if let Some((topics, line)) = line {
            verb::write_line(&mut router, topics, line.as_bytes());
        }
        step
    }

    async fn answer_login(&self, request: &Request, step: &LoginStep) {
        let tag = request.tag();
        match step {
            LoginStep::In => self.reply(|server| server.done(tag, [("", ""); 0])).await,
            LoginStep::Challenge(given) => {
                self.reply(|server| server.done(tag, [("ret", given)]))
                    .await
            }
            LoginStep::Refused(trap) => self.refuse(tag, &trap.clone().into()).await,
        };
        if *step == LoginStep::In && self.faults().garbage {
            self.send(Bytes::from_static(GARBAGE)).await;
        }
    }

    /// Lets a command run on beside others; `false` when the connection is over.
    async fn start<Run>(
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
    fn take_flights(&self, tag: Option<&Bytes>) -> Vec<Flight> {
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
