//! Menus whose order counts: rows are added in the order they were asked for, and rows that were
//! removed come back at their places.

use std::collections::BTreeSet;
use std::time::Duration;

use routeros_schema::schema;
use routeros_sim::{Faults, State};
use serde_json::{Value, json};

use crate::change::Site;
use crate::kinds::script;

/// What tells a row from the others in each of these menus; N is its number.
pub const MENUS: &[(&str, &str)] = &[
    (
        "/ip/firewall/filter",
        r#""chain": "forward", "action": "drop", "src-address": "10.1.0.N""#,
    ),
    (
        "/ip/firewall/nat",
        r#""chain": "srcnat", "action": "masquerade", "src-address": "10.1.0.N""#,
    ),
    (
        "/ip/firewall/mangle",
        r#""chain": "prerouting", "action": "accept", "src-address": "10.1.0.N""#,
    ),
    (
        "/ip/firewall/raw",
        r#""chain": "prerouting", "action": "drop", "src-address": "10.1.0.N""#,
    ),
    (
        "/ip/hotspot/ip-binding",
        r#""address": "10.1.0.N", "type": "bypassed""#,
    ),
    (
        "/ip/hotspot/walled-garden",
        r#""action": "allow", "dst-host": "N.example""#,
    ),
    (
        "/ip/hotspot/walled-garden/ip",
        r#""action": "accept", "dst-address": "10.1.0.N""#,
    ),
    ("/queue/simple", r#""name": "qN", "target": "10.1.0.N/32""#),
    (
        "/ip/dns/static",
        r#""name": "N.example", "address": "10.1.0.N""#,
    ),
    ("/radius", r#""address": "10.1.0.N", "service": "hotspot""#),
    (
        "/interface/wireless/access-list",
        r#""mac-address": "AA:BB:CC:DD:EE:N""#,
    ),
];

pub const APPLY: [&str; 4] = ["--apply", "--yes", "--max-changes", "99"];
pub const UNDO: [&str; 6] = ["undo", "last", "--apply", "--yes", "--max-changes", "99"];

/// Six rows, with the numbers 11 to 16 and the ids *1 to *6.
pub fn site(menu: &str, fields: &str) -> Site {
    let row = |n: usize| -> Value {
        let fields = numbered(fields, n);
        let row = format!(
            r#"{{ ".id": "*{}", {fields}, "disabled": "false" }}"#,
            n - 10
        );
        serde_json::from_str(&row).unwrap()
    };
    Site::of(&json!({ menu: (11..=16).map(row).collect::<Vec<_>>() }))
}

pub fn numbered(fields: &str, n: usize) -> String {
    format!(
        r#"{}, "comment": "{n}""#,
        fields.replace('N', &n.to_string())
    )
}

/// The numbers of the rows in their order.
pub fn order(site: &Site, menu: &str) -> Vec<usize> {
    let rows = site.router.simulator.rows(menu);
    let number = |comment: &[u8]| std::str::from_utf8(comment).unwrap().parse().unwrap();
    let numbers = rows.iter().map(|row| number(row.get("comment").unwrap()));
    numbers.collect()
}

/// Removes the rows with these numbers, in this order.
fn remove(site: &Site, menu: &str, numbers: &[usize]) {
    let ids = numbers.iter().map(|n| format!(r#""*{}""#, n - 10));
    let ids = ids.collect::<Vec<_>>().join(", ");
    let removals = format!("for id in [{ids}] {{ mikrotik::remove(menu, id) }}");
    site.run(&script(menu, &removals), &APPLY).code(0);
    let kept = |n: &usize| !numbers.contains(n);
    let left: Vec<usize> = (11..=16).filter(kept).collect();
    assert_eq!(order(site, menu), left, "{menu}");
}

/// Somebody else removes the rows with these numbers.
fn lose(site: &Site, menu: &str, numbers: &[usize]) {
    let comments: Vec<Value> = numbers.iter().map(|n| n.to_string().into()).collect();
    site.router.simulator.edit(|state| {
        let mut written: Value = serde_json::from_str(&state.to_json()).unwrap();
        let rows = written[menu].as_array_mut().unwrap();
        rows.retain(|row| !comments.contains(&row["comment"]));
        *state = State::from_json(&written.to_string()).unwrap();
    });
}

const FILTER: (&str, &str) = MENUS[0];
const QUEUES: (&str, &str) = MENUS[7];

#[test]
fn the_table_has_every_menu_whose_order_counts() {
    let known = schema::menus().filter(|menu| menu.is_ordered());
    let known: BTreeSet<&str> = known.map(|menu| menu.path).collect();
    let tried: BTreeSet<&str> = MENUS.iter().map(|(menu, _)| *menu).collect();
    assert_eq!(tried, known);
}

#[test]
fn undo_brings_removed_rows_back_at_their_places() {
    let everywhere: &[&[usize]] = &[&[13], &[12, 13, 14]];
    let somewhere: &[&[usize]] = &[
        &[11],
        &[16],
        &[14, 13, 12],
        &[13, 11, 16, 12],
        &[11, 12, 13, 14, 15, 16],
    ];
    let of_filter = somewhere.iter().map(|removed| (&FILTER, removed));
    let cases = MENUS
        .iter()
        .flat_map(|menu| everywhere.iter().map(move |removed| (menu, removed)));
    for (&(menu, fields), removed) in cases.chain(of_filter) {
        // Rows are known by their ids, or after the router has started anew by what they are.
        for starts_anew in [false, true] {
            let site = site(menu, fields);
            let clock = site.router.simulator.clock();
            clock.advance(Duration::from_secs(60));
            let before = order(&site, menu);
            remove(&site, menu, removed);
            if starts_anew {
                site.router.simulator.reboot();
            }
            let output = site.tikbook(&UNDO).code(0);
            assert_eq!(order(&site, menu), before, "{menu} {removed:?}\n{output}");
        }
    }
}

#[test]
fn where_the_row_that_followed_is_gone_the_next_one_counts() {
    let (menu, fields) = FILTER;
    let cases: [(&[usize], &[usize], bool); 4] = [
        (&[13], &[11, 12, 14, 15, 16], true),
        (&[13, 14], &[11, 12, 15, 16], true),
        (&[13, 14, 15, 16], &[11, 12], false),
        // Nobody remembers a fourth one.
        (&[13, 14, 15], &[11, 16, 12], false),
    ];
    for (gone, then, has_place) in cases {
        let site = site(menu, fields);
        remove(&site, menu, &[12]);
        lose(&site, menu, gone);
        let planned = site.tikbook(&["--json", "undo", "last"]).code(0);
        let planned = planned.to_string();
        let is_said = planned.contains("it comes back as the last row");
        assert_eq!(is_said, !has_place, "{gone:?}\n{planned}");
        site.tikbook(&UNDO).code(0);
        assert_eq!(order(&site, menu), then, "{gone:?}");
    }
}

#[test]
fn of_several_removed_neighbours_one_alone_comes_back_at_its_place() {
    let (menu, fields) = QUEUES;
    let site = site(menu, fields);
    remove(&site, menu, &[11, 12, 13, 14, 15]);
    let only = [&UNDO[..], &["--only", "q11"]].concat();
    let output = site.tikbook(&only).code(0);
    assert_eq!(order(&site, menu), [11, 16], "{output}");
}

#[test]
fn a_row_of_a_journal_without_places_comes_back_as_the_last_one_and_that_is_said_before() {
    let (menu, fields) = FILTER;
    let site = site(menu, fields);
    remove(&site, menu, &[12]);
    let folder = site.state.path().join("tikbook/journal/default");
    let journal = std::fs::read_dir(folder).unwrap().next().unwrap().unwrap();
    let text = std::fs::read_to_string(journal.path()).unwrap();
    // What a line says is all that 0.1.0 wrote of it.
    let old = text.lines().map(|line| {
        let mut line: Value = serde_json::from_str(line).unwrap();
        let mut event = line["event"].take();
        if let Some(change) = event.pointer_mut("/intention/change") {
            let place = change.as_object_mut().unwrap().remove("followed_by");
            assert!(place.is_some(), "{change}");
        }
        format!("{event}\n")
    });
    std::fs::write(journal.path(), old.collect::<String>()).unwrap();
    let planned = site.tikbook(&["--json", "undo", "last"]).code(0);
    let planned = planned.to_string();
    assert!(planned.contains("its place is not known"), "{planned}");
    // For people beside why the row comes back.
    let planned = site.tikbook(&["undo", "last"]).code(0).stdout;
    let said = "its place is not known: it comes back as the last row; it was removed";
    assert!(last_column(&planned, "why").contains(said), "{planned}");
    site.tikbook(&UNDO).code(0);
    assert_eq!(order(&site, menu), [11, 13, 14, 15, 16, 12]);
}

#[test]
fn rows_are_added_in_the_order_they_were_asked_for() {
    for (menu, fields) in MENUS {
        let site = Site::of(&json!({ *menu: [] }));
        site.router.simulator.set_faults(Faults {
            latency: Duration::from_millis(20),
            last_first: true,
            ..Faults::default()
        });
        let add = |n: usize| format!("mikrotik::add(menu, #{{ {} }});", numbered(fields, n));
        let asked: Vec<usize> = (11..=30).rev().collect();
        let adds: String = asked.iter().map(|n| add(*n)).collect();
        let output = site.run(&script(menu, &adds), &APPLY).code(0);
        assert_eq!(order(&site, menu), asked, "{menu}\n{output}");
    }
}

/// What stands in the last column of a table, in one line.
fn last_column(text: &str, name: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let is_head = |line: &&str| line.ends_with(&format!(" {name}"));
    let head = lines.iter().position(is_head).unwrap();
    let place = lines[head].chars().count() - name.len();
    let rows = lines[head + 1..].iter().take_while(|line| !line.is_empty());
    let cell = |line: &&str| line.chars().skip(place).collect::<String>();
    let cells: Vec<String> = rows.map(cell).collect();
    let words = cells.iter().flat_map(|cell| cell.split_whitespace());
    words.collect::<Vec<_>>().join(" ")
}
