//! Removing rows over a link that takes 5 ms: many at a time through the gate, journal included,
//! against one command after another on a bare connection.

use std::process::Command;
use std::time::{Duration, Instant};

use routeros_api::{Options, Print, Secret};
use routeros_sim::Faults;
use serde_json::json;

use crate::measure::{milliseconds, time};
use crate::support::router::{PASSWORD, Router, USER};

const LIST: &str = "/ip/firewall/address-list";
const ROWS: usize = 2_000;
const LATENCY: Duration = Duration::from_millis(5);
const SCRIPT: &str = r#"//! Remove all rows.
const RUNBOOK = #{ reads: ["mikrotik"], writes: ["mikrotik:/ip/firewall/address-list"] };
fn run(args) {
    let menu = "/ip/firewall/address-list";
    #{ removed: mikrotik::remove_all(menu, mikrotik::rows(menu, #{}, [".id"]), "bench").len() }
}"#;

/// Prints both times and their ratio.
pub fn measure() {
    let many = at_once();
    let one = one_at_a_time();
    let ratio = one.as_secs_f64() / many.as_secs_f64();
    println!("removing {ROWS} rows, each answered after {LATENCY:?}");
    println!("  one at a time        {}", milliseconds(one));
    println!("  tikbook, whole run   {}", milliseconds(many));
    println!("  ratio                {ratio:.1} (at least 10)");
}

fn at_once() -> Duration {
    let router = router();
    let folder = tempfile::tempdir().expect("the temporary folder is writable");
    std::fs::write(folder.path().join("bench.rhai"), SCRIPT).expect("the folder is writable");
    let mut command = Command::new(env!("CARGO_BIN_EXE_tikbook"));
    command
        .env_clear()
        .current_dir(folder.path())
        .env("HOME", folder.path())
        .env("MIKROTIK_HOST", "127.0.0.1")
        .env(
            "MIKROTIK_PORT",
            router.simulator.address().port().to_string(),
        )
        .env("MIKROTIK_USERNAME", USER)
        .env("MIKROTIK_PASSWORD", PASSWORD)
        .args(["--json", "run", "./bench.rhai", "--apply", "--yes"])
        .args(["--max-changes", &ROWS.to_string()]);
    let taken = time(&mut command);
    assert_eq!(router.ids(LIST).len(), 0);
    taken
}

fn one_at_a_time() -> Duration {
    let router = router();
    let address = router.simulator.address();
    let runtime = tokio::runtime::Runtime::new().expect("a runtime can be built");
    let start = Instant::now();
    runtime.block_on(async {
        let mut options = Options::new("127.0.0.1", USER, Secret::new(PASSWORD));
        options.port = address.port();
        let client = routeros_api::Router::connect(&options).await.unwrap();
        let rows = client
            .rows(&Print::new(LIST).fields([".id"]))
            .await
            .unwrap();
        for row in rows.iter() {
            let id = row.get(".id").unwrap().try_into().unwrap();
            client.remove(LIST, &id).await.unwrap();
        }
    });
    let taken = start.elapsed();
    assert_eq!(router.ids(LIST).len(), 0);
    taken
}

fn router() -> Router {
    let row = |n: usize| {
        json!({ ".id": format!("*{n:X}"), "list": "blocked",
                "address": format!("10.0.{}.{}", n / 256, n % 256), "comment": "x|user=08123456789" })
    };
    let rows: Vec<_> = (1..=ROWS).map(row).collect();
    let router = Router::with(&json!({ LIST: rows }).to_string());
    router.simulator.set_faults(Faults {
        latency: LATENCY,
        ..Faults::default()
    });
    router
}
