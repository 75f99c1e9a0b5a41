//! Rows that are taken while they come.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use routeros_proto::Batch;
use tokio::sync::{Notify, mpsc};

use crate::router::Waiter;
use crate::{ClientError, Router};

/// With more bytes than this not taken, reading waits, if nothing else is under way.
const WINDOW: usize = 1 << 20;
/// With more bytes than this not taken, the stream is given up for the sake of other commands.
const BUDGET: usize = 8 << 20;

/// The rows of one command as they come, in pieces of what a read gave.
///
/// If rows are taken slower than they come, at most 1 MiB waits here and the router waits in turn.
/// While other commands run on the same connection, their answers must be read too: then up to 8 MiB
/// wait, and with more the stream ends with [`crate::Fault::SlowConsumer`].
///
/// Dropping the stream cancels the command.
#[derive(Debug)]
pub struct RowStream {
    items: mpsc::UnboundedReceiver<Item>,
    waiting: Arc<Waiting>,
    waiter: Waiter,
    ended: Option<Result<(), ClientError>>,
    /// The connection stays open while rows are taken.
    router: Router,
}

#[derive(Debug)]
enum Item {
    Rows(Batch),
    End(Result<(), ClientError>),
}

impl RowStream {
    pub(crate) fn new(router: Router, waiter: Waiter, taken: Arc<Notify>) -> (Feed, Self) {
        let (sender, items) = mpsc::unbounded_channel();
        let waiting = Arc::new(Waiting {
            bytes: AtomicUsize::new(0),
            taken,
        });
        let feed = Feed {
            items: sender,
            waiting: waiting.clone(),
        };
        (
            feed,
            Self {
                items,
                waiting,
                waiter,
                ended: None,
                router,
            },
        )
    }

    /// The next rows, at least one; `None` when the command has ended well and all were taken.
    ///
    /// Can be dropped while it waits without losing rows.
    ///
    /// # Errors
    /// [`ClientError`]: the rows taken so far are not all. The same error again at every later call.
    pub async fn next(&mut self) -> Result<Option<Batch>, ClientError> {
        if let Some(ended) = &self.ended {
            return ended.clone().map(|()| None);
        }
        match self.items.recv().await {
            Some(Item::Rows(batch)) => {
                self.waiting.take(batch.size());
                Ok(Some(batch))
            }
            Some(Item::End(result)) => self.end(result),
            None => self.end(Err(self.router.lost("a stream of rows"))),
        }
    }

    fn end(&mut self, result: Result<(), ClientError>) -> Result<Option<Batch>, ClientError> {
        self.waiter.is_answered();
        self.ended = Some(result.clone());
        result.map(|()| None)
    }
}

/// The driver's end of a stream.
pub(crate) struct Feed {
    items: mpsc::UnboundedSender<Item>,
    waiting: Arc<Waiting>,
}

impl Feed {
    /// Hands rows over, or says how many bytes were already waiting if they are too many.
    pub fn push(&self, batch: Batch) -> Result<(), usize> {
        let before = self.waiting.bytes.load(Ordering::Acquire);
        if before > BUDGET {
            return Err(before);
        }
        self.waiting.bytes.fetch_add(batch.size(), Ordering::AcqRel);
        // If the stream was dropped, the driver is told so by its waiter.
        let _ = self.items.send(Item::Rows(batch));
        Ok(())
    }

    pub fn end(self, result: Result<(), ClientError>) {
        let _ = self.items.send(Item::End(result));
    }

    pub fn is_behind(&self) -> bool {
        self.waiting.bytes.load(Ordering::Acquire) > WINDOW
    }
}

/// How many bytes of a stream wait to be taken.
#[derive(Debug)]
struct Waiting {
    bytes: AtomicUsize,
    taken: Arc<Notify>,
}

impl Waiting {
    fn take(&self, bytes: usize) {
        let before = self.bytes.fetch_sub(bytes, Ordering::AcqRel);
        if before > WINDOW && before - bytes <= WINDOW {
            self.taken.notify_one();
        }
    }
}
