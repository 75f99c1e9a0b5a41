//! The site's routers: how to log in to one, what can be read from it, and what a permit lets write.

use std::sync::Arc;

use routeros_api::{
    CertificateCheck as Check, ChallengeLogin, ClientError, Command, Id, Options, Print, Router,
    RowStream, Rows, Secret, Tls,
};
use routeros_schema::Menu;

use site::config::{CertificateCheck, Limits, RouterTarget, RouterTls};
use site::grant::Permit;

use super::error::SessionError;

/// A router to read from. Nothing here can change it; see [`super::write`].
#[derive(Clone, Debug)]
pub struct RouterReader(Arc<Router>);

impl RouterReader {
    pub(super) fn new(router: Arc<Router>) -> Self {
        Self(router)
    }

    /// All rows that `print` asks for.
    ///
    /// # Errors
    /// As [`Router::rows`].
    pub async fn rows(&self, print: &Print) -> Result<Rows, ClientError> {
        self.0.rows(print).await
    }

    /// The rows that `print` asks for, as they come.
    ///
    /// # Errors
    /// As [`Router::stream`].
    pub async fn stream(&self, print: &Print) -> Result<RowStream, ClientError> {
        self.0.stream(print).await
    }

    /// How many rows there are for `print`, counted by the router.
    ///
    /// # Errors
    /// As [`Router::count`].
    pub async fn count(&self, print: &Print) -> Result<u64, ClientError> {
        self.0.count(print).await
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
        let answer = self.0.command(command).await?;
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
        self.0.address()
    }

    /// What `permit` lets write: one menu of this router. `None` for a permit of another service.
    pub(crate) fn writer(&self, permit: Permit) -> Option<RouterWriter> {
        let menu = permit.target().menu()?.clone();
        Some(RouterWriter {
            router: Arc::clone(&self.0),
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

    /// Sets fields of a row.
    ///
    /// # Errors
    /// As [`Router::set`].
    pub async fn set<'a>(
        &self,
        id: &Id,
        fields: impl IntoIterator<Item = (&'a str, &'a [u8])>,
    ) -> Result<(), ClientError> {
        self.router.set(self.menu(), id, fields).await
    }

    /// Removes a row.
    ///
    /// # Errors
    /// As [`Router::remove`].
    pub async fn remove(&self, id: &Id) -> Result<(), ClientError> {
        self.router.remove(self.menu(), id).await
    }

    fn menu(&self) -> &str {
        self.menu.path()
    }
}

/// Connects and logs in to a router of the site.
///
/// # Errors
/// [`SessionError::UncheckedTls`] for TLS without any check of the certificate, else
/// [`SessionError::Router`] within the site's limit for connecting, and again for the login.
pub async fn connect(target: &RouterTarget, limits: &Limits) -> Result<Router, SessionError> {
    let password = Secret::new(target.password.expose());
    let mut options = Options::new(&target.host, &target.user, password);
    options.port = target.port;
    options.tls = target
        .tls
        .as_ref()
        .map(|tls| tls_of(target, tls))
        .transpose()?;
    // Routers before 6.43 ask for the challenge; the password went out in clear before that anyway.
    options.challenge_login = ChallengeLogin::Answer;
    options.connect_timeout = limits.connect;
    options.login_timeout = limits.connect;
    options.command_timeout = limits.router;
    options.answer_limit = limits.bytes;
    Ok(Router::connect(&options).await?)
}

fn tls_of(target: &RouterTarget, tls: &RouterTls) -> Result<Tls, SessionError> {
    let check = match &tls.check {
        CertificateCheck::Authorities => Check::WellKnown,
        CertificateCheck::CaFile(file) => Check::CaFile(file.clone()),
        CertificateCheck::PinSha256(pin) => Check::PinSha256(*pin),
        CertificateCheck::Nothing => {
            return Err(SessionError::UncheckedTls {
                address: format!("{}:{}", target.host, target.port),
            });
        }
    };
    Ok(Tls {
        check,
        server_name: tls.server_name.clone(),
    })
}
