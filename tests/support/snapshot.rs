//! Where snapshots lie and what is filtered out of them; set nowhere else.

use insta::{Settings, assert_snapshot};

/// What differs from run to run, and what stands in its place in a snapshot.
const FILTERS: &[(&str, &str)] = &[
    (
        r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?( ?(Z|UTC|[+-]\d\d:?\d\d))?",
        "[TIME]",
    ),
    (r"(127\.0\.0\.1|\[::1\]|localhost):\d{4,5}", "$1:[PORT]"),
    (r"(/[\w.+-]+)*/tikbook-[a-z]+-\w{6}", "[FOLDER]"),
    (r"\b\d{8}-\d{6}-[0-9a-f]{6}\b", "[RUN]"),
    (r"date=\d\d-\d\d[-\d]*", "date=[DATE]"),
    (r"\b\d{4}-\d\d-\d\d\b", "[DATE]"),
    // Of a moment that a line's end parts.
    (r"\b\d\d:\d\d:\d\d\b", "[CLOCK]"),
    (
        r"\b(\d+w ?)?(\d+d ?)?(\d+h ?)?(\d+m ?)?\d+(\.\d+)?(ns|us|µs|ms|s)\b",
        "[DURATION]",
    ),
];

/// Compares `text` with `snapshots/<folder>/<name>.snap`.
pub fn check(folder_and_name: &str, text: &str) {
    let (folder, name) = folder_and_name
        .split_once('/')
        .expect("a folder and a name");
    let mut settings = Settings::clone_current();
    let snapshots = concat!(env!("CARGO_MANIFEST_DIR"), "/snapshots/");
    settings.set_snapshot_path(format!("{snapshots}{folder}"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    for (pattern, replacement) in FILTERS {
        settings.add_filter(pattern, *replacement);
    }
    settings.bind(|| assert_snapshot!(name, text));
}
