//! The way of rows from the driver to a stream, and how many may wait on it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use routeros_proto::{Batch, Row};
use tokio::sync::{Notify, mpsc};

use crate::ClientError;

/// With more bytes than this not taken, reading waits, if nothing else is under way. Less than what one read can give,
/// so that a taker that keeps up finds the rows in the processor's cache (measured).
const WINDOW: usize = 128 << 10;
/// With more bytes than this not taken, the stream is given up for the sake of other commands.
const BUDGET: usize = 8 << 20;

/// With more bytes than this not taken, rows are kept without what came together with them: they may have to wait
/// for long. A taker that keeps up is spared the copy.
const AS_THEY_CAME: usize = 64 << 10;

#[derive(Debug)]
pub(crate) enum Item {
    Rows(Batch),
    End(Result<Row, ClientError>),
}

/// The driver's end of a stream.
pub(crate) struct Feed {
    items: mpsc::UnboundedSender<Item>,
    waiting: Arc<Waiting>,
}

impl Feed {
    /// A feed with what is taken of it; `taken` is notified when reading may go on.
    pub fn new(taken: Arc<Notify>) -> (Self, mpsc::UnboundedReceiver<Item>) {
        let (sender, items) = mpsc::unbounded_channel();
        let waiting = Arc::new(Waiting {
            bytes: AtomicUsize::new(0),
            taken,
        });
        let feed = Self {
            items: sender,
            waiting,
        };
        (feed, items)
    }

    /// How much of it waits.
    pub fn waiting(&self) -> Arc<Waiting> {
        self.waiting.clone()
    }

    /// Hands rows over, or says how many bytes were already waiting if they are too many.
    pub fn push(&self, batch: Batch) -> Result<(), usize> {
        let before = self.waiting.bytes.load(Ordering::Acquire);
        if before > BUDGET {
            return Err(before);
        }
        let batch = match before > AS_THEY_CAME {
            true => batch.compact(),
            false => batch,
        };
        self.waiting.bytes.fetch_add(batch.size(), Ordering::AcqRel);
        // If the stream was dropped, the driver is told so by its waiter.
        let _ = self.items.send(Item::Rows(batch));
        Ok(())
    }

    pub fn end(self, result: Result<Row, ClientError>) {
        let _ = self.items.send(Item::End(result));
    }

    pub fn is_behind(&self) -> bool {
        self.waiting.bytes.load(Ordering::Acquire) > WINDOW
    }
}

/// How many bytes of a stream wait to be taken.
#[derive(Debug)]
pub(crate) struct Waiting {
    bytes: AtomicUsize,
    taken: Arc<Notify>,
}

impl Waiting {
    pub fn take(&self, bytes: usize) {
        let before = self.bytes.fetch_sub(bytes, Ordering::AcqRel);
        if before > WINDOW && before - bytes <= WINDOW {
            self.taken.notify_one();
        }
    }
}
