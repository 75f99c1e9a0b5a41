//! Reads environment files (`.env`) as the portal's own tools do.

use std::path::Path;

use super::ConfigError;

/// The variables of the environment file `text`, in their order.
///
/// Understood: `NAME=value`, `export NAME=value`, comments, blank lines, values in single quotes
/// (taken as they are) or double quotes (`\n \r \t \\ \" \$` mean what they say; may span lines).
/// A `$` is only a `$`: nothing is expanded, so that passwords survive. In a bare value a comment
/// starts at a `#` after a space. A name without `=` sets nothing.
///
/// # Errors
/// [`ConfigError::InvalidEnvLine`] with `file` (used for that only) and the line.
pub fn parse_env_file(text: &str, file: &Path) -> Result<Vec<(String, String)>, ConfigError> {
    let mut variables = Vec::new();
    let mut rest = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut line = 1;
    while !rest.is_empty() {
        let (variable, taken) = entry(rest).map_err(|reason| ConfigError::InvalidEnvLine {
            file: file.to_owned(),
            line,
            reason,
        })?;
        variables.extend(variable);
        line += rest[..taken].matches('\n').count();
        rest = &rest[taken..];
    }
    Ok(variables)
}

type Variable = (String, String);

/// One entry at the start of `text`, and how many bytes it took, its line end included.
fn entry(text: &str) -> Result<(Option<Variable>, usize), &'static str> {
    let line_end = text.find('\n').map_or(text.len(), |end| end + 1);
    let line = text[..line_end].trim();
    if line.is_empty() || line.starts_with('#') {
        return Ok((None, line_end));
    }
    let line = exported(line);
    let Some((name, _)) = line.split_once('=') else {
        return valid_name(line).map(|()| (None, line_end));
    };
    let name = name.trim();
    valid_name(name)?;
    let after_equals = text.find('=').map_or(text.len(), |equals| equals + 1);
    let blank = text[after_equals..]
        .find(|c: char| c != ' ' && c != '\t')
        .unwrap_or(0);
    let value_start = after_equals + blank;
    let (value, end) = match text[value_start..].chars().next() {
        Some(quote @ ('"' | '\'')) => quoted(text, value_start, quote)?,
        _ => (bare(&text[after_equals..line_end]), line_end),
    };
    Ok((Some((name.to_owned(), value)), end))
}

fn exported(line: &str) -> &str {
    match line.strip_prefix("export") {
        Some(rest) if rest.starts_with([' ', '\t']) => rest.trim_start(),
        _ => line,
    }
}

fn valid_name(name: &str) -> Result<(), &'static str> {
    let mut characters = name.chars();
    let starts_well = characters
        .next()
        .is_some_and(|c| c.is_ascii_alphabetic() || c == '_');
    if starts_well && characters.all(|c| c.is_ascii_alphanumeric() || "_.-".contains(c)) {
        Ok(())
    } else {
        Err("it does not start with a variable's name and `=`")
    }
}

fn bare(text: &str) -> String {
    let comment = text
        .match_indices('#')
        .find(|(at, _)| text[..*at].ends_with([' ', '\t']));
    let value = comment.map_or(text, |(at, _)| &text[..at]);
    value.trim().to_owned()
}

/// The value whose opening `quote` stands at `start`, and where the entry's last line ends.
fn quoted(text: &str, start: usize, quote: char) -> Result<(String, usize), &'static str> {
    let mut value = String::new();
    let mut characters = text[start + 1..].char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '\\' => match characters.next() {
                Some((_, escaped)) => unescape(&mut value, quote, escaped),
                None => break,
            },
            '\r' if text[start + 1 + at..].starts_with("\r\n") => {}
            _ if character == quote => {
                return after_quote(text, start + 1 + at + 1).map(|end| (value, end));
            }
            _ => value.push(character),
        }
    }
    Err("the quote that it opens is never closed")
}

fn unescape(value: &mut String, quote: char, escaped: char) {
    match (quote, escaped) {
        ('"', 'n') => value.push('\n'),
        ('"', 'r') => value.push('\r'),
        ('"', 't') => value.push('\t'),
        ('"', '$') => value.push('$'),
        (_, '\\') => value.push('\\'),
        (_, escaped) if escaped == quote => value.push(quote),
        (_, escaped) => {
            value.push('\\');
            value.push(escaped);
        }
    }
}

fn after_quote(text: &str, from: usize) -> Result<usize, &'static str> {
    let line_end = text[from..]
        .find('\n')
        .map_or(text.len(), |end| from + end + 1);
    let rest = text[from..line_end].trim();
    if rest.is_empty() || rest.starts_with('#') {
        Ok(line_end)
    } else {
        Err("there is text after the closing quote")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(String, String)> {
        parse_env_file(text, Path::new("site.env")).unwrap()
    }

    #[test]
    fn values_are_read_as_docker_and_python_read_them() {
        for (text, value) in [
            ("K=v", "v"),
            ("K=", ""),
            ("K =  v  ", "v"),
            ("export K=v", "v"),
            ("export\tK=v", "v"),
            ("K=a b c", "a b c"),
            ("K=p$w$HOME${X}", "p$w$HOME${X}"),
            ("K=\"p$w\"", "p$w"),
            ("K='a # b'", "a # b"),
            ("K=a#b # note", "a#b"),
            ("K=#1a2b3c", "#1a2b3c"),
            ("K= # note", ""),
            ("K=\"a \\\"b\\\" \\n\"", "a \"b\" \n"),
            ("K='it\\'s \\n'", "it's \\n"),
            ("K=\"two\nlines\" # note", "two\nlines"),
            ("K=postgresql://u:p@h/d?x=y", "postgresql://u:p@h/d?x=y"),
            ("K=v\r\n", "v"),
            ("\u{feff}K=v", "v"),
            ("K=it's", "it's"),
        ] {
            assert_eq!(read(text), [("K".to_owned(), value.to_owned())], "{text:?}");
        }
    }

    #[test]
    fn comments_blank_lines_and_bare_names_set_nothing() {
        assert_eq!(read("# note\n\n  \nNAME\n"), []);
    }

    #[test]
    fn an_error_names_the_line_even_after_a_value_of_several_lines() {
        for (text, line) in [
            ("A=1\nB : 2\n", 2),
            ("A='x\ny\nz'\n9B=2", 4),
            ("A=\"open\nB=2\n", 1),
            ("A='x' y", 1),
            ("=v", 1),
        ] {
            let error = parse_env_file(text, Path::new("site.env")).unwrap_err();
            let ConfigError::InvalidEnvLine { line: found, .. } = error else {
                panic!("{error}");
            };
            assert_eq!(found, line, "{text:?}");
        }
    }
}
