//! The rows of an answer, kept as the bytes they came in.

use std::fmt;

use bytes::Bytes;

use crate::sentence::Fields;
use crate::{Batch, SentenceRef};

/// One row, read where it lies. A name may occur twice, a value may be any bytes, and a row may be empty.
#[derive(Clone, Copy)]
pub struct RowRef<'a> {
    sentence: SentenceRef<'a>,
}

impl<'a> RowRef<'a> {
    /// The attributes of `sentence` as a row.
    #[must_use]
    pub fn new(sentence: SentenceRef<'a>) -> Self {
        Self { sentence }
    }

    /// The value of `name`, the first one if it occurs more than once. Absent and empty differ.
    #[must_use]
    pub fn get(self, name: &str) -> Option<&'a [u8]> {
        self.sentence.get(name)
    }

    /// All values of `name`, in order.
    pub fn get_all(self, name: &str) -> impl Iterator<Item = &'a [u8]> {
        self.sentence.get_all(name)
    }

    /// All fields as (name, value), in the order the router sent them.
    #[must_use]
    pub fn fields(self) -> Fields<'a> {
        self.sentence.fields()
    }

    /// The sentence the row came in.
    #[must_use]
    pub fn sentence(self) -> SentenceRef<'a> {
        self.sentence
    }
}

impl fmt::Debug for RowRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.sentence.fmt(f)
    }
}

/// One row that owns its bytes. Cloning costs one reference count.
///
/// It shares the chunk of bytes it was received in with the rows around it, and keeps that chunk (of up
/// to 256 KiB) alive. To keep one row out of many for long, keep [`Row::compact`].
#[derive(Clone)]
pub struct Row {
    chunk: Bytes,
    offset: u32,
}

impl Row {
    /// The value of `name`, the first one if it occurs more than once. Absent and empty differ.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&[u8]> {
        self.borrow().get(name)
    }

    /// All values of `name`, in order.
    pub fn get_all(&self, name: &str) -> impl Iterator<Item = &[u8]> {
        self.borrow().get_all(name)
    }

    /// All fields as (name, value), in the order the router sent them.
    #[must_use]
    pub fn fields(&self) -> Fields<'_> {
        self.borrow().fields()
    }

    /// The same row, borrowed.
    #[must_use]
    pub fn borrow(&self) -> RowRef<'_> {
        RowRef::new(self.sentence())
    }

    /// The sentence the row came in.
    #[must_use]
    pub fn sentence(&self) -> SentenceRef<'_> {
        SentenceRef::new(&self.chunk[self.offset as usize..])
    }

    /// A copy that holds its own bytes and nothing else.
    #[must_use]
    pub fn compact(&self) -> Self {
        Self::copy_of(self.sentence())
    }

    pub(crate) fn copy_of(sentence: SentenceRef<'_>) -> Self {
        Self {
            chunk: Bytes::copy_from_slice(sentence.wire()),
            offset: 0,
        }
    }
}

impl fmt::Debug for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.borrow().fmt(f)
    }
}

/// Many rows: the chunks of bytes they came in, and four bytes a row to find them.
///
/// ```
/// use routeros_proto::{Decoder, Limits, Rows};
///
/// let mut decoder = Decoder::new(Limits::default());
/// let mut rows = Rows::default();
/// for batch in decoder.receive(b"\x03!re\x07=.id=*1\x00\x03!re\x07=.id=*2\x00").unwrap() {
///     rows.push(batch);
/// }
/// assert_eq!(rows.len(), 2);
/// assert_eq!(rows.get(1).unwrap().get(".id"), Some(&b"*2"[..]));
/// ```
#[derive(Clone, Default)]
pub struct Rows {
    chunks: Vec<Chunk>,
    /// Of each row in its chunk.
    offsets: Vec<u32>,
}

#[derive(Clone)]
struct Chunk {
    bytes: Bytes,
    /// The index of the first row that is not in this chunk any more.
    end: usize,
}

impl Rows {
    /// Appends the sentences of `batch` as rows.
    pub fn push(&mut self, batch: Batch) {
        self.offsets.extend_from_slice(&batch.offsets);
        self.chunks.push(Chunk {
            bytes: batch.bytes,
            end: self.offsets.len(),
        });
    }

    /// The number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.offsets.len()
    }

    /// Whether there are no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.offsets.is_empty()
    }

    /// The row at `index`, counted from 0.
    #[must_use]
    pub fn get(&self, index: usize) -> Option<RowRef<'_>> {
        let (bytes, offset) = self.place(index)?;
        Some(RowRef::new(SentenceRef::new(&bytes[offset as usize..])))
    }

    /// The row at `index` as a value of its own, see [`Row`].
    #[must_use]
    pub fn row(&self, index: usize) -> Option<Row> {
        let (bytes, offset) = self.place(index)?;
        Some(Row {
            chunk: bytes.clone(),
            offset,
        })
    }

    /// The rows, in the order received. Faster than [`Rows::get`] with every index.
    pub fn iter(&self) -> impl Iterator<Item = RowRef<'_>> + Clone {
        let mut start = 0;
        self.chunks.iter().flat_map(move |chunk| {
            let offsets = &self.offsets[std::mem::replace(&mut start, chunk.end)..chunk.end];
            let row =
                |&offset: &u32| RowRef::new(SentenceRef::new(&chunk.bytes[offset as usize..]));
            offsets.iter().map(row)
        })
    }

    /// The number of bytes the rows came in.
    #[must_use]
    pub fn wire_bytes(&self) -> usize {
        self.chunks.iter().map(|chunk| chunk.bytes.len()).sum()
    }

    fn place(&self, index: usize) -> Option<(&Bytes, u32)> {
        let offset = *self.offsets.get(index)?;
        let chunk = self.chunks.partition_point(|chunk| chunk.end <= index);
        Some((&self.chunks.get(chunk)?.bytes, offset))
    }
}

impl fmt::Debug for Rows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}
