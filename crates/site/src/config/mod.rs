//! What a run is to work on: flags, environment, files, in this order of strength.
//!
//! [`load`] gives a [`Site`] in which everything is decided. This module is the only one that
//! reads environment variables, and it touches no file that nobody named but these three:
//! `./tikbook.toml`, `$XDG_CONFIG_HOME/tikbook/config.toml`, `/etc/tikbook/config.toml`. The first of them may be
//! anybody's who may write to the folder: it is used where [`Trusting`] has it, and says
//! nothing of where a service is that one of the others places.

mod endpoints;
mod env_file;
mod env_reference;
mod environment;
mod error;
mod file;
mod flags;
mod keep;
mod limits;
mod name;
mod place;
mod places;
mod protected;
mod router_address;
mod script_folders;
mod secret;
mod secret_source;
mod secrets;
mod service;
mod site;
mod state_folder;
mod url;
mod user_folder;
mod variables;
mod wait;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use routeros_schema::UnknownEncoding;

pub use endpoints::Endpoints;
pub use env_file::EnvFiles;
pub use error::ConfigError;
pub use flags::SiteFlags;
pub use limits::Limits;
pub use protected::{Pattern, Protected, ProtectedError};
pub use router_address::RouterAddress;
pub use script_folders::{ScriptFolder, script_folders};
pub use secret::{MASK, Secret};
pub use secret_source::{secret_file, secret_variable};
pub use secrets::Secrets;
pub use service::{
    DatabaseTarget, DatabaseTls, DockerHost, DockerTarget, Endpoint, RedisAddress, RedisTarget,
    RedisTls, RedisTopology, ServerTarget, Service, SqliteTarget,
};
pub use site::{CertificateCheck, DEFAULT_TIME_ZONE, RouterTarget, RouterTls, Site};
pub use state_folder::{operator, owner_of_state, state_folder};
pub use user_folder::user_folder;
pub use variables::Variables;
pub use wait::{parse_wait, said_of_length};

use crate::text_file;
use crate::trust::{Trust, Trusting, not_used};
use environment::{Overlay, RouterOverlay};
use file::{ConfigFile, Layer, RouterTable, SiteTable, TlsKey, TlsTable};
use name::named;

use wording::near::nearest;

/// The built-in site.
const DEMO: &str = "demo";

/// The network of the demo's clients, and the variables in which its portal finds it.
const DEMO_NETWORK: &str = "10.20.0.0/16";
const DEMO_NETWORKS: [&str; 2] = ["MIKROTIK_UNAUTHORIZED_CIDRS", "HOTSPOT_CLIENT_IP_CIDRS"];

/// The site that the environment describes where no file names one.
const DEFAULT: &str = "default";

const LARGEST_ENV_FILE: u64 = 1024 * 1024;

/// Everything a configuration is made from.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    /// `--site`.
    pub site: Option<String>,
    /// `--config`: read instead of the usual files.
    pub config_file: Option<PathBuf>,
    /// `--env-file`, each over those before it.
    pub env_files: Vec<PathBuf>,
    /// The variables of the process.
    pub environment: Variables,
    /// The folder that may hold `tikbook.toml`.
    pub directory: PathBuf,
    /// `--timeout`: replaces every configured wait.
    pub timeout: Option<Duration>,
    /// What was understood and should be written in another way.
    pub warnings: Vec<String>,
    /// What is secret in every site that is read from here.
    pub secrets: Secrets,
}

impl Sources {
    /// Nothing but the name of a site: no environment and no files but the system's own.
    pub fn of_site(name: &str) -> Self {
        Self {
            site: Some(name.to_owned()),
            ..Self::default()
        }
    }

    /// The flags given, beside the environment and the folder of this process.
    ///
    /// `TIKBOOK_SITE`, `TIKBOOK_CONFIG` and `TIKBOOK_TIMEOUT` stand in for flags that were not
    /// given. Variables that are not UTF-8 are left out: nothing here could use them.
    ///
    /// # Errors
    /// [`ConfigError::InvalidValue`] for a timeout that is no length of time.
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that reads the environment"
    )]
    pub fn from_process(
        site: Option<String>,
        config_file: Option<PathBuf>,
        env_files: Vec<PathBuf>,
        timeout: Option<&str>,
    ) -> Result<Self, ConfigError> {
        let variables: BTreeMap<String, String> = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        let environment = Variables::new(variables);
        let timeout = timeout
            .map(|text| ("--timeout", text))
            .or_else(|| Some(("TIKBOOK_TIMEOUT", environment.filled("TIKBOOK_TIMEOUT")?)))
            .map(|(name, text)| timeout_of(name, text))
            .transpose()?;
        let (timeout, warning) = timeout.unzip();
        let variable = |name| environment.filled(name).map(str::to_owned);
        let mut sources = Self {
            site: site.or_else(|| variable("TIKBOOK_SITE")),
            config_file: config_file.or_else(|| variable("TIKBOOK_CONFIG").map(PathBuf::from)),
            env_files,
            directory: std::env::current_dir().unwrap_or_default(),
            timeout,
            warnings: warning.flatten().into_iter().collect(),
            secrets: Secrets::default(),
            environment,
        };
        // What cannot be read is an error for whoever needs it.
        if let Ok(Project::Untrusted(warning)) = Project::of(&sources) {
            sources.warnings.push(warning);
        }
        Ok(sources)
    }
}

/// What was given by the flag or the variable `name`, and what is to be said about it.
fn timeout_of(name: &str, text: &str) -> Result<(Duration, Option<String>), ConfigError> {
    let (wait, warning) =
        wait::parse_wait_or_seconds(text).map_err(|error| ConfigError::InvalidValue {
            name: name.to_owned(),
            reason: error.to_string(),
        })?;
    Ok((wait, warning.map(|warning| format!("{name}: {warning}"))))
}

/// The site that `sources` describe.
///
/// A flag is stronger than the environment, the environment than the project's file, that than the
/// user's, that than the system's. The environment describes one site only, so it says nothing
/// about a site that was chosen by name among several: what one named is what one gets. Environment
/// files given by flag always count.
///
/// # Errors
/// What is wrong, where, and by [`ConfigError::hint`] what to do.
pub fn load(sources: Sources) -> Result<Site, ConfigError> {
    let mut site = match sources.site.as_deref() {
        Some(DEMO) => demo(&sources)?,
        _ => described(&sources)?,
    };
    if let Some(timeout) = sources.timeout {
        site.limits.set_every_wait(timeout);
    }
    check_time_zone(&site)?;
    Ok(site)
}

/// A slip of the pen here would move every time of a report.
fn check_time_zone(site: &Site) -> Result<(), ConfigError> {
    match jiff::tz::TimeZone::get(&site.time_zone) {
        Ok(_) => Ok(()),
        Err(_) => Err(ConfigError::InvalidValue {
            name: "time_zone (APP_TIMEZONE)".to_owned(),
            reason: format!(
                "there is no time zone `{}`; write for instance Asia/Makassar",
                site.time_zone
            ),
        }),
    }
}

/// The names that `--site` takes here, `demo` last.
///
/// # Errors
/// A file of the configuration that cannot be read or understood.
pub fn sites(sources: &Sources) -> Result<Vec<String>, ConfigError> {
    let file = file::joined(layers(sources)?)?;
    Ok(names(&file))
}

/// The one of them that is meant where none is named; none where one must be.
///
/// # Errors
/// A file of the configuration that cannot be read or understood.
pub fn usual_site(sources: &Sources) -> Result<Option<String>, ConfigError> {
    let file = file::joined(layers(sources)?)?;
    let unnamed = Sources {
        site: None,
        ..sources.clone()
    };
    Ok(chosen_name(&unnamed, &file).ok())
}

fn names(file: &ConfigFile) -> Vec<String> {
    let default = file.sites.is_empty().then(|| DEFAULT.to_owned());
    let demo = [DEMO.to_owned()];
    file.sites
        .keys()
        .cloned()
        .chain(default)
        .chain(demo)
        .collect()
}

fn demo(sources: &Sources) -> Result<Site, ConfigError> {
    let mut site = Site::named(DEMO);
    site.demo = true;
    let networks = DEMO_NETWORKS.map(|name| (name.to_owned(), DEMO_NETWORK.to_owned()));
    site.environment.overlay(networks);
    // The demo is the same for everybody: only what was asked for by flag reaches it.
    site.environment
        .overlay(env_file_variables(&sources.env_files, sources)?);
    site.secrets = sources.secrets.clone();
    site.secrets.note_variables(&site.environment);
    Ok(site)
}

fn described(sources: &Sources) -> Result<Site, ConfigError> {
    let file = file::joined(layers(sources)?)?;
    if file.sites.contains_key(DEMO) {
        return Err(ConfigError::InvalidValue {
            name: format!("sites.{DEMO}"),
            reason: "that is the name of the built-in site".to_owned(),
        });
    }
    let name = chosen_name(sources, &file)?;
    let table = file.sites.get(&name);

    let mut given = Variables::default();
    given.overlay(env_file_variables(&sources.env_files, sources)?);
    let mut environment = Variables::default();
    if let Some(env_file) = table.and_then(|table| table.env_file.as_ref()) {
        environment.overlay(env_file_variables(std::slice::from_ref(env_file), sources)?);
    }
    let beneath = environment.clone();
    environment.overlay(pairs(&given));
    environment.overlay(pairs(&sources.environment));

    let mut site = Site::named(&name);
    site.secrets = sources.secrets.clone();
    for variables in [&beneath, &given, &environment] {
        site.secrets.note_variables(variables);
    }
    let secrets = &sources.secrets;
    apply(&mut site, environment::overlay(&beneath, secrets)?);
    if let Some(table) = table {
        apply_table(&mut site, table, &environment)?;
    }
    let chosen_among_several = sources.site.is_some() && file.sites.len() > 1;
    if !chosen_among_several || table.is_none() {
        given.overlay(pairs(&sources.environment));
    }
    apply(&mut site, environment::overlay(&given, secrets)?);
    if let Some(database) = &mut site.endpoints.database {
        let invalid = |(name, reason)| ConfigError::InvalidValue { name, reason };
        database.complete(&environment).map_err(invalid)?;
    }
    site.environment = environment;
    Ok(site)
}

fn pairs(variables: &Variables) -> impl Iterator<Item = (String, String)> {
    variables
        .iter()
        .map(|(name, value)| (name.clone(), value.clone()))
}

/// The file that is found only because somebody stands in its folder.
enum Project {
    /// It is not there, or another file takes the place of all.
    Absent,
    /// What it says counts.
    Used(Layer),
    /// It is as if it were not there; why.
    Untrusted(String),
}

impl Project {
    const NAME: &str = "tikbook.toml";

    fn of(sources: &Sources) -> Result<Self, ConfigError> {
        if sources.config_file.is_some() {
            return Ok(Self::Absent);
        }
        let name = std::path::Path::new(Self::NAME);
        let path = sources.directory.join(name);
        let unreadable = |source| ConfigError::UnreadableFile {
            what: file::WHAT,
            file: path.clone(),
            source,
        };
        let found = match Trusting::of(sources).read(&sources.directory, name, file::LARGEST) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Self::Absent),
            found => found.map_err(unreadable)?,
        };
        match found.trust {
            Trust::Trusted => {
                let text = text_file::text(found.bytes, file::LARGEST).map_err(unreadable)?;
                Ok(Self::Used(Layer::of_project(path, &text)?))
            }
            Trust::Untrusted(why) => {
                let named = format!("--config {}", path.display());
                Ok(Self::Untrusted(not_used(&path, &why, &named)))
            }
        }
    }
}

/// The files that count, the weakest first.
fn layers(sources: &Sources) -> Result<Vec<Layer>, ConfigError> {
    if let Some(file) = &sources.config_file {
        return Ok(vec![Layer::read(sources.directory.join(file))?]);
    }
    let system = PathBuf::from("/etc/tikbook/config.toml");
    let user = user_folder(sources).map(|folder| folder.join("config.toml"));
    let files = [Some(system), user].into_iter().flatten();
    let files = files.filter(|file| file.exists());
    let mut layers: Vec<Layer> = files.map(Layer::read).collect::<Result<_, _>>()?;
    if let Project::Used(layer) = Project::of(sources)? {
        layers.push(layer);
    }
    Ok(layers)
}

fn chosen_name(sources: &Sources, file: &ConfigFile) -> Result<String, ConfigError> {
    let only = || match file.sites.len() {
        0 => Some(DEFAULT.to_owned()),
        1 => file.sites.keys().next().cloned(),
        _ => None,
    };
    let name = sources
        .site
        .clone()
        .or_else(|| file.default_site.clone())
        .or_else(only)
        .ok_or_else(|| ConfigError::NoSiteChosen { known: names(file) })?;
    if name == DEFAULT || file.sites.contains_key(&name) {
        return Ok(name);
    }
    let known = names(file);
    Err(ConfigError::UnknownSite {
        suggestion: nearest(&name, known.iter().map(String::as_str)).map(str::to_owned),
        site: name,
        known,
    })
}

fn env_file_variables(
    files: &[PathBuf],
    sources: &Sources,
) -> Result<BTreeMap<String, String>, ConfigError> {
    let mut read = EnvFiles::over(&sources.environment);
    for file in files {
        let text = text_file::read(file, LARGEST_ENV_FILE).map_err(|source| {
            ConfigError::UnreadableFile {
                what: "environment file",
                file: file.clone(),
                source,
            }
        })?;
        read.read(&text, file)?;
    }
    Ok(read.variables())
}

/// Lays what the environment says over `site`; a router's fields go to its first router.
fn apply(site: &mut Site, overlay: Overlay) {
    site.endpoints = overlay.endpoints.over(std::mem::take(&mut site.endpoints));
    site.secret_key = overlay.secret_key.or(site.secret_key.take());
    site.docker = overlay.docker.unwrap_or_else(|| site.docker.clone());
    site.compose_project = overlay.compose_project.or(site.compose_project.take());
    if let Some(time_zone) = overlay.time_zone {
        site.time_zone = time_zone;
    }
    match site.routers.first_mut() {
        Some(router) => apply_router(router, overlay.router),
        None => site.routers.extend(router(DEFAULT, overlay.router)),
    }
}

fn apply_router(router: &mut RouterTarget, overlay: RouterOverlay) {
    if let Some(host) = overlay.host {
        router.host = host;
    }
    if let Some(port) = overlay.port {
        router.port = port;
    }
    if let Some(user) = overlay.user {
        router.user = user;
    }
    if let Some(password) = overlay.password {
        router.password = password;
    }
    router.tls = overlay.tls.or(router.tls.take());
}

/// The router that `overlay` describes; none without a host.
fn router(name: &str, overlay: RouterOverlay) -> Option<RouterTarget> {
    let default_port = if overlay.tls.is_some() { 8729 } else { 8728 };
    Some(RouterTarget {
        name: name.to_owned(),
        host: overlay.host?,
        port: overlay.port.unwrap_or(default_port),
        user: overlay.user.unwrap_or_default(),
        password: overlay.password.unwrap_or_default(),
        tls: overlay.tls,
    })
}

fn apply_table(
    site: &mut Site,
    table: &SiteTable,
    variables: &Variables,
) -> Result<(), ConfigError> {
    let key = |service: &str| format!("sites.{}.{service}", named(&site.name));
    let secrets = &site.secrets.clone();
    let overlay = Overlay {
        endpoints: Endpoints::of_table(&site.name, table, (variables, secrets))?,
        router: RouterOverlay::default(),
        secret_key: table
            .secret_key()
            .fetch(&key("secret_key"), variables)?
            .map(|fetched| fetched.secret(secrets)),
        time_zone: table.time_zone.clone(),
        docker: table
            .docker_host
            .as_ref()
            .map(|host| DockerHost::new(host, variables)),
        compose_project: table.compose_project.clone(),
    };
    let routers = routers(table, &key("routers"), variables, secrets)?;
    let protected = protected(&table.protected, &key("protected"))?;
    let writable = writable(&table.writable, &key("writable"))?;
    if let Some(encoding) = &table.router_text {
        site.router_text =
            encoding
                .parse()
                .map_err(|error: UnknownEncoding| ConfigError::InvalidValue {
                    name: key("router_text"),
                    reason: error.to_string(),
                })?;
    }
    let keep = table.keep.as_deref();
    let keep = keep
        .map(|text| self::keep::days(text, &key("keep")))
        .transpose()?;
    apply(site, overlay);
    if !routers.is_empty() {
        site.routers = routers;
    }
    site.protected = protected;
    site.writable = writable;
    site.scripts = table.scripts.clone();
    site.limits.apply(&table.limits);
    site.keep = keep;
    Ok(())
}

/// What no run may change.
fn protected(texts: &[String], key: &str) -> Result<Vec<Protected>, ConfigError> {
    let read = |text: &String| {
        text.parse().map_err(|source| ConfigError::Protected {
            key: key.to_owned(),
            source,
        })
    };
    texts.iter().map(read).collect()
}

/// The address lists whose rows are the site's own. The router takes any name but an empty one.
fn writable(lists: &[String], key: &str) -> Result<Vec<String>, ConfigError> {
    let wrong = |list: &&String| list.trim().is_empty() || list.contains(['*', '/']);
    match lists.iter().find(wrong) {
        None => Ok(lists.to_vec()),
        Some(list) => Err(ConfigError::InvalidValue {
            name: key.to_owned(),
            reason: format!("`{list}` is no name of an address list, such as \"vip\""),
        }),
    }
}

/// The site's routers, the default one first.
fn routers(
    table: &SiteTable,
    key: &str,
    variables: &Variables,
    secrets: &Secrets,
) -> Result<Vec<RouterTarget>, ConfigError> {
    let mut routers = Vec::new();
    for (name, fields) in &table.routers {
        let key = format!("{key}.{}", named(name));
        let overlay = router_overlay(fields, &key, variables, secrets)?;
        routers.push(
            router(name, overlay).ok_or_else(|| ConfigError::InvalidValue {
                name: format!("{key}.host"),
                reason: "it is missing".to_owned(),
            })?,
        );
    }
    if let Some(first) = &table.default_router {
        let at = routers.iter().position(|router| router.name == *first);
        let at = at.ok_or_else(|| ConfigError::InvalidValue {
            name: key.replace("routers", "default_router"),
            reason: format!("there is no router `{}`", named(first)),
        })?;
        routers[..=at].rotate_right(1);
    }
    Ok(routers)
}

fn router_overlay(
    table: &RouterTable,
    key: &str,
    variables: &Variables,
    secrets: &Secrets,
) -> Result<RouterOverlay, ConfigError> {
    let invalid = |key: &str, reason| ConfigError::InvalidValue {
        name: key.to_owned(),
        reason,
    };
    let host = format!("{key}.host");
    let address = table.host.as_deref().map(RouterAddress::parse).transpose();
    let address = address.map_err(|reason| invalid(&host, reason))?;
    let said = (&*host, address.as_ref().and_then(|address| address.port));
    let port = router_address::one_port(said, (&format!("{key}.port"), table.port))
        .map_err(|reason| invalid(&host, reason))?;
    let tls = table.tls.as_ref().and_then(TlsKey::table);
    let tls = tls
        .map(|tls| router_tls(tls, &format!("{key}.tls")))
        .transpose()?;
    Ok(RouterOverlay {
        host: address.map(|address| address.host),
        port,
        user: table.user.clone(),
        password: table
            .password()
            .fetch(&format!("{key}.password"), variables)?
            .map(|fetched| fetched.secret(secrets)),
        tls,
    })
}

fn router_tls(table: &TlsTable, key: &str) -> Result<RouterTls, ConfigError> {
    let invalid = |name: &str, reason| ConfigError::InvalidValue {
        name: format!("{key}.{name}"),
        reason,
    };
    let check = match (&table.pin_sha256, &table.ca_file) {
        (Some(pin), _) => {
            let pin =
                environment::parse_pin(pin).map_err(|reason| invalid("pin_sha256", reason))?;
            CertificateCheck::PinSha256(pin)
        }
        (None, Some(file)) if file.as_os_str().is_empty() => {
            return Err(invalid("ca_file", environment::EMPTY.to_owned()));
        }
        (None, Some(file)) => CertificateCheck::CaFile(file.clone()),
        (None, None) => CertificateCheck::Authorities,
    };
    let server_name = table.server_name.clone();
    if server_name
        .as_ref()
        .is_some_and(|name| name.trim().is_empty())
    {
        return Err(invalid("server_name", environment::EMPTY.to_owned()));
    }
    Ok(RouterTls { check, server_name })
}

#[cfg(test)]
mod tests;
