//! The system's allocator, counted and with a limit.
//!
//! ```
//! use bounded_alloc::Bounded;
//!
//! #[global_allocator]
//! static ALLOCATOR: Bounded = Bounded::new(1 << 30);
//!
//! let before = ALLOCATOR.held();
//! let bytes = vec![1_u8; 1 << 20];
//! assert!(ALLOCATOR.held() >= before + bytes.len());
//! ```

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::io::Write;
use std::os::unix::net::UnixStream;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// Gives memory of the system as long as no more than a limit is held. What is asked for beyond it
/// fails, as if the machine had no more: a program that cannot go on without is aborted, unless it said
/// what is to become of the thread that asked ([`Bounded::stop_threads`]).
#[derive(Debug)]
pub struct Bounded {
    limit: AtomicUsize,
    held: AtomicUsize,
    /// Threads that were stopped.
    stopped: AtomicUsize,
    /// Who is told that the process cannot go on.
    told: OnceLock<UnixStream>,
}

/// What others may hold beyond the limit once a thread was stopped, so that they can end in order.
const RESERVE: usize = 64 << 20;

/// A spare thread was stopped, and the process goes on.
pub const SPARE: u8 = 0;
/// The process cannot go on.
pub const LAST: u8 = 1;

thread_local! {
    /// Does the process go on without this thread?
    static IS_SPARE: Cell<bool> = const { Cell::new(false) };
}

/// The process goes on where this thread is stopped: somebody looks at [`Bounded::stopped`] meanwhile.
pub fn this_thread_is_spare() {
    IS_SPARE.set(true);
}

impl Bounded {
    /// An allocator that gives at most `limit` bytes.
    #[must_use]
    pub const fn new(limit: usize) -> Self {
        Self {
            limit: AtomicUsize::new(limit),
            held: AtomicUsize::new(0),
            stopped: AtomicUsize::new(0),
            told: OnceLock::new(),
        }
    }

    /// From now on a thread that asks for more than there is stops there, for good, in place of the
    /// process's abort: nothing can be unwound from within an allocation. It keeps what it holds, locks
    /// too. `told` gets a byte for each: [`SPARE`] of the first one that is ([`this_thread_is_spare`]), else
    /// [`LAST`], and then it is time to end the process. Others have a little more than the limit from then
    /// on. The limit is `limit` now: who can end in order needs less room than who is aborted.
    pub fn stop_threads(&self, told: UnixStream, limit: usize) {
        // Who called first is told.
        if self.told.set(told).is_ok() {
            self.limit.store(limit, Ordering::Relaxed);
        }
    }

    /// How many threads were stopped.
    pub fn stopped(&self) -> usize {
        self.stopped.load(Ordering::Relaxed)
    }

    /// The bytes that are allocated now, without what the system adds to each piece.
    pub fn held(&self) -> usize {
        self.held.load(Ordering::Relaxed)
    }

    /// Counts `bytes` more, if they are within the limit. The number guards no other memory, so it
    /// needs no order among threads.
    fn take(&self, bytes: usize) -> bool {
        let limit = self.limit.load(Ordering::Relaxed);
        let limit = match self.stopped() {
            0 => limit,
            _ => limit.saturating_add(RESERVE),
        };
        let more = |held: usize| held.checked_add(bytes).filter(|held| *held <= limit);
        self.held
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, more)
            .is_ok()
    }

    fn give_back(&self, bytes: usize) {
        self.held.fetch_sub(bytes, Ordering::Relaxed);
    }

    /// Counts `size` bytes and asks `allocate` for them; what was not given is not counted.
    fn counted(&self, size: usize, allocate: impl FnOnce() -> *mut u8) -> *mut u8 {
        if !self.take(size) {
            return self.refused();
        }
        let given = allocate();
        if given.is_null() {
            self.give_back(size);
            return self.refused();
        }
        given
    }

    /// What a thread gets for which there is nothing: null, or no answer at all. Nothing here allocates or
    /// panics.
    fn refused(&self) -> *mut u8 {
        let Some(mut told) = self.told.get() else {
            return std::ptr::null_mut();
        };
        let before = self.stopped.fetch_add(1, Ordering::Relaxed);
        let is_spare = IS_SPARE.try_with(Cell::get).unwrap_or_default();
        let byte = match is_spare && before == 0 {
            true => SPARE,
            false => LAST,
        };
        // Without a reader the process has ended.
        let _ = told.write(&[byte]);
        loop {
            std::thread::sleep(Duration::MAX);
        }
    }
}

// SAFETY: all memory is the system's, with the layout that was asked for. The count is changed by
// atomic operations that neither allocate nor panic. A null pointer says that there is no memory; a
// thread that is stopped gets no pointer.
unsafe impl GlobalAlloc for Bounded {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller keeps `GlobalAlloc::alloc`'s contract, which is the system's as well.
        self.counted(layout.size(), || unsafe { System.alloc(layout) })
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as for `alloc`.
        self.counted(layout.size(), || unsafe { System.alloc_zeroed(layout) })
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller gives back what `self` gave for this layout, and that was the system's.
        unsafe { System.dealloc(pointer, layout) };
        self.give_back(layout.size());
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        let more = size.saturating_sub(layout.size());
        let less = layout.size().saturating_sub(size);
        // SAFETY: as for `dealloc`; `size` fits as the caller has to see to. Where nothing is given
        // the old piece stays as it was, and so does its count.
        let given = self.counted(more, || unsafe { System.realloc(pointer, layout, size) });
        if !given.is_null() {
            self.give_back(less);
        }
        given
    }
}
