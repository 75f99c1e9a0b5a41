//! Keeps a panic of a driver from becoming one of the program.
//!
//! The drivers panic on some bytes that no database sends. What answers on a database's port may
//! send anything, so such a panic is an error of the peer. So is an answer that grows until the run holds
//! more than it may: a driver collects a message whole.

use std::cell::Cell;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::pin::pin;
use std::sync::Once;
use std::task::Poll;

use super::fault::Fault;

thread_local! {
    /// Whether a driver is at work on this thread just now.
    static AT_WORK: Cell<bool> = const { Cell::new(false) };
}

/// What `work` gives; [`Fault::Nonsense`] if it panics, [`Fault::NoRoom`] if memory ends before it does. Its
/// connection must not be used again then.
pub(super) async fn caught<T>(work: impl Future<Output = Result<T, Fault>>) -> Result<T, Fault> {
    say_nothing_about_drivers();
    let mut work = pin!(work);
    poll_fn(|context| {
        AT_WORK.set(true);
        let polled = catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(context)));
        AT_WORK.set(false);
        match polled.unwrap_or(Poll::Ready(Err(Fault::Nonsense))) {
            Poll::Pending if memory::is_spent() => Poll::Ready(Err(Fault::NoRoom)),
            polled => polled,
        }
    })
    .await
}

/// A caught panic is told as an error; the process's own report of it would only frighten.
fn say_nothing_about_drivers() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let report = take_hook();
        set_hook(Box::new(move |panic| {
            if !AT_WORK.get() {
                report(panic);
            }
        }));
    });
}
