//! The runbook `audit` against what the portal's own audit answered (`tests/oracle`).

use std::collections::BTreeSet;

use routeros_sim::Faults;
use serde_json::{Value, json};

use crate::support::router::Router;
use crate::support::tikbook::{Output, Tikbook};
use crate::support::{mariadb, oracle, postgres, sqlite};

#[test]
fn the_audit_reports_what_the_portals_own_audit_reports() {
    check_all("report", &[], |case, report| {
        differences("", &case["expected"]["report"], report)
    });
}

#[test]
fn with_orphans_it_reports_the_orphaned_rows_too() {
    check_all("orphans", &["--orphans"], |case, report| {
        let expected = &case["expected"]["orphans"];
        if expected.as_object().is_none_or(serde_json::Map::is_empty) {
            return Vec::new();
        }
        let wanted = json!({
            "counts": { "orphaned_lists_detected": expected["orphaned_lists_detected"] },
            "anomalies": { "orphaned_lists": expected["orphaned_lists"] },
        });
        let mut found = differences("", &wanted, report);
        let mut rest = case["expected"]["report"].clone();
        rest["anomalies"]["orphaned_lists"] = expected["orphaned_lists"].clone();
        found.extend(differences("", &rest, report));
        found
    });
}

#[test]
fn every_database_gives_the_same_report() {
    // Not "dupes": which of two users with one number comes later is the database's choice.
    const THEMES: [&str; 5] = ["debt", "limit", "phones", "settings", "unicode"];
    let mut seen = Vec::new();
    for case in oracle::cases() {
        let theme = case["theme"].as_str().unwrap().to_owned();
        if !THEMES.contains(&theme.as_str()) || seen.contains(&theme) {
            continue;
        }
        seen.push(theme);
        let mariadb = mariadb::database_with_schema();
        mariadb.insert(&case);
        let sqlite = sqlite::database_with_schema();
        sqlite.insert(&case);
        for url in [mariadb.url(), sqlite.url()] {
            let report = audit_on(&url, &case, &[]).code(0).stdout_json();
            let found = differences("", &case["expected"]["report"], &report);
            assert!(
                found.is_empty(),
                "case {} on {url}\n{}",
                case["case"],
                found.join("\n")
            );
        }
    }
    assert_eq!(seen.len(), THEMES.len(), "{seen:?}");
}

#[test]
fn a_router_that_dies_among_the_rows_is_no_clean_report() {
    let faults = Faults {
        drop_after_rows: Some(5),
        ..Faults::default()
    };
    assert_router_is_unavailable(faults);
}

#[test]
fn a_router_that_stalls_among_the_rows_is_no_clean_report() {
    let faults = Faults {
        stall_after_rows: Some(5),
        ..Faults::default()
    };
    assert_router_is_unavailable(faults);
}

#[test]
fn a_database_that_cannot_be_read_leaves_nothing_to_report() {
    let case = &oracle::cases()[0];
    let database = postgres::database();
    let output = audit_on(&database.url(), case, &[]).code(1);
    assert!(output.stderr.contains("application_settings"), "{output}");
    let nowhere = "postgresql://tikbook:x@127.0.0.1:1/portal";
    let output = audit_on(nowhere, case, &[]).code(4);
    assert!(output.stderr.contains("127.0.0.1:1"), "{output}");
    assert_eq!(output.stdout_json()["mikrotik"], Value::Null);
}

#[test]
fn a_row_is_one_finding_with_an_id_that_stays() {
    let case = &oracle::cases()[0];
    let ids = || -> Vec<String> {
        let report = audit(case, &["--orphans"]).code(0).stdout_json();
        let findings = report["findings"].as_array().unwrap();
        findings
            .iter()
            .map(|finding| finding["id"].as_str().unwrap().to_owned())
            .collect()
    };
    let first = ids();
    assert!(
        first.iter().any(|id| id.starts_with("stale-blocked:10.")),
        "{first:?}"
    );
    let unique: BTreeSet<_> = first.iter().collect();
    assert_eq!(unique.len(), first.len(), "{first:?}");
    assert_eq!(ids(), first);
}

#[test]
fn the_limit_shortens_the_portals_list_and_not_the_findings() {
    let case = &oracle::cases()[0];
    let report = |limit| audit(case, &["--limit", limit]).code(0).stdout_json();
    let (all, two) = (report("1000"), report("2"));
    assert_eq!(
        two["anomalies"]["stale_blocked"].as_array().unwrap().len(),
        2
    );
    assert_eq!(two["counts"], all["counts"]);
    assert_eq!(two["findings"], all["findings"]);
}

#[test]
fn numbers_no_machine_holds_do_not_stop_the_audit() {
    let case = &oracle::cases()[0];
    let database = postgres::database_with_schema();
    database.insert(case);
    database.execute(
        "UPDATE users SET total_quota_used_mb = 'NaN' WHERE id = (SELECT min(id::text)::uuid FROM users);
         UPDATE users SET role = 'KING' WHERE id = (SELECT max(id::text)::uuid FROM users);
         INSERT INTO application_settings (setting_key, setting_value) VALUES
             ('QUOTA_DEBT_LIMIT_MB', '99999999999999999999'),
             ('MAX_DEVICES_PER_USER', '99999999999999999999')
         ON CONFLICT (setting_key) DO UPDATE SET setting_value = excluded.setting_value",
    );
    let report = audit_on(&database.url(), case, &[]).code(0).stdout_json();
    let stale = &report["anomalies"]["stale_blocked"][0];
    assert_eq!(stale["debt_limit_mb"].to_string(), "99999999999999999999");
    let findings = report["findings"].as_array().unwrap();
    let unusable = findings
        .iter()
        .filter(|finding| finding["kind"] == "unusable-user");
    let problems: BTreeSet<_> = unusable
        .map(|finding| finding["evidence"]["problem"].to_string())
        .collect();
    let expected = [
        "\"role `KING` is unknown\"",
        "\"total_quota_used_mb `NaN` is not a number\"",
    ];
    assert_eq!(problems, expected.map(str::to_owned).into());
}

fn assert_router_is_unavailable(faults: Faults) {
    let case = &oracle::cases()[0];
    let database = postgres::database_with_schema();
    database.insert(case);
    let router = Router::of(case);
    router.simulator.set_faults(faults);
    let output = run(&database.url(), case, &router, &["--timeout", "6s"]).code(4);
    let report = output.stdout_json();
    assert_eq!(report["mikrotik"], json!({ "available": false }));
    assert_eq!(report["counts"], json!({}));
    assert_eq!(
        report["users_loaded"],
        case["expected"]["report"]["users_loaded"]
    );
    assert!(report["error"].is_object(), "{output}");
    assert!(output.stderr.contains("router"), "{output}");
}

/// Runs all cases, several at once; `compare` names the differences of one.
fn check_all(what: &str, args: &[&str], compare: impl Fn(&Value, &Value) -> Vec<String> + Sync) {
    let failures = oracle::on_all(|case, database| failure(case, &database.url(), args, &compare));
    assert!(
        failures.is_empty(),
        "{what} differs from the portal's\n{}",
        failures.join("\n")
    );
}

fn failure(
    case: &Value,
    database: &str,
    args: &[&str],
    compare: impl Fn(&Value, &Value) -> Vec<String>,
) -> Option<String> {
    let output = audit_on(database, case, args);
    let wanted = if case["expected"]["rc"] == 0 { 0 } else { 4 };
    let mut found = compare(case, &output.stdout_json());
    if output.status.code() != Some(wanted) {
        found.push(format!(
            "exit {:?}, not {wanted}\n{}",
            output.status.code(),
            output.stderr
        ));
    }
    let (number, theme) = (&case["case"], &case["theme"]);
    (!found.is_empty()).then(|| format!("case {number} ({theme}):\n  {}", found.join("\n  ")))
}

/// Nobody is on the list `blocked`, for the portal's is `klient_blocked`: once this was an audit
/// without a finding.
#[test]
fn a_list_by_another_name_is_no_clean_audit() {
    let case = json!({ "router": { "/ip/firewall/address-list": [
        { "list": "klient_blocked", "address": "10.0.0.1",
          "comment": "lpsaring|status=blocked|user=081200000001" },
    ] } });
    let database = postgres::database_with_schema();
    let output = audit_on(&database.url(), &case, &["--fail-on-findings"]).code(3);
    let report = output.stdout_json();
    let finding = &report["findings"][0];
    assert_eq!(
        finding["id"],
        "default-list-name:MIKROTIK_ADDRESS_LIST_BLOCKED"
    );
    assert_eq!(finding["severity"], "critical");
    assert_eq!(finding["evidence"]["found"], json!(["klient_blocked"]));

    let mut named = case;
    named["env"] = json!({ "MIKROTIK_ADDRESS_LIST_BLOCKED": "klient_blocked" });
    let output = audit_on(&database.url(), &named, &[]).code(0);
    assert!(!output.stdout.contains("default-list-name"), "{output}");
    assert_eq!(
        output.stdout_json()["counts"]["address_list_blocked_total"],
        1
    );
}

/// `tikbook --json run audit` on the site of an oracle case.
fn audit(case: &Value, args: &[&str]) -> Output {
    let database = postgres::database_with_schema();
    database.insert(case);
    audit_on(&database.url(), case, args)
}

/// The same with another database.
fn audit_on(database: &str, case: &Value, args: &[&str]) -> Output {
    let router = Router::of(case);
    let output = run(database, case, &router, args);
    assert_eq!(
        router.simulator.received().writes(),
        0,
        "an audit writes nothing"
    );
    output
}

fn run(database: &str, case: &Value, router: &Router, args: &[&str]) -> Output {
    let mut tikbook = router
        .tikbook(Tikbook::new())
        .args(["--json", "run", "audit"])
        .env("DATABASE_URL", database);
    if !args.contains(&"--limit") {
        tikbook = tikbook.args(["--limit", "1000000"]);
    }
    for (name, value) in case["env"].as_object().into_iter().flatten() {
        tikbook = tikbook.env(name, value.as_str().unwrap_or_default());
    }
    tikbook.args(args).run()
}

/// Where `found` differs from `wanted`, key by key; keys that only `found` has are welcome.
fn differences(path: &str, wanted: &Value, found: &Value) -> Vec<String> {
    match (wanted, found) {
        (Value::Object(wanted), Value::Object(found))
            if path.ends_with("type_counts") && wanted.len() != found.len() =>
        {
            vec![format!("{path}: {found:?} instead of {wanted:?}")]
        }
        (Value::Object(wanted), Value::Object(found)) => wanted
            .iter()
            .flat_map(|(key, value)| {
                let found = found.get(key).unwrap_or(&Value::Null);
                differences(&format!("{path}.{key}"), value, found)
            })
            .collect(),
        (Value::Array(wanted), Value::Array(found)) if wanted.len() == found.len() => wanted
            .iter()
            .zip(found)
            .enumerate()
            .flat_map(|(place, (wanted, found))| {
                differences(&format!("{path}[{place}]"), wanted, found)
            })
            .collect(),
        _ if same(wanted, found) => Vec::new(),
        _ => vec![format!(
            "{path}: {} instead of {}",
            short(found),
            short(wanted)
        )],
    }
}

/// Numbers are compared as numbers: `1.0` is `1`.
fn same(wanted: &Value, found: &Value) -> bool {
    let exact = |value: &Value| {
        let number = value.as_number()?.to_string();
        number.parse::<bigdecimal::BigDecimal>().ok()
    };
    match (exact(wanted), exact(found)) {
        (Some(wanted), Some(found)) => wanted == found,
        _ => wanted == found,
    }
}

fn short(value: &Value) -> String {
    match value {
        Value::Array(items) => {
            let ids: Vec<String> = items.iter().map(|item| item["id"].to_string()).collect();
            format!("{} items {}", items.len(), ids.join(" "))
        }
        other => other.to_string().chars().take(300).collect(),
    }
}
