//! How many bytes this process has allocated: what a script's memory limit is measured by.

use std::alloc::System;

use cap::Cap;

/// More than any script needs, and less than would bring a small machine down: a single allocation
/// beyond it ends the process instead.
const HARD_LIMIT: usize = 3 << 30;

#[global_allocator]
static ALLOCATOR: Cap<System> = Cap::new(System, HARD_LIMIT);

/// The bytes that are allocated now.
pub fn held() -> usize {
    ALLOCATOR.allocated()
}
