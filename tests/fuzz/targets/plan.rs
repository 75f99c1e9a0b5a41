//! A plan file.

#![no_main]

use std::fs;
use std::path::PathBuf;
use std::sync::LazyLock;

use journal::plan_file::Plan;
use journal::run::SiteIdentity;
use libfuzzer_sys::fuzz_target;

static FILE: LazyLock<PathBuf> = LazyLock::new(|| {
    let name = format!("tikbook-fuzz-plan-{}", std::process::id());
    std::env::temp_dir().join(name)
});

fuzz_target!(|bytes: &[u8]| {
    fs::write(&*FILE, bytes).expect("the temporary folder is writable");
    let site = SiteIdentity {
        name: "demo".to_owned(),
        routers: Vec::new(),
        database: None,
        redis: None,
    };
    match Plan::read(&FILE, &site, None) {
        Ok(plan) => drop(format!("{plan:?}")),
        Err(error) => drop((error.said(), error.causes(), error.hint())),
    }
});
