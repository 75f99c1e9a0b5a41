//! Reading 100,000 rows over loopback: this client against the bare socket, the floor and two Python clients.
//!
//! The socket alone does not know a row from the next. What any program pays that does is shown by the floor in `floor.rs`,
//! a reference that walks the words by their lengths with no protocol library.
//!
//! `cargo bench -p routeros-api` prints a table of ratios measured in one run, `-- --rounds 1` a rough one. Every measurement is a
//! process of its own, so that memory is that of one client; rounds are interleaved, so that a busy
//! machine is busy for all. `ROUTEROS_PYTHON` names a Python that has the packages `librouteros` and
//! `routeros-api`; without it, `python3` is tried.

#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "the table and the results of the child processes are the output"
)]

mod floor;

use std::collections::HashMap;
use std::error::Error;
use std::hint::black_box;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use std::{fs, thread};

use routeros_api::{Options, Print, Router, Secret};
use routeros_proto::{Limits, Server, TagPlace};

type Outcome<Value> = Result<Value, Box<dyn Error + Send + Sync>>;

const ROWS: usize = 100_000;
const ROUNDS: usize = 31;
const ROUNDS_OF_PYTHON: usize = 3;
const MENU: &str = "/ip/firewall/address-list";

fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().collect();
    match arguments.iter().position(|argument| argument == "client") {
        Some(at) => client(&arguments[at + 1], arguments[at + 2].parse()?),
        None => compare(rounds(&arguments)?),
    }
}

/// `--rounds N`: fewer rounds measure less and show only that everything still runs.
fn rounds(arguments: &[String]) -> Outcome<usize> {
    match arguments.iter().position(|argument| argument == "--rounds") {
        Some(at) => Ok(arguments
            .get(at + 1)
            .ok_or("--rounds takes a number")?
            .parse()?),
        None => Ok(ROUNDS),
    }
}

/// One way to read the rows.
struct Candidate {
    name: &'static str,
    /// The argument of the child process, or a Python program.
    program: Program,
    /// What its time is divided by.
    ratios: &'static [Ratio],
    /// The most its peak memory may be, as a ratio to the bytes of the answer.
    most_memory: Option<f64>,
}

/// The time of a candidate as a ratio.
struct Ratio {
    /// The name of the other candidate.
    to: &'static str,
    /// The most it may be.
    bar: Option<f64>,
}

enum Program {
    Own(&'static str),
    Python(&'static str),
}

const DISCARD: &str = "socket, read and discard";
const KEEP: &str = "socket, keep the bytes";
const STREAM: &str = "Router::stream, two fields of each row";
const ROWS_KEPT: &str = "Router::rows, all rows kept";

const CANDIDATES: [Candidate; 9] = [
    Candidate {
        name: "Router, connected and idle",
        program: Program::Own("idle"),
        ratios: &[],
        most_memory: None,
    },
    Candidate {
        name: DISCARD,
        program: Program::Own("discard"),
        ratios: &[],
        most_memory: None,
    },
    Candidate {
        name: KEEP,
        program: Program::Own("keep"),
        ratios: &[],
        most_memory: None,
    },
    Candidate {
        name: "the floor, two fields of each row",
        program: Program::Own("floor-stream"),
        ratios: &[to(DISCARD), to(STREAM)],
        most_memory: None,
    },
    Candidate {
        name: "the floor, all rows kept",
        program: Program::Own("floor-keep"),
        ratios: &[to(KEEP), to(ROWS_KEPT)],
        most_memory: None,
    },
    Candidate {
        name: STREAM,
        program: Program::Own("stream"),
        ratios: &[Ratio {
            to: DISCARD,
            bar: Some(1.3),
        }],
        most_memory: None,
    },
    Candidate {
        name: ROWS_KEPT,
        program: Program::Own("rows"),
        ratios: &[Ratio {
            to: KEEP,
            bar: Some(1.25),
        }],
        most_memory: Some(1.2),
    },
    Candidate {
        name: "Python librouteros",
        program: Program::Python(LIBROUTEROS),
        ratios: &[to(ROWS_KEPT)],
        most_memory: None,
    },
    Candidate {
        name: "Python routeros-api",
        program: Program::Python(ROUTEROS_API),
        ratios: &[to(ROWS_KEPT)],
        most_memory: None,
    },
];

const fn to(to: &'static str) -> Ratio {
    Ratio { to, bar: None }
}

const LIBROUTEROS: &str = "
import sys, time
from librouteros import connect
api = connect(host='127.0.0.1', port=int(sys.argv[1]), username='admin', password='', timeout=120)
start = time.perf_counter()
rows = list(api.path('ip', 'firewall', 'address-list'))
";

const ROUTEROS_API: &str = "
import sys, time
import routeros_api
pool = routeros_api.RouterOsApiPool('127.0.0.1', username='admin', password='', port=int(sys.argv[1]), plaintext_login=True)
menu = pool.get_api().get_resource('/ip/firewall/address-list')
start = time.perf_counter()
rows = menu.get()
";

const REPORT_OF_PYTHON: &str = "
wall = int((time.perf_counter() - start) * 1e6)
peak = [line.split()[1] for line in open('/proc/self/status') if line.startswith('VmHWM')][0]
print(wall, peak, len(rows))
";

/// What a child process measured.
#[derive(Clone, Copy)]
struct Measured {
    wall: Duration,
    peak_kib: u64,
}

fn compare(rounds: usize) -> Outcome<()> {
    let address = serve()?;
    let mut measured: HashMap<&str, Vec<Measured>> = HashMap::new();
    let mut failed: HashMap<&str, String> = HashMap::new();
    // The first round warms up and is not counted.
    for round in 0..=rounds {
        for candidate in &CANDIDATES {
            let python = matches!(candidate.program, Program::Python(_));
            if failed.contains_key(candidate.name) || python && round > ROUNDS_OF_PYTHON {
                continue;
            }
            match measure(candidate, address) {
                Ok(one) if round > 0 => measured.entry(candidate.name).or_default().push(one),
                Ok(_) => {}
                Err(error) => drop(failed.insert(candidate.name, error.to_string())),
            }
        }
    }
    print_table(rounds, &measured, &failed);
    let ours = |candidate: &&Candidate| matches!(candidate.program, Program::Own(_));
    match CANDIDATES
        .iter()
        .filter(ours)
        .find_map(|candidate| failed.get(candidate.name))
    {
        Some(error) => Err(error.clone().into()),
        None => Ok(()),
    }
}

fn measure(candidate: &Candidate, address: SocketAddr) -> Outcome<Measured> {
    let mut command = match &candidate.program {
        Program::Own(name) => {
            let mut command = Command::new(std::env::current_exe()?);
            command.args(["client", name, &address.to_string()]);
            command
        }
        Program::Python(program) => {
            let python = std::env::var("ROUTEROS_PYTHON").unwrap_or_else(|_| "python3".to_owned());
            let mut command = Command::new(python);
            command.args([
                "-c",
                &format!("{program}{REPORT_OF_PYTHON}"),
                &address.port().to_string(),
            ]);
            command
        }
    };
    let output = command.output()?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(said
            .lines()
            .last()
            .unwrap_or("it failed and said nothing")
            .into());
    }
    let said = String::from_utf8(output.stdout)?;
    let numbers = said
        .split_whitespace()
        .map(str::parse)
        .collect::<Result<Vec<u64>, _>>()?;
    let [wall, peak_kib, rows] = numbers[..] else {
        return Err(format!("it said `{said}`").into());
    };
    if rows != ROWS as u64 {
        return Err(format!("it read {rows} rows instead of {ROWS}").into());
    }
    Ok(Measured {
        wall: Duration::from_micros(wall),
        peak_kib,
    })
}

fn print_table(
    rounds: usize,
    measured: &HashMap<&str, Vec<Measured>>,
    failed: &HashMap<&str, String>,
) {
    let bytes = answer("1").len() as f64;
    println!(
        "{ROWS} rows, {:.1} MB, loopback, medians of {rounds} interleaved rounds (Python {ROUNDS_OF_PYTHON})\n",
        bytes / 1e6
    );
    println!(
        "{:<40} {:>22} {:>10} {:>14}  ratio to",
        "", "ms [min..max]", "peak MB", "peak to bytes"
    );
    for candidate in &CANDIDATES {
        if let Some(error) = failed.get(candidate.name) {
            println!("{:<40} not measured: {error}", candidate.name);
            continue;
        }
        let runs = &measured[candidate.name];
        let (least, most) = (extreme(runs, 0), extreme(runs, runs.len() - 1));
        let peak = runs
            .iter()
            .map(|run| run.peak_kib)
            .max()
            .unwrap_or_default() as f64
            * 1024.0;
        let times = format!("{:.1} [{least:.1}..{most:.1}]", median(runs));
        println!(
            "{:<40} {times:>22} {:>10.1} {:>14.2}  {}",
            candidate.name,
            peak / 1e6,
            peak / bytes,
            ratios(candidate, measured)
        );
    }
}

fn ratios(candidate: &Candidate, measured: &HashMap<&str, Vec<Measured>>) -> String {
    let shown = candidate.ratios.iter().filter_map(|Ratio { to, bar }| {
        let ratio = median(&measured[candidate.name]) / median(measured.get(to)?);
        let bar = bar.map_or_else(String::new, |bar| format!(", wanted: at most {bar}"));
        Some(format!("{ratio:.2} x `{to}`{bar}"))
    });
    let memory = candidate.most_memory;
    let memory = memory.map(|bar| format!("peak to bytes wanted: at most {bar}"));
    shown.chain(memory).collect::<Vec<_>>().join("; ")
}

fn median(runs: &[Measured]) -> f64 {
    extreme(runs, runs.len() / 2)
}

/// The wall time in milliseconds at `index` of the sorted runs.
fn extreme(runs: &[Measured], index: usize) -> f64 {
    let mut walls: Vec<Duration> = runs.iter().map(|run| run.wall).collect();
    walls.sort();
    walls[index].as_secs_f64() * 1e3
}

/// Reads the rows once, and prints microseconds, peak memory in KiB and the number of rows.
fn client(kind: &str, address: SocketAddr) -> Outcome<()> {
    let (wall, rows) = match kind {
        "discard" => raw(address, |_| {})?,
        "keep" => {
            let mut kept = Vec::new();
            let result = raw(address, |bytes| kept.push(bytes.to_vec()))?;
            black_box(&kept);
            result
        }
        "floor-stream" => {
            let (socket, start) = floor::ask(address, MENU)?;
            let (rows, bytes) = floor::stream(socket)?;
            black_box(bytes);
            (start.elapsed(), rows)
        }
        "floor-keep" => {
            let (socket, start) = floor::ask(address, MENU)?;
            let (bytes, rows) = floor::keep(socket)?;
            black_box(bytes);
            (start.elapsed(), black_box(rows).len())
        }
        kind => {
            // On a worker, where the tasks of a program run.
            let runtime = runtime()?;
            let task = runtime.spawn(own(kind.to_owned(), address));
            runtime.block_on(task)??
        }
    };
    println!("{} {} {rows}", wall.as_micros(), peak_kib()?);
    Ok(())
}

fn runtime() -> Outcome<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?)
}

async fn own(kind: String, address: SocketAddr) -> Outcome<(Duration, usize)> {
    let mut options = Options::new(address.ip().to_string(), "admin", Secret::default());
    options.port = address.port();
    let router = Router::connect(&options).await?;
    let start = Instant::now();
    let rows = match kind.as_str() {
        "idle" => ROWS,
        "rows" => black_box(router.rows(&Print::new(MENU)).await?).len(),
        _ => taken(&router).await?,
    };
    Ok((start.elapsed(), rows))
}

async fn taken(router: &Router) -> Outcome<usize> {
    let mut stream = router.stream(&Print::new(MENU)).await?;
    let (mut rows, mut bytes) = (0, 0);
    while let Some(batch) = stream.next().await? {
        for row in batch.rows() {
            rows += 1;
            bytes += row.get("address").map_or(0, <[u8]>::len)
                + row.get("comment").map_or(0, <[u8]>::len);
        }
    }
    black_box(bytes);
    Ok(rows)
}

/// Reads the same bytes without looking at them.
fn raw(address: SocketAddr, mut take: impl FnMut(&[u8])) -> Outcome<(Duration, usize)> {
    let mut left = answer_length();
    let mut buffer = vec![0; 64 << 10];
    let (mut stream, start) = floor::ask(address, MENU)?;
    while left > 0 {
        let read = stream.read(&mut buffer)?;
        take(&buffer[..read]);
        left = left
            .checked_sub(read)
            .filter(|_| read > 0)
            .ok_or("another answer than expected")?;
    }
    Ok((start.elapsed(), ROWS))
}

fn peak_kib() -> Outcome<u64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status
        .lines()
        .find(|line| line.starts_with("VmHWM"))
        .ok_or("no VmHWM")?;
    Ok(line.split_whitespace().nth(1).ok_or("no number")?.parse()?)
}

/// Serves the rows on a free port, a thread for each connection, until the process ends.
fn serve() -> Outcome<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    let answers = Arc::new(Mutex::new(HashMap::new()));
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let answers = answers.clone();
            // A client that has what it wants goes without a word.
            thread::spawn(move || drop(talk(stream, &answers)));
        }
    });
    Ok(address)
}

fn talk(mut stream: TcpStream, answers: &Mutex<HashMap<String, Arc<Vec<u8>>>>) -> Outcome<()> {
    stream.set_nodelay(true)?;
    let mut server = Server::new(Limits::default(), TagPlace::default());
    let mut buffer = vec![0; 4096];
    loop {
        let read = stream.read(&mut buffer)?;
        if read == 0 {
            return Ok(());
        }
        server.receive(&buffer[..read])?;
        while let Some(request) = server.poll_request() {
            if request.path().ends_with(b"/print") {
                let tag = String::from_utf8_lossy(request.tag().unwrap_or_default()).into_owned();
                let bytes = {
                    let mut answers = answers.lock().map_err(|_| "another connection failed")?;
                    answers
                        .entry(tag.clone())
                        .or_insert_with(|| Arc::new(answer(&tag)))
                        .clone()
                };
                stream.write_all(&bytes)?;
            } else {
                server.done(request.tag(), [("", ""); 0]);
                stream.write_all(&server.poll_transmit().unwrap_or_default())?;
            }
        }
    }
}

/// All rows for `tag`, and their end.
fn answer(tag: &str) -> Vec<u8> {
    let mut server = Server::new(Limits::default(), TagPlace::default());
    let tag = Some(tag.as_bytes()).filter(|tag| !tag.is_empty());
    for n in 0..ROWS {
        row(&mut server, tag, n);
    }
    server.done(tag, [("", ""); 0]);
    server.poll_transmit().unwrap_or_default().to_vec()
}

fn row(server: &mut Server, tag: Option<&[u8]>, n: usize) {
    let address = format!("10.{}.{}.{}", n >> 16, n >> 8 & 255, n & 255);
    let comment = format!(
        "lpsaring|status=blocked|user=0812{n:08}|role=USER|uid=9f6c3c1e-7d0a-4d1b-8f57-{n:012x}|date=2026-05-31"
    );
    let fields = [
        (".id", format!("*{n:X}")),
        ("list", "blocked".to_owned()),
        ("address", address),
        ("creation-time", "2026-05-31 12:00:01".to_owned()),
        ("dynamic", "false".to_owned()),
        ("disabled", "false".to_owned()),
        ("comment", comment),
    ];
    server.row(tag, fields);
}

/// The bytes of `answer("1")`, counted without building it, since that would count as memory.
fn answer_length() -> usize {
    let mut server = Server::new(Limits::default(), TagPlace::default());
    let mut length = 0;
    for n in 0..ROWS {
        row(&mut server, Some(b"1"), n);
        length += server.poll_transmit().unwrap_or_default().len();
    }
    server.done(Some(b"1"), [("", ""); 0]);
    length + server.unsent()
}
