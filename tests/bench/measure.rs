//! Running a command, its time and its greatest memory.

use std::fs;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// What one run of a command took.
#[derive(Clone, Copy)]
pub struct Cost {
    /// From its start to its end.
    pub time: Duration,
    /// The most memory it held, in bytes, or 0 for a run too short to see.
    pub memory: u64,
}

/// Runs `command` with its output thrown away and watches its memory, which costs the time up to a
/// millisecond.
pub fn run(command: &mut Command) -> Cost {
    let start = Instant::now();
    let mut child = command
        .stdout(Stdio::null())
        .spawn()
        .expect("the command can be started");
    let mut memory = 0;
    loop {
        memory = peak_memory(child.id()).unwrap_or(memory).max(memory);
        if let Some(status) = child.try_wait().expect("our own child can be asked") {
            let time = start.elapsed();
            assert!(status.success(), "{command:?} ended with {status}");
            return Cost { time, memory };
        }
        thread::sleep(Duration::from_millis(1));
    }
}

/// The time of `command` alone, without a look at its memory.
pub fn time(command: &mut Command) -> Duration {
    command.stdin(Stdio::null()).stdout(Stdio::null());
    let start = Instant::now();
    let status = command.status().expect("the command can be started");
    let time = start.elapsed();
    assert!(status.success(), "{command:?} ended with {status}");
    time
}

/// The middle of some times.
pub fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

/// Milliseconds with as many digits as are of use.
pub fn milliseconds(time: Duration) -> String {
    let value = time.as_secs_f64() * 1e3;
    if value < 100.0 {
        format!("{value:.2} ms")
    } else {
        format!("{value:.0} ms")
    }
}

fn peak_memory(pid: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}
