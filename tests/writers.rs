//! What writers of the router cost, and what they give back.

use std::collections::HashSet;

use routeros_schema::schema::{Motion, Unset};
use routeros_schema::{Kind, MenuSchema, schema};
use serde_json::json;

use crate::change::{Site, body};
use crate::kinds::{APPLY, UNDO, WRITTEN, is_made_once_and_undone, rows, script, statuses};
use crate::support::router::nowhere;
use crate::support::tikbook::Tikbook;

const LIST: &str = "/ip/firewall/address-list";

/// Kinds of writes of `count` rows, each one by one and as one call, and of ten times as many where they
/// are many.
fn writes(count: usize) -> Vec<(usize, String, &'static str)> {
    let each = |write: &str| format!("for n in 1..={count} {{ written.push({write}); }}");
    let many = |write: &str| format!("for n in 1..={} {{ written.push({write}); }}", 10 * count);
    let named = r#"mikrotik::named("default")"#;
    let row = r##"#{ list: "vip", address: "10.9." + n / 256 + "." + n % 256 }"##;
    let written = vec![
        (each(&format!(r#"{named}.add(menu, {row}, "why")"#)), "add"),
        (each(r#"mikrotik::remove(menu, rows[n - 1])"#), "remove"),
        (
            each(&format!(r#"{named}.remove(menu, rows[n - 1], "why")"#)),
            "remove",
        ),
        (
            r#"written = mikrotik::remove_all(menu, rows, "why");"#.to_owned(),
            "remove",
        ),
        (
            each(r##"mikrotik::set(menu, rows[n - 1], #{ disabled: true })"##),
            "set",
        ),
        (
            each(&format!("mikrotik::set(menu, rows[n - 1], {row})")),
            "set",
        ),
    ];
    let written = written
        .into_iter()
        .map(|(write, action)| (count, write, action));
    let many = (
        10 * count,
        many(&format!("mikrotik::add(menu, {row})")),
        "add",
    );
    written.chain([many]).collect()
}

#[test]
fn however_many_changes_a_script_asks_for_one_by_one_the_router_is_read_for_all_of_them_at_once() {
    const COUNT: usize = 1_000;
    let site = Site::with_rows(COUNT);
    let reads = || site.router.simulator.received().of(LIST, "print");
    for (count, write, action) in writes(COUNT) {
        let script = body(&format!(
            r##"let rows = mikrotik::rows(menu, #{{}}, [".id"]);
    let written = [];
    {write}
    let whys = written.map(|change| change.why + change.target);
    let planned = change::count(written, "planned");
    return #{{ planned: planned, actions: written.filter(|change| change.action == "{action}").len() }}"##
        ));
        let before = reads();
        let report = site.run(&script, &[]).code(0).stdout_json();
        assert_eq!(report["planned"], count, "{write}");
        assert_eq!(report["actions"], count, "{write}");
        // One is the script's own; of the others one reads the rows, and one counts the list or looks
        // for rows with the new keys.
        let most = match write.contains("rows[n - 1], #{ list") {
            true => 4,
            false => 3,
        };
        let reads = reads() - before;
        assert!(reads <= most, "{reads} reads for: {write}");
    }
    assert_eq!(site.router.simulator.received().writes(), 0);
}

#[test]
fn a_writer_alone_asks_nothing_of_the_router_and_says_at_once_what_is_wrong_with_its_arguments() {
    for (write, kind) in [
        (
            r##"mikrotik::add("no menu at all!", #{ a: 1 })"##,
            "invalid",
        ),
        (
            r##"mikrotik::add("/ip/arp", #{ address: "10.0.0.9" })"##,
            "denied",
        ),
        (r##"mikrotik::add(menu, #{ list: [1] })"##, "invalid"),
        (r##"mikrotik::add(menu, #{ "=list": "vip" })"##, "invalid"),
        (
            r##"mikrotik::set(menu, "4", #{ disabled: true })"##,
            "invalid",
        ),
        (
            r##"mikrotik::set(menu, #{ list: "vip" }, #{ disabled: true })"##,
            "invalid",
        ),
        (r##"mikrotik::remove(menu, "4")"##, "invalid"),
        (
            r##"mikrotik::remove_all(menu, ["*1", "4"], "why")"##,
            "invalid",
        ),
        (
            r##"mikrotik::named("gw9").remove(menu, "*1", "why")"##,
            "not_configured",
        ),
    ] {
        let script = body(&format!(
            r##"try {{ {write}; return #{{ kind: "none" }}; }}
    catch (err) {{ return #{{ kind: err.kind, line: err.line }}; }}"##
        ));
        let output = nowhere(Tikbook::new())
            .file("script.rhai", script)
            .args(["--json", "run", "./script.rhai"])
            .run();
        let report = output.code(0).stdout_json();
        assert_eq!(report["kind"], kind, "{write}");
        assert_eq!(report["line"], 5, "{write}");
    }
}

#[test]
fn a_router_that_cannot_be_asked_fails_the_run_at_the_line_that_wrote() {
    let write = r##"let added = mikrotik::add(menu, #{ list: "vip", address: "10.0.0.9" })"##;
    for (look, is_caught) in [
        ("", false),
        ("let status = added.status", false),
        ("let text = `${added}`", false),
        (r#"let count = change::count([added], "planned")"#, false),
        (
            "try { added.status; } catch (err) { print(err.kind + err.line); }",
            true,
        ),
    ] {
        let script = body(&format!("{write};\n\n    {look}"));
        let output = nowhere(Tikbook::new())
            .file("script.rhai", script)
            .args(["run", "./script.rhai"])
            .run();
        match is_caught {
            true => {
                let output = output.code(0);
                assert!(output.stderr.contains("unreachable5"), "{output}");
            }
            false => {
                let output = output.code(4);
                assert!(output.stderr.contains("script.rhai:5"), "{look}: {output}");
            }
        }
    }
}

#[test]
fn what_cannot_be_asked_of_one_router_leaves_the_changes_of_another_as_they_are() {
    let site = Site::of(&json!({ LIST: [] }));
    let port = site.router.simulator.address().port();
    let router = |name: &str, port: u16| {
        format!(
            "[sites.here.routers.{name}]\nhost = \"127.0.0.1\"\nport = {port}\n\
             user = \"audit\"\npassword_env = \"PASSWORD\"\n"
        )
    };
    let script = body(
        r##"let here = mikrotik::named("a").add(menu, #{ list: "vip", address: "10.0.0.1" }, "why");
    let there = mikrotik::named("b").add(menu, #{ list: "vip", address: "10.0.0.2" }, "why");
    let kind = "";
    try { there.status; } catch (err) { kind = err.kind; }
    return #{ kind: kind, here: here.status, statuses: [here].map(|change| change.status) }"##,
    );
    let output = Tikbook::new()
        .env("PASSWORD", "s3cret")
        .file("tikbook.toml", [router("a", port), router("b", 1)].concat())
        .file("script.rhai", script)
        .args(["--json", "run", "./script.rhai"])
        .run();
    let report = output.code(0).stdout_json();
    assert_eq!(report["kind"], "unreachable");
    assert_eq!(report["here"], "planned");
    let rows = report["changes"]["rows"].as_array().unwrap();
    assert_eq!(rows.len(), 1, "{report}");
}

fn known(menu: &str) -> &'static MenuSchema {
    schema::menu(&menu.parse().unwrap()).unwrap()
}

/// The fields of a row, given as a script does, whose value can be taken away, each with what stands
/// for none.
fn unsettable(menu: &str, given: &str) -> Vec<(&'static str, Unset, &'static str)> {
    let key = known(menu).key.fields();
    let fields = given.split(", ").map(|field| {
        let name = field.split(':').next().unwrap().trim_matches('"');
        known(menu).field(name).unwrap()
    });
    let fields = fields.filter(|field| {
        let has_none = field.default.is_some() || field.kind == Kind::Bool;
        let is_known = match field.unset {
            Unset::Never => false,
            Unset::Unknown => has_none,
            _ => true,
        };
        is_known && !field.required && !key.contains(&field.name) && field.motion == Motion::Steady
    });
    let none = |field: &schema::Field| match field.unset {
        Unset::Word(word) => word,
        _ if field.kind == Kind::Bool => field.default.unwrap_or("false"),
        _ => field.default.unwrap_or_default(),
    };
    let mut seen = HashSet::new();
    let fields = fields.filter(|field| seen.insert(field.name));
    fields
        .map(|field| (field.name, field.unset, none(field)))
        .collect()
}

#[test]
fn a_field_that_is_to_have_no_value_is_unset_in_its_own_way_and_undo_gives_it_back() {
    let mut ways = HashSet::new();
    let by_word = (
        "/ip/hotspot",
        r#"name: "h", interface: "ether1""#,
        r#""idle-timeout": "7m""#,
    );
    for (menu, added, set) in WRITTEN.iter().chain([&by_word]) {
        let site = Site::of(&json!({ *menu: [] }));
        let add = format!("mikrotik::add(menu, #{{ {added} }})");
        site.run(&script(menu, &add), &APPLY).code(0);
        let set_fields = format!(r#"mikrotik::set(menu, "*1", #{{ {set} }})"#);
        site.run(&script(menu, &set_fields), &APPLY).code(0);
        let fields = unsettable(menu, &format!("{added}, {set}"));
        let had = site.router.simulator.rows(menu);
        // A value that is none already is none to be taken away.
        let has = |name: &str, none: &str| {
            had[0]
                .get(name)
                .is_some_and(|value| value != none.as_bytes())
        };
        let fields: Vec<_> = fields
            .into_iter()
            .filter(|(name, _, none)| has(name, none))
            .collect();
        if fields.is_empty() {
            continue;
        }
        let given: Vec<String> = fields
            .iter()
            .map(|(name, ..)| format!("{name:?}: ()"))
            .collect();
        let unset = format!(r#"mikrotik::set(menu, "*1", #{{ {} }})"#, given.join(", "));
        let unset = script(menu, &unset);
        let before = rows(&site, menu);
        let output = site.run(&unset, &APPLY).code(0);
        assert_eq!(statuses(&output.stdout_json()), ["applied"], "{output}");
        let row = &site.router.simulator.rows(menu)[0];
        for (name, way, none) in &fields {
            let value = row.get(name).unwrap_or_default();
            let is_none = value.is_empty() || value == none.as_bytes();
            assert!(is_none, "{menu} {name}: {}", String::from_utf8_lossy(value));
            ways.insert(format!("{way:?}").split('(').next().unwrap().to_owned());
        }
        let by_verb = fields
            .iter()
            .filter(|(_, way, _)| *way == Unset::Verb)
            .count();
        let received = site.router.simulator.received();
        assert_eq!(received.of(menu, "unset"), by_verb as u64, "{menu}");
        let again = site.run(&unset, &[]).code(0);
        assert_eq!(statuses(&again.stdout_json()), ["skipped"], "{again}");
        let output = site.tikbook(&UNDO).code(0);
        assert_eq!(rows(&site, menu), before, "{unset}\n{output}");
    }
    for way in ["Empty", "Verb", "Word"] {
        assert!(ways.contains(way), "{way} of {ways:?}");
    }
}

#[test]
fn what_cannot_be_without_a_value_is_said_before_anything_is_asked() {
    let menu = "/ip/hotspot/user/profile";
    let write = r##"mikrotik::set(menu, "*1", #{ "session-timeout": () })"##;
    let output = nowhere(Tikbook::new())
        .file("script.rhai", script(menu, write))
        .args(["run", "./script.rhai"])
        .run()
        .code(1);
    let message = "`session-timeout` of /ip/hotspot/user/profile cannot be without a value";
    assert!(output.stderr.contains(message), "{output}");
}

fn two_values(kind: Kind) -> Option<(&'static str, &'static str)> {
    match kind {
        Kind::Bool => Some(("false", "true")),
        Kind::Duration => Some(("1m", "2m")),
        Kind::Text => Some(("old", "new")),
        Kind::Address => Some(("10.0.0.1", "10.0.0.2")),
        Kind::Counter => Some(("7", "8")),
        Kind::Either(kinds) => kinds.iter().find_map(|kind| two_values(*kind)),
        _ => None,
    }
}

/// A row of each menu with one row that can be set, and how it is set.
fn singletons() -> Vec<(&'static str, serde_json::Value, String)> {
    let settable = |menu: &&MenuSchema| menu.is_singleton() && menu.verb("set").is_some();
    let of_menu = |menu: &'static MenuSchema| {
        let mut fields = menu.fields().filter(|field| field.is_settable());
        let field = fields.find_map(|field| Some((field.name, two_values(field.kind)?)));
        let (name, (old, new)) = field.unwrap_or_else(|| panic!("no field of {}", menu.path));
        (
            menu.path,
            json!([{ name: old }]),
            format!("{name:?}: {new:?}"),
        )
    };
    schema::menus().filter(settable).map(of_menu).collect()
}

#[test]
fn a_menu_with_one_row_is_set_without_saying_which_and_undone() {
    for (menu, row, fields) in singletons() {
        let site = Site::of(&json!({ menu: row }));
        let set = script(menu, &format!("mikrotik::set(menu, #{{ {fields} }})"));
        is_made_once_and_undone(&site, menu, &set);
    }
}

#[test]
fn what_is_set_of_a_menu_with_one_row_is_shown_planned_and_applied_as_of_any_other() {
    let menu = "/ip/dns";
    let before = json!({ menu: [{ "servers": "10.0.0.1", "allow-remote-requests": "false" }] });
    let site = Site::of(&before);
    let set = script(
        menu,
        r##"let set = mikrotik::named("default").set(menu, #{ "allow-remote-requests": true }, "for guests");
    mikrotik::set(menu, (), #{ servers: () }, "for nobody")"##,
    );
    let plan = site.state.path().join("plan.json");
    let plan = plan.to_str().unwrap();
    let planned = site.run(&set, &["--plan", plan]).code(0).stdout_json();
    assert_eq!(
        planned["changes"]["rows"][0]["changes"],
        json!({ "allow-remote-requests": ["false", "true"] })
    );
    assert_eq!(
        planned["changes"]["rows"][0]["subject"],
        "allow-remote-requests: false → true"
    );
    assert_eq!(
        planned["changes"]["rows"][1]["subject"],
        "servers: 10.0.0.1 → (absent)"
    );
    assert_eq!(site.router.simulator.received().writes(), 0);
    let made = site.apply(plan).code(0).stdout_json();
    assert_eq!(statuses(&made), ["applied", "applied"]);
    let row = &site.router.simulator.rows(menu)[0];
    assert_eq!(row.get("allow-remote-requests"), Some(&b"true"[..]));
    assert_eq!(row.get("servers").unwrap_or_default(), b"");
    site.tikbook(&UNDO).code(0);
    let row = &site.router.simulator.rows(menu)[0];
    assert_eq!(row.get("allow-remote-requests"), Some(&b"false"[..]));
    assert_eq!(row.get("servers"), Some(&b"10.0.0.1"[..]));

    let many = script("/ip/arp", "mikrotik::set(menu, #{ comment: \"x\" })");
    let output = site.run(&many, &[]).code(1);
    assert!(output.stderr.contains("/ip/arp has many rows"), "{output}");
}

#[test]
fn a_misspelt_field_is_said_before_anything_is_planned() {
    let site = Site::with_rows(4);
    for wrong in [
        r#"mikrotik::add(menu, #{ list: "vip", address: "10.9.9.9", tiemout: "1h" })"#,
        r#"mikrotik::set(menu, "*1", #{ coment: "x|user=0812345678" })"#,
        r#"mikrotik::ensure(menu, #{ list: "blocked", address: "10.0.0.1", tiemout: "1h" })"#,
    ] {
        let output = site.run(&body(wrong), &["--apply", "--yes"]).code(1);
        assert!(output.stderr.contains("has no field"), "{wrong}: {output}");
        assert!(output.stderr.contains("did you mean"), "{wrong}: {output}");
        assert_eq!(site.router.simulator.received().writes(), 0, "{wrong}");
    }
    // Half of a key finds no row.
    let half = body(r#"mikrotik::ensure(menu, #{ list: "vip" })"#);
    let output = site.run(&half, &[]).code(1);
    assert!(output.stderr.contains("`address`"), "{output}");
    // What the router would refuse when it is applied.
    let lasting = body(r#"mikrotik::set(menu, "*1", #{ timeout: () })"#);
    let output = site.run(&lasting, &["--apply", "--yes"]).code(1);
    assert!(
        output.stderr.contains("takes no `timeout` away"),
        "{output}"
    );
    assert!(output.stderr.contains("mikrotik::ensure"), "{output}");
    assert_eq!(site.router.simulator.received().writes(), 0, "{output}");
    // A field that nobody knows may be a newer router's.
    let newer = body(r#"mikrotik::set(menu, "*1", #{ flavour: "x" })"#);
    site.run(&newer, &[]).code(0);
}
