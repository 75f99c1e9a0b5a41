//! What others wait for at a router that tires while tikbook writes to it: beside it, beside a writer
//! that always has as many commands under way as the window may hold, and beside nobody.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use routeros_api::Print;
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::measure::{milliseconds, time};
use crate::support::model::Model;
use crate::writes::{connected, run};

const LIST: &str = "/ip/firewall/address-list";
const ROWS: usize = 600;
/// The most that tikbook has under way at once.
const MOST: usize = 64;
/// Each command takes a quarter of a millisecond, and after 200 of them twenty times as long.
fn pace(number: u32) -> Duration {
    let fresh = Duration::from_micros(250);
    if number > 200 { 20 * fresh } else { fresh }
}

/// Prints the comparison.
pub fn measure() {
    let script = format!(
        "//! Many rows.\nconst RUNBOOK = #{{ reads: [], writes: [\"mikrotik:{LIST}\"] }};\n\
         fn run(args) {{\n    for n in 0..{ROWS} {{ mikrotik::add(\"{LIST}\", \
         #{{ list: \"vip\", address: \"10.9.\" + n / 200 + \".\" + n % 200 }}); }}\n    #{{ }}\n}}\n"
    );
    let nobody = beside(|_| thread::sleep(Duration::from_secs(2)));
    let tikbook = beside(|port| {
        let folder = TempDir::new().expect("the temporary folder is writable");
        let mut command = run(&folder, port, &script);
        time(command.args(["--apply", "--yes", "--max-changes", "99999"]));
    });
    let full = beside(write_with_a_full_window);
    println!("a second reader of a router that takes 20 times as long after 200 commands");
    println!("  its 99th percentile  writer's time");
    for (who, (waited, taken)) in [
        ("beside nobody", nobody),
        ("beside tikbook, which backs off", tikbook),
        ("beside a writer with 64 under way", full),
    ] {
        println!(
            "  {:>19}  {:>13}  {who}",
            milliseconds(waited),
            milliseconds(taken)
        );
    }
    let ratio = full.0.as_secs_f64() / tikbook.0.as_secs_f64();
    println!("  ratio                {ratio:.1} (the window is kept where it is above 1)");
}

/// The 99th percentile of what a reader waits at a tired router while `write` goes on, and how long that
/// takes.
fn beside(write: impl FnOnce(u16)) -> (Duration, Duration) {
    let router = Model::start_at(pace);
    let is_over = Arc::new(AtomicBool::new(false));
    let (port, over) = (router.port(), Arc::clone(&is_over));
    let reader = thread::spawn(move || read_until(port, &over));
    let start = Instant::now();
    write(port);
    let taken = start.elapsed();
    is_over.store(true, Ordering::SeqCst);
    let mut waited = reader.join().expect("the reader reads to its end");
    waited.sort();
    (waited[waited.len() * 99 / 100], taken)
}

/// How long each of its reads waits for its answer.
fn read_until(port: u16, is_over: &AtomicBool) -> Vec<Duration> {
    let runtime = Runtime::new().expect("a runtime can be built");
    runtime.block_on(async {
        let client = connected(port).await;
        let mut waited = Vec::new();
        while !is_over.load(Ordering::SeqCst) {
            let start = Instant::now();
            client.rows(&Print::new("/system/resource")).await.unwrap();
            waited.push(start.elapsed());
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        waited
    })
}

fn write_with_a_full_window(port: u16) {
    let runtime = Runtime::new().expect("a runtime can be built");
    runtime.block_on(async {
        let client = &connected(port).await;
        let adds = (0..ROWS).map(async |n| {
            let address = format!("10.9.{}.{}", n / 200, n % 200);
            let fields = [("list", "vip"), ("address", &*address)];
            client.add(LIST, fields).await.unwrap();
        });
        let mut adds = futures_util::stream::iter(adds).buffer_unordered(MOST);
        while adds.next().await.is_some() {}
    });
}
