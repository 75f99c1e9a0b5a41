//! Random rows and random changes of them, on two routers of different make: after an apply the router is
//! what the plan says that it will be, and after its undo what it was.

use std::collections::BTreeMap;
use std::time::Duration;

use routeros_schema::schema::{Motion, Unset};
use routeros_schema::{Kind, MenuSchema, canonical, schema};
use routeros_sim::State;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::every_menu::can_be_taken_away;
use crate::support::model::{Fields, Model};
use crate::support::router::Router;
use crate::support::tikbook::{Output, Tikbook};
use crate::support::{Harness, chance, harness};

/// Menus with and without an order, whose keys are unique, not unique, or none: their fields, those
/// first that every row has.
const MENUS: &[(&str, usize, &[&str])] = &[
    (
        "/ip/firewall/address-list",
        2,
        &["list", "address", "comment", "disabled"],
    ),
    (
        "/ip/firewall/filter",
        3,
        &["chain", "action", "log-prefix", "src-address", "disabled"],
    ),
    (
        "/ip/hotspot/ip-binding",
        2,
        &["address", "type", "mac-address", "comment", "disabled"],
    ),
    (
        "/ip/hotspot/user",
        1,
        &["name", "mac-address", "limit-uptime", "comment", "disabled"],
    ),
    (
        "/queue/simple",
        2,
        &["name", "target", "max-limit", "comment", "disabled"],
    ),
];

/// The lists are the site's own.
const WRITABLE: &str = "[sites.here]\nwritable = [\"a\", \"b\", \"vip\"]\n";
const APPLY: [&str; 4] = ["--apply", "--yes", "--max-changes", "999"];

/// Values that look like chance, and are the same in every run.
struct Dice {
    seed: u64,
    thrown: u64,
}

impl Dice {
    fn of(seed: u64) -> Dice {
        Dice { seed, thrown: 0 }
    }

    fn below(&mut self, limit: usize) -> usize {
        self.thrown += 1;
        let limit = u64::try_from(limit).unwrap();
        usize::try_from(chance(self.seed * 1_000 + self.thrown, limit)).unwrap()
    }

    fn one_of<Item: Copy>(&mut self, items: &[Item]) -> Item {
        items[self.below(items.len())]
    }

    /// A value of a field, in one of the ways in which people spell it.
    fn value(&mut self, field: &str) -> String {
        let n = 1 + self.below(6);
        let ways: &[&str] = match field {
            "list" => &["a", "b", "vip"],
            "chain" => &["forward", "input"],
            "action" => &["accept", "drop"],
            "type" => &["bypassed", "blocked", "regular"],
            "address" | "src-address" => &[
                "10.0.0.N",
                "10.0.0.N/32",
                "10.0.N.0/24",
                "10.0.N.0-10.0.N.255",
            ],
            "mac-address" => &[
                "AA:BB:CC:DD:EE:0N",
                "aa-bb-cc-dd-ee-0N",
                "aa:bb:cc:dd:ee:0N",
            ],
            "limit-uptime" => &["Nh", "N:00:00", "24:00:00", "1d", "9000s", "2h30m"],
            "target" => &["10.0.0.N", "10.0.0.N/32"],
            "max-limit" => &["Nk/Nk", "N000/N000", "NM", "N000000/N000000"],
            "disabled" => &["yes", "no", "true", "false"],
            "name" => &["nN"],
            "comment" => &["one", "two", "N"],
            // It tells a row without a key from all others.
            "log-prefix" => return format!("rule {}", self.thrown),
            other => panic!("there is no value of {other}"),
        };
        self.one_of(ways).replace('N', &n.to_string())
    }

    /// A row with what it needs, and some of what it may have.
    fn row(&mut self, needed: usize, fields: &[&str]) -> Vec<(String, String)> {
        let mut row = Vec::new();
        for (place, field) in fields.iter().enumerate() {
            if place < needed || self.below(2) == 0 {
                row.push(((*field).to_owned(), self.value(field)));
            }
        }
        row
    }
}

/// Rows of each menu by their ids, in their order.
type Rows = BTreeMap<&'static str, Vec<(String, Fields)>>;

/// Up to six rows of each menu, no two of a key.
fn rows(dice: &mut Dice) -> Rows {
    let mut rows = Rows::new();
    for (menu, needed, fields) in MENUS {
        let known = known(menu);
        let mut of_menu: Vec<(String, Fields)> = Vec::new();
        for n in 1..=dice.below(7) {
            let row = dice.row(*needed, fields).into_iter().map(|(name, value)| {
                let value = canonical(&known.kind(&name), value.as_bytes()).into_owned();
                (name, String::from_utf8(value).unwrap())
            });
            let mut row: Fields = row.collect();
            row.entry("disabled".to_owned())
                .or_insert("false".to_owned());
            let key = |row: &Fields| -> Vec<Option<String>> {
                let fields = known.key.fields().iter();
                fields.map(|name| row.get(*name).cloned()).collect()
            };
            let has_key = !known.key.fields().is_empty();
            if !has_key || of_menu.iter().all(|(_, other)| key(other) != key(&row)) {
                of_menu.push((format!("*{n:X}"), row));
            }
        }
        rows.insert(menu, of_menu);
    }
    rows
}

/// A script with some writes of these rows, and of rows that are not there.
fn script(dice: &mut Dice, rows: &Rows) -> String {
    let given = |fields: &[(String, String)]| {
        let field = |(name, value): &(String, String)| match value.as_str() {
            "()" => format!("{name:?}: ()"),
            value => format!("{name:?}: {value:?}"),
        };
        format!(
            "#{{ {} }}",
            fields.iter().map(field).collect::<Vec<_>>().join(", ")
        )
    };
    let mut writes = String::new();
    for _ in 0..16 {
        let (menu, needed, fields) = dice.one_of(MENUS);
        let ids: Vec<&str> = rows[menu].iter().map(|(id, _)| id.as_str()).collect();
        let write = match dice.below(8) {
            0 | 1 if !ids.is_empty() => format!("remove({menu:?}, {:?})", dice.one_of(&ids)),
            2..=4 if !ids.is_empty() => {
                let (id, row) = &rows[menu][dice.below(ids.len())];
                // What nobody knows how to take away again is only given to a row that has it.
                let is_free = |field: &&&str| row.contains_key(**field) || is_free(menu, field);
                let free: Vec<&str> = fields[1..].iter().filter(is_free).copied().collect();
                let mut set = vec![dice.one_of(&free)];
                let has_comment = fields.contains(&"comment");
                set.extend((has_comment && dice.below(2) == 0).then_some("comment"));
                set.dedup();
                let mut value = |field: &str| match field == "comment" && dice.below(3) == 0 {
                    true => "()".to_owned(),
                    false => dice.value(field),
                };
                let set = set.into_iter();
                let set = set.map(|field| (field.to_owned(), value(field)));
                let set = given(&set.collect::<Vec<_>>());
                format!("set({menu:?}, {id:?}, {set})")
            }
            5 if !known(menu).key.fields().is_empty() => {
                let mut row = dice.row(needed, fields);
                let is_key = |field: &str| known(menu).key.fields().contains(&field);
                row.retain(|(field, _)| is_key(field) || is_free(menu, field));
                format!("ensure({menu:?}, {})", given(&row))
            }
            _ => format!("add({menu:?}, {})", given(&dice.row(needed, fields))),
        };
        writes.push_str(&format!("    mikrotik::{write};\n"));
    }
    let targets = MENUS
        .iter()
        .map(|(menu, ..)| format!("\"mikrotik:{menu}\""));
    let targets = targets.collect::<Vec<_>>().join(", ");
    format!(
        "//! Some changes.\nconst RUNBOOK = #{{ reads: [\"mikrotik\"], writes: [{targets}] }};\n\
         fn run(args) {{\n{writes}    #{{ }}\n}}\n"
    )
}

fn is_free(menu: &str, field: &str) -> bool {
    can_be_taken_away(known(menu).field(field).unwrap())
}

fn known(menu: &str) -> &'static MenuSchema {
    schema::menu(&menu.parse().unwrap()).unwrap()
}

/// What a row is by the fields that people write, each in one spelling, without those that say nothing.
fn content(menu: &'static MenuSchema, row: &Fields) -> Fields {
    let field = |(name, value): (&String, &String)| {
        let field = menu.field(name)?;
        let counts = field.is_settable() && field.motion == Motion::Steady && name != "dynamic";
        let value = canonical(&field.kind, value.as_bytes()).into_owned();
        let value = String::from_utf8(value).unwrap();
        let not_so = (field.kind == Kind::Bool).then_some("false");
        let word = match field.unset {
            Unset::Word(word) => Some(word),
            _ => None,
        };
        let nothing = [Some(""), not_so, word, field.default];
        let says = counts && !nothing.contains(&Some(value.as_str()));
        says.then(|| (name.clone(), value))
    };
    row.iter().filter_map(field).collect()
}

/// The rows of every menu by what they are, in their order where it counts.
fn contents(rows: &Rows) -> BTreeMap<&'static str, Vec<Fields>> {
    let of_menu = |(menu, rows): (&&'static str, &Vec<(String, Fields)>)| {
        let known = known(menu);
        let mut contents: Vec<_> = rows.iter().map(|(_, row)| content(known, row)).collect();
        if !known.is_ordered() {
            contents.sort();
        }
        (*menu, contents)
    };
    rows.iter().map(of_menu).collect()
}

/// The rows after what a plan says of each change.
fn as_planned(plan: &Value, mut rows: Rows) -> Rows {
    for change in plan["changes"].as_array().unwrap() {
        let target = change["target"].as_str().unwrap();
        let (menu, ..) = MENUS
            .iter()
            .find(|(menu, ..)| target.strip_prefix("mikrotik:") == Some(menu))
            .unwrap();
        let rows = rows.get_mut(menu).unwrap();
        let fields = |which: &str| -> Fields {
            let fields = change[which].as_object().into_iter().flatten();
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            fields
                .map(|(name, value)| (name.clone(), text(value)))
                .collect()
        };
        let (before, after) = (fields("before"), fields("after"));
        let at = || {
            let id = change["id"].as_str().unwrap();
            rows.iter().position(|(known, _)| known == id).unwrap()
        };
        match change["action"].as_str().unwrap() {
            "add" => rows.push((String::new(), after)),
            "remove" => drop(rows.remove(at())),
            "set" => {
                let at = at();
                let row = &mut rows[at].1;
                row.retain(|name, _| after.contains_key(name) || !before.contains_key(name));
                row.extend(after);
            }
            other => panic!("nobody asked for {other}"),
        }
    }
    rows
}

/// A router that can be given rows, and asked for them.
trait Make {
    fn put(&self, rows: &Rows);
    fn rows(&self) -> Rows;
    fn tikbook(&self, tikbook: Tikbook) -> Tikbook;
}

impl Make for Router {
    fn put(&self, rows: &Rows) {
        let of_menu = |(menu, rows): (&&str, &Vec<(String, Fields)>)| {
            let row = |(id, row): &(String, Fields)| {
                let mut row = json!(row);
                row[".id"] = id.clone().into();
                row
            };
            ((*menu).to_owned(), rows.iter().map(row).collect::<Value>())
        };
        let state: Value = rows.iter().map(of_menu).collect();
        let state = State::from_json(&state.to_string()).unwrap();
        self.simulator.edit(|now| *now = state);
    }

    fn rows(&self) -> Rows {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        let of_menu = |menu: &'static str| {
            let rows = self.simulator.rows(menu);
            let row = |row: &routeros_sim::Row| {
                let fields = row.fields().map(|(name, value)| (text(name), text(value)));
                (row.id().unwrap().to_string(), fields.collect())
            };
            (menu, rows.iter().map(row).collect())
        };
        MENUS.iter().map(|(menu, ..)| of_menu(menu)).collect()
    }

    fn tikbook(&self, tikbook: Tikbook) -> Tikbook {
        Router::tikbook(self, tikbook)
    }
}

impl Make for Model {
    fn put(&self, rows: &Rows) {
        for (menu, rows) in rows {
            let number = |id: &str| u64::from_str_radix(&id[1..], 16).unwrap();
            let rows = rows.iter().map(|(id, row)| (number(id), row.clone()));
            Model::put(self, menu, rows);
        }
    }

    fn rows(&self) -> Rows {
        let of_menu = |menu: &'static str| (menu, Model::rows(self, menu));
        MENUS.iter().map(|(menu, ..)| of_menu(menu)).collect()
    }

    fn tikbook(&self, tikbook: Tikbook) -> Tikbook {
        Model::tikbook(self, tikbook)
    }
}

/// How many scripts are run against each router.
fn size() -> u64 {
    match harness() {
        Harness::Short => 8,
        Harness::Full => 200,
    }
}

/// Runs the scripts, and counts the changes that were made.
fn check(router: &impl Make) -> usize {
    (0..size())
        .map(|seed| made_as_planned_and_undone(router, seed))
        .sum()
}

fn made_as_planned_and_undone(router: &impl Make, seed: u64) -> usize {
    let mut dice = Dice::of(seed);
    let before = rows(&mut dice);
    let script = script(&mut dice, &before);
    router.put(&before);
    let state = TempDir::with_prefix("tikbook-state-").unwrap();
    let output = |args: &[&str]| -> Output {
        let tikbook = router.tikbook(Tikbook::new());
        let tikbook = tikbook.env("XDG_STATE_HOME", state.path());
        let tikbook = tikbook.file("tikbook.toml", WRITABLE);
        tikbook.file("script.rhai", &script).args(args).run()
    };
    let what = |output: &Output| format!("seed {seed}\n{script}\n{output}");

    let path = state.path().join("plan.json");
    let plan = path.to_str().unwrap();
    // Some of what is asked for contradicts what is there, or itself.
    let planned = output(&["--json", "run", "./script.rhai", "--plan", plan]);
    assert!(
        [Some(0), Some(5)].contains(&planned.status.code()),
        "{}",
        what(&planned)
    );
    assert_eq!(
        contents(&router.rows()),
        contents(&before),
        "{}",
        what(&planned)
    );
    let Ok(text) = std::fs::read_to_string(&path) else {
        return 0;
    };
    let plan_made: Value = serde_json::from_str(&text).unwrap();
    let expected = as_planned(&plan_made, before.clone());
    let applied = output(&[&["--json", "apply", plan], &APPLY[..]].concat());
    assert_eq!(applied.status.code(), Some(0), "{text}\n{}", what(&applied));
    assert_eq!(
        contents(&router.rows()),
        contents(&expected),
        "{text}\n{}",
        what(&applied)
    );

    let undone = output(&[&["undo", "last"], &APPLY[..]].concat());
    assert_eq!(undone.status.code(), Some(0), "{text}\n{}", what(&undone));
    assert_eq!(
        contents(&router.rows()),
        contents(&before),
        "{text}\n{}",
        what(&undone)
    );
    plan_made["changes"].as_array().unwrap().len()
}

#[test]
fn on_the_simulated_router_an_apply_makes_what_the_plan_says_and_undo_takes_it_back() {
    let router = Router::with("{}");
    // So long that nobody takes it for one that has just started anew.
    let up = Duration::from_secs(60);
    router.simulator.clock().advance(up);
    let made = check(&router);
    assert!(
        made > 4 * usize::try_from(size()).unwrap(),
        "only {made} changes"
    );
}

#[test]
fn on_a_router_of_another_make_an_apply_makes_what_the_plan_says_and_undo_takes_it_back() {
    let made = check(&Model::start());
    assert!(
        made > 4 * usize::try_from(size()).unwrap(),
        "only {made} changes"
    );
}
