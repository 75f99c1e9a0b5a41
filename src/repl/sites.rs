//! The sites that a session can be on, as they are described where it was started, and the one that it
//! is on.

use std::path::PathBuf;

use session::Session;
use site::config::{self, ConfigError, Secrets, Site, SiteFlags, Sources};
use tokio::runtime::Handle;

use super::known::Known;

/// The sites, and the connections to one of them.
pub struct Sites {
    sources: Sources,
    runtime: Handle,
    /// Their names.
    pub names: Vec<String>,
    /// The one that was chosen in the session.
    chosen: Option<String>,
    connections: Session,
    known: Known,
}

impl Sites {
    /// The sites that `sources` describe, and the one of them that was chosen. No connection is opened.
    ///
    /// # Errors
    /// A file of the configuration that cannot be read or understood, or a site that is not described.
    pub fn of(sources: Sources, runtime: &Handle) -> Result<Self, ConfigError> {
        let names = config::sites(&sources)?;
        for name in &names {
            // What is secret of any of them is known from now on, also of one that cannot be loaded.
            drop(config::load(named(&sources, Some(name))));
        }
        let connections = Session::new(loaded(sources.clone())?);
        Ok(Self {
            known: Known::new(&connections, runtime),
            connections,
            names,
            chosen: None,
            runtime: runtime.clone(),
            sources,
        })
    }

    /// Goes to the site of this name; connections to the one before are closed.
    ///
    /// # Errors
    /// The site is not described, or not well.
    pub fn go_to(&mut self, name: &str) -> Result<(), ConfigError> {
        let site = loaded(named(&self.sources, Some(name)))?;
        self.close();
        self.chosen = Some(name.to_owned());
        self.connect(Session::new(site));
        Ok(())
    }

    /// Connects anew to the same site when something is next asked of it.
    pub fn renew(&mut self) {
        self.connect(self.connections.renewed());
    }

    /// Ends what is still going on with the site.
    pub fn close(&self) {
        self.runtime.block_on(self.connections.close());
    }

    fn connect(&mut self, connections: Session) {
        self.known = Known::new(&connections, &self.runtime);
        self.connections = connections;
    }

    /// The connections to the site.
    pub fn connections(&self) -> &Session {
        &self.connections
    }

    /// The site that the session is on.
    pub fn site(&self) -> &Site {
        self.connections.site()
    }

    /// Names that the site itself knows.
    pub fn known(&self) -> &Known {
        &self.known
    }

    /// What is secret of any of the sites.
    pub fn secrets(&self) -> &Secrets {
        &self.sources.secrets
    }

    /// The flags by which other commands find the site that the session is on.
    pub fn flags(&self) -> SiteFlags {
        SiteFlags::of(&named(&self.sources, self.chosen.as_deref()))
    }

    /// The folder of the journals of changes; without one nothing can be changed.
    pub fn state_folder(&self) -> Option<PathBuf> {
        config::state_folder(&self.sources)
    }

    /// The file of the history; nothing without a home.
    pub fn history(&self) -> Option<PathBuf> {
        self.state_folder().map(|folder| folder.join("history"))
    }

    /// Who types, for the journals.
    pub fn operator(&self) -> String {
        config::operator(&self.sources)
    }
}

/// The site that a session goes to, with what is to be said of it.
fn loaded(sources: Sources) -> Result<Site, ConfigError> {
    let site = config::load(sources)?;
    for warning in site.warnings() {
        tracing::warn!("{warning}");
    }
    Ok(site)
}

/// The same sources with the site of this name, if one is given.
fn named(sources: &Sources, name: Option<&str>) -> Sources {
    let mut sources = sources.clone();
    sources.site = name.map(str::to_owned).or(sources.site);
    sources
}
