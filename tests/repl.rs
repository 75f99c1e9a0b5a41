//! The REPL, typed into: through a pipe, and on a pseudo-terminal as people do.

use std::net::SocketAddr;

use nix::sys::signal::Signal;
use routeros_sim::{Faults, Options, Simulator, State};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::support::terminal::{enter, ready, typed};
use crate::support::tikbook::{Output, Tikbook};
use crate::support::wait_until;

/// The environment of a site with a simulated router.
fn on_router(address: SocketAddr) -> [(&'static str, String); 4] {
    [
        ("MIKROTIK_HOST", address.ip().to_string()),
        ("MIKROTIK_PORT", address.port().to_string()),
        ("MIKROTIK_USERNAME", "admin".to_owned()),
        ("MIKROTIK_PASSWORD", String::new()),
    ]
}

fn lines(text: &str) -> Output {
    Tikbook::new()
        .args(["--site", "demo", "repl"])
        .stdin(text)
        .run()
        .code(0)
}

#[test]
fn lines_see_what_earlier_lines_left() {
    let output = lines(
        "let x = 20;\nfn twice(n) {\n  n * 2\n}\ntwice(x)\n_ + 2\n_1 + _\n\
         import \"lib/common/lists\" as lists;\nlists::blocked()\n`${_} list`\n",
    );
    for expected in ["40\n42\n82\n", "klient_blocked\nklient_blocked list\n"] {
        assert!(output.stdout.contains(expected), "{expected}\n{output}");
    }
}

#[test]
fn rows_are_a_table_and_maps_are_pairs() {
    let output = lines(
        "mikrotik::rows(\"/ip/firewall/address-list\", #{ list: \"klient_habis\" }, [\"address\"])\n\
         #{ b: 1, a: `x` }\n:json #{ a: [1] }\n",
    );
    assert!(
        output
            .stdout
            .contains("address\n10.20.0.30\n10.20.0.151\n10.20.0.31\n10.20.0.25\n4 rows\n"),
        "{output}"
    );
    assert!(
        output.stdout.contains("field  value\na      x\nb      1\n"),
        "{output}"
    );
    assert!(
        output.stdout.contains("{\n  \"a\": [\n    1\n  ]\n}\n"),
        "{output}"
    );
}

#[test]
fn a_line_that_fails_leaves_the_session_as_it_was() {
    let output = lines("let x = 1;\nlet y = nothing;\nmikrotik::count(1, 2, 3)\nx + 1\n:vars\n");
    for expected in [
        "variable not found: nothing",
        "it exists as",
        "2\n",
        "x: int = 1",
    ] {
        assert!(output.stdout.contains(expected), "{expected}\n{output}");
    }
    assert!(!output.stdout.contains("\ny: "), "{output}");
}

#[test]
fn a_name_with_a_question_mark_is_explained() {
    let output = lines("mikrotik::row?\n:doc where\nnope?\n:hepl\n");
    for expected in [
        "The one row of a menu that `query` keeps",
        "rows.where(fields)",
        "nothing is known about `nope`",
        "did you mean :help?",
    ] {
        assert!(output.stdout.contains(expected), "{expected}\n{output}");
    }
}

#[test]
fn a_runbook_is_run_with_its_parameters() {
    let output =
        lines(":run audit --limit 1\n:run audit --limti 1\n:run audit --limit x\n:run adit\n");
    for expected in [
        "Audit of the list klient_blocked",
        "more lines; :more shows them",
        "unexpected argument '--limti' found",
        "a similar argument exists: '--limit'",
        "--limit takes a whole number",
        "there is no runbook `adit`",
    ] {
        assert!(output.stdout.contains(expected), "{expected}\n{output}");
    }
}

#[test]
fn a_runbook_is_run_as_from_a_shell() {
    let folder = TempDir::with_prefix("tikbook-repl-").unwrap();
    let file = folder.path().join("with space.rhai");
    let script = "//! Greets.\nconst RUNBOOK = #{ params: #{ who: #{ type: \"string\" }, \
                  loud: #{ type: \"bool\" } } };\n\
                  fn run(args) { #{ greeting: `<${args.who}> ${args.loud}` } }\n";
    std::fs::write(&file, script).unwrap();
    let file = file.display();
    for (words, expected) in [
        ("--who \"Siti R\"", "<Siti R> false"),
        ("--who 'Siti \"R\"' --loud", "<Siti \"R\"> true"),
        ("--loud --who=Siti\\ R", "<Siti R> true"),
        ("--who ''", "<> false"),
        ("--help", "--who <TEXT>"),
        ("--help", "Usage: :run"),
        ("", "<WHO>"),
        ("--who \"Siti", "a quotation mark is not closed"),
        ("Siti R", "<Siti R> false"),
        ("--who x --apply", ":apply makes the changes"),
        ("--who x --plan=f", ":plan FILE saves"),
        ("--who x --site other", ":site NAME goes"),
        ("--who x --json", "--json is a flag of the command line"),
    ] {
        let output = lines(&format!(":run \"{file}\" {words}\n"));
        assert!(output.stdout.contains(expected), "{words}\n{output}");
    }
}

#[test]
fn a_saved_session_is_a_runbook_that_does_the_same() {
    let folder = TempDir::with_prefix("tikbook-repl-").unwrap();
    let file = folder.path().join("mine.rhai").display().to_string();
    let page = folder.path().join("mine.md").display().to_string();
    lines(&format!(
        "fn half(n) {{ n / 2 }}\nlet all = db::value(\"select count(*) from users\");\n\
         half(all)\n#{{ half: _ }}\n:save {file}\n:transcript {page}\n"
    ));
    let output = Tikbook::new()
        .args(["--site", "demo", "run", &file, "--json"])
        .run()
        .code(0);
    assert_eq!(output.stdout_json()["half"], 11);
    let page = std::fs::read_to_string(page).unwrap();
    assert!(
        page.contains("```rhai\nhalf(all)\n```\n\n```text\n11\n```"),
        "{page}"
    );
    let again = lines(&format!(":save {file}\n"));
    assert!(
        again.stdout.contains("cannot write"),
        "a file that is there is left alone: {again}"
    );
}

#[test]
fn writes_are_planned_and_saved_and_nothing_is_done() {
    let folder = TempDir::with_prefix("tikbook-repl-").unwrap();
    let file = folder.path().join("mine.plan").display().to_string();
    let output = lines(&format!(
        "let list = \"/ip/firewall/address-list\";\n\
         mikrotik::remove(list, mikrotik::rows(list, #{{ list: \"klient_habis\" }})[0], \"a try\").status\n\
         mikrotik::rows(list, #{{ list: \"klient_habis\" }}).len()\n:plan\n:plan {file}\n"
    ));
    for expected in [
        "planned\n4\n",
        "remove",
        "nothing of this was done",
        "saved 1 planned change;",
    ] {
        assert!(output.stdout.contains(expected), "{expected}\n{output}");
    }
    let plan = std::fs::read_to_string(file).unwrap();
    assert!(plan.contains("klient_habis"), "{plan}");
}

#[test]
fn it_works_without_a_site_but_for_reads() {
    let output = Tikbook::new()
        .args(["repl"])
        .stdin("1 + 1\nmikrotik::count(\"/ip/arp\")\nportal::local_phone(\"+62812\")\n")
        .run()
        .code(0);
    assert!(output.stdout.starts_with("2\n"), "{output}");
    assert!(
        output.stdout.contains("no router is configured"),
        "{output}"
    );
    assert!(output.stdout.ends_with("0812\n"), "{output}");
}

#[test]
fn another_site_is_chosen_by_its_name() {
    let output = lines(":site\n:site nowhere\n:site demo\n:vars\n");
    assert!(output.stdout.contains("site demo; there are"), "{output}");
    assert!(output.stdout.contains("error:"), "{output}");
}

#[test]
fn tab_completes_from_the_one_list_and_from_what_the_site_knows() {
    let home = TempDir::with_prefix("tikbook-repl-").unwrap();
    let mut repl = typed(home.path(), "demo", &[]);
    ready(&mut repl);
    enter(
        &mut repl,
        "mikrotik::cou\t\"/ip/hotsp\t/ip-b\t\") > 10",
        "true",
    );
    // Of this menu the demo has no rows, and no menu above it any.
    enter(
        &mut repl,
        "mikrotik::count(\"/interface/wirel\t/regi\t\") + 40",
        "40",
    );
    enter(
        &mut repl,
        "let binding = mikrotik::rows(\"/ip/hotspot/ip-binding\")[0];",
        "\r\n",
    );
    enter(&mut repl, "binding.mac\t", "0A:5E:1C:22:00:01");
    enter(
        &mut repl,
        ":run aud\t --orp\t --limit 0",
        "Audit of the list",
    );
    enter(
        &mut repl,
        "redis::get(\"quota_sync:last\t\") > \"1\"",
        "true",
    );
    enter(
        &mut repl,
        "db::value(\"select count(*) from user_quota_d\t\")",
        "3",
    );
}

#[test]
fn lines_that_are_not_complete_go_on() {
    let home = TempDir::with_prefix("tikbook-repl-").unwrap();
    let mut repl = typed(home.path(), "demo", &[]);
    ready(&mut repl);
    repl.send_line("/* a comment").unwrap();
    repl.send_line("*/ let sum = [40,").unwrap();
    repl.send_line("2].reduce(|sum, n| sum + n, 0);").unwrap();
    ready(&mut repl);
    enter(&mut repl, "`<${sum}>`", "<42>");
}

#[test]
fn ctrl_c_stops_what_runs_and_keeps_the_session() {
    let home = TempDir::with_prefix("tikbook-repl-").unwrap();
    let runtime = Runtime::new().unwrap();
    let router = Options {
        state: State::from_json(
            r#"{"/ip/arp": [{"address": "10.0.0.1"}, {"address": "10.0.0.2"}]}"#,
        )
        .unwrap(),
        faults: Faults {
            stall_after_rows: Some(1),
            ..Faults::default()
        },
        ..Options::default()
    };
    let router = runtime.block_on(Simulator::start(router)).unwrap();
    let mut repl = typed(home.path(), "default", &on_router(router.address()));
    ready(&mut repl);
    enter(&mut repl, "let kept = 6 * 7;", "\r\n");
    repl.send_line("mikrotik::rows(\"/ip/arp\").len()").unwrap();
    repl.exp_string("waiting for the router's /ip/arp").unwrap();
    repl.send_control('c').unwrap();
    repl.exp_string("stopped while waiting for").unwrap();
    ready(&mut repl);
    repl.send_line("print(`be${\"gun\"}`); loop { }").unwrap();
    repl.exp_string("begun").unwrap();
    repl.send_control('c').unwrap();
    repl.exp_string("the script was stopped").unwrap();
    ready(&mut repl);
    enter(&mut repl, "`kept ${kept}`", "kept 42");
    router.set_faults(Faults::default());
    enter(&mut repl, "mikrotik::count(\"/ip/arp\") + 40", "42");
    repl.send_control('d').unwrap();
    repl.exp_eof().unwrap();
}

#[test]
fn a_connection_that_was_lost_is_opened_again_by_the_next_line() {
    let home = TempDir::with_prefix("tikbook-repl-").unwrap();
    let runtime = Runtime::new().unwrap();
    let start = |listen: SocketAddr, rows: &str| {
        let options = Options {
            listen,
            state: State::from_json(rows).unwrap(),
            ..Options::default()
        };
        // Somebody else may have the port for a moment.
        let mut started = None;
        wait_until("the port is free", || {
            started = runtime.block_on(Simulator::start(options.clone())).ok();
            started.is_some()
        });
        started.unwrap()
    };
    let router = start(
        "127.0.0.1:0".parse().unwrap(),
        r#"{"/ip/arp": [{"address": "10.0.0.1"}]}"#,
    );
    let address = router.address();
    let mut repl = typed(home.path(), "default", &on_router(address));
    ready(&mut repl);
    enter(
        &mut repl,
        "let first = mikrotik::rows(\"/ip/arp\"); `<${first.len()}>`",
        "<1>",
    );
    runtime.block_on(router.stop());
    enter(&mut repl, "mikrotik::count(\"/ip/arp\")", "cannot connect");
    let again = start(
        address,
        r#"{"/ip/arp": [{"address": "10.0.0.1"}, {"address": "10.0.0.2"}]}"#,
    );
    enter(
        &mut repl,
        "`<${first.len()} ${mikrotik::rows(\"/ip/arp\").len()}>`",
        "<1 2>",
    );
    // Once more, and this time the router is there again before anybody notices.
    runtime.block_on(again.stop());
    let _router = start(address, r#"{"/ip/arp": []}"#);
    enter(
        &mut repl,
        "`<${first.len()} ${mikrotik::rows(\"/ip/arp\").len()}>`",
        "<1 0>",
    );
}

#[test]
fn what_is_typed_while_a_line_runs_is_not_lost() {
    let home = TempDir::with_prefix("tikbook-repl-").unwrap();
    let mut repl = typed(home.path(), "demo", &[]);
    ready(&mut repl);
    repl.send("print(`be${\"gun\"}`); sleep(1)\n").unwrap();
    repl.exp_string("begun").unwrap();
    repl.send("`one ${1}`\n`two ${2}`\n`thr").unwrap();
    repl.exp_string("one 1").unwrap();
    repl.exp_string("two 2").unwrap();
    ready(&mut repl);
    enter(&mut repl, "ee ${3}`", "three 3");
}

#[test]
fn the_history_survives_a_kill_and_holds_no_secret() {
    let home = TempDir::with_prefix("tikbook-repl-").unwrap();
    let mut repl = typed(home.path(), "demo", &[]);
    ready(&mut repl);
    enter(&mut repl, "`first ${1 + 1}`", "first 2");
    enter(&mut repl, "let password = `x${3}y`; password", "x3y");
    repl.process_mut().kill(Signal::SIGKILL).unwrap();

    let mut repl = typed(home.path(), "demo", &[]);
    ready(&mut repl);
    // The key "up" brings the last line back that was kept.
    repl.send("\u{1b}[A").unwrap();
    enter(&mut repl, "", "first 2");
    let kept = std::fs::read_to_string(home.path().join(".local/state/tikbook/history")).unwrap();
    assert!(!kept.contains("password"), "{kept}");
}

#[test]
fn no_secret_of_any_site_is_kept_whichever_of_them_is_open() {
    let home = TempDir::with_prefix("tikbook-repl-").unwrap();
    std::fs::write(
        home.path().join("tikbook.toml"),
        "[sites.north]\nenv_file = \"north.env\"\n[sites.south]\nenv_file = \"south.env\"\n",
    )
    .unwrap();
    for (site, secret) in [("north", "moss"), ("south", "reed")] {
        let text = format!(
            "MIKROTIK_HOST=127.0.0.1\nMIKROTIK_USERNAME=audit\nMIKROTIK_PASSWORD=router-{secret}\n\
             DATABASE_URL=postgresql://audit:database-{secret}@127.0.0.1:1/portal\n\
             WHATSAPP_API_KEY=message-{secret}\n"
        );
        std::fs::write(home.path().join(format!("{site}.env")), text).unwrap();
    }
    let mut repl = typed(home.path(), "north", &[]);
    ready(&mut repl);
    let kinds = ["router", "database", "message"];
    for site in ["north", "south", "demo"] {
        if site != "north" {
            enter(&mut repl, &format!(":site {site}"), site);
        }
        enter(
            &mut repl,
            &format!("`kept in ${{\"{site}\"}}`"),
            &format!("kept in {site}"),
        );
        for (kind, secret) in kinds
            .iter()
            .flat_map(|kind| [(kind, "moss"), (kind, "reed")])
        {
            let line = format!("`${{1 + 1}} {kind}-{secret}`");
            // Nor is it shown again.
            enter(&mut repl, &line, "2 ***");
        }
    }
    let kept = std::fs::read_to_string(home.path().join(".local/state/tikbook/history")).unwrap();
    assert_eq!(kept.matches("kept in").count(), 3, "{kept}");
    for secret in ["moss", "reed"] {
        assert!(!kept.contains(secret), "{kept}");
    }
}
