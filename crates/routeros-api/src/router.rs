//! A router to talk to.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use routeros_proto::{Command, Connection, Id, Row, Rows, excerpt};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::{mpsc, oneshot};

use crate::commands::{Answer, Commands, Message, Start, Taker};
use crate::error::Fault;
use crate::link::{End, Link};
use crate::options::address;
#[cfg(feature = "tls")]
use crate::tls;
use crate::waits::Waits;
use crate::{AnswerMemory, ClientError, Options, Print, RowStream, connect, driver, peer};

/// A connection to one router, logged in. Cloning gives another handle of the same connection, which is
/// closed when the last handle is dropped.
///
/// Any number of calls may run at the same time; each has its own tag, and none waits for another.
/// A call that is dropped before its end is cancelled on the router.
#[derive(Clone)]
pub struct Router {
    link: Link,
    waits: Waits,
    memory: AnswerMemory,
}

/// How much of an answer is taken.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// So many rows.
    pub rows: usize,
    /// What comes in this time, of a command that does not end by itself.
    pub watched: Option<Duration>,
    /// The router may be silent for so long beyond the limit of the connection, as it was asked to: the
    /// interval of a ping, the duration of a measurement.
    pub pause: Duration,
}

/// What was taken of an answer.
#[derive(Clone, Debug)]
pub struct Part {
    /// The rows, not more than were to be taken.
    pub rows: Rows,
    /// The attributes of `!done`, where the command came to its end.
    pub attributes: Option<Row>,
    /// Whether there was more.
    pub is_cut: bool,
}

impl Router {
    /// Connects and logs in, each within its limit of `options`.
    ///
    /// # Errors
    /// [`ClientError`], of every class.
    pub async fn connect(options: &Options) -> Result<Self, ClientError> {
        let address: Arc<str> = address(&options.host, options.port).into();
        let fault = match Self::open(options, &address).await {
            Ok(router) => return Ok(router),
            Err(fault) => fault,
        };
        let (host, port, limit) = (&options.host, options.port, options.connect_timeout);
        let fault = peer::explained(fault, host, port, limit).await;
        Err(ClientError::new(&address, fault))
    }

    async fn open(options: &Options, address: &Arc<str>) -> Result<Self, Fault> {
        let mut stream = connect::tcp(&options.host, options.port, options.connect_timeout).await?;
        #[cfg(feature = "tls")]
        if let Some(tls) = &options.tls {
            let limit = options.connect_timeout;
            let mut stream = tls::handshake(stream, &options.host, tls, limit).await?;
            let connection = connect::login(&mut stream, options).await?;
            let (reader, writer) = tokio::io::split(stream);
            return Ok(Self::start(options, address, connection, reader, writer));
        }
        let connection = connect::login(&mut stream, options).await?;
        let (reader, writer) = stream.into_split();
        Ok(Self::start(options, address, connection, reader, writer))
    }

    fn start<Reader, Writer>(
        options: &Options,
        address: &Arc<str>,
        connection: Connection,
        reader: Reader,
        writer: Writer,
    ) -> Self
    where
        Reader: AsyncRead + Unpin + Send + 'static,
        Writer: AsyncWrite + Unpin + Send + 'static,
    {
        let (link, receiver) = Link::new(address.clone());
        let commands = Commands::new(address.clone(), options.memory.clone());
        tokio::spawn(drive(
            reader,
            writer,
            connection,
            commands,
            receiver,
            link.end(),
        ));
        Self {
            link,
            waits: Waits {
                silence: Some(options.silence_timeout),
                total: Some(options.command_timeout),
            },
            memory: options.memory.clone(),
        }
    }

    /// All rows that `print` asks for.
    ///
    /// # Errors
    /// [`ClientError`]. If some rows had come, [`ClientError::rows_before`] says how many; part of an
    /// answer is never given as the answer.
    pub async fn rows(&self, print: &Print) -> Result<Rows, ClientError> {
        let waits = print.waits(self.waits);
        Ok(self.run(print.command("print", ""), waits).await?.rows)
    }

    /// The rows that `print` asks for, as they come.
    ///
    /// # Errors
    /// [`ClientError`] if the connection is lost; errors of the router come from [`RowStream::next`].
    pub async fn stream(&self, print: &Print) -> Result<RowStream, ClientError> {
        let waits = Waits {
            total: None,
            ..self.waits
        };
        self.start_stream(print.command("print", ""), print.waits(waits))
    }

    /// Changes of the rows that `print` asks for, until the stream is dropped: the row as it is now, or
    /// its `.id` and `.dead` when it is gone. Neither silence nor time is an error, unless `print` has a
    /// limit of its own.
    ///
    /// # Errors
    /// As [`Router::stream`].
    pub async fn listen(&self, print: &Print) -> Result<RowStream, ClientError> {
        let waits = print.waits(Waits::default());
        self.start_stream(print.command("listen", ""), waits)
    }

    /// How many rows there are for `print`, counted by the router.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn count(&self, print: &Print) -> Result<u64, ClientError> {
        let command = print.command("print", "count-only");
        let path = command.path().to_owned();
        let answer = self.run(command, print.waits(self.waits)).await?;
        let count = answer
            .ret()
            .and_then(|ret| std::str::from_utf8(ret).ok()?.parse().ok());
        count.ok_or_else(|| self.senseless(path, "a count", answer.ret()))
    }

    /// Adds a row to `menu`, and returns its id.
    ///
    /// # Errors
    /// [`ClientError`]. After class `Connection` the row may exist or not.
    pub async fn add<Name: AsRef<[u8]>, Value: AsRef<[u8]>>(
        &self,
        menu: &str,
        fields: impl IntoIterator<Item = (Name, Value)>,
    ) -> Result<Id, ClientError> {
        let command = with_fields(Command::new(&format!("{menu}/add")), fields);
        let path = command.path().to_owned();
        let answer = self.run(command, self.waits).await?;
        let id = answer.ret().and_then(|ret| Id::try_from(ret).ok());
        id.ok_or_else(|| self.senseless(path, "the id of the new row", answer.ret()))
    }

    /// Sets fields of the row `id` of `menu`.
    ///
    /// # Errors
    /// [`ClientError`]. After class `Connection` the row may be changed or not.
    pub async fn set<Name: AsRef<[u8]>, Value: AsRef<[u8]>>(
        &self,
        menu: &str,
        id: &Id,
        fields: impl IntoIterator<Item = (Name, Value)>,
    ) -> Result<(), ClientError> {
        let command = Command::new(&format!("{menu}/set")).attribute(".id", id.as_str());
        self.run(with_fields(command, fields), self.waits)
            .await
            .map(drop)
    }

    /// Removes the row `id` of `menu`.
    ///
    /// # Errors
    /// [`ClientError`]. After class `Connection` the row may be gone or not.
    pub async fn remove(&self, menu: &str, id: &Id) -> Result<(), ClientError> {
        let command = Command::new(&format!("{menu}/remove")).attribute(".id", id.as_str());
        self.run(command, self.waits).await.map(drop)
    }

    /// Any command, with rows and attributes of its answer.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn command(&self, command: Command) -> Result<Answer, ClientError> {
        self.run(command, self.waits).await
    }

    /// Any command, of whose answer no more is taken than `bounds` say: what it goes on with is cancelled.
    ///
    /// What is watched for a time is an answer once the router has ended it, within the limit of silence: a
    /// dead router is no quiet one.
    ///
    /// # Errors
    /// As [`Router::command`].
    pub async fn part(&self, command: Command, bounds: Bounds) -> Result<Part, ClientError> {
        let path = command.path().to_owned();
        let most = self.waits.total.unwrap_or(Duration::MAX);
        let watched = bounds.watched.map(|time| time.min(most));
        let mut part = Part {
            rows: Rows::default(),
            attributes: None,
            is_cut: watched < bounds.watched,
        };
        let mut stream = self.start_stream(command, self.waits_of_part(bounds))?;
        let mut is_stopped = false;
        let end = elapsed(watched);
        tokio::pin!(end);
        loop {
            let next = tokio::select! {
                next = stream.next() => next,
                () = &mut end, if !is_stopped => {
                    stream.stop(self.waits.silence.unwrap_or(STOP_GRACE));
                    is_stopped = true;
                    continue;
                }
            };
            let batch = match next {
                Err(error) if is_stopped && is_interrupted(&error) => return Ok(part),
                next => next?,
            };
            let Some(batch) = batch else {
                part.attributes = stream.attributes().cloned();
                return Ok(part);
            };
            let kept = self.memory.keep(batch);
            part.rows
                .push(kept.ok_or_else(|| self.link.error(self.memory.none_for(&path)))?);
            if part.rows.len() > bounds.rows {
                part.rows.truncate(bounds.rows);
                part.is_cut = true;
                return Ok(part);
            }
        }
    }

    /// What is watched may be silent.
    fn waits_of_part(&self, bounds: Bounds) -> Waits {
        let silence = self.waits.silence;
        match bounds.watched {
            Some(_) => Waits::default(),
            None => Waits {
                silence: silence.map(|silence| silence.saturating_add(bounds.pause)),
                ..self.waits
            },
        }
    }

    /// The same connection, for commands that a router may work on for long without a word, such as a script:
    /// only [`Options::command_timeout`] ends them, and a silence does not.
    #[must_use]
    pub fn patient(&self) -> Self {
        Self {
            waits: Waits {
                silence: None,
                ..self.waits
            },
            ..self.clone()
        }
    }

    /// The address of the router, `host:port`.
    #[must_use]
    pub fn address(&self) -> &str {
        self.link.address()
    }

    /// Whether the connection has ended, for whatever reason.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.link.is_closed()
    }

    /// Ends the connection politely, for all handles. Commands under way fail.
    pub async fn close(self) {
        self.link.quit().await;
    }

    async fn run(&self, command: Command, waits: Waits) -> Result<Answer, ClientError> {
        let path = command.path().to_owned();
        let (answer, receiver) = oneshot::channel();
        let taker = Taker::Whole {
            rows: Rows::default(),
            answer,
        };
        let mut waiter = self.link.waiter();
        self.link.send(Start {
            number: waiter.number(),
            command,
            waits,
            taker,
        })?;
        let result = receiver.await;
        waiter.is_answered();
        result.unwrap_or_else(|_| Err(self.link.lost(&path)))
    }

    fn start_stream(&self, command: Command, waits: Waits) -> Result<RowStream, ClientError> {
        let waiter = self.link.waiter();
        let number = waiter.number();
        let (feed, stream) = RowStream::new(self.link.clone(), waiter);
        self.link.send(Start {
            number,
            command,
            waits,
            taker: Taker::Stream(feed),
        })?;
        Ok(stream)
    }

    fn senseless(&self, command: String, wanted: &str, ret: Option<&[u8]>) -> ClientError {
        let what = match ret {
            None => format!("nothing instead of {wanted}"),
            Some(ret) => format!("`{}` instead of {wanted}", excerpt(ret)),
        };
        self.link.error(Fault::Answer { command, what })
    }
}

impl fmt::Debug for Router {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Router")
            .field("address", &self.address())
            .finish_non_exhaustive()
    }
}

/// The SHA-256 fingerprint of the certificate that `host` shows on `port`, to be compared with the
/// router's own word and then pinned. Nothing is sent over the connection, and nothing is trusted.
///
/// # Errors
/// [`ClientError`] if there is no connection or no TLS within `timeout` each.
#[cfg(feature = "tls")]
pub async fn fingerprint(
    host: &str,
    port: u16,
    timeout: Duration,
) -> Result<[u8; 32], ClientError> {
    let look = async {
        let stream = connect::tcp(host, port, timeout).await?;
        tls::look(stream, host, timeout).await
    };
    match look.await {
        Ok(fingerprint) => Ok(fingerprint),
        Err(fault) => {
            let fault = peer::explained(fault, host, port, timeout).await;
            Err(ClientError::new(&address(host, port).into(), fault))
        }
    }
}

/// How long a router may take to end what was watched, where no limit of silence says it.
const STOP_GRACE: Duration = Duration::from_secs(20);

/// A command that was cancelled ends with this (seen).
fn is_interrupted(error: &ClientError) -> bool {
    const INTERRUPTED: u8 = 2;
    let mut traps = error.traps().iter();
    matches!(error.fault(), Fault::Refused { .. })
        && traps.all(|trap| trap.category == Some(INTERRUPTED))
}

/// The end of a time; of none, never.
async fn elapsed(time: Option<Duration>) {
    match time {
        Some(time) => tokio::time::sleep(time).await,
        None => std::future::pending().await,
    }
}

fn with_fields<Name: AsRef<[u8]>, Value: AsRef<[u8]>>(
    command: Command,
    fields: impl IntoIterator<Item = (Name, Value)>,
) -> Command {
    fields.into_iter().fold(command, |command, (name, value)| {
        command.attribute(name, value)
    })
}

/// Runs the driver, and tells every caller how it ended.
async fn drive<Reader, Writer>(
    reader: Reader,
    mut writer: Writer,
    mut connection: Connection,
    mut commands: Commands,
    mut messages: mpsc::UnboundedReceiver<Message>,
    end: Arc<End>,
) where
    Reader: AsyncRead + Unpin,
    Writer: AsyncWrite + Unpin,
{
    let taken = end.taken.clone();
    let lost = driver::run(
        reader,
        &mut writer,
        &mut connection,
        &mut commands,
        &mut messages,
        taken,
    )
    .await;
    tracing::debug!(%lost, "connection ended");
    let _ = end.lost.set(lost.clone());
    messages.close();
    commands.fail_all(&lost, &connection);
    while let Ok(message) = messages.try_recv() {
        if let Message::Start(start) = message {
            commands.refuse(start, &lost);
        }
    }
    driver::shut_down(writer).await;
}
