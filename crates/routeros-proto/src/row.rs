//! One row, kept as the bytes it came in.

use std::borrow::Cow;
use std::fmt;

use bytes::Bytes;

use crate::batch::owned;
use crate::sentence::Fields;
use crate::{Sentence, SentenceRef};

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
    #[inline]
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

    /// A copy with the values that `change` makes of them. The bytes that it was made of stay as long as it, with
    /// their owner.
    #[must_use]
    pub fn mapped(&self, change: impl Fn(&[u8]) -> Cow<'_, [u8]>) -> Self {
        Self::new(mapped(self.borrow(), &change), 0).owned_by(self.chunk.clone())
    }

    /// A copy that holds its own bytes and nothing else.
    #[must_use]
    pub fn compact(&self) -> Self {
        Self::copy_of(self.sentence())
    }

    /// The same row; `owner` is dropped together with the last of its bytes.
    #[must_use]
    pub fn owned_by<Owner: Send + 'static>(self, owner: Owner) -> Self {
        Self::new(owned(self.chunk, owner), self.offset)
    }

    /// The row whose sentence begins at `offset` of `chunk`.
    pub(crate) fn new(chunk: Bytes, offset: u32) -> Self {
        Self { chunk, offset }
    }

    pub(crate) fn copy_of(sentence: SentenceRef<'_>) -> Self {
        Self {
            chunk: Bytes::copy_from_slice(sentence.wire()),
            offset: 0,
        }
    }
}

/// The sentence of a row with other values.
pub(crate) fn mapped(row: RowRef<'_>, change: &impl Fn(&[u8]) -> Cow<'_, [u8]>) -> Bytes {
    let mut sentence = Sentence::new();
    sentence.word(row.sentence().first());
    for (name, value) in row.fields() {
        sentence.attribute(name, &change(value));
    }
    sentence.finish()
}

impl fmt::Debug for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.borrow().fmt(f)
    }
}
