//! The runbooks explain and verify-debt against PostgreSQL, Redis and a simulated router; what they
//! decide about single users is tested in `scripts/*_test.rhai`.

use routeros_sim::{Options, Simulator, State};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use crate::support::tikbook::{Output, Tikbook};
use crate::support::{postgres, redis, router};

const USER: &str = "diagnosis";
const PASSWORD: &str = "s3cret";
const AUTOMATIC: &str = "quota_debt_limit|debt_mb=600.00|limit_mb=500|source=sync_usage";

/// A site of real servers.
struct House {
    database: postgres::Database,
    redis: Option<redis::Server>,
    router: Simulator,
    _runtime: Runtime,
}

impl House {
    /// One user a case: number, used MB, bought MB, offset MB, reason of a block, device on the
    /// blocked list.
    fn new() -> House {
        let users = [
            person(1, "1523.99", 1024, 0, None),
            person(2, "1524.00", 1024, 0, None),
            person(3, "1624.00", 1024, 200, None),
            person(4, "1024.00", 1024, 0, Some(AUTOMATIC)),
            person(5, "1624.00", 1024, 0, Some(AUTOMATIC)),
            person(6, "1624.00", 1024, 0, Some(AUTOMATIC)),
            person(
                7,
                "0.00",
                1024,
                0,
                Some("tunggakan_overdue|debt_mb=1024|due=2026-01-31"),
            ),
        ];
        let devices: Vec<Value> = (1..=7).map(device).collect();
        let settings = json!({ "QUOTA_DEBT_LIMIT_MB": { "value": "500", "encrypted": false } });
        let database = postgres::database_with_schema();
        database.insert(&json!({ "users": users, "devices": devices, "settings": settings }));
        let (router, runtime) = router(&json!({
            "/ip/hotspot/host": (1..=7).map(host).collect::<Vec<_>>(),
            "/ip/hotspot/ip-binding": [
                binding(4, "regular"), binding(5, "regular"), binding(6, "bypassed"), binding(7, "blocked"),
            ],
            "/ip/firewall/address-list": [row(4), row(5), row(6), row(7)],
        }));
        House {
            database,
            redis: None,
            router,
            _runtime: runtime,
        }
    }

    fn with_redis(mut self) -> House {
        self.redis = Some(redis::Server::start());
        self
    }

    fn run(&self, args: &[&str]) -> Output {
        let mut tikbook = Tikbook::new()
            .args(["--json"])
            .args(args)
            .env("DATABASE_URL", self.database.url())
            .env("MIKROTIK_UNAUTHORIZED_CIDRS", "10.0.0.0/8")
            .env("MIKROTIK_HOST", "127.0.0.1")
            .env("MIKROTIK_PORT", self.router.address().port().to_string())
            .env("MIKROTIK_USERNAME", USER)
            .env("MIKROTIK_PASSWORD", PASSWORD);
        if let Some(redis) = &self.redis {
            tikbook = tikbook.env("REDIS_URL", redis.url(0));
        }
        let output = tikbook.run();
        assert_eq!(self.router.received().writes(), 0, "nothing is written");
        output
    }
}

fn router(state: &Value) -> (Simulator, Runtime) {
    let options = Options {
        user: USER.to_owned(),
        password: PASSWORD.to_owned(),
        state: State::from_json(&state.to_string()).unwrap(),
        ..Options::default()
    };
    let runtime = Runtime::new().unwrap();
    (
        runtime.block_on(Simulator::start(options)).unwrap(),
        runtime,
    )
}

fn id(number: u8) -> String {
    format!("00000000-0000-4000-8000-00000000000{number}")
}

fn mac(number: u8) -> String {
    format!("0A:00:00:00:00:0{number}")
}

fn person(number: u8, used: &str, bought: i64, offset: i64, reason: Option<&str>) -> Value {
    json!({
        "id": id(number), "phone_number": format!("+628120000000{number}"),
        "full_name": format!("User {number}"), "role": "USER", "approval_status": "APPROVED",
        "is_active": true, "is_blocked": reason.is_some(), "blocked_reason": reason,
        "blocked_at": reason.map(|_| "2026-05-30 12:00:00+00"),
        "total_quota_purchased_mb": bought, "total_quota_used_mb": used, "auto_debt_offset_mb": offset,
    })
}

fn device(number: u8) -> Value {
    json!({
        "id": format!("10000000-0000-4000-8000-00000000000{number}"), "user_id": id(number),
        "mac_address": mac(number).to_lowercase(), "ip_address": format!("10.0.0.{number}"),
        "is_authorized": true,
    })
}

fn host(number: u8) -> Value {
    json!({ "mac-address": mac(number), "address": format!("10.0.0.{number}") })
}

fn binding(number: u8, kind: &str) -> Value {
    json!({ "mac-address": mac(number), "type": kind, "comment": format!("managed|uid={}", id(number)) })
}

fn row(number: u8) -> Value {
    json!({
        "list": "blocked", "address": format!("10.0.0.{number}"),
        "comment": format!("lpsaring|status=blocked|user=0812000000{number}|uid={}", id(number)),
    })
}

fn status<'a>(report: &'a Value, id: &str) -> &'a str {
    let checks = report["checks"].as_array().unwrap();
    let check = checks.iter().find(|check| check["id"] == id);
    check.unwrap_or_else(|| panic!("no check {id} in {checks:?}"))["status"]
        .as_str()
        .unwrap()
}

#[test]
fn every_user_at_the_limit_or_blocked_for_debt_gets_the_right_verdict() {
    let report = House::new()
        .with_redis()
        .run(&["run", "verify-debt"])
        .code(0)
        .stdout_json();
    let mut verdicts: Vec<(String, &str)> = report["users"]
        .as_array()
        .unwrap()
        .iter()
        .map(|user| {
            (
                user["user_id"].to_string(),
                user["verdict"].as_str().unwrap(),
            )
        })
        .collect();
    verdicts.sort();
    let expected = [
        (2, "will_be_blocked"),
        (3, "consistent"),
        (4, "will_be_unblocked"),
        (5, "consistent"),
        // The binding was bypassed by hand; the row keeps the device out all the same.
        (6, "consistent"),
        (7, "blocked_for_other_reason"),
    ]
    .map(|(number, verdict)| (format!("\"{}\"", id(number)), verdict));
    assert_eq!(verdicts, expected);
    let findings = report["findings"].as_array().unwrap();
    let half = format!("half_enforced:{}", id(6));
    assert!(findings.iter().any(|finding| finding["id"] == half));
    assert_eq!(
        status(&report, "sync-last-run"),
        "fail",
        "no run left its stamp"
    );
    assert_eq!(status(&report, "breaker"), "pass");
}

#[test]
fn without_redis_the_runs_of_the_sync_are_unknown_and_never_green() {
    let report = House::new()
        .run(&["run", "verify-debt"])
        .code(0)
        .stdout_json();
    for id in ["sync-last-run", "sync-lock", "breaker", "sync-result"] {
        assert_eq!(status(&report, id), "unknown", "{id}");
    }
    assert_eq!(status(&report, "debt-limit"), "pass");
}

#[test]
fn explain_finds_a_user_by_a_mac_that_the_database_spells_otherwise() {
    let house = House::new();
    for who in ["0A-00-00-00-00-06", "10.0.0.6", "0812 0000 0006", "User 6"] {
        let report = house.run(&["explain", who]).code(0).stdout_json();
        assert_eq!(report["user"]["id"], json!(id(6)), "{who}");
        // A row of the list holds what the binding lets through.
        assert_eq!(report["effect"], "cut_off");
        assert_eq!(report["verdict"], "blocked");
        assert_eq!(report["rule"], "debt-limit");
        assert_eq!(report["next_sync"], "keep-blocked");
        assert_eq!(report["devices"][0]["host"]["address"], "10.0.0.6");
        assert!(!report["advice"].as_array().unwrap().is_empty());
    }
}

#[test]
fn explain_counts_debts_that_are_due_and_not_paid() {
    let house = House::new();
    house.database.execute(&format!(
        "INSERT INTO user_quota_debts (id, user_id, amount_mb, is_paid, due_date) VALUES
         ('20000000-0000-4000-8000-000000000001', '{0}', 1024, false, '2026-01-31'),
         ('20000000-0000-4000-8000-000000000002', '{0}', 2048, true, '2026-01-31'),
         ('20000000-0000-4000-8000-000000000003', '{0}', 4096, false, '2099-01-31')",
        id(7)
    ));
    let report = house.run(&["explain", "User 7"]).code(0).stdout_json();
    assert_eq!(report["user"]["overdue_mb"], 1024);
    assert_eq!(report["user"]["unpaid_debts"].as_array().unwrap().len(), 2);
    assert_eq!(report["rule"], "overdue");
}

#[test]
fn explain_without_the_router_shows_the_database_and_fails() {
    let house = House::new();
    let output = router::nowhere(Tikbook::new())
        .args(["--json", "--timeout", "30s", "explain", "User 5"])
        .env("DATABASE_URL", house.database.url())
        .run()
        .code(4);
    let report = output.stdout_json();
    assert_eq!(report["rule"], "debt-limit");
    assert!(report["error"].is_object(), "{output}");
}
