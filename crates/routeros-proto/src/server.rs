//! The router's side of a connection, for simulators: bytes in, requests out, replies to bytes.

use std::fmt;

use bytes::{BufMut, Bytes, BytesMut};

use crate::query::query_of;
use crate::sentence::{Fields, write_word};
use crate::{Closed, Decoder, Limits, ProtoError, Query, QueryError, Row, SentenceRef, Spare};

/// Where replies carry their tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TagPlace {
    /// Directly after the reply word, as in every capture of a real router.
    #[default]
    AfterReplyWord,
    /// As the last word, as in the examples of the manual.
    Last,
}

/// The state of one connection that serves the RouterOS API.
///
/// It knows nothing of logins: who may do what is for its user to decide.
///
/// ```
/// use routeros_proto::{Limits, Server, TagPlace};
///
/// let mut server = Server::new(Limits::default(), TagPlace::default());
/// server.receive(b"\x0d/ip/arp/print\x06.tag=7\x00").unwrap();
/// let request = server.poll_request().unwrap();
/// server.row(request.tag(), [("address", "10.0.0.9")]);
/// server.done(request.tag(), [("", ""); 0]);
/// assert_eq!(
///     &server.poll_transmit().unwrap()[..],
///     b"\x03!re\x06.tag=7\x11=address=10.0.0.9\x00\x05!done\x06.tag=7\x00",
/// );
/// ```
pub struct Server {
    decoder: Decoder,
    tag_place: TagPlace,
    requests: std::collections::VecDeque<Request>,
    transmit: BytesMut,
}

impl Server {
    /// A connection on which nothing has happened.
    #[must_use]
    pub fn new(limits: Limits, tag_place: TagPlace) -> Self {
        Self {
            decoder: Decoder::new(limits),
            tag_place,
            requests: std::collections::VecDeque::new(),
            transmit: BytesMut::new(),
        }
    }

    /// The room to read bytes of the client into. Call [`Server::received`] after each read.
    pub fn spare(&mut self) -> Spare<'_> {
        self.decoder.spare()
    }

    /// Takes a copy of bytes of the client; [`Server::spare`] saves the copy.
    ///
    /// # Errors
    /// As [`Server::received`].
    pub fn receive(&mut self, mut bytes: &[u8]) -> Result<(), ProtoError> {
        while !bytes.is_empty() {
            bytes = self.decoder.copy(bytes);
            self.received()?;
        }
        Ok(())
    }

    /// Looks at the bytes read since the last call, and makes requests of them.
    ///
    /// # Errors
    /// [`ProtoError`]: the connection is of no use any more. Requests before the fault are kept.
    pub fn received(&mut self) -> Result<(), ProtoError> {
        while let Some(batch) = self.decoder.decode()? {
            self.requests.extend(batch.iter().map(|sentence| Request {
                words: Row::copy_of(sentence),
            }));
        }
        Ok(())
    }

    /// The next request.
    pub fn poll_request(&mut self) -> Option<Request> {
        self.requests.pop_front()
    }

    /// The bytes to send next; they are not given again.
    pub fn poll_transmit(&mut self) -> Option<Bytes> {
        if self.transmit.is_empty() {
            return None;
        }
        Some(self.transmit.split().freeze())
    }

    /// The number of bytes that wait for [`Server::poll_transmit`].
    #[must_use]
    pub fn unsent(&self) -> usize {
        self.transmit.len()
    }

    /// What the end of the connection means, if it comes now.
    #[must_use]
    pub fn finish(&self) -> Closed {
        self.decoder.finish()
    }

    /// Answers with a row.
    pub fn row<Name: AsRef<[u8]>, Value: AsRef<[u8]>>(
        &mut self,
        tag: Option<&[u8]>,
        fields: impl IntoIterator<Item = (Name, Value)>,
    ) {
        self.reply(b"!re", tag, fields);
    }

    /// Answers that the command has ended, with attributes such as `ret`.
    pub fn done<Name: AsRef<[u8]>, Value: AsRef<[u8]>>(
        &mut self,
        tag: Option<&[u8]>,
        attributes: impl IntoIterator<Item = (Name, Value)>,
    ) {
        self.reply(b"!done", tag, attributes);
    }

    /// Answers with an error. [`Server::done`] must still follow.
    pub fn trap(&mut self, tag: Option<&[u8]>, category: Option<u8>, message: &str) {
        let category = category.map(|category| ("category", category.to_string()));
        self.reply(
            b"!trap",
            tag,
            category
                .into_iter()
                .chain([("message", message.to_owned())]),
        );
    }

    /// Answers that there is no data. [`Server::done`] must still follow.
    pub fn empty(&mut self, tag: Option<&[u8]>) {
        self.reply(b"!empty", tag, [("", ""); 0]);
    }

    /// Announces the end of the connection, which is then to be closed.
    pub fn fatal(&mut self, reason: &str) {
        write_word(&mut self.transmit, &[b"!fatal"]);
        write_word(&mut self.transmit, &[reason.as_bytes()]);
        self.transmit.put_u8(0);
    }

    /// Answers with any reply word.
    pub fn reply<Name: AsRef<[u8]>, Value: AsRef<[u8]>>(
        &mut self,
        word: &[u8],
        tag: Option<&[u8]>,
        fields: impl IntoIterator<Item = (Name, Value)>,
    ) {
        write_word(&mut self.transmit, &[word]);
        self.tag(tag, TagPlace::AfterReplyWord);
        for (name, value) in fields {
            write_word(
                &mut self.transmit,
                &[b"=", name.as_ref(), b"=", value.as_ref()],
            );
        }
        self.tag(tag, TagPlace::Last);
        self.transmit.put_u8(0);
    }

    fn tag(&mut self, tag: Option<&[u8]>, place: TagPlace) {
        if let Some(tag) = tag.filter(|_| place == self.tag_place) {
            write_word(&mut self.transmit, &[b".tag=", tag]);
        }
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Not the bytes to send: they may hold secrets.
        f.debug_struct("Server")
            .field("requests", &self.requests)
            .finish_non_exhaustive()
    }
}

/// A command as a server received it. `Debug` shows secret values as `***`.
#[derive(Clone)]
pub struct Request {
    words: Row,
}

impl Request {
    /// The command word, as sent: it may be empty of sense or not start with a slash.
    #[must_use]
    pub fn path(&self) -> &[u8] {
        self.sentence().first()
    }

    /// The tag the replies have to carry.
    #[must_use]
    pub fn tag(&self) -> Option<&[u8]> {
        self.words.sentence().tag()
    }

    /// The value of the attribute `name`, the first one if there are more. A flag has an empty value.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&[u8]> {
        self.words.get(name)
    }

    /// The attributes as (name, value), in order, `.id` and `.proplist` among them.
    #[must_use]
    pub fn attributes(&self) -> Fields<'_> {
        self.words.fields()
    }

    /// The query, which keeps every row if there are no query words.
    ///
    /// # Errors
    /// [`QueryError`] for query words that make no sense or cost too much.
    pub fn query(&self) -> Result<Query, QueryError> {
        query_of(self.sentence())
    }

    /// All words.
    #[must_use]
    pub fn sentence(&self) -> SentenceRef<'_> {
        self.words.sentence()
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.sentence().fmt(f)
    }
}
