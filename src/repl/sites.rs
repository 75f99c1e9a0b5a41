//! The sites that a session can be on, as they are described where it was started.

use std::path::PathBuf;

use session::Session;
use site::config::{self, ConfigError, Site, SiteFlags, Sources};

use super::secrets::Secrets;

/// The sites, and what is known of them.
pub struct Sites {
    sources: Sources,
    /// Their names.
    pub names: Vec<String>,
    secrets: Secrets,
    /// The one that was chosen in the session.
    chosen: Option<String>,
}

impl Sites {
    /// The sites that `sources` describe.
    ///
    /// # Errors
    /// A file of the configuration that cannot be read or understood.
    pub fn of(sources: Sources) -> Result<Self, ConfigError> {
        let mut sites = Self {
            names: config::sites(&sources)?,
            secrets: Secrets::default(),
            chosen: None,
            sources,
        };
        for name in &sites.names {
            // One that cannot be loaded now has no secret that is known; it may be mended meanwhile.
            if let Ok(site) = sites.load(Some(name)) {
                sites.secrets.add(&site);
            }
        }
        Ok(sites)
    }

    /// A session on the site of this name, or without one on the site that was chosen. It opens no
    /// connection.
    ///
    /// # Errors
    /// The site is not described, or not well.
    pub fn open(&mut self, name: Option<&str>) -> Result<Session, ConfigError> {
        let site = self.load(name)?;
        self.secrets.add(&site);
        self.chosen = name.map(str::to_owned).or(self.chosen.take());
        Ok(Session::new(site))
    }

    /// Their secrets.
    pub fn secrets(&self) -> &Secrets {
        &self.secrets
    }

    /// The flags by which other commands find the site that the session is on.
    pub fn flags(&self) -> SiteFlags {
        SiteFlags::of(&self.sources_of(self.chosen.as_deref()))
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

    fn load(&self, name: Option<&str>) -> Result<Site, ConfigError> {
        config::load(self.sources_of(name))
    }

    fn sources_of(&self, name: Option<&str>) -> Sources {
        let mut sources = self.sources.clone();
        sources.site = name.map(str::to_owned).or(sources.site);
        sources
    }
}
