//! Bytes in, sentences out. Remembers its place, and has a cap for everything a peer can announce.

use std::collections::VecDeque;

use bytes::{Buf, BufMut, BytesMut};

use crate::{Batch, ProtoError, length};

/// The most a peer may send in one piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The longest word in bytes.
    pub word: usize,
    /// The longest sentence in bytes, length prefixes included. Never counted as more than 1 GiB.
    pub sentence: usize,
}

impl Default for Limits {
    /// 16 MiB a word, 64 MiB a sentence.
    fn default() -> Self {
        Self {
            word: 16 << 20,
            sentence: 64 << 20,
        }
    }
}

/// The room for the next bytes, see [`Decoder::spare`]. It never grows, so what does not fit is not read.
pub type Spare<'a> = bytes::buf::Limit<&'a mut BytesMut>;

/// How a connection ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Closed {
    /// Between two sentences.
    Clean,
    /// In the middle of a sentence: the peer died, or something between cut the connection.
    InsideSentence,
}

/// Cuts received bytes into sentences.
///
/// Bytes are read straight into [`Decoder::spare`], and [`Decoder::decode`] hands out the complete
/// sentences without copying them. Memory grows with the bytes that really arrive, never with a length
/// that was announced.
///
/// ```
/// use bytes::BufMut;
/// use routeros_proto::{Decoder, Limits};
///
/// let mut decoder = Decoder::new(Limits::default());
/// decoder.spare().put_slice(b"\x03!re\x00\x05!do");
/// let batch = decoder.decode().unwrap().unwrap();
/// assert_eq!(batch.iter().map(|sentence| sentence.first()).collect::<Vec<_>>(), [b"!re"]);
/// ```
pub struct Decoder {
    limits: Limits,
    /// Starts with the first byte of the sentence that is not complete yet.
    buffer: BytesMut,
    /// The size of the allocation `buffer` is a part of.
    allocated: usize,
    /// What is left of earlier chunks. Once the sentences in one have been dropped, it is used again,
    /// which saves the system from handing out fresh memory for every chunk of a stream.
    used: VecDeque<BytesMut>,
    /// Offset in `buffer` of the first word not yet seen whole. Nothing before it is looked at again.
    scanned: usize,
    failed: Option<ProtoError>,
}

/// Large enough that reading costs few calls, small enough to stay in the cache (measured). A little less
/// than 256 KiB, so that allocators with a header of their own do not touch one page more.
const CHUNK: usize = (256 << 10) - 64;
/// How many used chunks are kept in mind.
const MOST_USED: usize = 4;
/// With less room than this a read is not worth its call.
const LEAST_SPARE: usize = 4 << 10;
/// Offsets of sentences are 32 bits.
const LARGEST_SENTENCE: usize = 1 << 30;

impl Decoder {
    /// A decoder that has received nothing. It allocates at the first [`Decoder::spare`].
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        let limits = Limits {
            sentence: limits.sentence.min(LARGEST_SENTENCE),
            ..limits
        };
        Self {
            limits,
            buffer: BytesMut::new(),
            allocated: 0,
            used: VecDeque::new(),
            scanned: 0,
            failed: None,
        }
    }

    /// The room to read the next bytes into, at least 4 KiB. Call [`Decoder::decode`] after each read.
    pub fn spare(&mut self) -> Spare<'_> {
        if self.buffer.capacity() - self.buffer.len() < LEAST_SPARE {
            self.make_room();
        }
        let free = self.buffer.capacity() - self.buffer.len();
        (&mut self.buffer).limit(free)
    }

    /// The sentences that became complete, or `None` when more bytes are needed.
    ///
    /// Call it until it returns `None`. Sentences before a fault are handed out first.
    ///
    /// # Errors
    /// Any [`ProtoError`] but `NotAReply`; the same one again at every later call.
    pub fn decode(&mut self) -> Result<Option<Batch>, ProtoError> {
        if let Some(error) = &self.failed {
            return Err(error.clone());
        }
        let mut offsets = Vec::new();
        let mut start = 0;
        self.failed = self.scan(&mut start, &mut offsets).err();
        self.scanned -= start;
        if offsets.is_empty() {
            // Only empty sentences, which have no meaning.
            self.buffer.advance(start);
            return self.failed.clone().map_or(Ok(None), Err);
        }
        let bytes = self.buffer.split_to(start).freeze();
        Ok(Some(Batch::new(bytes, offsets, self.allocated)))
    }

    /// Takes a copy of `bytes` and returns the sentences that became complete.
    ///
    /// For peers that are not read from a socket; [`Decoder::spare`] saves the copy.
    ///
    /// # Errors
    /// As [`Decoder::decode`]. If sentences came before the fault, they are returned, and the fault by
    /// the next call.
    pub fn receive(&mut self, mut bytes: &[u8]) -> Result<Vec<Batch>, ProtoError> {
        let mut batches = Vec::new();
        while !bytes.is_empty() && self.failed.is_none() {
            bytes = self.copy(bytes);
            match self.decode() {
                Ok(batch) => batches.extend(batch),
                Err(_) => break,
            }
        }
        match &self.failed {
            Some(error) if batches.is_empty() => Err(error.clone()),
            _ => Ok(batches),
        }
    }

    /// Takes a copy of as many of `bytes` as there is room for, and gives back the rest.
    pub(crate) fn copy<'b>(&mut self, bytes: &'b [u8]) -> &'b [u8] {
        let mut spare = self.spare();
        let (fits, rest) = bytes.split_at(bytes.len().min(spare.remaining_mut()));
        spare.put_slice(fits);
        rest
    }

    /// The bytes of the sentence that is not complete yet.
    #[must_use]
    pub(crate) fn pending(&self) -> &[u8] {
        &self.buffer
    }

    /// What the end of the connection means, if it comes now.
    #[must_use]
    pub fn finish(&self) -> Closed {
        if self.buffer.is_empty() {
            Closed::Clean
        } else {
            Closed::InsideSentence
        }
    }

    /// Walks on over complete words; `start` follows the start of the sentence that is open.
    fn scan(&mut self, start: &mut usize, offsets: &mut Vec<u32>) -> Result<(), ProtoError> {
        let bytes = &self.buffer[..];
        // No short word that is here as a whole can break a limit then.
        let short_fit =
            self.limits.word >= length::LONGEST_SHORT && bytes.len() < self.limits.sentence;
        loop {
            if short_fit {
                self.scanned = after_short_words(bytes, self.scanned);
            }
            let Some((length, prefix)) = length::decode(&bytes[self.scanned..])? else {
                break;
            };
            let word = self.scanned + prefix;
            if length == 0 {
                if self.scanned > *start {
                    // The buffer is never larger than a chunk or twice the largest sentence.
                    offsets.push(*start as u32);
                }
                self.scanned = word;
                *start = word;
                continue;
            }
            let length = length as usize;
            check_limits(self.limits, length, word - *start)?;
            if bytes.len() - word < length {
                break;
            }
            self.scanned = word + length;
        }
        Ok(())
    }

    /// Goes on in a chunk nobody holds a part of any more, or in a new one. Only the open sentence is moved.
    fn make_room(&mut self) {
        let open = self.buffer.len();
        let largest = self.limits.sentence + 2 * LEAST_SPARE;
        let wanted = CHUNK.max(largest.min(2 * open));
        if self.allocated == wanted && self.buffer.try_reclaim(wanted - open) {
            return;
        }
        let mut next = self
            .used_chunk(wanted)
            .unwrap_or_else(|| BytesMut::with_capacity(wanted));
        next.extend_from_slice(&self.buffer);
        let last = std::mem::replace(&mut self.buffer, next);
        self.retire(last);
        self.allocated = wanted;
    }

    fn used_chunk(&mut self, wanted: usize) -> Option<BytesMut> {
        if wanted != CHUNK {
            return None;
        }
        let free = self
            .used
            .iter_mut()
            .position(|chunk| chunk.try_reclaim(CHUNK))?;
        self.used.remove(free)
    }

    fn retire(&mut self, mut chunk: BytesMut) {
        if self.allocated == CHUNK {
            chunk.clear();
            self.used.push_back(chunk);
            if self.used.len() > MOST_USED {
                self.used.pop_front();
            }
        }
    }
}

impl std::fmt::Debug for Decoder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Not the bytes: they may hold secrets.
        f.debug_struct("Decoder")
            .field("pending", &self.buffer.len())
            .finish_non_exhaustive()
    }
}

/// Walks on from `at` over words that are here to their end and say their length in one byte, as nearly all do, up to
/// one that does not, or is not, or is empty. One look at a byte for each word.
#[inline]
fn after_short_words(bytes: &[u8], mut at: usize) -> usize {
    let mut length = bytes.get(at).copied().map_or(0, usize::from);
    while (1..=length::LONGEST_SHORT).contains(&length) {
        let next = at + 1 + length;
        // Where the next word has not come, this one is left to the caller.
        let Some(&following) = bytes.get(next) else {
            break;
        };
        (at, length) = (next, usize::from(following));
    }
    at
}

/// `before` is the size of the open sentence up to the word of `length` bytes.
#[inline]
fn check_limits(limits: Limits, length: usize, before: usize) -> Result<(), ProtoError> {
    if length > limits.word {
        return Err(ProtoError::WordTooLong {
            announced: length,
            limit: limits.word,
        });
    }
    if before + length >= limits.sentence {
        return Err(ProtoError::SentenceTooLong {
            limit: limits.sentence,
        });
    }
    Ok(())
}
