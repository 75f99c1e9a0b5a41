//! One site, one answer: whatever runbook shows a user, a device, a row of a list or a binding, it says the same of
//! it. The model of access is asked as well, so that what all say is what `portal::access` tells.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::{Map, Value as Json, json};

use crate::incidents::{array, in_trouble};
use crate::nasty;
use crate::support::simulated::{Site, reports, said, site, told};
use crate::support::{Harness, harness, oracle};
use crate::sync_oracle::cases;

/// The model as it is: each row, device and user of `portal::access`.
const MODEL: &str = "//! The model of access.\n\
    const RUNBOOK = #{ reads: [\"db\", \"mikrotik\", \"redis\"] };\n\
    fn run(args) {\n\
        let told = portal::access();\n\
        #{ rows: told.rows.map(|row| row.to_map()), devices: told.devices.map(|device| device.to_map()),\n\
           users: told.users.map(|user| user.to_map()), counts: told.counts, next: told.next_sync }\n\
    }\n";

/// What a verdict about a user or a device is made of.
const ANSWER: [&str; 6] = [
    "effect",
    "is_right",
    "cause",
    "other_causes",
    "changed_by",
    "when",
];

/// The reports about one site.
struct Told<'a> {
    model: &'a Json,
    audit: &'a Json,
    cleanup: &'a Json,
    parity: &'a Json,
    debts: &'a Json,
    /// By the user's id.
    explained: BTreeMap<&'a str, &'a Json>,
    repaired: BTreeMap<&'a str, &'a Json>,
    /// Devices of nobody, by their MAC.
    strange: BTreeMap<&'a str, &'a Json>,
}

/// What was compared, and where two runbooks differ.
#[derive(Default)]
struct Comparison {
    compared: BTreeMap<&'static str, usize>,
    differ: Vec<String>,
}

impl Comparison {
    fn same(&mut self, what: &'static str, whom: &str, one: &Json, other: &Json) {
        *self.compared.entry(what).or_default() += 1;
        if one != other {
            self.differ
                .push(format!("{what}: {whom}\n  {one}\n  {other}"));
        }
    }

    fn holds(&mut self, what: &'static str, whom: &str, holds: bool) {
        self.same(what, whom, &json!(true), &json!(holds));
    }
}

#[test]
#[expect(
    clippy::print_stdout,
    reason = "the number of comparisons is for reading"
)]
fn no_two_runbooks_have_two_verdicts_about_one_user_device_row_or_binding() {
    let sites = sites();
    let all = "#{ orphans: true, limit: 100000 }";
    let model = reports(&sites, ("model", Some(MODEL)), "#{}");
    let audit = reports(&sites, ("audit", None), all);
    let cleanup = reports(&sites, ("cleanup", None), all);
    let parity = reports(&sites, ("parity", None), "#{ limit: 100000 }");
    let debts = reports(&sites, ("verify-debt", None), "#{}");
    let ids = |fixture: &Json| -> Vec<String> {
        let users = array(&fixture["database"]["users"]);
        users.map(|user| text(&user["id"]).to_owned()).collect()
    };
    let calls = sites.iter().flat_map(|(name, fixture)| {
        let ids = ids(fixture).into_iter();
        ids.map(move |id| (name.as_str(), "explain", format!("#{{ who: \"{id}\" }}")))
    });
    let reports_of_users = told(&sites, calls.collect(), &[]);
    let calls = sites.iter().flat_map(|(name, fixture)| {
        let ids = ids(fixture).into_iter();
        ids.map(move |id| (name.as_str(), "repair", format!("#{{ who: \"{id}\" }}")))
    });
    // Without Redis, or while its user's row cannot be used, nothing is repaired.
    let repaired = told_or_failed(&sites, calls.collect());
    let strange = strange_devices(&sites, &model);
    let mut comparison = Comparison::default();
    for (name, fixture) in &sites {
        let ids = ids(fixture);
        let explained = ids.iter().enumerate();
        let explained =
            explained.map(|(number, id)| (id.as_str(), &reports_of_users[&(name.clone(), number)]));
        let told = Told {
            model: &model[name],
            audit: &audit[name],
            cleanup: &cleanup[name],
            parity: &parity[name],
            debts: &debts[name],
            explained: explained.collect(),
            repaired: ids
                .iter()
                .enumerate()
                .filter_map(|(number, id)| {
                    Some((id.as_str(), repaired.get(&(name.clone(), number))?))
                })
                .collect(),
            strange: strange[name]
                .iter()
                .map(|(mac, report)| (mac.as_str(), report))
                .collect(),
        };
        let before = comparison.differ.len();
        users(&told, &mut comparison);
        devices(&told, &mut comparison);
        of_strangers(&told, &mut comparison);
        found_by_audit(&told, &mut comparison);
        severities(&told, &mut comparison);
        rows(&told, &mut comparison);
        counts(&told, &mut comparison);
        for differs in &mut comparison.differ[before..] {
            differs.insert_str(0, &format!("{name}: "));
        }
    }
    let number: usize = comparison.compared.values().sum();
    println!(
        "{number} comparisons on {} sites: {:?}",
        sites.len(),
        comparison.compared
    );
    assert!(
        comparison.differ.is_empty(),
        "{}",
        comparison.differ.join("\n")
    );
    assert!(number > 500, "only {number}: {:?}", comparison.compared);
}

/// Each user, as the model, `explain`, `parity` and `verify-debt` tell.
fn users(told: &Told<'_>, comparison: &mut Comparison) {
    let wrong = by(&told.parity["users"], "id");
    let debts = by(&told.debts["users"], "user_id");
    for user in array(&told.model["users"]) {
        let id = text(&user["id"]);
        let Some(explained) = told.explained.get(id) else {
            continue;
        };
        let answer = answer(user);
        comparison.same(
            "users: model, explain",
            id,
            &answer,
            &self::answer(explained),
        );
        let is_online = &user["is_online"];
        comparison.same(
            "users online: model, explain",
            id,
            is_online,
            &explained["is_online"],
        );
        comparison.same(
            "users wanted: model, explain",
            id,
            &user["wanted"],
            &explained["wanted"],
        );
        let listed = wrong
            .get(id)
            .map_or(json!(true), |user| user["is_right"].clone());
        comparison.same(
            "users: model, list of parity",
            id,
            &user["is_right"],
            &listed,
        );
        if let Some(wrong) = wrong.get(id) {
            comparison.same("users: model, parity", id, &answer, &self::answer(wrong));
        }
        if let Some(debt) = debts.get(id) {
            comparison.same(
                "users: model, verify-debt",
                id,
                &answer,
                &self::answer(debt),
            );
            let expected = of_debt(&debt["verdict"], explained, told.model);
            comparison.holds(
                "words: verify-debt, explain",
                &format!("{id} {} {}", debt["verdict"], explained["verdict"]),
                expected,
            );
        }
        if let Some(repaired) = told.repaired.get(id) {
            comparison.same("users: model, repair", id, &answer, &self::answer(repaired));
        }
        let next = &told.parity["next_sync"];
        let columns = next["users"].get(id).cloned().unwrap_or_else(|| json!({}));
        let own = &explained["next_sync_changes"];
        if !next.is_null() {
            comparison.same("next sync: parity, explain", id, &columns, &own["users"]);
        }
    }
}

/// May `verify-debt` say this of a user of whom `explain` says that?
fn of_debt(verdict: &Json, explained: &Json, model: &Json) -> bool {
    let next = text(&explained["next_sync"]);
    let is_right = &explained["is_right"];
    match text(verdict) {
        "will_be_blocked" => next == "block",
        "will_be_unblocked" => next == "unblock",
        "not_synced" => next == "skip",
        "unknown" => {
            let is_untold = explained["cause"]["kind"] == "setting_missing";
            text(&explained["verdict"]) == "unknown" || next == "unknown" || is_untold
        }
        "not_enforced" | "bypassed_on_router" => next == "keep-blocked" && is_right == false,
        "blocked_on_router" => next == "keep-free" && has_block(explained, model),
        "blocked_for_other_reason" => next == "keep-blocked" && is_right == true,
        "consistent" if next == "keep-blocked" => is_right == true,
        "consistent" => next == "keep-free",
        _ => false,
    }
}

/// Does `explain` show, over a device of the user, one of these rows of the model that blocks?
fn has_block(explained: &Json, model: &Json) -> bool {
    let rows = array(&model["rows"]);
    let blocks = rows.filter(|row| row["kind"] == "blocked" && row["is_in_force"] == true);
    let blocks: BTreeSet<&str> = blocks.map(|row| text(&row["id"])).collect();
    let mut shown = array(&explained["devices"]).flat_map(|device| array(&device["lists"]));
    shown.any(|row| blocks.contains(text(&row[".id"])))
}

/// Each device of a user, as the model and `explain` tell.
fn devices(told: &Told<'_>, comparison: &mut Comparison) {
    for device in array(&told.model["devices"]) {
        let (mac, id) = (text(&device["mac"]), text(&device["user_id"]));
        let Some(explained) = told.explained.get(id) else {
            continue;
        };
        let Some(shown) = array(&explained["devices"]).find(|shown| shown["mac"] == device["mac"])
        else {
            comparison.holds(
                "devices: model, explain",
                &format!("{id} {mac} is not shown"),
                false,
            );
            continue;
        };
        comparison.same(
            "devices: model, explain",
            mac,
            &answer(device),
            &answer(shown),
        );
        let passage = &device["passage"];
        comparison.same(
            "devices pass: model, explain",
            mac,
            passage,
            &shown["passage"],
        );
        let over = array(&shown["lists"]).map(|row| text(&row[".id"]).to_owned());
        let over: BTreeSet<String> = over.collect();
        let rows: BTreeSet<String> = array(&device["rows"])
            .map(|id| text(id).to_owned())
            .collect();
        comparison.same(
            "rows over devices: model, explain",
            mac,
            &json!(rows),
            &json!(over),
        );
        let bindings = array(&shown["bindings"]).map(|row| row[".id"].clone());
        let bindings: BTreeSet<String> = bindings.map(|id| text(&id).to_owned()).collect();
        let own: BTreeSet<String> = array(&device["bindings"])
            .map(|id| text(id).to_owned())
            .collect();
        comparison.same(
            "bindings: model, explain",
            mac,
            &json!(own),
            &json!(bindings),
        );
    }
}

/// What audit finds about users, devices and bindings, and that it finds all.
fn found_by_audit(told: &Told<'_>, comparison: &mut Comparison) {
    let of_kinds = |kinds: &[&str]| -> BTreeMap<String, Json> {
        let findings = array(&told.audit["findings"]);
        let of_kinds = findings.filter(|finding| kinds.contains(&text(&finding["kind"])));
        of_kinds
            .map(|finding| (subject(finding).to_owned(), finding["evidence"].clone()))
            .collect()
    };
    let cut_off = of_kinds(&["cut-off", "cut-off-until-sync"]);
    for user in array(&told.model["users"]) {
        let is_cut_off = user["effect"] == "cut_off"
            && user["is_right"] == false
            && user["is_device_online"] == true
            && user["passage"] == "cut";
        let id = text(&user["id"]);
        let found = cut_off.get(id);
        comparison.same(
            "cut off: model, audit",
            id,
            &json!(is_cut_off),
            &json!(found.is_some()),
        );
        if let Some(found) = found {
            let shown = json!([found["changed_by"], found["cause"]]);
            let told = json!([user["changed_by"], user["cause_kind"]]);
            comparison.same("who changes it: model, audit", id, &told, &shown);
        }
    }
    // Of two users with one device each has what is found of him.
    let let_through = array(&told.audit["findings"]).filter(|finding| {
        ["let-through", "let-through-until-sync"].contains(&text(&finding["kind"]))
    });
    let let_through: BTreeMap<(&str, &str), &Json> = let_through
        .map(|finding| {
            let evidence = &finding["evidence"];
            let of_whom = (text(&evidence["mac"]), text(&evidence["user"]));
            (of_whom, evidence)
        })
        .collect();
    let orphans = of_kinds(&["orphan-binding"]);
    for device in array(&told.model["devices"]) {
        let mac = text(&device["mac"]);
        let passes = device["effect"] == "let_through" && device["is_right"] == false;
        let is_found = match text(&device["owner"]) {
            "user" | "nobody" => {
                let expected = passes && device["is_online"] == true;
                let found = let_through.get(&(mac, text(&device["phone"]))).copied();
                comparison.same(
                    "let through: model, audit",
                    mac,
                    &json!(expected),
                    &json!(found.is_some()),
                );
                found
            }
            "gone" => {
                comparison.same(
                    "orphan bindings: model, audit",
                    mac,
                    &json!(passes),
                    &json!(orphans.contains_key(mac)),
                );
                orphans.get(mac)
            }
            _ => None,
        };
        if let Some(found) = is_found {
            comparison.same(
                "who changes it: model, audit",
                mac,
                &device["changed_by"],
                &found["changed_by"],
            );
        }
    }
    for (id, finding) in of_kinds(&["missing-block"]) {
        if let Some(explained) = told.explained.get(id.as_str()) {
            let next = text(&explained["next_sync"]);
            // A user without a number is one whom the sync passes over.
            let is_passed_over = next == "skip" && finding["user"] == "";
            comparison.holds(
                "missing blocks: audit, explain",
                &format!("{id} {finding} {next}"),
                ["block", "keep-blocked"].contains(&next) || is_passed_over,
            );
        }
    }
}

/// Each row of a list, as the model, `audit` and `cleanup` tell.
fn rows(told: &Told<'_>, comparison: &mut Comparison) {
    let stale = |report: &Json| ids(&report["anomalies"]["stale_blocked"]);
    let orphaned = |report: &Json| ids(&report["anomalies"]["orphaned_lists"]);
    comparison.same(
        "stale rows: audit, cleanup",
        "",
        &json!(stale(told.audit)),
        &json!(stale(told.cleanup)),
    );
    comparison.same(
        "orphaned rows: audit, cleanup",
        "",
        &json!(orphaned(told.audit)),
        &json!(orphaned(told.cleanup)),
    );
    let cleanup = &told.cleanup["cleanup"];
    let set = |rows: &Json| {
        array(rows)
            .map(|id| text(id).to_owned())
            .collect::<BTreeSet<_>>()
    };
    let (removed, orphans) = (set(&cleanup["stale"]), set(&cleanup["orphaned"]));
    let left = ids(&cleanup["left"]);
    let found = |kind: &str| -> BTreeSet<String> {
        let findings = array(&told.audit["findings"]).filter(|finding| finding["kind"] == kind);
        findings
            .map(|finding| text(&finding["evidence"]["row"]).to_owned())
            .collect()
    };
    let (stale_found, orphans_found) = (found("stale-blocked"), found("orphaned-row"));
    let model = by(&told.model["rows"], "id");
    // While names of lists are in doubt nothing is cleaned, and both say so.
    let in_doubt = |report: &Json| {
        array(&report["findings"]).any(|finding| finding["kind"] == "default-list-name")
    };
    comparison.same(
        "names in doubt: audit, cleanup",
        "",
        &json!(in_doubt(told.audit)),
        &json!(in_doubt(told.cleanup)),
    );
    if in_doubt(told.cleanup) {
        comparison.holds(
            "names in doubt: cleanup",
            "it cleans",
            removed.is_empty() && orphans.is_empty(),
        );
        return;
    }
    for id in &removed {
        comparison.holds(
            "rows cleaned: cleanup, audit",
            &format!("{id} is no stale-blocked"),
            stale_found.contains(id),
        );
    }
    for id in &orphans {
        comparison.holds(
            "rows cleaned: cleanup, audit",
            &format!("{id} is no orphaned-row"),
            orphans_found.contains(id),
        );
    }
    for id in stale_found.iter().chain(&orphans_found) {
        let is_told = removed.contains(id) || orphans.contains(id) || left.contains(id);
        comparison.holds(
            "rows found: audit, cleanup",
            &format!("{id} is neither cleaned nor left"),
            is_told,
        );
    }
    for id in removed.iter().chain(&orphans) {
        let Some(row) = model.get(id.as_str()) else {
            continue;
        };
        comparison.holds(
            "rows cleaned: cleanup, model",
            &format!("{row} is right"),
            row["is_right"] != true,
        );
    }
    for finding in array(&told.audit["findings"]) {
        let is_of_row = ["row-at-free-address", "wide-row"].contains(&text(&finding["kind"]));
        if let Some(row) = model
            .get(text(&finding["evidence"]["row"]))
            .filter(|_| is_of_row)
        {
            comparison.same(
                "rows: audit, model",
                text(&row["id"]),
                &row["removed_by"],
                &finding["evidence"]["removed_by"],
            );
        }
    }
}

/// The counts that must be 0.
fn counts(told: &Told<'_>, comparison: &mut Comparison) {
    comparison.same(
        "counts: model, parity",
        "",
        &told.model["counts"],
        &told.parity["counts"],
    );
    comparison.same(
        "counts: model, audit",
        "",
        &told.model["counts"],
        &told.audit["parity_counts"],
    );
    comparison.same(
        "next sync: model, parity",
        "",
        &told.model["next"],
        &told.parity["next_sync"],
    );
    for (kind, count) in told.parity["counts"].as_object().into_iter().flatten() {
        let kind = kind.replace('_', "-");
        let findings = array(&told.parity["findings"]).filter(|finding| finding["kind"] == kind);
        comparison.same(
            "findings: parity, its counts",
            &kind,
            count,
            &json!(findings.count()),
        );
    }
}

/// Each device that is treated wrongly, as the model and `parity` tell; each of nobody, as `explain` does.
fn of_strangers(told: &Told<'_>, comparison: &mut Comparison) {
    let key = |device: &Json| {
        (
            text(&device["mac"]).to_owned(),
            text(&device["user_id"]).to_owned(),
        )
    };
    let listed: BTreeMap<(String, String), &Json> = array(&told.parity["devices"])
        .map(|device| (key(device), device))
        .collect();
    for device in array(&told.model["devices"]) {
        let mac = text(&device["mac"]);
        let found = listed.get(&key(device));
        comparison.same(
            "devices: model, list of parity",
            mac,
            &device["is_right"],
            &json!(found.is_none()),
        );
        if let Some(found) = found {
            comparison.same(
                "devices: model, parity",
                mac,
                &answer(device),
                &answer(found),
            );
        }
        if let Some(explained) = told.strange.get(mac) {
            let shown = array(&explained["devices"]).find(|shown| shown["mac"] == device["mac"]);
            let shown = shown.map_or(Json::Null, answer);
            comparison.same(
                "strange devices: model, explain",
                mac,
                &answer(device),
                &shown,
            );
        }
    }
}

/// What one runbook calls critical no other calls a warning: devices on the network without a right, people who are
/// cut off, and rows of lists that do it.
fn severities(told: &Told<'_>, comparison: &mut Comparison) {
    let severity_of = |report: &Json, kinds: &[&str], key: &str| -> BTreeMap<String, Json> {
        let findings = array(&report["findings"]);
        let findings = findings.filter(|finding| kinds.contains(&text(&finding["kind"])));
        findings
            .map(|finding| {
                let whom = match key {
                    "" => subject(finding).to_owned(),
                    key => text(&finding["evidence"][key]).to_owned(),
                };
                (whom, finding["severity"].clone())
            })
            .collect()
    };
    let mut both = |what, one: &BTreeMap<String, Json>, other: &BTreeMap<String, Json>| {
        for (whom, severity) in one {
            let other = other.get(whom).unwrap_or(&Json::Null);
            comparison.same(what, whom, severity, other);
        }
    };
    let cut_off = ["cut-off", "cut-off-until-sync"];
    let audit = severity_of(told.audit, &cut_off, "");
    both(
        "severity, cut off: audit, parity",
        &audit,
        &severity_of(told.parity, &cut_off, ""),
    );
    both(
        "severity, cut off: parity, audit",
        &severity_of(told.parity, &cut_off, ""),
        &audit,
    );
    let devices = ["device-cut-off"];
    both(
        "severity, devices: audit, parity",
        &severity_of(told.audit, &devices, ""),
        &severity_of(told.parity, &devices, ""),
    );
    let passing = ["let-through", "let-through-until-sync", "orphan-binding"];
    both(
        "severity, without right: parity, audit",
        &severity_of(told.parity, &["online-without-right"], "mac"),
        &severity_of(told.audit, &passing, "mac"),
    );
    let debts = severity_of(told.debts, &["blocked_on_router"], "");
    let debts = debts.into_iter().filter(|(id, _)| audit.contains_key(id));
    both(
        "severity, cut off: verify-debt, audit",
        &debts.collect(),
        &audit,
    );
    let rows = by(&told.model["rows"], "id");
    for kind in [
        "stale-blocked",
        "stale-admin",
        "stale-by-sync",
        "orphaned-row",
    ] {
        let findings = array(&told.audit["findings"]).filter(|finding| finding["kind"] == kind);
        for finding in findings {
            let evidence = &finding["evidence"];
            let Some(row) = rows.get(text(&evidence["row"])) else {
                continue;
            };
            let said = json!([evidence["effect"], evidence["changed_by"]]);
            let told = json!([row["effect"], row["changed_by"]]);
            comparison.same("rows: audit, model", text(&row["id"]), &said, &told);
            let is_idle = row["effect"] == "none" || row["is_in_force"] == false;
            let is_bad = finding["severity"] == "critical";
            comparison.holds("idle rows: audit", text(&row["id"]), !(is_idle && is_bad));
        }
    }
}

/// What `explain` reports about each device of nobody, by site and MAC.
fn strange_devices(
    sites: &[Site],
    model: &BTreeMap<String, Json>,
) -> BTreeMap<String, BTreeMap<String, Json>> {
    let macs = |name: &str| -> Vec<String> {
        let devices = array(&model[name]["devices"]);
        let strange = devices.filter(|device| device["owner"] != "user");
        strange
            .map(|device| text(&device["mac"]).to_owned())
            .collect()
    };
    let calls = sites.iter().flat_map(|(name, _)| {
        let macs = macs(name).into_iter();
        macs.map(move |mac| (name.as_str(), "explain", format!("#{{ who: \"{mac}\" }}")))
    });
    let reports = told(sites, calls.collect(), &[]);
    let of_site = |name: &str| {
        let macs = macs(name).into_iter().enumerate();
        let reports = macs.map(|(number, mac)| {
            let report = reports[&(name.to_owned(), number)].clone();
            (mac, report)
        });
        reports.collect()
    };
    sites
        .iter()
        .map(|(name, _)| (name.clone(), of_site(name)))
        .collect()
}

/// Reports of calls of which some may fail: those are left out.
fn told_or_failed(
    sites: &[Site],
    calls: Vec<(&str, &str, String)>,
) -> BTreeMap<(String, usize), Json> {
    let tried = calls.into_iter().map(|(site, runbook, arguments)| {
        let call = format!(
            "let report = (); try {{ report = site.runbook(\"{runbook}\", {arguments}).report; }} catch {{ }} report"
        );
        (site, call)
    });
    let mut reports = said(sites, tried.collect(), &[]);
    reports.retain(|_, report| !report.is_null());
    reports
}

fn answer(row: &Json) -> Json {
    let keys = ANSWER.iter();
    let answer: Map<String, Json> = keys
        .map(|key| ((*key).to_owned(), row[key].clone()))
        .collect();
    answer.into()
}

fn subject(finding: &Json) -> &str {
    let id = text(&finding["id"]);
    id.split_once(':').map_or("", |(_, subject)| subject)
}

fn ids(rows: &Json) -> BTreeSet<String> {
    array(rows).map(|row| text(&row["id"]).to_owned()).collect()
}

fn by<'json>(rows: &'json Json, key: &str) -> BTreeMap<&'json str, &'json Json> {
    array(rows).map(|row| (text(&row[key]), row)).collect()
}

fn text(value: &Json) -> &str {
    value.as_str().unwrap_or_default()
}

/// All sites of the oracles and those in trouble; in a short run a part of them.
fn sites() -> Vec<Site> {
    let every = match harness() {
        Harness::Short => 6,
        Harness::Full => 1,
    };
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let sync = cases(root).into_iter().step_by(every);
    let sync = sync.map(|case| site(text(&case["case"]), &case));
    let audit = oracle::cases().into_iter().step_by(every);
    let audit = audit.map(|case| (format!("audit_{}", case["case"]), fixture(&case)));
    let trouble = in_trouble()
        .into_iter()
        .map(|(name, case)| site(&name, &case));
    sync.chain(audit)
        .chain(trouble)
        .chain(nasty::sites())
        .collect()
}

/// A case of the audit's oracle as a fixture.
fn fixture(case: &Json) -> Json {
    let settings = case["settings"].as_object().into_iter().flatten();
    let settings = settings.map(|(name, setting)| {
        let plain = setting.get("plain").unwrap_or(&setting["value"]);
        (name.clone(), plain.clone())
    });
    let mut environment = case["env"].clone();
    if let Some(environment) = environment.as_object_mut() {
        environment.retain(|_, value| value.is_string());
    }
    json!({
        "now": "2026-05-31T04:00:00Z",
        "settings": settings.collect::<Map<_, _>>(),
        "environment": environment,
        "database": { "users": case["users"], "user_devices": case["devices"] },
        "router": case["router"],
    })
}
