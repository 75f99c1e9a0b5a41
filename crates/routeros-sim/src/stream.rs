//! Commands that go on while others are executed: prints and listens.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use routeros_proto::{TagPlace, length};

use crate::connection::{Connection, End};
use crate::output::Output;
use crate::trap::Trap;
use crate::verb::{Listen, Next, Print, Watch};
use crate::{Faults, Row};

/// Bytes of rows that are sent at once.
const CHUNK: usize = 64 << 10;
/// How often a listener looks whether timed rows have ended.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// What a fault makes of the next row.
enum Turn {
    Send,
    Drop,
    Stall,
    Announce(u64),
    Trap(Trap),
}

/// Sends the rows of a print, `!empty` where there are none, and `!done`.
pub(crate) async fn send_rows(
    connection: Arc<Connection>,
    mut print: Print,
    tag: Option<Bytes>,
) -> End {
    let faults = connection.faults();
    let mut rows = RowWriter::new(&connection, tag.as_deref());
    let mut sent = 0;
    loop {
        let row = next_row(&mut print).await;
        match turn(&connection, &faults, row.as_ref(), sent) {
            Turn::Send => {}
            fault => {
                let next = row.filter(|_| faults.drop_inside_row);
                return rows.misbehave(fault, next, &print).await;
            }
        }
        let Some(row) = row else { break };
        rows.write(&row, &print, faults.lie_length);
        sent += 1;
        connection.rows_sent.fetch_add(1, Ordering::Relaxed);
        if !rows.keep_pace(faults.row_latency).await {
            return End::Finished;
        }
    }
    rows.flush().await;
    if let Some(listen) = print.follow {
        return send_changes(connection, listen, tag).await;
    }
    let says_empty = sent == 0 && print.says_empty;
    connection
        .reply(|server| {
            if says_empty {
                server.empty(tag.as_deref());
            }
            server.done(tag.as_deref(), [("", ""); 0]);
        })
        .await;
    End::Finished
}

/// Sends the number of rows of a print, as `count-only` wants it.
pub(crate) async fn send_count(
    connection: Arc<Connection>,
    mut print: Print,
    tag: Option<Bytes>,
) -> End {
    let mut count: usize = 0;
    while next_row(&mut print).await.is_some() {
        count += 1;
    }
    let ret = [("ret", count.to_string())];
    connection
        .reply(|server| server.done(tag.as_deref(), ret))
        .await;
    End::Finished
}

/// Sends the rows of each round in its time, and `!done` after the last one.
pub(crate) async fn send_rounds(
    connection: Arc<Connection>,
    mut watch: Watch,
    tag: Option<Bytes>,
) -> End {
    let tag_word = tag_word(tag.as_deref());
    let tag_last = connection.shared.tag_place == TagPlace::Last;
    let mut round = 0;
    loop {
        let rows = watch.rows(&mut connection.shared.router(), round);
        let Some(rows) = rows else { break };
        let mut out = BytesMut::new();
        for row in rows {
            let section = round.to_string();
            let section = (&b".section"[..], Some(section.as_bytes()));
            let row = match watch.has_sections {
                true => row.with(&[section]),
                false => row,
            };
            row.write(&tag_word, tag_last, &mut out);
        }
        if !out.is_empty() && !connection.send(out.freeze()).await {
            return End::Finished;
        }
        if watch.is_last(round) {
            break;
        }
        tokio::time::sleep(watch.every).await;
        round = round.saturating_add(1);
    }
    connection
        .reply(|server| server.done(tag.as_deref(), [("", ""); 0]))
        .await;
    End::Finished
}

/// The next row to send. Others get a turn during a long search, and a `/cancel`.
async fn next_row(print: &mut Print) -> Option<Row> {
    loop {
        tokio::task::consume_budget().await;
        match print.next() {
            Next::Row(row) => return Some(row),
            Next::Skipped => {}
            Next::End => return None,
        }
    }
}

/// Sends changes until the command is cancelled.
pub(crate) async fn send_changes(
    connection: Arc<Connection>,
    mut listen: Listen,
    tag: Option<Bytes>,
) -> End {
    let tag_word = tag_word(tag.as_deref());
    let tag_last = connection.shared.tag_place == TagPlace::Last;
    let mut look = tokio::time::interval(LOOK_EVERY);
    loop {
        tokio::select! {
            change = listen.next(&tag_word, tag_last) => {
                let Some(reply) = change else { return End::Finished };
                if !connection.send(reply.freeze()).await {
                    return End::Finished;
                }
            }
            _ = look.tick() => connection.shared.router().settle(),
        }
    }
}

/// What the faults make of the moment before `row`, or before the end of the rows; `sent` rows of
/// this command went before.
fn turn(connection: &Connection, faults: &Faults, row: Option<&Row>, sent: usize) -> Turn {
    // Two commands at once may step over the number together, and neither of them see it.
    let on_connection = connection.rows_sent.load(Ordering::Relaxed);
    let is_reached = |rows: Option<usize>| rows.is_some_and(|rows| on_connection >= rows);
    if is_reached(faults.drop_after_rows) {
        return Turn::Drop;
    }
    if is_reached(faults.stall_after_rows) {
        return Turn::Stall;
    }
    if faults.trap_after_rows == Some(sent) {
        return Turn::Trap(Trap::item_vanished());
    }
    let Some(row) = row else {
        return Turn::Send;
    };
    match faults.announce_word {
        Some(length) => Turn::Announce(length),
        None if row.id().is_some_and(|id| faults.traps_on(id)) => Turn::Trap(Trap::action_failed()),
        None => Turn::Send,
    }
}

/// Rows on their way into the socket, many at once.
struct RowWriter<'a> {
    connection: &'a Connection,
    tag: Option<&'a [u8]>,
    tag_word: BytesMut,
    tag_last: bool,
    out: BytesMut,
}

impl<'a> RowWriter<'a> {
    fn new(connection: &'a Connection, tag: Option<&'a [u8]>) -> RowWriter<'a> {
        RowWriter {
            connection,
            tag,
            tag_word: tag_word(tag),
            tag_last: connection.shared.tag_place == TagPlace::Last,
            out: BytesMut::new(),
        }
    }

    fn write(&mut self, row: &Row, print: &Print, lies: bool) {
        if self.out.is_empty() {
            self.out.reserve(CHUNK + 4096);
        }
        let start = self.out.len();
        print.write(row, &self.tag_word, self.tag_last, &mut self.out);
        if lies && let Some(prefix) = self.out.get_mut(start + FIRST_FIELD) {
            *prefix = prefix.wrapping_add(1);
        }
    }

    /// Sends what has gathered; `false` when the connection is over.
    async fn flush(&mut self) -> bool {
        let ready = self.out.split().freeze();
        ready.is_empty() || self.connection.send(ready).await
    }

    /// Sends what has gathered if it is enough, or each row in its time; `false` when the connection
    /// is over.
    async fn keep_pace(&mut self, row_latency: Duration) -> bool {
        if !row_latency.is_zero() {
            let go_on = self.flush().await;
            tokio::time::sleep(row_latency).await;
            return go_on;
        }
        self.out.len() < CHUNK || self.flush().await
    }

    /// Ends the rows as the fault wants it; `next` is the row of which half may still go out.
    async fn misbehave(mut self, fault: Turn, next: Option<Row>, print: &Print) -> End {
        match (&fault, next) {
            (Turn::Drop, Some(row)) => self.write_half(&row, print),
            (Turn::Announce(length), _) => announce(*length, &mut self.out),
            _ => {}
        }
        self.flush().await;
        match fault {
            Turn::Drop => self.connection.close().await,
            Turn::Trap(trap) => {
                self.connection.refuse(self.tag, &trap.into()).await;
            }
            Turn::Send | Turn::Stall | Turn::Announce(_) => {
                self.connection.send_output(Output::Stall).await;
            }
        }
        End::Finished
    }

    fn write_half(&mut self, row: &Row, print: &Print) {
        let start = self.out.len();
        self.write(row, print, false);
        self.out.truncate(start + (self.out.len() - start) / 2);
    }
}

/// Writes the prefix of a word of `length` bytes, and not the word.
fn announce(length: u64, out: &mut BytesMut) {
    length::encode(u32::try_from(length).unwrap_or(u32::MAX), out);
}

/// Where the length of the word after `!re` stands in a row.
const FIRST_FIELD: usize = b"\x03!re".len();

/// The `.tag` word of replies as it is sent, or nothing.
fn tag_word(tag: Option<&[u8]>) -> BytesMut {
    let mut word = BytesMut::new();
    if let Some(tag) = tag {
        let length = b".tag=".len() + tag.len();
        length::encode(u32::try_from(length).unwrap_or(u32::MAX), &mut word);
        word.extend_from_slice(b".tag=");
        word.extend_from_slice(tag);
    }
    word
}
