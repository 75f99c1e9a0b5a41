//! The cases of this folder and what they are compared by, for the tests of several crates.

use std::fs;
use std::path::Path;

use serde_json::Value;

/// The columns of `users` that the sync writes.
pub const COLUMNS: [&str; 5] = [
    "is_blocked",
    "blocked_reason",
    "auto_debt_offset_mb",
    "total_quota_used_mb",
    "mikrotik_profile_name",
];

/// The menus of the router that the sync writes, and the fields by which their rows are compared.
pub const MENUS: [(&str, &str); 4] = [
    ("address-list", "list address comment disabled timeout"),
    (
        "ip-binding",
        "mac-address address server type comment disabled",
    ),
    (
        "hotspot-user",
        "name profile server limit-bytes-total limit-uptime comment disabled",
    ),
    (
        "dhcp-lease",
        "mac-address address server comment dynamic disabled",
    ),
];

/// Every case, in the order of the files' names. `root` is the folder of the whole project.
pub fn cases(root: &Path) -> Vec<Value> {
    in_folder(&root.join("tests/sync-oracle/cases"))
}

/// Every case of a folder, in the order of the files' names.
pub fn in_folder(folder: &Path) -> Vec<Value> {
    let entries = fs::read_dir(folder).unwrap();
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    assert!(!paths.is_empty(), "no cases in {}", folder.display());
    let read = |path| serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    paths.into_iter().map(read).collect()
}
