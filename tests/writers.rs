//! What writers of the router cost, and what they give back.

use serde_json::json;

use crate::change::{Site, body};
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
