//! What one line says: a directive, a name to be explained, or an input to be evaluated.

use std::io;

use tokio_util::sync::CancellationToken;

use super::console::Console;
use super::directive;

/// Does what a line says, until `cancel` stops it, and shows the result; false after `:quit`.
///
/// # Errors
/// Stdout cannot be written to.
pub fn obey(console: &mut Console, line: &str, cancel: CancellationToken) -> io::Result<bool> {
    console.asker.heed(cancel);
    let trimmed = line.trim();
    if trimmed.is_empty() {
        return Ok(true);
    }
    console.screen.entered(trimmed);
    carry_out(console, line)
}

fn carry_out(console: &mut Console, line: &str) -> io::Result<bool> {
    let trimmed = line.trim();
    if let Some(words) = trimmed.strip_prefix(':') {
        return directive::run(console, words);
    }
    let asked = trimmed.strip_suffix('?').filter(|name| is_name(name));
    match asked {
        Some(name) => console.explain(name)?,
        None => console.enter(line)?,
    }
    Ok(true)
}

fn is_name(text: &str) -> bool {
    let plain = |c: char| c.is_alphanumeric() || "_:.".contains(c);
    !text.is_empty() && text.chars().all(plain)
}
