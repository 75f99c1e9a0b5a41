//! Addresses of databases and of Redis: nothing that is said of one holds its password.

#![no_main]

use libfuzzer_sys::fuzz_target;
use site::config::{DatabaseTarget, RedisTarget, Secrets};

const PASSWORD: &str = "Pl4nted-S3cret";

fuzz_target!(|text: &str| {
    let text = text.replace("PASSWORD", PASSWORD);
    let secrets = Secrets::default();
    let database = match DatabaseTarget::parse(&text, &secrets) {
        Ok(target) => format!("{target} {target:?}"),
        Err(reason) => reason,
    };
    let redis = match RedisTarget::parse(&text, &secrets) {
        Ok(target) => format!("{target} {target:?}"),
        Err(reason) => reason,
    };
    // In the place of a password it is one, and nowhere else.
    let place = text
        .split_once("://")
        .map(|(_, rest)| rest.split(['/', '?', '#']).next());
    let has_it = place
        .flatten()
        .is_some_and(|place| place.contains(&format!(":{PASSWORD}@")));
    if has_it && text.matches(PASSWORD).count() == 1 {
        assert!(!database.contains(PASSWORD), "{database}");
        assert!(!redis.contains(PASSWORD), "{redis}");
    }
});
