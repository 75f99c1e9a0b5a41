//! Which run it is that changes something, on which site, and who runs it.

use std::collections::BTreeSet;
use std::net::IpAddr;

use jiff::{Timestamp, ZonedDateTime};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use catalogue::Said;
use sentences::{SiteOtherDatabase, SiteOtherName, SiteOtherRedis, SiteOtherRouter};
use site::config::Site;

/// A run that plans or makes changes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// `20261122-140501-1f9c3a`: sorts by time.
    pub id: String,
    /// What is run.
    pub kind: RunKind,
    /// The runbook, or the run that is undone.
    pub runbook: String,
    /// SHA-256 of its text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub script_sha256: Option<String>,
    /// The run that made the plan that is carried out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<String>,
    /// When it began, in UTC.
    pub started: Timestamp,
    /// Who runs it.
    pub operator: String,
    /// The site.
    pub site: SiteIdentity,
}

/// What a run is made from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RunKind {
    /// A runbook.
    Run,
    /// A plan file.
    Apply,
    /// The journal of another run.
    Undo,
}

/// A site by its name and by where its services are, so that a plan is not carried out elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SiteIdentity {
    /// Its name.
    pub name: String,
    /// Name, host and port of each router.
    pub routers: Vec<String>,
    /// A digest of the database's address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub database: Option<String>,
    /// A digest of the address of Redis.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub redis: Option<String>,
}

impl Run {
    /// A run that begins now. `text` is the script's, where one is run.
    pub fn begin(
        kind: RunKind,
        runbook: &str,
        text: Option<&str>,
        operator: &str,
        site: SiteIdentity,
    ) -> Self {
        let started = Timestamp::now();
        Self {
            id: run_id(&ZonedDateTime::new(started, jiff::tz::TimeZone::UTC)),
            kind,
            runbook: runbook.to_owned(),
            script_sha256: text.map(|text| sha256(text.as_bytes())),
            plan: None,
            started,
            operator: operator.to_owned(),
            site,
        }
    }
}

impl SiteIdentity {
    /// The identity of `site`.
    pub fn of(site: &Site) -> Self {
        let endpoints = &site.endpoints;
        let digest = |address: String| sha256(address.as_bytes())[..16].to_owned();
        Self {
            name: site.name.clone(),
            routers: site.routers.iter().map(ToString::to_string).collect(),
            database: endpoints
                .database
                .as_ref()
                .map(|target| digest(target.to_string())),
            redis: endpoints
                .redis
                .as_ref()
                .map(|target| digest(target.to_string())),
        }
    }

    /// Where its services are, whatever they are called here; its name where it has none.
    pub fn places(&self) -> BTreeSet<String> {
        let routers = self.routers.iter();
        let routers = routers.map(|router| format!("router {}", canonical(parts(router).1)));
        let kept = [("database", &self.database), ("redis", &self.redis)];
        let kept = kept
            .into_iter()
            .filter_map(|(what, digest)| Some(format!("{what} {}", digest.as_ref()?)));
        let places: BTreeSet<String> = routers.chain(kept).collect();
        match places.is_empty() {
            true => BTreeSet::from([format!("site {}", self.name)]),
            false => places,
        }
    }

    /// Is it the same place under whatever names?
    pub fn is_same_place(&self, other: &Self) -> bool {
        let place = |site: &Self| -> (BTreeSet<String>, Option<String>, Option<String>) {
            let addresses = site.routers.iter().map(|router| parts(router).1.to_owned());
            let routers = addresses.collect();
            (routers, site.database.clone(), site.redis.clone())
        };
        let here = place(self);
        here == place(other) && here != (BTreeSet::new(), None, None)
    }

    /// Is it the same site, by its name and places, or the same place under another name?
    pub fn is_same(&self, other: &Self) -> bool {
        self.difference(other).is_none() || self.is_same_place(other)
    }

    /// What this site calls the router that `other`, the same place, calls so, where it has that router.
    /// The first one of a site needs no name.
    pub(super) fn called_here(&self, router: Option<&str>, other: &Self) -> Option<Option<String>> {
        let mut theirs = other.routers.iter();
        let theirs = match router {
            None => theirs.next(),
            Some(name) => theirs.find(|router| parts(router).0 == name),
        }?;
        let is_it = |router: &String| parts(router).1 == parts(theirs).1;
        let place = self.routers.iter().position(is_it)?;
        let name = parts(&self.routers[place]).0;
        Some((place > 0).then(|| name.to_owned()))
    }

    /// In what `other` is another site, for people; `None` if it is the same.
    pub fn difference(&self, other: &Self) -> Option<Said> {
        match () {
            () if self.name != other.name => Some(SiteOtherName { site: &self.name }.into()),
            () if self.routers != other.routers => {
                let routers = self.routers.join(", ");
                Some(SiteOtherRouter { routers }.into())
            }
            () if self.database != other.database => Some(SiteOtherDatabase.into()),
            () if self.redis != other.redis => Some(SiteOtherRedis.into()),
            () => None,
        }
    }
}

/// An address in one spelling: `::ffff:10.0.0.1:8728` and `10.0.0.1:8728` are one place. Names are not looked
/// up: a router that is known by its name and by its address is two places.
fn canonical(address: &str) -> String {
    let Some((host, port)) = address.rsplit_once(':') else {
        return address.to_ascii_lowercase();
    };
    let host = host.trim_matches(['[', ']']);
    match host.parse::<IpAddr>() {
        Ok(ip) => format!("{}:{port}", ip.to_canonical()),
        Err(_) => format!("{}:{port}", host.to_ascii_lowercase()),
    }
}

/// Name and address of `gw (10.0.0.1:8728)`.
fn parts(router: &str) -> (&str, &str) {
    let parts = router.rsplit_once(" (");
    let parts = parts.and_then(|(name, address)| Some((name, address.strip_suffix(')')?)));
    parts.unwrap_or((router, router))
}

/// SHA-256 in hexadecimal digits.
pub fn sha256(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// Two runs of one second on one machine differ by their processes, and two of one process by the
/// nanosecond.
fn run_id(now: &ZonedDateTime) -> String {
    let unique = format!("{}-{}", std::process::id(), now.timestamp().as_nanosecond());
    let digest = sha256(unique.as_bytes());
    format!("{}-{}", now.strftime("%Y%m%d-%H%M%S"), &digest[..6])
}
