//! The runbook `audit` against what the portal's own audit answered (`tests/oracle`).

use std::fmt::Write;

use routeros_sim::{Faults, Id, Options, Simulator, State};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use crate::support::tikbook::{Output, Tikbook};
use crate::support::{portal, postgres};

const USER: &str = "audit";
const PASSWORD: &str = "s3cret";

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

/// Runs all cases; `compare` names the differences of one.
fn check_all(what: &str, args: &[&str], compare: impl Fn(&Value, &Value) -> Vec<String>) {
    let cases = portal::oracle_cases();
    assert!(
        cases.len() >= 30,
        "only {} oracle cases were found",
        cases.len()
    );
    let mut failures = String::new();
    for case in &cases {
        let output = audit(case, args);
        let wanted = if case["expected"]["rc"] == 0 { 0 } else { 4 };
        let mut found = compare(case, &output.stdout_json());
        if output.status.code() != Some(wanted) {
            found.push(format!(
                "exit {:?}, not {wanted}\n{}",
                output.status.code(),
                output.stderr
            ));
        }
        if !found.is_empty() {
            let (number, theme) = (&case["case"], &case["theme"]);
            writeln!(
                failures,
                "case {number} ({theme}):\n  {}",
                found.join("\n  ")
            )
            .expect("a string takes everything");
        }
    }
    assert!(
        failures.is_empty(),
        "{what} differs from the portal's\n{failures}"
    );
}

/// `tikbook --json run audit` on the site of an oracle case.
fn audit(case: &Value, args: &[&str]) -> Output {
    let database = postgres::database_with_schema();
    database.insert(case);
    let router = Router::of(case);
    let port = router.simulator.address().port().to_string();
    let mut tikbook = Tikbook::new()
        .args(["--json", "run", "audit", "--limit", "1000000"])
        .args(args)
        .env("DATABASE_URL", database.url())
        .env("MIKROTIK_HOST", "127.0.0.1")
        .env("MIKROTIK_PORT", port)
        .env("MIKROTIK_USERNAME", USER)
        .env("MIKROTIK_PASSWORD", PASSWORD);
    for (name, value) in case["env"].as_object().into_iter().flatten() {
        tikbook = tikbook.env(name, value.as_str().unwrap_or_default());
    }
    let output = tikbook.run();
    assert_eq!(
        router.simulator.received().writes(),
        0,
        "an audit writes nothing"
    );
    output
}

/// A simulated router with the runtime that serves it.
struct Router {
    simulator: Simulator,
    _runtime: Runtime,
}

impl Router {
    fn of(case: &Value) -> Router {
        let state = State::from_json(&case["router"].to_string()).expect("the case has a router");
        let given: Vec<&str> = case["router_options"]
            .as_array()
            .map(|options| options.iter().filter_map(Value::as_str).collect())
            .unwrap_or_default();
        let options = Options {
            user: USER.to_owned(),
            password: PASSWORD.to_owned(),
            state,
            tag_last: given.contains(&"--tag-last"),
            empty_reply: Some(given.contains(&"--empty-reply")),
            faults: faults(&given),
            ..Options::default()
        };
        let runtime = Runtime::new().expect("a runtime can be built");
        let simulator = runtime
            .block_on(Simulator::start(options))
            .expect("a port of 127.0.0.1 is free");
        Router {
            simulator,
            _runtime: runtime,
        }
    }
}

fn faults(options: &[&str]) -> Faults {
    let refused = options.windows(2).filter(|pair| pair[0] == "--fail-remove");
    Faults {
        refuse_remove: refused
            .map(|pair| pair[1].parse::<Id>().expect("an id"))
            .collect(),
        ..Faults::default()
    }
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
