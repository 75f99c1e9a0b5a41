//! The demo site's router: the simulator, spoken to over TCP as a real one is.

use std::net::SocketAddr;

use routeros_sim::{Options, Simulator, State};

use super::{Contents, DemoError, StandIn};

/// The account that the demo site uses on its router.
pub const USER: &str = "tikbook";
/// Its password, which guards nothing.
pub const PASSWORD: &str = "demo";

/// A running router; its port and its connections are closed when it is dropped.
pub struct DemoRouter(Simulator);

impl StandIn for DemoRouter {
    /// Starts on a free port of 127.0.0.1.
    ///
    /// # Errors
    /// [`DemoError::Router`] if no port can be had, [`DemoError::RouterState`] for a mistake in its
    /// rows.
    async fn start(contents: &Contents) -> Result<Self, DemoError> {
        let options = Options {
            user: USER.to_owned(),
            password: PASSWORD.to_owned(),
            state: State::from_json(&contents.router).map_err(DemoError::RouterState)?,
            clock: contents.clock(),
            ..Options::default()
        };
        Ok(DemoRouter(
            Simulator::start(options).await.map_err(DemoError::Router)?,
        ))
    }
}

impl DemoRouter {
    /// Its rows, its clock and what it received: for tests.
    pub fn simulator(&self) -> &Simulator {
        &self.0
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.0.address()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_router_starts_with_its_rows_and_its_own_port() {
        let (first, second) = (
            DemoRouter::start(&Contents::default()).await.unwrap(),
            DemoRouter::start(&Contents::default()).await.unwrap(),
        );
        assert_ne!(first.address(), second.address());
        assert!(first.0.rows("/ip/firewall/address-list").len() > 20);
        assert!(first.0.rows("/ip/hotspot/ip-binding").len() > 10);
    }
}
