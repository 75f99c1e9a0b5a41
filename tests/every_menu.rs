//! Every menu of the schema that can be written, with every field that stays as it is: what is written
//! is so the next time, and undo leaves the router byte by byte and place by place as it was.

use std::collections::BTreeMap;
use std::fmt::{Debug, Write as _};

use routeros_schema::schema::{Field, Key, Motion, Unset, Version};
use routeros_schema::{Kind, MenuSchema, schema};
use routeros_sim::Row;
use serde_json::{Map, Value, json};

use crate::change::Site;
use crate::support::tikbook::Output;

/// The release that the simulated router is of.
const RELEASE: Version = Version {
    major: 7,
    minor: 22,
};
const APPLY: [&str; 4] = ["--apply", "--yes", "--max-changes", "9999"];
const UNDO: [&str; 6] = ["undo", "last", "--apply", "--yes", "--max-changes", "9999"];

/// The menus that have this command.
fn menus(verb: &'static str) -> impl Iterator<Item = &'static MenuSchema> {
    let has_verb = |menu: &MenuSchema| menu.verb(verb).is_some_and(|verb| verb.is_in(RELEASE));
    schema::menus().filter(move |menu| has_verb(menu))
}

/// The menus whose rows are added, set and removed: behind those of others the ones that are known by
/// their names.
fn lists() -> impl DoubleEndedIterator<Item = &'static MenuSchema> {
    let is_known_by_name = |menu: &MenuSchema| {
        let mut key = menu.key.fields().iter();
        key.any(|name| menu.kind(name).names().is_some())
    };
    let mut menus: Vec<_> = menus("add").collect();
    menus.sort_by_key(|menu| is_known_by_name(menu));
    menus.into_iter()
}

/// The menus whose rows are there: those with one row, and those of which the router makes them.
fn given() -> impl Iterator<Item = &'static MenuSchema> {
    let lists: Vec<_> = menus("add").map(|menu| menu.path).collect();
    menus("set").filter(move |menu| !lists.contains(&menu.path))
}

/// What can be written of a menu, and is shown and stays as it was written. That a row is dynamic follows
/// from its timeout and from who made it.
fn fields(menu: &'static MenuSchema) -> impl Iterator<Item = &'static Field> + Clone {
    let stays = |field: &&Field| {
        field.is_settable()
            && !field.is_write_only()
            && field.motion == Motion::Steady
            && field.is_in(RELEASE)
            && field.name != "dynamic"
    };
    let fields: Vec<_> = menu.fields().filter(stays).collect();
    fields.into_iter()
}

/// The `n`th value of a kind, in a way in which the router does not write it where there is one. Names
/// are those of rows that stay.
fn value(kind: Kind, n: usize) -> String {
    let word = |words: &[&str]| words[n % words.len()].to_owned();
    match kind {
        Kind::Text => format!("t{n}"),
        Kind::Secret => format!("s{n}"),
        Kind::Name(_) => word(&["t3", "t1"]),
        Kind::Bool => word(&["yes", "no"]),
        Kind::Number => format!("0{n}"),
        Kind::Counter | Kind::Size => format!("00{n}"),
        Kind::Port => format!("0{}", 100 + n),
        Kind::Range => format!("0{n}-{}", n + 5),
        Kind::Rate => format!("{n}k"),
        Kind::Duration => format!("0:0{n}:00"),
        Kind::Moment => format!("may/0{n}/2026"),
        Kind::Mac => format!("aa-bb-cc-dd-ee-0{n}"),
        Kind::Address => format!("10.0.0.{n}"),
        Kind::Host => format!("h{n}.example"),
        Kind::Network => format!("10.{n}.0.0-10.{n}.0.255"),
        Kind::Prefix => format!("10.0.{n}.9"),
        Kind::AddressPrefix => format!("10.0.{n}.1/24"),
        Kind::Words(words) => word(words),
        Kind::Flags(words) | Kind::Rights(words) => {
            let some = words.iter().skip(n % 2).step_by(2);
            some.rev().copied().collect::<Vec<_>>().join(",")
        }
        Kind::Pair(kind) => value(*kind, n),
        Kind::List(kind) => format!("{},{}", value(*kind, n), value(*kind, n + 1)),
        Kind::Negatable(kind) if n.is_multiple_of(2) => format!("!{}", value(*kind, n)),
        Kind::Negatable(kind) => value(*kind, n),
        Kind::Either(kinds) => value(kinds[n % kinds.len()], n),
        other => panic!("there is no value of {other:?}"),
    }
}

/// The `n`th value of a field of a menu: of a key there are no two alike.
fn value_of(menu: &MenuSchema, field: &Field, n: usize) -> String {
    if !menu.key.fields().contains(&field.name) {
        return value(field.kind, n);
    }
    let parts = field.kind.parts().into_iter();
    let mut parts = parts.filter(|part| !matches!(part, Kind::Either(_) | Kind::Words(_)));
    match parts.next() {
        Some(Kind::Name(_)) => format!("t{n}"),
        part => value(part.unwrap_or(field.kind), n),
    }
}

/// A row as a script gives it: these fields with their `n`th values.
fn map(
    menu: &'static MenuSchema,
    fields: impl Iterator<Item = &'static Field>,
    n: usize,
) -> String {
    let field = |field: &Field| format!("{:?}: {:?}", field.name, value_of(menu, field, n));
    format!(
        "#{{ {} }}",
        fields.map(field).collect::<Vec<_>>().join(", ")
    )
}

/// The same as the router has it.
fn row(menu: &'static MenuSchema, n: usize) -> Value {
    let field = |field: &Field| {
        let value = value_of(menu, field, n);
        let kept = routeros_schema::canonical(&field.kind, value.as_bytes());
        let kept = String::from_utf8(kept.into_owned()).unwrap();
        (field.name.to_owned(), kept.into())
    };
    Value::Object(fields(menu).map(field).collect::<Map<_, _>>())
}

/// Without its key a row is known by nothing.
fn is_of_key(menu: &MenuSchema, field: &Field) -> bool {
    menu.key.fields().contains(&field.name) || field.required
}

/// A script with one writer for each of these menus.
fn script(
    menus: impl Iterator<Item = &'static MenuSchema>,
    write: impl Fn(&'static MenuSchema) -> String,
) -> String {
    let (mut targets, mut writes) = (Vec::new(), String::new());
    for menu in menus {
        targets.push(format!("\"mikrotik:{}\"", menu.path));
        writeln!(writes, "{{ let menu = {:?}; {} }}", menu.path, write(menu)).unwrap();
    }
    format!(
        "//! One change of each menu.\nconst RUNBOOK = #{{ reads: [\"mikrotik\"], writes: [{}] }};\n\
         fn run(args) {{\n{writes}#{{ }}\n}}\n",
        targets.join(", ")
    )
}

type Menus = BTreeMap<&'static str, Vec<Row>>;

/// The rows of every menu that can be written, each in its place.
fn rows(site: &Site) -> Menus {
    let of_menu = |menu: &'static MenuSchema| (menu.path, site.router.simulator.rows(menu.path));
    lists().chain(given()).map(of_menu).collect()
}

/// What every row holds besides its id and its age, which a row that comes back has anew.
fn contents(menus: &Menus) -> BTreeMap<&'static str, Vec<Vec<(String, String)>>> {
    let own: [&[u8]; 2] = [b".id", b"creation-time"];
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let fields = |row: &Row| {
        let fields = row.fields().filter(|(name, _)| !own.contains(name));
        let mut fields: Vec<_> = fields
            .map(|(name, value)| (text(name), text(value)))
            .collect();
        fields.sort();
        fields
    };
    let of_menu = |(menu, rows): (&&'static str, &Vec<Row>)| {
        let mut rows: Vec<_> = rows.iter().map(fields).collect();
        // A row that comes back is the last one where no order counts.
        if !known(menu).is_ordered() {
            rows.sort();
        }
        (*menu, rows)
    };
    menus.iter().map(of_menu).collect()
}

/// Every menu holds the same.
fn same<Rows: PartialEq + Debug>(
    after: &BTreeMap<&'static str, Rows>,
    before: &BTreeMap<&'static str, Rows>,
) {
    for (menu, rows) in before {
        assert_eq!(after.get(menu), Some(rows), "{menu}");
    }
}

fn known(menu: &str) -> &'static MenuSchema {
    schema::menu(&menu.parse().unwrap()).unwrap()
}

/// The changes of a report that have another status, with the reason.
fn others(output: &Output, status: &str) -> Vec<String> {
    let report = output.stdout_json();
    let rows = report["changes"]["rows"].as_array().unwrap().iter();
    let others = rows.filter(|row| row["status"] != status);
    others
        .map(|row| {
            format!(
                "{} {} {}: {}",
                row["target"], row["subject"], row["status"], row["reason"]
            )
        })
        .collect()
}

fn count(output: &Output) -> usize {
    output.stdout_json()["changes"]["rows"]
        .as_array()
        .unwrap()
        .len()
}

/// Four rows of every menu, and more of those that nobody can add to: of the four the last one has only
/// what it needs, and the third is named by none that stays.
fn site() -> Site {
    let of_given = given().map(|menu| {
        let row = |(id, n): (usize, usize)| {
            let mut row = row(menu, n);
            if !menu.is_singleton() {
                row[".id"] = format!("*{id}").into();
            }
            row
        };
        let values = (1..).zip([1, 3, 2, 4, 5, 6]);
        let count = if menu.is_singleton() { 1 } else { 6 };
        (menu.path.to_owned(), values.take(count).map(row).collect())
    });
    let empty = lists().map(|menu| (menu.path.to_owned(), json!([])));
    let site = Site::of(&Value::Object(of_given.chain(empty).collect()));
    for n in [1, 3, 2, 4] {
        let add = |menu: &'static MenuSchema| {
            let fields = fields(menu).filter(move |field| n < 4 || is_of_key(menu, field));
            format!("mikrotik::add(menu, {})", map(menu, fields, n))
        };
        let output = site.run(&script(lists(), add), &APPLY);
        assert_eq!(others(&output, "applied"), Vec::<String>::new());
        output.code(0);
    }
    site
}

/// What a script writes is made, is so the next time, for these others, and is taken back: the rows
/// before and after. Each script makes as many changes.
fn is_made_once_and_undone(
    site: &Site,
    write: &str,
    again: &[String],
    changes: usize,
) -> (Menus, Menus) {
    let none = Vec::<String>::new();
    let before = rows(site);
    let output = site.run(write, &APPLY);
    assert_eq!(others(&output, "applied"), none);
    assert_eq!(count(&output), changes);
    output.code(0);
    for again in again {
        let output = site.run(again, &[]);
        assert_eq!(others(&output, "skipped"), none);
        assert_eq!(count(&output), changes);
        output.code(0);
    }
    let output = site.tikbook(&[&["--json"], &UNDO[..]].concat());
    assert_eq!(others(&output, "applied"), none);
    output.code(0);
    (before, rows(site))
}

#[test]
fn a_row_added_to_any_menu_is_there_the_next_time_and_undo_takes_it() {
    let site = site();
    // Of rows without a key each one that is added is another one.
    for has_key in [true, false] {
        let menus = || lists().filter(|menu| has_key == (menu.key != Key::None));
        let of = |verb: &'static str| {
            script(menus(), |menu| {
                format!("mikrotik::{verb}(menu, {})", map(menu, fields(menu), 5))
            })
        };
        let again: &[&str] = if has_key { &["add", "ensure"] } else { &[] };
        let again: Vec<String> = again.iter().map(|verb| of(verb)).collect();
        let (before, after) = is_made_once_and_undone(&site, &of("add"), &again, menus().count());
        same(&after, &before);
    }
}

/// These fields of a row, set to other values: at least one to another one.
fn set(
    menu: &'static MenuSchema,
    id: &str,
    fields: impl Iterator<Item = &'static Field> + Clone,
) -> String {
    // What the one row has, or the third of several.
    let now = if menu.is_singleton() { 1 } else { 2 };
    let has_another = |n: &usize| {
        let mut fields = fields.clone();
        let of = |field, n| value_of(menu, field, n);
        fields.any(|field| of(field, *n) != of(field, now))
    };
    let other = (5..9).find(has_another);
    let other = other.unwrap_or_else(|| panic!("there is one value alone in {}", menu.path));
    let fields = map(menu, fields, other);
    match menu.is_singleton() {
        true => format!("mikrotik::set(menu, {fields})"),
        false => format!("mikrotik::set(menu, {id:?}, {fields})"),
    }
}

#[test]
fn a_row_set_in_any_menu_is_so_the_next_time_and_undo_sets_it_back() {
    let site = site();
    let set = script(menus("set"), |menu| {
        let fields = fields(menu);
        let fields = fields.filter(|field| menu.is_singleton() || !is_of_key(menu, field));
        set(menu, "*3", fields)
    });
    let again = std::slice::from_ref(&set);
    let (before, after) = is_made_once_and_undone(&site, &set, again, menus("set").count());
    same(&after, &before);
}

/// Whether it is known how the field of a row is to be without a value again.
pub fn can_be_taken_away(field: &Field) -> bool {
    match field.unset {
        Unset::Empty | Unset::Verb | Unset::Word(_) => true,
        Unset::Never | Unset::Unknown => {
            // The row that a default names is not there.
            let has_default = field.default.is_some() && field.kind.names().is_none();
            has_default || field.kind == Kind::Bool
        }
    }
}

/// The rows of a menu by the fields that have a value: one that has its default again, or the word for
/// none, is as it was without.
fn values(site: &Site, menu: &'static MenuSchema) -> Vec<Vec<(String, String)>> {
    let rows = Menus::from([(menu.path, site.router.simulator.rows(menu.path))]);
    let has_value = |(name, value): &(String, String)| {
        let Some(field) = menu.field(name) else {
            return true;
        };
        let not_so = (field.kind == Kind::Bool && field.default.is_none()).then_some("false");
        let word = match field.unset {
            Unset::Word(word) => Some(word),
            _ => None,
        };
        ![not_so, word, field.default].contains(&Some(value))
    };
    let rows = contents(&rows).remove(menu.path).unwrap();
    let rows = rows.into_iter();
    let mut rows: Vec<Vec<_>> = rows
        .map(|row| row.into_iter().filter(has_value).collect())
        .collect();
    rows.sort();
    rows
}

#[test]
fn fields_that_a_row_of_any_menu_did_not_have_are_taken_away_again() {
    let site = site();
    let set = script(lists(), |menu| {
        let absent = fields(menu).filter(|field| !is_of_key(menu, field));
        set(menu, "*4", absent.filter(|field| can_be_taken_away(field)))
    });
    let rows = || {
        let of_menu = |menu: &'static MenuSchema| (menu.path, values(&site, menu));
        lists().map(of_menu).collect()
    };
    let before = rows();
    is_made_once_and_undone(&site, &set, std::slice::from_ref(&set), lists().count());
    same(&rows(), &before);
}

#[test]
fn a_row_removed_from_any_menu_comes_back_with_all_it_held_and_at_its_place() {
    let site = site();
    // First what names a row, and then the row.
    let remove = script(lists().rev(), |_| {
        "mikrotik::remove(menu, \"*3\")".to_owned()
    });
    let (before, after) = is_made_once_and_undone(&site, &remove, &[], lists().count());
    assert_ne!(after, before);
    same(&contents(&after), &contents(&before));
}
