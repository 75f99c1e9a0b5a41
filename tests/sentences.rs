//! Sentences by key: what scripts say by catalogues of their own and by the bundled one, and what `check` knows
//! of it.

use catalogue::{Catalogue, Catalogues, Language, Said};
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use tikbook::script::library::Library;
use tikbook::script::{engine, header};

use crate::support::tikbook::{Output, Tikbook};

const ENGLISH: &str = "cut-off = { $count ->\n    [one] { $count } user is\n   *[other] { $count } users are\n  \
                       } cut off on { $lists }\nwhy = as { $rule } says\nstep = Ask again: tikbook explain { $phone }\n\
                       finding-stale = rows older than { $days } days\n    .advice = remove { $what }\n";

const BODY: &str = "let report = report::create(say(\"cut-off\", #{ count: 1, lists: [\"a\", \"b\"] }));\n\
    report.note(say(\"why\", #{ rule: say(\"why\", #{ rule: \"nobody\" }) }));\n\
    report.next(say(\"step\", #{ phone: \"0812\" }));\n\
    report.checked(#{ id: \"rule\", status: \"fail\", evidence: say(\"why\", #{ rule: 2.0 }), advice: \"\" });\n\
    report.findings(#{ kind: \"stale\", severity: \"warning\", subject: \"id\", evidence: [\"id\", \"why\"],\n\
                       values: #{ days: 3, what: \"them\" } },\n\
                    rows::from([#{ id: 7, why: [say(\"why\", #{ rule: \"x\" }), \"plain\"] }]));\n\
    report.set(\"said\", say(\"why\", #{ rule: true }));\n\
    report";

fn script(body: &str) -> String {
    format!("//! Says.\nconst RUNBOOK = #{{}};\nfn run(args) {{ {body} }}\n")
}

fn says(body: &str, catalogue: impl AsRef<[u8]>, args: &[&str]) -> Output {
    Tikbook::new()
        .file("scripts/says.rhai", script(body))
        .file("scripts/catalogue/en.ftl", catalogue)
        .args(["--site", "demo"])
        .args(args)
        .run()
}

#[test]
fn a_report_says_messages_wherever_it_takes_text() {
    let output = says(BODY, ENGLISH, &["run", "says"]).code(0);
    for line in [
        "1 user is cut off on a, b",
        "as as nobody says says",
        "1. Ask again: tikbook explain 0812",
        "as 2.0 says",
        "rows older than 3 days (1)",
        "as x says; plain",
        "\u{2192} remove them",
    ] {
        assert!(output.stdout.contains(line), "{line}: {output}");
    }
    let markdown = says(BODY, ENGLISH, &["run", "says", "--format", "markdown"]).code(0);
    assert!(
        markdown
            .stdout
            .starts_with("# 1 user is cut off on a, b: 1 of 1 checks failed\n"),
        "{markdown}"
    );
    let json = says(BODY, ENGLISH, &["run", "says", "--json"])
        .code(0)
        .stdout_json();
    assert_eq!(json["checks"][0]["evidence"], "as 2.0 says");
    assert_eq!(json["said"], "as true says");
    let finding = &json["findings"][0];
    assert_eq!(finding["title"], "rows older than 3 days");
    assert_eq!(finding["advice"], "remove them");
    assert_eq!(
        finding["evidence"]["why"],
        serde_json::json!(["as x says", "plain"])
    );
}

#[test]
fn a_message_that_is_not_there_or_lacks_a_value_is_an_error_that_says_so() {
    for (body, error) in [
        ("say(\"nothing\")", "no catalogue has a message `nothing`"),
        ("say(\"why\")", "the message `why` needs `rule`"),
        (
            "say(\"why\", #{ rule: 1, who: 2 })",
            "the message `why` has no placeholder `who`",
        ),
        ("say(\"why\", #{ rule: () })", "`rule` has no value"),
        (
            "say(\"why\", #{ rule: #{} })",
            "`rule` cannot be said: it is a map",
        ),
        (
            "report::create(\"x\").finding(#{ id: \"stale:x\", severity: \"info\", values: #{ days: 3 } })",
            "the message `finding-stale.advice` needs `what`",
        ),
        (
            "report::create(\"x\").finding(#{ id: \"fresh:x\", severity: \"info\" })",
            "it needs `title` as text or message, or a catalogue with `finding-fresh`",
        ),
        (
            "report::create(\"x\").finding(#{ id: \"stale:x\", severity: \"info\", values: #{ days: 3, what: 1, no: 1 } })",
            "neither title nor advice of `stale` has a placeholder `no`",
        ),
        (
            "report::create(7)",
            "it takes a text or a message, not `int`",
        ),
    ] {
        let output = says(body, ENGLISH, &["run", "says"]).code(1);
        assert!(output.stderr.contains(error), "{body}: {output}");
    }
    let thrown = says(
        "throw say(\"why\", #{ rule: \"x\" })",
        ENGLISH,
        &["run", "says"],
    )
    .code(1);
    assert!(thrown.stderr.contains("as x says"), "{thrown}");
}

#[test]
fn text_of_a_catalogue_and_of_its_values_moves_no_cursor() {
    let hostile = "cut-off = a\u{1b}[2J\u{202e}{ $x }\n";
    let body = "report::create(say(\"cut-off\", #{ x: \"b\\x1b[3mc\\nd\" }))";
    let output = says(body, hostile, &["run", "says"]).code(0);
    assert!(!output.stdout.contains(['\u{1b}', '\u{202e}']), "{output}");
    assert!(
        output
            .stdout
            .lines()
            .next()
            .is_some_and(|line| line.ends_with('d')),
        "{output}"
    );
}

#[test]
fn a_file_that_is_no_catalogue_is_an_error_with_its_line_and_never_a_panic() {
    let deep = format!("why = {}\n", "{ $a ->\n *[x] ".repeat(60_000));
    let calls = format!("why = {{ {}\n", "A(\n".repeat(60_000));
    let long = "# long\n".repeat(200_000);
    for (text, line, said) in [
        (
            b"why = x\n\nwhy = y\n".as_slice(),
            "line 3: ",
            "`why` is there twice",
        ),
        (b"why = { $rule\n", "line 1: ", "token starting with \"}\""),
        (deep.as_bytes(), "line 1: ", "at most 100 braces"),
        (calls.as_bytes(), "line 1: ", "token starting with \")\""),
        (long.as_bytes(), "", "larger than 1048576 bytes"),
        (b"why = \xff\n", "", "cannot read `"),
    ] {
        let output = says("say(\"why\", #{ rule: 1 })", text, &["run", "says"]).code(1);
        let told = output.stderr.contains(line) && output.stderr.contains(said);
        assert!(told, "{said}: {output}");
        let output = says("1", text, &["check", "scripts"]).code(1);
        assert!(output.stdout.contains(said), "{said}: {output}");
        // Who says nothing needs no catalogue.
        says("1", text, &["run", "says"]).code(0);
    }
}

/// What is there by the name of a catalogue and is none is never passed over.
#[test]
fn a_catalogue_that_cannot_be_read_is_an_error_that_says_why() {
    let says = |tikbook: Tikbook| {
        let tikbook = tikbook.file("scripts/says.rhai", script("say(\"why\", #{ rule: 1 })"));
        tikbook.args(["--site", "demo"])
    };
    let outside = tempfile::NamedTempFile::new().expect("a file");
    let outside = outside.path().to_str().expect("a path").to_owned();
    for (place, why) in [
        ("folder", "it is no file"),
        ("/nowhere/en.ftl", "No such file or directory"),
        (outside.as_str(), "leads out of the folder of scripts"),
    ] {
        let site = || match place {
            "folder" => says(Tikbook::new().file("scripts/catalogue/en.ftl/x", "")),
            target => says(
                Tikbook::new()
                    .file("scripts/catalogue/x", "")
                    .link("scripts/catalogue/en.ftl", target),
            ),
        };
        let output = site().args(["run", "says"]).run().code(1);
        assert!(output.stderr.contains(why), "{place}: {output}");
        let output = site().args(["check", "scripts"]).run().code(1);
        let told = output.stdout.contains("catalogue/en.ftl`") && output.stdout.contains(why);
        assert!(told, "{place}: {output}");
    }
}

/// What a parameter is for is a message as well, in the program's help and in that of the session.
#[test]
fn the_help_of_a_parameter_comes_from_the_catalogue_where_it_names_a_message() {
    let with = |help: &str, catalogue: &str| {
        let header = format!(
            "//! Says.\nconst RUNBOOK = #{{ params: #{{ most: #{{ type: \"int\", \"default\": 7, min: 1, help: \"{help}\" }} }} }};\nfn run(args) {{ report::create(args.most.to_string()) }}\n"
        );
        Tikbook::new()
            .file("scripts/says.rhai", header)
            .file("scripts/catalogue/en.ftl", catalogue)
            .args(["--site", "demo"])
    };
    let own = "param-most = how many at most\n";
    let help = with("param-most", own)
        .args(["run", "says", "--help"])
        .run()
        .code(0);
    assert!(
        help.stdout.contains("how many at most [from 1, default 7]"),
        "{help}"
    );
    with("param-most", own)
        .args(["check", "scripts"])
        .run()
        .code(0);
    let plain = with("at most", "")
        .args(["run", "says", "--help"])
        .run()
        .code(0);
    assert!(
        plain.stdout.contains("at most [from 1, default 7]"),
        "{plain}"
    );
    for (catalogue, why) in [
        ("", "no catalogue has a message `param-most`"),
        (
            "param-most = at most { $count }\n",
            "the message `param-most` needs `count`",
        ),
    ] {
        let output = with("param-most", catalogue)
            .args(["check", "scripts"])
            .run()
            .code(1);
        assert!(output.stdout.contains(why), "{output}");
    }
    let bundled = Tikbook::new()
        .args(["run", "audit", "--help"])
        .run()
        .code(0);
    assert!(
        bundled
            .stdout
            .contains("most stale and orphaned rows to list"),
        "{bundled}"
    );
    // In words of one's own.
    let own = Tikbook::new()
        .file(
            "scripts/catalogue/en.ftl",
            "param-audit-limit = paling banyak\n",
        )
        .args(["run", "audit", "--help"])
        .run()
        .code(0);
    assert!(own.stdout.contains("paling banyak [from 0"), "{own}");
}

#[test]
fn a_catalogue_of_ones_own_says_it_in_other_words_than_the_bundled_one() {
    let own = "explain-nobody = Who is { $value } ({ $kind })?\n";
    let output = Tikbook::new()
        .file("scripts/catalogue/en.ftl", own)
        .args(["--site", "demo", "explain", "0899999999"])
        .run()
        .code(0);
    assert!(
        output.stdout.starts_with("Who is 0899999999 (phone)?\n"),
        "{output}"
    );
    assert!(output.stdout.contains("Try another phone"), "{output}");
    let shorter = Tikbook::new()
        .file(
            "scripts/catalogue/en.ftl",
            "explain-nobody = No { $value }\n",
        )
        .args(["--site", "demo", "explain", "0899999999"])
        .run()
        .code(0);
    assert!(shorter.stdout.starts_with("No 0899999999\n"), "{shorter}");
}

#[test]
fn check_knows_keys_placeholders_and_what_differs_between_languages() {
    let said = "say(\"cut-off\", #{ count: 1, lists: 2 }); say(\"why\", #{ rule: 1 }); say(\"step\", #{ phone: 1 }); \
                report::create(\"\").finding(#{ id: \"stale:x\", severity: \"info\", values: #{ days: 1, what: 2 } });";
    let check = |body: &str, indonesian: &str| {
        Tikbook::new()
            .file("scripts/says.rhai", script(&format!("{said} {body}")))
            .file("scripts/catalogue/en.ftl", ENGLISH)
            .file("scripts/catalogue/id.ftl", indonesian)
            .args(["check", "scripts"])
            .run()
    };
    check("", "why = kata { $rule }\n").code(0);
    // Of what is not written down nothing is known.
    check(
        "let key = \"wy\"; say(key); let values = #{}; say(\"why\", values)",
        "",
    )
    .code(0);
    for (body, indonesian, problem) in [
        ("say(\"wy\")", "", "no catalogue has a message `wy`"),
        ("say(\"wy\")", "", "did you mean `why`?"),
        ("say(\"why\")", "", "the message `why` needs `rule`"),
        (
            "say(\"why\", #{ rule: args, to: 1 })",
            "",
            "the message `why` has no placeholder `to`",
        ),
        (
            "say(\"why\", #{ role: args })",
            "",
            "the message `why` needs `rule`",
        ),
        (
            "report::create(\"\").findings(#{ kind: \"fresh\", severity: \"info\" }, [])",
            "",
            "no catalogue has a message `finding-fresh`",
        ),
        (
            "report::create(\"\").findings(#{ kind: \"stale\", severity: args, values: #{ days: 1 } }, [])",
            "",
            "needs `what`",
        ),
        (
            "report::create(\"\").finding(#{ id: `stale:${args}`, severity: \"info\" })",
            "",
            "needs `days`, `what`",
        ),
        (
            "",
            "why = kata { $aturan }\n",
            "this text of `why` lacks `rule` and alone has `aturan`",
        ),
        ("", "apa = apa\n", "no script says `apa`"),
    ] {
        let output = check(body, indonesian).code(1);
        assert!(output.stdout.contains(problem), "{problem}: {output}");
        let place = match indonesian {
            "" => "scripts/says.rhai:3:",
            _ => "scripts/catalogue/id.ftl:1:1",
        };
        assert!(output.stdout.contains(place), "{place}: {output}");
    }
}

#[test]
fn every_message_of_the_bundled_catalogue_is_said_by_a_bundled_script() {
    let library = Library::without_folders();
    let named = library.all_named(&engine::compiler(&library));
    let catalogues = library.catalogues().expect("the bundled catalogue");
    let unsaid: Vec<&str> = catalogues
        .keys()
        .into_iter()
        .filter(|key| !named.says(key))
        .collect();
    assert_eq!(unsaid, Vec::<&str>::new());
    assert_eq!(catalogues.differences(), []);
    assert!(!named.says("explain-nobodies"));
}

#[test]
fn what_the_bundled_runbooks_and_examples_are_for_is_a_message_and_ones_own_comment_is_not() {
    let library = Library::without_folders();
    let compiler = engine::compiler(&library);
    let catalogues = library.catalogues().expect("the bundled catalogue");
    let keys = catalogues.keys().into_iter();
    let mut unused: BTreeSet<&str> = keys.filter(|key| key.starts_with("about-")).collect();
    let entries = library.runbooks().into_values();
    let entries = entries.chain(library.examples().into_values());
    let mut seen = 0;
    for entry in entries {
        let ast = library.compile(&compiler, &entry.script).expect("a script");
        let header = header::read(&ast, &library).expect("a header");
        for said in [header.title, header.text] {
            let name = &entry.script.name;
            match said {
                Said::Message(message) => assert!(unused.remove(message.key()), "{name}"),
                other => assert_eq!(other.to_string(), "", "{name}"),
            }
        }
        seen += 1;
    }
    assert!(seen >= 12, "{seen}");
    assert_eq!(unused, BTreeSet::new());
    let own = Tikbook::new().file(
        "scripts/audit.rhai",
        "//! Mine.\nconst RUNBOOK = #{};\nfn run(args) { report::create(\"x\") }",
    );
    let help = own.args(["run", "audit", "--help"]).run().code(0);
    assert!(help.stdout.starts_with("Mine."), "{help}");
}

#[test]
fn a_language_without_a_text_says_the_english_one() {
    let file =
        |language, text| Arc::new(Catalogue::parse(language, "file", text).expect("a catalogue"));
    let catalogues = Arc::new(Catalogues::new([
        file(Language::English, "why = as { $rule } says\nwhat = what\n"),
        file(Language::Indonesian, "why = kata { $rule }\n"),
    ]));
    let said = |key: &str, values: &[&str]| {
        let values = values.iter().map(|name| ((*name).to_owned(), "x".into()));
        let message = catalogues
            .message(key, values.collect())
            .expect("a message");
        let report = report(message);
        let mut out = Vec::new();
        let sheet = tikbook::report::sheet::Sheet {
            language: Language::Indonesian,
            ..tikbook::report::sheet::Sheet::PIPE
        };
        tikbook::report::text::write(&mut out, &frame(), &report, sheet).expect("a page");
        String::from_utf8(out)
            .expect("text")
            .lines()
            .next()
            .map(str::to_owned)
    };
    assert_eq!(said("why", &["rule"]).as_deref(), Some("kata x"));
    assert_eq!(said("what", &[]).as_deref(), Some("what"));
}

fn report(title: catalogue::Message) -> tikbook::report::Report {
    tikbook::report::Report {
        title: title.into(),
        ..Default::default()
    }
}

fn frame() -> tikbook::report::Frame {
    tikbook::report::Frame {
        site: "home".to_owned(),
        runbook: String::new(),
        started: jiff::Timestamp::UNIX_EPOCH,
        zone: jiff::tz::TimeZone::UTC,
        comment: |_| None,
    }
}

/// A sentence is in the catalogue and nowhere else: what a script holds are keys, words and conditions.
#[test]
fn no_bundled_script_holds_a_sentence() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/scripts");
    let mut seen = 0;
    let mut found = Vec::new();
    let rooms = std::fs::read_dir(format!("{folder}/lib")).expect("the libraries");
    let rooms = rooms.flatten().map(|room| room.path());
    for folder in [PathBuf::from(folder)].into_iter().chain(rooms) {
        for entry in std::fs::read_dir(folder).expect("the scripts").flatten() {
            let path = entry.path().display().to_string();
            // Queries are the words of a database.
            if !path.ends_with(".rhai")
                || path.ends_with("_test.rhai")
                || path.ends_with("tables.rhai")
            {
                continue;
            }
            let text = std::fs::read_to_string(&path).expect("a script");
            seen += 1;
            found.extend(sentences(&text).map(|line| format!("{path}: {line}")));
        }
    }
    assert!(seen > 25, "only {seen} scripts were seen");
    assert_eq!(found, Vec::<String>::new());
    let planted = "const RUNBOOK = #{\n help: \"a help\",\n};\nfn run() {\n // a \"comment of words\"\n \
                   report.note(`there are ${count} rows`);\n report.note(\"one\");\n}";
    let planted: Vec<&str> = sentences(planted).collect();
    let found = [
        "help: \"a help\",",
        "report.note(`there are ${count} rows`);",
    ];
    assert_eq!(planted, found);
}

/// The lines of a script, outside its comments, with a text of several words.
fn sentences(script: &str) -> impl Iterator<Item = &str> {
    script.lines().filter_map(move |line| {
        let code = line.split("//").next().unwrap_or_default().trim();
        let mut texts = code.split(['"', '`']).skip(1).step_by(2);
        // What is typed is the same in every language.
        let typed = [
            "SELECT",
            "tikbook ",
            "docker compose",
            "redis-cli ",
            "systemctl ",
            "celery -A ",
        ];
        let is_typed = |text: &str| typed.iter().any(|typed| text.starts_with(typed));
        let is_one = texts.any(|text| !is_typed(text) && has_words(text));
        is_one.then_some(code)
    })
}

fn has_words(text: &str) -> bool {
    let mut around = text
        .match_indices(' ')
        .map(|(at, _)| (&text[..at], &text[at + 1..]));
    around.any(|(before, after)| {
        let is_word = |letter: Option<char>| letter.is_some_and(char::is_alphabetic);
        is_word(before.chars().next_back()) && is_word(after.chars().next())
    })
}

/// What the program says is in the catalogue: a file of the binary holds keys, names and what is typed.
#[test]
fn no_command_and_no_line_of_a_session_holds_a_sentence() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src");
    let mut seen = 0;
    let mut found = Vec::new();
    for room in ["command", "command/doctor", "repl", "terminal"] {
        for entry in std::fs::read_dir(format!("{folder}/{room}"))
            .expect("the sources")
            .flatten()
        {
            let path = entry.path().display().to_string();
            // These write programs for shells, and documents of what was entered; one holds tests.
            let is_writer = ["completions.rs", "transcript.rs", "language.rs"]
                .iter()
                .any(|name| path.ends_with(name));
            if !path.ends_with(".rs") || is_writer {
                continue;
            }
            let text = std::fs::read_to_string(&path).expect("a source");
            seen += 1;
            let said = sentences_of_rust(&text).map(|line| format!("{path}: {line}"));
            found.extend(said);
        }
    }
    assert!(seen > 40, "only {seen} files were seen");
    assert_eq!(found, Vec::<String>::new());
    let planted = "fn f() {\n    // \"a comment here\"\n    say(\"one\");\n    tracing::warn!(\"of the log\");\n    \
                   say(format!(\"there are {x}\"));\n}\n#[cfg(test)]\nmod tests { let x = \"in a test\"; }\n";
    let planted: Vec<&str> = sentences_of_rust(planted).collect();
    assert_eq!(planted, ["say(format!(\"there are {x}\"));"]);
}

/// The lines of a source with a text of several words, without its tests, its comments, what is for the log and
/// what is for those who read a panic.
fn sentences_of_rust(text: &str) -> impl Iterator<Item = &str> {
    let code = text.split("#[cfg(test)]").next().unwrap_or_default();
    let mut is_of_log = false;
    code.lines().map(str::trim).filter(move |line| {
        is_of_log |= line.contains("tracing::");
        let is_typed = |text: &str| {
            ["tikbook ", "[--"]
                .iter()
                .any(|begin| text.starts_with(begin))
        };
        let is_of_sql = |text: &str| !text.contains(char::is_lowercase);
        let is_meant = !is_of_log
            && !line.starts_with("//")
            && ![
                ".expect(\"",
                "reason = \"",
                "include_str!",
                "#[doc",
                "#[error",
                "refused(\"",
            ]
            .iter()
            .any(|mark| line.contains(mark));
        is_of_log &= !line.ends_with(';');
        let mut texts = line.split('"').skip(1).step_by(2);
        is_meant && texts.any(|text| has_words(text) && !is_typed(text) && !is_of_sql(text))
    })
}

/// Commands are to be copied: between backticks no page breaks them.
#[test]
fn every_command_of_a_sentence_stands_between_backticks() {
    let text = include_str!("../scripts/catalogue/en.ftl");
    let commands = [
        "tikbook run ",
        "tikbook explain ",
        "tikbook doctor",
        "docker compose ",
    ];
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        // What stands in every second part is quoted.
        let plain = line.split('`').step_by(2);
        for part in plain {
            let found = commands.iter().find(|command| part.contains(**command));
            assert_eq!(found, None, "{line}");
        }
    }
}
