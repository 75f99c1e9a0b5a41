//! The runtime that reads run on, and the signal that stops a run.

use tokio::runtime::{Builder, Runtime};
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

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

/// A token that Ctrl-C or SIGTERM cancels.
pub fn cancelled_by_signals(runtime: &Runtime) -> CancellationToken {
    let token = CancellationToken::new();
    let cancelled = token.clone();
    runtime.spawn(async move {
        stop_signal().await;
        cancelled.cancel();
    });
    token
}

/// Returns when the process is asked to stop.
pub async fn stop_signal() {
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        drop(tokio::signal::ctrl_c().await);
        return;
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
}
