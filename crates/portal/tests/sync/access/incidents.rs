//! Sites in trouble, against the truth about them: `tests/incidents/`.

use std::collections::HashMap;
use std::path::Path;

use portal::access::{
    Access, Circumstances, DeviceAccess, Foretold, LedgerEntry, Payment, SyncHealth, Transaction,
    Verdict, access,
};
use portal::sync::{RunKeys, Site};
use portal::user_id::UserId;
use serde_json::{Value as Json, json};

use crate::fixture::{object, rows, site, text};
use crate::sync_oracle;

#[test]
fn every_site_in_trouble_is_told_the_truth_about() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/incidents/cases");
    let mut wrong = Vec::new();
    for case in sync_oracle::in_folder(&folder) {
        let site = site(&case);
        let told = told(&site, &case);
        let payment = payment(&site, &case);
        let truth = &case["truth"];
        let about = &case["about"];
        for (key, expected) in object(truth) {
            let said = said(&told, payment.as_ref(), key, expected);
            if said != *expected {
                wrong.push(format!(
                    "{about}\n  {key}: said {said}\n  {key}: true {expected}"
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn told(site: &Site, case: &Json) -> Access {
    let users = rows(&case["fixture"]["database"]["users"]);
    let debts = users.filter_map(|user| {
        let debt = user["manual_debt_mb"].as_i64().filter(|debt| *debt > 0)?;
        Some((UserId::parse(user["id"].as_str()?)?, debt))
    });
    let keys = RunKeys {
        last_run: text(&case["fixture"]["redis"], "quota_sync:last_run_ts"),
        ..RunKeys::default()
    };
    let circumstances = Circumstances {
        sync: SyncHealth::of(&keys, &site.settings, site.now),
        manual_debt_mb: debts.collect(),
        payments: payment(site, case)
            .map(|payment| (site.users[0].id, payment))
            .into_iter()
            .collect(),
        doubted: Vec::new(),
    };
    access(site, &circumstances, &Foretold::of(site))
}

/// What became of the first user's payments, the one that says most.
fn payment(site: &Site, case: &Json) -> Option<Payment> {
    let database = &case["fixture"]["database"];
    let time = |row: &Json, column: &str| Some(row[column].as_str()?.parse().unwrap());
    let texts = |row: &Json, column: &str| row[column].as_str().unwrap_or_default().to_owned();
    let ledger: Vec<LedgerEntry> = rows(&database["quota_mutation_ledger"])
        .map(|row| LedgerEntry {
            source: texts(row, "source"),
            details: texts(row, "idempotency_key") + &texts(row, "event_details"),
            at: time(row, "created_at"),
        })
        .collect();
    let transactions = rows(&database["transactions"]).map(|row| Transaction {
        order_id: texts(row, "midtrans_order_id"),
        amount_rp: row["amount"].as_i64().unwrap(),
        status: texts(row, "status"),
        paid_at: time(row, "payment_time"),
        expires_at: time(row, "expiry_time"),
        begun_at: time(row, "created_at"),
    });
    let mut transactions: Vec<Transaction> = transactions.collect();
    transactions.sort_by_key(|transaction| std::cmp::Reverse(transaction.begun_at));
    let payments = transactions.iter();
    let payments = payments.map(|each| Payment::of(each, Some(&ledger), &site.settings, site.now));
    Payment::weightiest(&payments.collect::<Vec<_>>()).cloned()
}

/// What is said under a key of the truth; of the devices those that it names, which must be all.
fn said(told: &Access, payment: Option<&Payment>, key: &str, expected: &Json) -> Json {
    let user = &told.users[0];
    match key {
        "payment" => {
            let payment = payment.unwrap();
            json!({
                "state": payment.state.word(),
                "order_id": payment.order_id,
                "amount_rp": payment.amount_rp,
            })
        }
        "devices" => {
            let own = told.users.iter().flat_map(|user| &user.devices);
            let strange = told.strangers.iter().map(|stranger| &stranger.device);
            let said: HashMap<&str, &DeviceAccess> = own
                .chain(strange)
                .map(|device| (device.mac.as_str(), device))
                .collect();
            assert_eq!(
                said.len(),
                rows(expected).count(),
                "devices: {:?}",
                said.keys()
            );
            let devices = rows(expected).map(|device| device["device"].as_str().unwrap());
            devices.map(|mac| of_device(said[mac])).collect()
        }
        "debts" => json!([user.automatic_debt_mb, user.manual_debt_mb]),
        "coming" => {
            let coming = user.coming.iter();
            coming
                .map(|coming| json!([coming.by.word(), coming.at.map(|at| at.to_string())]))
                .collect()
        }
        "addresses" => json!(user.devices[0].addresses),
        "rows" => {
            let rows = told.rows.iter();
            rows.map(|row| (row.id.clone(), json!(row.removed_by.word())))
                .collect::<serde_json::Map<_, _>>()
                .into()
        }
        "random" => {
            let strangers = told.strangers.iter().map(|stranger| &stranger.device);
            strangers
                .filter(|device| device.is_random())
                .map(|device| json!(device.mac))
                .collect()
        }
        other => panic!("the truth has no {other}"),
    }
}

fn of_device(device: &DeviceAccess) -> Json {
    let Verdict {
        effect,
        is_right,
        cause,
        changed_by,
        when,
        advice,
        other_causes: _,
    } = &device.verdict;
    let mut why = json!({ "kind": cause.kind.word() });
    for (key, value) in [
        ("list", &cause.list),
        ("address", &cause.address),
        ("id", &cause.id),
    ] {
        if let Some(value) = value {
            why[key] = json!(value);
        }
    }
    let advice = advice.iter().map(|step| [step.word(), step.cost().word()]);
    json!({
        "device": device.mac,
        "effect": effect.word(),
        "is_right": is_right,
        "cause": why,
        "changed_by": changed_by.word(),
        "when": when.map(|when| when.to_string()),
        "advice": advice.collect::<Vec<_>>(),
    })
}
