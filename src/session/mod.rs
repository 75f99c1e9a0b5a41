//! The connections of one run: opened when first used, closed at the end.

use std::sync::Arc;

use crate::config::Site;

/// The connections of one run to its site. Copies share them.
#[derive(Clone)]
pub struct Session {
    site: Arc<Site>,
}

impl Session {
    /// A session that has opened nothing yet.
    pub fn new(site: Site) -> Self {
        Self {
            site: Arc::new(site),
        }
    }

    /// What the session connects to.
    pub fn site(&self) -> &Site {
        &self.site
    }
}
