//! Loads the portal's settings for a run.

use std::collections::HashMap;

use super::super::error::HostError;
use crate::portal::setting::Settings;
use crate::session::Session;

/// Reads `application_settings`.
///
/// # Errors
/// The database could not be read.
pub async fn load(session: &Session) -> Result<Settings, HostError> {
    let site = session.site();
    let stored = HashMap::new();
    let environment = site.environment.iter();
    let environment = environment
        .map(|(name, text)| (name.clone(), text.clone()))
        .collect();
    let secret_key = site.secret_key.as_ref().map(|key| key.expose());
    Ok(Settings::new(stored, environment, secret_key))
}
