//! Rows that are taken while they come.

use std::sync::Arc;
use std::time::Duration;

use routeros_proto::{Batch, Row};
use tokio::sync::mpsc;

use crate::ClientError;
use crate::feed::{Feed, Item, Waiting};
use crate::link::{Link, Waiter};

/// The rows of one command as they come, in pieces of what a read gave.
///
/// If rows are taken slower than they come, nothing is read while more than 128 KiB wait here, to which one read may
/// have added 256 KiB, and the router waits in turn.
/// While other commands run on the same connection, their answers must be read too: then up to 8 MiB
/// wait, and with more the stream ends with [`crate::Fault::SlowConsumer`].
///
/// Dropping the stream cancels the command.
#[derive(Debug)]
pub struct RowStream {
    items: mpsc::UnboundedReceiver<Item>,
    waiting: Arc<Waiting>,
    waiter: Waiter,
    /// With the attributes of `!done`.
    ended: Option<Result<Row, ClientError>>,
    /// The connection stays open while rows are taken.
    link: Link,
}

impl RowStream {
    pub(crate) fn new(link: Link, waiter: Waiter) -> (Feed, Self) {
        let (feed, items) = Feed::new(link.taken());
        let stream = Self {
            items,
            waiting: feed.waiting(),
            waiter,
            ended: None,
            link,
        };
        (feed, stream)
    }

    /// The next rows, at least one; `None` when the command has ended well and all were taken.
    ///
    /// Can be dropped while it waits without losing rows.
    ///
    /// # Errors
    /// [`ClientError`]: the rows taken so far are not all. The same error again at every later call.
    pub async fn next(&mut self) -> Result<Option<Batch>, ClientError> {
        if let Some(ended) = &self.ended {
            return ended.clone().map(|_| None);
        }
        match self.items.recv().await {
            Some(Item::Rows(batch)) => {
                self.waiting.take(batch.size());
                Ok(Some(batch))
            }
            Some(Item::End(result)) => self.end(result),
            None => self.end(Err(self.link.lost("a stream of rows"))),
        }
    }

    /// Has the router end the command, within a time. Rows that come until then are still given.
    pub(crate) fn stop(&self, within: Duration) {
        self.waiter.stop(within);
    }

    /// The attributes of `!done`, once the command has ended well.
    pub(crate) fn attributes(&self) -> Option<&Row> {
        self.ended.as_ref()?.as_ref().ok()
    }

    fn end(&mut self, result: Result<Row, ClientError>) -> Result<Option<Batch>, ClientError> {
        self.waiter.is_answered();
        self.ended = Some(result.clone());
        result.map(|_| None)
    }
}
