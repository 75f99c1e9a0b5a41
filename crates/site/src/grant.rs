//! What a run may reach, and what it may change.

use std::collections::BTreeSet;
use std::fmt;

use routeros_schema::{Menu, MenuError};
use thiserror::Error;

use crate::config::Service;

/// One thing that can be written. Workers and containers are never changed.
/// Its text is the word of headers: `mikrotik:/ip/firewall/address-list`, `redis:key`, `db:users`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target {
    /// A table of the database.
    Table(String),
    /// A key of Redis; in a header, a pattern of keys.
    Key(String),
    /// A menu of a router.
    Menu(Menu),
    /// What a service of an embedder's own writes; in a header, `*` stands for any text in its name.
    Own {
        /// The service.
        service: String,
        /// What of it.
        name: String,
    },
}

/// A word that names nothing that can be written.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum TargetError {
    /// It is not of the form `service:name`.
    #[error("it is nothing that can be written")]
    Form,
    /// Its menu is none.
    #[error(transparent)]
    Menu(#[from] MenuError),
}

impl Target {
    /// The service it belongs to; none for one of an embedder's own.
    pub fn service(&self) -> Option<Service> {
        match self {
            Self::Table(_) => Some(Service::Db),
            Self::Key(_) => Some(Service::Redis),
            Self::Menu(_) => Some(Service::Mikrotik),
            Self::Own { .. } => None,
        }
    }

    /// The word of the service it belongs to.
    pub fn service_word(&self) -> &str {
        match (self, self.service()) {
            (Self::Own { service, .. }, _) => service,
            (_, service) => service.map_or("", Service::as_str),
        }
    }

    /// The table, the key, or the menu's path.
    pub fn name(&self) -> &str {
        match self {
            Self::Table(name) | Self::Key(name) | Self::Own { name, .. } => name,
            Self::Menu(menu) => menu.path(),
        }
    }

    /// The menu, of a router's.
    pub fn menu(&self) -> Option<&Menu> {
        match self {
            Self::Menu(menu) => Some(menu),
            Self::Table(_) | Self::Key(_) | Self::Own { .. } => None,
        }
    }

    /// `name` of `service`.
    ///
    /// # Errors
    /// [`TargetError`].
    pub fn new(service: Service, name: &str) -> Result<Self, TargetError> {
        match service {
            Service::Mikrotik => Ok(Self::Menu(name.parse()?)),
            Service::Db if !name.is_empty() => Ok(Self::Table(name.to_owned())),
            Service::Redis if !name.is_empty() => Ok(Self::Key(name.to_owned())),
            _ => Err(TargetError::Form),
        }
    }

    /// Reads `service:name`.
    ///
    /// # Errors
    /// [`TargetError`].
    pub fn parse(text: &str) -> Result<Self, TargetError> {
        let (word, name) = text.split_once(':').ok_or(TargetError::Form)?;
        let is_word = !word.is_empty()
            && word
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte == b'_');
        match Service::from_word(word) {
            Some(service) => Self::new(service, name),
            None if is_word && !name.is_empty() => Ok(Self::Own {
                service: word.to_owned(),
                name: name.to_owned(),
            }),
            None => Err(TargetError::Form),
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.service_word(), self.name())
    }
}

/// What one run may touch: the services its header lets it read, the targets it lets it write, and
/// whether anything may be written at all.
#[derive(Clone, Debug, Default)]
pub struct Grant {
    reads: BTreeSet<Service>,
    /// Targets; in the name of a key of Redis a `*` stands for any text.
    writes: Vec<Target>,
    /// Changes of anything may be planned, and none of them carried out for that.
    plans_anything: bool,
    apply: bool,
}

impl Grant {
    /// May read from `services` and nothing else.
    pub fn reading(services: impl IntoIterator<Item = Service>) -> Self {
        Self {
            reads: services.into_iter().collect(),
            ..Self::default()
        }
    }

    /// May read from every service and plan changes of anything: an expression, an example. Nothing
    /// is carried out by it.
    pub fn reading_all() -> Self {
        Self {
            plans_anything: true,
            ..Self::reading(Service::ALL)
        }
    }

    /// The same grant with targets that changes may be planned for, and are carried out for only
    /// behind [`Grant::applying`].
    pub fn writing(mut self, targets: impl IntoIterator<Item = Target>) -> Self {
        self.writes.extend(targets);
        self
    }

    /// The same grant for a run that carries its changes out (`--apply`).
    pub fn applying(mut self) -> Self {
        self.apply = true;
        self
    }

    /// May `service` be read?
    pub fn may_read(&self, service: Service) -> bool {
        self.reads.contains(&service)
    }

    /// May a change of `target` be planned?
    pub fn may_plan(&self, target: &Target) -> bool {
        self.plans_anything || self.declares(target)
    }

    /// Was `target` declared as one that is written?
    pub fn declares(&self, target: &Target) -> bool {
        self.writes.iter().any(|declared| covers(declared, target))
    }

    /// The names of what was declared of `service`.
    pub fn declared(&self, service: Service) -> impl Iterator<Item = &str> {
        let writes = self.writes.iter();
        writes
            .filter(move |target| target.service() == Some(service))
            .map(Target::name)
    }

    /// Are changes carried out, and not only planned?
    pub fn applies(&self) -> bool {
        self.apply
    }

    /// What a sending function wants to see: given only for a declared target, and only where
    /// changes are carried out. Asked for in one place, where `change` sends.
    pub fn permit(&self, target: &Target) -> Option<Permit> {
        (self.apply && self.declares(target)).then(|| Permit(target.clone()))
    }
}

/// The leave to write one target. There is no way to make one but [`Grant::permit`], and no way to
/// write without one: the functions of a session that send changes take it by value.
#[derive(Debug)]
pub struct Permit(Target);

impl Permit {
    /// What may be written.
    pub fn target(&self) -> &Target {
        &self.0
    }
}

fn covers(declared: &Target, target: &Target) -> bool {
    match (declared, target) {
        (Target::Key(pattern), Target::Key(key)) => matches_pattern(pattern, key),
        (
            Target::Own { service, name },
            Target::Own {
                service: its_service,
                name: its_name,
            },
        ) => service == its_service && matches_pattern(name, its_name),
        (declared, target) => declared == target,
    }
}

/// Does `text` look like `pattern`, in which each `*` stands for any text?
pub fn matches_pattern(pattern: &str, text: &str) -> bool {
    let Some((head, rest)) = pattern.split_once('*') else {
        return pattern == text;
    };
    let Some(mut left) = text.strip_prefix(head) else {
        return false;
    };
    let mut parts: Vec<&str> = rest.split('*').collect();
    // The last part must stand at the end; each one before it is best found as early as it can be.
    let tail = parts.pop().unwrap_or_default();
    for part in parts {
        let Some(at) = left.find(part) else {
            return false;
        };
        left = &left[at + part.len()..];
    }
    left.ends_with(tail)
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "what is tested here")]
mod tests {
    use super::*;

    #[test]
    fn a_permit_is_given_only_for_declared_targets_of_a_run_that_applies() {
        let list = Target::parse("mikrotik:/ip/firewall/address-list").unwrap();
        let other = Target::parse("mikrotik:/ip/hotspot/ip-binding").unwrap();
        let planning = Grant::reading_all().writing([list.clone()]);
        assert!(planning.declares(&list) && planning.permit(&list).is_none());
        let applying = planning.applying();
        assert!(applying.may_plan(&other));
        assert!(applying.permit(&list).is_some());
        assert!(applying.permit(&other).is_none());
    }

    #[test]
    fn keys_are_declared_by_patterns_and_menus_by_name() {
        let grant = Grant::default().writing([
            Target::parse("redis:quota_sync:*").unwrap(),
            Target::parse("db:users").unwrap(),
        ]);
        assert!(grant.declares(&Target::Key("quota_sync:run_lock".to_owned())));
        assert!(!grant.declares(&Target::Key("quota:x".to_owned())));
        assert!(!grant.declares(&Target::Table("users_archive".to_owned())));
        assert!(Target::parse("mikrotik:ip/arp").is_err());
        assert!(Target::parse("docker:celery_worker").is_err());
        // Whether there is such a service the program knows that runs the script.
        let own = |text: &str| Target::parse(text).unwrap();
        let grant = Grant::default().writing([own("sms:08*")]);
        assert!(grant.declares(&own("sms:0812")));
        assert!(!grant.declares(&own("sms:62812")));
        assert!(!grant.declares(&own("mail:0812")));
        for wrong in ["sms", "sms:", ":0812", "SMS:0812", "s m s:0812"] {
            assert!(Target::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_menu_is_declared_however_it_is_spelled() {
        let declared = Target::parse("mikrotik:/ip hotspot IP-binding/").unwrap();
        assert_eq!(declared.to_string(), "mikrotik:/ip/hotspot/ip-binding");
        let grant = Grant::default().writing([declared]);
        assert!(grant.declares(&Target::parse("mikrotik://ip/hotspot/ip-binding").unwrap()));
    }

    #[test]
    fn stars_stand_for_any_text() {
        for (pattern, text, expected) in [
            ("a*c", "abc", true),
            ("a*c", "ac", true),
            ("a*bb*", "axbbx", true),
            ("*a*a", "a", false),
            ("*", "", true),
            ("ab", "abc", false),
            ("aa*aa", "aaa", false),
        ] {
            assert_eq!(matches_pattern(pattern, text), expected, "{pattern} {text}");
        }
    }
}
