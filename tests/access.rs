//! `portal::access` on simulated sites: what it says of sites in trouble, and what it says where a site
//! lacks something.

use serde_json::{Value as Json, json};

use crate::incidents::{array, in_trouble, verdict};
use crate::support::simulated::{Site, reports, site};

/// Sets all that is told as the report.
const SHOWS: &str = r#"
//! Show who gets which access.
const RUNBOOK = #{ reads: ["db", "mikrotik", "redis"], writes: [], params: #{} };
fn run(args) {
    let access = portal::access();
    let report = report::create("Access");
    for part in access.keys() { report.set(part, access[part]); }
    report
}
"#;

#[test]
fn scripts_are_told_the_truth_about_every_site_in_trouble() {
    let cases = in_trouble();
    let sites: Vec<Site> = cases.iter().map(|(name, case)| site(name, case)).collect();
    let told = reports(&sites, ("shows", Some(SHOWS)), "#{}");
    let mut wrong = Vec::new();
    for ((name, case), (site, _)) in cases.iter().zip(&sites) {
        let told = &told[site];
        for expected in array(&case["truth"]["devices"]) {
            let said = array(&told["devices"]).find(|device| device["mac"] == expected["device"]);
            let said = said.map_or(Json::Null, |device| verdict(device, &device["mac"]));
            if said != *expected {
                wrong.push(format!("{name}\n  said {said}\n  true {expected}"));
            }
        }
        let rows = case["truth"]["rows"].as_object();
        for (id, expected) in rows.into_iter().flatten() {
            let row = array(&told["rows"]).find(|row| row["id"] == **id).unwrap();
            assert_eq!(row["removed_by"], *expected, "{name} {id}");
        }
        if let Some(debts) = case["truth"]["debts"].as_array() {
            let user = &told["users"][0];
            let said = [&user["automatic_debt_mb"], &user["manual_debt_mb"]];
            for (said, expected) in said.into_iter().zip(debts) {
                assert_eq!(said.as_f64(), expected.as_f64(), "{name}");
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_table_or_column_that_is_missing_is_remarked_and_the_rest_is_told() {
    let (_, case) = &in_trouble()[0];
    for (sql, remark) in [
        (
            "DROP TABLE transactions",
            json!({ "missing": "table", "table": "transactions", "column": null }),
        ),
        (
            "DROP TABLE user_quota_debts",
            json!({ "missing": "table", "table": "user_quota_debts", "column": null }),
        ),
        (
            "ALTER TABLE users DROP COLUMN kamar",
            json!({ "missing": "column", "table": "users", "column": "kamar" }),
        ),
    ] {
        let (name, mut fixture) = site("one", case);
        let database = fixture["database"].as_object_mut().unwrap();
        database.remove("user_quota_debts");
        fixture["sql"] = json!([sql]);
        let told = &reports(&[(name, fixture)], ("shows", Some(SHOWS)), "#{}")["one"];
        assert_eq!(told["remarks"], json!([remark]), "{sql}");
        assert_eq!(array(&told["users"]).count(), 1, "{sql}");
    }
}

#[test]
fn what_became_of_a_payment_is_told_and_is_the_advice_where_quota_is_missing() {
    let case = in_trouble().remove(0).1;
    let user_id = case["fixture"]["database"]["users"][0]["id"].clone();
    let transaction = |status: &str, paid: Json| {
        json!({ "id": "7e000000-0000-4000-8000-000000000001", "user_id": user_id, "amount": 50000,
            "midtrans_order_id": "HS-77", "status": status, "payment_time": paid,
            "created_at": "2026-11-27 19:00:00+00:00" })
    };
    let given = json!({ "id": "7e000000-0000-4000-8000-000000000002", "user_id": user_id,
        "source": "quota.purchase_package", "event_details": "{\"order_id\": \"HS-77\"}",
        "created_at": "2026-11-27 19:10:00+00:00" });
    let paid = json!("2026-11-27 19:10:00+00:00");
    let table = [
        (
            "credited",
            transaction("SUCCESS", paid.clone()),
            Some(given),
            "buy_quota",
        ),
        (
            "not_credited",
            transaction("SUCCESS", paid),
            None,
            "credit_payment",
        ),
        (
            "pending",
            transaction("PENDING", Json::Null),
            None,
            "finish_payment",
        ),
        (
            "failed",
            transaction("FAILED", Json::Null),
            None,
            "buy_quota",
        ),
    ];
    for (state, transaction, ledger, advice) in table {
        let (_, mut fixture) = site("one", &case);
        let database = &mut fixture["database"];
        // The quota is used up, and the router says so as well.
        database["users"][0]["total_quota_used_mb"] = json!(10240);
        database["transactions"] = json!([transaction]);
        database["quota_mutation_ledger"] = ledger.into_iter().collect();
        let router = &mut fixture["router"];
        router["/ip/firewall/address-list"][0]["list"] = json!("klient_habis");
        router["/ip/hotspot/ip-binding"][0]["type"] = json!("regular");
        let told = &reports(&[("one".into(), fixture)], ("shows", Some(SHOWS)), "#{}")["one"];
        let user = &told["users"][0];
        assert_eq!(user["payment"]["state"], state);
        assert_eq!(user["payment"]["order_id"], "HS-77");
        assert_eq!(user["payment"]["amount_rp"], 50000);
        let steps: Vec<&Json> = array(&user["advice"]).map(|step| &step["kind"]).collect();
        assert_eq!(steps, [advice], "{state}: {user}");
    }
}

#[test]
fn rows_of_a_table_have_every_field_that_they_name() {
    let cases = in_trouble();
    let sites: Vec<Site> = cases.iter().map(|(name, case)| site(name, case)).collect();
    let told = reports(&sites, ("shows", Some(SHOWS)), "#{}");
    for part in ["users", "devices", "rows"] {
        let rows = || told.values().flat_map(|told| array(&told[part]));
        let fields = rows().next().unwrap().as_object().unwrap().keys();
        for field in fields {
            // What no site in trouble has.
            let is_rare = [
                "block",
                "room",
                "payment",
                "timeout",
                "token",
                "hotspot_user",
            ];
            let is_told = rows().any(|row| !row[field].is_null());
            assert!(
                is_told || is_rare.contains(&field.as_str()),
                "{part}.{field}"
            );
        }
    }
}
