//! Pages as they are read: at every width no line is wider and no word broken, in a pipe a row is a line,
//! and what is plain has neither colours nor boxes.

use std::collections::BTreeSet;

use serde_json::json;
use unicode_width::UnicodeWidthStr as _;

use crate::change::{Site, WIPE};
use crate::support::router::{self, Router};
use crate::support::terminal::{Screen, ready, typed};
use crate::support::tikbook::Tikbook;

/// The pages of the built-in site by their names: every bundled runbook, and what looks at the site.
pub const PAGES: [(&str, &[&str]); 18] = [
    ("audit", &["run", "audit"]),
    ("cleanup", &["run", "cleanup"]),
    ("parity", &["run", "parity"]),
    ("verify-debt", &["run", "verify-debt"]),
    ("services", &["run", "services"]),
    ("diagnose-sync", &["run", "diagnose-sync"]),
    ("explain", &["explain", "081255501008"]),
    ("explain-blocked", &["explain", "081255501003"]),
    ("repair", &["repair", "081255501005"]),
    ("lost-comments", &["run", "examples/lost-comments"]),
    ("random-macs", &["run", "examples/random-macs"]),
    ("unseen-devices", &["run", "examples/unseen-devices"]),
    ("vip", &["run", "examples/vip", "--roles", "KOMANDAN"]),
    ("explain-several", &["explain", "a"]),
    ("doctor", &["doctor"]),
    ("history", &["history"]),
    ("list", &["list"]),
    ("sites", &["sites"]),
];

const WIDTHS: [usize; 4] = [60, 80, 120, 200];

pub fn demo(args: &[&str]) -> Tikbook {
    Tikbook::new().args(["--site", "demo"]).args(args)
}

/// What is shown on a terminal of so many columns, that does not say how tall it is.
pub fn at(width: usize, tikbook: Tikbook) -> String {
    let tikbook = tikbook.env("COLUMNS", width.to_string());
    shown_by(Screen::start(tikbook))
}

fn shown_by(screen: Screen) -> String {
    let (_, shown) = screen.end();
    // What was drawn and taken away again while something was waited for.
    let kept = shown
        .lines()
        .map(|line| line.rsplit('\r').next().unwrap_or(line));
    let kept = kept.map(|line| line.replace("\u{1b}[2K", "").replace("\u{1b}[K", ""));
    kept.map(|line| format!("{}\n", line.trim_end())).collect()
}

/// The words of a page, of which the digits do not count: times differ from run to run.
fn words(page: &str) -> BTreeSet<String> {
    let words = page.split(|c: char| c.is_whitespace() || "|\u{2502}".contains(c));
    let same = |c: char| if c.is_ascii_digit() { '0' } else { c };
    words.map(|word| word.chars().map(same).collect()).collect()
}

/// What commands to copy begin with, each in a line of its own.
const COMMANDS: [&str; 6] = [
    "docker ",
    "journalctl ",
    "systemctl ",
    "celery ",
    "redis-cli ",
    "tikbook ",
];

/// The lines that are wider than the page, but for those that hold one thing that is not broken, and has no room
/// however little stands before it: a word, or what is to be copied.
fn too_wide(page: &str, width: usize) -> Vec<&str> {
    let is_one_thing = |line: &str| {
        let text = line.trim_start_matches([' ', '\u{2192}', '\u{2502}']);
        let copied = text.strip_prefix('`').and_then(|rest| {
            let (copied, behind) = rest.split_once('`')?;
            // What ends a part of a sentence stays with it.
            (!copied.is_empty() && behind.chars().all(|c| ",;.:)".contains(c))).then_some(copied)
        });
        if COMMANDS.iter().any(|word| text.starts_with(word)) {
            return true;
        }
        (!text.contains(' ') || copied.is_some()) && text.width() + LEAST_INDENT > width
    };
    let wide = page.lines().filter(|line| line.width() > width);
    wide.filter(|line| !is_one_thing(line)).collect()
}

/// Behind so few columns, with an arrow or the mark of an error, stands what has no room elsewhere.
const LEAST_INDENT: usize = 4;

/// Runs a command at every width: no line of what it says is wider, and it has no word that it does not have
/// in a pipe.
pub fn fits_at_every_width(name: &str, command: &dyn Fn() -> Tikbook) {
    let piped = command().run();
    let piped = words(&format!("{}\n{}", piped.stdout, piped.stderr));
    for width in WIDTHS {
        let page = at(width, command());
        assert_eq!(
            too_wide(&page, width),
            [""; 0],
            "{name} at {width}:\n{page}"
        );
        let broken: Vec<_> = words(&page).difference(&piped).cloned().collect();
        assert_eq!(broken, [""; 0], "{name} at {width}:\n{page}");
    }
}

#[test]
fn on_a_terminal_no_line_is_wider_and_no_word_is_broken() {
    for (name, args) in PAGES {
        fits_at_every_width(name, &|| demo(args));
    }
}

#[test]
fn errors_fit_the_terminal_and_show_an_operator_no_script() {
    let audit = || router::nowhere(Tikbook::new()).args(["run", "audit"]);
    let database = || audit().env("DATABASE_URL", "postgresql://portal:x@127.0.0.1:1/portal");
    fits_at_every_width("no database", &database);
    let output = database().run().code(4);
    assert!(!output.stderr.contains("bundled/"), "{output}");
    let detailed = database().arg("-v").run().code(4);
    assert!(detailed.stderr.contains("bundled/"), "{detailed}");
    // Whoever wrote the script sees where it was.
    let own = router::nowhere(Tikbook::new()).file("own.rhai", "//! Own.\nconst RUNBOOK = #{ reads: [\"mikrotik\"] };\nfn run(args) { mikrotik::count(\"/ip/arp\") }\n");
    let own = own.args(["run", "./own.rhai"]).run();
    assert!(own.stderr.contains("own.rhai"), "{own}");
}

#[test]
fn what_is_asked_fits_the_terminal_and_is_numbered() {
    let piped = words(&demo(&["run", "cleanup"]).run().stdout);
    for width in WIDTHS {
        let cleanup = demo(&["run", "cleanup", "--apply"]);
        let mut screen = Screen::start(cleanup.env("COLUMNS", width.to_string()));
        let mut shown = screen.until("v shows all of it");
        screen.until("[y/N] ");
        screen.enter("n\n");
        assert_eq!(screen.end().0, 6);
        shown = shown.replace('\r', "");
        assert_eq!(too_wide(&shown, width), [""; 0], "{width}:\n{shown}");
        assert!(shown.contains("\n  1. remove "), "{width}:\n{shown}");
        let is_whole = |word: &String| piped.iter().any(|piped| piped.contains(word.as_str()));
        for comment in shown.split_whitespace().filter(|word| word.contains('|')) {
            assert!(
                words(comment).iter().all(is_whole),
                "{width}: {comment}\n{shown}"
            );
        }
    }
}

#[test]
fn who_is_affected_stands_first_and_commands_stand_alone() {
    let command = "docker compose -f docker-compose.prod.yml logs --no-color -n 200 celery_worker";
    let script = format!(
        r##"//! Says what to do.
const RUNBOOK = #{{}};
fn run(args) {{
    let report = report::create("A site in trouble");
    report.fact("limit", 500);
    report.next("Read what the worker said of the users who were left out meanwhile.", ["{command}", "tikbook run audit"]);
    report.next("Wait.");
    report.affected("Cut off and online now", ["user", "since"], [["081255501001", "10 min"]]);
    report
}}
"##
    );
    let page = |flags: &[&str]| {
        let tikbook = demo(flags).file("own.rhai", &script);
        tikbook.args(["run", "./own.rhai"])
    };
    for width in WIDTHS {
        let shown = at(width, page(&[]));
        let lines: Vec<&str> = shown.lines().map(str::trim).collect();
        let place = |text: &str| lines.iter().position(|line| line.starts_with(text));
        let (affected, limit) = (place("Cut off and online now"), place("limit"));
        assert!(affected.is_some() && affected < limit, "{width}: {shown}");
        // Also where it is wider than all there is.
        assert!(lines.contains(&command), "{width}: {shown}");
        assert!(place("1. Read") < place("docker") && place("docker") < place("2. Wait"));
    }
    let markdown = page(&["--format", "markdown"]).run().code(0).stdout;
    assert!(
        markdown.contains(&format!("\n   - `{command}`\n")),
        "{markdown}"
    );
    assert!(
        markdown.find("## Cut off and online now") < markdown.find("## What to do next"),
        "{markdown}"
    );
    let csv = page(&["--format", "csv", "--table", "Cut off and online now"]);
    assert_eq!(
        csv.run().code(0).stdout,
        "user,since\n081255501001,10 min\n"
    );
    let none = r##"//! Nobody.
const RUNBOOK = #{};
fn run(args) { let report = report::create("All well"); report.affected("Cut off", ["user"], []); report }
"##;
    let none = demo(&[]).file("own.rhai", none).args(["run", "./own.rhai"]);
    assert!(!none.run().code(0).stdout.contains("Cut off"));
    let wrong =
        "//! Wrong.\nconst RUNBOOK = #{};\nfn run(args) { report::create(`a`).next(`b`, [5]) }\n";
    let wrong = demo(&[])
        .file("own.rhai", wrong)
        .args(["run", "./own.rhai"]);
    wrong.run().code(1).says("a command of a step is a text");
}

#[test]
fn an_excerpt_fits_the_terminal_and_a_place_that_does_not_is_named() {
    let long = "x".repeat(300);
    let near = format!(
        "//! Own.\nconst RUNBOOK = #{{}};\nfn run(args) {{ nobody(); let a = \"{long}\"; }}\n"
    );
    let far = format!(
        "//! Own.\nconst RUNBOOK = #{{}};\nfn run(args) {{ let a = \"{long}\"; nobody(); }}\n"
    );
    for width in WIDTHS {
        for (script, shown_place) in [(&near, "nobody"), (&far, "own.rhai:3:")] {
            let own = demo(&[]).file("own.rhai", script);
            let page = at(width, own.args(["run", "./own.rhai"]));
            let wide: Vec<&str> = page.lines().filter(|line| line.width() > width).collect();
            assert_eq!(wide, [""; 0], "{width}:\n{page}");
            assert!(page.contains(shown_place), "{width}:\n{page}");
        }
    }
    // In a pipe neither is a line without end.
    let megabyte = format!(
        "//! Own.\nconst RUNBOOK = #{{}};\nfn run(args) {{ nobody(\"{}\"); }}\n",
        "x".repeat(300_000)
    );
    let own = demo(&[]).file("own.rhai", megabyte);
    let output = own.args(["run", "./own.rhai"]).run().code(1);
    assert!(output.stderr.len() < 2_000, "{}", output.stderr.len());
}

#[test]
fn every_time_of_a_page_is_on_the_clock_that_it_names() {
    // A moment with a zone of its own: `…T10:00:00Z`, `… 10:00:00+00:00`.
    let has_own_zone = |word: &str| {
        let is_time =
            word.matches(':').count() >= 2 && word.starts_with(|c: char| c.is_ascii_digit());
        is_time && (word.contains('+') || word.ends_with('Z') || word.contains('T'))
    };
    let people = ["081255501001", "081255501007", "081255501012"];
    let explained = people.map(|who| ("explain", vec!["explain", who]));
    let pages = PAGES.map(|(name, args)| (name, args.to_vec()));
    for (name, args) in pages.into_iter().chain(explained) {
        let page = demo(&args).run().stdout;
        let words = page.split(|c: char| c.is_whitespace() || "(),;".contains(c));
        let own: Vec<&str> = words.filter(|word| has_own_zone(word)).collect();
        assert_eq!(own, [""; 0], "{name} {args:?}:\n{page}");
    }
    let site = Site::with_rows(2);
    let wipe = |args: &[&str]| site.command().file("wipe.rhai", WIPE).args(args).run();
    wipe(&["run", "./wipe.rhai", "--apply", "--yes"]).code(0);
    let value = r#"[#{ at: time::now(), of: [time::now()] }]"#;
    for args in [
        &["history"][..],
        &["history", "last"],
        &["history", "--format", "markdown"],
        &["history", "last", "--format", "markdown"],
        &["undo", "last"],
        &["run", "-e", "time::now()"],
        &["run", "-e", value],
        &["run", "-e", "#{ at: time::now() }"],
    ] {
        let page = wipe(args).code(0).stdout;
        let words = page.split(|c: char| c.is_whitespace() || "(),;|[]".contains(c));
        let own: Vec<&str> = words.filter(|word| has_own_zone(word)).collect();
        assert_eq!(own, [""; 0], "{args:?}:\n{page}");
        assert_eq!(
            page.matches("Asia/Makassar").count(),
            1,
            "{args:?}:\n{page}"
        );
    }
}

#[test]
fn help_and_wrong_use_have_colours_where_all_else_has() {
    let colours = |text: &str| text.contains("\u{1b}[");
    for args in [
        &["--help"][..],
        &["run", "--help"],
        &["run", "audit", "--help"],
        &["nonsense"],
        &["run", "audit", "--nonsense"],
    ] {
        let run = |flags: &[&str], variables: &[(&str, &str)]| {
            let start = Tikbook::new().args(flags).args(args);
            let tikbook = variables
                .iter()
                .fold(start, |tikbook, (name, value)| tikbook.env(name, value));
            let output = tikbook.run();
            format!("{}{}", output.stdout, output.stderr)
        };
        let plain = run(&[], &[]);
        assert!(!colours(&plain), "{args:?}: {plain}");
        for (flags, variables, is_colored) in [
            (&["--color", "always"][..], &[][..], true),
            (&["--color=always"], &[], true),
            (&["--color", "always"], &[("NO_COLOR", "1")], true),
            (&[], &[("CLICOLOR_FORCE", "1")], true),
            (&[], &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")], false),
            (&["--color", "never"], &[("CLICOLOR_FORCE", "1")], false),
            (&["--color", "always", "--plain"], &[], false),
        ] {
            let shown = run(flags, variables);
            assert_eq!(
                colours(&shown),
                is_colored,
                "{args:?} {flags:?} {variables:?}: {shown}"
            );
        }
    }
}

#[test]
fn in_a_pipe_a_row_is_a_line_and_whole() {
    let output = demo(&["run", "audit"]).run().code(0);
    for (user, comment) in [
        ("081255501002", "blocked, user 081255501002, written"),
        (
            "081255501007",
            "authorized, user 081255501007, source sync-self-heal, written",
        ),
    ] {
        let is_row = |line: &&str| line.contains(user) && line.contains(comment);
        assert!(output.stdout.lines().any(|line| is_row(&line)), "{output}");
    }
    let raw = demo(&["-v", "run", "audit"]).run().code(0);
    assert!(
        raw.stdout
            .contains("lpsaring|status=blocked|reason=debt-overdue|user=081255501001|uid="),
        "{raw}"
    );
}

#[test]
fn what_is_plain_has_neither_colours_nor_boxes() {
    let drawn = |c: char| c == '\u{1b}' || matches!(c, '\u{2500}'..='\u{259f}' | '\u{d7}');
    for (name, args) in PAGES {
        let page = demo(args).args(["--plain", "--color", "always"]).run();
        assert!(!page.stdout.contains(drawn), "{name}: {page}");
    }
    let dead = router::nowhere(Tikbook::new()).args([
        "--plain",
        "run",
        "-e",
        "mikrotik::count(\"/ip/arp\")",
    ]);
    let dead = dead.run().code(4);
    assert!(dead.stderr.starts_with("error: "), "{dead}");
    assert!(dead.stderr.contains("\nhelp: "), "{dead}");
    assert!(!dead.stderr.contains(drawn), "{dead}");
}

#[test]
fn a_report_comes_in_every_format() {
    let run = |format: &str| demo(&["run", "audit", "--format", format]).run();
    let lines = run("ndjson").code(0);
    assert_eq!(lines.stdout.lines().count(), 1, "{lines}");
    let report = lines.stdout_json();
    assert_eq!(report["version"], env!("CARGO_PKG_VERSION"));
    let counts = &report["summary"]["findings"];
    let of = |severity: &str| {
        let findings = report["findings"].as_array().unwrap().iter();
        findings
            .filter(|finding| finding["severity"] == severity)
            .count()
    };
    for severity in ["critical", "warning", "info"] {
        assert_eq!(counts[severity], of(severity), "{counts}");
    }
    let ids: Vec<&str> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| finding["id"].as_str().unwrap())
        .collect();
    // By what a row is known, which it keeps where it is written anew.
    assert!(!ids.iter().any(|id| id.contains(":*")), "{ids:?}");
    assert_eq!(
        ids.len(),
        ids.iter().collect::<BTreeSet<_>>().len(),
        "{ids:?}"
    );
    let markdown = run("markdown").code(0);
    for part in [
        "# Audit of the list",
        "\n| row | address | user |",
        "\n| --- |",
        "\n## What to do next\n",
    ] {
        assert!(markdown.stdout.contains(part), "{part}: {markdown}");
    }
    let several = run("csv").code(2);
    several.says("name one by --table");
    let table = demo(&[
        "run",
        "audit",
        "--format",
        "csv",
        "--table",
        "stale-blocked",
    ])
    .run()
    .code(0);
    let mut lines = table.stdout.lines();
    assert_eq!(
        lines.next(),
        Some("row,address,user,name,debt_mb,effect,changed_by,comment"),
        "{table}"
    );
    assert_eq!(
        lines.count(),
        report["findings"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|finding| finding["kind"] == "stale-blocked")
            .count()
    );
    let none = demo(&["run", "audit", "--format", "csv", "--table", "x"])
        .run()
        .code(2);
    none.says("no table `x`");
}

#[test]
fn rows_of_an_expression_come_in_every_format() {
    let rows = r#"mikrotik::rows("/ip/firewall/address-list", #{ list: "klient_habis" }, ["address", "list"])"#;
    let run = |format: &str| {
        demo(&["run", "-e", rows, "--format", format])
            .run()
            .code(0)
            .stdout
    };
    assert_eq!(
        run("csv"),
        "list,address\nklient_habis,10.20.0.30\nklient_habis,10.20.0.151\nklient_habis,10.20.0.31\nklient_habis,10.20.0.25\n"
    );
    assert_eq!(
        run("ndjson").lines().next(),
        Some(r#"{"list":"klient_habis","address":"10.20.0.30"}"#)
    );
    assert!(
        run("markdown")
            .starts_with("| list | address |\n| --- | --- |\n| klient\\_habis | 10.20.0.30 |")
    );
    let refused = demo(&["run", "-e", "1 + 1", "--format", "csv"])
        .run()
        .code(1);
    refused.says("this format takes rows");
}

#[test]
fn a_file_is_written_whole_or_not_at_all_and_never_through_a_link() {
    let folder = tempfile::TempDir::with_prefix("tikbook-output-").unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
    let run = |args: &[&str], name: &str| demo(args).args(["--output", &path(name)]).run();
    let written = run(&["run", "audit", "--json"], "report").code(0);
    assert_eq!(written.stdout, "", "{written}");
    let report: serde_json::Value = serde_json::from_str(&read("report")).unwrap();
    assert_eq!(report["runbook"], "audit");
    // What fails before there is a report leaves the last one.
    run(&["run", "no-such-runbook"], "report").code(2);
    assert!(read("report").contains("\"audit\""));
    run(&["doctor", "--json"], "report").code(0);
    assert!(read("report").contains("\"doctor\""));
    std::fs::write(folder.path().join("precious"), "precious").unwrap();
    std::os::unix::fs::symlink(path("precious"), path("link")).unwrap();
    run(&["run", "audit"], "link").code(2).says("it is a link");
    std::os::unix::fs::symlink(path("nothing"), path("dangling")).unwrap();
    run(&["run", "audit"], "dangling").code(2);
    run(&["run", "audit"], "").code(2).says("it is a folder");
    run(&["run", "audit"], "no/such/folder")
        .code(1)
        .says("no/such/folder");
    assert_eq!(read("precious"), "precious");
    // What is no file stays what it is.
    demo(&["run", "audit", "--output", "/dev/null"])
        .run()
        .code(0);
    let null = std::fs::metadata("/dev/null").unwrap().file_type();
    assert!(std::os::unix::fs::FileTypeExt::is_char_device(&null));
    let mut left: Vec<_> = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    left.sort();
    assert_eq!(left, ["dangling", "link", "precious", "report"]);
    // Before anything is changed.
    for args in [
        &[
            "run",
            "cleanup",
            "--apply",
            "--yes",
            "--output",
            "/no/such/folder/x",
        ][..],
        &["run", "cleanup", "--apply", "--yes", "--format", "csv"],
    ] {
        let output = demo(args).run();
        assert_eq!(output.stdout, "", "{output}");
        assert!(!output.stderr.contains("undo"), "{output}");
    }
}

#[test]
fn a_page_that_is_taller_than_the_terminal_is_read_in_the_pager() {
    let pager = "sed 's/^/paged: /'";
    let tall = |tikbook| shown_by(Screen::of_size(tikbook, 24, 80));
    let read = tall(
        demo(&["run", "audit"])
            .env("TIKBOOK_PAGER", pager)
            .env("PAGER", "false"),
    );
    assert!(read.contains("paged: Audit of the list"), "{read}");
    let rows = r#"mikrotik::rows("/ip/firewall/address-list")"#;
    for args in [
        &["doc"][..],
        &["doc", "mikrotik"],
        &["list"],
        &["show", "audit"],
        &["run", "-e", rows],
        &["--help"],
        &["run", "--help"],
    ] {
        let read = tall(demo(args).env("TIKBOOK_PAGER", pager));
        assert!(read.starts_with("paged: "), "{args:?}: {read}");
        let whole = tall(demo(args).arg("--no-pager"));
        let paged = read.lines().map(|line| line.replacen("paged: ", "", 1));
        assert_eq!(paged.count(), whole.lines().count(), "{args:?}: {read}");
    }
    for args in [
        &["run", "audit", "--no-pager"][..],
        &["run", "audit", "--json"],
        &["history"],
        &["sites"],
    ] {
        let shown = tall(demo(args).env("TIKBOOK_PAGER", pager));
        assert!(!shown.contains("paged:"), "{shown}");
    }
    // One that fails hides nothing.
    let failed = tall(demo(&["run", "audit"]).env("TIKBOOK_PAGER", "/no/such/pager -x"));
    assert!(
        failed.contains("The pager `/no/such/pager` failed: No such file or directory"),
        "{failed}"
    );
    assert!(failed.contains("Audit of the list"), "{failed}");
    let failed = tall(demo(&["run", "audit"]).env("TIKBOOK_PAGER", "false"));
    assert!(
        failed.contains("The pager `false` failed: exit status: 1"),
        "{failed}"
    );
    assert!(failed.contains("Audit of the list"), "{failed}");
}

#[test]
fn as_markdown_findings_stand_by_severity_the_worst_first() {
    let output = demo(&["run", "audit"]).args(["--format", "markdown"]).run();
    let heads = output
        .stdout
        .lines()
        .filter_map(|line| line.strip_prefix("## "));
    let severities = ["critical: ", "warning: ", "info: "];
    let order = heads.filter_map(|head| severities.iter().position(|word| head.starts_with(word)));
    let order: Vec<usize> = order.collect();
    assert!((0..3).all(|severity| order.contains(&severity)), "{output}");
    assert!(order.is_sorted(), "{order:?}\n{output}");
}

#[test]
fn in_short_a_page_is_five_lines_of_forty_columns() {
    let is_report = |(name, _): &(&str, &[&str])| !["list", "sites"].contains(name);
    for (name, args) in PAGES.into_iter().filter(is_report) {
        let output = demo(args).arg("--short").run();
        let lines: Vec<&str> = output.stdout.lines().collect();
        assert!((1..=5).contains(&lines.len()), "{name}: {output}");
        let widest = lines.iter().map(|line| line.width()).max();
        assert!(widest <= Some(40), "{name}: {output}");
    }
    demo(&["list", "--short"])
        .run()
        .code(2)
        .says("--short is for reports");
    // What was counted is whole, and of what is shown in part the words are.
    for (name, args) in PAGES.into_iter().filter(is_report) {
        let (short, long) = (demo(args).arg("--short").run(), demo(args).run());
        let long = long.stdout.replace('\n', " ");
        let shown: Vec<&str> = short.stdout.lines().collect();
        for word in shown.iter().flat_map(|line| line.split_whitespace()) {
            let word = word.trim_end_matches('\u{2026}');
            let mut whole = long.split_whitespace();
            let is_counted = |whole: &str| whole.trim_matches(['(', ')']) == word;
            let is_whole =
                word == "\u{d7}" || whole.any(|whole| whole == word || is_counted(whole));
            assert!(is_whole, "{name}: `{word}` of {short}");
        }
        let counted = shown[1..].join(" ");
        let sum = long.find("findings: ").map(|at| &long[at..]);
        let sum = sum.and_then(|sum| sum.split("  ").next());
        assert!(
            sum.is_none_or(|sum| counted.contains(sum.trim_end())),
            "{name}: {sum:?} of {short}"
        );
    }
    let audit = demo(&["run", "audit", "--short"]).run().code(0);
    let counts = "findings: 13 critical, 15 warnings,\n7 info\n1 \u{d7} rows of the blocked list that are\u{2026}\n";
    assert!(audit.stdout.contains(counts), "{audit}");
}

/// What a guest can make a router, and so a page, hold: his device's name, for one.
const HOSTILE: &str = "a\u{1b}[2J\u{9b}31m\u{7}b\r\nc\u{202e}d\u{0}e\u{7f}|`<x>\u{2028}";

#[test]
fn nothing_from_outside_moves_the_cursor_whatever_shows_it() {
    let rows = json!([{ "list": HOSTILE, "address": "10.0.0.1", "comment": HOSTILE }]);
    let router = Router::with(&json!({ "/ip/firewall/address-list": rows }).to_string());
    let script = r##"//! Shows a row everywhere.
const RUNBOOK = #{ reads: ["mikrotik"], writes: ["mikrotik:/ip/firewall/address-list"] };
fn run(args) {
    let row = mikrotik::rows("/ip/firewall/address-list")[0];
    let text = row.comment;
    print(text);
    log::warn(text);
    mikrotik::set("/ip/firewall/address-list", row, #{ comment: "x" }, text);
    let report = report::create(text);
    report.fact(text, text);
    report.note(text);
    report.checked(#{ id: text, status: "fail", evidence: text, advice: text });
    report.finding(#{ id: "kind:" + text, severity: "warning", title: text, evidence: #{ comment: text }, advice: text });
    report.findings(#{ kind: "rows", severity: "info", title: text, subject: "address", evidence: ["list", "comment"], advice: text },
        mikrotik::rows("/ip/firewall/address-list"));
    report.table(text, [text, "b"], [[text, text]]);
    report.next(text);
    report.count(text, text);
    report.set("text", text);
    report
}"##;
    let run = |args: &[&str]| {
        router
            .tikbook(Tikbook::new())
            .file("own.rhai", script)
            .args(["run"])
            .args(args)
    };
    let rows = r#"mikrotik::rows("/ip/firewall/address-list")"#;
    for args in [
        &["./own.rhai"][..],
        &["./own.rhai", "--short"],
        &["./own.rhai", "--plain", "-v"],
        &["./own.rhai", "--json"],
        &["./own.rhai", "--format", "markdown"],
        &["./own.rhai", "--format", "ndjson"],
        &["-e", rows],
        &["-e", rows, "--json"],
        &["-e", rows, "--format", "markdown"],
        &[
            "-e",
            "throw mikrotik::rows(\"/ip/firewall/address-list\")[0].comment",
        ],
    ] {
        let piped = run(args).run();
        let seen = at(80, run(args));
        for text in [&piped.stdout, &piped.stderr, &seen] {
            let obeyed = |c: char| {
                let directs = matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
                c != '\n' && c.is_control() || directs
            };
            let found: Vec<char> = text.chars().filter(|c| obeyed(*c)).collect();
            assert!(found.is_empty(), "{args:?}: {found:?} in {text}");
        }
    }
}

#[test]
fn what_flags_cannot_have_together_is_refused_wherever_they_stand() {
    for args in [
        &["run", "audit", "--table", "stale-blocked"][..],
        &["--table", "stale-blocked", "run", "audit"],
        &["--table", "stale-blocked", "run", "audit", "--json"],
        &["doctor", "--format", "markdown", "--table", "checks"],
        &[
            "run",
            "-e",
            "[#{ a: 1 }]",
            "--format",
            "csv",
            "--table",
            "a",
        ],
        &["--json", "run", "audit", "--format", "csv"],
        &["--format", "csv", "run", "audit", "--json"],
        &["--short", "run", "audit", "--json"],
        &["--format", "markdown", "run", "audit", "--short"],
    ] {
        let output = demo(args).run().code(2);
        match args.contains(&"--json") {
            true => assert_eq!(output.stdout_json()["error"]["kind"], "usage", "{output}"),
            false => assert_eq!(output.stdout, "", "{args:?}: {output}"),
        }
        output.says("the argument");
    }
    let rows = [
        "--table",
        "stale-blocked",
        "run",
        "audit",
        "--format",
        "csv",
    ];
    demo(&rows).run().code(0);
}

#[test]
fn every_moment_in_json_is_of_rfc_3339() {
    fn moments(value: &serde_json::Value, found: &mut Vec<String>) {
        match value {
            serde_json::Value::String(text) => {
                let shape: String = text
                    .chars()
                    .take(10)
                    .map(|c| if c.is_ascii_digit() { '0' } else { c })
                    .collect();
                if shape == "0000-00-00" && text.len() > 10 {
                    found.push(text.clone());
                }
            }
            serde_json::Value::Array(values) => {
                values.iter().for_each(|value| moments(value, found))
            }
            // What a row was before, as its router writes it.
            serde_json::Value::Object(fields) => fields
                .iter()
                .filter(|(name, _)| *name != "before")
                .for_each(|(_, value)| moments(value, found)),
            _ => {}
        }
    }
    let is_report = |(name, _): &(&str, &[&str])| !["list", "history", "sites"].contains(name);
    for (name, args) in PAGES.into_iter().filter(is_report) {
        let json = demo(args).arg("--json").run().stdout_json();
        let mut found = Vec::new();
        moments(&json, &mut found);
        assert!(!found.is_empty(), "{name}: {json}");
        for text in found {
            let moment = text.parse::<jiff::Timestamp>();
            assert!(moment.is_ok(), "{name}: {text}");
        }
    }
}

#[test]
fn no_type_of_rust_has_its_name_said() {
    for expression in [
        "(1..5)",
        "(1..=5)",
        "Fn(\"abs\")",
        "timestamp()",
        "report::create(\"x\")",
        "time::nope(\"5m\", 5, 1.0, [1], #{})",
        "nope(1..5, time::now(), Fn(\"abs\"))",
        "let rows = rows::from([#{ a: 1 }]); rows.nope(rows)",
    ] {
        let output = demo(&["run", "-e", expression, "--json"]).run().code(1);
        let said = output.stderr.lines().next().unwrap_or_default();
        assert!(said.contains('`'), "{expression}: {output}");
        for rust in [
            "i64",
            "f64",
            "&",
            "::ops",
            "Immutable",
            "FnPtr",
            "Dynamic",
            "Vec<",
            "alloc",
            "scripting::",
            "Moment",
            "std::",
        ] {
            assert!(!said.contains(rust), "{expression}: {output}");
        }
    }
}

#[test]
fn documentation_fits_the_terminal_but_for_examples_to_copy() {
    for (name, args) in [
        ("doc", &["doc"][..]),
        ("report", &["doc", "report"]),
        ("rows", &["doc", "rows"]),
    ] {
        for width in WIDTHS {
            let page = at(width, Tikbook::new().args(args));
            let page: String = page
                .lines()
                .filter(|line| !line.starts_with("        "))
                .map(|line| format!("{line}\n"))
                .collect();
            assert_eq!(
                too_wide(&page, width),
                [""; 0],
                "{name} at {width}:\n{page}"
            );
        }
        let broad = at(200, Tikbook::new().args(args));
        let piped = Tikbook::new().args(args).run().code(0);
        assert_eq!(words(&broad), words(&piped.stdout), "{name}");
    }
}

#[test]
fn a_command_prints_json_where_it_is_asked_for_or_says_that_it_has_none() {
    for args in [
        &["list"][..],
        &["sites"],
        &["history"],
        &["doctor"],
        &["check"],
        &["doc"],
        &["doc", "report"],
        &["doc", "--schema"],
        &["doc", "--schema", "report"],
        &["explain", "a"],
    ] {
        demo(args).arg("--json").run().code(0).stdout_json();
    }
    for args in [
        &["show", "audit"][..],
        &["completions", "bash"],
        &["new", "mine"],
        &["repl"],
        &["simulate", "--demo"],
    ] {
        for json in [&["--json"][..], &["--format", "json"]] {
            let output = demo(args).args(json).run().code(2);
            let error = output.stdout_json()["error"]["message"].to_string();
            assert!(error.contains("has no JSON form"), "{args:?}: {output}");
            output.says("has no JSON form");
        }
    }
}

/// Whatever fails, and whether the flag stands before it or behind.
#[test]
fn every_failure_is_json_where_json_is_asked_for() {
    let throws = "//! Throws.\nconst RUNBOOK = #{};\nfn run(args) { throw \"x\" }\n";
    let broken = "//! Broken.\nconst RUNBOOK = #{};\nfn run(args) { let = }\n";
    for (args, code, kind) in [
        (&["run", "-e", "throw \"x\""][..], 1, "script"),
        (&["run", "-e", "let = 5"], 1, "script"),
        (&["run", "nope"], 2, "usage"),
        (&["nope"], 2, "usage"),
        (&["run"], 2, "usage"),
        (&["run", "audit", "--nope"], 2, "usage"),
        (&["run", "audit", "--limit", "x"], 2, "usage"),
        (&["run", "./broken.rhai"], 1, "script"),
        (&["run", "./throws.rhai"], 1, "script"),
        (&["--nope", "list"], 2, "usage"),
        (&["--site", "nope", "run", "audit"], 2, "configuration"),
        (&["--config", "/no/where.toml", "sites"], 2, "configuration"),
        (&["--output", "/no/where/x.json", "doctor"], 1, "output"),
        (&["--scripts", "/no/where", "list"], 2, "usage"),
        (&["apply", "/no/where.plan"], 2, "plan"),
        (&["undo", "last"], 2, "usage"),
        (&["history", "2020"], 2, "usage"),
        (&["run", "cleanup", "--apply"], 6, "denied"),
        (&["doc", "nope"], 2, "usage"),
        (&["doc", "--schema", "nope"], 2, "usage"),
        (&["check", "/no/where"], 2, "usage"),
        (&["test", "/no/where"], 2, "usage"),
        (&["show", "audit"], 2, "usage"),
        (&["explain"], 2, "usage"),
        (&["explain", "081255501008", "--format", "csv"], 2, "usage"),
        (&["fingerprint", "127.0.0.1:1"], 4, "unreachable"),
    ] {
        for args in [[&["--json"], args].concat(), [args, &["--json"]].concat()] {
            let site: &[&str] = match args.contains(&"--site") {
                true => &[],
                false => &["--site", "demo"],
            };
            let tikbook = Tikbook::new().args(site);
            let tikbook = tikbook
                .file("throws.rhai", throws)
                .file("broken.rhai", broken);
            let output = tikbook.args(&args).run();
            let output = output.code(code);
            let error = output.stdout_json()["error"].clone();
            assert_eq!(error["kind"], kind, "{args:?}: {output}");
            assert_eq!(error["exit_code"], code, "{args:?}: {output}");
            assert!(!output.stderr.is_empty(), "{args:?}: {output}");
            let message = error["message"].as_str().unwrap();
            assert!(
                !message.contains('\n') && !message.contains("error:"),
                "{args:?}: {output}"
            );
        }
    }
    // A line of it where lines are asked for, and nothing where neither is.
    let lines = demo(&["run", "nope", "--format", "ndjson"]).run().code(2);
    assert_eq!(lines.stdout.lines().count(), 1, "{lines}");
    assert_eq!(lines.stdout_json()["schema"], "tikbook.error/1");
    assert_eq!(demo(&["run", "nope"]).run().code(2).stdout, "");
}

#[test]
fn a_csv_of_nothing_is_empty() {
    for value in ["[]", "[#{}]"] {
        let output = demo(&["run", "-e", value, "--format", "csv"]).run().code(0);
        assert_eq!(output.stdout, "", "{value}");
    }
}

/// A table of which it is known what its columns are has them also where it has no row.
#[test]
fn a_history_without_a_run_has_the_heads_of_its_columns_for_programs_alone() {
    for (format, heads) in [
        ("csv", "run,started,state,runbook,by,changes\n"),
        ("tsv", "run\tstarted\tstate\trunbook\tby\tchanges\n"),
    ] {
        let none = Tikbook::new().args(["history", "--format", format]).run();
        assert_eq!(none.code(0).stdout, heads);
    }
    for format in ["text", "markdown"] {
        let none = Tikbook::new().args(["history", "--format", format]).run();
        let page = none.code(0).stdout;
        assert!(page.contains("No run has changed this site yet."), "{page}");
        assert!(!page.contains("started"), "{page}");
    }
}

/// What stands in a cell comes back, whatever it is, and a row is a line.
#[test]
fn tab_separated_values_are_those_of_csv_with_what_breaks_a_line_escaped() {
    let value = r#"[#{ a: "x\ty", b: "1\n2\r3" }, #{ a: "c:\\t", b: "\"q\", ," }]"#;
    let output = demo(&["run", "-e", value, "--format", "tsv"]).run().code(0);
    assert_eq!(output.stdout, "a\tb\nx\\ty\t1\\n2\\r3\nc:\\\\t\t\"q\", ,\n");
    let table = |format| {
        demo(&[
            "run",
            "audit",
            "--table",
            "stale-blocked",
            "--format",
            format,
        ])
        .run()
        .code(0)
        .stdout
    };
    let (csv, tsv) = (table("csv"), table("tsv"));
    assert_eq!(csv.lines().count(), tsv.lines().count());
    let mut lines = tsv.lines().map(|line| line.split('\t').collect::<Vec<_>>());
    let heads = lines.next().unwrap_or_default();
    assert_eq!(Some(heads.join(",").as_str()), csv.lines().next());
    let report = demo(&["run", "audit", "--json"])
        .run()
        .code(0)
        .stdout_json();
    let findings = report["findings"].as_array().unwrap().iter();
    let stale = findings.filter(|finding| finding["kind"] == "stale-blocked");
    for (cells, finding) in lines.zip(stale) {
        for (head, cell) in heads.iter().zip(cells) {
            let fact = &finding["evidence"][head];
            let fact = fact
                .as_str()
                .map_or_else(|| fact.to_string(), str::to_owned);
            // What would break a line or a cell is escaped: comments of the demo have backslashes.
            assert_eq!(cell, fact.replace('\\', "\\\\"), "{head}");
        }
    }
    let refused = demo(&["run", "-e", "1 + 1", "--format", "tsv"])
        .run()
        .code(1);
    refused.says("this format takes rows");
    let several = demo(&["run", "audit", "--format", "tsv"]).run().code(2);
    several.says("TSV takes one");
    let change = demo(&["run", "cleanup", "--apply", "--yes", "--format", "tsv"]).run();
    change.code(2).says("TSV takes one table");
    demo(&["sites", "--format", "tsv"]).run().code(2);
    let wrong = demo(&["run", "audit", "--table", "stale-blocked"])
        .run()
        .code(2);
    wrong.says("'--format csv' and 'tsv' take");
}

/// By what the router's field is, and not by its name: seconds in a report, said as any other on pages, the router's
/// words in what a script or the session has.
#[test]
fn lengths_of_time_of_a_routers_rows_are_seconds_in_the_json_of_reports() {
    let state = json!({
        "/ip/firewall/address-list": [
            { "list": "l", "address": "10.0.0.1", "timeout": "1d2h3m4s", "comment": "41m59s" },
            { "list": "l", "address": "10.0.0.2" },
        ],
        "/ip/dhcp-server/lease": [{ "address": "10.0.0.3", "expires-after": "5m0.5s", "status": "1h" }],
    });
    let router = Router::with(&state.to_string());
    let script = r##"//! Says rows.
const RUNBOOK = #{ reads: ["mikrotik"] };
fn run(args) {
    let rows = mikrotik::rows("/ip/firewall/address-list");
    let report = report::create("Rows");
    report.findings(#{ kind: "row", severity: "info", title: "rows", advice: "", subject: "address",
                       evidence: ["timeout", "comment", ["as", "timeout"]] }, rows);
    report.set("rows", rows);
    report.set("one", #{ lease: mikrotik::rows("/ip/dhcp-server/lease")[0] });
    report.set("word", rows[0].timeout);
    report
}
"##;
    let run = |args: &[&str]| {
        let tikbook = Tikbook::new().file("scripts/says.rhai", script);
        router.tikbook(tikbook).args(args).run().code(0)
    };
    let report = run(&["run", "says", "--json"]).stdout_json();
    // The router counts the rest of a timeout down while it is asked.
    let left = 86_400 + 2 * 3_600 + 3 * 60 + 4;
    let is_left = |value: &serde_json::Value| {
        value
            .as_u64()
            .is_some_and(|rest| (left - 60..=left).contains(&rest))
    };
    let evidence = &report["findings"][0]["evidence"];
    assert!(
        is_left(&evidence["timeout"]) && is_left(&evidence["as"]),
        "{report:#}"
    );
    assert_eq!(evidence["comment"], "41m59s", "{report:#}");
    assert!(is_left(&report["rows"][0]["timeout"]), "{report:#}");
    assert_eq!(
        report["findings"][1]["evidence"]["timeout"],
        serde_json::Value::Null
    );
    assert_eq!(report["one"]["lease"]["expires-after"], 300.5, "{report:#}");
    assert_eq!(report["one"]["lease"]["status"], "1h", "{report:#}");
    let word = report["word"].as_str().unwrap_or_default();
    assert!(word.starts_with("1d2h"), "{report:#}");
    let page = run(&["run", "says"]);
    // As every length of time on a page is said; a comment is a comment.
    for said in ["  1d 2h    41m59s", "  1d 2h\n"] {
        assert!(page.stdout.contains(said), "{said}: {page}");
    }
    let rows = run(&[
        "run",
        "-e",
        r#"mikrotik::rows("/ip/firewall/address-list")"#,
        "--json",
    ]);
    assert!(rows.stdout.contains("\"timeout\": \"1d2h"), "{rows}");
}

#[test]
fn help_and_version_that_cannot_be_written_are_an_error() {
    for args in [
        &["--help"][..],
        &["run", "--help"],
        &["--version"],
        &["run", "audit", "--help"],
    ] {
        let full = std::fs::OpenOptions::new()
            .write(true)
            .open("/dev/full")
            .unwrap();
        let (mut command, _folder) = demo(args).into_command();
        let output = command.stdout(full).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{args:?}: {said}");
        assert!(said.contains("cannot write the output"), "{args:?}: {said}");
        assert!(said.contains("No space left on device"), "{args:?}: {said}");
    }
}

#[test]
fn a_file_that_cannot_be_written_is_named_once_and_as_it_was_given() {
    let output = demo(&["sites", "--output", "/no/such/folder/page"]).run();
    assert!(!output.stderr.contains(".tikbook-"), "{output}");
    output.says("/no/such/folder/page: No such file or directory");
}

#[test]
fn the_help_of_a_session_fits_the_terminal() {
    let home = tempfile::tempdir().unwrap();
    let mut repl = typed(home.path(), "demo", &[]);
    ready(&mut repl);
    repl.send_line(":help").unwrap();
    let said = repl.exp_string("Namespaces: ").unwrap();
    let lines: Vec<&str> = said.lines().skip(1).collect();
    assert!(
        lines.iter().any(|line| line.starts_with(":vars ")),
        "{said}"
    );
    for line in lines {
        assert!(line.width() <= 80, "{line}");
        let usage = line.split("  ").next().unwrap_or_default();
        assert!(
            !line.starts_with(':') || usage.len() == line.len() || usage.len() < 32,
            "{line}"
        );
    }
    ready(&mut repl);
    repl.send_line(":vars x").unwrap();
    repl.exp_string("nothing follows :vars").unwrap();
    ready(&mut repl);
    for name in ["mikrotik", "mikrotik::rows", "report.findings"] {
        repl.send_line(&format!("{name}?")).unwrap();
        let said = repl.exp_string("\u{1b}[?2004h").unwrap();
        assert!(
            said.contains("mikrotik") || said.contains("findings"),
            "{said}"
        );
        // Behind eight blanks stands what is to be copied.
        for line in said
            .lines()
            .skip(1)
            .filter(|line| !line.starts_with("        "))
        {
            assert!(line.width() <= 80, "{name}: {line}");
        }
    }
}
