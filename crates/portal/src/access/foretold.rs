//! What the portal's tasks do next, all together.

use crate::sync::{
    DebtBlock, NextSync, ParityGuard, Site, UnauthorizedSync, next_overdue_block,
    next_parity_guard, next_sync, next_unauthorized_sync,
};

/// What the tasks do, each from the site's present state.
#[derive(Clone, Debug, Default)]
pub struct Foretold {
    /// The usage sync.
    pub usage_sync: NextSync,
    /// The sync of unauthorised hosts.
    pub unauthorized_sync: UnauthorizedSync,
    /// The parity guard; `None` while it is switched off, and where it is left out.
    pub parity_guard: Option<ParityGuard>,
    /// The block for debts past their due date.
    pub overdue_block: DebtBlock,
}

impl Foretold {
    /// Runs all of them.
    #[must_use]
    pub fn of(site: &Site) -> Foretold {
        Foretold {
            parity_guard: next_parity_guard(site),
            ..Foretold::without_guard(site)
        }
    }

    /// Runs all but the parity guard, which repairs ten users at most, and reports twice on all.
    #[must_use]
    pub fn without_guard(site: &Site) -> Foretold {
        Foretold {
            usage_sync: next_sync(site),
            unauthorized_sync: next_unauthorized_sync(site),
            parity_guard: None,
            overdue_block: next_overdue_block(site),
        }
    }
}
