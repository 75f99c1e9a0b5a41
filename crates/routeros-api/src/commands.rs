//! The commands under way on one connection: whose they are, what has come, how long they may take.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use routeros_proto::{Batch, Command, Connection, Event, Row, Rows, Tag, Trap};
use tokio::sync::oneshot;
use tokio::time::Instant;
use tracing::debug;

use crate::error::{ClientError, Fault, Lost};
use crate::feed::Feed;
use crate::memory::AnswerMemory;
use crate::waits::{Reached, Waits};

/// What callers ask of the driver.
pub(crate) enum Message {
    Start(Start),
    /// Nobody waits for this command any more.
    Gone(u64),
    /// End this command on the router; its caller waits for that, so long at the most.
    Stop(u64, Duration),
    /// End the connection; the sender is dropped when that is done.
    Quit(oneshot::Sender<()>),
}

/// A command to send.
pub(crate) struct Start {
    /// By which the caller knows the command.
    pub number: u64,
    pub command: Command,
    pub waits: Waits,
    pub taker: Taker,
}

/// Who takes the rows.
pub(crate) enum Taker {
    /// All at the end.
    Whole {
        rows: Rows,
        answer: oneshot::Sender<Result<Answer, ClientError>>,
    },
    /// As they come.
    Stream(Feed),
}

/// What a command was answered.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The rows, often none.
    pub rows: Rows,
    /// The attributes of `!done`.
    pub attributes: Row,
}

impl Answer {
    /// The value a command returns: the id of a new row, a count, what a script put out.
    #[must_use]
    pub fn ret(&self) -> Option<&[u8]> {
        self.attributes.get("ret")
    }
}

/// How long the router may take to end a command that was cancelled, before its tag is given up.
const CANCEL_GRACE: Duration = Duration::from_secs(5);

pub(crate) struct Commands {
    router: Arc<str>,
    memory: AnswerMemory,
    running: HashMap<Tag, Running>,
    /// When to look at a command again. Bytes that come later than its entry do not move it, so that they
    /// cost nothing.
    deadlines: BTreeSet<(Instant, Tag)>,
    /// When something came last, or would have, had it not been waited for somebody here.
    heard: Instant,
    /// Dropped with the commands, which tells whoever asked for the end.
    ended: Option<oneshot::Sender<()>>,
}

struct Running {
    number: u64,
    path: String,
    waits: Waits,
    sent: Instant,
    deadline: Option<Instant>,
    rows: usize,
    /// `None` once the command is cancelled: only its end is of interest then.
    taker: Option<Taker>,
}

impl Commands {
    pub fn new(router: Arc<str>, memory: AnswerMemory) -> Self {
        Self {
            router,
            memory,
            running: HashMap::new(),
            deadlines: BTreeSet::new(),
            heard: Instant::now(),
            ended: None,
        }
    }

    /// Hands a command to the connection. Its tag is known here before a byte is sent.
    pub fn start(&mut self, start: Start, connection: &mut Connection) {
        debug!(router = %self.router, command = ?start.command, "sending");
        let path = start.command.path().to_owned();
        match connection.send(&start.command) {
            Err(source) => start
                .taker
                .fail(ClientError::new(&self.router, Fault::Command { source })),
            Ok(tag) => {
                let Start {
                    number,
                    waits,
                    taker,
                    ..
                } = start;
                let taker = Some(taker);
                let sent = Instant::now();
                self.running.insert(
                    tag,
                    Running {
                        number,
                        path,
                        waits,
                        sent,
                        deadline: None,
                        rows: 0,
                        taker,
                    },
                );
                self.set_deadline(tag, waits.deadline(sent, self.heard));
            }
        }
    }

    /// Keeps what is to be dropped when the connection has ended.
    pub fn tell_when_ended(&mut self, ended: oneshot::Sender<()>) {
        self.ended = Some(ended);
    }

    /// Cancels the command that nobody waits for any more.
    pub fn gone(&mut self, number: u64, connection: &mut Connection) {
        if let Some(tag) = self.tag_of(number) {
            self.cancel(tag, connection);
        }
    }

    /// Cancels a command whose caller takes what still comes, and its end, within a time.
    pub fn stop(&mut self, number: u64, within: Duration, connection: &mut Connection) {
        let Some(tag) = self.tag_of(number) else {
            return;
        };
        connection.cancel(tag);
        let (sent, waits) = (Instant::now(), Waits::of(within));
        if let Some(running) = self.running.get_mut(&tag) {
            (running.sent, running.waits) = (sent, waits);
        }
        self.set_deadline(tag, waits.deadline(sent, self.heard));
    }

    /// Something came from the router, or it is listened to again after a pause.
    pub fn hear(&mut self) {
        self.heard = Instant::now();
    }

    /// Takes in an event, unless it ends the connection.
    pub fn on_event(&mut self, event: Event, connection: &mut Connection) -> Result<(), Lost> {
        match event {
            Event::Rows { tag, rows } => self.on_rows(tag, rows, connection),
            Event::Done {
                tag,
                attributes,
                traps,
            } => self.on_done(tag, attributes, traps),
            Event::Fatal { reason } => return Err(Lost::Fatal { reason }),
        }
        Ok(())
    }

    /// When [`Commands::expire`] is to be called.
    pub fn next_deadline(&self) -> Option<Instant> {
        self.deadlines.first().map(|(deadline, _)| *deadline)
    }

    /// Ends the commands whose time is up.
    pub fn expire(&mut self, connection: &mut Connection) {
        let now = Instant::now();
        while let Some(&(deadline, tag)) = self.deadlines.first() {
            if deadline > now {
                return;
            }
            self.deadlines.pop_first();
            self.look(tag, now, connection);
        }
    }

    /// Whether reading should wait: all commands are streams whose rows are not taken. The router then
    /// stops sending, because the socket fills. With any other command under way, reading goes on.
    pub fn paused(&self) -> bool {
        !self.running.is_empty() && self.running.values().all(Running::is_behind)
    }

    /// The commands under way.
    pub fn tags(&self) -> impl Iterator<Item = Tag> {
        self.running.keys().copied()
    }

    /// The end of the connection is the end of all commands.
    pub fn fail_all(&mut self, lost: &Lost, connection: &Connection) {
        for (tag, running) in self.running.drain() {
            let Running {
                path: command,
                rows: rows_before,
                taker,
                ..
            } = running;
            if let Some(taker) = taker {
                let fault = Fault::Lost {
                    command,
                    rows_before,
                    traps: connection.traps(tag).to_vec(),
                    source: lost.clone(),
                };
                taker.fail(ClientError::new(&self.router, fault));
            }
        }
        self.deadlines.clear();
    }

    /// A command that came too late to be sent.
    pub fn refuse(&self, start: Start, lost: &Lost) {
        let command = start.command.path().to_owned();
        let fault = Fault::Lost {
            command,
            rows_before: 0,
            traps: Vec::new(),
            source: lost.clone(),
        };
        start.taker.fail(ClientError::new(&self.router, fault));
    }

    fn tag_of(&self, number: u64) -> Option<Tag> {
        let mut running = self.running.iter();
        let found = running.find(|(_, running)| running.number == number);
        found.map(|(&tag, _)| tag)
    }

    fn on_rows(&mut self, tag: Tag, batch: Batch, connection: &mut Connection) {
        let Some(running) = self.running.get_mut(&tag) else {
            return;
        };
        running.rows += batch.len();
        let fault = match &mut running.taker {
            None => None,
            Some(Taker::Whole { rows, .. }) => match self.memory.keep(batch) {
                Some(batch) => {
                    rows.push(batch);
                    None
                }
                None => Some(self.memory.none_for(&running.path)),
            },
            Some(Taker::Stream(feed)) => {
                feed.push(batch).err().map(|waiting| Fault::SlowConsumer {
                    command: running.path.clone(),
                    waiting,
                })
            }
        };
        if let Some(fault) = fault {
            self.fail(tag, fault, connection);
        }
    }

    fn on_done(&mut self, tag: Tag, attributes: Row, traps: Vec<Trap>) {
        self.set_deadline(tag, None);
        let Some(running) = self.running.remove(&tag) else {
            return;
        };
        let Running {
            path: command,
            rows: rows_before,
            taker,
            ..
        } = running;
        debug!(router = %self.router, %command, rows = rows_before, traps = traps.len(), "done");
        match taker {
            None => {}
            Some(taker) if !traps.is_empty() => {
                let fault = Fault::Refused {
                    command,
                    traps,
                    rows_before,
                };
                taker.fail(ClientError::new(&self.router, fault));
            }
            Some(taker) => match self.memory.keep_returned(attributes) {
                Some(attributes) => taker.finish(attributes),
                None => {
                    let fault = self.memory.none_for(&command);
                    taker.fail(ClientError::new(&self.router, fault));
                }
            },
        }
    }

    /// Gives up a command whose time is up.
    fn look(&mut self, tag: Tag, now: Instant, connection: &mut Connection) {
        let Some(running) = self.running.get(&tag) else {
            return;
        };
        if running.taker.is_none() {
            // Cancelled, and not even that was answered.
            connection.forget(tag);
            self.running.remove(&tag);
            return;
        }
        let Running { waits, sent, .. } = *running;
        // Of a stream that is behind not the router is silent, its taker is.
        let heard = if running.is_behind() { now } else { self.heard };
        let deadline = waits.deadline(sent, heard);
        if deadline.is_none_or(|deadline| deadline > now) {
            return self.set_deadline(tag, deadline);
        }
        let (command, rows_before) = (running.path.clone(), running.rows);
        let traps = connection.traps(tag).to_vec();
        let fault = match waits.reached(sent, heard, now) {
            Reached::Silence(after) => Fault::Silent {
                command,
                after,
                rows_before,
                traps,
            },
            Reached::Total { after, silent } => Fault::Timeout {
                command,
                after,
                silent,
                rows_before,
                traps,
            },
        };
        self.fail(tag, fault, connection);
    }

    fn fail(&mut self, tag: Tag, fault: Fault, connection: &mut Connection) {
        debug!(router = %self.router, %fault, "giving up");
        let taker = self
            .running
            .get_mut(&tag)
            .and_then(|running| running.taker.take());
        if let Some(taker) = taker {
            taker.fail(ClientError::new(&self.router, fault));
        }
        self.cancel(tag, connection);
    }

    fn cancel(&mut self, tag: Tag, connection: &mut Connection) {
        connection.cancel(tag);
        if let Some(running) = self.running.get_mut(&tag) {
            running.taker = None;
        }
        self.set_deadline(tag, Some(Instant::now() + CANCEL_GRACE));
    }

    fn set_deadline(&mut self, tag: Tag, deadline: Option<Instant>) {
        let Some(running) = self.running.get_mut(&tag) else {
            return;
        };
        if let Some(old) = running.deadline.take() {
            self.deadlines.remove(&(old, tag));
        }
        running.deadline = deadline;
        self.deadlines
            .extend(running.deadline.map(|deadline| (deadline, tag)));
    }
}

impl Running {
    fn is_behind(&self) -> bool {
        matches!(&self.taker, Some(Taker::Stream(feed)) if feed.is_behind())
    }
}

impl Taker {
    // The receiving side may be gone: then nobody wants to know.
    fn finish(self, attributes: Row) {
        match self {
            Self::Whole { rows, answer } => drop(answer.send(Ok(Answer { rows, attributes }))),
            Self::Stream(feed) => feed.end(Ok(attributes)),
        }
    }

    fn fail(self, error: ClientError) {
        match self {
            Self::Whole { answer, .. } => drop(answer.send(Err(error))),
            Self::Stream(feed) => feed.end(Err(error)),
        }
    }
}
