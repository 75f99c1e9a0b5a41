//! What the URL of a service says: its place, as each kind of service has one.

use super::error::ConfigError;
use super::secret::Secret;
use super::secret_source::{Fetched, fetched_variable};
use super::secrets::Secrets;
use super::variables::Variables;

/// The place of a service, as a URL names it.
pub trait Place: Sized {
    /// Reads a URL; its passwords are known to `secrets` then.
    ///
    /// # Errors
    /// A reason that never holds the password.
    fn parse(url: &str, secrets: &Secrets) -> Result<Self, String>;

    /// The same place with another password.
    fn set_password(&mut self, password: Secret);

    /// Whether it has a password.
    fn has_password(&self) -> bool;

    /// The place that the variable `name` of the environment has the URL of.
    ///
    /// # Errors
    /// [`ConfigError::InvalidValue`] naming the variable, or [`ConfigError::UnreadableFile`].
    fn in_variable(
        variables: &Variables,
        name: &str,
        secrets: &Secrets,
    ) -> Result<Option<Self>, ConfigError> {
        let parse = |url: Fetched| {
            Self::parse(url.text(secrets), secrets).map_err(|reason| ConfigError::InvalidValue {
                name: name.to_owned(),
                reason,
            })
        };
        fetched_variable(variables, name)?.map(parse).transpose()
    }
}
