//! The runtime that reads run on: a command that needs one starts it, and its end is here.

use std::ops::Deref;
use std::time::Duration;

use sentences::FailureNoRuntime;
use tokio::runtime::{Builder, Handle};

use crate::failure::{Code, Failure};

/// How long a command waits at its end for what still runs. Connections that do not close in time are
/// left to the system, and so is the thread of a name that does not resolve.
const GRACE: Duration = Duration::from_millis(200);

/// A runtime that ends with its owner.
pub struct Runtime {
    handle: Handle,
    running: Option<tokio::runtime::Runtime>,
}

/// Starts the runtime. Two threads are plenty: reads wait more than they work.
///
/// # Errors
/// The system gives no more threads or files.
pub fn start() -> Result<Runtime, Failure> {
    let running = Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        // Who waits for a read looks whether its thread goes on.
        .on_thread_start(memory::this_thread_is_spare)
        .build()
        .map_err(|error| {
            Failure::new(Code::Failed, "system", FailureNoRuntime).caused_by(&error)
        })?;
    let handle = running.handle().clone();
    // The thread that waits for the system's events may have been the one that was stopped: a task makes
    // the other one look for something to do, and then wait for them.
    memory::when_stopped(move || drop(handle.spawn(async {})));
    Ok(Runtime {
        handle: running.handle().clone(),
        running: Some(running),
    })
}

impl Deref for Runtime {
    type Target = Handle;

    fn deref(&self) -> &Handle {
        &self.handle
    }
}

impl Drop for Runtime {
    fn drop(&mut self) {
        if let Some(running) = self.running.take() {
            running.shutdown_timeout(GRACE);
        }
    }
}
