//! The rows of an answer, kept as the bytes they came in.

use std::borrow::Cow;
use std::fmt;

use bytes::Bytes;

use crate::{Batch, Row, RowRef, SentenceRef};

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
        Some(Row::new(bytes.clone(), offset))
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

    /// Drops all rows but the first `len`.
    pub fn truncate(&mut self, len: usize) {
        self.offsets.truncate(len);
        let mut start = 0;
        self.chunks.retain_mut(|chunk| {
            let is_kept = start < len;
            start = chunk.end;
            chunk.end = chunk.end.min(len);
            is_kept
        });
    }

    /// Copies of the rows, with the values that `change` makes of them. The bytes that they were made of stay as
    /// long as they, with their owner.
    #[must_use]
    pub fn mapped(&self, change: impl Fn(&[u8]) -> Cow<'_, [u8]>) -> Rows {
        let mut mapped = Rows::default();
        for (index, row) in self.iter().enumerate() {
            let copy = Batch::of_one(crate::row::mapped(row, &change));
            let bytes = self.place(index).map(|(bytes, _)| bytes.clone());
            mapped.push(copy.owned_by(bytes));
        }
        mapped
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
