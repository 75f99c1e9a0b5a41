//! The runbook repair: whoever was repaired is left alone by the sync that the model foretells.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::Value as Json;

use crate::incidents::array;
use crate::support::simulated::{Site, said, site};
use crate::support::tikbook::Tikbook;
use crate::support::{Harness, harness};
use crate::sync_oracle::cases;

/// Repairs one user, and tells what was made, what the router has then, and what would be made next. Nothing
/// is told of a user whom there is nothing to repair of.
fn repaired(user: &str) -> String {
    format!(
        r#"
        let who = #{{ who: "{user}" }};
        let bindings = site.rows("/ip/hotspot/ip-binding");
        if site.runbook("repair", who).changes.is_empty() {{
            ()
        }} else {{
            let done = site.apply("repair", who, 999);
            #{{
                statuses: done.changes.map(|change| change.status),
                is_at_rest: done.report.is_at_rest,
                bindings: bindings,
                bindings_after: site.rows("/ip/hotspot/ip-binding"),
                rows: site.rows("/ip/firewall/address-list"),
                repair: site.runbook("repair", who).report.repair,
                next: site.runbook("explain", who).report.next_sync_changes,
            }}
        }}"#
    )
}

#[test]
#[expect(
    clippy::print_stdout,
    reason = "the number of comparisons is for reading"
)]
fn the_next_sync_has_nothing_more_to_do_for_whoever_was_repaired() {
    let every = match harness() {
        Harness::Short => 5,
        Harness::Full => 1,
    };
    let cases = cases(Path::new(env!("CARGO_MANIFEST_DIR")));
    let cases = cases.iter().step_by(every);
    let sites: Vec<Site> = cases
        .map(|case| site(case["case"].as_str().unwrap(), case))
        .collect();
    let users = |fixture: &Json| -> Vec<String> {
        let users = || array(&fixture["database"]["users"]);
        // Two users with one number take each other's rows away in every run: they never come to rest.
        let number = |user: &Json| {
            let phone = user["phone_number"].as_str().unwrap_or_default();
            let digits: String = phone.chars().filter(char::is_ascii_digit).collect();
            let local = digits.strip_prefix("62").unwrap_or(&digits);
            local.trim_start_matches('0').to_owned()
        };
        let is_alone = |user: &&Json| {
            users()
                .filter(|other| number(other) == number(user))
                .count()
                == 1
        };
        users()
            .filter(is_alone)
            .map(|user| user["id"].as_str().unwrap().to_owned())
            .collect()
    };
    let calls = sites.iter().flat_map(|(name, fixture)| {
        let users = users(fixture).into_iter();
        users.map(move |id| (name.as_str(), repaired(&id)))
    });
    let told = said(&sites, calls.collect(), &[]);
    let (mut repairs, mut compared, mut left) = (0, 0, 0);
    let mut wrong = Vec::new();
    for ((site, number), told) in told.iter().filter(|(_, told)| !told.is_null()) {
        let mut hold = |holds: bool, what: &str| {
            compared += 1;
            if !holds {
                wrong.push(format!("{site} {number}: {what}: {told}"));
            }
        };
        repairs += 1;
        hold(
            array(&told["statuses"]).all(|status| status == "applied"),
            "all is made",
        );
        hold(told["is_at_rest"] == true, "it says so");
        let repair = &told["repair"];
        for menu in ["address_list", "ip_binding", "hotspot_user"] {
            hold(
                is_nothing(&repair["changes"][menu]),
                "nothing is to be repaired again",
            );
            let next = without_rewriting(&told["next"][menu], &told["rows"]);
            let rest = &repair["left"][menu];
            left += next.len();
            hold(
                next.is_subset(&touched(rest)),
                "the sync has no more than what is left to it",
            );
        }
        let after: BTreeMap<&str, &Json> = by_id(&told["bindings_after"]);
        for before in array(&told["bindings"]).filter(|row| !names(row).is_empty()) {
            let now = after.get(before[".id"].as_str().unwrap());
            let names_now = now.map(|row| names(row));
            hold(
                names_now == Some(names(before)),
                "a binding keeps its names",
            );
        }
    }
    println!("{repairs} repairs, {compared} comparisons, {left} changes left to the sync");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(repairs > 25 && compared > 300, "{repairs} {compared}");
}

fn is_nothing(changes: &Json) -> bool {
    touched(changes).is_empty()
}

/// The ids of what goes or changes, and what comes by list and address, or MAC.
fn touched(changes: &Json) -> BTreeSet<String> {
    let text = |value: &Json| value.as_str().unwrap_or_default().to_owned();
    let removed = array(&changes["removed"]).map(text);
    let changed = changes["changed"].as_object().into_iter().flatten();
    let changed = changed.map(|(id, _)| id.clone());
    removed
        .chain(changed)
        .chain(array(&changes["added"]).map(key))
        .collect()
}

fn key(row: &Json) -> String {
    let fields = ["list", "address", "mac-address", "name"];
    let texts = fields.map(|field| row[field].as_str().unwrap_or_default());
    texts.join("/")
}

/// The same without rows that the sync takes away and writes anew as they are: it does so in every run.
fn without_rewriting(changes: &Json, rows: &Json) -> BTreeSet<String> {
    let mut left = touched(changes);
    let changed = changes["changed"].as_object().into_iter().flatten();
    for (id, fields) in changed {
        // Two users in turn put one address on a list, and what is left of that is another time.
        let is_time = fields.as_object().unwrap().iter().all(|(field, pair)| {
            let comments = [&pair[0], &pair[1]].map(without_time);
            field == "comment" && comments[0] == comments[1]
        });
        if is_time {
            left.remove(id);
        }
    }
    let rows = by_id(rows);
    for id in array(&changes["removed"]).filter_map(Json::as_str) {
        let Some(row) = rows.get(id) else { continue };
        let mut come = array(&changes["added"]);
        let is_there =
            come.any(|come| come["list"] == row["list"] && come["address"] == row["address"]);
        if is_there {
            left.remove(id);
            let list = |field: &str| row[field].as_str().unwrap_or_default().to_owned();
            left.remove(&format!("{}/{}//", list("list"), list("address")));
        }
    }
    left
}

fn without_time(comment: &Json) -> Vec<&str> {
    let parts = comment.as_str().unwrap_or_default().split('|');
    let is_time = |part: &&str| part.starts_with("date=") || part.starts_with("time=");
    parts.filter(|part| !is_time(part)).collect()
}

fn by_id(rows: &Json) -> BTreeMap<&str, &Json> {
    array(rows)
        .map(|row| (row[".id"].as_str().unwrap(), row))
        .collect()
}

/// Whom a binding names.
fn names(row: &Json) -> BTreeSet<&str> {
    let comment = row["comment"].as_str().unwrap_or_default();
    let keys = ["uid=", "user_id=", "user="];
    comment
        .split('|')
        .filter(|part| keys.iter().any(|key| part.starts_with(key)))
        .collect()
}

#[test]
fn a_repair_says_what_it_does_what_it_leaves_and_what_only_the_portal_does() {
    let demo = || Tikbook::new().args(["--site", "demo", "repair"]);
    let dry = demo().arg("081255501005").run().code(0);
    for said in [
        "Putu Ayu Wulandari",
        "klient_aktif",
        "is_blocked",
        "--apply",
    ] {
        assert!(dry.stdout.contains(said), "{said}: {dry}");
    }
    let applied = demo().args([
        "--who",
        "081255501005",
        "--apply",
        "--yes",
        "--max-changes",
        "9",
    ]);
    let applied = applied.run().code(0);
    assert!(applied.stdout.contains("nothing more to do"), "{applied}");
    // Nobody, and two of whom one is to be chosen.
    for (who, said) in [("0899999999", "nobody"), ("Hendra", "tikbook repair PHONE")] {
        let output = demo().args([who, "--apply", "--yes"]).run().code(0);
        assert!(
            output.stdout.to_lowercase().contains(&said.to_lowercase()),
            "{output}"
        );
    }
    let none = demo().run().code(2);
    assert!(none.stderr.contains("<WHO>"), "{none}");
}
