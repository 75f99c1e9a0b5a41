//! Words as they may be shown: secret values replaced.

use routeros_schema::is_secret;

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
