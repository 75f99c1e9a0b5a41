//! A query as a server receives it: what was understood is written as words that mean the same.

#![no_main]

use libfuzzer_sys::fuzz_target;
use routeros_proto::Query;

fuzz_target!(|bytes: &[u8]| {
    let words = bytes.split(|byte| *byte == 0);
    let Ok(query) = Query::parse(words) else {
        return;
    };
    let value_of = |name: &[u8]| {
        bytes
            .windows(name.len().max(1))
            .find(|value| *value != name)
    };
    let matches = query.matches(value_of);
    // Names that begin so are read as something else; a client does not send them.
    let is_sent = |name: &[u8]| !name.starts_with(b"#") && !b"-<>=".contains(&name[0]);
    if !query.names().all(is_sent) {
        return;
    }
    let again = Query::parse(query.words()).expect("its own words are understood");
    assert_eq!(again.matches(value_of), matches);
    let _ = query.names().count();
});
