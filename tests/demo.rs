//! The built-in site through the same session, and the same binary, as any other.

use std::collections::BTreeSet;

use serde_json::Value;

use tikbook::config::{self, Sources};
use tikbook::session::Session;
use tikbook::session::redis::{RedisError, RedisValue};

use crate::support::tikbook::Tikbook;

/// What design and runbook promise the demo to hold, by the kind of the finding.
const KINDS: &[&str] = &[
    "address-of-blocked-user",
    "bypassed-binding",
    "device-block",
    "disabled-row",
    "disputed-token",
    "expiring-row",
    "malformed-token",
    "missing-block",
    "orphaned-row",
    "stale-admin",
    "stale-blocked",
    "stale-by-sync",
    "unchecked-owner",
    "unknown-user",
    "unusable-user",
];

#[test]
fn the_demo_audit_finds_something_of_every_kind() {
    let report = audit();
    let kinds: BTreeSet<&str> = findings(&report)
        .map(|finding| finding["kind"].as_str().unwrap())
        .collect();
    let missing: Vec<_> = KINDS
        .iter()
        .filter(|kind| !kinds.contains(**kind))
        .collect();
    assert!(missing.is_empty(), "not in the demo: {missing:?}");
}

#[test]
fn the_demo_audit_reads_like_this() {
    let audit = Tikbook::new().args(["--site", "demo", "run", "audit"]);
    audit.run().code(0).snapshot("demo/audit");
}

#[test]
fn explain_reads_like_this_on_the_demo() {
    let cases = [
        ("about-to-be-blocked", "Gede"),
        ("let-through", "0A:5E:1C:D0:00:07"),
        ("left-on-the-router", "0812-5550-1001"),
        ("a-blocked-device", "Joko"),
        ("several", "wi"),
    ];
    for (name, who) in cases {
        let explained = Tikbook::new().args(["--site", "demo", "explain", who]);
        explained
            .run()
            .code(0)
            .snapshot(&format!("demo/explain-{name}"));
    }
}

/// What somebody tries out on the demo, by what the runbooks say of it: a finding of a kind, or what
/// `explain` says of whom.
#[test]
fn the_demo_holds_one_of_each_kind_that_explain_audit_and_parity_know() {
    let report = |args: &[&str]| {
        let demo = Tikbook::new().args(["--site", "demo", "--json"]).args(args);
        demo.run().code(0).stdout_json()
    };
    for (runbook, kinds) in [
        (
            "audit",
            &[
                "orphan-binding",
                "let-through",
                "cut-off",
                "login-limits",
                "row-at-free-address",
                "wide-row",
                "sync-dead",
            ][..],
        ),
        (
            "parity",
            &[
                "online-without-right",
                "status-and-unauthorized",
                "several-status-lists",
                "authorized-without-binding",
                "status-without-binding",
            ],
        ),
    ] {
        let said = report(&[runbook]);
        let found: BTreeSet<&str> = findings(&said)
            .filter_map(|finding| finding["kind"].as_str())
            .collect();
        for kind in kinds {
            assert!(found.contains(kind), "{runbook} {kind}: {found:?}");
        }
    }
    for (who, key, expected) in [
        // A name without its accents, an order, a room.
        ("noel", "/user/name", "Noël Wibisono"),
        ("KOS-1002", "/user/phone", "081255501020"),
        ("H1", "/user/phone", "081255501022"),
        // Payments.
        ("081255501009", "/payment/state", "credited"),
        ("081255501020", "/payment/state", "not_credited"),
        ("081255501013", "/payment/state", "pending"),
        ("081255501014", "/payment/state", "expired"),
        ("081255501021", "/payment/state", "failed"),
        ("081255501001", "/payment/state", "none"),
        // Switched off and online; deleted and online; nobody's, with a name in a lease that names another.
        ("081255501022", "/effect", "let_through"),
        ("0A:5E:1C:FE:00:03", "/effect", "let_through"),
        ("DA:5E:1C:90:AA:01", "/verdict", "unknown_device"),
        ("Galaxy-A15", "/devices/0/mac", "DA:5E:1C:90:AA:01"),
        ("DA:5E:1C:90:AA:01", "/devices/0/lease_of", "081255501002"),
        // Free, and on other lists as well.
        ("081255501015", "/effect", "cut_off"),
    ] {
        let said = report(&["explain", who]);
        let value = said.pointer(key).and_then(Value::as_str);
        assert_eq!(value, Some(expected), "{who} {key}: {said}");
    }
    let device = report(&["explain", "DA:5E:1C:90:AA:01"]);
    assert_eq!(device["devices"][0]["is_random"], true);
    let repair = report(&["repair", "081255501015"]);
    assert!(repair["changes"]["planned"].as_u64() > Some(0), "{repair}");
}

#[test]
fn verify_debt_reads_like_this_on_the_demo() {
    let verified = Tikbook::new().args(["--site", "demo", "run", "verify-debt"]);
    verified.run().code(0).snapshot("demo/verify-debt");
}

#[test]
fn parity_reads_like_this_on_the_demo() {
    let parity = Tikbook::new().args(["--site", "demo", "run", "parity"]);
    parity.run().code(0).snapshot("demo/parity");
}

#[test]
fn services_reads_like_this_on_the_demo() {
    let services = Tikbook::new().args(["--site", "demo", "run", "services"]);
    services.run().code(0).snapshot("demo/services");
}

#[test]
fn diagnose_sync_reads_like_this_on_the_demo() {
    let diagnosed = Tikbook::new().args(["--site", "demo", "run", "diagnose-sync"]);
    diagnosed.run().code(0).snapshot("demo/diagnose-sync");
}

#[test]
fn the_doctor_finds_the_demo_well() {
    let doctor = Tikbook::new().args(["--site", "demo", "doctor"]);
    doctor.run().code(0).snapshot("demo/doctor");
}

#[test]
fn the_demo_says_the_same_each_time() {
    let (first, second) = (audit(), audit());
    assert_eq!(first["counts"], second["counts"]);
    assert_eq!(first["anomalies"], second["anomalies"]);
    let ids = |report: &Value| {
        findings(report)
            .map(|finding| finding["id"].clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(ids(&first), ids(&second));
}

#[test]
fn the_demo_is_not_led_astray_by_the_environment_of_a_real_site() {
    let output = Tikbook::new()
        .args(["--site", "demo", "--json", "run", "audit"])
        .env("DATABASE_URL", "postgresql://portal@192.0.2.1/portal")
        .env("MIKROTIK_HOST", "192.0.2.2")
        .env("MIKROTIK_ADDRESS_LIST_BLOCKED", "another")
        .run()
        .code(0);
    assert_eq!(output.stdout_json()["blocked_list"], "klient_blocked");
}

fn audit() -> Value {
    Tikbook::new()
        .args(["--site", "demo", "--json", "run", "audit", "--orphans"])
        .run()
        .code(0)
        .stdout_json()
}

fn findings(report: &Value) -> impl Iterator<Item = &Value> {
    report["findings"].as_array().into_iter().flatten()
}

fn session() -> Session {
    let sources = Sources {
        site: Some("demo".to_owned()),
        ..Sources::default()
    };
    Session::new(config::load(sources).unwrap())
}

#[tokio::test]
async fn the_demo_database_is_read_and_not_written() {
    let session = session();
    let database = session.database().await.unwrap();
    let rows = database
        .rows("SELECT full_name FROM users WHERE is_blocked", vec![])
        .await
        .unwrap();
    assert_eq!(rows.len(), 6);
    assert!(database.rows("DELETE FROM users", vec![]).await.is_err());
}

#[tokio::test]
async fn the_demo_redis_answers_the_commands_that_runbooks_read_with() {
    let session = session();
    let redis = session.redis().await.unwrap();
    let call = async |line: &str| {
        let mut words = line.split(' ');
        let name = words.next().unwrap();
        let arguments: Vec<Vec<u8>> = words.map(|word| word.as_bytes().to_vec()).collect();
        redis.call(name, &arguments).await
    };
    assert_eq!(call("LLEN celery:dlq").await.unwrap(), RedisValue::Int(2));
    assert_eq!(call("TTL celery:dlq").await.unwrap(), RedisValue::Int(-1));
    assert_eq!(
        call("TYPE celery:dlq").await.unwrap(),
        RedisValue::Status("list".into())
    );
    assert_eq!(call("EXISTS absent").await.unwrap(), RedisValue::Int(0));
    assert_eq!(call("GET absent").await.unwrap(), RedisValue::Nil);
    assert_eq!(redis.hash(b"absent").await.unwrap(), []);
    assert_eq!(redis.scan(b"cb:*", 100).await.unwrap().len(), 2);
    let refused = call("SET a b").await.unwrap_err();
    assert!(matches!(refused, RedisError::Denied { .. }), "{refused}");
}
