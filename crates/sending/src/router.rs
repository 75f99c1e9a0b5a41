//! What a permit lets write of a router.

use std::sync::Arc;

use routeros_api::{ClientError, Command, Id, Print, Router};
use routeros_schema::{CommandPath, Menu};

use session::SessionError;
use site::config::{Limits, RouterTarget};
use site::grant::Permit;

/// Connects to `place` and logs in.
pub(super) async fn connect(place: &RouterTarget, limits: &Limits) -> Result<Router, SessionError> {
    let options = connecting::router::options(place, limits)?;
    Ok(Router::connect(&options).await?)
}

/// One menu of a router that may be written, or one command that may be sent.
#[derive(Debug)]
pub struct RouterWriter {
    router: Arc<Router>,
    menu: Menu,
    _permit: Permit,
}

impl RouterWriter {
    pub(super) fn new(router: Arc<Router>, menu: Menu, permit: Permit) -> Self {
        Self {
            router,
            menu,
            _permit: permit,
        }
    }

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

    /// Sends the command `path`, of which the permit is. A script, a backup or a download takes as long as it
    /// takes, and the router says nothing meanwhile: so no silence is too long here, only the whole time.
    ///
    /// # Errors
    /// As [`Router::command`]; a command without the permit is not sent, as `None`.
    pub async fn run<'a>(
        &self,
        path: &CommandPath,
        arguments: impl IntoIterator<Item = (&'a str, &'a [u8])>,
    ) -> Option<Result<(), ClientError>> {
        path.target().ok().filter(|target| *target == self.menu)?;
        let add = |command: Command, (name, value)| command.attribute(name, value);
        let command = Command::new(&path.to_string());
        let command = arguments.into_iter().fold(command, add);
        Some(self.router.patient().command(command).await.map(drop))
    }

    /// Does the router answer on this connection?
    ///
    /// # Errors
    /// As [`Router::rows`].
    pub async fn answers(&self) -> Result<(), ClientError> {
        let print = Print::new("/system/identity");
        self.router.rows(&print).await.map(drop)
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
