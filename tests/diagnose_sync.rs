//! The runbook diagnose-sync on a site of real servers: each link of the chain broken by itself.
//! What cannot be waited for, such as hours without a run, is tested in
//! `scripts/diagnose-sync_test.rhai`.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use routeros_sim::{Clock, Faults, Policy};
use serde_json::{Value, json};

use crate::support::hotspot::{SYNC, Setup, Site, check};
use crate::support::tikbook::Tikbook;
use crate::support::{celery, redis, wait_until};

const LOCK: &str = "quota_sync:run_lock";
/// The id of a run that nobody runs.
const DEAD_RUN: &str = "6f1c0a52-0000-4000-8000-000000000001";

/// The report about a site whose worker and beat are known by their log files.
fn diagnosed(site: &Site) -> Value {
    report(site, site.tikbook())
}

fn report(site: &Site, tikbook: Tikbook) -> Value {
    with_logs(site, tikbook).run().code(0).stdout_json()
}

fn with_logs(site: &Site, tikbook: Tikbook) -> Tikbook {
    tikbook
        .args(["run", "diagnose-sync", "--watch", "1s"])
        .arg("--log")
        .arg(site.worker.log_file())
        .arg("--log")
        .arg(site.beat.log_file())
}

/// The first broken link is `id`, its evidence has `words`, and there is a repair.
fn assert_broken(report: &Value, id: &str, words: &str) {
    assert_eq!(report["first_broken"], id, "{report:#}");
    let check = check(report, id);
    assert_eq!(check["status"], "fail");
    let evidence = check["evidence"].as_str().unwrap();
    assert!(evidence.contains(words), "{evidence}");
    assert_ne!(check["advice"], "", "{check}");
}

/// No link is broken and no check is worse than a warning.
fn assert_sound(report: &Value) {
    assert_eq!(report["first_broken"], Value::Null, "{report:#}");
    for check in report["checks"].as_array().unwrap() {
        assert_eq!(check["status"], "pass", "{check}\n{report:#}");
    }
}

#[test]
fn a_site_on_which_all_is_well_has_no_broken_link() {
    let site = Site::healthy();
    assert_sound(&diagnosed(&site));
    assert_eq!(site.redis.command(&["EXISTS", LOCK]), ":0\r\n");
}

#[test]
fn containers_tell_of_worker_and_beat_as_well_as_files() {
    let site = Site::healthy().with_containers();
    let diagnose = || {
        let tikbook = site.tikbook().args(["run", "diagnose-sync"]);
        tikbook.run().code(0).stdout_json()
    };
    assert_sound(&diagnose());
    site.container("celery_beat").stop();
    assert_broken(&diagnose(), "beat", "exited");
}

#[test]
fn settings_and_keys_that_stop_the_sync_are_named_one_by_one() {
    let site = Site::healthy();
    let soon = Timestamp::now().as_second() + 60;
    let state = json!({ "fail": 0, "open_until": soon, "half_open": 0, "half_open_success": 0 });
    site.redis
        .command(&["SET", "cb:mikrotik:state", &state.to_string()]);
    assert_broken(&diagnosed(&site), "breaker", "open until");
    site.redis.command(&["DEL", "cb:mikrotik:state"]);

    let late = (Timestamp::now().as_second() + 7200).to_string();
    site.redis
        .command(&["SET", "quota_sync:last_run_ts", &late]);
    assert_broken(&diagnosed(&site), "throttle", "in the future");

    let report = diagnosed(&site);
    let later = check(&report, "clocks");
    assert_eq!(later["status"], "unknown", "{later}");
    assert!(later["evidence"].as_str().unwrap().contains("not judged"));
}

#[test]
fn a_switch_that_is_off_is_a_warning_on_a_site_whose_sync_runs_all_the_same() {
    let site = Site::healthy();
    site.set("ENABLE_MIKROTIK_OPERATIONS", "False");
    let report = diagnosed(&site);
    assert_eq!(report["first_broken"], Value::Null, "{report:#}");
    assert_eq!(report["answer"], "warn", "{report:#}");
    let switch = check(&report, "switch");
    assert_eq!(switch["status"], "warn");
    let evidence = switch["evidence"].as_str().unwrap();
    assert!(evidence.contains("are seen all the same"), "{evidence}");
}

#[test]
fn a_switch_that_is_off_where_the_worker_takes_the_task_and_no_run_comes_cannot_be_told() {
    // A portal of another version, whose task reads the switch.
    let site = Site::start(Setup {
        environment: &[("ENABLE_MIKROTIK_OPERATIONS", "False")],
        until: "succeeded in",
        ..Setup::default()
    });
    site.set("ENABLE_MIKROTIK_OPERATIONS", "False");
    let report = diagnosed(&site);
    assert_eq!(report["first_broken"], Value::Null, "{report:#}");
    assert_eq!(report["answer"], "unknown", "{report:#}");
    let switch = check(&report, "switch");
    assert_eq!(switch["status"], "unknown", "{switch}");
    let said = switch.to_string();
    assert!(
        said.contains("another version") && said.contains("journalctl"),
        "{said}"
    );
    for id in ["startup", "beat", "queue", "worker"] {
        assert_eq!(check(&report, id)["status"], "pass", "{id}: {report:#}");
    }
    // On a site whose switch is on the same is a broken link.
    site.database
        .execute("UPDATE application_settings SET setting_value = 'True'");
    assert_broken(&diagnosed(&site), "last-result", "no run has ended");
}

#[test]
fn the_broker_is_found_by_the_variables_that_the_portals_production_sets() {
    let site = Site::healthy();
    let port = site.redis.port().to_string();
    let tikbook = site
        .tikbook()
        .env("CELERY_BROKER_URL", "")
        .env("CELERY_RESULT_BACKEND", "")
        .env("REDIS_HOST_CELERY_BROKER", "127.0.0.1")
        .env("REDIS_PORT_CELERY_BROKER", &port)
        .env("REDIS_DB_CELERY_BROKER", celery::BROKER.to_string())
        .env("REDIS_PASSWORD_CELERY_BROKER", "null");
    assert_sound(&report(&site, tikbook));
    // The portal's own Redis has no queue, and another database is another broker.
    let tikbook = site
        .tikbook()
        .env("CELERY_BROKER_URL", "")
        .env("REDIS_HOST_CELERY_BROKER", "127.0.0.1")
        .env("REDIS_PORT_CELERY_BROKER", &port)
        .env("REDIS_DB_CELERY_BROKER", "5");
    assert_broken(&report(&site, tikbook), "worker", "no worker listens");
    let without = report(&site, site.tikbook().env("CELERY_BROKER_URL", ""));
    let worker = check(&without, "worker");
    assert_eq!(worker["status"], "unknown", "{worker}");
    let evidence = worker["evidence"].as_str().unwrap();
    assert!(evidence.contains("redis://redis:6379/1"), "{evidence}");
}

#[test]
fn two_runs_at_once_are_told() {
    let site = Site::start(Setup {
        environment: &[("SYNC_SECONDS", "600")],
        until: "Memulai sinkronisasi",
        processes: 4,
        ..Setup::default()
    });
    // What Redis does that throws locks away.
    site.redis.command(&["DEL", LOCK]);
    let begun = || site.worker.log().matches("Memulai sinkronisasi").count();
    wait_until("a second run begins", || begun() == 2);
    let several = "2 runs of the sync are at work at once";
    // One that has just begun may be one that is passed over.
    wait_until("the second run is no short one", || {
        let report = diagnosed(&site);
        let lock = check(&report, "run-lock");
        let evidence = lock["evidence"].as_str().unwrap();
        lock["status"] == "warn" && evidence.contains(several)
    });
}

#[test]
fn a_router_that_is_down_or_refuses_is_the_cause() {
    let site = Site::healthy();
    let port = |tikbook: Tikbook| tikbook.env("MIKROTIK_PORT", "1");
    assert_broken(
        &report(&site, port(site.tikbook())),
        "router",
        "127.0.0.1:1",
    );

    let tikbook = site.tikbook().env("MIKROTIK_PASSWORD", "wrong-word");
    let refused = report(&site, tikbook);
    assert_broken(&refused, "router", "cannot log in");
    assert!(!refused.to_string().contains("wrong-word"), "{refused:#}");

    site.router.simulator.set_faults(Faults {
        lacks: vec![Policy::Read],
        ..Faults::default()
    });
    assert_broken(&diagnosed(&site), "router", "not enough permissions");
}

#[test]
fn a_router_two_hours_behind_is_the_cause() {
    let behind = Timestamp::now() - SignedDuration::from_hours(2);
    let site = Site::start(Setup {
        clock: Clock::standing(behind.to_zoned_datetime(TimeZone::UTC).datetime()),
        ..Setup::default()
    });
    assert_broken(&diagnosed(&site), "clocks", "router is 2h");
}

#[test]
fn a_worker_that_is_gone_and_one_that_is_silent_are_told_apart() {
    let mut site = Site::healthy();
    site.worker.pause();
    let silent = report(&site, site.tikbook().args(["--timeout", "3s"]));
    let worker = check(&silent, "worker");
    assert_eq!(worker["status"], "unknown", "{silent:#}");
    assert!(
        worker["evidence"]
            .as_str()
            .unwrap()
            .contains("none answered")
    );
    assert_eq!(silent["first_broken"], Value::Null, "{silent:#}");
    site.worker.kill();
    assert_broken(&diagnosed(&site), "worker", "no worker listens");
}

#[test]
fn a_worker_without_a_free_process_is_the_cause_once_runs_are_late() {
    let site = Site::start(Setup {
        processes: 1,
        ..Setup::default()
    });
    let id = celery::send(&site.redis, "policy_parity_guard_task", json!([600]));
    site.worker.wait_for_log("Menjalankan policy parity guard");
    site.beat.wait_for_log("Sending due task");
    celery::send(&site.redis, SYNC, json!([]));
    let busy = diagnosed(&site);
    let worker = check(&busy, "worker");
    assert_eq!(worker["status"], "warn", "the last run is young\n{busy:#}");
    let long_ago = (Timestamp::now().as_second() - 7200).to_string();
    site.redis
        .command(&["SET", "quota_sync:last_run_ts", &long_ago]);
    let late = diagnosed(&site);
    assert_broken(&late, "worker", "1 × policy_parity_guard_task");
    assert!(!late.to_string().contains("600]"), "no arguments: {id}");
}

#[test]
fn a_beat_that_has_said_nothing_for_long_is_the_cause() {
    let mut site = Site::healthy();
    site.beat.kill();
    let long_ago = Timestamp::now() - SignedDuration::from_hours(3);
    let day = |at: Timestamp| {
        at.to_zoned_datetime(TimeZone::UTC)
            .strftime("[%Y-%m-%d %H:")
            .to_string()
    };
    let now = Timestamp::now();
    let old = site
        .beat
        .log()
        .replace(&day(now), &day(long_ago))
        .replace(&day(now - SignedDuration::from_mins(1)), &day(long_ago));
    site.redis.command(&[
        "SET",
        "quota_sync:last_run_ts",
        &long_ago.as_second().to_string(),
    ]);
    let output = site
        .tikbook()
        .file("beat.log", old)
        .args(["run", "diagnose-sync", "--log", "beat.log"])
        .run()
        .code(0);
    assert_broken(&output.stdout_json(), "beat", "sent");
}

#[test]
fn a_redis_that_is_down_is_the_cause_and_what_rests_on_it_is_unknown() {
    let mut site = Site::healthy();
    site.redis.kill();
    let report = diagnosed(&site);
    assert_broken(&report, "redis", "127.0.0.1");
    for id in ["worker", "run-lock", "breaker", "throttle"] {
        assert_eq!(check(&report, id)["status"], "unknown", "{id}: {report:#}");
    }
}

#[test]
fn a_redis_that_may_only_be_read_is_the_cause() {
    let site = Site::healthy();
    let master = redis::Server::start();
    let port = master.port().to_string();
    drop(master);
    site.redis.command(&["REPLICAOF", "127.0.0.1", &port]);
    let report = diagnosed(&site);
    assert_broken(&report, "redis", "read-only copy of 127.0.0.1");
    site.redis.command(&["REPLICAOF", "NO", "ONE"]);
}

#[test]
fn a_lock_that_nobody_runs_is_stale_and_is_removed_when_told_so() {
    let site = Site::healthy();
    site.redis.command(&["SET", LOCK, DEAD_RUN, "EX", "1200"]);
    let report = diagnosed(&site);
    assert_broken(&report, "run-lock", DEAD_RUN);
    assert_eq!(report["stale_lock"]["owner"], DEAD_RUN);
    assert_eq!(report["stale_lock"]["status"], "planned");
    assert_eq!(site.redis.command(&["EXISTS", LOCK]), ":1\r\n");

    let applied = with_logs(&site, site.tikbook()).args(["--apply", "--yes"]);
    let applied = applied.run().code(0).stdout_json();
    assert_eq!(site.redis.command(&["EXISTS", LOCK]), ":0\r\n");
    // What is done is not advised once more.
    assert_eq!(applied["stale_lock"]["status"], "applied", "{applied:#}");
    assert_eq!(applied["first_broken"], Value::Null, "{applied:#}");
}

#[test]
fn a_lock_whose_run_goes_on_is_left_alone_by_whatever_is_asked() {
    let site = Site::start(Setup {
        environment: &[("SYNC_SECONDS", "600")],
        until: "Memulai sinkronisasi",
        ..Setup::default()
    });
    let now = Timestamp::now().as_second().to_string();
    site.redis.command(&["SET", "quota_sync:last_run_ts", &now]);
    let output = with_logs(&site, site.tikbook())
        .args(["--apply", "--yes"])
        .run();
    let report = output.stdout_json();
    assert_eq!(report["first_broken"], Value::Null, "{output}");
    let lock = check(&report, "run-lock");
    assert_eq!(lock["status"], "pass", "{lock}");
    assert!(
        lock["evidence"]
            .as_str()
            .unwrap()
            .contains("a run is going on")
    );
    assert_eq!(site.redis.command(&["EXISTS", LOCK]), ":1\r\n");
}

#[test]
fn a_stale_lock_is_left_alone_while_a_worker_is_silent() {
    let site = Site::healthy();
    site.redis.command(&["SET", LOCK, DEAD_RUN, "EX", "1200"]);
    let silent = celery::worker(&site.redis, "second", 1);
    silent.pause();
    let report = report(&site, site.tikbook().args(["--timeout", "3s"]));
    assert_eq!(
        check(&report, "run-lock")["status"],
        "unknown",
        "{report:#}"
    );
    assert_eq!(report["stale_lock"], Value::Null);
}

#[test]
fn a_run_in_which_every_user_failed_did_not_work_however_young_its_stamp() {
    let site = Site::start(Setup {
        environment: &[("ROUTER", "breaker-open")],
        ..Setup::default()
    });
    assert_broken(&diagnosed(&site), "last-result", "failed 3");
}
