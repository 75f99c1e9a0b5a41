//! Rows that are moved within their menus, and rows that a run adds, by the changes that add them.

use crate::change::Site;
use crate::kinds::script;
use crate::ordered::{APPLY, MENUS, UNDO, numbered, order, site};
use serde_json::json;

const BINDINGS: &str = "/ip/hotspot/ip-binding";

/// The row with this number, as it was read.
fn row(n: usize) -> String {
    format!(r#"mikrotik::rows(menu).filter(|row| row.comment == "{n}")[0]"#)
}

/// A row of its own, number 17.
fn new(fields: &str) -> String {
    format!("#{{ {} }}", numbered(fields, 17))
}

#[test]
fn rows_are_moved_as_they_were_asked_for_and_an_undo_brings_the_order_back() {
    let begin = [11, 12, 13, 14, 15, 16];
    for &(menu, fields) in MENUS {
        for (moves, then) in [
            (vec![(16, Some(11))], [16, 11, 12, 13, 14, 15]),
            (vec![(11, None)], [12, 13, 14, 15, 16, 11]),
            (
                vec![(13, Some(12)), (16, Some(13))],
                [11, 16, 13, 12, 14, 15],
            ),
            (
                vec![(12, None), (11, None), (14, Some(11))],
                [13, 15, 16, 12, 14, 11],
            ),
            // Of a block each has the neighbour that it had before.
            (
                vec![(11, Some(15)), (12, Some(15))],
                [13, 14, 11, 12, 15, 16],
            ),
            (
                vec![(14, Some(11)), (15, Some(11))],
                [14, 15, 11, 12, 13, 16],
            ),
            // One that stands there already is no reason against the next.
            (
                vec![(12, Some(13)), (12, Some(15))],
                [11, 13, 14, 12, 15, 16],
            ),
            (
                vec![(14, Some(15)), (15, Some(14)), (14, Some(13))],
                [11, 12, 14, 13, 15, 16],
            ),
        ] {
            let site = site(menu, fields);
            let moves = moves.iter().map(|(n, before)| {
                let before = before.map_or("()".to_owned(), row);
                format!("mikrotik::move(menu, {}, {before}, \"in order\")", row(*n))
            });
            let body = format!("{};", moves.collect::<Vec<_>>().join("; "));
            let moved = site.run(&script(menu, &body), &APPLY).code(0);
            assert_eq!(order(&site, menu), then, "{menu}: {moved}");
            let undone = site.tikbook(&UNDO).code(0);
            assert_eq!(order(&site, menu), begin, "{menu}: {undone}");
        }
    }
}

#[test]
fn a_row_is_added_at_the_place_that_a_script_gives_it() {
    for &(menu, fields) in MENUS {
        for (body, then) in [
            (
                format!(
                    "mikrotik::move(menu, mikrotik::add(menu, {}), {})",
                    new(fields),
                    row(13)
                ),
                vec![11, 12, 17, 13, 14, 15, 16],
            ),
            (
                format!(
                    "let added = mikrotik::add(menu, {}); mikrotik::move(menu, {}, added)",
                    new(fields),
                    row(11)
                ),
                vec![12, 13, 14, 15, 16, 11, 17],
            ),
            (
                format!(
                    "mikrotik::add(menu, {}); mikrotik::move(menu, {}, ())",
                    new(fields),
                    row(16)
                ),
                vec![11, 12, 13, 14, 15, 17, 16],
            ),
        ] {
            let site = site(menu, fields);
            site.wait_until_ids_count();
            let body = format!("{body};");
            let added = site.run(&script(menu, &body), &APPLY).code(0);
            assert_eq!(order(&site, menu), then, "{menu}: {added}");
            let undone = site.tikbook(&UNDO).code(0);
            assert_eq!(
                order(&site, menu),
                [11, 12, 13, 14, 15, 16],
                "{menu}: {undone}"
            );
        }
    }
}

/// What a run is to add can be changed and taken out again by the change that adds it, also after
/// somebody looked at what becomes of it.
#[test]
fn a_row_that_is_planned_is_known_by_the_change_that_adds_it() {
    let menu = "/ip/firewall/address-list";
    let add =
        r#"let added = mikrotik::add(menu, #{ list: "vip", address: "10.0.0.9", comment: "a" });"#;
    let set = r#"mikrotik::set(menu, added, #{ comment: "b", disabled: true });"#;
    let remove = "mikrotik::remove(menu, added);";
    let look = r#"assert_eq(added.status, "planned");"#;
    let beside = r#"mikrotik::add(menu, #{ list: "vip", address: "10.0.0.8" });"#;
    for (lines, rows) in [
        (vec![add, set], 1),
        (vec![add, look, set, look], 1),
        (vec![add, beside, look, set], 2),
        (vec![add, remove], 0),
        (vec![add, look, remove], 0),
        (vec![add, look, beside, remove], 1),
    ] {
        let site = Site::of(&json!({}));
        let body = lines.join(" ");
        let script = script(menu, &body);
        let planned = site.run(&script, &["--json"]).code(0).stdout_json();
        assert_eq!(planned["changes"]["planned"], rows, "{body}: {planned}");
        let applied = site.run(&script, &APPLY).code(0);
        assert_eq!(site.router.ids(menu).len(), rows, "{body}: {applied}");
        if lines.contains(&set) {
            let rows = site.router.simulator.rows(menu);
            let nine = rows
                .iter()
                .find(|row| row.get("address") == Some(b"10.0.0.9"));
            let nine = nine.unwrap();
            assert_eq!(nine.get("comment"), Some(&b"b"[..]), "{body}");
            assert_eq!(nine.get("disabled"), Some(&b"true"[..]), "{body}");
        }
    }
}

#[test]
fn what_is_no_row_or_has_no_place_is_said_before_anything_is_planned() {
    let lists = "/ip/firewall/address-list";
    let add = format!(
        r#"let added = mikrotik::add({lists:?}, #{{ list: "vip", address: "10.0.0.9" }});"#
    );
    for (body, said) in [
        (
            format!(r#"mikrotik::move({lists:?}, "*1", "*2")"#),
            "the order of the rows of /ip/firewall/address-list does not count",
        ),
        (
            format!("{add} mikrotik::set({BINDINGS:?}, added, #{{ disabled: true }})"),
            "the row is added to /ip/firewall/address-list, not to /ip/hotspot/ip-binding",
        ),
        (
            format!("{add} mikrotik::remove({lists:?}, added); mikrotik::remove({lists:?}, added)"),
            "the row was taken out of the plan before",
        ),
        (
            format!(
                r#"let gone = mikrotik::remove({lists:?}, "*1"); mikrotik::set({lists:?}, gone, #{{ disabled: true }})"#
            ),
            "a change is no row, unless it adds one in this run",
        ),
    ] {
        let site = Site::of(&json!({}));
        let failed = site.run(&script(lists, &body), &[]).code(1);
        assert!(failed.stderr.contains(said), "{body}: {failed}");
    }
}

#[test]
fn what_is_to_come_before_a_row_that_is_gone_is_a_conflict_and_what_stands_there_is_left() {
    let &(menu, fields) = &MENUS[0];
    let site = site(menu, fields);
    let body = |before: &str, row: &str| {
        let moved = format!("mikrotik::move(menu, {row}, {before});");
        script(menu, &moved)
    };
    let stands = site.run(&body("\"*2\"", "\"*1\""), &APPLY).code(0);
    assert!(
        stands.stdout.contains("the row is at its place already"),
        "{stands}"
    );
    let gone = site.run(&body("\"*99\"", "\"*1\""), &APPLY).code(5);
    assert!(
        gone.stdout
            .contains("the row that it is to come before is gone"),
        "{gone}"
    );
    assert_eq!(order(&site, menu), [11, 12, 13, 14, 15, 16]);
    let shown = site
        .run(&body("()", "\"*1\""), &["--json"])
        .code(0)
        .stdout_json();
    let changes = &shown["changes"]["rows"][0]["changes"]["place"];
    assert!(
        changes[0].as_str().unwrap().starts_with("before *2"),
        "{shown}"
    );
    assert_eq!(changes[1], "last", "{shown}");
}

#[test]
fn a_row_that_was_moved_and_then_removed_comes_back_where_it_was() {
    for &(menu, fields) in MENUS {
        for before in [row(11), "()".to_owned()] {
            let site = site(menu, fields);
            let third = row(13);
            let body = format!(
                "let third = {third}; mikrotik::move(menu, third, {before}); mikrotik::remove(menu, third);"
            );
            site.run(&script(menu, &body), &APPLY).code(0);
            assert_eq!(order(&site, menu), [11, 12, 14, 15, 16], "{menu}");
            let undone = site.tikbook(&UNDO).code(0);
            assert_eq!(
                order(&site, menu),
                [11, 12, 13, 14, 15, 16],
                "{menu}: {undone}"
            );
        }
    }
}

/// Where a row is added was approved as well as what it is.
#[test]
fn a_row_that_would_be_added_elsewhere_is_another_change() {
    let &(menu, fields) = &MENUS[0];
    let site = site(menu, fields);
    let body = |before: usize| {
        let add = format!("mikrotik::add(menu, {})", new(fields));
        script(
            menu,
            &format!("mikrotik::move(menu, {add}, {});", row(before)),
        )
    };
    let plan = site.state.path().join("plan.json").display().to_string();
    let planned = site
        .run(&body(13), &["--plan", &plan])
        .code(0)
        .stdout_json();
    let place = &planned["changes"]["rows"][0]["changes"]["place"];
    assert!(
        place[1].as_str().unwrap().starts_with("before *3"),
        "{planned}"
    );
    let same = [&APPLY[..], &["--only-if-same-as", &plan]].concat();
    let other = site.run(&body(14), &same).code(6);
    assert!(other.stderr.contains("place"), "{other}");
    assert_eq!(order(&site, menu), [11, 12, 13, 14, 15, 16]);
    site.run(&body(13), &same).code(0);
    assert_eq!(order(&site, menu), [11, 12, 17, 13, 14, 15, 16]);
}

#[test]
fn a_row_that_is_placed_behind_moves_that_rest_on_it_is_refused() {
    let &(menu, fields) = &MENUS[0];
    let site = site(menu, fields);
    let body = format!(
        "let added = mikrotik::add(menu, {}); mikrotik::move(menu, {}, added); mikrotik::move(menu, added, {});",
        new(fields),
        row(16),
        row(11)
    );
    let refused = site.run(&script(menu, &body), &[]).code(1);
    let said = "other rows were moved since this one was added";
    assert!(refused.stderr.contains(said), "{refused}");
}

/// What an earlier change of the same plan makes of a row is no reason against a later one.
#[test]
fn changes_of_one_row_rest_on_each_other_whatever_it_has() {
    let menu = BINDINGS;
    for later in [
        "mikrotik::set(menu, first, #{ disabled: true })",
        "mikrotik::move(menu, first, ())",
        "mikrotik::remove(menu, first)",
    ] {
        let row = |n: u8| {
            json!({ ".id": format!("*{n}"), "mac-address": format!("AA:BB:CC:00:00:0{n}"),
                    "type": "bypassed", "comment": "c", "disabled": "false" })
        };
        let site = Site::of(&json!({ menu: [row(1), row(2)] }));
        let body = format!(
            "let first = mikrotik::rows(menu)[0]; mikrotik::set(menu, first, #{{ comment: \"x\" }}); {later};"
        );
        let applied = site.run(&script(menu, &body), &APPLY).code(0);
        assert_eq!(
            applied.stdout_json()["changes"]["applied"],
            2,
            "{later}: {applied}"
        );
        let before = site.tikbook(&UNDO).code(0);
        let first = &site.router.simulator.rows(menu)[0];
        assert_eq!(first.get("comment"), Some(&b"c"[..]), "{later}: {before}");
    }
}
