//! Changing rows over a link that takes 5 ms: many at a time through the gate, journal included, against
//! one command after another on a bare connection.

use std::process::Command;
use std::time::{Duration, Instant};

use routeros_api::{Id, Options, Print, Secret};
use routeros_sim::Faults;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::measure::{milliseconds, time};
use crate::support::router::{PASSWORD, Router, USER};

const LIST: &str = "/ip/firewall/address-list";
const RULES: &str = "/ip/firewall/filter";
const REMOVED: usize = 2_000;
const ADDED: usize = 500;
const LATENCY: Duration = Duration::from_millis(5);

/// Prints times and their ratios.
pub fn measure() {
    removals();
    additions(LIST);
    additions(RULES);
}

fn removals() {
    let script = script(LIST, "mikrotik::remove_all(menu, rows, \"bench\")");
    let many = router(LIST, REMOVED);
    let at_once = apply(&many, &script);
    let one = router(LIST, REMOVED);
    let one_by_one = one_at_a_time(&one, async |client| {
        for id in ids(client, LIST).await {
            client.remove(LIST, &id).await.unwrap();
        }
    });
    assert_eq!(many.ids(LIST).len(), 0);
    assert_eq!(one.ids(LIST).len(), 0);
    let what = format!("removing {REMOVED} rows of {LIST}");
    print(&what, one_by_one, at_once, "at least 30");
}

/// Half of the changes add rows, and half set others.
fn additions(menu: &'static str) {
    let is_ordered = menu == RULES;
    let script = script(
        menu,
        &format!(
            "for n in 0..{ADDED} {{ mikrotik::add(menu, {}); }}
    for row in rows {{ mikrotik::set(menu, row, #{{ disabled: true }}); }}",
            if is_ordered {
                r##"#{ chain: "forward", action: "drop", comment: "added " + n }"##
            } else {
                r##"#{ list: "blocked", address: "10.9." + n / 256 + "." + n % 256, comment: "added|user=0812345678" }"##
            }
        ),
    );
    let many = router(menu, ADDED);
    let at_once = apply(&many, &script);
    let one = router(menu, ADDED);
    let one_by_one = one_at_a_time(&one, async |client| {
        let rows = ids(client, menu).await;
        for n in 0..ADDED {
            let (address, comment) = (format!("10.9.{}.{}", n / 256, n % 256), n.to_string());
            let fields = match is_ordered {
                true => [
                    ("chain", "forward"),
                    ("action", "drop"),
                    ("comment", &*comment),
                ],
                false => [
                    ("list", "blocked"),
                    ("address", &*address),
                    ("comment", "x"),
                ],
            };
            client.add(menu, fields).await.unwrap();
        }
        for id in rows {
            client.set(menu, &id, [("disabled", "yes")]).await.unwrap();
        }
    });
    for router in [&many, &one] {
        assert_eq!(router.ids(menu).len(), 2 * ADDED);
    }
    if is_ordered {
        let rows = many.simulator.rows(menu);
        let added = rows[ADDED..]
            .iter()
            .map(|row| row.get("comment").unwrap().to_vec());
        let asked = (0..ADDED).map(|n| format!("added {n}").into_bytes());
        assert!(added.eq(asked), "the order is another one");
    }
    let what = format!("adding {ADDED} rows to {menu} and setting {ADDED}");
    let wanted = match is_ordered {
        true => "rows are added one by one, in their order",
        false => "at least 20",
    };
    print(&what, one_by_one, at_once, wanted);
}

fn print(what: &str, one_by_one: Duration, at_once: Duration, wanted: &str) {
    let ratio = one_by_one.as_secs_f64() / at_once.as_secs_f64();
    println!("{what}, each answered after {LATENCY:?}");
    println!("  one at a time        {}", milliseconds(one_by_one));
    println!("  tikbook, whole run   {}", milliseconds(at_once));
    println!("  ratio                {ratio:.1} ({wanted})");
}

/// A script that reads the menu's rows and does something.
fn script(menu: &str, body: &str) -> String {
    format!(
        "//! Many changes.\nconst RUNBOOK = #{{ reads: [\"mikrotik\"], writes: [\"mikrotik:{menu}\"] }};\n\
         fn run(args) {{\n    let menu = \"{menu}\";\n    \
         let rows = mikrotik::rows(menu, #{{}}, [\".id\"]);\n    {body};\n    #{{ }}\n}}\n"
    )
}

/// The time of a whole run.
fn apply(router: &Router, script: &str) -> Duration {
    let folder = TempDir::new().expect("the temporary folder is writable");
    let mut command = run(&folder, router.simulator.address().port(), script);
    command.args(["--apply", "--yes", "--max-changes", "99999"]);
    time(&mut command)
}

/// `tikbook run` of a script on the site of the router on this port.
pub fn run(folder: &TempDir, port: u16, script: &str) -> Command {
    std::fs::write(folder.path().join("bench.rhai"), script).expect("the folder is writable");
    let mut command = Command::new(env!("CARGO_BIN_EXE_tikbook"));
    command
        .env_clear()
        .current_dir(folder.path())
        .env("HOME", folder.path())
        .env("MIKROTIK_HOST", "127.0.0.1")
        .env("MIKROTIK_PORT", port.to_string())
        .env("MIKROTIK_USERNAME", USER)
        .env("MIKROTIK_PASSWORD", PASSWORD)
        .args(["--json", "run", "./bench.rhai"]);
    command
}

/// A bare connection to the router on this port.
pub async fn connected(port: u16) -> routeros_api::Router {
    let mut options = Options::new("127.0.0.1", USER, Secret::new(PASSWORD));
    options.port = port;
    routeros_api::Router::connect(&options).await.unwrap()
}

fn one_at_a_time(router: &Router, work: impl AsyncFn(&routeros_api::Router)) -> Duration {
    let runtime = Runtime::new().expect("a runtime can be built");
    let start = Instant::now();
    runtime.block_on(async {
        let client = connected(router.simulator.address().port()).await;
        work(&client).await;
    });
    start.elapsed()
}

async fn ids(client: &routeros_api::Router, menu: &str) -> Vec<Id> {
    let rows = client.rows(&Print::new(menu).fields([".id"])).await;
    let rows = rows.unwrap();
    let ids = rows.iter().map(|row| row.get(".id").unwrap().try_into());
    ids.collect::<Result<_, _>>().unwrap()
}

fn router(menu: &str, rows: usize) -> Router {
    let row = |n: usize| {
        let id = format!("*{n:X}");
        match menu {
            RULES => json!({ ".id": id, "chain": "forward", "action": "accept",
                             "comment": format!("rule {n}") }),
            _ => json!({ ".id": id, "list": "blocked", "comment": "x|user=08123456789",
                         "address": format!("10.0.{}.{}", n / 256, n % 256) }),
        }
    };
    let rows: Vec<Value> = (1..=rows).map(row).collect();
    let router = Router::with(&json!({ menu: rows }).to_string());
    router.simulator.set_faults(Faults {
        latency: LATENCY,
        ..Faults::default()
    });
    router
}
