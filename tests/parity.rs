//! The runbook parity: what it says the next usage sync does, against what the portal's own sync did
//! on the made-up sites of `sync-oracle/`; reports where a service is missing.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::Value as Json;

use crate::support::router::Router;
use crate::support::simulated::{Site, reports, site};
use crate::support::tikbook::Tikbook;
use crate::support::{redis, sqlite};
use crate::sync_oracle::{COLUMNS, MENUS, cases};

/// Every change as a kind and what it is, as often as it happens.
type Changes = BTreeMap<(String, String), usize>;

#[test]
#[expect(clippy::print_stdout, reason = "recall and precision are for reading")]
fn the_report_says_every_change_that_the_portals_own_sync_made_and_no_other() {
    let cases = cases(Path::new(env!("CARGO_MANIFEST_DIR")));
    let sites: Vec<Site> = cases
        .iter()
        .map(|case| site(case["case"].as_str().unwrap(), case))
        .collect();
    let said = reports(&sites, ("parity", None), "#{}");
    let mut kinds: BTreeMap<String, [usize; 3]> = BTreeMap::new();
    let mut wrong = Vec::new();
    for (case, (name, _)) in cases.iter().zip(&sites) {
        let (next, real) = (&said[name]["next_sync"], &case["expected"]["sync"]);
        assert_eq!(next["assumes"], "runs_now", "{name}");
        assert_eq!(
            next["looked_at"], real["looked_at"],
            "{name}: in this order"
        );
        let said = said_changes(next);
        let real = real_changes(real);
        for key in said.keys().chain(real.keys()).collect::<BTreeSet<_>>() {
            let said = said.get(key).copied().unwrap_or(0);
            let real = real.get(key).copied().unwrap_or(0);
            let counts = kinds.entry(key.0.clone()).or_default();
            counts[0] += real;
            counts[1] += said;
            counts[2] += said.min(real);
            if said != real {
                wrong.push(format!("{name} {key:?}: said {said}, real {real}"));
            }
        }
    }
    for (kind, [real, said, both]) in &kinds {
        let share = |of: usize| 100.0 * *both as f64 / of.max(1) as f64;
        println!(
            "{kind:32} {real:5} real, recall {:6.2} %, precision {:6.2} %",
            share(*real),
            share(*said)
        );
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(kinds.len() > 10, "changes of many kinds: {kinds:?}");
}

#[test]
fn each_menu_of_the_router_is_read_once_for_the_report_and_the_next_sync() {
    let database = sqlite::database_with_schema();
    let redis = redis::Server::start();
    for runbook in [&["run", "parity"][..], &["explain", "081200000001"]] {
        let router = Router::with("{}");
        let mut tikbook = router.tikbook(Tikbook::new());
        // Where a list is not named, lists of other names are looked for in the same menu.
        let lists = "ACTIVE FUP HABIS EXPIRED INACTIVE BLOCKED UNAUTHORIZED";
        for list in lists.split(' ') {
            let name = format!("MIKROTIK_ADDRESS_LIST_{list}");
            tikbook = tikbook.env(&name, list.to_lowercase());
        }
        database.execute("DELETE FROM users");
        database.execute(
            "INSERT INTO users (id, phone_number, full_name, is_active, approval_status) VALUES \
             ('00000000-0000-4000-8000-000000000001', '+6281200000001', 'Siti', true, 'APPROVED')",
        );
        let output = tikbook
            .env("DATABASE_URL", database.url())
            .env("REDIS_URL", redis.url(0))
            .args(["--json"])
            .args(runbook)
            .run();
        assert!(!output.stdout_json()["next_sync"].is_null(), "{output}");
        for menu in [
            "/ip/firewall/address-list",
            "/ip/hotspot/ip-binding",
            "/ip/hotspot/host",
            "/ip/dhcp-server/lease",
            "/ip/arp",
        ] {
            let reads = router.simulator.received().of(menu, "print");
            assert_eq!(reads, 1, "{runbook:?} {menu}: {output}");
        }
    }
}

#[test]
fn what_cannot_be_reached_keeps_the_sync_from_running() {
    let database = sqlite::database_with_schema();
    let mut redis = redis::Server::start();
    let router = Router::with("{}");
    let parity = |tikbook: Tikbook, redis: &redis::Server| {
        let tikbook = router.tikbook(tikbook);
        let tikbook = tikbook.env("DATABASE_URL", database.url());
        let tikbook = tikbook.env("REDIS_URL", redis.url(0));
        tikbook.args(["--json", "run", "parity"])
    };
    let nothing = serde_json::json!({ "removed": [], "added": [], "changed": {} });
    let away = parity(Tikbook::new(), &redis).env("MIKROTIK_PORT", "1");
    let next = &away.run().code(4).stdout_json()["next_sync"];
    assert_eq!(next["would_run"], false, "{next}");
    assert_eq!(next["why_not"], serde_json::json!(["router_unreachable"]));
    assert_eq!(next["address_list"], nothing);

    let told = parity(Tikbook::new(), &redis).run().code(0).stdout_json();
    assert_eq!(told["next_sync"]["would_run"], true, "{told}");
    redis.kill();
    let told = parity(Tikbook::new(), &redis).run().code(4).stdout_json();
    assert_eq!(
        told["next_sync"]["why_not"],
        serde_json::json!(["redis_unreachable"]),
        "{told}"
    );
}

/// One rule for all runbooks that tell about people: a service of the site that does not answer fails the run, though
/// what was read is told; one that nobody configured does not.
#[test]
fn a_service_that_cannot_be_reached_fails_every_runbook_about_people_in_one_way() {
    let database = sqlite::database_with_schema();
    database.execute(
        "INSERT INTO users (id, phone_number, full_name, is_active, approval_status) VALUES \
         ('00000000-0000-4000-8000-000000000001', '+6281200000001', 'Siti', true, 'APPROVED')",
    );
    let mut redis = redis::Server::start();
    let router = Router::with("{}");
    let runbooks: [&[&str]; 4] = [
        &["run", "audit"],
        &["run", "parity"],
        &["explain", "081200000001"],
        &["run", "verify-debt", "--user", "081200000001"],
    ];
    let run = |runbook: &[&str], changes: &[(&str, &str)]| {
        let tikbook = router.tikbook(Tikbook::new());
        let mut tikbook = tikbook.env("DATABASE_URL", database.url());
        for (name, value) in changes {
            tikbook = tikbook.env(name, *value);
        }
        tikbook.args(["--json"]).args(runbook).run()
    };
    let url = redis.url(0);
    let with_redis = ("REDIS_URL", url.as_str());
    for runbook in runbooks {
        run(runbook, &[]).code(0);
        run(runbook, &[with_redis]).code(0);
        let away = run(runbook, &[with_redis, ("MIKROTIK_PORT", "1")]).code(4);
        let told = away.stdout_json();
        assert_eq!(told["summary"]["verdict"], "failed", "{runbook:?}: {told}");
        // A sync that cannot reach the router changes nothing, and of a later one nothing is told.
        let next = &told["next_sync"];
        assert!(
            next.is_null() || *next == "unknown" || next["would_run"] == false,
            "{runbook:?}: {next}"
        );
        let verdicts = told["users"].as_array().into_iter().flatten();
        for user in verdicts {
            assert_eq!(user["verdict"], "unknown", "{runbook:?}");
        }
    }
    redis.kill();
    for runbook in runbooks {
        let away = run(runbook, &[with_redis]).code(4);
        let told = away.stdout_json();
        assert_eq!(told["summary"]["verdict"], "failed", "{runbook:?}: {told}");
        assert!(!away.stdout.contains("Nothing is wrong"), "{runbook:?}");
    }
}

fn said_changes(next: &Json) -> Changes {
    let mut changes = Changes::new();
    for (id, columns) in object(&next["users"]) {
        for (column, change) in object(columns) {
            note(
                &mut changes,
                format!("users {column}"),
                format!("{id} {}", shown(&change[1])),
            );
        }
    }
    for (menu, fields) in MENUS {
        // As keys of the report are written.
        let next = &next[menu.replace('-', "_")];
        assert_eq!(object(next).count(), 3, "{menu} is whole: {next}");
        menu_changes(&mut changes, menu, next, fields);
    }
    changes
}

fn real_changes(real: &Json) -> Changes {
    let mut changes = Changes::new();
    for (id, columns) in object(&real["users"]) {
        for column in COLUMNS {
            let whole = &columns[&format!("{column}_full")];
            let change = if whole.is_null() {
                &columns[column]
            } else {
                whole
            };
            if change.is_array() {
                note(
                    &mut changes,
                    format!("users {column}"),
                    format!("{id} {}", shown(&change[1])),
                );
            }
        }
    }
    for (menu, fields) in MENUS {
        menu_changes(&mut changes, menu, &real["router"][menu], fields);
    }
    changes
}

fn menu_changes(changes: &mut Changes, menu: &str, difference: &Json, fields: &str) {
    let fields: Vec<&str> = fields.split(' ').collect();
    for id in difference["removed"].as_array().into_iter().flatten() {
        note(changes, format!("{menu} removed"), shown(id));
    }
    for row in difference["added"].as_array().into_iter().flatten() {
        let fields = fields
            .iter()
            .map(|field| match (shown(&row[field]), *field) {
                (text, "disabled") if text.is_empty() => "false".to_owned(),
                (text, _) => text,
            });
        let row: Vec<String> = fields.collect();
        note(changes, format!("{menu} added"), row.join(" "));
    }
    for (id, changed) in object(&difference["changed"]) {
        for (field, change) in object(changed).filter(|(field, _)| fields.contains(&field.as_str()))
        {
            let what = format!("{id} {field} {}", shown(&change[1]));
            note(changes, format!("{menu} changed"), what);
        }
    }
}

fn note(changes: &mut Changes, kind: String, what: String) {
    *changes.entry((kind, what)).or_default() += 1;
}

/// A value as text; the database keeps two decimals.
fn shown(value: &Json) -> String {
    match value {
        Json::Null => String::new(),
        Json::String(text) => text.clone(),
        Json::Number(number) => format!("{:.2}", number.as_f64().unwrap()),
        other => other.to_string(),
    }
}

fn object(value: &Json) -> impl Iterator<Item = (&String, &Json)> {
    value.as_object().into_iter().flatten()
}
