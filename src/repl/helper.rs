//! What the line editor asks while somebody types.

use std::borrow::Cow;
use std::cell::RefCell;
use std::rc::Rc;

use rustyline::completion::Completer;
use rustyline::highlight::{CmdKind, Highlighter};
use rustyline::hint::{Hint, Hinter, HistoryHinter};
use rustyline::validate::{ValidationContext, ValidationResult, Validator};
use rustyline::{Context, Helper, Result};

use super::console::Console;
use super::stops::Stops;
use super::syntax::{self, Class};
use super::{complete, directive};

/// The longest line that is coloured: beyond it typing would be felt to wait.
const LONGEST: usize = 10_000;

/// Completion, hints, colours, and whether an input wants another line.
pub struct LineHelper {
    console: Rc<RefCell<Console>>,
    hinter: HistoryHinter,
    color: bool,
    stops: Rc<Stops>,
}

impl LineHelper {
    /// A helper for the lines of `console`, which `stops` end.
    pub fn new(console: Rc<RefCell<Console>>, color: bool, stops: Rc<Stops>) -> Self {
        Self {
            console,
            hinter: HistoryHinter::new(),
            color,
            stops,
        }
    }
}

impl Helper for LineHelper {}

impl Completer for LineHelper {
    type Candidate = String;

    fn complete(&self, line: &str, pos: usize, _: &Context<'_>) -> Result<(usize, Vec<String>)> {
        let console = self.console.borrow();
        let session = &console.session;
        let before = &line[..pos];
        let candidates = match before.trim_start().starts_with(':') {
            true => directive::complete(session, before),
            false => complete::at_end(session, before),
        };
        Ok((candidates.start, candidates.texts))
    }
}

/// What is shown behind the cursor.
pub enum LineHint {
    /// The rest of an earlier line, which a key takes over.
    Earlier(String),
    /// The arguments that are still to come, to be read.
    Arguments(String),
}

impl Hint for LineHint {
    fn display(&self) -> &str {
        match self {
            Self::Earlier(text) | Self::Arguments(text) => text,
        }
    }

    fn completion(&self) -> Option<&str> {
        match self {
            Self::Earlier(text) => Some(text),
            Self::Arguments(_) => None,
        }
    }
}

impl Hinter for LineHelper {
    type Hint = LineHint;

    fn hint(&self, line: &str, pos: usize, context: &Context<'_>) -> Option<LineHint> {
        if let Some(earlier) = self.hinter.hint(line, pos, context) {
            return Some(LineHint::Earlier(earlier));
        }
        let is_at_end = pos == line.len() && line.len() <= LONGEST;
        let to_come = || complete::arguments_to_come(&self.console.borrow().session, line);
        let to_come = is_at_end.then(to_come).flatten();
        to_come.map(LineHint::Arguments)
    }
}

impl Validator for LineHelper {
    fn validate(&self, context: &mut ValidationContext) -> Result<ValidationResult> {
        let console = self.console.borrow();
        if console.session.is_incomplete(context.input()) {
            return Ok(ValidationResult::Incomplete);
        }
        // The editor asks once a line is entered, and takes one that is complete.
        self.stops.accept_line();
        Ok(ValidationResult::Valid(None))
    }
}

impl Highlighter for LineHelper {
    fn highlight<'l>(&self, line: &'l str, _: usize) -> Cow<'l, str> {
        match self.color && line.len() <= LONGEST {
            true => Cow::Owned(colored(line)),
            false => Cow::Borrowed(line),
        }
    }

    fn highlight_prompt<'b, 's: 'b, 'p: 'b>(&'s self, prompt: &'p str, _: bool) -> Cow<'b, str> {
        // Green while there is nothing to apply.
        let code = match self.console.borrow().session.planned.is_empty() {
            true => "1;32",
            false => "1;33",
        };
        match self.color {
            true => Cow::Owned(format!("\u{1b}[{code}m{prompt}\u{1b}[0m")),
            false => Cow::Borrowed(prompt),
        }
    }

    fn highlight_hint<'h>(&self, hint: &'h str) -> Cow<'h, str> {
        match self.color {
            true => Cow::Owned(format!("\u{1b}[2m{hint}\u{1b}[0m")),
            false => Cow::Borrowed(hint),
        }
    }

    fn highlight_char(&self, _: &str, _: usize, _: CmdKind) -> bool {
        self.color
    }
}

/// A line with its texts, comments, numbers and words of the language in colours.
fn colored(line: &str) -> String {
    let mut out = String::with_capacity(line.len() * 2);
    for piece in syntax::read(line).pieces {
        let (text, after) = (&line[piece.range.clone()], &line[piece.range.end..]);
        match color(piece.class, after) {
            Some(code) => out.push_str(&format!("\u{1b}[{code}m{text}\u{1b}[0m")),
            None => out.push_str(text),
        }
    }
    out
}

fn color(class: Class, after: &str) -> Option<&'static str> {
    match class {
        Class::Text => Some("32"),
        Class::Comment => Some("2"),
        Class::Number => Some("36"),
        Class::Keyword => Some("35"),
        Class::Name if after.starts_with("::") => Some("34"),
        Class::Name | Class::Mark | Class::Space => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_change_nothing_but_colours() {
        let line = "let x = db::rows(`é ${1}`); // \"c\" /* 😀";
        let mut plain = String::new();
        let mut parts = colored(line);
        while let Some(start) = parts.find('\u{1b}') {
            plain.push_str(&parts[..start]);
            let end = start + parts[start..].find('m').unwrap() + 1;
            parts = parts[end..].to_owned();
        }
        plain.push_str(&parts);
        assert_eq!(plain, line);
        assert!(colored(line).starts_with("\u{1b}[35mlet\u{1b}[0m"));
    }
}
