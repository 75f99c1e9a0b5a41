//! The namespace `celery` with real workers, a real beat and a real broker: what is told of them, and
//! that nothing is left in the broker, however a question ends.

use serde_json::{Value, json};

use crate::support::celery::{self, BROKER, RESULTS};
use crate::support::redis::{Server, sentinel_of};
use crate::support::tikbook::{Output, Running, Tikbook};
use crate::support::wait_until;

const SLEEP: &str = "policy_parity_guard_task";
const MONITOR: &str = "dlq_health_monitor_task";
const LETTER: &str = "send_whatsapp_invoice_task";

#[test]
fn workers_answer_every_question_and_nothing_is_left_in_the_broker() {
    let redis = Server::start();
    let _first = celery::worker(&redis, "first", 2);
    let _second = celery::worker(&redis, "second", 1);
    let before = redis.keys(BROKER);
    let said = value(
        &redis,
        "#{ ping: celery::ping(), registered: celery::registered(), queues: celery::active_queues(),
            stats: celery::stats(), active: celery::active(), reserved: celery::reserved(),
            scheduled: celery::scheduled() }",
    );
    for (question, answer) in said.as_object().unwrap() {
        let counted = [
            &answer["subscribed"],
            &answer["answered"],
            &answer["no_answer"],
        ];
        assert_eq!(counted, [&json!(2), &json!(2), &json!(0)], "{question}");
        assert_eq!(answer["errors"], json!([]), "{question}");
    }
    assert_eq!(
        said["ping"]["rows"],
        json!([{"worker": "first@tikbook", "answer": "pong"},
               {"worker": "second@tikbook", "answer": "pong"}])
    );
    assert_eq!(
        said["queues"]["rows"][0],
        json!({"worker": "first@tikbook", "queue": "celery"})
    );
    let knows = json!({"worker": "first@tikbook", "task": "sync_hotspot_usage_task"});
    let known = said["registered"]["rows"].as_array().unwrap();
    assert!(known.contains(&knows), "{known:?}");
    let stats = said["stats"]["rows"].as_array().unwrap();
    assert_eq!(
        (&stats[0]["processes"], &stats[1]["processes"]),
        (&json!(2), &json!(1))
    );
    assert!(
        stats[0]["uptime"]
            .as_i64()
            .is_some_and(|uptime| uptime < 60)
    );
    for question in ["active", "reserved", "scheduled"] {
        assert_eq!(said[question]["rows"], json!([]), "{question}");
    }
    assert_eq!(redis.keys(BROKER), before);
}

/// A worker that is there and hears nothing, and the broker's keys before it is asked.
fn silent_worker(redis: &Server) -> (celery::Program, Vec<String>) {
    let worker = celery::worker(redis, "stopped", 1);
    let before = redis.keys(BROKER);
    worker.pause();
    (worker, before)
}

/// A question that waits for an answer.
fn asking(redis: &Server, before: &[String]) -> Running {
    let asking = command(redis)
        // Longer than a test waits for a command.
        .args(["--timeout", "10m", "run", "-e", "celery::ping()"])
        .start();
    wait_until("the question is written", || redis.keys(BROKER) != before);
    asking
}

#[test]
fn without_a_worker_the_answer_comes_at_once() {
    let redis = Server::start();
    let said = value(
        &redis,
        "let began = time::now().unix(); let said = celery::ping();
         #{ said: said, seconds: time::now().unix() - began }",
    );
    let nobody = json!({"subscribed": 0, "answered": 0, "no_answer": 0, "errors": [], "rows": []});
    assert_eq!(said["said"], nobody);
    assert!(said["seconds"].as_i64().unwrap() <= 1, "{said}");
    assert_eq!(redis.keys(BROKER), Vec::<String>::new());
}

#[test]
fn a_worker_that_stays_silent_is_counted_and_writes_nothing_when_it_wakes() {
    let redis = Server::start();
    let _awake = celery::worker(&redis, "awake", 1);
    let (stopped, before) = silent_worker(&redis);
    let asking = command(&redis).args(["--timeout", "5s", "run", "--json", "-e", "celery::ping()"]);
    let said = asking.run().code(0).stdout_json();
    assert_eq!(
        said,
        json!({"subscribed": 2, "answered": 1, "no_answer": 1, "errors": [],
               "rows": [{"worker": "awake@tikbook", "answer": "pong"}]})
    );
    assert_eq!(redis.keys(BROKER), before);
    stopped.resume();
    // It hears the earlier questions before this one.
    assert_eq!(value(&redis, "celery::ping().answered"), json!(2));
    assert_eq!(redis.keys(BROKER), before);
}

#[test]
fn a_busy_worker_tells_what_it_runs_and_what_it_has_taken() {
    let redis = Server::start();
    let worker = celery::worker(&redis, "busy", 2);
    let mut ids: Vec<String> = (0..2)
        .map(|_| celery::send(&redis, SLEEP, json!([600])))
        .collect();
    wait_for(&redis, "celery::active().rows.len()", &json!(2));
    ids.extend((0..2).map(|_| celery::send(&redis, SLEEP, json!([600]))));
    let later = celery::send_with(&redis, MONITOR, json!([]), json!({"countdown": 600}));
    wait_for(&redis, "celery::reserved().rows.len()", &json!(2));
    wait_for(&redis, "celery::scheduled().rows.len()", &json!(1));
    let said = value(
        &redis,
        r#"#{ active: celery::active().rows, reserved: celery::reserved().rows,
              scheduled: celery::scheduled().rows, queue: celery::queue("celery"),
              unacked: celery::unacked(), now: time::now().unix() }"#,
    );
    let now = said["now"].as_f64().unwrap();
    let ids_of = |rows: &Value| {
        let rows = rows.as_array().unwrap().iter();
        let mut ids: Vec<String> = rows
            .map(|row| row["id"].as_str().unwrap().to_owned())
            .collect();
        ids.sort();
        ids
    };
    let sorted = |ids: &[String]| {
        let mut ids = ids.to_vec();
        ids.sort();
        ids
    };
    assert_eq!(ids_of(&said["active"]), sorted(&ids[..2]));
    assert_eq!(ids_of(&said["reserved"]), sorted(&ids[2..]));
    assert_eq!(ids_of(&said["scheduled"]), std::slice::from_ref(&later));
    for task in said["active"].as_array().unwrap() {
        assert_eq!(task["task"], SLEEP);
        let started = task["started"].as_f64().unwrap();
        assert!(
            (now - 600.0..=now + 1.0).contains(&started),
            "{task} at {now}"
        );
    }
    assert!(
        said["scheduled"][0]["eta"]
            .as_str()
            .is_some_and(|eta| eta.contains('T'))
    );
    assert_eq!(
        (&said["queue"]["waiting"], &said["queue"]["prefetched"]),
        (&json!(0), &json!(3))
    );
    assert_eq!(
        ids_of(&said["unacked"]),
        sorted(&[ids[2].clone(), ids[3].clone(), later])
    );
    for held in said["unacked"].as_array().unwrap() {
        assert_eq!(
            (&held["queue"], &held["oldest_by"]),
            (&json!("celery"), &json!("prefetch-score"))
        );
        let at = held["prefetched_at"].as_f64().unwrap();
        assert!((now - 600.0..=now + 1.0).contains(&at), "{held} at {now}");
    }
    assert!(!said.to_string().contains("args"), "{said}");
    drop(worker);
}

#[test]
fn a_queue_is_read_over_all_priorities_in_the_order_in_which_it_is_taken() {
    let redis = Server::start();
    let send =
        |priority: u8| celery::send_with(&redis, MONITOR, json!([]), json!({"priority": priority}));
    let ids = [send(6), send(0), send(3), send(0)];
    let expected = [1, 3, 2, 0].map(|number: usize| json!(ids[number]));
    let said = value(
        &redis,
        r#"#{ queue: celery::queue("celery"), two: celery::waiting("celery", 2),
              all: celery::waiting("celery", 100) }"#,
    );
    let listed = |rows: &Value| -> Vec<Value> {
        rows.as_array()
            .unwrap()
            .iter()
            .map(|row| row["id"].clone())
            .collect()
    };
    assert_eq!(listed(&said["all"]), expected);
    assert_eq!(listed(&said["two"]), &expected[..2]);
    assert_eq!(
        said["queue"]["oldest"],
        json!({"id": ids[1], "task": MONITOR, "from_beat": false, "eta": null})
    );
    assert_eq!(said["queue"]["newest"]["id"], json!(ids[3]));
    assert_eq!(
        (&said["queue"]["waiting"], &said["queue"]["prefetched"]),
        (&json!(4), &json!(0))
    );
}

#[test]
fn what_beat_sends_is_marked_and_stays_where_no_worker_takes_it() {
    let redis = Server::start();
    let beat = celery::beat(&redis, &[("monitor", MONITOR, 1.0)]);
    beat.wait_for_log("Sending due task");
    wait_for(
        &redis,
        r#"celery::queue("celery").waiting > 0"#,
        &json!(true),
    );
    let queue = value(&redis, r#"celery::queue("celery", 2)"#);
    assert_eq!(queue["oldest"]["from_beat"], json!(true));
    assert_eq!(queue["oldest"]["task"], MONITOR);
    assert!(
        queue["stuck_for"]
            .as_i64()
            .is_some_and(|seconds| seconds >= 2),
        "{queue}"
    );
    assert_eq!(queue["oldest_by"], "watched");
    let _worker = celery::worker(&redis, "late", 1);
    wait_for(
        &redis,
        r#"celery::queue("celery", 1).stuck_for"#,
        &Value::Null,
    );
}

#[test]
fn results_and_dead_letters_tell_what_came_of_tasks() {
    let redis = Server::start();
    let _worker = celery::worker(&redis, "alone", 1);
    let counted = celery::send(&redis, MONITOR, json!([]));
    let failed = celery::send(&redis, LETTER, json!(["a secret"]));
    wait_for(
        &redis,
        &format!("celery::result({failed:?}) != ()"),
        &json!(true),
    );
    let said = value(
        &redis,
        &format!(
            "#{{ counted: celery::result({counted:?}), failed: celery::result({failed:?}),
                 results: celery::results(10), last: celery::results(1),
                 letters: celery::dead_letters(10) }}"
        ),
    );
    assert_eq!(
        (
            &said["counted"]["status"],
            &said["counted"]["result"],
            &said["counted"]["error"]
        ),
        (&json!("SUCCESS"), &json!(0), &Value::Null)
    );
    assert_eq!(said["failed"]["status"], "FAILURE");
    assert_eq!(
        said["failed"]["error"],
        "ValueError: the message was refused"
    );
    assert_eq!(said["failed"]["result"], Value::Null);
    assert!(
        said["failed"]["done_at"]
            .as_str()
            .is_some_and(|at| at.contains('T'))
    );
    let listed: Vec<&Value> = said["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| &row["id"])
        .collect();
    assert_eq!(listed, [&json!(counted), &json!(failed)]);
    assert_eq!(said["last"][0]["id"], json!(failed));
    let letter = &said["letters"][0];
    assert_eq!(
        (&letter["task"], &letter["error"]),
        (&json!(LETTER), &json!("the message was refused"))
    );
    assert!(letter["created_at"].is_string());
    assert!(!said.to_string().contains("a secret"), "{said}");
}

#[test]
fn ctrl_c_removes_what_the_question_wrote() {
    let redis = Server::start();
    let (stopped, before) = silent_worker(&redis);
    let asking = asking(&redis, &before);
    asking.interrupt();
    asking.finish().code(130);
    assert_eq!(redis.keys(BROKER), before);
    stopped.resume();
    assert_eq!(value(&redis, "celery::ping().answered"), json!(1));
    assert_eq!(redis.keys(BROKER), before);
}

#[test]
fn what_a_killed_program_left_behind_is_removed_by_a_later_question() {
    let redis = Server::start();
    let binding =
        |address: &str| format!("{address}\u{6}\u{16}\u{6}\u{16}{address}.reply.celery.pidbox");
    let set = "_kombu.binding.reply.celery.pidbox";
    for address in ["tikbook-1780228800-ab", "another-1780228800-ab"] {
        redis.command_in(BROKER, &["SADD", set, &binding(address)]);
        redis.command_in(
            BROKER,
            &["LPUSH", &format!("{address}.reply.celery.pidbox"), "{}"],
        );
    }
    value(&redis, "celery::ping()");
    let left = [set, "another-1780228800-ab.reply.celery.pidbox"].map(str::to_owned);
    assert_eq!(redis.keys(BROKER), left);
    assert_eq!(redis.command_in(BROKER, &["SCARD", set]), ":1\r\n");
}

#[test]
fn a_broker_that_goes_away_ends_the_question_before_its_time() {
    let mut redis = Server::start();
    let (_stopped, before) = silent_worker(&redis);
    let asking = asking(&redis, &before);
    redis.kill();
    let output = asking.finish().code(4);
    assert!(
        output.stderr.contains("cannot ask celery's broker"),
        "{output}"
    );
    assert!(output.stderr.contains("CELERY_BROKER_URL"), "{output}");
}

#[test]
fn two_programs_that_ask_at_once_hear_their_own_answers() {
    let redis = Server::start();
    let _worker = celery::worker(&redis, "asked", 1);
    let before = redis.keys(BROKER);
    let many = "let sum = 0; for i in 0..20 { sum += celery::ping().answered; } sum";
    let asking: Vec<_> = (0..2)
        .map(|_| command(&redis).args(["run", "--json", "-e", many]).start())
        .collect();
    for asking in asking {
        assert_eq!(asking.finish().code(0).stdout_json(), json!(20));
    }
    assert_eq!(redis.keys(BROKER), before);
}

#[test]
fn answers_that_are_none_are_passed_over() {
    let redis = Server::start();
    let _worker = celery::rude_worker(&redis);
    let said = value(&redis, "celery::active()");
    assert_eq!(said["subscribed"], json!(2));
    assert_eq!(said["answered"], json!(1));
    assert_eq!(said["errors"], json!(["w3@x: KeyError('active')"]));
    let row = json!({"worker": "w2@x", "id": null, "task": "\u{1b}[2Jtask", "started": null,
                     "eta": null});
    assert_eq!(said["rows"], json!([row]));
    assert_eq!(redis.keys(BROKER), Vec::<String>::new());
}

#[test]
fn a_broker_that_takes_no_writes_is_an_error_of_its_own() {
    let cases: [(&[&str], &str, &str); 3] = [
        (
            &["--replicaof", "127.0.0.1", "1"],
            "READONLY",
            "name the master",
        ),
        (&["--maxmemory", "1"], "OOM", "maxmemory"),
        (
            &[
                "--user", "default", "on", "nopass", "~*", "&*", "+@all", "-sadd",
            ],
            "NOPERM",
            "allow it PUBLISH",
        ),
    ];
    for (options, word, advice) in cases {
        let redis = Server::start_with(options);
        let kind = "let kind = (); try { celery::ping() } catch (err) { kind = err.kind } kind";
        assert_eq!(value(&redis, kind), json!("read_only"), "{word}");
        let output = command(&redis)
            .args(["run", "-e", "celery::ping()"])
            .run()
            .code(4);
        for expected in [word, advice, "takes no writes"] {
            assert!(output.stderr.contains(expected), "{expected}: {output}");
        }
        // Reading goes on.
        assert_eq!(
            value(&redis, r#"celery::queue("celery").waiting"#),
            json!(0)
        );
    }
}

#[test]
fn workers_are_asked_through_the_sentinels_of_their_broker() {
    let redis = Server::start();
    let _worker = celery::worker(&redis, "behind", 1);
    let (_sentinel, port) = sentinel_of(&redis);
    let url = format!("redis+sentinel://127.0.0.1:{port}/portal/{BROKER}");
    let output = command(&redis)
        .env("CELERY_BROKER_URL", &url)
        .args(["run", "--json", "-e", "celery::ping().answered"])
        .run()
        .code(0);
    assert_eq!(output.stdout_json(), json!(1));
}

#[test]
fn workers_have_no_channel_on_a_cluster() {
    let redis = Server::cluster();
    let url = format!("redis+cluster://127.0.0.1:{}", redis.port());
    let output = command(&redis)
        .env("CELERY_BROKER_URL", &url)
        .args(["run", "-e", "celery::ping()"])
        .run();
    assert!(
        output
            .stderr
            .contains("cannot be asked through a Redis cluster"),
        "{output}"
    );
    assert_eq!(redis.keys(0), Vec::<String>::new());
}

#[test]
fn a_site_without_a_broker_says_so() {
    let output = Tikbook::new()
        .env("REDIS_URL", "redis://127.0.0.1:1/0")
        .args(["run", "-e", "celery::ping()"])
        .run()
        .code(2);
    assert!(
        output.stderr.contains("no celery is configured"),
        "{output}"
    );
    assert!(output.stderr.contains("CELERY_BROKER_URL"), "{output}");
}

/// The value of an expression on the site of `redis`.
fn value(redis: &Server, expression: &str) -> Value {
    evaluate(redis, expression).code(0).stdout_json()
}

fn evaluate(redis: &Server, expression: &str) -> Output {
    command(redis)
        .args(["run", "--json", "-e", expression])
        .run()
}

fn command(redis: &Server) -> Tikbook {
    Tikbook::new()
        .patient()
        .env("REDIS_URL", redis.url(0))
        .env("CELERY_BROKER_URL", redis.url(BROKER))
        .env("CELERY_RESULT_BACKEND", redis.url(RESULTS))
}

fn wait_for(redis: &Server, expression: &str, expected: &Value) {
    wait_until(expression, || value(redis, expression) == *expected);
}
