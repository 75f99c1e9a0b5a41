//! The portal's settings, read once a run by whoever asks first.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use tokio::sync::OnceCell;

use portal::setting::{Settings, StoredSetting};
use session::database::{Database, DatabaseError, SqlRows, SqlValue};
use site::config::{Secret, Secrets, Site};

const QUERY: &str = "SELECT setting_key, setting_value, is_encrypted FROM application_settings";

/// What decides the portal's settings beside its database, and the settings once they were read.
#[derive(Clone)]
pub struct PortalSettings(Arc<Inner>);

struct Inner {
    environment: BTreeMap<String, String>,
    secret_key: Option<Secret>,
    secrets: Secrets,
    read: OnceCell<Settings>,
}

impl PortalSettings {
    /// The settings of a site, not read yet.
    pub fn of(site: &Site) -> Self {
        let environment = site.environment.iter();
        Self(Arc::new(Inner {
            environment: environment
                .map(|(name, text)| (name.clone(), text.clone()))
                .collect(),
            secret_key: site.secret_key.clone(),
            secrets: site.secrets.clone(),
            read: OnceCell::new(),
        }))
    }

    /// What the portal's environment holds under `name`.
    pub fn environment(&self, name: &str) -> Option<&str> {
        self.0.environment.get(name).map(String::as_str)
    }

    /// The settings as this run read them first.
    ///
    /// # Errors
    /// The database could not be read.
    pub async fn get(&self, database: &Database) -> Result<&Settings, DatabaseError> {
        self.0.read.get_or_try_init(|| self.read(database)).await
    }

    /// The settings as they are now; what is secret among them is known as a secret of the site.
    ///
    /// # Errors
    /// The database could not be read.
    pub async fn read(&self, database: &Database) -> Result<Settings, DatabaseError> {
        let stored = stored(&database.rows(QUERY, Vec::new()).await?)?;
        let secret_key = self.0.secret_key.as_ref().map(Secret::expose);
        let settings = Settings::new(stored, self.0.environment.clone(), secret_key);
        for secret in settings.stored_secrets() {
            self.0.secrets.keep(secret);
        }
        Ok(settings)
    }
}

fn stored(rows: &SqlRows) -> Result<HashMap<String, StoredSetting>, DatabaseError> {
    (0..rows.len())
        .map(|row| {
            let name = rows.value(row, 0)?.text().unwrap_or_default();
            let setting = StoredSetting {
                value: rows.value(row, 1)?.text(),
                // SQLite has no truth values of its own.
                is_encrypted: matches!(
                    rows.value(row, 2)?,
                    SqlValue::Bool(true) | SqlValue::Int(1)
                ),
            };
            Ok((name, setting))
        })
        .collect()
}
