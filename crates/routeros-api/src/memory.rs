//! How much memory answers take, all together.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use routeros_proto::{Batch, Row};

use crate::error::Fault;

/// The memory that answers may take together. Clones are the same one.
///
/// Rows count from the moment they come until the last of them is dropped, whether they belong to an
/// answer that is still coming or to one that somebody keeps; so does a value of more than 4 KiB that a
/// command returns. A single row that is kept keeps those that came together with it, up to 256 KiB as a
/// rule; a copy ([`Row::compact`](crate::Row::compact)) counts no more. Whatever else a router sends in
/// between, what counts is at least a quarter of what is held.
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

    /// The same rows, which count until the last of them is dropped; `None` where they are too much.
    pub(crate) fn keep(&self, batch: Batch) -> Option<Batch> {
        let batch = batch.compact();
        let taken = self.take(batch.size())?;
        Some(batch.owned_by(taken))
    }

    /// The attributes of `!done`, which count as rows do where they are large; `None` where that is too much.
    pub(crate) fn keep_returned(&self, attributes: Row) -> Option<Row> {
        match attributes.sentence().wire().len() {
            ..=SMALL => Some(attributes),
            large => self.take(large).map(|taken| attributes.owned_by(taken)),
        }
    }

    /// That there is none for the answer to `command`.
    pub(crate) fn none_for(&self, command: &str) -> Fault {
        Fault::NoMemory {
            command: command.to_owned(),
            limit: self.limit(),
        }
    }

    /// Takes `bytes` more until what is returned is dropped; `None` where that is too much.
    fn take(&self, bytes: usize) -> Option<Taken> {
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

/// What a command returns is not more as a rule, an id or a count; for want of memory that is never refused.
const SMALL: usize = 4 << 10;

/// Bytes that count until this is dropped.
struct Taken {
    memory: AnswerMemory,
    bytes: usize,
}

impl Drop for Taken {
    fn drop(&mut self) {
        let taken = &self.memory.0.taken;
        taken.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}
