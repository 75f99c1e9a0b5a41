//! How long a print of 100,000 rows takes from the command to its `!done`, read and thrown away:
//! whoever measures a client against the simulator needs to know what the simulator costs.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a program of one screen"
)]

use std::time::{Duration, Instant};

use routeros_proto::Sentence;
use routeros_sim::{Options, Simulator, State};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const ROWS: usize = 100_000;
const ROUNDS: usize = 11;
const LONGEST_WAIT: Duration = Duration::from_secs(10);
const PRINT: &str = "/ip/firewall/address-list/print";

#[tokio::main]
async fn main() {
    let state = State::from_json(&rows()).unwrap();
    let options = Options {
        state,
        ..Options::default()
    };
    let simulator = Simulator::start(options).await.unwrap();
    let mut socket = TcpStream::connect(simulator.address()).await.unwrap();
    talk(&mut socket, &["/login", "=name=admin", "=password="]).await;
    let some = [PRINT, "=.proplist=.id,address,comment", "?list=blocked"];
    for (name, command) in [
        ("all fields", &some[..1]),
        ("a query and three fields", &some),
    ] {
        let mut times = Vec::new();
        let mut bytes = 0;
        for _ in 0..ROUNDS {
            let begun = Instant::now();
            bytes = talk(&mut socket, command).await;
            times.push(begun.elapsed());
        }
        times.sort_unstable();
        let median: Duration = times[ROUNDS / 2];
        println!("{ROWS} rows, {name}: {median:.1?} for {bytes} bytes");
    }
}

fn rows() -> String {
    let row = |number: usize| {
        let (b, c, d) = (number >> 16, number >> 8 & 255, number & 255);
        format!(
            r#"{{"list": "blocked", "address": "10.{b}.{c}.{d}", "creation-time": "2026-05-31 12:00:00",
            "dynamic": "false", "disabled": "false",
            "comment": "status=blocked|reason=debt|user=08125550{number:05}|uid=6b1c9e38-0000-4000-8000-00000000{number:05}"}}"#
        )
    };
    let rows: Vec<String> = (0..ROWS).map(row).collect();
    format!(r#"{{"/ip/firewall/address-list": [{}]}}"#, rows.join(","))
}

/// Sends a command and reads to the `!done` without attributes; how many bytes came.
async fn talk(socket: &mut TcpStream, command: &[&str]) -> usize {
    let mut sentence = Sentence::new();
    for word in command {
        sentence.word(word.as_bytes());
    }
    socket.write_all(&sentence.finish()).await.unwrap();
    let mut buffer = vec![0; 256 << 10];
    let (mut kept, mut total) = (0, 0);
    loop {
        let read = socket.read(&mut buffer[kept..]);
        let count = tokio::time::timeout(LONGEST_WAIT, read)
            .await
            .unwrap()
            .unwrap();
        total += count;
        kept += count;
        if buffer[..kept].ends_with(b"\x05!done\x00") {
            return total;
        }
        // The end may come in two pieces.
        let tail = kept.min(6);
        buffer.copy_within(kept - tail..kept, 0);
        kept = tail;
    }
}
