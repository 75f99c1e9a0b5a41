//! Sentences that were received together.

use bytes::Bytes;

use crate::{RowRef, SentenceRef};

/// Complete sentences, as they lie in the bytes received, never empty. Cheap to hand on.
#[derive(Clone)]
pub struct Batch {
    /// A piece of what was received, in which other sentences may stand too.
    pub(crate) bytes: Bytes,
    pub(crate) offsets: Vec<u32>,
    /// The bytes of the sentences alone.
    length: usize,
    /// The memory that `bytes` are a part of and keep as a whole.
    allocated: usize,
}

/// What is needed to hold a batch, beside its bytes and its index: a peer may send the smallest ones.
const HOLDING: usize = 192;

impl Batch {
    /// The sentences at `offsets`, which are all that there are in `bytes`, a part of so much memory.
    pub(crate) fn new(bytes: Bytes, offsets: Vec<u32>, allocated: usize) -> Self {
        let length = bytes.len();
        Self {
            bytes,
            offsets,
            length,
            allocated,
        }
    }

    /// One sentence, in memory of its own.
    pub(crate) fn of_one(bytes: Bytes) -> Self {
        let allocated = bytes.len();
        Self::new(bytes, vec![0], allocated)
    }

    /// Some of the sentences, by their offsets, which are ordered as they are here.
    pub(crate) fn part(&self, offsets: Vec<u32>) -> Self {
        let length = match offsets.len() == self.offsets.len() {
            true => self.length,
            false => self.length_of(&offsets),
        };
        Self {
            bytes: self.bytes.clone(),
            offsets,
            length,
            allocated: self.allocated,
        }
    }

    fn length_of(&self, offsets: &[u32]) -> usize {
        let ends = self.offsets.iter().skip(1).map(|&end| end as usize);
        let all = self.offsets.iter().zip(ends.chain([self.bytes.len()]));
        let mut wanted = offsets.iter().peekable();
        let mut length = 0;
        for (start, end) in all {
            if wanted.next_if_eq(&start).is_some() {
                length += end - *start as usize;
            }
        }
        length
    }

    /// The number of sentences.
    #[must_use]
    pub fn len(&self) -> usize {
        self.offsets.len()
    }

    /// Whether there are no sentences.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.offsets.is_empty()
    }

    /// The sentences, in the order received.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = SentenceRef<'_>> {
        self.offsets
            .iter()
            .map(|&offset| SentenceRef::new(&self.bytes[offset as usize..]))
    }

    /// The sentences as rows, in the order received.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = RowRef<'_>> {
        self.iter().map(RowRef::new)
    }

    /// The same sentences; `owner` is dropped together with the last of their bytes, wherever rows keep
    /// them until then.
    #[must_use]
    pub fn owned_by<Owner: Send + 'static>(self, owner: Owner) -> Self {
        Self {
            bytes: owned(self.bytes, owner),
            ..self
        }
    }

    /// The memory this batch accounts for: its sentences, its index, and what holds them. The memory that it
    /// keeps may be that of much else, see [`Batch::compact`].
    #[must_use]
    pub fn size(&self) -> usize {
        self.length + self.offsets.len() * size_of::<u32>() + HOLDING
    }

    /// The same sentences in memory of which they are at least a quarter: in a copy, where what was
    /// received together with them is more. What is kept for long should be compact.
    #[must_use]
    pub fn compact(self) -> Self {
        if self.length >= self.allocated / 4 {
            return self;
        }
        if self.length == self.bytes.len() {
            let bytes = Bytes::copy_from_slice(&self.bytes);
            return Self::new(bytes, self.offsets, self.length);
        }
        let mut bytes = Vec::with_capacity(self.length);
        let mut offsets = Vec::with_capacity(self.offsets.len());
        for sentence in self.iter() {
            // As in the decoder: no piece is larger than 32 bits.
            offsets.push(bytes.len() as u32);
            bytes.extend_from_slice(sentence.wire());
        }
        let allocated = bytes.len();
        Self::new(bytes.into(), offsets, allocated)
    }
}

/// The same bytes; `owner` is dropped together with the last of them.
pub(crate) fn owned<Owner: Send + 'static>(bytes: Bytes, owner: Owner) -> Bytes {
    Bytes::from_owner(Owned {
        bytes,
        _owner: owner,
    })
}

/// Bytes with what is dropped together with them.
struct Owned<Owner> {
    bytes: Bytes,
    _owner: Owner,
}

impl<Owner> AsRef<[u8]> for Owned<Owner> {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl std::fmt::Debug for Batch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}
