//! The process: a command works on a thread of its own, while the main thread hears the signals.

use std::io;
use std::os::unix::net::UnixStream as SystemStream;
use std::thread;

use sentences::{FailureNoMemory, FailureNoMemoryHint};
use tokio::io::AsyncReadExt;
use tokio::net::UnixStream;
use tokio::runtime::Builder;
use tokio::sync::mpsc;

use crate::failure::{Code, Failure};
use crate::signals::{Listener, Signals};

/// Values of scripts may nest as deep as memory allows, and copying or dropping one takes stack for
/// each level. Only what is used of this is ever held.
const STACK: usize = 512 << 20;

/// Runs `command`; what it gives, a signal that nobody minds, or the end of memory ends the process; the
/// last of these is `told`. The handlers of the signals are in place before the command writes its first
/// byte.
///
/// # Errors
/// The system gives no handlers or no thread.
pub fn run(
    command: impl FnOnce(&Signals) -> Code + Clone + Send + 'static,
    told: impl FnOnce(Failure) -> Code,
) -> io::Result<Code> {
    let signals = Signals::default();
    let runtime = Builder::new_current_thread().enable_io().build()?;
    runtime.block_on(async {
        let mut listener = Listener::install()?;
        let mut exhausted = exhaustion()?;
        let (sender, mut ended) = mpsc::channel(1);
        let minding = signals.clone();
        let work = move || {
            let code = command(&minding);
            // Without a receiver the process has ended.
            let _ = sender.blocking_send(code);
        };
        if thread::Builder::new()
            .stack_size(STACK)
            .spawn(work.clone())
            .is_err()
        {
            // A system that gives no such stack gives the common one.
            thread::Builder::new().spawn(work)?;
        }
        tokio::select! {
            biased;
            // A thread that panicked has said so.
            code = ended.recv() => Ok(code.unwrap_or(Code::Failed)),
            () = listener.until_ended(&signals) => Ok(Code::Interrupted),
            () = until_exhausted(&mut exhausted) => Ok(told(no_memory())),
        }
    })
}

/// What is told of threads that were stopped for want of memory.
fn exhaustion() -> io::Result<UnixStream> {
    let (told, reader) = SystemStream::pair()?;
    memory::tell(told);
    reader.set_nonblocking(true)?;
    UnixStream::from_std(reader)
}

async fn until_exhausted(exhausted: &mut UnixStream) {
    while exhausted.read_u8().await.is_ok_and(memory::goes_on) {}
}

fn no_memory() -> Failure {
    let limit = memory::HARD_LIMIT >> 20;
    Failure::new(Code::Failed, "invalid", FailureNoMemory { limit }).hint(FailureNoMemoryHint)
}
