//! The only loop that touches the socket.

use std::future::pending;
use std::io;
use std::sync::Arc;

use bytes::{Buf, BytesMut};
use routeros_proto::{Closed, Connection};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::sync::{Notify, mpsc};
use tokio::time::{Duration, Instant, sleep_until, timeout};

use crate::commands::{Commands, Message};
use crate::error::Lost;

/// How long a polite end may take.
const QUIT_GRACE: Duration = Duration::from_secs(2);

/// Moves bytes between the socket and the state until one of them ends. Reading goes on while writing
/// is blocked, and the other way round.
///
/// Commands are taken even then: their deadlines run from here on.
pub(crate) async fn run<Reader, Writer>(
    mut reader: Reader,
    writer: &mut Writer,
    connection: &mut Connection,
    commands: &mut Commands,
    messages: &mut mpsc::UnboundedReceiver<Message>,
    taken: Arc<Notify>,
) -> Lost
where
    Reader: AsyncRead + Unpin,
    Writer: AsyncWrite + Unpin,
{
    let mut unsent = BytesMut::new();
    let mut unflushed = false;
    let mut quit_by: Option<Instant> = None;
    let lost = loop {
        if let Some(bytes) = connection.poll_transmit() {
            unsent.extend_from_slice(&bytes);
        }
        let paused = commands.paused();
        let deadline = quit_by.into_iter().chain(commands.next_deadline()).min();
        tokio::select! {
            message = messages.recv(), if quit_by.is_none() => match message {
                Some(Message::Start(start)) => commands.start(start, connection),
                Some(Message::Gone(number)) => commands.gone(number, connection),
                Some(Message::Stop(number, within)) => commands.stop(number, within, connection),
                Some(Message::Quit(done)) => {
                    commands.tell_when_ended(done);
                    quit_by = Some(quit(commands, connection));
                }
                None => quit_by = Some(quit(commands, connection)),
            },
            read = async { reader.read_buf(&mut connection.spare()).await }, if !paused => {
                if let Err(lost) = on_read(read, connection, commands) {
                    break lost;
                }
            }
            written = write(writer, &unsent), if unflushed || !unsent.is_empty() => match written {
                Ok(length) => {
                    unflushed = length > 0;
                    unsent.advance(length);
                }
                Err(error) => break Lost::Io(Arc::new(error)),
            },
            () = taken.notified(), if paused => commands.hear(),
            () = at(deadline) => {
                if quit_by.is_some_and(|quit_by| quit_by <= Instant::now()) {
                    break Lost::Closed;
                }
                commands.expire(connection);
            }
        }
    };
    if quit_by.is_some() {
        Lost::Closed
    } else {
        lost
    }
}

/// Closes the sending side. The router may be gone: this is not worth more than a moment.
pub(crate) async fn shut_down<Writer: AsyncWrite + Unpin>(mut writer: Writer) {
    let _ = timeout(QUIT_GRACE, writer.shutdown()).await;
}

fn on_read(
    read: io::Result<usize>,
    connection: &mut Connection,
    commands: &mut Commands,
) -> Result<(), Lost> {
    match read {
        Err(error) => return Err(Lost::Io(Arc::new(error))),
        Ok(0) if connection.finish() == Closed::InsideSentence => return Err(Lost::InsideSentence),
        Ok(0) => return Err(Lost::ByPeer),
        Ok(_) => {}
    }
    commands.hear();
    let received = connection.received();
    while let Some(event) = connection.poll_event() {
        commands.on_event(event, connection)?;
    }
    received.map_err(Lost::Protocol)
}

/// Ends what is under way, and then the connection.
fn quit(commands: &Commands, connection: &mut Connection) -> Instant {
    commands.tags().for_each(|tag| connection.cancel(tag));
    connection.quit();
    Instant::now() + QUIT_GRACE
}

/// Writes some of `bytes`, or flushes when there are none: then it returns 0. Loses nothing when dropped.
async fn write<Writer: AsyncWrite + Unpin>(writer: &mut Writer, bytes: &[u8]) -> io::Result<usize> {
    if bytes.is_empty() {
        return writer.flush().await.map(|()| 0);
    }
    match writer.write(bytes).await? {
        0 => Err(io::ErrorKind::WriteZero.into()),
        length => Ok(length),
    }
}

async fn at(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => sleep_until(deadline).await,
        None => pending().await,
    }
}
