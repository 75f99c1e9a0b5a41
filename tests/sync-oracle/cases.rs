//! The cases of this folder, for the tests of several crates.

use std::fs;
use std::path::Path;

use serde_json::Value;

/// Every case, in the order of the files' names. `root` is the folder of the whole project.
pub fn cases(root: &Path) -> Vec<Value> {
    let folder = root.join("tests/sync-oracle/cases");
    let mut paths: Vec<_> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    assert!(!paths.is_empty(), "no cases in {}", folder.display());
    let read = |path| serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    paths.into_iter().map(read).collect()
}
