//! The site's routers: how to log in to one, what can be read from it, and what a permit lets write.

mod probe;

use std::sync::Arc;

use jiff::Timestamp;
use routeros_api::{Class, ClientError, Command, Fault, Id, Print, Router, RowStream, Rows};
use routeros_schema::Menu;

use super::Session;
use super::clock::ToldTime;
use super::error::{ServiceError, SessionError};
use super::open::Open;
use super::probe::Probe;
use connecting::router::{UncheckedTls, options};
use demo::{DemoRouter, PASSWORD, USER};
use site::config::{Endpoint, RouterTarget, Service, Site};
use site::grant::Permit;
use site::kind::Kind;

/// A router to read from. Nothing here can change it; see [`crate::write`].
#[derive(Clone, Debug)]
pub struct RouterReader {
    router: Arc<Router>,
    connected_at: Timestamp,
}

impl RouterReader {
    /// All rows that `print` asks for.
    ///
    /// # Errors
    /// As [`Router::rows`].
    pub async fn rows(&self, print: &Print) -> Result<Rows, ClientError> {
        self.router.rows(print).await
    }

    /// The rows that `print` asks for, as they come.
    ///
    /// # Errors
    /// As [`Router::stream`].
    pub async fn stream(&self, print: &Print) -> Result<RowStream, ClientError> {
        self.router.stream(print).await
    }

    /// How many rows there are for `print`, counted by the router.
    ///
    /// # Errors
    /// As [`Router::count`].
    pub async fn count(&self, print: &Print) -> Result<u64, ClientError> {
        self.router.count(print).await
    }

    /// The time of the router.
    ///
    /// # Errors
    /// As [`RouterReader::rows`].
    pub async fn clock(&self) -> Result<ToldTime, ClientError> {
        let fields = ["date", "time", "gmt-offset"];
        let print = Print::new("/system/clock").fields(fields);
        let rows = self.rows(&print).await?;
        let row = rows.iter().next();
        let [date, time, offset] = fields.map(|field| {
            let value = row.as_ref().and_then(|row| row.get(field));
            String::from_utf8_lossy(value.unwrap_or_default()).into_owned()
        });
        Ok(ToldTime::of_router(&date, &time, &offset))
    }

    /// What the router has below `path`, by its `/console/inspect` (MikroTik's manual, "Console"): the
    /// names of menus end in `/`, those of commands and arguments do not.
    ///
    /// # Errors
    /// As [`Router::command`].
    pub async fn children(&self, path: &str) -> Result<Vec<String>, ClientError> {
        let path = path.trim_matches('/').replace('/', ",");
        let command = Command::new("/console/inspect")
            .attribute("request", "child")
            .attribute("path", path);
        let answer = self.router.command(command).await?;
        let text = |bytes: Option<&[u8]>| String::from_utf8(bytes?.to_vec()).ok();
        let name = |row: routeros_api::RowRef<'_>| {
            let name = text(row.get("name"))?;
            let is_menu = row.get("node-type") == Some(b"dir");
            Some(if is_menu { format!("{name}/") } else { name })
        };
        Ok(answer.rows.iter().filter_map(name).collect())
    }

    /// The address of the router, `host:port`.
    pub fn address(&self) -> &str {
        self.router.address()
    }

    /// When it was connected: a router that starts anew ends its connections.
    pub fn connected_at(&self) -> Timestamp {
        self.connected_at
    }

    /// What `permit` lets write: one menu of this router. `None` for a permit of another service.
    pub(crate) fn writer(&self, permit: Permit) -> Option<RouterWriter> {
        let menu = permit.target().menu()?.clone();
        Some(RouterWriter {
            router: Arc::clone(&self.router),
            menu,
            _permit: permit,
        })
    }
}

/// One menu of a router that may be written.
#[derive(Debug)]
pub struct RouterWriter {
    router: Arc<Router>,
    menu: Menu,
    _permit: Permit,
}

impl RouterWriter {
    /// Adds a row and returns its id.
    ///
    /// # Errors
    /// As [`Router::add`].
    pub async fn add<'a>(
        &self,
        fields: impl IntoIterator<Item = (&'a str, &'a [u8])>,
    ) -> Result<Id, ClientError> {
        self.router.add(self.menu(), fields).await
    }

    /// Sets fields of a row; without an id of the one row of a menu that has only one.
    ///
    /// # Errors
    /// As [`Router::set`].
    pub async fn set<'a>(
        &self,
        id: Option<&Id>,
        fields: impl IntoIterator<Item = (&'a str, &'a [u8])>,
    ) -> Result<(), ClientError> {
        let set = self.command("set", id);
        let add = |set: Command, (name, value)| set.attribute(name, value);
        let set = fields.into_iter().fold(set, add);
        self.router.command(set).await.map(drop)
    }

    /// Takes the value of a field away by the menu's `unset`; of a row as [`RouterWriter::set`].
    ///
    /// # Errors
    /// As [`Router::command`].
    pub async fn unset(&self, id: Option<&Id>, field: &str) -> Result<(), ClientError> {
        let unset = self.command("unset", id).attribute("value-name", field);
        self.router.command(unset).await.map(drop)
    }

    /// Removes a row.
    ///
    /// # Errors
    /// As [`Router::remove`].
    pub async fn remove(&self, id: &Id) -> Result<(), ClientError> {
        self.router.remove(self.menu(), id).await
    }

    /// Moves a row before another one, without one behind all others.
    ///
    /// # Errors
    /// As [`Router::command`].
    pub async fn move_before(&self, id: &Id, before: Option<&Id>) -> Result<(), ClientError> {
        let command = Command::new(&format!("{}/move", self.menu()));
        let moved = command.attribute("numbers", id.as_str());
        let moved = match before {
            Some(before) => moved.attribute("destination", before.as_str()),
            None => moved,
        };
        self.router.command(moved).await.map(drop)
    }

    fn command(&self, verb: &str, id: Option<&Id>) -> Command {
        let command = Command::new(&format!("{}/{verb}", self.menu()));
        match id {
            Some(id) => command.attribute(".id", id.as_str()),
            None => command,
        }
    }

    fn menu(&self) -> &str {
        self.menu.path()
    }
}

impl Open for RouterReader {
    const ENDPOINT: Endpoint = Endpoint::ROUTERS;

    type Place = RouterTarget;

    fn places(site: &Site) -> &[RouterTarget] {
        &site.routers
    }

    /// [`SessionError::UncheckedTls`] for TLS without any check of the certificate.
    async fn open(place: &RouterTarget, session: &Session) -> Result<Self, SessionError> {
        let options = options(place, &session.site().limits)?;
        let router = Router::connect(&options).await?;
        Ok(Self {
            router: Arc::new(router),
            connected_at: Timestamp::now(),
        })
    }

    async fn stand_in(session: &Session) -> Result<Option<Self>, SessionError> {
        let address = session.demo().service::<DemoRouter>().await?.address();
        #[expect(clippy::disallowed_methods, reason = "everybody knows the demo's")]
        let password = site::config::Secret::unlisted(PASSWORD);
        let place = RouterTarget {
            name: "demo".to_owned(),
            host: address.ip().to_string(),
            port: address.port(),
            user: USER.to_owned(),
            password,
            tls: None,
        };
        Self::open(&place, session).await.map(Some)
    }

    fn is_usable(&self) -> bool {
        !self.router.is_closed()
    }

    fn probes(session: &Session) -> Vec<Probe<'_>> {
        probe::probes(session)
    }
}

impl From<UncheckedTls> for SessionError {
    fn from(UncheckedTls { address }: UncheckedTls) -> Self {
        Self::UncheckedTls { address }
    }
}

impl ServiceError for ClientError {
    fn service(&self) -> Service {
        Service::Mikrotik
    }

    fn kind(&self) -> Kind {
        match (self.class(), self.fault()) {
            (
                _,
                Fault::LoginRefused { .. }
                | Fault::LoginEnded { .. }
                | Fault::ChallengeRefused { .. },
            ) => Kind::LoginRefused,
            (
                _,
                Fault::Timeout { .. } | Fault::LoginTimeout { .. } | Fault::ConnectTimeout { .. },
            ) => Kind::Timeout,
            (Class::Protocol, _) => Kind::Protocol,
            (_, Fault::Lost { .. } | Fault::LoginCut { .. }) => Kind::Disconnected,
            (Class::Refused, _) => Kind::Refused,
            (Class::Connection, _) => Kind::Unreachable,
            (Class::Caller, _) => Kind::Invalid,
        }
    }

    fn hint(&self) -> Option<String> {
        ClientError::hint(self).map(str::to_owned)
    }
}
