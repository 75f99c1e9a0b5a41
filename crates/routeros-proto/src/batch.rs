//! Sentences that were received together.

use bytes::Bytes;

use crate::{RowRef, SentenceRef};

/// Complete sentences, as they lie in the bytes received, never empty. Cheap to hand on.
#[derive(Clone)]
pub struct Batch {
    pub(crate) bytes: Bytes,
    pub(crate) offsets: Vec<u32>,
}

impl Batch {
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
        let Self { bytes, offsets } = self;
        let bytes = Bytes::from_owner(Owned {
            bytes,
            _owner: owner,
        });
        Self { bytes, offsets }
    }

    /// The memory this batch accounts for: its bytes and its index.
    #[must_use]
    pub fn size(&self) -> usize {
        self.bytes.len() + self.offsets.len() * size_of::<u32>()
    }
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
