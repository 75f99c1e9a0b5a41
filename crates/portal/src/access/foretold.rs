//! What the portal's tasks do next, all together.

use crate::sync::policy::Policy;
use crate::sync::prepared::Prepared;
use crate::sync::{
    DebtBlock, NextSync, ParityGuard, Site, UnauthorizedSync, overdue_block, parity_guard,
    unauthorized_sync, usage_sync,
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
        let policy = Policy::read(&site.settings);
        let prepared = Prepared::new(site, &policy);
        Foretold {
            parity_guard: parity_guard(&prepared),
            ..Foretold::run(&prepared)
        }
    }

    /// Runs all but the parity guard, which repairs ten users at most, and reports twice on all.
    #[must_use]
    pub fn without_guard(site: &Site) -> Foretold {
        let policy = Policy::read(&site.settings);
        Foretold::run(&Prepared::new(site, &policy))
    }

    fn run<'site>(prepared: &'site Prepared<'site>) -> Foretold {
        Foretold {
            usage_sync: usage_sync(prepared),
            unauthorized_sync: unauthorized_sync(prepared),
            parity_guard: None,
            overdue_block: overdue_block(prepared),
        }
    }
}
