//! How much memory answers take, all together.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The memory that answers may take together. Clones are the same one.
///
/// Rows count from the moment they come until the last of them is dropped, whether they belong to an
/// answer that is still coming or to one that somebody keeps. A single row that is kept keeps the piece of
/// up to 256 KiB that it came in; a copy ([`Row::compact`](crate::Row::compact)) counts no more.
///
/// ```
/// use routeros_api::AnswerMemory;
///
/// let memory = AnswerMemory::new(64 << 20);
/// assert_eq!((memory.limit(), memory.taken()), (64 << 20, 0));
/// ```
#[derive(Clone, Debug)]
pub struct AnswerMemory(Arc<Counted>);

#[derive(Debug)]
struct Counted {
    limit: usize,
    taken: AtomicUsize,
}

impl AnswerMemory {
    /// So many bytes.
    #[must_use]
    pub fn new(limit: usize) -> Self {
        Self(Arc::new(Counted {
            limit,
            taken: AtomicUsize::new(0),
        }))
    }

    /// How many bytes answers may take together.
    #[must_use]
    pub fn limit(&self) -> usize {
        self.0.limit
    }

    /// How many bytes they take now.
    #[must_use]
    pub fn taken(&self) -> usize {
        self.0.taken.load(Ordering::Relaxed)
    }

    /// Takes `bytes` more until what is returned is dropped; `None` where that is too much.
    pub(crate) fn take(&self, bytes: usize) -> Option<Taken> {
        // The number guards no other memory, so it needs no order among threads.
        let more = |taken: usize| taken.checked_add(bytes).filter(|all| *all <= self.0.limit);
        let counted = self
            .0
            .taken
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, more);
        counted.ok().map(|_| Taken {
            memory: self.clone(),
            bytes,
        })
    }
}

/// Bytes that count until this is dropped.
pub(crate) struct Taken {
    memory: AnswerMemory,
    bytes: usize,
}

impl Drop for Taken {
    fn drop(&mut self) {
        let taken = &self.memory.0.taken;
        taken.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}
