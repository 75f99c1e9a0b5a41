//! What a comment of the portal says, in words.

use super::comment::tags;

/// What the portal writes first into all of its comments.
const PORTAL: &str = "lpsaring";

/// The words of a comment for people, its tokens by what they mean; nothing where it has none. The id of a
/// user is left out where the comment names him by his number as well.
///
/// ```
/// use portal::meaning::meaning;
/// let comment = "lpsaring|status=blocked|user=081255501001|uid=5e840e76|date=28-11-2026|time=06:00:00";
/// assert_eq!(
///     meaning(comment).as_deref(),
///     Some("blocked, user 081255501001, written 2026-11-28 06:00:00")
/// );
/// assert_eq!(meaning("printer in the hall"), None);
/// ```
#[must_use]
pub fn meaning(comment: &str) -> Option<String> {
    let has_number = tags(comment).any(|(key, _)| key == "user");
    let mut words: Vec<String> = Vec::new();
    let mut is_read = false;
    // Which word is the date, of which the time is a part.
    let mut date = None;
    for part in comment.split('|').map(str::trim) {
        let Some((key, value)) = part.split_once('=').filter(|(key, _)| is_key(key)) else {
            is_read |= part == PORTAL;
            words.extend(Some(part.to_owned()).filter(|part| part != PORTAL && !part.is_empty()));
            continue;
        };
        is_read = true;
        match key {
            "status" => words.push(value.to_owned()),
            "reason" => words.push(format!("for {}", value.replace('-', " "))),
            "uid" if has_number => {}
            // They stand in columns of their own.
            "ip" | "role" => {}
            "uid" => words.push(format!("user id {value}")),
            "date" => {
                date = Some(words.len());
                words.push(format!("written {}", year_first(value)));
            }
            "time" => match date
                .filter(|at| at + 1 == words.len())
                .and_then(|at| words.get_mut(at))
            {
                Some(written) => written.extend([" ", value]),
                None => words.push(format!("written at {value}")),
            },
            _ => words.push(format!("{} {value}", key.replace(['_', '-'], " "))),
        }
    }
    is_read
        .then(|| words.join(", "))
        .filter(|words| !words.is_empty())
}

/// `2026-11-28` of `28-11-2026`; another text as it is.
fn year_first(date: &str) -> String {
    let parts: Vec<&str> = date.split('-').collect();
    match parts.as_slice() {
        [day, month, year] if day.len() == 2 && year.len() == 4 => format!("{year}-{month}-{day}"),
        _ => date.to_owned(),
    }
}

fn is_key(key: &str) -> bool {
    !key.is_empty()
        && key
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || b"_-".contains(&byte))
}
