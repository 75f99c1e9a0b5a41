//! `tikbook.toml`: its keys, and how several such files become one.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{self, Deserializer, MapAccess, Visitor};
use toml::de::{DeTable, DeValue};

use super::error::ConfigError;
use super::limits::LimitsTable;
use super::name::named;
use super::places;
use super::secret_source::SecretSource;
use super::service::endpoints;
use crate::text_file;
use wording::near::nearest;

/// The largest configuration file, in bytes.
pub(super) const LARGEST: u64 = 1024 * 1024;
/// What such a file is, in errors.
pub(super) const WHAT: &str = "configuration";

/// A configuration file, or several laid over each other.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, expecting = "tables such as [sites.home]")]
pub(super) struct ConfigFile {
    pub default_site: Option<String>,
    #[serde(default)]
    pub sites: BTreeMap<String, SiteTable>,
}

macro_rules! site_table {
    ($($key:ident $facts:tt)*) => {
        /// `[sites.NAME]`
        #[derive(Debug, Default, Deserialize)]
        #[serde(deny_unknown_fields, expecting = "a table of its own: [sites.NAME]")]
        pub(super) struct SiteTable {
            pub time_zone: Option<String>,
            pub router_text: Option<String>,
            pub docker_host: Option<String>,
            pub compose_project: Option<String>,
            #[serde(default)]
            pub protected: Vec<String>,
            #[serde(default)]
            pub writable: Vec<String>,
            #[serde(default)]
            pub scripts: Vec<PathBuf>,
            pub env_file: Option<PathBuf>,
            pub keep: Option<String>,
            secret_key_env: Option<String>,
            secret_key_file: Option<PathBuf>,
            secret_key_credential: Option<String>,
            $(pub $key: Option<ServiceTable>,)*
            pub default_router: Option<String>,
            #[serde(default)]
            pub routers: BTreeMap<String, RouterTable>,
            #[serde(default)]
            pub limits: LimitsTable,
        }
    };
}
endpoints!(site_table);

/// `[sites.NAME.database]` and its like.
#[derive(Debug, Default, Deserialize)]
#[serde(
    deny_unknown_fields,
    expecting = "a table, such as { url_env = \"NAME_OF_A_VARIABLE\" } or { url = \"…\", password_file = \"…\" }"
)]
pub(super) struct ServiceTable {
    pub url: Option<String>,
    url_env: Option<String>,
    url_file: Option<PathBuf>,
    url_credential: Option<String>,
    password_env: Option<String>,
    password_file: Option<PathBuf>,
    password_credential: Option<String>,
}

/// `[sites.NAME.routers.NAME]`
#[derive(Debug, Default, Deserialize)]
#[serde(
    deny_unknown_fields,
    expecting = "a table, such as { host = \"192.168.88.1\", user = \"audit\", password_file = \"…\" }"
)]
pub(super) struct RouterTable {
    pub host: Option<String>,
    pub port: Option<u16>,
    pub user: Option<String>,
    password_env: Option<String>,
    password_file: Option<PathBuf>,
    password_credential: Option<String>,
    pub tls: Option<TlsKey>,
}

/// `[sites.NAME.routers.NAME.tls]`; empty, it means a certificate of a well-known authority.
#[derive(Debug, Default, Deserialize)]
#[serde(
    deny_unknown_fields,
    expecting = "a table, such as { pin_sha256 = \"3B:5E:…\" } or { ca_file = \"…\" }"
)]
pub(super) struct TlsTable {
    pub ca_file: Option<PathBuf>,
    pub pin_sha256: Option<String>,
    pub server_name: Option<String>,
}

/// The key `tls` of a router: `true` for a table without anything in it, `false` for no TLS.
#[derive(Debug)]
pub(super) enum TlsKey {
    Off,
    On(TlsTable),
}

impl TlsKey {
    /// What is said about TLS, where there is to be any.
    pub fn table(&self) -> Option<&TlsTable> {
        match self {
            Self::Off => None,
            Self::On(table) => Some(table),
        }
    }
}

impl<'de> Deserialize<'de> for TlsKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = TlsKey;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(
                    "true, false or a table, such as { pin_sha256 = \"3B:5E:…\" } or { ca_file = \"…\" }",
                )
            }

            fn visit_bool<E: de::Error>(self, is_on: bool) -> Result<TlsKey, E> {
                Ok(match is_on {
                    true => TlsKey::On(TlsTable::default()),
                    false => TlsKey::Off,
                })
            }

            fn visit_map<A: MapAccess<'de>>(self, table: A) -> Result<TlsKey, A::Error> {
                TlsTable::deserialize(MapAccessDeserializer::new(table)).map(TlsKey::On)
            }
        }
        deserializer.deserialize_any(Reader)
    }
}

impl SiteTable {
    pub fn secret_key(&self) -> SecretSource {
        SecretSource {
            env: self.secret_key_env.clone(),
            file: self.secret_key_file.clone(),
            credential: self.secret_key_credential.clone(),
        }
    }
}

impl ServiceTable {
    pub fn url_source(&self) -> SecretSource {
        SecretSource {
            env: self.url_env.clone(),
            file: self.url_file.clone(),
            credential: self.url_credential.clone(),
        }
    }

    pub fn password(&self) -> SecretSource {
        SecretSource {
            env: self.password_env.clone(),
            file: self.password_file.clone(),
            credential: self.password_credential.clone(),
        }
    }
}

impl RouterTable {
    pub fn password(&self) -> SecretSource {
        SecretSource {
            env: self.password_env.clone(),
            file: self.password_file.clone(),
            credential: self.password_credential.clone(),
        }
    }
}

/// A configuration file before it is laid over the weaker ones.
pub(super) struct Layer {
    path: PathBuf,
    table: toml::Table,
    /// Was it found only because somebody stands in its folder?
    is_project: bool,
}

impl Layer {
    /// The file at `path`, which is named, or the user's or the system's own.
    ///
    /// # Errors
    /// It cannot be read or understood.
    pub fn read(path: PathBuf) -> Result<Self, ConfigError> {
        let text =
            text_file::read(&path, LARGEST).map_err(|source| ConfigError::UnreadableFile {
                what: WHAT,
                file: path.clone(),
                source,
            })?;
        Ok(Self {
            table: understood(&text, &path)?,
            path,
            is_project: false,
        })
    }

    /// What was read from `path`, which nobody named.
    ///
    /// # Errors
    /// It cannot be understood.
    pub fn of_project(path: PathBuf, text: &str) -> Result<Self, ConfigError> {
        Ok(Self {
            table: understood(text, &path)?,
            path,
            is_project: true,
        })
    }
}

/// Lays the layers over each other, the weakest first: tables are joined key by key, anything else is replaced.
/// Relative paths are meant from the folder of their own file.
///
/// # Errors
/// The first thing that is wrong with any of them, with file and line; [`ConfigError::Redirected`].
pub(super) fn joined(layers: Vec<Layer>) -> Result<ConfigFile, ConfigError> {
    let mut joined = toml::Table::new();
    for layer in layers {
        let mut table = layer.table;
        anchor_paths(&mut table, layer.path.parent().unwrap_or(Path::new("")));
        if layer.is_project {
            places::refuse_redirection(&joined, &table, &layer.path)?;
        }
        join(&mut joined, table);
    }
    joined
        .try_into()
        .map_err(|error: toml::de::Error| ConfigError::InvalidValue {
            name: "the configuration files together".to_owned(),
            reason: told("a key", error.message()),
        })
}

fn understood(text: &str, file: &Path) -> Result<toml::Table, ConfigError> {
    toml::from_str::<ConfigFile>(text)
        .and_then(|_| toml::from_str(text))
        .map_err(|error| explained(&error, text, file))
}

fn explained(error: &toml::de::Error, text: &str, file: &Path) -> ConfigError {
    let start = error.span().map_or(0, |span| span.start);
    let line = text.as_bytes()[..start.min(text.len())]
        .iter()
        .filter(|byte| **byte == b'\n')
        .count()
        + 1;
    let file = file.to_owned();
    let Some((key, allowed)) = unknown_field(error.message()) else {
        let reason = match DeTable::parse(text) {
            Ok(table) => {
                let key = key_at(table.get_ref(), start).join(".");
                told(&key, error.message())
            }
            // What the parser says of a text that is no TOML holds nothing of it.
            Err(_) => error.message().replace('\n', ", "),
        };
        return ConfigError::InvalidFile { file, line, reason };
    };
    if key == "password" || key == "secret_key" {
        let place = format!("`{}` at line {line}", file.display());
        return ConfigError::LiteralSecret { key, place };
    }
    ConfigError::UnknownKey {
        suggestion: nearest(&key, allowed.iter().map(String::as_str)).map(str::to_owned),
        known: allowed,
        key,
        file,
        line,
    }
}

/// What is wrong with the value of a key. What serde says of the value itself is left out: it may be a
/// secret.
fn told(key: &str, message: &str) -> String {
    match message.rsplit_once(", expected ") {
        Some((_, kind)) => format!("`{key}` wants {}", in_words(kind)),
        None => format!("`{key}`: {}", message.replace('\n', ", ")),
    }
}

/// A kind of values as an operator writes them; serde calls some by what they are in Rust.
fn in_words(kind: &str) -> &str {
    match kind {
        "a string" => "a text in quotes, such as \"…\"",
        "path string" | "a path string" => "a path in quotes, such as \"…\"",
        "a sequence" => "a list of texts, such as [\"…\", \"…\"]",
        "a map" => "a table, such as { name = \"…\" }",
        "u16" => "a whole number from 0 to 65535",
        "usize" => "a whole number",
        ours => ours,
    }
}

/// The key in whose value that byte is, with those of the tables around it; empty where it is in none.
fn key_at<'t>(table: &'t DeTable<'_>, at: usize) -> Vec<&'t str> {
    let keys = table.iter().filter_map(|(key, value)| {
        // A table with a header of its own is not where its values are.
        let below = match value.get_ref() {
            DeValue::Table(inner) => key_at(inner, at),
            _ => Vec::new(),
        };
        let is_it = !below.is_empty() || value.span().contains(&at);
        is_it.then(|| [vec![named(key.get_ref())], below].concat())
    });
    keys.max_by_key(Vec::len).unwrap_or_default()
}

/// The unknown key and the allowed ones, out of serde's sentence for `deny_unknown_fields`.
fn unknown_field(message: &str) -> Option<(String, Vec<String>)> {
    let rest = message.strip_prefix("unknown field `")?;
    let (key, rest) = rest.split_once('`')?;
    let allowed = rest.split('`').skip(1).step_by(2).map(str::to_owned);
    Some((key.to_owned(), allowed.collect()))
}

fn anchor_paths(table: &mut toml::Table, folder: &Path) {
    for (key, value) in table {
        match value {
            toml::Value::Table(inner) => anchor_paths(inner, folder),
            toml::Value::String(path) if key.ends_with("_file") => anchor(path, folder),
            toml::Value::Array(paths) if key == "scripts" => {
                for path in paths {
                    if let toml::Value::String(path) = path {
                        anchor(path, folder);
                    }
                }
            }
            _ => {}
        }
    }
}

fn anchor(path: &mut String, folder: &Path) {
    // Nothing stays nothing: it is refused where it is read.
    if path.is_empty() {
        return;
    }
    if let Some(anchored) = folder.join(&*path).to_str() {
        *path = anchored.to_owned();
    }
}

fn join(below: &mut toml::Table, above: toml::Table) {
    for (key, value) in above {
        match (below.get_mut(&key), value) {
            (Some(toml::Value::Table(below)), toml::Value::Table(above)) => join(below, above),
            (_, value) => {
                below.insert(key, value);
            }
        }
    }
}
