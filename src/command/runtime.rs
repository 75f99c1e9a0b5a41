//! The runtime that reads run on.

use tokio::runtime::{Builder, Runtime};

use crate::failure::{Code, Failure};

/// Starts the runtime. Two threads are plenty: reads wait more than they work.
///
/// # Errors
/// The system gives no more threads or files.
pub fn start() -> Result<Runtime, Failure> {
    Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| {
            Failure::new(Code::Failed, "system", "cannot start the runtime").caused_by(&error)
        })
}
