//! Loads the portal's settings for a run.

use std::collections::HashMap;

use super::super::error::HostError;
use crate::portal::setting::{Settings, StoredSetting};
use crate::session::Session;
use crate::session::database::{DatabaseError, SqlRows, SqlValue};

const QUERY: &str = "SELECT setting_key, setting_value, is_encrypted FROM application_settings";

/// Reads `application_settings`.
///
/// # Errors
/// The database could not be read.
pub async fn load(session: &Session) -> Result<Settings, HostError> {
    let database = session.database().await?;
    let stored = read(&database.rows(QUERY, Vec::new()).await?)?;
    let site = session.site();
    let environment = site.environment.iter();
    let environment = environment
        .map(|(name, text)| (name.clone(), text.clone()))
        .collect();
    let secret_key = site.secret_key.as_ref().map(|key| key.expose());
    Ok(Settings::new(stored, environment, secret_key))
}

fn read(rows: &SqlRows) -> Result<HashMap<String, StoredSetting>, DatabaseError> {
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
