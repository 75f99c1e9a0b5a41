//! A `tikbook.toml`.

#![no_main]

use std::fs;
use std::path::PathBuf;
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use site::config::{self, Sources};

static FILE: LazyLock<PathBuf> = LazyLock::new(|| {
    let name = format!("tikbook-fuzz-site-{}.toml", std::process::id());
    std::env::temp_dir().join(name)
});

fuzz_target!(|bytes: &[u8]| {
    fs::write(&*FILE, bytes).expect("the temporary folder is writable");
    let sources = Sources {
        config_file: Some(FILE.clone()),
        ..Sources::default()
    };
    match config::load(sources) {
        Ok(site) => drop(format!(
            "{:?} {:?}",
            site.endpoints,
            site.warnings().count()
        )),
        Err(error) => drop(error.to_string()),
    }
});
