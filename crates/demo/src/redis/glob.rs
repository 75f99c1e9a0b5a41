//! The patterns by which `SCAN` chooses keys.

/// True if `pattern` fits the whole of `text`: `*` any bytes, `?` one byte, `\` before what is meant
/// literally. Classes (`[a-z]`) are not known.
pub fn glob(pattern: &[u8], text: &[u8]) -> bool {
    let (mut at, mut place) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    while place < text.len() {
        let (literal, width) = match pattern.get(at) {
            Some(b'*') => {
                retry = Some((at + 1, place));
                at += 1;
                continue;
            }
            Some(b'\\') if at + 1 < pattern.len() => (pattern.get(at + 1), 2),
            Some(b'?') => (text.get(place), 1),
            other => (other, 1),
        };
        if literal == text.get(place) {
            at += width;
            place += 1;
        } else if let Some((star, start)) = retry {
            retry = Some((star, start + 1));
            at = star;
            place = start + 1;
        } else {
            return false;
        }
    }
    pattern[at..].iter().all(|byte| *byte == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_marks_and_backslashes_mean_what_they_mean_to_redis() {
        assert!(glob(b"a*b*c", b"axxbyyc"));
        assert!(!glob(b"a*b*c", b"axxbyy"));
        assert!(glob(b"\\*", b"*") && !glob(b"\\*", b"x"));
        assert!(glob(b"*\\", b"a\\"));
    }

    #[test]
    fn a_pattern_of_many_stars_is_answered_at_once() {
        let stars = "*a".repeat(2000);
        assert!(!glob(stars.as_bytes(), "a".repeat(1999).as_bytes()));
    }
}
