//! Rows that tikbook itself added: these it may change again though they look like somebody else's.

use routeros_schema::Menu;

use super::fields::Fields;

/// Who knows which rows of a site's routers tikbook added.
pub trait OwnRows: Send + Sync {
    /// Did a run add this row of a router, the first one where none is named?
    fn has(&self, router: Option<&str>, menu: &Menu, row: &Fields) -> bool;
}
