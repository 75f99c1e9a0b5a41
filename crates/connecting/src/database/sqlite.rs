//! Where an SQLite database is.

use std::path::{Path, PathBuf};

use sqlx::sqlite::SqliteConnectOptions;

use site::config::SqliteTarget;

/// The options of a connection to `target`, before it is said what it is for.
pub fn sqlite(target: &SqliteTarget) -> SqliteConnectOptions {
    let options = SqliteConnectOptions::new();
    match target {
        SqliteTarget::File(path) => options.filename(literal(path)),
        SqliteTarget::Memory { name: Some(name) } => options
            .filename(format!("file:{name}"))
            .in_memory(true)
            .shared_cache(true),
        SqliteTarget::Memory { name: None } => options.filename(":memory:").in_memory(true),
    }
}

/// A path that SQLite does not take for one of its URIs, whose options could ask for writing.
fn literal(path: &Path) -> PathBuf {
    if path.to_string_lossy().starts_with("file:") {
        Path::new("./").join(path)
    } else {
        path.to_owned()
    }
}
