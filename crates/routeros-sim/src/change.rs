//! What happened to a row, for those who `listen`.

use std::sync::Arc;

use crate::{Id, Row};

/// One row that changed or went.
#[derive(Clone, Debug)]
pub(crate) struct Change {
    /// The menu.
    pub(crate) menu: Arc<str>,
    /// The row as it is now, or the id of one that is gone.
    pub(crate) row: Result<Row, Id>,
}
