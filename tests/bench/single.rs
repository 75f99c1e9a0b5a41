//! What it costs to ask for many changes one by one, beside asking for all of them in one call.

use std::time::Duration;

use serde_json::json;
use tempfile::TempDir;

use crate::measure::{median, milliseconds, time};
use crate::support::router::Router;
use crate::writes::run;

const LIST: &str = "/ip/firewall/address-list";
const COUNT: usize = 10_000;
const ROUNDS: usize = 5;

/// Prints the comparison.
pub fn measure() {
    let row = r##"#{ list: "vip", address: "10.9." + n / 256 + "." + n % 256 }"##;
    let single = format!("for n in 0..{COUNT} {{ mikrotik::add(menu, {row}); }}");
    let bulk = format!(
        "let rows = []; for n in 0..{COUNT} {{ rows.push({row}); }} mikrotik::add_all(menu, rows, \"\")"
    );
    let (mut singles, mut bulks) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        singles.push(planned(&single));
        bulks.push(planned(&bulk));
    }
    let prints = singles.iter().map(|(_, prints)| *prints).max();
    let middle =
        |costs: Vec<(Duration, u64)>| median(costs.into_iter().map(|cost| cost.0).collect());
    let (single, bulk) = (middle(singles), middle(bulks));
    let ratio = single.as_secs_f64() / bulk.as_secs_f64();
    println!("planning {COUNT} rows to be added, medians of {ROUNDS} interleaved rounds");
    println!("  one by one           {}", milliseconds(single));
    println!("  in one call          {}", milliseconds(bulk));
    println!("  ratio                {ratio:.2} (at most 1.2)");
    println!(
        "  prints of the menu   {} (at most 2)",
        prints.unwrap_or_default()
    );
}

/// The time of a dry run, and how often it read the menu.
fn planned(body: &str) -> (Duration, u64) {
    let router = Router::with(&json!({ LIST: [] }).to_string());
    let folder = TempDir::new().expect("the temporary folder is writable");
    let script = format!(
        "//! Many rows.\nconst RUNBOOK = #{{ reads: [\"mikrotik\"], writes: [\"mikrotik:{LIST}\"] }};\n\
         fn run(args) {{\n    let menu = \"{LIST}\";\n    {body};\n    #{{ }}\n}}\n"
    );
    let taken = time(&mut run(
        &folder,
        router.simulator.address().port(),
        &script,
    ));
    (taken, router.simulator.received().of(LIST, "print"))
}
