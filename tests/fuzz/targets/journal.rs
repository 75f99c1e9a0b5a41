//! A journal, as a kill, a disk or a hand left it: all of it that can be read is, and what cannot is told.

#![no_main]

use std::fs;
use std::path::PathBuf;
use std::sync::LazyLock;

use journal::record;
use libfuzzer_sys::fuzz_target;

static FOLDER: LazyLock<PathBuf> = LazyLock::new(|| {
    let name = format!("tikbook-fuzz-journal-{}", std::process::id());
    let folder = std::env::temp_dir().join(name);
    fs::create_dir_all(journal::site_folder(&folder, "demo")).expect("the folder is writable");
    folder
});

fuzz_target!(|bytes: &[u8]| {
    let file = journal::site_folder(&FOLDER, "demo").join("20261127-220023-d1b143.jsonl");
    fs::write(&file, bytes).expect("the temporary folder is writable");
    let records = record::read_all(&FOLDER, "demo").expect("the folder can be read");
    for record in &records {
        let _ = (
            record.state(),
            record.runbook(),
            record.open(),
            record::made(record, &records),
        );
    }
});
