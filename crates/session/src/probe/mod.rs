//! What `tikbook doctor` finds out about a service: can it be reached, logged in to and read, and does
//! its clock agree? Each service brings its probes itself.

pub(super) mod clock;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use super::error::{Explained, SessionError, said_whole};
use sentences::DoctorUnusableAdvice;

pub use report::{Check, Status};

/// Checks that follow each other, not begun yet.
pub struct Probe<'a> {
    /// The check that says so where they take too long.
    pub id: String,
    /// The checks.
    pub checks: BoxFuture<'a, Vec<Check>>,
}

impl<'a> Probe<'a> {
    /// `checks` that begin with the check `id`.
    pub fn new(
        id: impl Into<String>,
        checks: impl Future<Output = Vec<Check>> + Send + 'a,
    ) -> Self {
        Self {
            id: id.into(),
            checks: checks.boxed(),
        }
    }
}

/// A service that cannot be used: one that nobody described is unknown, any other has failed.
pub fn of_error(id: &str, error: &SessionError) -> Check {
    let advice = error.hint().unwrap_or_else(|| DoctorUnusableAdvice.into());
    let evidence = said_whole(error);
    match error {
        SessionError::NotConfigured { .. } => Check::unknown(id, evidence, advice),
        _ => Check::fail(id, evidence, advice),
    }
}
