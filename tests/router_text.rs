//! Texts of a router that are not UTF-8: shown as the site says, and bytes that are handed on stay as
//! they are.

use serde_json::{Value, json};

use crate::change::Site;
use crate::support::tikbook::{Output, Tikbook};

const MENU: &str = "/ip/hotspot/user";
const APPLY: [&str; 4] = ["--apply", "--yes", "--max-changes", "9"];

/// A hotspot user with this comment, and one without.
fn site(comment: &[u8]) -> Site {
    Site::of(&json!({ MENU: [
        { ".id": "*1", "name": "one", "comment$hex": hex::encode(comment) },
        { ".id": "*2", "name": "two" },
    ] }))
}

/// `tikbook` on a site with this `router_text`, or without one.
fn command(site: &Site, router_text: Option<&str>) -> Tikbook {
    let line = router_text.map(|name| format!("router_text = \"{name}\"\n"));
    let file = format!("[sites.home]\n{}", line.unwrap_or_default());
    site.command().file("tikbook.toml", file)
}

/// Runs a script that has `one` and `two`, the rows, and ends with an expression.
fn run(site: &Site, router_text: Option<&str>, expression: &str, flags: &[&str]) -> Output {
    let script = format!(
        r#"//! Texts.
const RUNBOOK = #{{ reads: ["mikrotik"], writes: ["mikrotik:{MENU}"] }};
fn run(args) {{
    let menu = "{MENU}";
    let one = mikrotik::row(menu, #{{ name: "one" }});
    let two = mikrotik::row(menu, #{{ name: "two" }});
    #{{ found: {expression} }}
}}"#
    );
    command(site, router_text)
        .file("script.rhai", script)
        .args(["--json", "run", "./script.rhai"])
        .args(flags)
        .run()
}

fn found(site: &Site, router_text: Option<&str>, expression: &str) -> Value {
    let output = run(site, router_text, expression, &[]).code(0);
    output.stdout_json()["found"].clone()
}

/// The bytes of the comments on the router.
fn comments(site: &Site) -> Vec<Vec<u8>> {
    let rows = site.router.simulator.rows(MENU);
    let comment = |row: &routeros_sim::Row| row.get("comment").unwrap_or_default().to_vec();
    rows.iter().map(comment).collect()
}

#[test]
fn a_comment_that_is_handed_on_keeps_its_bytes_whatever_the_site_takes_them_for() {
    let cases: [(Option<&str>, &[u8], &str); 8] = [
        (None, b"caf\xe9", r"caf\xe9"),
        (None, "café".as_bytes(), "café"),
        (None, br"caf\xe9", r"caf\x5cxe9"),
        (None, b"nul\x00 and \xff", "nul\0 and \\xff"),
        (Some("utf-8"), b"\xc8\xe2\xe0\xed", r"\xc8\xe2\xe0\xed"),
        (Some("windows-1251"), b"\xc8\xe2\xe0\xed", "Иван"),
        (Some("windows-1252"), b"caf\xe9", "café"),
        // A byte that Greek has no letter for.
        (Some("windows-1253"), b"\xc1\xaa", r"Α\xaa"),
    ];
    for (router_text, bytes, text) in cases {
        let site = site(bytes);
        assert_eq!(found(&site, router_text, "one.comment"), text);
        let finds = "mikrotik::rows(menu, #{ comment: one.comment }).column(\"name\")";
        assert_eq!(found(&site, router_text, finds), json!(["one"]), "{text}");
        let finds = "mikrotik::rows(menu, [`?comment=${one.comment}`]).column(\"name\")";
        assert_eq!(found(&site, router_text, finds), json!(["one"]), "{text}");
        let finds = "mikrotik::rows(menu).where(#{ comment: one.comment }).column(\"name\")";
        assert_eq!(found(&site, router_text, finds), json!(["one"]), "{text}");

        let copies = "mikrotik::set(menu, two, #{ comment: one.comment }).status";
        let output = run(&site, router_text, copies, &APPLY).code(0);
        assert_eq!(output.stdout_json()["changes"]["applied"], 1, "{output}");
        assert_eq!(comments(&site), [bytes, bytes], "{text}");
        // What is there already is not written once more.
        let output = run(&site, router_text, copies, &APPLY).code(0);
        assert_eq!(output.stdout_json()["found"], "skipped", "{output}");

        let adds = "mikrotik::set(menu, two, #{ comment: `[${one.comment}]` }).status";
        run(&site, router_text, adds, &APPLY).code(0);
        let added = [b"[", bytes, b"]"].concat();
        assert_eq!(comments(&site)[1], added, "{text}");
        let undo = ["undo", "last", "--apply", "--yes"];
        command(&site, router_text).args(undo).run().code(0);
        assert_eq!(comments(&site)[1], bytes, "{text}");
    }
}

#[test]
fn a_script_searches_and_writes_texts_in_the_sites_encoding() {
    let cyrillic = Some("windows-1251");
    let site = site(b"\xc8\xe2\xe0\xed|user=0812345678");
    for expression in [
        "one.comment.starts_with(\"Иван\")",
        "mikrotik::rows(menu).some(|row| row.comment != () && row.comment.contains(\"ван\"))",
        "mikrotik::count(menu, #{ comment: \"Иван|user=0812345678\" }) == 1",
        "mikrotik::rows(menu).where(#{ comment: \"Иван|user=0812345678\" }).len() == 1",
    ] {
        assert_eq!(found(&site, cyrillic, expression), true, "{expression}");
    }
    let sets = "mikrotik::set(menu, one, #{ comment: \"Мария\" }).subject";
    let output = run(&site, cyrillic, sets, &APPLY).code(0);
    let report = output.stdout_json();
    let subject = report["found"].as_str().unwrap();
    assert!(subject.contains("comment=Иван|user="), "{subject}");
    assert_eq!(comments(&site)[0], b"\xcc\xe0\xf0\xe8\xff");
    let told = command(&site, cyrillic)
        .args(["history", "last"])
        .run()
        .code(0);
    assert!(
        told.stdout.contains("comment=\"Иван, user 0812345678\""),
        "{told}"
    );

    // Somebody else changes the row meanwhile: the difference is told in the same encoding.
    let expected =
        "mikrotik::set(menu, #{ \".id\": \"*1\", comment: \"Олег\" }, #{ comment: \"x\" })";
    let output = run(&site, cyrillic, &format!("{expected}.differences"), &[]);
    let difference = &output.stdout_json()["found"][0];
    assert_eq!(difference["expected"], "Олег", "{output}");
    assert_eq!(difference["found"], "Мария", "{output}");
}

#[test]
fn a_text_that_the_router_cannot_hold_is_refused_before_anything_is_sent() {
    let site = site(b"x");
    for expression in [
        "mikrotik::set(menu, one, #{ comment: \"Иван 你\" })",
        "mikrotik::add(menu, #{ name: \"你\" })",
        "mikrotik::rows(menu, #{ comment: \"你\" }).len()",
        "mikrotik::rows(menu, [\"?comment=你\"]).len()",
    ] {
        let output = run(&site, Some("windows-1251"), expression, &APPLY).code(1);
        for expected in [
            "the character `你` cannot be written in windows-1251",
            "router_text",
        ] {
            assert!(output.stderr.contains(expected), "{expression}: {output}");
        }
    }
    assert_eq!(comments(&site), [&b"x"[..], b""]);
}

#[test]
fn bytes_of_another_encoding_are_decoded_by_a_script() {
    let site = site(b"\xc8\xe2\xe0\xed");
    let decoded = "text::decode(one.comment, \"windows-1251\")";
    for router_text in [
        None,
        Some("windows-1251"),
        Some("windows-1252"),
        Some("gbk"),
    ] {
        assert_eq!(
            found(&site, router_text, decoded),
            "Иван",
            "{router_text:?}"
        );
    }
    let output = run(&site, None, "text::decode(one.comment, \"klingon\")", &[]).code(1);
    assert!(
        output.stderr.contains("`klingon` is not an encoding"),
        "{output}"
    );
    let output = run(&site, None, "text::decode(#{}, \"utf-8\")", &[]).code(1);
    assert!(output.stderr.contains("not a map"), "{output}");
}

#[test]
fn a_router_text_that_is_no_encoding_is_refused_with_its_place() {
    let site = site(b"x");
    for name in ["klingon", "utf-16", ""] {
        let output = command(&site, Some(name)).args(["doctor"]).run().code(2);
        for expected in [
            "sites.home.router_text",
            &format!("`{name}`"),
            "windows-1251",
        ] {
            assert!(output.stderr.contains(expected), "{expected}: {output}");
        }
    }
}
