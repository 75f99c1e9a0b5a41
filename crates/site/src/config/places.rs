//! Where services are, as the files of a configuration say it: what of it a project's file may not change.

use std::path::Path;

use toml::{Table, Value};

use super::error::ConfigError;
use super::name::named;
use super::service::endpoints;

macro_rules! endpoint_keys {
    ($($key:ident $facts:tt)*) => {
        /// The tables of services that have a URL.
        const ENDPOINTS: &[&str] = &[$(stringify!($key)),*];
    };
}
endpoints!(endpoint_keys);

/// What places a service that has a URL.
const OF_ENDPOINT: [&str; 4] = ["url", "url_env", "url_file", "url_credential"];
/// What places a router, and says by what it is known.
const OF_ROUTER: [&str; 3] = ["host", "port", "tls"];
/// What places services by itself, in a site's own table.
const OF_SITE: [&str; 2] = ["docker_host", "env_file"];

/// A file that was found only because somebody stands in its folder, and may be part of what somebody else wrote,
/// sends nobody's password elsewhere: of a service that a stronger file places (`below`: the user's, the system's) it
/// may say nothing else.
///
/// # Errors
/// [`ConfigError::Redirected`].
pub(super) fn refuse_redirection(
    below: &Table,
    project: &Table,
    file: &Path,
) -> Result<(), ConfigError> {
    for (site, said) in tables(project.get("sites")) {
        let Some(known) = table(below.get("sites"), site) else {
            continue;
        };
        let refuse = |key: String| ConfigError::Redirected {
            key: format!("sites.{}.{key}", named(site)),
            file: file.to_owned(),
        };
        if let Some(key) = OF_SITE
            .iter()
            .find(|key| known.contains_key(**key) && differs(known, said, key))
        {
            return Err(refuse((*key).to_owned()));
        }
        for service in ENDPOINTS {
            if let (Some(known), Some(said)) = (inner(known, service), inner(said, service))
                && let Some(key) = changed(&OF_ENDPOINT, known, said)
            {
                return Err(refuse(format!("{service}.{key}")));
            }
        }
        for (router, said) in tables(said.get("routers")) {
            if let Some(known) = table(known.get("routers"), router)
                && let Some(key) = changed(&OF_ROUTER, known, said)
            {
                return Err(refuse(format!("routers.{}.{key}", named(router))));
            }
        }
    }
    Ok(())
}

/// The first key of a service's place that is said in another way, if the place is `known` at all.
fn changed<'k>(keys: &[&'k str], known: &Table, said: &Table) -> Option<&'k str> {
    let is_placed = keys.iter().any(|key| known.contains_key(*key));
    let mut keys = keys.iter().filter(|_| is_placed);
    keys.find(|key| differs(known, said, key)).copied()
}

fn differs(known: &Table, said: &Table, key: &str) -> bool {
    said.get(key)
        .is_some_and(|said| known.get(key) != Some(said))
}

fn tables(value: Option<&Value>) -> impl Iterator<Item = (&String, &Table)> {
    let table = value.and_then(Value::as_table).into_iter().flatten();
    table.filter_map(|(name, value)| Some((name, value.as_table()?)))
}

fn table<'t>(value: Option<&'t Value>, name: &str) -> Option<&'t Table> {
    inner(value?.as_table()?, name)
}

fn inner<'t>(table: &'t Table, name: &str) -> Option<&'t Table> {
    table.get(name)?.as_table()
}
