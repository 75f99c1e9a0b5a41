//! Rows that are to be there and to be so: what is planned of them, by what they are.

use std::collections::BTreeSet;

use routeros_schema::schema;
use serde_json::{Value, json};

use crate::change::{Site, body};
use crate::kinds::{APPLY, UNDO, WRITTEN, is_made_once_and_undone, script, statuses};
use crate::support::router::nowhere;
use crate::support::tikbook::Tikbook;

const LIST: &str = "/ip/firewall/address-list";
const COMMENT: &str = "guest|user=0812345678";

/// A row of the list `vip`, with these fields besides.
fn row(fields: &[(&str, &str)]) -> Value {
    let mut row = json!({ ".id": "*1", "list": "vip", "address": "10.0.0.9", "comment": COMMENT,
                          "dynamic": "false", "disabled": "false" });
    for (name, value) in fields {
        row[*name] = (*value).into();
    }
    row
}

/// The rows of the list `vip`: comment, whether it is off, and hours that are left, rounded up.
fn vips(site: &Site) -> BTreeSet<(String, bool, Option<u64>)> {
    let text =
        |value: Option<&[u8]>| String::from_utf8_lossy(value.unwrap_or_default()).into_owned();
    let hours = |text: String| {
        let left = routeros_schema::value::duration::parse(text.as_bytes()).ok();
        left.filter(|_| !text.is_empty())
            .map(|left| left.as_secs().div_ceil(3600))
    };
    let rows = site.router.simulator.rows(LIST);
    rows.iter()
        .filter(|row| row.get("list") == Some(b"vip"))
        .map(|row| {
            let is_off = text(row.get("disabled")) == "true";
            (
                text(row.get("comment")),
                is_off,
                hours(text(row.get("timeout"))),
            )
        })
        .collect()
}

/// A row that is there or none, what is asked for, what is planned (`+`, `~` with the fields that are
/// set, `-`, or why nothing is), and the hours that are left then.
type Case = (
    &'static [(&'static str, &'static str)],
    &'static str,
    &'static str,
    &'static str,
    Option<u64>,
);

const CASES: &[Case] = &[
    // Nothing there.
    (&[("list", "other")], "", "#{}", "+", None),
    (
        &[("list", "other")],
        r#"timeout: "1d""#,
        "#{}",
        "+",
        Some(24),
    ),
    // There and so, or not so.
    (&[], "", "#{}", "the row is so already", None),
    (
        &[("comment", "old|user=0812345678")],
        "",
        "#{}",
        "~comment",
        None,
    ),
    (&[("disabled", "true")], "", "#{}", "~disabled", None),
    (
        &[("disabled", "true")],
        "disabled: true",
        "#{}",
        "the row is so already",
        None,
    ),
    // Time that is left.
    (
        &[("timeout", "13h")],
        r#"timeout: "1d""#,
        "#{}",
        "the row is so already",
        Some(13),
    ),
    (
        &[("timeout", "11h")],
        r#"timeout: "24:00:00""#,
        "#{}",
        "~timeout",
        Some(24),
    ),
    (
        &[("timeout", "7h")],
        r#"timeout: "1d""#,
        r#"#{ renew: "6h" }"#,
        "the row is so already",
        Some(7),
    ),
    (
        &[("timeout", "5h")],
        r#"timeout: "1d""#,
        r#"#{ renew: "6h" }"#,
        "~timeout",
        Some(24),
    ),
    (
        &[("timeout", "23h")],
        r#"timeout: "1d""#,
        r#"#{ renew: "always" }"#,
        "~timeout",
        Some(24),
    ),
    (
        &[("timeout", "2d")],
        r#"timeout: "1d""#,
        "#{}",
        "the row is so already",
        Some(48),
    ),
    (
        &[("timeout", "2d")],
        r#"timeout: "1d""#,
        "#{ shorten: true }",
        "~timeout",
        Some(24),
    ),
    (
        &[("timeout", "13h"), ("comment", "old|user=0812345678")],
        r#"timeout: "1d""#,
        "#{}",
        "~comment",
        Some(13),
    ),
    // From one that ends to one that lasts, and back.
    (
        &[("timeout", "13h"), ("dynamic", "true")],
        "",
        "#{}",
        "-+",
        None,
    ),
    (&[], r#"timeout: "1d""#, "#{}", "it is permanent", None),
    (
        &[("disabled", "true")],
        r#"timeout: "1d""#,
        "#{}",
        "~disabled",
        None,
    ),
    (
        &[],
        r#"timeout: "1d""#,
        "#{ shorten: true }",
        "-+",
        Some(24),
    ),
];

fn planned(report: &Value) -> String {
    let rows = report["changes"]["rows"].as_array().unwrap().iter();
    let planned = rows.map(
        |row| match (row["status"].as_str(), row["action"].as_str()) {
            (Some("planned" | "applied"), Some("add")) => "+".to_owned(),
            (Some("planned" | "applied"), Some("remove")) => "-".to_owned(),
            (Some("planned" | "applied"), Some("set")) => {
                let fields = row["changes"].as_object().unwrap().keys();
                format!("~{}", fields.cloned().collect::<Vec<_>>().join(","))
            }
            (Some("skipped"), _) => row["reason"].as_str().unwrap().to_owned(),
            (status, _) => panic!("{status:?}: {row}"),
        },
    );
    planned.collect()
}

#[test]
fn what_is_planned_of_a_row_is_what_it_lacks_and_undo_takes_it_back() {
    for (there, fields, options, expected, hours) in CASES {
        let rows = row(there);
        let site = Site::of(&json!({ LIST: [rows] }));
        let before = vips(&site);
        let comma = if fields.is_empty() { "" } else { ", " };
        let ensure = format!(
            r#"let row = #{{ list: "vip", address: "10.0.0.9", comment: "{COMMENT}"{comma}{fields} }};
    mikrotik::ensure(menu, row, {options})"#
        );
        let ensure = body(&ensure);
        let dry = site.run(&ensure, &[]).code(0).stdout_json();
        let plan = planned(&dry);
        assert!(
            plan.starts_with(expected),
            "{there:?} {fields} {options}: {plan}"
        );
        assert_eq!(site.router.simulator.received().writes(), 0);
        let made = site.run(&ensure, &APPLY).code(0);
        assert!(planned(&made.stdout_json()).starts_with(expected), "{made}");
        let row = vips(&site);
        let row = row.iter().find(|(comment, ..)| comment == COMMENT);
        assert_eq!(
            row.map(|(.., left)| *left),
            Some(*hours),
            "{there:?} {fields} {options}"
        );
        if !options.contains("always") {
            let again = planned(&site.run(&ensure, &[]).code(0).stdout_json());
            let is_nothing = !again.contains(['+', '~']);
            assert!(is_nothing, "{there:?} {fields} {options}: {again}");
        }
        if expected.contains(['+', '~', '-']) {
            let output = site.tikbook(&UNDO).code(0);
            assert_eq!(
                vips(&site),
                before,
                "{there:?} {fields} {options}\n{output}"
            );
        }
    }
}

#[test]
fn a_row_of_any_menu_with_a_key_is_made_sure_of_once_and_undone() {
    let mut count = 0;
    for (menu, added, _) in WRITTEN {
        let known = schema::menu(&menu.parse().unwrap()).unwrap();
        if known.key.fields().is_empty() {
            continue;
        }
        count += 1;
        let site = Site::of(&json!({ *menu: [] }));
        let ensure = |more: &str| {
            script(
                menu,
                &format!("mikrotik::ensure(menu, #{{ {added}{more} }})"),
            )
        };
        is_made_once_and_undone(&site, menu, &ensure(""));
        site.run(&ensure(""), &APPLY).code(0);
        let is_given = added.contains("comment:") || known.field("comment").is_none();
        let is_off = added.contains("disabled:") || known.field("disabled").is_none();
        if !is_given {
            is_made_once_and_undone(&site, menu, &ensure(r#", comment: "another""#));
        }
        if !is_off {
            is_made_once_and_undone(&site, menu, &ensure(", disabled: true"));
        }
    }
    assert!(count > 10, "{count}");
}

#[test]
fn many_rows_are_made_sure_of_added_and_set_in_one_call_as_in_many() {
    let rows = r##"["10.0.0.8", "10.0.0.9"].map(|address| #{ list: "vip", address: address, comment: "x|user=0812345678" })"##;
    let named = r#"mikrotik::named("default")"#;
    for (write, expected) in [
        (
            format!(r##"mikrotik::ensure_all(menu, {rows}, #{{ why: "vip" }})"##),
            ["add", "set"],
        ),
        (
            format!(r##"{named}.ensure_all(menu, {rows}, #{{ why: "vip" }})"##),
            ["add", "set"],
        ),
        (
            format!(r##"{rows}.map(|row| {named}.ensure(menu, row, #{{ why: "vip" }}))"##),
            ["add", "set"],
        ),
        (
            format!(
                r##"mikrotik::add_all(menu, {rows}.map(|row| {{ row.list = "new"; row }}), "vip")"##
            ),
            ["add", "add"],
        ),
        (
            format!(
                r##"{named}.add_all(menu, {rows}.map(|row| {{ row.list = "new"; row }}), ["vip", "vip"])"##
            ),
            ["add", "add"],
        ),
        (
            r##"mikrotik::set_all(menu, ["*1", "*2"], #{ disabled: true }, "vip")"##.to_owned(),
            ["set", "set"],
        ),
        (
            format!(
                r##"{named}.set_all(menu, mikrotik::rows(menu), #{{ disabled: true }}, ["vip", "vip"])"##
            ),
            ["set", "set"],
        ),
    ] {
        let mut other = row(&[("address", "10.0.0.77")]);
        other[".id"] = "*2".into();
        let site = Site::of(&json!({ LIST: [row(&[]), other] }));
        let script = body(&format!(
            "let written = {write}; return #{{ whys: written.map(|one| one.why) }}"
        ));
        let report = site.run(&script, &[]).code(0).stdout_json();
        assert_eq!(report["whys"], json!(["vip", "vip"]), "{write}");
        let rows = report["changes"]["rows"].as_array().unwrap();
        let actions: Vec<&str> = rows
            .iter()
            .map(|row| row["action"].as_str().unwrap())
            .collect();
        assert_eq!(actions, expected, "{write}");
        assert_eq!(statuses(&report), ["planned", "planned"], "{write}");
    }
}

#[test]
fn a_row_that_cannot_be_replaced_is_left_as_it_is() {
    // Nobody's row is replaced by one of the same key.
    let site = Site::of(
        &json!({ LIST: [row(&[("timeout", "13h"), ("dynamic", "true"), ("comment", "by hand")])] }),
    );
    let before = vips(&site);
    let ensure = r##"let ensured = mikrotik::ensure(menu, #{ list: "vip", address: "10.0.0.9" });
    return #{ status: ensured.status, action: ensured.action }"##;
    let output = site.run(&body(ensure), &["--apply", "--yes"]);
    let report = output.stdout_json();
    assert_eq!(report["status"], "protected", "{output}");
    assert_eq!(vips(&site), before);
    assert_eq!(site.router.simulator.received().writes(), 0);
}

#[test]
fn what_nobody_could_make_sure_of_is_said_before_anything_is_asked() {
    for (write, message) in [
        (
            r##"mikrotik::ensure("/ip/hotspot/walled-garden", #{ action: "allow" })"##,
            "no key",
        ),
        (
            r##"mikrotik::ensure(menu, #{ comment: "x" })"##,
            "is found by list, address",
        ),
        (
            r##"mikrotik::ensure(menu, #{ list: "vip", address: "10.0.0.9", timeout: "soon" })"##,
            "`soon` is not a length of time",
        ),
        (
            r##"mikrotik::ensure(menu, #{ list: "vip", address: "10.0.0.9" }, #{ renw: "6h" })"##,
            "did you mean `renew`?",
        ),
        (
            r##"mikrotik::ensure(menu, #{ list: "vip", address: "10.0.0.9" }, #{ renew: "soon" })"##,
            "the option `renew` cannot be `soon`",
        ),
        (
            r##"mikrotik::ensure(menu, #{ list: "vip", address: "10.0.0.9" }, #{ shorten: 1 })"##,
            "the option `shorten` cannot be `1`",
        ),
        (
            r##"mikrotik::ensure_all(menu, ["10.0.0.9"], #{})"##,
            "a map of fields, not a string",
        ),
    ] {
        let menu = match write.contains("walled-garden") {
            true => "/ip/hotspot/walled-garden",
            false => LIST,
        };
        let output = nowhere(Tikbook::new())
            .file("script.rhai", script(menu, write))
            .args(["run", "./script.rhai"])
            .run()
            .code(1);
        assert!(output.stderr.contains(message), "{write}: {output}");
    }
}
