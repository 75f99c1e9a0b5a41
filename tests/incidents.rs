//! What the runbooks report about sites in trouble, against the truth about them.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Value as Json, json};

use crate::support::simulated::{Site, reports, site, told};
use crate::support::{Harness, harness};
use crate::sync_oracle::{cases, in_folder};

#[test]
fn explain_tells_the_truth_about_every_device_of_every_site_in_trouble() {
    let cases = in_trouble();
    let sites: Vec<Site> = cases.iter().map(|(name, case)| site(name, case)).collect();
    let calls = cases.iter().flat_map(|(name, case)| {
        array(&case["truth"]["devices"]).map(move |device| {
            let arguments = format!("#{{ who: {} }}", device["device"]);
            (name.as_str(), "explain", arguments)
        })
    });
    let reports = told(&sites, calls.collect(), &[]);
    let mut wrong = Vec::new();
    for (name, case) in &cases {
        let devices = array(&case["truth"]["devices"]).enumerate();
        for (number, expected) in devices {
            let report = &reports[&(name.clone(), number)];
            let mac = &expected["device"];
            let said = array(&report["devices"]).find(|device| device["mac"] == *mac);
            let said = said.map_or(Json::Null, |device| verdict(device, mac));
            if said != *expected {
                wrong.push(format!(
                    "{}\n  said {said}\n  true {expected}",
                    case["about"]
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// One site, one answer: what `explain` says of each user, `parity` and `verify-debt` say as well, and
/// `audit` of each row.
#[test]
#[expect(
    clippy::print_stdout,
    reason = "the number of comparisons is for reading"
)]
fn no_two_runbooks_have_two_verdicts_about_one_user_or_row() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let oracle = cases(root);
    let every = match harness() {
        Harness::Short => 6,
        Harness::Full => 1,
    };
    let oracle = oracle
        .iter()
        .step_by(every)
        .map(|case| site(case["case"].as_str().unwrap(), case));
    let trouble = in_trouble();
    let trouble = trouble.iter().map(|(name, case)| site(name, case));
    let sites: Vec<Site> = oracle.chain(trouble).collect();
    let parity = reports(&sites, ("parity", None), "#{ limit: 1000 }");
    let debts = reports(&sites, ("verify-debt", None), "#{}");
    let audits = reports(&sites, ("audit", None), "#{ limit: 1000 }");
    let users = |fixture: &Json| -> Vec<String> {
        let users = array(&fixture["database"]["users"]);
        users
            .map(|user| user["id"].as_str().unwrap().to_owned())
            .collect()
    };
    let calls = sites.iter().flat_map(|(name, fixture)| {
        let ids = users(fixture).into_iter();
        ids.map(move |id| (name.as_str(), "explain", format!("#{{ who: \"{id}\" }}")))
    });
    let explained = told(&sites, calls.collect(), &[]);
    let mut compared = BTreeMap::<&str, usize>::new();
    let mut differ = Vec::new();
    for (name, fixture) in &sites {
        let wrong = by(&parity[name]["users"], "id");
        let of_debt = by(&debts[name]["users"], "user_id");
        for (number, id) in users(fixture).iter().enumerate() {
            let explained = &explained[&(name.clone(), number)];
            let answer = answer(explained);
            if explained["is_right"] == false || wrong.contains_key(id.as_str()) {
                let said = wrong.get(id.as_str()).map(|user| self::answer(user));
                compare(&mut differ, (name, id), &answer, said.as_ref());
                *compared.entry("users in parity").or_default() += 1;
            }
            if let Some(user) = of_debt.get(id.as_str()) {
                compare(&mut differ, (name, id), &answer, Some(&self::answer(user)));
                *compared.entry("users in verify-debt").or_default() += 1;
            }
        }
        let counts = [&parity[name]["counts"], &audits[name]["parity_counts"]];
        if counts[0] != counts[1] {
            differ.push(format!("{name}: parity {} audit {}", counts[0], counts[1]));
        }
        *compared.entry("counts in audit").or_default() += 1;
    }
    println!("compared: {compared:?}");
    assert!(differ.is_empty(), "{}", differ.join("\n"));
    assert!(compared.values().sum::<usize>() > 60, "{compared:?}");
}

fn compare(
    differ: &mut Vec<String>,
    (site, id): (&str, &str),
    explained: &Json,
    other: Option<&Json>,
) {
    if other != Some(explained) {
        differ.push(format!("{site} {id}: explain {explained}, other {other:?}"));
    }
}

fn answer(row: &Json) -> Json {
    let keys = ["effect", "is_right", "cause", "changed_by", "when"];
    keys.iter()
        .map(|key| ((*key).to_owned(), row[key].clone()))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

fn by<'json>(rows: &'json Json, key: &str) -> BTreeMap<&'json str, &'json Json> {
    array(rows)
        .map(|row| (row[key].as_str().unwrap(), row))
        .collect()
}

/// What the truth of a case says of a device.
pub fn verdict(device: &Json, mac: &Json) -> Json {
    let mut cause = device["cause"].clone();
    let cause = cause.as_object_mut().unwrap();
    cause.retain(|key, value| key != "setting" && !value.is_null());
    let advice = array(&device["advice"]).map(|step| json!([step["kind"], step["cost"]]));
    json!({
        "device": mac,
        "effect": device["effect"],
        "is_right": device["is_right"],
        "cause": cause,
        "changed_by": device["changed_by"],
        "when": device["when"],
        "advice": advice.collect::<Vec<_>>(),
    })
}

/// The sites in trouble by a name, the one where nothing is wrong first.
pub fn in_trouble() -> Vec<(String, Json)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/incidents/cases");
    let cases = in_folder(&folder).into_iter().enumerate();
    let mut cases: Vec<(String, Json)> = cases
        .map(|(number, case)| (format!("case_{number}"), case))
        .collect();
    cases.sort_by_key(|(_, case)| case["about"] != "Nothing is wrong.");
    cases
}

pub fn array(value: &Json) -> impl Iterator<Item = &Json> {
    value.as_array().into_iter().flatten()
}
