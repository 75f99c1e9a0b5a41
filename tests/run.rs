//! Running scripts: errors with their place, limits, stopping, and what a script may not do.

use std::io::Read;

use serde_json::json;

use crate::support::router::Router;
use crate::support::tikbook::{Output, Tikbook};

/// Runs a script with this body of `run(args)` on the demo site.
fn run(body: &str) -> Output {
    let script = format!(
        "//! A try.\nimport \"lib/help\" as help;\nconst RUNBOOK = #{{ reads: [\"db\", \"redis\", \
         \"mikrotik\"] }};\nfn run(args) {{\n{body}\n}}\n"
    );
    Tikbook::new()
        .file("scripts/try.rhai", script)
        .file(
            "scripts/lib/help.rhai",
            "fn first_line(text) {\n    let lines = text::lines(text);\n    lines[0].nothing()\n}\n\
             fn bad_menu() {\n    let rows = mikrotik::rows(\"/no/such/menu\");\n    rows\n}\n",
        )
        .args(["--site", "demo", "run", "try"])
        .run()
}

#[test]
fn an_error_in_an_imported_file_shows_that_files_line() {
    let output = run("help::first_line(\"a\\nb\")").code(1);
    output.says("scripts/lib/help.rhai:3");
    assert!(
        output.stderr.contains("lines[0].nothing()"),
        "{}",
        output.stderr
    );
    output.says("called from");
}

#[test]
fn a_failed_read_names_the_line_that_started_it() {
    let output = run("let rows = help::bad_menu();\nlet other = 1;\nrows.len()").code(1);
    output.says("scripts/lib/help.rhai:6");
    output.says("no such command");
}

#[test]
fn a_read_whose_result_nobody_uses_still_fails_the_run() {
    let output = run("mikrotik::rows(\"/no/such/menu\");\n#{ fine: true }").code(1);
    output.says("/no/such/menu");
}

#[test]
fn a_caught_error_is_readable_and_the_run_goes_on() {
    let output = run("try { mikrotik::rows(\"/no/such/menu\").len(); }\n\
         catch (err) { return #{ kind: err.kind, service: err.service, line: err.line }; }")
    .code(0);
    assert_eq!(output.stderr, "");
}

#[test]
fn a_script_that_does_not_compile_shows_where() {
    let output = run("let x = ;").code(1);
    output.says("try.rhai:5");
}

#[test]
fn an_undeclared_read_is_refused_with_the_line_to_write() {
    let output = Tikbook::new()
        .file(
            "scripts/try.rhai",
            "//! A try.\nconst RUNBOOK = #{ reads: [\"db\"] };\nfn run(args) { mikrotik::rows(\"/ip/arp\").len() }\n",
        )
        .args(["--site", "demo", "run", "try"])
        .run()
        .code(6);
    output.says("reads: [\"mikrotik\"]");
}

#[test]
fn a_script_that_eats_memory_is_stopped() {
    let output = run("let s = \"x\";\nloop { s += s; }").code(1);
    output.says("a text of 256 MiB");
    output.says("try.rhai:6");
    let output =
        run("let a = []; let t = \"\"; t.pad(1_000_000, \"x\");\nloop { a.push(t + \"y\"); }")
            .code(1);
    output.says("MiB of memory");
    output.says("try.rhai:6");
}

#[test]
fn functions_that_call_each_other_for_ever_are_stopped() {
    let output = Tikbook::new()
        .file(
            "scripts/try.rhai",
            "//! A try.\nconst RUNBOOK = #{};\nfn deep(n) { deep(n + 1) }\nfn run(args) { deep(0) }\n",
        )
        .args(["run", "try"])
        .run()
        .code(1);
    output.says("too deeply");
    output.says("try.rhai:3");
}

/// Interrupts a script with this body of `run(args)` once it has said `begun`.
fn interrupted(body: &str) -> Output {
    let script = format!("//! A try.\nconst RUNBOOK = #{{}};\nfn run(args) {{\n{body}\n}}\n");
    let mut running = Tikbook::new()
        .file("scripts/try.rhai", script)
        .args(["run", "try"])
        .start();
    running.wait_for_stderr("begun");
    running.interrupt();
    running.finish().code(130)
}

#[test]
fn an_interrupt_ends_a_script_that_never_ends() {
    interrupted("log::warn(\"begun\"); loop {}").says("stopped");
}

#[test]
fn an_interrupt_ends_a_script_that_sleeps() {
    interrupted("log::warn(\"begun\"); sleep(3600);").says("stopped");
}

#[test]
fn a_script_that_never_ends_is_stopped_at_its_limit_with_its_line() {
    let limited = || {
        Tikbook::new()
            .file(
                "tikbook.toml",
                "[sites.short.limits]\nscript_timeout = \"1s\"\n",
            )
            .file(
                "scripts/try.rhai",
                "//! A try.\nconst RUNBOOK = #{};\nfn run(args) {\n    let n = 0;\n    loop { n += 1; }\n}\n",
            )
    };
    let site = ["--site", "short"];
    for (args, place) in [
        (&["run", "try"][..], "scripts/try.rhai:5"),
        (
            &["run", "-e", "let n = 0;\nloop { n += 1; }"][..],
            "expression:2",
        ),
    ] {
        let output = limited().args(site).args(args).run().code(1);
        output.says("ran for more than");
        output.says(place);
    }
    let output = limited()
        .args(site)
        .args(["repl"])
        .stdin("let kept = 40;\nlet n = 0; loop { n += 1; }\nkept + 2\n")
        .run()
        .code(0);
    assert!(output.stdout.contains("line 2:1"), "{output}");
    assert!(output.stdout.ends_with("\n42\n"), "{output}");
}

#[test]
fn a_script_of_many_rows_is_stopped_at_once() {
    let output = interrupted(
        "let rows = []; for n in 0..100000 { rows.push(#{ id: n, text: `row ${n}` }); }\n\
         log::warn(\"begun\");\n\
         loop { rows.sort(|a, b| b.id - a.id); rows.filter(|row| row.id % 2 == 0); }",
    );
    output.says("try.rhai:6");
}

#[test]
fn an_interrupt_ends_a_read_that_waits() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port();
    let script = "//! A try.\nconst RUNBOOK = #{ reads: [\"mikrotik\"] };\n\
                  fn run(args) { mikrotik::count(\"/ip/arp\") }\n";
    let running = Tikbook::new()
        .file("scripts/try.rhai", script)
        .env("MIKROTIK_HOST", "127.0.0.1")
        .env("MIKROTIK_PORT", port.to_string())
        .env("MIKROTIK_USERNAME", "audit")
        .env("MIKROTIK_PASSWORD", "s3cret")
        .args(["--timeout", "50s", "run", "try"])
        .start();
    // Who logs in waits for an answer.
    let (mut client, _) = silent.accept().unwrap();
    client.read_exact(&mut [0]).unwrap();
    running.interrupt();
    let output = running.finish().code(130);
    output.says("stopped while waiting");
}

#[test]
fn imports_cannot_leave_the_search_path() {
    for path in ["../outside", "/etc/passwd", "lib/../../outside"] {
        let output = Tikbook::new()
            .file("outside.rhai", "fn f() { 1 }")
            .file(
                "scripts/try.rhai",
                format!("//! A try.\nimport \"{path}\" as o;\nconst RUNBOOK = #{{}};\nfn run(args) {{ o::f() }}\n"),
            )
            .args(["run", "try"])
            .run()
            .code(1);
        output.says("cannot import");
    }
}

#[test]
fn a_value_that_is_read_into_a_variable_is_the_value_wherever_it_is_used() {
    let output = run("let count = mikrotik::count(\"/ip/hotspot/ip-binding\");\n\
         let again = count;\n\
         let seen = [1].map(|one| count + one);\n\
         count += 1;\n\
         const fixed = mikrotik::count(\"/ip/hotspot/ip-binding\");\n\
         assert_eq(count, again + 1);\n\
         assert_eq(seen[0], count);\n\
         assert_eq(`${fixed}`, `${again}`);\n\
         assert_eq(#{ n: fixed }.n, again);\n\
         fixed");
    output.code(0);
}

#[test]
fn values_too_large_to_be_made_in_one_step_are_refused_with_their_line() {
    for body in [
        "let a = []; a.pad(2000000000, 0);",
        "let a = []; a.pad(100000, 0); let b = []; b.pad(1000000, a);",
        "let s = \"\"; s.pad(4000000000, \"x\");",
        "let s = \"\"; s.pad(4000000000, 'x');",
        "blob(5000000000);",
        "let b = blob(1); b.pad(5000000000, 1);",
        "let s = \"\"; s.pad(100000, \"x\"); s.replace(\"x\", s);",
        "let s = \"\"; s.pad(100000, \"x\"); let a = []; a.pad(100000, 0); text::join(a, s);",
        "let s = \"\"; s.pad(10000000, \",\"); s.split(',');",
        "let s = \"\"; s.pad(10000000, \"\\n\"); text::lines(s);",
    ] {
        let output = run(body).code(1);
        output.says("no room for");
        output.says("try.rhai:5");
    }
}

#[test]
fn functions_that_make_texts_and_arrays_work_as_in_rhai() {
    run("let text = \"a,b\"; text.pad(5, '*'); assert_eq(text, \"a,b**\");\n\
         text.pad(9, \"é!\"); assert_eq(text, \"a,b**é!é!\"); text.pad(2, '*'); assert_eq(text.len, 9);\n\
         text.replace(\"a,\", \"zz\"); text.replace('b', '-'); assert_eq(text, \"zz-**é!é!\");\n\
         assert_eq(\"a-b\".split('-'), [\"a\", \"b\"]);\n\
         assert_eq(\"a--b\".split(\"--\"), [\"a\", \"b\"]);\n\
         assert_eq(\" a  b \".split(), [\"a\", \"b\"]);\n\
         let list = [1]; list.pad(3, 7); assert_eq(list, [1, 7, 7]); list.pad(1, 9); assert_eq(list.len, 3);\n\
         assert_eq(blob(2, 3).len, 2);")
    .code(0);
}

#[test]
fn values_that_nest_without_end_do_not_end_the_process() {
    let deep = "let f = |x| x; for i in 0..50000 { let g = f; f = |x| g.call(x); }";
    run(&format!("{deep}\n1")).code(0);
    let output = run(&format!("{deep}\nf.call(1)")).code(1);
    output.says("too deeply");
    let output = run("let m = 1; for i in 0..500 { m = [m]; }\nm").code(1);
    output.says("nests deeper");
}

#[test]
fn a_value_read_outside_functions_is_a_value_everywhere() {
    let output = Tikbook::new()
        .file("scripts/lib/read.rhai", "export const ONE = db::value(\"SELECT 1\");")
        .file(
            "scripts/try.rhai",
            "//! A try.\nimport \"lib/read\" as read;\nconst RUNBOOK = #{ reads: [\"db\"] };\n\
             const TWO = db::value(\"SELECT 2\");\nfn run(args) { #{ one: read::ONE, two: global::TWO } }\n",
        )
        .args(["--site", "demo", "--json", "run", "try"])
        .run()
        .code(0);
    assert!(output.stdout.contains("\"one\": 1"), "{}", output.stdout);
    assert!(output.stdout.contains("\"two\": 2"), "{}", output.stdout);
}

#[test]
fn what_a_runbook_returns_is_shown_to_people_too() {
    let output =
        run("#{ answer: 42, rows: [#{ id: 1, name: \"a\" }, #{ id: 2, name: \"b\" }] }").code(0);
    assert!(output.stdout.starts_with("site demo"), "{}", output.stdout);
    assert!(
        output.stdout.contains("  answer  42\n"),
        "{}",
        output.stdout
    );
    assert!(output.stdout.contains("ID  name"), "{}", output.stdout);
    let output = run("db::rows(\"SELECT 7 AS lucky\")").code(0);
    assert!(output.stdout.contains("lucky"), "{}", output.stdout);
    assert!(run("\"plain\"").code(0).stdout.contains("plain"));
    let output = run("db::rows(\"SELECT * FROM users\")").code(0);
    assert!(
        output.stdout.contains("elements; --json shows them"),
        "{}",
        output.stdout
    );
}

#[test]
fn what_a_script_throws_is_shown_as_a_value() {
    let menu = "/ip/firewall/address-list";
    for (thrown, expected) in [
        ("\"a word\"".to_owned(), "a word"),
        ("42".to_owned(), "42"),
        ("[1, \"two\", ()]".to_owned(), r#"[1,"two",null]"#),
        ("#{ why: [true] }".to_owned(), r#"{"why":[true]}"#),
        (format!("mikrotik::rows({menu:?})[0]"), r#""list":"#),
        (format!("mikrotik::rows({menu:?}).take(1)"), r#"[{".id":"#),
        (format!("[mikrotik::rows({menu:?})[0]]"), r#"[{".id":"#),
        ("|x| x".to_owned(), "a value of the type function"),
        ("mikrotik::rows(5)".to_owned(), "mikrotik::rows"),
    ] {
        let output = run(&format!("throw {thrown};")).code(1);
        assert!(output.stderr.contains(expected), "{thrown}: {output}");
        for of_rust in ["scripting::", "host::", "rhai::"] {
            assert!(!output.stderr.contains(of_rust), "{thrown}: {output}");
        }
    }
    // Where a value is of the wrong type its type is named as scripts know it.
    let row = format!("mikrotik::rows({menu:?})[0]");
    for (wrong, expected) in [
        (format!("mikrotik::rows({menu:?}, {row})"), "Row"),
        (format!("redis::command(\"get\", [{row}])"), "is a Row"),
        (format!("db::rows(\"SELECT $1\", [{row}])"), "Row"),
    ] {
        let output = run(&wrong);
        assert_ne!(output.status.code(), Some(0), "{wrong}: {output}");
        assert!(output.stderr.contains(expected), "{wrong}: {output}");
        assert!(!output.stderr.contains("scripting::"), "{wrong}: {output}");
    }
    // What is written is declared before it is understood.
    for (wrong, expected) in [
        (format!("mikrotik::set({menu:?}, 5, #{{}})"), "not by a int"),
        (
            format!("mikrotik::set({menu:?}, [{row}], #{{}})"),
            "not by a array",
        ),
        (
            format!("mikrotik::add({menu:?}, #{{ list: {row} }})"),
            "cannot be a Row",
        ),
    ] {
        let output = Tikbook::new()
            .args(["--site", "demo", "run", "-e", &wrong])
            .run();
        assert_ne!(output.status.code(), Some(0), "{wrong}: {output}");
        assert!(output.stderr.contains(expected), "{wrong}: {output}");
        assert!(!output.stderr.contains("scripting::"), "{wrong}: {output}");
    }
}

#[test]
fn control_characters_of_an_error_do_not_reach_the_terminal() {
    let output = run("throw \"a\\u001b[31mred\";").code(1);
    output.says("a·[31mred");
}

/// What moves a terminal's cursor, rings its bell, or turns the direction of its text.
const CONTROLS: &str = "\0\u{7}\u{8}\r\u{1b}\u{7f}\u{85}\u{9b}\u{61c}\u{200e}\u{200f}\u{202a}\u{202e}\u{2028}\u{2029}\u{2066}\u{2069}";

#[test]
fn control_characters_of_a_comment_do_not_pass_through_what_a_script_says() {
    let dots = "·".repeat(CONTROLS.chars().count());
    let comment = format!("a{CONTROLS}b\n WARN forged");
    let rows = json!({ "/ip/arp": [
        { ".id": "*1", "address": "10.0.0.1", "comment": comment, "interface": "bridge" },
    ] });
    let router = Router::with(&rows.to_string());
    let script = r#"//! Says what a router has.
const RUNBOOK = #{ reads: ["mikrotik"], writes: [], params: #{} };
fn run(args) {
    let row = mikrotik::rows("/ip/arp")[0];
    let comment = row["comment"];
    print("printed\n\tsecond " + comment);
    print("");
    debug("debugged " + comment);
    print(row);
    log::info("info " + comment);
    log::detail("detail " + comment);
    log::warn("warn " + comment);
    #{ title: comment }
}"#;
    for color in ["never", "always"] {
        let output = router
            .tikbook(Tikbook::new())
            .file("script.rhai", script)
            .args(["-vv", "--color", color, "run", "./script.rhai"])
            .run()
            .code(0);
        let title = output.stdout.contains(&format!("a{dots}b· WARN forged"));
        assert!(title, "{output}");
        // tikbook's own colours.
        let mut said = output.stderr.clone();
        while let Some(start) = said.find("\u{1b}[") {
            let end = start + said[start..].find('m').unwrap();
            said.replace_range(start..=end, "");
        }
        let passing =
            |c: &char| (c.is_control() && *c != '\n' && *c != '\t') || CONTROLS.contains(*c);
        assert_eq!(said.chars().find(passing), None, "{said:?}");
        for line in [
            "WARN   printed\n WARN   \tsecond a",
            &format!("second a{dots}b\n WARN    WARN forged\n WARN \n"),
            &format!("INFO info a{dots}b· WARN forged\n"),
            &format!("DEBUG detail a{dots}b· WARN forged\n"),
            &format!("WARN warn a{dots}b· WARN forged\n"),
        ] {
            assert!(said.contains(line), "{line:?} in {said:?}");
        }
    }
    // A line of the REPL prints to stdout.
    let output = router
        .tikbook(Tikbook::new())
        .arg("repl")
        .stdin("print(\"one\\n\\ttwo \" + mikrotik::rows(\"/ip/arp\")[0][\"comment\"])\nmikrotik::rows(\"/ip/arp\")[0][\"comment\"]\n")
        .run()
        .code(0);
    let shown = format!("  one\n  \ttwo a{dots}b\n   WARN forged\na{dots}b\n WARN forged\n");
    assert!(output.stdout.contains(&shown), "{output}");
    // Data for programs is as it is.
    let output = router
        .tikbook(Tikbook::new())
        .args([
            "--json",
            "run",
            "-e",
            r#"mikrotik::rows("/ip/arp")[0]["comment"]"#,
        ])
        .run()
        .code(0);
    assert_eq!(output.stdout_json(), comment, "{output}");
}

/// What a reader of a value expects: never the name of a type of the program's own.
#[test]
fn values_of_expressions_are_shown_as_values() {
    let add = r#"mikrotik::add("/ip/arp", #{ address: "10.9.9.9", interface: "bridge" }, "a try")"#;
    let line = r#"{"status":"planned","action":"add","target":"mikrotik:/ip/arp""#;
    for (expression, shown) in [
        // As a plan shows it.
        (add.to_owned(), "status   what                  row  "),
        (
            add.to_owned(),
            "planned  add mikrotik:/ip/arp  address=10.9.9.9",
        ),
        (add.to_owned(), "interface=bridge  a try\n"),
        (r#"redis::set("a", "b")"#.to_owned(), "redis:a"),
        (format!("[{add}]"), "planned"),
        (format!("[[{add}]]"), line),
        (format!("`${{{add}}}`"), line),
        (format!("[`${{{add}}}`]"), "planned"),
        (
            r#"time::parse("2026-01-02T03:04:05Z")"#.to_owned(),
            "2026-01-02 11:04:05 Asia/Makassar\n",
        ),
        (
            r#"[time::parse("2026-01-02T03:04:05Z"), 1]"#.to_owned(),
            "[2026-01-02T03:04:05Z, 1]\n",
        ),
        (
            r#"[-1, "a\tb", 'c', 1.5, (), true]"#.to_owned(),
            "[-1, \"a\\tb\", 'c', 1.5, (), true]\n",
        ),
        (
            r#""one\ttwo\r\n\nthree""#.to_owned(),
            "one\ttwo\r\n\nthree\n",
        ),
        ("1..3".to_owned(), "1..3\n"),
        ("blob(2, 255)".to_owned(), "[ffff]\n"),
    ] {
        let of = |args: &[&str], stdin: String| {
            let tikbook = Tikbook::new().args(["--site", "demo"]).args(args);
            tikbook.stdin(stdin).run().code(0)
        };
        for output in [
            of(&["run", "-e", &expression], String::new()),
            of(&["repl"], format!("{expression}\n")),
        ] {
            assert!(output.stdout.contains(shown), "{expression}: {output}");
            for name in ["scripting::", "host::", "::Written", "alloc::"] {
                assert!(!output.stdout.contains(name), "{expression}: {output}");
            }
        }
    }
}

#[test]
fn what_has_no_form_is_an_error_that_says_so() {
    for (expression, kind) in [
        (r#"mikrotik::named("demo")"#, "Router"),
        (r#"#{ r: mikrotik::named("demo") }"#, "Router"),
        (r#"[1, [mikrotik::named("demo")]]"#, "Router"),
        ("|x| x", "function"),
        ("[|x| x]", "function"),
        ("timestamp()", "timestamp"),
    ] {
        let of = |args: &[&str], stdin: String| {
            let tikbook = Tikbook::new().args(["--site", "demo"]).args(args);
            tikbook.stdin(stdin).run()
        };
        let said = format!("a value of type `{kind}` has no form to be shown");
        let output = of(&["run", "-e", expression], String::new()).code(1);
        assert!(output.stderr.contains(&said), "{expression}: {output}");
        assert_eq!(output.stdout, "", "{expression}");
        let output = of(&["--json", "run", "-e", expression], String::new()).code(1);
        let said_of_json = format!("a value of type `{kind}` has no JSON form");
        assert!(
            output.stderr.contains(&said_of_json),
            "{expression}: {output}"
        );
        // A session says the same, and goes on.
        let output = of(&["repl"], format!("{expression}\n6 * 7\n"));
        assert!(output.stdout.contains(&said), "{expression}: {output}");
        assert!(output.stdout.contains("42\n"), "{expression}: {output}");
    }
}

#[test]
fn a_wrong_header_and_a_missing_import_show_their_place() {
    let of = |script: &str| {
        Tikbook::new()
            .file("scripts/try.rhai", script)
            .args(["run", "try"])
            .run()
            .code(1)
            .stderr
    };
    let text = of("//! A try.\nconst RUNBOOK = #{ reads: [\"dbs\"] };\nfn run(args) {}\n");
    assert!(text.contains("try.rhai:2"), "{text}");
    let text = of("//! A try.\nconst RUNBOOK = #{};\nfn run(args) { import \"lib/none\" as n; }\n");
    assert!(text.contains("cannot import `lib/none`"), "{text}");
    assert!(text.contains("try.rhai:3"), "{text}");
}
