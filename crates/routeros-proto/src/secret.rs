//! Which attributes must not be shown.

/// Whether the value of the attribute `name` is a secret: a password, a key, an answer to a challenge.
///
/// Decided by name, and rather once too often: `Debug` of commands and rows uses it.
#[must_use]
pub fn is_secret(name: &[u8]) -> bool {
    const PARTS: [&str; 6] = [
        "password",
        "passwd",
        "passphrase",
        "secret",
        "private-key",
        "static-key",
    ];
    const WHOLE: [&str; 4] = ["response", "key", "token", "api-key"];
    let name = String::from_utf8_lossy(name).to_ascii_lowercase();
    PARTS.iter().any(|part| name.contains(part))
        || WHOLE.contains(&name.as_str())
        || name.ends_with("shared-key")
        || name.ends_with("-token")
        || name.ends_with("auth-key")
        || name.ends_with("enc-key")
}

/// A word as it may be shown: lossy text, a secret value replaced by `***`.
pub(crate) fn shown(word: &[u8]) -> String {
    let Some((prefix, name)) = named(word) else {
        return String::from_utf8_lossy(word).into_owned();
    };
    if is_secret(name) && prefix + name.len() < word.len() {
        return format!(
            "{}=***",
            String::from_utf8_lossy(&word[..prefix + name.len()])
        );
    }
    String::from_utf8_lossy(word).into_owned()
}

/// The name in an attribute or query word, after the characters that make it one.
fn named(word: &[u8]) -> Option<(usize, &[u8])> {
    if !matches!(word.first(), Some(b'=' | b'?')) {
        return None;
    }
    let prefix = word
        .iter()
        .take_while(|byte| b"=?<>-".contains(byte))
        .count();
    let name = word[prefix..]
        .split(|&byte| byte == b'=')
        .next()
        .unwrap_or_default();
    Some((prefix, name))
}
