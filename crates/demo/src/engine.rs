//! What the demo has in the place of a Docker Engine.

use super::containers::DemoContainer;
use super::{Contents, DemoError, StandIn};

/// The containers of a built-in site, as a Docker Engine would tell them.
pub struct DemoContainers(Option<Vec<DemoContainer>>);

impl StandIn for DemoContainers {
    async fn start(contents: &Contents) -> Result<Self, DemoError> {
        Ok(Self(contents.containers.clone()))
    }
}

impl DemoContainers {
    /// All of them; `None` for a site without an Engine.
    pub fn containers(&self) -> Option<&[DemoContainer]> {
        self.0.as_deref()
    }
}
