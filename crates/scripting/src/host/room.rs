//! Asks for room on behalf of a script.

use super::error::HostError;

/// Asks for room before something large is made in one step, which nobody could stop half-way.
///
/// # Errors
/// With `bytes` more the process would hold more than [`memory::LIMIT`] (kind `invalid`).
pub fn room_for(bytes: usize) -> Result<(), HostError> {
    memory::room_for(bytes)
        .map_err(|none| HostError::invalid(none.to_string()).hint("work on smaller pieces"))
}
