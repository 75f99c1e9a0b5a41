//! The site's routers: how to log in to one, and what can be read from it.

mod error;
mod export;
mod probe;

use std::sync::Arc;

use jiff::Timestamp;
use routeros_api::{Bounds, ClientError, Command, Part, Router};
use routeros_schema::{CommandPath, Reading};

pub use routeros_api::{Print, Query, Row, RowRef, RowStream, Rows};

use super::Session;
use super::clock::ToldTime;
use super::error::SessionError;
use super::open::Open;
use super::probe::Probe;
use connecting::router::{UncheckedTls, options};
use demo::{DemoRouter, PASSWORD, USER};
use site::config::{Endpoint, RouterTarget, Site};

/// A router to read from. Nothing here can change it, nor gives the connection that could.
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

    /// What a command answers that is known to read, not more than [`MOST_ROWS`] rows of it, an exported
    /// text without its secrets. It ends in the time that the site gives the router.
    ///
    /// # Errors
    /// As [`Router::part`].
    pub async fn run(&self, reading: &Reading) -> Result<Part, ClientError> {
        let command = command(reading.command(), reading.arguments());
        let bounds = Bounds {
            rows: MOST_ROWS,
            watched: reading.watched(),
            pause: reading.pause(),
        };
        let part = self.router.part(command, bounds).await?;
        Ok(match reading.command().verb() {
            // Before RouterOS 7 its text has the passwords of the router.
            "export" => export::hidden(part),
            _ => part,
        })
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

    /// Ends the connection politely, for all that read over it.
    pub(super) async fn end(&self) {
        Router::clone(&self.router).close().await;
    }

    /// The address of the router, `host:port`.
    pub fn address(&self) -> &str {
        self.router.address()
    }

    /// When it was connected: a router that starts anew ends its connections.
    pub fn connected_at(&self) -> Timestamp {
        self.connected_at
    }
}

/// So many rows of the answer to a command are taken.
pub const MOST_ROWS: usize = 10_000;

fn command<'a>(
    path: &CommandPath,
    arguments: impl IntoIterator<Item = (&'a str, &'a [u8])>,
) -> Command {
    let add = |command: Command, (name, value)| command.attribute(name, value);
    arguments
        .into_iter()
        .fold(Command::new(&path.to_string()), add)
}

impl Open for RouterReader {
    const ENDPOINT: Endpoint = Endpoint::ROUTERS;

    type Place = RouterTarget;

    fn places(site: &Site) -> &[RouterTarget] {
        &site.routers
    }

    /// [`SessionError::UncheckedTls`] for TLS without any check of the certificate.
    async fn open(place: &RouterTarget, session: &Session) -> Result<Self, SessionError> {
        let mut options = options(place, &session.site().limits)?;
        options.memory = session.answers().clone();
        let router = Router::connect(&options).await?;
        Ok(Self {
            router: Arc::new(router),
            connected_at: Timestamp::now(),
        })
    }

    async fn stand_in(session: &Session) -> Result<Option<Self>, SessionError> {
        let place = of_demo(session).await?;
        Self::open(&place, session).await.map(Some)
    }

    fn is_usable(&self) -> bool {
        !self.router.is_closed()
    }

    fn probes(session: &Session) -> Vec<Probe<'_>> {
        probe::probes(session)
    }
}

impl Session {
    /// Where a router of the site is and who logs in to it, by its name, of the first without one; what
    /// stands in for it on the built-in site.
    ///
    /// # Errors
    /// [`SessionError::UnknownRouter`], [`SessionError::NotConfigured`] or [`SessionError::Demo`].
    pub async fn router_place(&self, name: Option<&str>) -> Result<RouterTarget, SessionError> {
        let number = self.router_number(name)?;
        match self.site().routers.get(number) {
            _ if self.site().demo => of_demo(self).await,
            Some(place) => Ok(place.clone()),
            None => Err(self.not_configured(Endpoint::ROUTERS)),
        }
    }
}

/// The demo's router.
async fn of_demo(session: &Session) -> Result<RouterTarget, SessionError> {
    let address = session.demo().service::<DemoRouter>().await?.address();
    #[expect(clippy::disallowed_methods, reason = "everybody knows the demo's")]
    let password = site::config::Secret::unlisted(PASSWORD);
    Ok(RouterTarget {
        name: "demo".to_owned(),
        host: address.ip().to_string(),
        port: address.port(),
        user: USER.to_owned(),
        password,
        tls: None,
    })
}

impl From<UncheckedTls> for SessionError {
    fn from(UncheckedTls { address }: UncheckedTls) -> Self {
        Self::UncheckedTls { address }
    }
}
