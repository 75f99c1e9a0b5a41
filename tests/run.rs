//! Running scripts: errors with their place, limits, stopping, and what a script may not do.

use std::time::Duration;

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
    assert!(
        output.stderr.contains("scripts/lib/help.rhai:3"),
        "{}",
        output.stderr
    );
    assert!(
        output.stderr.contains("lines[0].nothing()"),
        "{}",
        output.stderr
    );
    assert!(output.stderr.contains("called from"), "{}", output.stderr);
}

#[test]
fn a_failed_read_names_the_line_that_started_it() {
    let output = run("let rows = help::bad_menu();\nlet other = 1;\nrows.len()").code(1);
    assert!(
        output.stderr.contains("scripts/lib/help.rhai:6"),
        "{}",
        output.stderr
    );
    assert!(
        output.stderr.contains("no such command"),
        "{}",
        output.stderr
    );
}

#[test]
fn a_read_whose_result_nobody_uses_still_fails_the_run() {
    let output = run("mikrotik::rows(\"/no/such/menu\");\n#{ fine: true }").code(1);
    assert!(output.stderr.contains("/no/such/menu"), "{}", output.stderr);
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
    assert!(output.stderr.contains("try.rhai:5"), "{}", output.stderr);
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
    assert!(
        output.stderr.contains("reads: [\"mikrotik\"]"),
        "{}",
        output.stderr
    );
}

#[test]
fn a_script_that_eats_memory_is_stopped() {
    let output = run("let s = \"x\";\nloop { s += s; }").code(1);
    assert!(output.stderr.contains("MiB of memory"), "{}", output.stderr);
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
    assert!(output.stderr.contains("too deeply"), "{}", output.stderr);
}

#[test]
fn an_interrupt_ends_a_script_that_never_ends() {
    let script =
        "//! A try.\nconst RUNBOOK = #{};\nfn run(args) { log::warn(\"begun\"); loop {} }\n";
    let mut running = Tikbook::new()
        .file("scripts/try.rhai", script)
        .args(["run", "try"])
        .start();
    running.wait_for_stderr("begun");
    running.interrupt();
    let output = running.finish().code(130);
    assert!(output.stderr.contains("stopped"), "{}", output.stderr);
}

#[test]
fn an_interrupt_ends_a_read_that_waits() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port();
    let script = "//! A try.\nconst RUNBOOK = #{ reads: [\"mikrotik\"] };\n\
                  fn run(args) { log::warn(\"begun\"); mikrotik::rows(\"/ip/arp\").len() }\n";
    let mut running = Tikbook::new()
        .file("scripts/try.rhai", script)
        .env("MIKROTIK_HOST", "127.0.0.1")
        .env("MIKROTIK_PORT", port.to_string())
        .env("MIKROTIK_USERNAME", "audit")
        .env("MIKROTIK_PASSWORD", "s3cret")
        .args(["--timeout", "50s", "run", "try"])
        .start();
    running.wait_for_stderr("begun");
    std::thread::sleep(Duration::from_millis(200));
    running.interrupt();
    let output = running.finish().code(130);
    assert!(
        output.stderr.contains("stopped while waiting"),
        "{}",
        output.stderr
    );
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
        assert!(output.stderr.contains("cannot import"), "{}", output.stderr);
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
