//! Reads environment files (`.env`) as the portal's own tools do.

use std::collections::BTreeMap;
use std::path::Path;

use super::ConfigError;
use super::env_reference::{Lookup, is_reference, reference, replaced};
use super::variables::Variables;

/// Environment files, read one after the other.
pub struct EnvFiles<'environment> {
    environment: &'environment Variables,
    variables: BTreeMap<String, String>,
    /// How long all values are.
    length: usize,
}

type Variable = (String, String);

/// How long all values may become by what they take of each other.
const LONGEST: usize = 4 * 1024 * 1024;

impl<'environment> EnvFiles<'environment> {
    /// None so far. What a value takes of another variable comes from `environment`, the process's,
    /// else from the lines before it.
    pub fn over(environment: &'environment Variables) -> Self {
        Self {
            environment,
            variables: BTreeMap::new(),
            length: 0,
        }
    }

    /// Reads the environment file `text`.
    ///
    /// Understood: `NAME=value`, `export NAME=value`, comments, blank lines, values in single quotes
    /// (taken as they are) or double quotes (`\n \r \t \\ \" \$` mean what they say; may span lines).
    /// In bare values and double quotes `${NAME}` is what that variable is, with the forms that
    /// Docker Compose has for one that may be absent (`${NAME:-text}` and its like). Any other `$` is
    /// only a `$`, so that passwords survive. In a bare value a comment starts at a `#` after a space. A
    /// name without `=` sets nothing.
    ///
    /// # Errors
    /// [`ConfigError::InvalidEnvLine`] with `file` (used for that only) and the line.
    pub fn read(&mut self, text: &str, file: &Path) -> Result<(), ConfigError> {
        let mut rest = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut line = 1;
        while !rest.is_empty() {
            let refused = |reason| ConfigError::InvalidEnvLine {
                file: file.to_owned(),
                line,
                reason,
            };
            let (variable, taken) = entry(rest, &|name| self.value_of(name)).map_err(refused)?;
            self.length += variable.as_ref().map_or(0, |(_, value)| value.len());
            if self.length > LONGEST {
                return Err(refused("with it all values together are too long"));
            }
            self.variables.extend(variable);
            line += rest[..taken].matches('\n').count();
            rest = &rest[taken..];
        }
        Ok(())
    }

    /// All variables; of those of one name the last one.
    pub fn variables(self) -> BTreeMap<String, String> {
        self.variables
    }

    fn value_of(&self, name: &str) -> Option<String> {
        let before = || self.variables.get(name).cloned();
        let of_process = self.environment.get(name).map(str::to_owned);
        of_process.or_else(before)
    }
}

/// One entry at the start of `text`, and how many bytes it took, its line end included.
fn entry(text: &str, value_of: Lookup<'_>) -> Result<(Option<Variable>, usize), &'static str> {
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
        Some(quote @ ('"' | '\'')) => quoted(text, value_start, quote, value_of)?,
        _ => {
            let bare = bare(&text[after_equals..line_end]);
            (replaced(bare, value_of)?, line_end)
        }
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

fn bare(text: &str) -> &str {
    let comment = text
        .match_indices('#')
        .find(|(at, _)| text[..*at].ends_with([' ', '\t']));
    let value = comment.map_or(text, |(at, _)| &text[..at]);
    value.trim()
}

/// The value whose opening `quote` stands at `start`, and where the entry's last line ends.
fn quoted(
    text: &str,
    start: usize,
    quote: char,
    value_of: Lookup<'_>,
) -> Result<(String, usize), &'static str> {
    let mut value = String::new();
    let mut characters = text[start + 1..].char_indices();
    while let Some((at, character)) = characters.next() {
        let rest = &text[start + 1 + at..];
        match character {
            '$' if quote == '"' && is_reference(rest) => {
                let end = rest.find(quote).unwrap_or(rest.len());
                let (of_it, taken) = reference(&rest[..end], value_of)?;
                value.push_str(&of_it);
                let after = at + taken;
                while characters.clone().next().is_some_and(|(at, _)| at < after) {
                    characters.next();
                }
            }
            '\\' => match characters.next() {
                Some((_, escaped)) => unescape(&mut value, quote, escaped),
                None => break,
            },
            '\r' if rest.starts_with("\r\n") => {}
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
        let environment = Variables::new([("SHELL".into(), "sh".into())].into());
        let mut files = EnvFiles::over(&environment);
        files.read(text, Path::new("site.env")).unwrap();
        files.variables().into_iter().collect()
    }

    /// The line that is refused.
    fn refused(text: &str) -> usize {
        let environment = Variables::default();
        let mut files = EnvFiles::over(&environment);
        let error = files.read(text, Path::new("site.env")).unwrap_err();
        let ConfigError::InvalidEnvLine { line, .. } = error else {
            panic!("{error}");
        };
        line
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
            ("K=p$w$HOME$", "p$w$HOME$"),
            ("K='${SHELL}'", "${SHELL}"),
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
            assert_eq!(refused(text), line, "{text:?}");
        }
    }

    #[test]
    fn a_value_takes_what_another_variable_is_as_compose_does() {
        for (value, expected) in [
            ("${P}_blocked", "klient_blocked"),
            ("\"${P}_blocked\"", "klient_blocked"),
            ("'${P}_blocked'", "${P}_blocked"),
            ("\"\\${P}_blocked\"", "${P}_blocked"),
            ("$${P}_blocked", "${P}_blocked"),
            ("$P", "$P"),
            ("${SHELL}", "sh"),
            ("${P:-x}", "klient"),
            ("${NOPE:-x}y # note", "xy"),
            ("${NOPE-x}", "x"),
            ("${EMPTY:-x}", "x"),
            ("${EMPTY-x}", ""),
            ("${EMPTY}", ""),
            ("${NOPE:-${P}}", "klient"),
            ("\"${NOPE:-é}ü\"", "éü"),
            ("${P:+x}${NOPE:+y}${EMPTY+z}", "xz"),
            ("${P:?it must be set}", "klient"),
        ] {
            let read = read(&format!("EMPTY=\nP=klient\nK={value}\n"));
            let k = read.iter().find(|(name, _)| name == "K");
            assert_eq!(
                k.map(|(_, value)| value.as_str()),
                Some(expected),
                "{value}"
            );
        }
        // The process's own is stronger, as everywhere.
        let read = read("SHELL=bash\nK=${SHELL}\n");
        assert_eq!(read[0], ("K".to_owned(), "sh".to_owned()));
    }

    #[test]
    fn a_value_that_takes_what_is_not_there_is_refused() {
        for value in [
            "${NOPE}",
            "${NOPE:?}",
            "${EMPTY:?}",
            "${}",
            "${1}",
            "${P",
            "\"${P\"",
            "${P!x}",
            "${P-${NOPE}",
        ] {
            assert_eq!(refused(&format!("P=\nEMPTY=\nK={value}\n}}")), 3, "{value}");
        }
        let deep = format!("K={}{}", "${N:-".repeat(1_000), "}".repeat(1_000));
        assert_eq!(refused(&deep), 1);
        // Ten times as long with every line.
        let mut laughs = "A0=0123456789\n".to_owned();
        for n in 1..20 {
            let ten = format!("${{A{}}}", n - 1).repeat(10);
            laughs.push_str(&format!("A{n}={ten}\n"));
        }
        assert!(refused(&laughs) < 10);
    }
}
