//! A menu is one menu, however it is spelled: in scripts, headers, the site's file, plans, journals.

use serde_json::{Value, json};

use crate::change::{Site, edit};
use crate::support::tikbook::Tikbook;

const BINDINGS: &str = "/ip/hotspot/ip-binding";
const LIST: &str = "/ip/firewall/address-list";
const LIST6: &str = "/ipv6/firewall/address-list";

/// What the router, its console and people make of one path: other separators, more of them, some
/// at both ends, capitals.
fn spellings(menu: &str) -> Vec<String> {
    const BETWEEN: [&str; 6] = ["/", "//", " ", "\t", " / ", "/\t/"];
    const BEFORE: [&str; 4] = ["/", "//", " /", "\t/ "];
    const AFTER: [&str; 4] = ["", "/", " ", "// "];
    let cases: [fn(usize, char) -> char; 3] = [
        |_, letter| letter,
        |_, letter| letter.to_ascii_uppercase(),
        |at, letter| match at % 2 {
            0 => letter.to_ascii_uppercase(),
            _ => letter,
        },
    ];
    let parts: Vec<&str> = menu.split('/').skip(1).collect();
    let mut spelled = Vec::new();
    for (n, between) in BETWEEN.iter().enumerate() {
        for before in BEFORE {
            for (m, after) in AFTER.iter().enumerate() {
                let other = BETWEEN[(n + m) % BETWEEN.len()];
                let text = format!(
                    "{before}{}{between}{}{other}{}{after}",
                    parts[0], parts[1], parts[2]
                );
                let case = cases[(n + m) % cases.len()];
                spelled.push(
                    text.chars()
                        .enumerate()
                        .map(|(at, c)| case(at, c))
                        .collect(),
                );
            }
        }
    }
    let canonical = spelled.iter().position(|text: &String| text == menu);
    assert_eq!(canonical, Some(0));
    assert_eq!(spelled.len(), 96);
    let upper: Vec<String> = spelled.iter().map(|text| text.to_uppercase()).collect();
    spelled.extend(upper);
    spelled.sort();
    spelled.dedup();
    assert!(spelled.len() > 100, "{}", spelled.len());
    spelled
}

/// A script that does `body` for each `menu`, and declares the last of them.
fn for_each(menus: &[String], body: &str) -> String {
    let declared = format!("mikrotik:{}", menus[menus.len() - 1]);
    format!(
        "//! Spellings.\n\
         const RUNBOOK = #{{ reads: [\"mikrotik\"], writes: [{declared:?}] }};\n\
         fn run(args) {{\n    let found = [];\n    let n = 0;\n    \
         for menu in {menus:?} {{\n        n += 1;\n        {body}\n    }}\n    \
         #{{ found: found }}\n}}"
    )
}

fn count(found: &Value, text: &str) -> usize {
    let found = found["found"].as_array().unwrap().iter();
    found.filter(|each| *each == text).count()
}

#[test]
fn no_spelling_of_a_menu_gets_past_what_protects_its_rows() {
    let rows = json!({
        BINDINGS: [{ ".id": "*1", "mac-address": "02:00:00:00:00:01", "comment": "authorized|user=08123456789" }],
        LIST: [{ ".id": "*1", "list": "vip", "address": "10.0.0.1", "comment": "printer" }],
        LIST6: [{ ".id": "*1", "list": "vip", "address": "2001:db8::1", "comment": "printer" }],
    });
    let site = Site::of(&rows);
    for menu in [BINDINGS, LIST, LIST6] {
        let menus = spellings(menu);
        let script = for_each(
            &menus,
            r#"let row = mikrotik::row(menu, #{});
        found.push(mikrotik::set(menu, row, #{ comment: "mine" }).status);
        found.push(mikrotik::remove(menu, row).status);
        found.push(mikrotik::remove_all(menu, [row.".id"], "why")[0].status);
        assert_eq(mikrotik::guarded(menu, mikrotik::rows(menu)).len(), 1);
        assert_eq(mikrotik::count(menu), 1);"#,
        );
        let script = script.replace("row.\".id\"", "row[\".id\"]");
        let output = site
            .run(&script, &["--apply", "--yes", "--max-changes", "10000"])
            .code(6);
        let report = output.stdout_json();
        assert_eq!(count(&report, "protected"), 3 * menus.len(), "{output}");
        let row = &site.router.simulator.rows(menu)[0];
        let comment = rows[menu][0]["comment"].as_str().unwrap();
        assert_eq!(row.get("comment"), Some(comment.as_bytes()), "{menu}");
    }
    assert_eq!(site.router.simulator.received().writes(), 0);
}

#[test]
fn half_of_a_list_is_half_of_one_list_however_its_menu_is_spelled() {
    for menu in [LIST, LIST6] {
        let row = |n: usize| {
            json!({ ".id": format!("*{n:X}"), "list": "blocked", "address": format!("10.0.1.{n}"),
                    "comment": format!("x|user=081234567{n:02}") })
        };
        let rows: Vec<Value> = (1..=80).map(row).collect();
        let site = Site::of(&json!({ menu: rows }));
        let menus = spellings(menu);
        let script = for_each(
            &menus[..48],
            r#"found.push(mikrotik::remove(menu, mikrotik::row(menu, #{ address: "10.0.1." + n })).status);"#,
        );
        let output = site.run(&script, &["--apply", "--yes"]).code(6);
        assert!(output.stderr.contains("48 of the 80 rows"), "{output}");
        assert_eq!(site.router.ids(menu).len(), 80);
    }
}

#[test]
fn a_router_is_one_router_whether_it_is_named_or_not() {
    let site = Site::with_rows(8);
    let script = r#"//! Names.
const RUNBOOK = #{ reads: ["mikrotik"], writes: ["mikrotik:/ip/firewall/address-list"] };
fn run(args) {
    let menu = "/ip/firewall/address-list";
    for n in 1..=8 {
        if n % 2 == 0 { mikrotik::remove(menu, "*" + n); }
        else { mikrotik::named("gw").remove(menu, "*" + n, "why"); }
    }
    #{}
}"#;
    let port = site.router.simulator.address().port();
    let config = format!(
        "[sites.here.routers.gw]\nhost = \"127.0.0.1\"\nport = {port}\n\
         user = \"audit\"\npassword_env = \"PASSWORD\"\n"
    );
    let output = Tikbook::new()
        .env("XDG_STATE_HOME", site.state.path())
        .env("PASSWORD", "s3cret")
        .file("tikbook.toml", config)
        .file("script.rhai", script)
        .args(["run", "./script.rhai", "--apply", "--yes"])
        .run()
        .code(6);
    assert!(output.stderr.contains("8 of the 8 rows"), "{output}");
    assert_eq!(site.router.ids(LIST).len(), 8);
}

#[test]
fn what_is_no_path_is_an_error_wherever_a_menu_is_named() {
    let site = Site::with_rows(3);
    let long = format!("/{}", "x".repeat(300));
    let wrong = [
        "",
        "/",
        "ip/firewall/address-list",
        "/ip/../firewall/address-list",
        "/ip/firewall/address-list;/quit",
        "/ip/firewall/address-list=x",
        "/ip/firewall/address-list/remove",
        "/ip firewall address-list Print",
        "/ip/hotspot/ip-binding/set",
        long.as_str(),
    ];
    for menu in wrong {
        let calls = [
            "mikrotik::rows(menu).len()",
            "mikrotik::row(menu, #{})",
            "mikrotik::count(menu)",
            "mikrotik::add(menu, #{ list: \"x\", address: \"10.9.9.9\" })",
            "mikrotik::set(menu, \"*1\", #{ comment: \"x\" })",
            "mikrotik::remove(menu, \"*1\")",
            "mikrotik::remove_all(menu, [\"*1\"], \"why\")",
            "mikrotik::guarded(menu, mikrotik::rows(\"/ip/arp\"))",
            "mikrotik::named(\"default\").rows(menu).len()",
            "mikrotik::named(\"default\").remove(menu, \"*1\", \"why\")",
        ];
        let each: Vec<String> = calls
            .iter()
            .map(|call| {
                format!(
                    "try {{ {call}; throw \"no error\"; }} catch (err) {{ \
                     if type_of(err) == \"string\" {{ throw {call:?}; }} \
                     assert_eq(err.kind, \"invalid\"); }}"
                )
            })
            .collect();
        let script = format!(
            "//! Wrong.\nconst RUNBOOK = #{{ reads: [\"mikrotik\"], \
             writes: [\"mikrotik:/ip/firewall/address-list\"] }};\n\
             fn run(args) {{\n    let menu = {menu:?};\n    {}\n    #{{}}\n}}",
            each.join("\n    ")
        );
        site.run(&script, &["--apply", "--yes", "--max-changes", "9"])
            .code(0);
        let script = format!(
            "//! Wrong.\nconst RUNBOOK = #{{ reads: [\"mikrotik\"], writes: [{:?}] }};\n\
             fn run(args) {{ #{{}} }}",
            format!("mikrotik:{menu}")
        );
        let output = site.run(&script, &[]).code(2);
        assert!(output.stderr.contains("writes"), "{output}");
    }
    assert_eq!(site.router.simulator.received().writes(), 0);
}

#[test]
fn check_reads_menus_as_a_run_does() {
    let check = |menu: &str, declared: &str| {
        let script = format!(
            "//! Adds.\nconst RUNBOOK = #{{ reads: [\"mikrotik\"], writes: [{declared:?}] }};\n\
             fn run(args) {{ mikrotik::add({menu:?}, #{{ list: \"x\" }}); #{{}} }}\n"
        );
        Tikbook::new()
            .file("add.rhai", script)
            .args(["check", "add.rhai"])
            .run()
    };
    for menu in spellings(LIST).iter().take(9) {
        check(menu, "mikrotik:/ip firewall Address-List/").code(0);
    }
    let output = check("/ip/firewall/filter/", "mikrotik:/ip/firewall/address-list").code(1);
    assert!(
        output.stdout.contains("`mikrotik:/ip/firewall/filter`"),
        "{output}"
    );
    let output = check(
        "/ip/firewall/address-list/remove",
        "mikrotik:/ip/firewall/address-list",
    );
    let output = output.code(1);
    assert!(output.stdout.contains("`remove` is a command"), "{output}");
}

#[test]
fn check_finds_misspelt_menus_and_fields_and_lets_unknown_ones_be() {
    let check = |expression: &str| {
        let script = format!(
            "//! Reads.\nconst RUNBOOK = #{{ reads: [\"mikrotik\"], writes: [\"mikrotik:/ip/hotspot/ip-binding\"] }};\n\
             fn run(args) {{ let id = \"*1\"; {expression}; #{{}} }}\n"
        );
        Tikbook::new()
            .file("reads.rhai", script)
            .args(["check", "reads.rhai"])
            .run()
    };
    for (expression, message, meant) in [
        (
            r#"mikrotik::rows("/ip/hotspot/ip-bindings")"#,
            "no menu `/ip/hotspot/ip-bindings` is known",
            "/ip/hotspot/ip-binding",
        ),
        (
            r#"mikrotik::count("/ip hotspot ip-bindng", #{ type: "blocked" })"#,
            "no menu `/ip/hotspot/ip-bindng` is known",
            "/ip/hotspot/ip-binding",
        ),
        (
            r#"mikrotik::row("/ip/hotspot/ip-binding", #{ "mac-adress": id })"#,
            "has no field `mac-adress`",
            "mac-address",
        ),
        (
            r#"mikrotik::rows("/ip/hotspot/ip-binding", ["?>coment=x", "?type=blocked", "?#&"])"#,
            "has no field `coment`",
            "comment",
        ),
        (
            r#"mikrotik::rows("/ip/hotspot/ip-binding", #{ type: "blocked" }, [".id", "adress"])"#,
            "has no field `adress`",
            "address",
        ),
        (
            r#"mikrotik::set("/ip/hotspot/ip-binding", id, #{ disable: true })"#,
            "has no field `disable`",
            "disabled",
        ),
        (
            r#"mikrotik::add("/ip/hotspot/ip-binding", #{ tpye: id, address: id })"#,
            "has no field `tpye`",
            "type",
        ),
    ] {
        let output = check(expression).code(1);
        let hint = format!("did you mean `{meant}`?");
        assert!(
            output.stdout.contains(message) && output.stdout.contains(&hint),
            "{expression}\n{output}"
        );
    }
    // Newer routers have more menus and fields.
    for expression in [
        r#"mikrotik::rows("/ip/hotspot/portal", #{ flavour: "x" })"#,
        r#"mikrotik::rows("/ipv6/route")"#,
        r#"mikrotik::rows("/ip/hotspot/ip-binding", #{ flavour: id }, [".id", "flavour"])"#,
    ] {
        check(expression).code(0);
    }
}

#[test]
fn a_menu_that_the_site_protects_is_protected_however_it_is_spelled() {
    let protect = |site: &Site, protected: &str| {
        let script = r#"//! Removes.
const RUNBOOK = #{ reads: ["mikrotik"], writes: ["mikrotik:/ip/firewall/address-list"] };
fn run(args) { #{ status: mikrotik::remove("/ip/firewall/address-list", "*1").status } }"#;
        site.protecting(protected)
            .file("script.rhai", script)
            .args(["--json", "run", "./script.rhai", "--apply", "--yes"])
            .run()
    };
    let site = Site::with_rows(3);
    for spelled in [
        "/ip/firewall/address-list",
        "/ip firewall Address-List/",
        "mikrotik://ip/firewall/address-list",
    ] {
        let output = protect(&site, spelled).code(6);
        assert_eq!(output.stdout_json()["status"], "protected", "{output}");
    }
    let output = protect(&site, "/ip/firewall/address-list/remove").code(2);
    assert!(output.stderr.contains("protected"), "{output}");
    assert_eq!(site.router.simulator.received().writes(), 0);
    // Another menu's rows go.
    protect(&site, "/ip/hotspot/ip-binding").code(0);
    assert_eq!(site.router.ids(LIST), ["*2", "*3"]);
}

/// A script that plans or makes one removal.
const REMOVE: &str = r#"//! Removes.
const RUNBOOK = #{ reads: ["mikrotik"], writes: ["mikrotik:/ip/firewall/address-list"] };
fn run(args) { mikrotik::remove("/ip/firewall/address-list", "*1"); #{} }"#;

/// A journal as 0.1.0 wrote it: lines without format, number and checksum.
pub fn as_of_0_1_0(journal: &str) -> String {
    let bare = |line: &str| {
        let line: Value = serde_json::from_str(line).unwrap();
        format!("{}\n", line["event"])
    };
    journal.lines().map(bare).collect()
}

#[test]
fn plans_and_journals_with_menus_spelled_by_hand_keep_their_meaning() {
    const SPELLED: &str = "mikrotik:/ip firewall Address-List/";
    let site = Site::with_rows(4);
    let path = site.state.path().join("plan.json");
    let plan = path.to_str().unwrap();
    site.run(REMOVE, &["--plan", plan]).code(0);
    // As 0.1.0 wrote it: the checksum is over the text.
    let target = |target: &str| edit(plan, |plan| plan["changes"][0]["target"] = target.into());
    target(SPELLED);
    site.apply_foreign(plan).code(0);
    assert_eq!(site.router.ids(LIST), ["*2", "*3", "*4"]);

    let folder = site.state.path().join("tikbook/journal/default");
    let mut files = std::fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().path());
    let journal = files
        .find(|file| file.extension().is_some_and(|end| end == "jsonl"))
        .unwrap();
    let text = std::fs::read_to_string(&journal).unwrap();
    assert!(
        text.contains("mikrotik:/ip/firewall/address-list"),
        "{text}"
    );
    let spelled = text.replace("mikrotik:/ip/firewall/address-list", SPELLED);
    std::fs::write(&journal, as_of_0_1_0(&spelled)).unwrap();
    site.tikbook(&["undo", "last", "--apply", "--yes"]).code(0);
    assert_eq!(site.router.ids(LIST).len(), 4);

    target("mikrotik:/ip/firewall/address-list/remove");
    let output = site.tikbook(&["apply", plan, "--apply", "--yes"]);
    assert!(output.stderr.contains("is not a plan"), "{output}");
    assert_eq!(site.router.ids(LIST).len(), 4);
}
