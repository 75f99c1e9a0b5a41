//! Lines of logs of any form, of a file and of the Engine.

#![no_main]

use jiff::Timestamp;
use jiff::tz::TimeZone;
use libfuzzer_sys::fuzz_target;
use portal::log_line::{LogClock, LogReader};

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    let now = Timestamp::from_second(1_796_000_000).expect("it is a moment");
    for clock in [
        LogClock::of_site(now, TimeZone::UTC),
        LogClock::of_processes(now, TimeZone::get("Asia/Makassar").unwrap_or(TimeZone::UTC)),
    ] {
        let mut reader = LogReader::new(clock);
        for (number, line) in text.lines().enumerate() {
            match number % 2 {
                0 => reader.of_file(line),
                _ => reader.of_engine(Some("celery_worker"), line),
            }
        }
        assert!(reader.lines().len() <= text.lines().count());
    }
});
