//! What a value of an environment file takes of other variables, in the forms of Docker Compose.

/// What a variable is, if it is set.
pub(super) type Lookup<'variables> = &'variables dyn Fn(&str) -> Option<String>;

/// How deep one may stand in the text of another.
const DEEPEST: usize = 8;
/// How long a value may become.
const LONGEST: usize = 1024 * 1024;

const NEVER_CLOSED: &str =
    "a `${` is never closed; put the value into single quotes if it means itself";
const NO_NAME: &str = "a `${` is not followed by the name of a variable; put the value into single quotes if it means itself";
const NOT_SET: &str = "it takes what a variable is that is not set: set it before this line or in the \
     environment, write ${NAME:-text}, or put the value into single quotes if its `$` means itself";
const TOO_DEEP: &str = "too many `${` stand in each other";
const TOO_LONG: &str = "what it takes of other variables is too long";

/// `text` with each reference in it replaced.
pub(super) fn replaced(text: &str, value_of: Lookup<'_>) -> Result<String, &'static str> {
    replaced_at(0, text, value_of)
}

/// Does `text` begin with a reference, or with the way to write that none is meant?
pub(super) fn is_reference(text: &str) -> bool {
    text.starts_with("${") || text.starts_with("$${")
}

/// What the reference that `text` begins with stands for, and how many bytes it takes: `${NAME}`,
/// `${NAME:-text}` for a variable that is absent or empty, `${NAME:+text}` for one that is not,
/// `${NAME:?text}` for one that must not be; without the colon an empty one counts as set. `$${` is
/// no reference, but a `${`.
///
/// # Errors
/// It is none of these, or the variable is not set. The reason holds nothing of the text, which may
/// be a password.
pub(super) fn reference(text: &str, value_of: Lookup<'_>) -> Result<(String, usize), &'static str> {
    reference_at(0, text, value_of)
}

fn replaced_at(depth: usize, text: &str, value_of: Lookup<'_>) -> Result<String, &'static str> {
    let mut value = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        value.push_str(&rest[..at]);
        rest = &rest[at..];
        let (of_it, taken) = match is_reference(rest) {
            true => reference_at(depth, rest, value_of)?,
            false => ("$".to_owned(), 1),
        };
        value.push_str(&of_it);
        if value.len() > LONGEST {
            return Err(TOO_LONG);
        }
        rest = &rest[taken..];
    }
    value.push_str(rest);
    Ok(value)
}

fn reference_at(
    depth: usize,
    text: &str,
    value_of: Lookup<'_>,
) -> Result<(String, usize), &'static str> {
    if text.starts_with("$${") {
        return Ok(("${".to_owned(), 3));
    }
    if depth == DEEPEST {
        return Err(TOO_DEEP);
    }
    let end = end_of(text).ok_or(NEVER_CLOSED)?;
    let inside = &text[2..end];
    let name_end = inside.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    let (name, form) = inside.split_at(name_end.unwrap_or(inside.len()));
    if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) {
        return Err(NO_NAME);
    }
    let (counts_empty, form) = match form.strip_prefix(':') {
        Some(form) => (false, form),
        None => (true, form),
    };
    let value = value_of(name).filter(|value| counts_empty || !value.is_empty());
    let other = |text| replaced_at(depth + 1, text, value_of);
    let value = match (form.chars().next(), value) {
        (None, Some(value)) if counts_empty => value,
        (Some('-' | '?'), Some(value)) => value,
        (Some('-'), None) => other(&form[1..])?,
        (Some('+'), Some(_)) => other(&form[1..])?,
        (Some('+'), None) => String::new(),
        (Some('?'), None) => return Err(NOT_SET),
        (None, None) if counts_empty => return Err(NOT_SET),
        _ => return Err(NO_NAME),
    };
    Ok((value, end + 1))
}

/// Where the `}` of the reference stands that `text` begins with.
fn end_of(text: &str) -> Option<usize> {
    let mut open = 0;
    for (at, character) in text.char_indices() {
        match character {
            '$' if text[at..].starts_with("${") => open += 1,
            '}' if open == 1 => return Some(at),
            '}' => open -= 1,
            '\n' => return None,
            _ => {}
        }
    }
    None
}
