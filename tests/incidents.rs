//! What the runbooks report about sites in trouble, against the truth about them.

use std::path::Path;

use serde_json::{Value as Json, json};

use crate::support::simulated::{Site, reports, site, told};
use crate::sync_oracle::in_folder;

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

#[test]
fn explain_says_what_became_of_the_payment_and_finds_the_user_by_it() {
    let cases = in_trouble();
    let cases = cases
        .iter()
        .filter(|(_, case)| !case["truth"]["payment"].is_null());
    let cases: Vec<_> = cases.collect();
    let sites: Vec<Site> = cases.iter().map(|(name, case)| site(name, case)).collect();
    let calls = cases.iter().map(|(name, case)| {
        let who = &case["truth"]["payment"]["order_id"];
        (name.as_str(), "explain", format!("#{{ who: {who} }}"))
    });
    let reports = told(&sites, calls.collect(), &[]);
    let mut states = Vec::new();
    for (name, case) in &cases {
        let (report, truth) = (&reports[&(name.clone(), 0)], &case["truth"]["payment"]);
        for key in ["state", "order_id", "amount_rp"] {
            assert_eq!(report["payment"][key], truth[key], "{}", case["about"]);
        }
        let user = &case["fixture"]["database"]["users"][0]["id"];
        assert_eq!(&report["user"]["id"], user, "{}", case["about"]);
        states.push(truth["state"].as_str().unwrap());
    }
    states.sort_unstable();
    assert_eq!(states, ["credited", "expired", "not_credited", "pending"]);
}

/// `parity` lists every device that is treated otherwise than the portal wants, and `audit` finds those on the network
/// and those that stay shut out: both with the truth about them.
#[test]
fn parity_and_audit_tell_the_truth_about_every_device_that_is_treated_wrongly() {
    const KINDS: [&str; 6] = [
        "cut-off",
        "cut-off-until-sync",
        "device-cut-off",
        "let-through",
        "let-through-until-sync",
        "orphan-binding",
    ];
    let cases = in_trouble();
    let sites: Vec<Site> = cases.iter().map(|(name, case)| site(name, case)).collect();
    let parity = reports(&sites, ("parity", None), "#{}");
    let audit = reports(&sites, ("audit", None), "#{ orphans: true }");
    let mut found_of_kinds = std::collections::BTreeSet::new();
    for (name, case) in &cases {
        let about = &case["about"];
        for expected in array(&case["truth"]["devices"]) {
            let mac = &expected["device"];
            let listed = array(&parity[name]["devices"]).find(|device| device["mac"] == *mac);
            if expected["is_right"] == true {
                assert_eq!(listed, None, "{about}");
            } else {
                let listed = listed.map_or(Json::Null, |device| verdict(device, mac));
                assert_eq!(listed, *expected, "{about}");
            }
            let findings = array(&audit[name]["findings"]);
            let of_kinds =
                findings.filter(|finding| KINDS.contains(&finding["kind"].as_str().unwrap()));
            let mut of_device = of_kinds.filter(|finding| finding["evidence"]["mac"] == *mac);
            let is_told = expected["is_right"] == false
                && ["cut_off", "let_through"].contains(&expected["effect"].as_str().unwrap());
            let found = of_device.next();
            assert_eq!(found.is_some(), is_told, "{about}: {mac}");
            let Some(found) = found else { continue };
            let evidence = &found["evidence"];
            assert_eq!(
                evidence["changed_by"], expected["changed_by"],
                "{about}: {mac}"
            );
            if found["kind"] != "orphan-binding" {
                assert_eq!(
                    evidence["cause"], expected["cause"]["kind"],
                    "{about}: {mac}"
                );
            }
            found_of_kinds.insert(found["kind"].as_str().unwrap().to_owned());
        }
    }
    assert!(found_of_kinds.len() >= 4, "{found_of_kinds:?}");
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
