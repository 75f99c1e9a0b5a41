//! One connection: its login, then its commands.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use routeros_proto::{Request, Server, TagPlace};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite};
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::connection::{Connection, LIMITS, Shared};
use crate::login::{LoginStep, log_in};
use crate::output::{Output, write_all};
use crate::stream::{send_changes, send_count, send_rounds, send_rows};
use crate::trap::Trap;
use crate::verb::{self, Answer};
use crate::{Policy, Recorder};

/// Number, size and time of what is taken before login are limited (manual "API"; the figures are ours).
const COMMANDS_BEFORE_LOGIN: usize = 16;
const BYTES_BEFORE_LOGIN: usize = 16 << 10;
const TIME_BEFORE_LOGIN: Duration = Duration::from_secs(60);
/// Commands that wait for their turn, and outputs that wait for the socket. Then reading stops.
const COMMANDS_WAITING: usize = 128;
const OUTPUTS_WAITING: usize = 16;
/// How long a connection that was closed goes on being read (ours).
const LINGER: Duration = Duration::from_secs(1);
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
    let connection = Arc::new(Connection::new(
        shared,
        (output, client),
        closed.child_token(),
    ));
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
    let mut reader = Reader::new(reading, connection.shared.recorder.clone());
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
    while let Some(Some(request)) = connection.until_its_end(reader.next()).await {
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
    recorder: Option<Recorder>,
}

impl<Socket: AsyncRead + Unpin> Reader<Socket> {
    fn new(socket: Socket, recorder: Option<Recorder>) -> Reader<Socket> {
        let server = Server::new(LIMITS, TagPlace::default());
        Reader {
            socket,
            server,
            recorder,
        }
    }

    /// The next request; `None` at the end of the stream and at bytes that are no protocol.
    async fn next(&mut self) -> Option<Request> {
        let mut intact = true;
        loop {
            if let Some(request) = self.server.poll_request() {
                if let Some(recorder) = &self.recorder {
                    recorder.record(&request);
                }
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
        let step = try_login(connection, &request, challenge.as_deref());
        answer_login(connection, &request, &step).await;
        match step {
            LoginStep::In => return true,
            LoginStep::Challenge(given) => challenge = Some(given),
            LoginStep::Refused(_) => {}
        }
    }
    connection.fatal("too many commands before login").await
}

fn try_login(connection: &Connection, request: &Request, challenge: Option<&str>) -> LoginStep {
    let mut router = connection.shared.router();
    let step = match log_in(&connection.shared.account, request, challenge) {
        LoginStep::In if router.faults.refuse_login || !router.faults.allows(Policy::Api) => {
            LoginStep::Refused(Trap::login_refused())
        }
        step => step,
    };
    let user = String::from_utf8_lossy(request.get("name").unwrap_or_default());
    let user: String = user.chars().take(LONGEST_NAME_LOGGED).collect();
    let client = connection.client;
    // The words of RouterOS 7 (seen).
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

async fn answer_login(connection: &Connection, request: &Request, step: &LoginStep) {
    let tag = request.tag();
    match step {
        LoginStep::In => {
            connection
                .reply(|server| server.done(tag, [("", ""); 0]))
                .await
        }
        LoginStep::Challenge(given) => {
            connection
                .reply(|server| server.done(tag, [("ret", given)]))
                .await
        }
        LoginStep::Refused(trap) => connection.refuse(tag, &trap.clone().into()).await,
    };
    if *step == LoginStep::In && connection.faults().garbage {
        connection.send(Bytes::from_static(GARBAGE)).await;
    }
}

/// Executes commands in the order they came, each when its latency is over. Where the last one goes
/// first, it takes with it what came until then.
async fn execute_in_turn(
    connection: Arc<Connection>,
    mut queued: mpsc::Receiver<(Instant, Request)>,
) {
    while let Some((due, request)) = queued.recv().await {
        tokio::time::sleep_until(due).await;
        let mut waiting = vec![request];
        if connection.faults().last_first {
            let more = std::iter::from_fn(|| queued.try_recv().ok());
            waiting.extend(more.map(|(_, request)| request));
        }
        while let Some(request) = waiting.pop() {
            if connection.is_ending() {
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
        Ok(Answer::Watch(watch)) => {
            connection
                .start(request, |connection, tag| {
                    send_rounds(connection, watch, tag)
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
        interrupted.extend(flight.interrupt().await);
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
