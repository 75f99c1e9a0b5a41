//! A length of time is written in one grammar wherever a person types one, and shown in one form.

use crate::support::tikbook::{Output, Tikbook};

/// Texts that are understood.
const UNDERSTOOD: &[&str] = &["90s", "1m30s", "1m 30s", "1.5h", "500ms", "2min", "12h"];
/// Texts that are refused, and what is said of them.
const REFUSED: &[(&str, &str)] = &[
    ("soon", "90s, 1m30s, 1.5h or 2d"),
    ("5 parsecs", "90s, 1m30s, 1.5h or 2d"),
    ("-5s", "90s, 1m30s, 1.5h or 2d"),
    ("1 month", "90s, 1m30s, 1.5h or 2d"),
    ("", "90s, 1m30s, 1.5h or 2d"),
];

/// Where a person writes one, and a command that reads it there.
type Place = (&'static str, fn(&str) -> Tikbook);

const PLACES: &[Place] = &[
    ("--timeout", |text| {
        Tikbook::new().args(["list", &format!("--timeout={text}")])
    }),
    ("TIKBOOK_TIMEOUT", |text| {
        Tikbook::new().env("TIKBOOK_TIMEOUT", text).arg("list")
    }),
    ("router_timeout", |text| {
        let file = format!("[sites.n.limits]\nrouter_timeout = \"{text}\"\n");
        Tikbook::new()
            .file("tikbook.toml", file)
            .args(["--site", "n", "run", "-e", "1"])
    }),
    ("--lock-wait", |text| {
        let script = "//! Nothing.\nconst RUNBOOK = #{ reads: [], writes: [] };\nfn run(args) { #{ title: \"x\" } }";
        let run = Tikbook::new().file("nothing.rhai", script);
        let run = run.args([
            "--site",
            "demo",
            "run",
            "./nothing.rhai",
            "--apply",
            "--yes",
        ]);
        run.arg(format!("--lock-wait={text}"))
    }),
    ("a parameter", |text| {
        with_parameter(&format!("--since={text}"))
    }),
];

#[test]
fn every_place_understands_the_same_texts() {
    for (place, command) in PLACES {
        for text in UNDERSTOOD {
            let output = command(text).run();
            assert!(
                !said(&output).contains("length of time"),
                "{place} {text}: {}",
                said(&output)
            );
            assert!(
                !said(&output).contains("unit"),
                "{place} {text}: {}",
                said(&output)
            );
            assert!(output.status.success(), "{place} {text}: {}", said(&output));
        }
    }
}

#[test]
fn every_place_refuses_the_same_texts_and_says_the_forms() {
    for (place, command) in PLACES {
        for (text, forms) in REFUSED {
            // An empty variable is none.
            if text.is_empty() && *place == "TIKBOOK_TIMEOUT" {
                continue;
            }
            let output = command(text).run();
            assert!(
                said(&output).contains(forms),
                "{place} {text}: {}",
                said(&output)
            );
            assert_eq!(output.status.code(), Some(2), "{place} {text}");
        }
    }
}

#[test]
fn a_number_without_a_unit_is_refused_with_the_units_there_are() {
    for (place, command) in PLACES {
        if ["--timeout", "TIKBOOK_TIMEOUT"].contains(place) {
            continue;
        }
        let output = command("5").run();
        assert!(
            said(&output).contains("`5` has no unit: write 5s, 5m, 5h or 5d"),
            "{place}: {}",
            said(&output)
        );
    }
    Tikbook::new()
        .args(["simulate", "--demo", "--latency", "5"])
        .run()
        .code(2);
    let file = "[sites.n.limits]\nrouter_timeout = 5\n";
    let output = Tikbook::new()
        .file("tikbook.toml", file)
        .args(["--site", "n", "run", "-e", "1"])
        .run()
        .code(2);
    assert!(
        said(&output).contains("`5` has no unit"),
        "{}",
        said(&output)
    );
}

#[test]
fn a_bare_number_of_the_timeout_counts_seconds_with_a_warning() {
    for command in [
        Tikbook::new().args(["--timeout", "1.5", "list"]),
        Tikbook::new().env("TIKBOOK_TIMEOUT", "1.5").arg("list"),
    ] {
        let output = command.run().code(0);
        for word in ["`1.5` has no unit", "1.5s", "until 0.3"] {
            assert!(output.stderr.contains(word), "{}", output.stderr);
        }
    }
    let output = Tikbook::new()
        .args(["--timeout", "1.5s", "list"])
        .run()
        .code(0);
    assert_eq!(output.stderr, "");
}

#[test]
fn waits_end_within_a_day() {
    for text in ["0s", "25h", "2d", "9999999999999999999h"] {
        let output = Tikbook::new()
            .args(["--timeout", text, "list"])
            .run()
            .code(2);
        assert!(said(&output).contains("--timeout"), "{}", said(&output));
    }
}

#[test]
fn a_script_gets_seconds_of_whatever_was_written() {
    for (text, seconds) in [
        ("2d", 172_800),
        ("1w", 604_800),
        ("1.5h", 5_400),
        ("1m30s", 90),
        ("00:10:00", 600),
    ] {
        let output = with_parameter(&format!("--since={text}")).run().code(0);
        let said = output.stdout.split_whitespace().last();
        assert_eq!(said, Some(seconds.to_string().as_str()), "{text}");
    }
}

#[test]
fn lengths_are_shown_in_their_two_largest_units() {
    for (seconds, shown) in [
        (0, "0s"),
        (59, "59s"),
        (90, "1m 30s"),
        (3_723, "1h 2m"),
        (-90, "-1m 30s"),
    ] {
        let question = format!("time::duration({seconds})");
        let output = Tikbook::new().args(["run", "-e", &question]).run().code(0);
        assert_eq!(output.stdout.trim(), shown);
    }
}

fn with_parameter(argument: &str) -> Tikbook {
    let script = "//! Says its parameter.\n\
         const RUNBOOK = #{ params: #{ since: #{ type: \"duration\" } } };\n\
         fn run(args) { args.since }\n";
    Tikbook::new()
        .file("say.rhai", script)
        .args(["run", "./say.rhai", argument])
}

/// What was said, in one line: errors are wrapped and have a rule beside them.
fn said(output: &Output) -> String {
    let text = format!("{}{}", output.stdout, output.stderr);
    let words: Vec<&str> = text
        .split_whitespace()
        .filter(|word| *word != "│")
        .collect();
    words.join(" ")
}
