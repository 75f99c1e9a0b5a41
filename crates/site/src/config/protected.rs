//! What no run may change on a site: the key `protected`.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;

use routeros_schema::schema::{self, Field, MenuSchema, Shape};
use routeros_schema::value::Value;
use routeros_schema::{Kind, Menu, MenuError, Network};
use thiserror::Error;

use super::service::Service;
use crate::grant::matches_pattern;
use wording::near::nearest;

/// What no run may change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Protected {
    /// All rows of a menu.
    Menu(Menu),
    /// Rows and keys that look like this.
    Pattern(Pattern),
}

/// How protected rows and keys look; each `*` of it stands for any text, and networks and ranges for
/// the addresses in them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    /// As it was written: how any value of a row looks, or the name of a key of Redis.
    text: String,
    /// How the value of one field looks.
    field: Option<FieldPattern>,
}

/// How the value of one field of protected rows looks.
#[derive(Clone, Debug, PartialEq, Eq)]
struct FieldPattern {
    /// Its name, as the router writes it.
    name: String,
    /// Its value, or several with `,` between.
    value: String,
}

/// A text that would protect nothing.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ProtectedError {
    /// There is nothing in it.
    #[error("an empty text protects nothing")]
    Empty,
    /// It stands in quotes of its own.
    #[error("the quotes in `{0}` would be part of what is looked for")]
    Quoted(String),
    /// There is no name before its `=`.
    #[error("`{0}` has no field before `=`")]
    NoField(String),
    /// There is no name behind the service.
    #[error("`{0}` names no key")]
    NoKey(String),
    /// It is no menu, and meant to be one.
    #[error(transparent)]
    Menu(#[from] MenuError),
    /// A menu stands in it, with something before it or without its beginning.
    #[error("`{text}` is not the path of a menu")]
    NoPath {
        /// As it was written.
        text: String,
        /// The menu that was meant.
        menu: &'static str,
    },
    /// A field is misspelt.
    #[error("the field `{name}` is misspelt")]
    Misspelt {
        /// As it was written.
        name: String,
        /// The field that was meant.
        field: &'static str,
    },
    /// A field is compared by something else than `=`.
    #[error("`{text}` compares `{field}` in a way that there is not")]
    Comparison {
        /// As it was written.
        text: String,
        /// The field.
        field: String,
    },
    /// Several fields are asked for at once.
    #[error("`{text}` names another field in the value of `{field}`")]
    SeveralFields {
        /// As it was written.
        text: String,
        /// The first of them.
        field: String,
    },
    /// Nothing of this kind is protected here.
    #[error("`{0}:…` is nothing that can be protected")]
    Service(String),
}

const FORMS: &str = "write a menu (`/ip/arp`), a field (`address=10.0.0.0/24`), a value \
                     (`*printer*`) or a key of Redis (`redis:quota:*`); `*` stands for any text";

impl ProtectedError {
    /// What to write instead.
    pub fn hint(&self) -> String {
        let menu = match self {
            Self::Menu(
                MenuError::Relative { text }
                | MenuError::Part { text, .. }
                | MenuError::Command { text, .. },
            ) => meant(text),
            Self::NoPath { menu, .. } => Some(*menu),
            Self::Service(_) => {
                return "only rows of the router and keys of Redis can be protected".to_owned();
            }
            Self::Quoted(_) => {
                return "write it without the inner quotes; `*` stands for any text".to_owned();
            }
            Self::Misspelt { field, .. } => {
                return format!(
                    "did you mean `{field}`? a text that any value has is written `*text*`"
                );
            }
            Self::Comparison { field, .. } => {
                return format!(
                    "write `{field}=VALUE`; `*` stands for any text, `,` stands between several \
                     values, and a text that any value has is written `*text*`"
                );
            }
            Self::SeveralFields { .. } => {
                return "write a text of its own for each field; a row is protected by any of them"
                    .to_owned();
            }
            _ => None,
        };
        match menu {
            Some(menu) => format!("write `{menu}` for all rows of that menu, on every router"),
            None => FORMS.to_owned(),
        }
    }
}

impl FromStr for Protected {
    type Err = ProtectedError;

    /// A text that begins as a path does, or with `mikrotik:`, names a menu; so does one in which a
    /// menu's path stands behind something or without its beginning, which is refused as it is
    /// everywhere.
    fn from_str(text: &str) -> Result<Self, ProtectedError> {
        let trimmed = text.trim();
        if trimmed.is_empty() {
            return Err(ProtectedError::Empty);
        }
        let service = trimmed
            .split_once(':')
            .and_then(|(word, name)| Some((service(word)?, word, name)));
        match service {
            Some((Service::Mikrotik, _, name)) => return Ok(Self::Menu(name.parse()?)),
            Some((Service::Redis, _, "")) => {
                return Err(ProtectedError::NoKey(trimmed.to_owned()));
            }
            Some((Service::Redis, ..)) => {}
            Some((_, word, _)) => return Err(ProtectedError::Service(word.to_owned())),
            None if trimmed.starts_with('/') => return Ok(Self::Menu(trimmed.parse()?)),
            None => check_pattern(trimmed)?,
        }
        Ok(Self::Pattern(Pattern::read(text)?))
    }
}

impl Protected {
    /// Why it may protect nothing, if that is to be feared: routers have menus and fields that no
    /// table has.
    pub fn doubt(&self) -> Option<String> {
        match self {
            Self::Menu(menu) => doubt_of_menu(menu),
            Self::Pattern(pattern) => pattern.doubt(),
        }
    }
}

impl fmt::Display for Protected {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Menu(menu) => menu.fmt(formatter),
            Self::Pattern(pattern) => formatter.write_str(&pattern.text),
        }
    }
}

impl Pattern {
    fn read(text: &str) -> Result<Self, ProtectedError> {
        let field = match text.split_once('=') {
            Some((name, _)) if name.trim().is_empty() => {
                return Err(ProtectedError::NoField(text.to_owned()));
            }
            Some((name, value)) if is_name(name.trim()) => {
                Some(FieldPattern::read(text, name.trim(), value)?)
            }
            _ => None,
        };
        Ok(Self {
            text: text.to_owned(),
            field,
        })
    }

    /// Whether a row of `menu` with that value in a field is protected. However a value is spelled, it
    /// is the one that the router writes.
    pub fn is_value(&self, menu: Option<&MenuSchema>, name: &str, value: &[u8]) -> bool {
        let field = menu.and_then(|menu| menu.field(name));
        let kind = field.map_or(UNKNOWN, |field| field.kind);
        let of_field = self.field.as_ref().filter(|field| field.name == name);
        of_field.is_some_and(|field| is_any(&field.values(), &kind, value))
            || is_any(&values_of_any_field(&self.text), &kind, value)
    }

    /// Whether a key of Redis is protected.
    pub fn is_key(&self, key: &str) -> bool {
        let text = self.text.trim();
        let named = text.strip_prefix("redis:").unwrap_or(text);
        [&self.text, named]
            .iter()
            .any(|pattern| matches_pattern(pattern, key))
    }

    fn doubt(&self) -> Option<String> {
        let text = self.text.trim();
        match &self.field {
            Some(field) => field.doubt(text),
            None => doubt_of_value(text),
        }
    }
}

impl FieldPattern {
    fn read(text: &str, name: &str, value: &str) -> Result<Self, ProtectedError> {
        let field = Self {
            name: name.to_ascii_lowercase(),
            value: value.to_owned(),
        };
        if quoted(value.trim()) {
            return Err(ProtectedError::Quoted(text.trim().to_owned()));
        }
        if let Some(meant) = misspelt(&field.name, value) {
            return Err(ProtectedError::Misspelt {
                name: field.name,
                field: meant,
            });
        }
        if field.is_known() && !field.is_prose() && holds_a_field(value) {
            return Err(ProtectedError::SeveralFields {
                text: text.trim().to_owned(),
                field: field.name,
            });
        }
        Ok(field)
    }

    /// The values that are meant; blanks around them are most often the file's.
    fn values(&self) -> Vec<&str> {
        let whole = [&*self.value, self.value.trim()];
        // Nobody who names several values means any by one of them.
        let parts = self.value.split(',').filter(|_| !self.is_prose());
        let parts = parts.map(str::trim).filter(|part| !is_any_text(part));
        whole.into_iter().chain(parts).collect()
    }

    /// Is it written for people? Signs stand for themselves there.
    fn is_prose(&self) -> bool {
        self.name == "comment"
    }

    fn is_known(&self) -> bool {
        FIELDS.contains(&*self.name)
    }

    /// What the values of the field are in the menus that can be written.
    fn kinds(&self) -> impl Iterator<Item = Kind> {
        let fields = written_fields().map(|(_, field)| field);
        let fields = fields.filter(|field| field.name == self.name);
        fields.map(|field| field.kind)
    }

    /// Can anything stand in the field?
    fn is_any_text(&self) -> bool {
        self.kinds().any(|kind| kind == Kind::Text)
    }

    fn is_address(&self) -> bool {
        self.kinds().any(|kind| kind.is_address())
    }

    fn doubt(&self, text: &str) -> Option<String> {
        let name = &self.name;
        if !self.is_known() {
            let near = nearest(name, FIELDS.iter().copied());
            let near = near.map(|field| format!("did you mean `{field}`? "));
            let near = near.unwrap_or_default();
            return Some(format!(
                "no menu that tikbook knows has a field `{name}`; {near}for any text that holds it, \
                 write `*{text}*`"
            ));
        }
        if let Some((menu, field)) = self.of_another_name() {
            let value = self.value.trim();
            return Some(format!(
                "`{text}` protects rows that refer to `{menu}`; the rows of that menu themselves \
                 are `{field}={value}`"
            ));
        }
        if self.is_prose() {
            return None;
        }
        let signs = match self.is_any_text() {
            true => &format!("{WILDCARDS}|"),
            false => SIGNS,
        };
        if let Some(doubt) = doubt_of_signs(text, &self.value, signs) {
            return Some(doubt);
        }
        let cannot_be = |value: &&str| {
            let is_one = |kind: &Kind| kind.read(value.as_bytes()).is_some();
            let is_any = || self.kinds().any(|kind| is_one(&kind));
            !value.contains('*') && (!is_any() || self.is_address() && is_no_address(value))
        };
        let values: Vec<_> = self.value.split(',').map(str::trim).collect();
        let wrong = values.into_iter().find(cannot_be)?;
        Some(format!(
            "no value of `{name}` that tikbook knows is written `{wrong}`; see that the router has it"
        ))
    }

    /// The menu that the name of this field is taken for, and the field by which its rows are known.
    fn of_another_name(&self) -> Option<(&'static str, &'static str)> {
        let mut menus = schema::menus().filter(|menu| {
            menu.path.rsplit('/').next() == Some(&self.name) && menu.field(&self.name).is_none()
        });
        menus.find_map(|menu| {
            // What is an `address-list` in other menus is a `list` in its own.
            let by = *menu.key.fields().first()?;
            let is_longer = self.name.ends_with(&format!("-{by}"));
            is_longer.then_some((menu.path, by))
        })
    }
}

/// Is it written as an address or a network of IPv4, and none? `10.9.8.700`, `10.0.0.0/33`
fn is_no_address(text: &str) -> bool {
    let is_written_so = |byte: u8| byte.is_ascii_digit() || b"./-".contains(&byte);
    text.contains('.')
        && text.bytes().all(is_written_so)
        && Network::parse(text.as_bytes()).is_none()
}

/// What the value of a field may be that no menu of the table has.
const UNKNOWN: Kind = Kind::Either(&[Kind::Mac, Kind::Network]);

/// The values that a text means which names no field: several only where each is one by its form.
fn values_of_any_field(text: &str) -> Vec<&str> {
    let parts: Vec<_> = text.split(',').map(str::trim).collect();
    let has_form = |part: &&str| UNKNOWN.read(part.as_bytes()).is_some();
    match parts.iter().all(has_form) {
        true => parts,
        false => vec![text, text.trim()],
    }
}

/// Is a value of that kind one of those that are meant?
fn is_any(meant: &[&str], kind: &Kind, value: &[u8]) -> bool {
    let text = String::from_utf8_lossy(value);
    meant.iter().any(|meant| {
        matches_pattern(meant, &text)
            || routeros_schema::equal(kind, meant.as_bytes(), value)
            || is_in_network(meant, kind, value)
    })
}

/// Does the value name addresses that all lie in the network or range, and nothing else beside?
fn is_in_network(network: &str, kind: &Kind, value: &[u8]) -> bool {
    if !kind.is_address() {
        return false;
    }
    let Some(network) = Network::parse(network.as_bytes()) else {
        return false;
    };
    kind.read(value)
        .is_some_and(|value| names_address_of(&value, &network))
}

fn names_address_of(value: &Value<'_>, network: &Network) -> bool {
    match value {
        Value::Address(address) => {
            Network::between(*address, *address).is_some_and(|one| network.contains(&one))
        }
        Value::Network(inner) | Value::Prefix(inner) => network.contains(inner),
        // The address of an interface is one, whatever network it stands in.
        Value::AddressPrefix(prefix) => Network::between(prefix.address(), prefix.address())
            .is_some_and(|one| network.contains(&one)),
        Value::List(values) => values.iter().any(|value| names_address_of(value, network)),
        _ => false,
    }
}

/// The service that a word before `:` means, by which nothing of it may be protected either.
fn service(word: &str) -> Option<Service> {
    const DATABASES: [&str; 7] = [
        "table",
        "database",
        "postgresql",
        "postgres",
        "mysql",
        "mariadb",
        "sqlite",
    ];
    let is_database = || DATABASES.contains(&word).then_some(Service::Db);
    Service::from_word(word).or_else(is_database)
}

/// What is neither a menu nor a key with its service: that it is not meant to be something else.
fn check_pattern(text: &str) -> Result<(), ProtectedError> {
    if quoted(text) {
        return Err(ProtectedError::Quoted(text.to_owned()));
    }
    if let Some(field) = foreign_comparison(text) {
        return Err(ProtectedError::Comparison {
            text: text.to_owned(),
            field,
        });
    }
    // What stands in the value of a field is one.
    let is_field = text
        .split_once('=')
        .is_some_and(|(name, _)| is_name(name.trim()));
    match menu_inside(text).filter(|_| !is_field) {
        Some(menu) => Err(ProtectedError::NoPath {
            text: text.to_owned(),
            menu,
        }),
        None => Ok(()),
    }
}

fn quoted(text: &str) -> bool {
    let in_quotes = |quote: char| text.starts_with(quote) && text.ends_with(quote);
    text.len() > 1 && ['"', '\'', '`'].into_iter().any(in_quotes)
}

/// The field that is compared as other languages do: `list!=l`, `list==l`, `?list=l`, `list in (l)`.
fn foreign_comparison(text: &str) -> Option<String> {
    let begun =
        text.trim_start_matches(|sign: char| "?[({!=".contains(sign) || sign.is_whitespace());
    let end = begun.find(|sign: char| !is_of_name(sign));
    let (name, rest) = begun.split_at(end.unwrap_or(begun.len()));
    let name = name.to_ascii_lowercase();
    if !FIELDS.contains(&*name) {
        return None;
    }
    let rest = rest.trim_start();
    let is_foreign = match rest.strip_prefix('=') {
        Some(value) => begun.len() < text.len() || value.trim_start().starts_with(['=', '~']),
        None => {
            let member = rest.strip_prefix("in").map(str::trim_start);
            rest.starts_with(['~', '!', '<', '>'])
                || member.is_some_and(|set| set.starts_with(['(', '[']))
        }
    };
    is_foreign.then_some(name)
}

/// Does a value go on with another field, `l address=10.0.0.1`?
fn holds_a_field(value: &str) -> bool {
    let parts = value.split(|sign: char| sign.is_whitespace() || ",;&|".contains(sign));
    parts.skip(1).any(|part| {
        let name = part
            .split_once('=')
            .map(|(name, _)| name.to_ascii_lowercase());
        name.is_some_and(|name| FIELDS.contains(&*name))
    })
}

/// What stands for a text elsewhere, and here for itself.
const WILDCARDS: &str = "?[]^$\\";

/// What stands in no value but a free text.
const SIGNS: &str = "?[]^$\\|()~&\"'";

fn doubt_of_signs(text: &str, value: &str, signs: &str) -> Option<String> {
    let sign = value.chars().find(|sign| signs.contains(*sign))?;
    Some(format!(
        "`{sign}` in `{text}` stands for itself; only `*` stands for any text"
    ))
}

fn is_any_text(text: &str) -> bool {
    text.bytes().all(|byte| byte == b'*')
}

/// The fields of menus whose rows can be changed.
static FIELDS: LazyLock<BTreeSet<&str>> = LazyLock::new(|| {
    let names = written_fields().map(|(_, field)| field.name);
    names.chain([ID]).collect()
});

/// What every row has.
const ID: &str = ".id";

fn written_fields() -> impl Iterator<Item = (&'static MenuSchema, &'static Field)> {
    let menus = schema::menus()
        .filter(|menu| !menu.is_read_only() && !matches!(menu.shape, Shape::Command(_)));
    menus.flat_map(|menu| menu.fields().map(move |field| (menu, field)))
}

/// The field of which the name is a misspelling: then it is more likely that than one that no table has.
fn misspelt(name: &str, value: &str) -> Option<&'static str> {
    // Some menus have an `id` of another kind.
    let is_id = || Kind::Id.read(value.trim().as_bytes()).is_some();
    if name == ID.trim_start_matches('.') && is_id() {
        return Some(ID);
    }
    if FIELDS.contains(name) {
        return None;
    }
    let router_spells = name.replace('_', "-");
    if let Some(field) = FIELDS.get(&*router_spells) {
        return Some(field);
    }
    let menus = schema::menus().filter(|menu| !menu.is_read_only());
    let mut slips = menus.filter_map(|menu| menu.misspelt_field(name));
    slips.next().filter(|_| name.len() > 3)
}

fn doubt_of_menu(menu: &Menu) -> Option<String> {
    if schema::menu(menu).is_some() {
        return None;
    }
    let below = format!("{}/", menu.path());
    let below: Vec<_> = schema::menus()
        .map(|known| known.path)
        .filter(|path| path.starts_with(&below))
        .map(|path| format!("`{path}`"))
        .collect();
    if !below.is_empty() {
        let below = below.join(", ");
        return Some(format!(
            "`{menu}` alone is protected, and no menu below it: {below}"
        ));
    }
    let meant = match schema::closest_menu(menu) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "see that the router has it".to_owned(),
    };
    Some(format!("tikbook does not know the menu `{menu}`; {meant}"))
}

/// What a row may have as its value, and does not look like one.
fn doubt_of_value(text: &str) -> Option<String> {
    let signs = || doubt_of_signs(text, text, WILDCARDS);
    let is_sentence = text.contains(char::is_whitespace);
    doubt_of_path(text)
        .or_else(|| doubt_of_key(text))
        .or_else(|| doubt_of_field(text))
        .or_else(|| signs().filter(|_| !is_sentence))
}

/// `ip/anything` and `gw1:/made/up`.
fn doubt_of_path(text: &str) -> Option<String> {
    let is_root = |root: &&str| {
        let root = root.to_ascii_lowercase();
        schema::menus().any(|menu| menu.path.split('/').nth(1) == Some(&root))
    };
    let of_router = text.split_once(":/");
    let of_router = of_router.filter(|(router, path)| {
        is_name(&router.replace('@', "-")) && path.starts_with(char::is_alphabetic)
    });
    let path = match of_router {
        Some((_, path)) => path.to_owned(),
        None => {
            let parts: Vec<_> = text.split('/').collect();
            let root = parts.iter().position(is_root)?;
            (root + 1 < parts.len()).then(|| parts[root..].join("/"))?
        }
    };
    let rooted: Menu = format!("/{path}").parse().ok()?;
    Some(format!(
        "`{text}` is looked for among the values of rows; a menu begins with `/`: `{rooted}`"
    ))
}

/// `address 10.0.0.1`
fn doubt_of_field(text: &str) -> Option<String> {
    let (name, value) = text.split_once(char::is_whitespace)?;
    FIELDS.contains(&*name.to_ascii_lowercase()).then(|| {
        let (name, value) = (name.to_ascii_lowercase(), value.trim());
        format!(
            "`{text}` is looked for among the values of rows; a field is written `{name}={value}`"
        )
    })
}

/// `table:users` looks more like a key than like a value; a MAC or an IPv6 address does not.
fn doubt_of_key(text: &str) -> Option<String> {
    let (word, _) = text.split_once(':')?;
    let is_word = !word.is_empty() && word.chars().all(is_of_name);
    let is_number = word.bytes().all(|byte| byte.is_ascii_hexdigit());
    (is_word && !is_number && !text.contains(char::is_whitespace)).then(|| {
        format!(
            "`{text}` is looked for among values of rows and keys of Redis alike; write \
             `redis:{text}` for a key, `FIELD=VALUE` for a field"
        )
    })
}

/// The menu whose path stands in the text behind something (`gw1:/ip/arp`), or without its beginning
/// (`ip/arp`, `firewall/address-list`), or is one slip away from that. One word is none: `queue` is
/// more likely a value.
fn menu_inside(text: &str) -> Option<&'static str> {
    let known = |path: &str| {
        let menu: Menu = path.parse().ok()?;
        menu.parent()?;
        let known = schema::menu(&menu).map(|known| known.path);
        known.or_else(|| schema::misspelt_menu(&menu))
    };
    let behind = text
        .match_indices('/')
        .find_map(|(at, _)| known(text.get(at..)?));
    let rooted = format!("/{text}");
    behind.or_else(|| known(&rooted)).or_else(|| {
        let end: Menu = rooted.parse().ok()?;
        end.parent()?;
        let mut paths = schema::menus().map(|known| known.path);
        paths.find(|path| path.ends_with(end.path()))
    })
}

/// The menu of the table that a text begins with, which is no path of one, or is near to.
fn meant(text: &str) -> Option<&'static str> {
    let text = text.trim().trim_start_matches("mikrotik:");
    text.char_indices()
        .map(|(at, _)| at)
        .chain([text.len()])
        .rev()
        .find_map(|end| {
            let menu: Menu = format!("/{}", text.get(..end)?).parse().ok()?;
            let known = schema::menu(&menu).map(|known| known.path);
            known.or_else(|| schema::closest_menu(&menu))
        })
}

/// Whether it is a field's name, in letters of any size: `address`, `.id`, `mac-address`.
fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(is_of_name)
}

fn is_of_name(sign: char) -> bool {
    sign.is_ascii_alphanumeric() || "-._".contains(sign)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_begins_as_a_path_is_a_menu_and_the_rest_a_pattern() {
        for (text, menu) in [
            ("/ip/arp", Some("/ip/arp")),
            ("mikrotik:/IP arp/", Some("/ip/arp")),
            ("/made/up", Some("/made/up")),
            ("10.0.0.0/24", None),
            ("512k/512k", None),
            ("2001:db8::/32", None),
            ("lan/guest", None),
            ("queue", None),
            ("ip", None),
            ("AA:BB:*", None),
            ("redis:quota:*", None),
        ] {
            let read: Protected = text.parse().unwrap();
            let is_menu = menu.map(|menu| Protected::Menu(menu.parse().unwrap()));
            match is_menu {
                Some(menu) => assert_eq!(read, menu, "{text}"),
                None => assert!(matches!(read, Protected::Pattern(_)), "{text}"),
            }
        }
    }

    #[test]
    fn a_field_is_what_stands_before_the_first_sign() {
        for (text, expected) in [
            ("address=10.*", Some(("address", "10.*"))),
            ("made_up_word=02:*", Some(("made_up_word", "02:*"))),
            ("MAC-Address = AA:*", Some(("mac-address", " AA:*"))),
            (".id=*1", Some((".id", "*1"))),
            ("comment=a=b", Some(("comment", "a=b"))),
            ("*user=0812*", None),
            ("x|user=0812", None),
            ("10.9.8.7", None),
        ] {
            let Protected::Pattern(pattern) = text.parse().unwrap() else {
                panic!("{text} is a pattern");
            };
            let field = pattern.field.as_ref();
            let field = field.map(|field| (&*field.name, &*field.value));
            assert_eq!(field, expected, "{text}");
        }
    }

    #[test]
    fn networks_hold_addresses_of_every_kind_of_field() {
        for (menu, field, text, value, expected) in [
            (
                "/ip/arp",
                "address",
                "address=10.0.0.0/24",
                "10.0.0.7",
                true,
            ),
            (
                "/ip/arp",
                "address",
                "address=10.0.0.0/24",
                "10.0.1.7",
                false,
            ),
            ("/ip/arp", "address", "10.0.0.5-10.0.0.9", "10.0.0.7", true),
            (
                "/ip/address",
                "address",
                "address=10.0.0.1",
                "10.0.0.1/24",
                true,
            ),
            (
                "/ip/address",
                "address",
                "address=10.0.0.0/24",
                "10.0.0.1/24",
                true,
            ),
            (
                "/ip/address",
                "address",
                "address=10.0.0.0/30",
                "10.0.0.9/24",
                false,
            ),
            (
                "/ip/firewall/address-list",
                "address",
                "address=10.0.0.0/24",
                "10.0.0.0/25",
                true,
            ),
            (
                "/ip/firewall/address-list",
                "address",
                "address=10.0.0.0/24",
                "10.0.0.0/8",
                false,
            ),
            (
                "/ip/firewall/address-list",
                "address",
                "address=10.0.0.0/24",
                "a.example",
                false,
            ),
            ("/ip/firewall/address-list", "list", "list=k, l", "l", true),
            ("/ip/firewall/address-list", "list", "list=k,*", "l", false),
            (
                "/ip/firewall/address-list",
                "comment",
                "comment=k,l",
                "l",
                false,
            ),
            (
                "/ip/firewall/address-list",
                "comment",
                "comment=k,l",
                "k,l",
                true,
            ),
            (
                "/ip/firewall/address-list",
                "comment",
                "10.0.0.0/24",
                "10.0.0.7",
                false,
            ),
            (
                "/ipv6/firewall/address-list",
                "address",
                "address=2001:db8::/32",
                "2001:db8::1/128",
                true,
            ),
            (
                "/queue/simple",
                "target",
                "target=10.0.0.0/24",
                "10.0.0.5/32,ether1",
                true,
            ),
            (
                "/ip/firewall/filter",
                "src-address",
                "src-address=10.0.0.0/24",
                "10.0.0.5",
                true,
            ),
            (
                "/ip/firewall/filter",
                "src-address",
                "src-address=10.0.0.0/24",
                "!10.0.0.5",
                false,
            ),
            (
                "/made/up",
                "address",
                "address=10.0.0.0/24",
                "10.0.0.7",
                true,
            ),
            (
                "/made/up",
                "hardware",
                "hardware=aa-bb-cc-dd-ee-0f",
                "AA:BB:CC:DD:EE:0F",
                true,
            ),
        ] {
            let Protected::Pattern(pattern) = text.parse().unwrap() else {
                panic!("{text} is a pattern");
            };
            let menu = schema::menu(&menu.parse().unwrap());
            let is_protected = pattern.is_value(menu, field, value.as_bytes());
            assert_eq!(is_protected, expected, "{text}: {field}={value}");
        }
    }

    #[test]
    fn few_fields_are_taken_for_a_menu() {
        let fields = FIELDS.iter().filter(|name| {
            let field = FieldPattern {
                name: (**name).to_owned(),
                value: String::new(),
            };
            field.of_another_name().is_some()
        });
        let fields: Vec<_> = fields.copied().collect();
        assert_eq!(fields, ["address-list"]);
    }

    /// Of each menu whose rows can be changed, each field with the value that the table gives as its
    /// default: what is written as the router writes it is understood, and raises no doubt.
    #[test]
    fn a_field_of_the_table_with_a_value_of_its_kind_is_taken_without_a_word() {
        let mut count = 0;
        for (menu, field) in written_fields() {
            let Some(value) = field.default.filter(|value| !value.is_empty()) else {
                continue;
            };
            let text = format!("{}={value}", field.name);
            let protected: Protected = text.parse().unwrap();
            assert_eq!(protected.doubt(), None, "{text} of {}", menu.path);
            let Protected::Pattern(pattern) = protected else {
                panic!("{text} is a pattern");
            };
            assert!(pattern.is_value(Some(menu), field.name, value.as_bytes()));
            count += 1;
        }
        assert!(count > 100, "{count}");
    }
}
