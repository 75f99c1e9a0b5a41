//! A handle of a connection: commands are handed to its driver here.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tokio::sync::{Notify, mpsc, oneshot};

use crate::ClientError;
use crate::commands::{Message, Start};
use crate::error::{Fault, Lost};

/// One of the handles of a connection, which is closed when the last is dropped.
#[derive(Clone, Debug)]
pub(crate) struct Link {
    address: Arc<str>,
    messages: mpsc::UnboundedSender<Message>,
    numbers: Arc<AtomicU64>,
    end: Arc<End>,
}

/// What a connection and its handles tell each other beside commands.
#[derive(Debug, Default)]
pub(crate) struct End {
    /// Rows of a stream were taken.
    pub taken: Arc<Notify>,
    /// How the connection ended.
    pub lost: OnceLock<Lost>,
}

impl Link {
    /// The first handle of the connection to `address`, and what its driver is asked.
    pub fn new(address: Arc<str>) -> (Self, mpsc::UnboundedReceiver<Message>) {
        let (messages, receiver) = mpsc::unbounded_channel();
        let link = Self {
            address,
            messages,
            numbers: Arc::default(),
            end: Arc::default(),
        };
        (link, receiver)
    }

    /// What the driver tells.
    pub fn end(&self) -> Arc<End> {
        self.end.clone()
    }

    /// By which the driver is told that rows were taken.
    pub fn taken(&self) -> Arc<Notify> {
        self.end.taken.clone()
    }

    pub fn address(&self) -> &str {
        &self.address
    }

    pub fn is_closed(&self) -> bool {
        self.messages.is_closed()
    }

    /// Hands a command to the driver.
    pub fn send(&self, start: Start) -> Result<(), ClientError> {
        let path = start.command.path().to_owned();
        self.messages
            .send(Message::Start(start))
            .map_err(|_| self.lost(&path))
    }

    /// The waiter for a new command.
    pub fn waiter(&self) -> Waiter {
        let number = self.numbers.fetch_add(1, Ordering::Relaxed);
        Waiter {
            number,
            messages: self.messages.clone(),
            answered: false,
        }
    }

    /// Ends the connection for all handles.
    pub async fn quit(&self) {
        let (done, ended) = oneshot::channel();
        if self.messages.send(Message::Quit(done)).is_ok() {
            // The driver bounds the time, and drops its end when it is done.
            let _ = ended.await;
        }
    }

    /// What `command` is told when the connection has ended.
    pub fn lost(&self, command: &str) -> ClientError {
        let source = self.end.lost.get().cloned().unwrap_or(Lost::Closed);
        self.error(Fault::Lost {
            command: command.to_owned(),
            rows_before: 0,
            traps: Vec::new(),
            source,
        })
    }

    pub fn error(&self, fault: Fault) -> ClientError {
        ClientError::new(&self.address, fault)
    }
}

/// Tells the driver when the caller of a command has gone.
#[derive(Debug)]
pub(crate) struct Waiter {
    number: u64,
    messages: mpsc::UnboundedSender<Message>,
    answered: bool,
}

impl Waiter {
    /// By which the driver knows the command.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// Has the command ended on the router, within a time; what comes until then is still taken.
    pub fn stop(&self, within: Duration) {
        let _ = self.messages.send(Message::Stop(self.number, within));
    }

    pub fn is_answered(&mut self) {
        self.answered = true;
    }
}

impl Drop for Waiter {
    fn drop(&mut self) {
        if !self.answered {
            let _ = self.messages.send(Message::Gone(self.number));
        }
    }
}
