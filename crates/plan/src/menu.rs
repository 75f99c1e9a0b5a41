//! What the schema of the router's menus says to changes: by what a row is known, what in it can be
//! set, what moves by itself, and when two values are the same one.

use routeros_schema::schema::{self, Access, Key as KeyOf, Motion, Unset};
use routeros_schema::value::duration;
use routeros_schema::{Field, Kind, Menu, MenuSchema, canonical};

use super::fields::Fields;

/// What the value of a field that no menu of the schema has may be.
const ANY: Kind = Kind::Either(&[Kind::Bool, Kind::Mac, Kind::Network, Kind::Duration]);

/// The values of a row's key fields, in their order, as the router writes them; a field that is
/// absent or has its default as empty.
pub type Key = Vec<Vec<u8>>;

/// The fields by which rows of a menu are recognised; none where that is not known, and for what is
/// no menu.
pub fn key_fields(menu: &Menu) -> &'static [&'static str] {
    known(menu).map_or(&[], |menu| menu.key.fields())
}

/// The natural key of a row; `None` where the menu has no known one, or the row has nothing in it. A
/// key that only one row has needs its first field.
pub fn key_of(menu: &Menu, row: &Fields) -> Option<Key> {
    key_by(menu, |name| row.get(name))
}

/// The same of a row whose values are found by their names.
pub fn key_by<'a>(menu: &Menu, row: impl Fn(&str) -> Option<&'a [u8]>) -> Option<Key> {
    let value = |name: &&str| {
        let value = row(name).unwrap_or_default();
        match is_default(menu, name, value) {
            true => Vec::new(),
            false => canonical(&kind(menu, name), value).into_owned(),
        }
    };
    let key: Key = key_fields(menu).iter().map(value).collect();
    // A lease without an address is not the only one without.
    let counts = match is_key_shared(menu) {
        true => key.iter().any(|value| !value.is_empty()),
        false => key.first().is_some_and(|value| !value.is_empty()),
    };
    counts.then_some(key)
}

/// The first field without which a row's key is not whole, where one row only may have it.
pub fn lacking_key_field(menu: &Menu, row: &Fields) -> Option<&'static str> {
    let is_lacking =
        |name: &&str| row.get(name).is_none_or(<[u8]>::is_empty) && !has_default(menu, name);
    let mut fields = key_fields(menu).iter().copied();
    fields.find(|name| is_key_unique(menu) && is_lacking(name))
}

/// May several rows have one natural key?
pub fn is_key_shared(menu: &Menu) -> bool {
    known(menu).is_some_and(|menu| matches!(menu.key, KeyOf::NotUnique(_)))
}

/// May only one row have a natural key? The router refuses a second one.
pub fn is_key_unique(menu: &Menu) -> bool {
    known(menu).is_some_and(|menu| matches!(menu.key, KeyOf::Unique(_)))
}

/// Does the order of the menu's rows count?
pub fn is_ordered(menu: &Menu) -> bool {
    known(menu).is_some_and(MenuSchema::is_ordered)
}

/// The value that an absent field stands for: unset where a word says that, else what a new row has;
/// what is not said to be so is not so.
pub fn absent(menu: &Menu, name: &str) -> Option<&'static [u8]> {
    let field = field(menu, name)?;
    let unset = match field.unset {
        Unset::Word(word) => Some(word),
        _ => None,
    };
    let not_so = (field.kind == Kind::Bool).then_some("false");
    unset.or(field.default).or(not_so).map(str::as_bytes)
}

/// Has a row the default of this field, where it was added without?
pub fn has_default(menu: &Menu, name: &str) -> bool {
    field(menu, name).is_some_and(|field| field.default.is_some())
}

/// Are these two the same value of a field? One that is absent, empty or unset is its default.
pub fn is_same(menu: &Menu, name: &str, one: Option<&[u8]>, other: Option<&[u8]>) -> bool {
    let (one, other) = (one.unwrap_or_default(), other.unwrap_or_default());
    let default = |value| is_default(menu, name, value);
    one == other
        || default(one) && default(other)
        || routeros_schema::equal(&kind(menu, name), one, other)
}

/// Does it make a difference to send this value? What the router never shows may be another one.
pub fn is_change(menu: &Menu, name: &str, before: Option<&[u8]>, after: &[u8]) -> bool {
    before.is_none() && is_hidden(menu, name) || !is_same(menu, name, before, Some(after))
}

/// The fields in which `after` differs from `before`: those that are sent.
pub fn sent_fields<'a>(
    menu: &'a Menu,
    before: &'a Fields,
    after: &'a Fields,
) -> impl Iterator<Item = (&'a str, &'a [u8])> {
    after
        .iter()
        .filter(|(name, value)| is_change(menu, name, before.get(name), value))
}

/// Is `now` what the router may have made of `sent`? Of a field that is not known its value says
/// what it is.
pub fn is_made_of(menu: &Menu, name: &str, sent: &[u8], now: &[u8]) -> bool {
    is_same(menu, name, Some(sent), Some(now))
        || field(menu, name).is_none()
            && (sent.eq_ignore_ascii_case(now) || routeros_schema::equal(&ANY, sent, now))
}

/// How a field is sent that is to have a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sent<'a> {
    /// By `set`, with this value.
    Set(&'a [u8]),
    /// By `unset`.
    Unset,
}

/// How `value` is sent; an empty one takes the field's value away.
pub fn sent<'a>(menu: &Menu, name: &str, value: &'a [u8]) -> Sent<'a> {
    match field(menu, name).map(|field| field.unset) {
        Some(Unset::Verb) if value.is_empty() => Sent::Unset,
        _ if value.is_empty() => Sent::Set(unset_value(menu, name)),
        _ => Sent::Set(value),
    }
}

/// Can the value of a field be taken away, as far as the schema knows?
pub fn can_be_unset(menu: &Menu, name: &str) -> bool {
    field(menu, name).is_none_or(|field| field.unset != Unset::Never)
}

/// The value that unsets a field: empty, or what stands for an absent one.
pub fn unset_value(menu: &Menu, name: &str) -> &'static [u8] {
    match field(menu, name).map(|field| field.unset) {
        Some(Unset::Empty) => b"",
        _ => absent(menu, name).unwrap_or_default(),
    }
}

/// Can a field be set? `arguments` are those that the router names, and count for what the schema
/// does not know; a router that names none is believed to take what it does not fill in elsewhere.
pub fn is_settable(menu: &Menu, name: &str, arguments: &[String]) -> bool {
    match field(menu, name) {
        // It follows from `timeout`, and from who made the row.
        _ if name == "dynamic" => false,
        Some(field) => field.is_settable(),
        None if arguments.is_empty() => !elsewhere(name, |field| !field.is_settable()),
        None => arguments.iter().any(|argument| argument == name),
    }
}

/// Does the schema say what can be set in this menu?
pub fn is_known(menu: &Menu) -> bool {
    known(menu).is_some()
}

/// Does this field move by itself? A time that is left and can be set is not one that moves, see
/// [`is_time_left`].
pub fn is_moving(menu: &Menu, name: &str) -> bool {
    let moves = |field: &Field| field.is_moving() && !counts_down(field);
    match field(menu, name) {
        Some(field) => moves(field),
        None => elsewhere(name, moves),
    }
}

/// Is this field the time that is left of a row, as it was set?
pub fn is_time_left(menu: &Menu, name: &str) -> bool {
    field(menu, name).is_some_and(counts_down)
}

/// The field that says how much time is left of a row, as it was set.
pub fn time_left(menu: &Menu) -> Option<&'static str> {
    let mut fields = known(menu)?.fields();
    fields
        .find(|field| counts_down(field))
        .map(|field| field.name)
}

/// The field that turns a row on or off, and its value when the row is on.
pub fn switch(menu: &Menu) -> Option<(&'static str, &'static [u8])> {
    let (field, on) = known(menu)?.switch()?;
    Some((field.name, if on { b"true" } else { b"false" }))
}

/// Is this field never shown by the router?
pub fn is_hidden(menu: &Menu, name: &str) -> bool {
    field(menu, name).is_some_and(|field| field.access == Access::WriteOnly)
}

/// The part of a row that `add` takes: the arguments that the router names, without those that say
/// where a row comes from. A router that names none is believed to take what can be set.
pub fn writable(menu: &Menu, row: &Fields, arguments: &[String]) -> Fields {
    row.only(|name| match arguments.is_empty() {
        true => is_settable(menu, name, arguments) && !is_moving(menu, name),
        false => name != "dynamic" && arguments.iter().any(|argument| argument == name),
    })
}

/// The list that a row counts for when it is asked how much of a list a run may change: the address
/// list, else the whole menu.
pub fn list_of(row: &Fields) -> Option<&str> {
    row.get("list")
        .and_then(|list| std::str::from_utf8(list).ok())
}

/// A length of time as the router writes it (`1w2d3h4m5s`), in seconds.
pub fn seconds(value: &[u8]) -> Option<u64> {
    Some(duration::parse(value).ok()?.as_secs())
}

fn known(menu: &Menu) -> Option<&'static MenuSchema> {
    schema::menu(menu)
}

fn field(menu: &Menu, name: &str) -> Option<&'static Field> {
    known(menu)?.field(name)
}

fn kind(menu: &Menu, name: &str) -> Kind {
    field(menu, name).map_or(Kind::Text, |field| field.kind)
}

fn is_default(menu: &Menu, name: &str, value: &[u8]) -> bool {
    let is_same = |absent: &[u8]| routeros_schema::equal(&kind(menu, name), absent, value);
    value.is_empty() || absent(menu, name).is_some_and(is_same)
}

fn counts_down(field: &Field) -> bool {
    field.motion == Motion::CountingDown && field.is_settable()
}

/// Has some menu of the schema such a field, and is it so in every one that has it? That is all that
/// can be said of a field that a menu of the schema does not have.
fn elsewhere(name: &str, is_so: impl Fn(&Field) -> bool) -> bool {
    let mut fields = schema::menus()
        .filter_map(|menu| menu.field(name))
        .peekable();
    fields.peek().is_some() && fields.all(is_so)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn menu(path: &str) -> Menu {
        path.parse().unwrap()
    }

    fn names(fields: Fields) -> Vec<String> {
        fields.iter().map(|(name, _)| name.to_owned()).collect()
    }

    #[test]
    fn only_what_add_takes_is_written_back() {
        let row: Fields = [
            (".id", "*1"),
            ("list", "blocked"),
            ("dynamic", "true"),
            ("creation-time", "x"),
            ("timeout", "5m"),
        ]
        .into_iter()
        .collect();
        let lists = menu("/ip/firewall/address-list");
        assert_eq!(names(writable(&lists, &row, &[])), ["list", "timeout"]);
        let arguments = ["list", "dynamic"].map(str::to_owned);
        assert_eq!(names(writable(&lists, &row, &arguments)), ["list"]);
    }

    #[test]
    fn a_key_is_one_in_whatever_words_it_is_written() {
        let bindings = menu("/ip/hotspot/ip-binding");
        let key = |fields: &[(&str, &str)]| key_of(&bindings, &fields.iter().copied().collect());
        let one = key(&[
            ("address", "10.9.9.9/32"),
            ("mac-address", "aa-bb-cc-dd-ee-ff"),
        ]);
        let other = [
            ("server", "all"),
            ("address", "10.9.9.9"),
            ("mac-address", "AA:BB:CC:DD:EE:FF"),
        ];
        assert_eq!(one, key(&other));
        assert_ne!(one, key(&[("address", "10.9.9.9")]));
        assert_eq!(key(&[("comment", "x"), ("server", "all")]), None);
    }

    #[test]
    fn of_a_menu_that_is_not_known_only_what_moves_everywhere_moves() {
        let made_up = menu("/made/up");
        for (name, moves) in [
            ("bytes", true),
            ("uptime", true),
            ("comment", false),
            ("flavour", false),
        ] {
            assert_eq!(is_moving(&made_up, name), moves, "{name}");
        }
        let settable = ["comment", "flavour", "dynamic", ".id"];
        assert_eq!(
            settable.map(|name| is_settable(&made_up, name, &[])),
            [true, true, false, false]
        );
    }
}
