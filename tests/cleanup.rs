//! The runbook `cleanup` against what the portal's own cleanups did (`tests/oracle`).

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use routeros_schema::{Kind, canonical};
use routeros_sim::{Faults, Row};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::router::Router;
use crate::support::terminal::Screen;
use crate::support::tikbook::{Output, Tikbook};
use crate::support::{oracle, postgres};

const LIST: &str = "/ip/firewall/address-list";
const BINDINGS: &str = "/ip/hotspot/ip-binding";

#[test]
fn stale_rows_go_exactly_as_by_the_portals_script_and_undo_restores_them() {
    check_all("apply_stale", &[]);
}

#[test]
fn orphans_go_as_by_the_portals_script_but_protected_rows_stay_and_undo_restores_them() {
    check_all("apply_orphans", &["--only-orphans"]);
}

#[test]
fn stale_rows_and_orphans_go_as_by_the_portals_script_but_protected_rows_stay_and_undo_restores_them()
 {
    check_all("apply_both", &["--orphans"]);
}

#[test]
fn without_apply_nothing_is_sent_and_the_plan_is_what_apply_does() {
    let case = plain_case();
    let site = Site::of(&case);
    let dry = site.cleanup(&[]).code(0).stdout_json();
    assert_eq!(site.router.simulator.received().writes(), 0);
    assert_eq!(dry["cleanup"]["dry_run"], json!(true));
    let applied = site.cleanup(&["--apply", "--yes", "--max-changes", "1000"]);
    let applied = applied.code(0).stdout_json();
    let rows = |report: &Value, status: &str| -> Vec<Value> {
        let rows = report["changes"]["rows"].as_array().unwrap().iter();
        rows.filter(|row| row["status"] == status)
            .map(|row| json!([row["id"], row["action"], row["subject"], row["why"]]))
            .collect()
    };
    let planned = rows(&dry, "planned");
    assert!(!planned.is_empty());
    assert_eq!(planned, rows(&applied, "applied"));
    assert!(applied["after"]["counts"]["stale_blocked_detected"].is_number());
}

#[test]
fn blocks_of_devices_and_addresses_of_blocked_users_stay() {
    let site = Site::of(&json!({
        "users": [user(1, "+628111111111", false), user(2, "+628222222222", true)],
        "devices": [device(1, "10.0.0.1"), device(2, "10.0.0.2")],
        "router": { LIST: [
            entry("*1", "10.0.0.9", "lpsaring|status=blocked|user=08111111111"),
            entry("*2", "10.0.0.2", "lpsaring|status=blocked|user=08111111111"),
            entry("*3", "10.0.0.1", "limit-exceeded|user=08111111111"),
            entry("*4", "10.0.0.3", "lpsaring|status=blocked|user=08222222222"),
            entry("*5", "10.0.0.4", "somebody else's"),
        ] },
    }));
    let report = site.cleanup(&["--apply", "--yes"]).code(0).stdout_json();
    assert_eq!(site.router.ids(LIST), ["*2", "*3", "*4", "*5"]);
    let left: Vec<String> = report["cleanup"]["left"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| {
            format!(
                "{} {}",
                row["id"].as_str().unwrap(),
                row["reason"].as_str().unwrap()
            )
        })
        .collect();
    assert_eq!(
        left,
        [
            "*2 its address now belongs to a device of a blocked user",
            "*3 it blocks a device, not a user"
        ]
    );
    assert_eq!(report["cleanup"]["removed_blocked_rows"], json!(1));
}

/// Users are the last thing that cleanup reads, also when it plans again.
#[test]
fn a_user_who_is_blocked_while_the_router_answers_the_second_planning_is_not_let_in() {
    for is_blocked in [false, true] {
        let blocked = entry("*1", "10.0.0.9", "lpsaring|status=blocked|user=08111111111");
        let case = json!({
            "users": [user(1, "+628111111111", false)],
            "devices": [device(1, "10.0.0.1")],
            "router": { LIST: [blocked] },
        });
        let site = Site::of(&case);
        let tikbook = tikbook(&site.database, &site.router, &site.case);
        let mut screen = Screen::start(tikbook.args(["run", "cleanup", "--apply"]));
        screen.until("Make 1 change? [y/N] ");
        site.router.simulator.set_faults(Faults {
            latency: Duration::from_secs(6),
            ..Faults::default()
        });
        screen.enter("y\n");
        screen.until("waiting for the router's /ip/firewall/address-list");
        if is_blocked {
            site.database.execute("UPDATE users SET is_blocked = true");
        }
        let (_, said) = screen.end();
        let left = usize::from(is_blocked);
        assert_eq!(site.router.ids(LIST).len(), left, "{said}");
    }
}

#[test]
fn while_names_are_in_doubt_nothing_is_planned_nor_removed() {
    let on = |id: &str, list: &str, comment: &str| {
        let mut row = entry(id, "10.9.9.9", comment);
        row["list"] = json!(list);
        row
    };
    let blocked = "lpsaring|status=blocked|user=08111111111";
    let habis = "lpsaring|status=habis|user=08111111111";
    let mut case = json!({
        "users": [user(1, "+628111111111", false)],
        "devices": [device(1, "10.0.0.1")],
        "router": { LIST: [
            on("*1", "klient_blocked", blocked),
            on("*2", "klient_habis", habis),
            on("*3", "blocked", "spam"),
        ] },
    });
    let all = ["*1", "*2", "*3"];
    let apply = ["--apply", "--yes", "--max-changes", "100"];
    let site = Site::of(&case);
    for flags in [
        &[][..],
        &["--orphans"],
        &["--only-orphans"],
        &["--orphans", "--rules", "portal"],
    ] {
        for apply in [&[][..], &apply] {
            let output = site.cleanup(&[flags, apply].concat()).code(0);
            let report = output.stdout_json();
            assert_eq!(site.router.ids(LIST), all, "{flags:?}: {output}");
            assert_eq!(site.router.simulator.received().writes(), 0);
            assert_eq!(report["changes"]["rows"], json!([]), "{output}");
            assert_eq!(report["cleanup"]["removed_orphaned_rows"], json!(0));
            let finding = &report["findings"][0];
            assert_eq!(finding["severity"], "critical", "{output}");
            let advice = finding["advice"].as_str().unwrap();
            let setting = "MIKROTIK_ADDRESS_LIST_BLOCKED=klient_blocked";
            assert!(advice.contains(setting), "{output}");
        }
    }
    case["env"] = json!({ "MIKROTIK_ADDRESS_LIST_BLOCKED": "klient_blocked" });
    let named = Site::of(&case);
    let flags = [&["--orphans"][..], &apply].concat();
    named.cleanup(&flags).code(0);
    assert_eq!(named.router.ids(LIST), ["*3"]);
}

fn user(number: u8, phone: &str, is_blocked: bool) -> Value {
    json!({
        "id": format!("00000000-0000-4000-8000-00000000000{number}"),
        "phone_number": phone, "full_name": format!("User {number}"), "role": "USER",
        "approval_status": "APPROVED", "is_active": true, "is_blocked": is_blocked,
        "blocked_reason": null, "total_quota_purchased_mb": 0, "total_quota_used_mb": "0",
        "auto_debt_offset_mb": 0, "manual_debt_mb": 0, "is_unlimited_user": false,
        "quota_expiry_date": null,
    })
}

fn device(number: u8, address: &str) -> Value {
    json!({
        "id": format!("00000000-0000-4000-9000-00000000000{number}"),
        "user_id": format!("00000000-0000-4000-8000-00000000000{number}"),
        "mac_address": format!("02:00:00:00:00:0{number}"), "ip_address": address,
        "is_authorized": true,
    })
}

fn entry(id: &str, address: &str, comment: &str) -> Value {
    json!({ ".id": id, "list": "blocked", "address": address, "comment": comment,
            "dynamic": "false", "disabled": "false" })
}

fn plain_case() -> Value {
    oracle::cases().swap_remove(0)
}

/// The site of an oracle case, or of one of the same form.
struct Site {
    database: postgres::Database,
    router: Router,
    case: Value,
}

impl Site {
    fn of(case: &Value) -> Site {
        let database = postgres::database_with_schema();
        database.insert(case);
        Site {
            database,
            router: Router::of(case),
            case: case.clone(),
        }
    }

    fn cleanup(&self, args: &[&str]) -> Output {
        cleanup(&self.database, &self.router, &self.case, args)
    }
}

/// `tikbook --json run cleanup` on the site of an oracle case.
fn cleanup(database: &postgres::Database, router: &Router, case: &Value, args: &[&str]) -> Output {
    let tikbook = tikbook(database, router, case);
    tikbook.args(["--json", "run", "cleanup"]).args(args).run()
}

/// `tikbook` on the site of an oracle case.
fn tikbook(database: &postgres::Database, router: &Router, case: &Value) -> Tikbook {
    let tikbook = Tikbook::new().env("DATABASE_URL", database.url());
    let mut tikbook = router.tikbook(tikbook);
    for (name, value) in case["env"].as_object().into_iter().flatten() {
        tikbook = tikbook.env(name, value.as_str().unwrap_or_default());
    }
    tikbook
}

/// Runs the cleanup on all cases, several at once, and compares the router's rows with the answers.
fn check_all(mode: &str, args: &[&str]) {
    let failures = oracle::on_all(|case, database| {
        let is_answered = case["expected"]["rc"] == 0;
        is_answered.then(|| difference(case, database, mode, args))?
    });
    assert!(failures.is_empty(), "{mode}\n{}", failures.join("\n"));
}

/// The case with the names of the status lists said that the portal's script takes where none is.
fn with_names(case: &Value) -> Value {
    let mut case = case.clone();
    for kind in ["active", "fup", "habis", "expired", "inactive"] {
        let setting = format!("MIKROTIK_ADDRESS_LIST_{}", kind.to_uppercase());
        let name = &mut case["env"][setting];
        if name.is_null() {
            *name = json!(format!("klient_{kind}"));
        }
    }
    case
}

fn difference(
    case: &Value,
    database: &postgres::Database,
    mode: &str,
    args: &[&str],
) -> Option<String> {
    let case = with_names(case);
    let router = Router::of(&case);
    let before = router.simulator.state();
    let flags = [
        "--rules",
        "portal",
        "--apply",
        "--yes",
        "--max-changes",
        "100000",
    ];
    let state = TempDir::with_prefix("tikbook-state-").unwrap();
    let tikbook = |args: &[&[&str]]| {
        let tikbook = tikbook(database, &router, &case).env("XDG_STATE_HOME", state.path());
        tikbook.args(args.concat()).run()
    };
    let output = tikbook(&[&["--json", "run", "cleanup"], &flags[..], args]);
    let report = output.stdout_json();
    let ids = |menu: &str| -> BTreeSet<String> { router.ids(menu).into_iter().collect() };
    let all: BTreeSet<String> = before
        .rows(LIST)
        .iter()
        .filter_map(|row| Some(row.id()?.to_string()))
        .collect();
    let is_in_doubt = output.stdout.contains("\"default-list-name\"");
    let answer = case["expected"][mode]["removed"].as_array();
    let removed: BTreeSet<String> = answer
        .filter(|_| !is_in_doubt)
        .into_iter()
        .flatten()
        .filter_map(|id| Some(id.as_str()?.to_owned()))
        .collect();
    // What the portal's script would have removed in addition stands in the report.
    let protected: BTreeSet<String> = report["cleanup"]["left"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|row| Some(row["id"].as_str()?.to_owned()))
        .collect();
    let expected: BTreeSet<String> = all
        .difference(&removed)
        .cloned()
        .chain(protected.intersection(&removed).cloned())
        .collect();
    let bindings = before.rows(BINDINGS) == router.simulator.rows(BINDINGS);
    let stale_protected = mode == "apply_stale" && !protected.is_empty();
    let (number, theme) = (&case["case"], &case["theme"]);
    let left = ids(LIST);
    if left != expected || !bindings || stale_protected {
        let what = format!("left {left:?}, expected {expected:?}, protected {protected:?}");
        return Some(format!("case {number} ({theme}): {what}\n{output}"));
    }
    if report["changes"]["applied"] == 0 {
        return None;
    }
    let undone = tikbook(&[&["undo", "last"], &flags[2..]]);
    let (before, now) = (
        by_key(before.rows(LIST)),
        by_key(&router.simulator.rows(LIST)),
    );
    // No router lets a second row in with the list and address of another, as some cases have them.
    let mut single = before.iter().filter(|(_, rows)| rows.len() == 1);
    let has_doubles = before.values().any(|rows| rows.len() > 1);
    let is_back = single.all(|(key, rows)| now.get(key) == Some(rows));
    (!(undone.status.success() || has_doubles) || !is_back)
        .then(|| format!("case {number} ({theme}): not as before\n{output}\n{undone}"))
}

/// A row by its list and address.
type ByKey = BTreeMap<[Vec<u8>; 2], Vec<Vec<Option<Vec<u8>>>>>;

/// What people write of each row, by what it is known by; of a time only that there is one.
fn by_key(rows: &[Row]) -> ByKey {
    let mut by_key = ByKey::new();
    for row in rows {
        let value = |name: &str| row.get(name).map(<[u8]>::to_vec);
        let address = value("address").unwrap_or_default();
        let address = canonical(&Kind::Network, &address).into_owned();
        let mut fields = ["comment", "disabled"].map(value).to_vec();
        fields.push(row.get("timeout").map(|_| Vec::new()));
        let key = [value("list").unwrap_or_default(), address];
        by_key.entry(key).or_default().push(fields);
    }
    by_key
}
