//! The client's side of a connection after the login: commands out, events in. No sockets, no clock.

use std::collections::{HashMap, VecDeque};
use std::fmt;

use bytes::{Bytes, BytesMut};

use crate::{
    Batch, Closed, Command, CommandError, Decoder, Limits, ProtoError, Reply, Row, SentenceRef,
    Spare, Trap, length,
};

/// A connection that is logged in, with any number of commands under way.
///
/// After [`Connection::send`], [`Connection::cancel`] and [`Connection::quit`], the bytes of
/// [`Connection::poll_transmit`] are to be sent. After each read into [`Connection::spare`],
/// [`Connection::received`] is to be called, then [`Connection::poll_event`] until it returns `None`.
pub struct Connection {
    decoder: Decoder,
    limits: Limits,
    transmit: BytesMut,
    events: VecDeque<Event>,
    in_flight: HashMap<Tag, InFlight>,
    last_tag: u64,
    dropped: u64,
}

/// Which command a reply belongs to. Never used twice on one connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Tag(u64);

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What happened on the connection.
#[derive(Debug)]
pub enum Event {
    /// Rows of a command, in the router's order. Between commands no order is promised.
    Rows {
        /// The command.
        tag: Tag,
        /// One sentence a row.
        rows: Batch,
    },
    /// A command has ended, well or not. Nothing more will come for its tag.
    Done {
        /// The command.
        tag: Tag,
        /// The attributes of `!done`, such as `ret`.
        attributes: Row,
        /// The errors the router gave, at most 16. Rows may have come before them.
        traps: Vec<Trap>,
    },
    /// The router ends the connection. No command that is under way will end.
    Fatal {
        /// The router's words.
        reason: String,
    },
}

#[derive(Default)]
struct InFlight {
    /// What this command is to cancel. Nobody waits for the end of such a command.
    cancels: Option<Tag>,
    cancelled: bool,
    traps: Vec<Trap>,
    /// Rows of the batch at hand.
    offsets: Vec<u32>,
}

/// Rows of one command that stand together in a batch.
#[derive(Default)]
struct Run<'a> {
    tag: &'a [u8],
    /// `None` if no command under way has this tag.
    command: Option<Tag>,
    offsets: Vec<u32>,
    /// The first bytes of a row of the run, up to its tag: what begins alike is another one.
    lead: Option<&'a [u8]>,
}

impl Run<'_> {
    fn goes_on_with(&self, sentence: SentenceRef<'_>) -> bool {
        self.lead.is_some_and(|lead| sentence.begins_with(lead))
    }
}

/// More errors of one command are dropped: nobody reads them, and a peer could send them without end.
const MOST_TRAPS: usize = 16;

impl Connection {
    /// `used` sentences of `first` belonged to the login.
    pub(crate) fn new(decoder: Decoder, limits: Limits, first: &Batch, used: usize) -> Self {
        let mut connection = Self {
            decoder,
            limits,
            transmit: BytesMut::new(),
            events: VecDeque::new(),
            in_flight: HashMap::new(),
            last_tag: 0,
            dropped: 0,
        };
        let rest = first.part(first.offsets[used..].to_vec());
        // Nothing is under way, so only a `!fatal` can mean something here.
        let _ = connection.route(&rest);
        connection
    }

    /// Queues `command` and returns its tag, which is known before a byte is sent.
    ///
    /// # Errors
    /// [`CommandError`]; nothing is queued then.
    pub fn send(&mut self, command: &Command) -> Result<Tag, CommandError> {
        command.check(self.limits)?;
        Ok(self.queue(command, None))
    }

    /// Queues the cancelling of a command. Its [`Event::Done`] still follows, with the router's
    /// `interrupted`; until then rows may come. Nothing happens if it has ended already.
    pub fn cancel(&mut self, tag: Tag) {
        if let Some(in_flight) = self.in_flight.get_mut(&tag)
            && !std::mem::replace(&mut in_flight.cancelled, true)
        {
            self.queue(
                &Command::new("/cancel").attribute("tag", tag.to_string()),
                Some(tag),
            );
        }
    }

    /// Gives up on a command whose end did not come: what still arrives for it is dropped.
    pub fn forget(&mut self, tag: Tag) {
        self.in_flight.remove(&tag);
        self.in_flight.retain(|_, other| other.cancels != Some(tag));
    }

    /// Queues the polite end. The router answers with [`Event::Fatal`] and closes.
    pub fn quit(&mut self) {
        Command::new("/quit").write(b"", &mut self.transmit);
    }

    /// The bytes to send next; they are not given again.
    pub fn poll_transmit(&mut self) -> Option<Bytes> {
        if self.transmit.is_empty() {
            return None;
        }
        Some(self.transmit.split().freeze())
    }

    /// The room to read bytes of the router into.
    pub fn spare(&mut self) -> Spare<'_> {
        self.decoder.spare()
    }

    /// Looks at the bytes read since the last call, and makes events of them.
    ///
    /// # Errors
    /// [`ProtoError`]: the connection is of no use any more. Events before the fault are kept.
    pub fn received(&mut self) -> Result<(), ProtoError> {
        while let Some(batch) = self.decoder.decode()? {
            self.route(&batch)?;
        }
        let pending = self.decoder.pending();
        if foreign(pending) {
            return Err(no_reply_word(first_word(pending)));
        }
        Ok(())
    }

    /// Takes a copy of bytes of the router; [`Connection::spare`] saves the copy.
    ///
    /// # Errors
    /// As [`Connection::received`].
    pub fn receive(&mut self, mut bytes: &[u8]) -> Result<(), ProtoError> {
        while !bytes.is_empty() {
            bytes = self.decoder.copy(bytes);
            self.received()?;
        }
        Ok(())
    }

    /// The next event.
    pub fn poll_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    /// The number of commands under way, cancels among them.
    #[must_use]
    pub fn in_flight(&self) -> usize {
        self.in_flight.len()
    }

    /// The errors that the router gave so far for a command under way, at most 16. Its end may never come.
    #[must_use]
    pub fn traps(&self, tag: Tag) -> &[Trap] {
        let in_flight = self.in_flight.get(&tag);
        in_flight.map(|it| it.traps.as_slice()).unwrap_or_default()
    }

    /// The number of replies that belonged to no command under way, or had a word nobody knows.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.dropped
    }

    /// What the end of the connection means, if it comes now.
    #[must_use]
    pub fn finish(&self) -> Closed {
        self.decoder.finish()
    }

    fn queue(&mut self, command: &Command, cancels: Option<Tag>) -> Tag {
        self.last_tag += 1;
        let tag = Tag(self.last_tag);
        self.in_flight.insert(
            tag,
            InFlight {
                cancels,
                ..InFlight::default()
            },
        );
        command.write(tag.to_string().as_bytes(), &mut self.transmit);
        tag
    }

    /// Sorts the sentences of a batch by command. Rows of one command stay together and in order.
    fn route(&mut self, batch: &Batch) -> Result<(), ProtoError> {
        // Rows mostly come in long runs of one tag, which is then read and looked up once.
        let mut run = Run::default();
        let mut touched = Vec::new();
        let mut result = Ok(());
        for (sentence, &offset) in batch.iter().zip(&batch.offsets) {
            if run.goes_on_with(sentence) {
                run.offsets.push(offset);
                continue;
            }
            let Head { word, tag, lead } = head(sentence);
            if tag != run.tag {
                self.park(std::mem::take(&mut run));
                run = self.resume(tag);
                touched.extend(run.command);
            }
            match (word, run.command) {
                (b"!re", Some(_)) => {
                    run.offsets.push(offset);
                    run.lead = Some(lead);
                }
                (b"!done", Some(tag)) => {
                    self.park(std::mem::take(&mut run));
                    self.end(tag, sentence, batch);
                }
                _ => result = self.note(word, run.command, sentence),
            }
            if result.is_err() {
                break;
            }
        }
        self.park(run);
        touched.into_iter().for_each(|tag| self.flush(tag, batch));
        result
    }

    /// Takes in a sentence that is neither a row nor the end of a command under way.
    fn note(
        &mut self,
        word: &[u8],
        tag: Option<Tag>,
        sentence: SentenceRef<'_>,
    ) -> Result<(), ProtoError> {
        match (word, tag) {
            (b"!fatal", _) => self.fatal(sentence),
            (b"!trap", Some(tag)) => self.trap(tag, sentence),
            (b"!empty", Some(_)) => {}
            (word, _) if !word.starts_with(b"!") => {
                return Err(no_reply_word(word));
            }
            _ => self.dropped += 1,
        }
        Ok(())
    }

    /// Starts or continues the rows of the command that `tag` names.
    fn resume<'a>(&mut self, tag: &'a [u8]) -> Run<'a> {
        let command = read_tag(tag).filter(|tag| self.in_flight.contains_key(tag));
        let offsets = command.map(|tag| self.take_rows(tag)).unwrap_or_default();
        Run {
            tag,
            command,
            offsets,
            lead: None,
        }
    }

    fn take_rows(&mut self, tag: Tag) -> Vec<u32> {
        let in_flight = self.in_flight.get_mut(&tag);
        in_flight
            .map(|it| std::mem::take(&mut it.offsets))
            .unwrap_or_default()
    }

    fn park(&mut self, run: Run<'_>) {
        if let Some(in_flight) = run.command.and_then(|tag| self.in_flight.get_mut(&tag)) {
            in_flight.offsets = run.offsets;
        }
    }

    /// Makes an event of the rows collected for `tag`.
    fn flush(&mut self, tag: Tag, batch: &Batch) {
        let offsets = self.take_rows(tag);
        if !offsets.is_empty() {
            let rows = batch.part(offsets);
            self.events.push_back(Event::Rows { tag, rows });
        }
    }

    fn end(&mut self, tag: Tag, done: SentenceRef<'_>, batch: &Batch) {
        self.flush(tag, batch);
        if let Some(InFlight {
            cancels: None,
            traps,
            ..
        }) = self.in_flight.remove(&tag)
        {
            self.events.push_back(Event::Done {
                tag,
                attributes: Row::copy_of(done),
                traps,
            });
        }
    }

    fn trap(&mut self, tag: Tag, sentence: SentenceRef<'_>) {
        if let Some(in_flight) = self.in_flight.get_mut(&tag)
            && in_flight.traps.len() < MOST_TRAPS
        {
            in_flight.traps.push(Trap::new(sentence));
        }
    }

    fn fatal(&mut self, sentence: SentenceRef<'_>) {
        if let Reply::Fatal { reason } = Reply::new(sentence) {
            let reason = String::from_utf8_lossy(&reason[..reason.len().min(1024)]).into_owned();
            self.events.push_back(Event::Fatal { reason });
        }
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Not the bytes to send: they may hold secrets.
        f.debug_struct("Connection")
            .field("in_flight", &self.in_flight.len())
            .field("dropped", &self.dropped)
            .finish_non_exhaustive()
    }
}

/// What says where a sentence belongs.
struct Head<'a> {
    word: &'a [u8],
    /// Empty if there is none. Routers write it second, but may not.
    tag: &'a [u8],
    /// The bytes from the start to the tag.
    lead: &'a [u8],
}

fn head(sentence: SentenceRef<'_>) -> Head<'_> {
    let mut words = sentence.words();
    let word = words.next().unwrap_or_default();
    let tag = words.find_map(|word| word.strip_prefix(b".tag="));
    Head {
        word,
        tag: tag.unwrap_or_default(),
        lead: sentence.before(&words),
    }
}

/// Only what [`Tag`] writes: a reply with the tag `+7` or `07` is not one of ours.
fn read_tag(tag: &[u8]) -> Option<Tag> {
    let number = std::str::from_utf8(tag).ok()?.parse().ok()?;
    Some(Tag(number)).filter(|known| known.to_string().as_bytes() == tag)
}

fn no_reply_word(word: &[u8]) -> ProtoError {
    ProtoError::NoReplyWord {
        byte: word.first().copied().unwrap_or_default(),
    }
}

/// Whether the open sentence begins with something else than `!`. A peer that does so will never finish
/// one: better said at once than after a time-out.
pub(crate) fn foreign(pending: &[u8]) -> bool {
    first_word(pending)
        .first()
        .is_some_and(|&byte| byte != b'!')
}

/// As much of the first word as there is.
fn first_word(pending: &[u8]) -> &[u8] {
    match length::decode(pending) {
        Ok(Some((_, prefix))) => &pending[prefix..],
        _ => &[],
    }
}
