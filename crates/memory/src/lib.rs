//! What this process may hold: one budget for a run, which its script and every service draw on.
//!
//! It is asked before something large is made in one step ([`room_for`]): an answer that a server
//! announces, a text that a function of the language makes. What grows step by step is ended between two
//! steps ([`is_spent`]). What neither sees, such as room that a driver reserves because a server announced
//! something, reaches the limit of the allocator; the thread that asked is stopped there, and whoever
//! waits for it says so ([`stopped`], [`tell`]).

use std::os::unix::net::UnixStream;
use std::sync::{Mutex, PoisonError};

use bounded_alloc::Bounded;
use thiserror::Error;

/// How many bytes the process may hold before its run is ended: as many as a script may use.
pub const LIMIT: usize = 512 << 20;

/// Nothing at all is given beyond this once [`tell`] was called: less than brings a small machine down, and
/// room for one step of what held all but the limit, as a text that is doubled.
pub const HARD_LIMIT: usize = 2 * LIMIT;

/// The same in a program that embeds this one and is aborted there.
const EMBEDDED_LIMIT: usize = 6 * LIMIT;

/// What is done once a spare thread was stopped.
static WANTED: Mutex<Vec<Box<dyn Fn() + Send>>> = Mutex::new(Vec::new());

#[global_allocator]
static ALLOCATOR: Bounded = Bounded::new(EMBEDDED_LIMIT);

/// With so many bytes more the process would hold more than [`LIMIT`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("no room for {} MiB more: a run may hold {} MiB of memory", bytes.div_ceil(1 << 20), LIMIT >> 20)]
pub struct NoRoom {
    /// What was asked for.
    pub bytes: usize,
}

/// The bytes that are allocated now.
pub fn held() -> usize {
    ALLOCATOR.held()
}

/// Does the process hold more than [`LIMIT`]?
pub fn is_spent() -> bool {
    held() > LIMIT
}

/// Asks for room before `bytes` are made in one step, which nobody could stop half-way.
///
/// # Errors
/// [`NoRoom`]
pub fn room_for(bytes: usize) -> Result<(), NoRoom> {
    match held().saturating_add(bytes) <= LIMIT {
        true => Ok(()),
        false => Err(NoRoom { bytes }),
    }
}

/// This thread may be stopped for want of memory: who waits for it looks at [`stopped`].
pub fn this_thread_is_spare() {
    bounded_alloc::this_thread_is_spare();
}

/// How many threads were stopped for want of memory.
pub fn stopped() -> usize {
    ALLOCATOR.stopped()
}

/// From now on threads are stopped where the process would be aborted, and `told` gets a byte for each: who
/// reads it hands it to [`goes_on`].
pub fn tell(told: UnixStream) {
    ALLOCATOR.stop_threads(told, HARD_LIMIT);
}

/// Does the process go on after a thread was stopped, of which `byte` came? What was asked for by
/// [`when_stopped`] is done then.
pub fn goes_on(byte: u8) -> bool {
    let goes_on = byte == bounded_alloc::SPARE;
    if goes_on {
        let wanted = WANTED.lock().unwrap_or_else(PoisonError::into_inner);
        wanted.iter().for_each(|wanted| wanted());
    }
    goes_on
}

/// Once a spare thread was stopped, `wanted` is called: what went by that thread may have to be woken.
pub fn when_stopped(wanted: impl Fn() + Send + 'static) {
    let mut all = WANTED.lock().unwrap_or_else(PoisonError::into_inner);
    all.push(Box::new(wanted));
}
