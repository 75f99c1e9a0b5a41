//! How many bytes this process has allocated: what a script's memory limit is measured by.

use bounded_alloc::Bounded;

use super::error::HostError;

/// How many bytes the process may hold before its script is stopped.
pub const LIMIT: usize = 512 << 20;

/// More than any script needs, and less than would bring a small machine down: an allocation
/// beyond it ends the process instead.
const HARD_LIMIT: usize = 3 << 30;

#[global_allocator]
static ALLOCATOR: Bounded = Bounded::new(HARD_LIMIT);

/// The bytes that are allocated now.
pub fn held() -> usize {
    ALLOCATOR.held()
}

/// Asks for room before something large is made in one step, which nobody could stop half-way.
///
/// # Errors
/// With `bytes` more the process would hold more than [`LIMIT`] (kind `invalid`).
pub fn room_for(bytes: usize) -> Result<(), HostError> {
    if held().saturating_add(bytes) <= LIMIT {
        return Ok(());
    }
    Err(HostError::invalid(format!(
        "no room for {} MiB more: a script may hold {} MiB of memory",
        bytes.div_ceil(1 << 20),
        LIMIT >> 20
    ))
    .hint("work on smaller pieces"))
}
