//! Where the services are that have a URL: as the environment says it, as a site's file says it, and
//! which of the two counts. What these services are is the list in `service`.

use super::error::ConfigError;
use super::file::{ServiceTable, SiteTable};
use super::name::named;
use super::place::Place;
use super::secret_source::Fetched;
use super::secrets::Secrets;
use super::service::{Endpoint, endpoints};
use super::variables::Variables;

macro_rules! define {
    ($($key:ident {
        $doc:literal, $place:ty, $read:path,
        $constant:ident, $service:ident, $what:literal, $variables:literal
    })*) => {
        /// Where the services are that have a URL; one that is `None` is not configured.
        #[derive(Debug, Clone, Default)]
        pub struct Endpoints {
            $(#[doc = $doc] pub $key: Option<$place>,)*
        }

        impl Endpoints {
            /// Those that the environment describes.
            pub(super) fn of_environment(
                variables: &Variables,
                secrets: &Secrets,
            ) -> Result<Self, ConfigError> {
                Ok(Self {
                    $($key: $read(variables, Endpoint::$constant.variables, secrets)?,)*
                })
            }

            /// Those that the table of the site `name` describes.
            pub(super) fn of_table(
                name: &str,
                table: &SiteTable,
                (variables, secrets): (&Variables, &Secrets),
            ) -> Result<Self, ConfigError> {
                let read = Reader {
                    name,
                    variables,
                    secrets,
                };
                Ok(Self {
                    $($key: read.place(stringify!($key), table.$key.as_ref())?,)*
                })
            }

            /// What of them is configured, in the order of the list.
            pub fn configured(&self) -> impl Iterator<Item = Endpoint> {
                let all = [$(self.$key.is_some().then_some(Endpoint::$constant)),*];
                all.into_iter().flatten()
            }

            /// These, and where they say nothing those `below`.
            pub(super) fn over(self, below: Self) -> Self {
                Self {
                    $($key: self.$key.or(below.$key),)*
                }
            }
        }
    };
}
endpoints!(define);

/// Reads the tables of one site.
struct Reader<'a> {
    name: &'a str,
    variables: &'a Variables,
    secrets: &'a Secrets,
}

impl Reader<'_> {
    fn place<P: Place>(
        &self,
        key: &str,
        table: Option<&ServiceTable>,
    ) -> Result<Option<P>, ConfigError> {
        let key = format!("sites.{}.{key}", named(self.name));
        let Some(table) = table else { return Ok(None) };
        let Some((url, is_literal)) = self.url(&key, table)? else {
            return Ok(None);
        };
        let mut place = P::parse(url.text(self.secrets), self.secrets).map_err(|reason| {
            ConfigError::InvalidValue {
                name: format!("{key}.url"),
                reason,
            }
        })?;
        if is_literal && place.has_password() {
            return Err(ConfigError::LiteralSecret {
                key: format!("{key}.password"),
                place: format!("the URL of `{key}`"),
            });
        }
        let password = format!("{key}.password");
        if let Some(password) = table.password().fetch(&password, self.variables)? {
            place.set_password(password.secret(self.secrets));
        }
        Ok(Some(place))
    }

    /// The URL of a service, and whether it stands in the file itself.
    fn url(&self, key: &str, table: &ServiceTable) -> Result<Option<(Fetched, bool)>, ConfigError> {
        let source = table.url_source();
        let fetched = source.fetch(&format!("{key}.url"), self.variables)?;
        Ok(match (fetched, &table.url) {
            (Some(url), _) => Some((url, false)),
            (None, Some(url)) => Some((Fetched::from(url.clone()), true)),
            (None, None) => None,
        })
    }
}
