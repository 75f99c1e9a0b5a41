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
use std::sync::atomic::{AtomicUsize, Ordering};

/// Gives memory of the system as long as no more than a limit is held. What is asked for beyond it
/// fails, as if the machine had no more: a program that cannot go on without ends.
#[derive(Debug)]
pub struct Bounded {
    limit: usize,
    held: AtomicUsize,
}

impl Bounded {
    /// An allocator that gives at most `limit` bytes.
    #[must_use]
    pub const fn new(limit: usize) -> Self {
        Self {
            limit,
            held: AtomicUsize::new(0),
        }
    }

    /// The bytes that are allocated now, without what the system adds to each piece.
    pub fn held(&self) -> usize {
        self.held.load(Ordering::Relaxed)
    }

    /// Counts `bytes` more, if they are within the limit. The number guards no other memory, so it
    /// needs no order among threads.
    fn take(&self, bytes: usize) -> bool {
        let more = |held: usize| held.checked_add(bytes).filter(|held| *held <= self.limit);
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
            return std::ptr::null_mut();
        }
        let given = allocate();
        if given.is_null() {
            self.give_back(size);
        }
        given
    }
}

// SAFETY: all memory is the system's, with the layout that was asked for. The count is changed by
// atomic operations that neither allocate nor panic. A null pointer says that there is no memory.
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
