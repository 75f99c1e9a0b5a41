//! `tikbook test`: tests of scripts on simulated sites.

use crate::support::tikbook::{Output, Tikbook};

const COUNT: &str = "//! Count the blocked.\n\
    const RUNBOOK = #{ reads: [\"mikrotik\", \"redis\"], params: #{\n\
        list: #{ type: \"string\", \"default\": \"blocked\", help: \"the list\" } } };\n\
    fn run(args) {\n\
        let rows = mikrotik::rows(\"/ip/firewall/address-list\", #{ list: args.list });\n\
        #{ blocked: rows.len(), now: time::now().to_string(), word: redis::get(\"word\") }\n\
    }\n";

const SITE: &str = r#"{
    "now": "2026-05-31T12:00:00Z",
    "router": {"/ip/firewall/address-list": [
        {"list": "blocked", "address": "10.0.0.1"}, {"list": "blocked", "address": "10.0.0.2"},
        {"list": "other", "address": "10.0.0.3"}]},
    "redis": {"word": {"text": "hello", "ttl": 60}}
}"#;

fn test(script: &str) -> Output {
    Tikbook::new()
        .file("scripts/count.rhai", COUNT)
        .file("scripts/site.json", SITE)
        .file("scripts/count_test.rhai", script)
        .args(["test"])
        .run()
}

#[test]
fn a_test_runs_the_runbook_beside_it_on_the_site_of_its_fixture() {
    let output = test(
        "fn test_everything_is_read() {\n\
             let report = site::load(\"site.json\").runbook(\"count\").report;\n\
             assert_eq(report.blocked, 2);\n\
             assert_eq(report.now, \"2026-05-31T12:00:00Z\");\n\
             assert_eq(report.time_utc, \"2026-05-31T12:00:00.000000+00:00\");\n\
             assert_eq(report.word, \"hello\");\n\
         }\n\
         fn test_arguments_go_by_the_name_of_the_parameter() {\n\
             assert_eq(site::load(\"site.json\").runbook(\"count\", #{ list: \"other\" }).report.blocked, 1);\n\
         }\n\
         fn not_a_test() { throw 1; }\n",
    )
    .code(0);
    assert!(
        output.stdout.contains("ok    everything is read"),
        "{output}"
    );
    assert!(output.stdout.contains("2 tests, 0 failed"), "{output}");
}

#[test]
fn a_fixture_has_the_variables_of_the_portals_processes() {
    let site = r#"{
        "settings": {"QUOTA_DEBT_LIMIT_MB": "500", "QUOTA_FUP_THRESHOLD_MB": ""},
        "environment": {"QUOTA_DEBT_LIMIT_MB": "900", "QUOTA_FUP_THRESHOLD_MB": "2000", "MIKROTIK_FUP_PROFILE": ""}
    }"#;
    let limits = "//! Read limits.\n\
        const RUNBOOK = #{ reads: [\"db\"], params: #{} };\n\
        fn run(args) { #{\n\
            row: portal::setting_int(\"QUOTA_DEBT_LIMIT_MB\", 0),\n\
            variable: portal::setting_int(\"QUOTA_FUP_THRESHOLD_MB\", 0),\n\
            empty: portal::setting(\"MIKROTIK_FUP_PROFILE\", \"default\"),\n\
            absent: portal::setting(\"HOME\", \"default\")\n\
        } }\n";
    let script = "fn test_a_variable_counts_where_no_setting_has_a_text() {\n\
        let report = site::load(\"site.json\").runbook(\"limits\").report;\n\
        assert_eq(report.row, 500);\n\
        assert_eq(report.variable, 2000);\n\
        assert_eq(report.empty, \"\");\n\
        assert_eq(report.absent, \"default\");\n\
    }\n";
    Tikbook::new()
        .file("scripts/limits.rhai", limits)
        .file("scripts/site.json", site)
        .file("scripts/limits_test.rhai", script)
        .args(["test"])
        .run()
        .code(0);
}

#[test]
fn a_fixture_has_workers_and_what_is_in_broker_and_results() {
    let site = r#"{
        "workers": [
            {"name": "celery@w1", "active": [{"id": "7d4e", "name": "sync_task", "started": 1780228800}]},
            {"name": "celery@w2", "answers": false}],
        "broker": {
            "celery": {"list": ["{\"headers\": {\"id\": \"8e5f\", \"task\": \"late_task\"}}"]},
            "unacked": {"hash": {"t1": "[{\"headers\": {\"id\": \"9a60\"}}, \"\", \"celery\"]"}},
            "unacked_index": {"zset": {"t1": 1780228801.5}}},
        "results": {"celery-task-meta-7d4e": "{\"status\": \"SUCCESS\", \"result\": 3}"}
    }"#;
    let script = r#"fn test_celery_is_read() {
            let site = site::load("celery.json");
            let active = site.read("celery::active()");
            assert_eq([active.subscribed, active.answered, active.no_answer], [2, 1, 1]);
            assert_eq(active.rows[0].task, "sync_task");
            let queue = site.read("celery::queue(`celery`)");
            assert_eq([queue.waiting, queue.prefetched, queue.oldest.id], [1, 1, "8e5f"]);
            assert_eq(site.read("celery::unacked()[0].prefetched_at"), 1780228801.5);
            assert_eq(site.read("celery::result(`7d4e`).result"), 3);
        }"#;
    Tikbook::new()
        .file("scripts/celery.json", site)
        .file("scripts/celery_test.rhai", script)
        .args(["test"])
        .run()
        .code(0);
}

#[test]
fn containers_of_a_fixture_are_there_with_their_logs() {
    let script = r#"
        fn site() { site::of(#{ now: "2026-05-31T12:00:00Z", containers: [
            #{ service: "worker", logs: ["2026-05-31T11:00:00Z early", "2026-05-31T11:59:00Z a", "  b"] },
            #{ service: "worker", state: "exited", exit_code: 1, logs: ["2026-05-31T11:59:30Z c"] } ] }) }
        fn test_containers_are_numbered() {
            let rows = site().read(`docker::containers()`);
            assert_eq(rows.column("name"), ["kost-worker-1", "kost-worker-2"]);
            assert_eq(rows.column("exit_code"), [(), 1]);
        }
        fn test_logs_are_read_by_the_sites_clock() {
            let lines = site().read(`docker::logs("worker", #{ since: 120 })`);
            assert_eq(lines.column("text"), ["a", "  b", "c"]);
        }
        fn test_without_containers_there_is_no_engine() {
            try { site::of(#{}).read(`docker::containers().len()`); throw "there was one"; }
            catch (err) { assert_eq(err.kind, "not_configured"); }
        }
    "#;
    let output = test(script).code(0);
    assert!(output.stdout.contains("3 tests, 0 failed"), "{output}");
}

#[test]
fn each_test_gets_a_fresh_site() {
    test(
        "fn site() { site::load(\"site.json\") }\n\
         fn test_one() { let s = site(); s.remove_row(\"/ip/firewall/address-list\", \"*1\");\n\
             assert_eq(s.runbook(\"count\").report.blocked, 1); }\n\
         fn test_two() { assert_eq(site().runbook(\"count\").report.blocked, 2); }\n",
    )
    .code(0);
}

#[test]
fn a_failed_test_shows_its_line_and_what_differs_and_the_others_run() {
    let output = test(
        "fn test_wrong() {\n\
             let report = site::load(\"site.json\").runbook(\"count\").report;\n\
             assert_eq(report, #{ blocked: 3 });\n\
         }\n\
         fn test_right() { assert_eq(1, 1); }\n",
    )
    .code(1);
    for expected in [
        "FAIL  wrong",
        "count_test.rhai:3",
        "at `.blocked`: 2 is not 3",
        "only left: `.runbook` is \"count\"",
        "ok    right",
        "2 tests, 1 failed",
    ] {
        assert!(output.stdout.contains(expected), "{expected}\n{output}");
    }
}

#[test]
fn a_router_that_goes_away_is_a_failure_that_a_test_can_expect() {
    test(
        "fn test_cut() {\n\
             let site = site::load(\"site.json\");\n\
             site.fault(#{ drop_after_rows: 1 });\n\
             assert_eq(site.fails(\"count\", #{}).kind, \"disconnected\");\n\
         }\n",
    )
    .code(0);
    let output =
        test("fn test_none() { site::load(\"site.json\").fails(\"count\", #{}); }").code(1);
    assert!(output.stdout.contains("did not fail"), "{output}");
}

#[test]
fn what_was_planned_is_applied_to_the_site_of_the_test_and_undone() {
    let writer = "//! Remove the blocked.\n\
        const RUNBOOK = #{ reads: [\"mikrotik\"], writes: [\"mikrotik:/ip/firewall/address-list\"] };\n\
        fn run(args) {\n\
            let menu = \"/ip/firewall/address-list\";\n\
            mikrotik::remove_all(menu, mikrotik::rows(menu, #{ list: \"blocked\" }), \"a try\");\n\
        }\n";
    let row = |n: u8| {
        format!(
            "#{{ list: \"blocked\", address: \"10.0.0.{n}\", comment: \"user=0812345678{n}\" }}"
        )
    };
    let rows: Vec<String> = (1..=5).map(row).collect();
    let script = format!(
        "const LIST = \"/ip/firewall/address-list\";\n\
         fn a_site() {{ site::of(#{{ router: #{{ \"/ip/firewall/address-list\": [{}] }} }}) }}\n\
         fn test_changed() {{\n\
             let site = a_site();\n\
             let planned = site.runbook(\"wipe\");\n\
             assert_eq(site.writes(), 0);\n\
             site.change_row(global::LIST, \"*2\", #{{ disabled: true }});\n\
             site.remove_row(global::LIST, \"*3\");\n\
             let done = site.apply(planned);\n\
             assert_eq(done.changes.map(|change| change.status), [\"applied\", \"conflict\", \"skipped\", \"applied\", \"applied\"]);\n\
             assert_eq(site.rows(global::LIST).map(|row| row[\".id\"]), [\"*2\"]);\n\
             assert_eq(site.writes(), 3);\n\
             assert_eq(site.undo().changes.map(|change| change.action), [\"add\", \"add\", \"add\"]);\n\
             assert_eq(site.rows(global::LIST).len(), 4);\n\
         }}\n\
         fn test_at_once() {{\n\
             let site = a_site();\n\
             try {{ site.apply(\"wipe\", #{{}}); }} catch (err) {{ assert_eq(err.kind, \"denied\"); }}\n\
             assert_eq(site.writes(), 0);\n\
             site.apply(\"wipe\", #{{}}, 5);\n\
             assert_eq(site.rows(global::LIST).len(), 0);\n\
         }}\n\
         fn test_nothing_to_undo() {{\n\
             let site = a_site();\n\
             try {{ site.undo(); }} catch (err) {{ assert_eq(err.kind, \"invalid\"); }}\n\
         }}\n",
        rows.join(", ")
    );
    let output = Tikbook::new()
        .file("scripts/wipe.rhai", writer)
        .file("scripts/wipe_test.rhai", script)
        .args(["test"])
        .run()
        .code(0);
    assert!(output.stdout.contains("3 tests, 0 failed"), "{output}");
}

#[test]
fn wrong_use_is_told_by_name() {
    for (script, expected) in [
        (
            "fn test_a() { site::load(\"../x.json\") }",
            "not below the test's folder",
        ),
        (
            "fn test_a() { site::load(\"count.rhai\") }",
            "describes no site",
        ),
        (
            "fn test_a() { site::of(#{}).runbook(\"cuont\") }",
            "there is no runbook `cuont`",
        ),
        (
            "fn test_a() { site::of(#{}).runbook(\"count\", #{ lits: 1 }) }",
            "no parameter `lits`",
        ),
        (
            "fn test_a() { site::of(#{}).fault(#{ drop: 1 }) }",
            "there is no fault `drop`",
        ),
        ("fn test_a() { site::of(#{}).advance(1) }", "runs by itself"),
        (
            "fn test_a() { mikrotik::rows(\"/ip/arp\") }",
            "may not read from `mikrotik`",
        ),
        ("fn test_a( {", "does not compile"),
    ] {
        let output = test(script).code(1);
        assert!(output.stdout.contains(expected), "{script}\n{output}");
    }
}

#[test]
fn tests_are_chosen_by_their_names_and_told_in_json() {
    let output = Tikbook::new()
        .file(
            "a_test.rhai",
            "fn test_one() {}\nfn test_other() { throw \"no\"; }",
        )
        .args(["test", ".", "--filter", "one", "--json"])
        .run()
        .code(0);
    let list = output.stdout_json();
    assert_eq!(list.as_array().unwrap().len(), 1);
    assert_eq!(list[0]["name"], "one");
    assert!(list[0]["error"].is_null());
}

#[test]
fn a_folder_without_tests_is_wrong_use() {
    let output = Tikbook::new().args(["test", "."]).run().code(2);
    assert!(
        output.stderr.contains("there are no tests here"),
        "{output}"
    );
}
