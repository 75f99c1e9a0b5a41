//! What each part of an input is: code, text or comment; and what is left open at its end.

use rhai::{Engine, LexError, ParseErrorType};

/// What a byte of an input belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Code, the inside of `${…}` included.
    Code,
    /// A text with its quotation marks.
    Text,
    /// A comment.
    Comment,
}

/// What begins in an input and does not end in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Open {
    /// A block comment.
    Comment,
    /// A text that began with this mark.
    Text(char),
}

/// An input, read once from its start.
#[derive(Debug, PartialEq, Eq)]
pub struct Reading {
    /// One class for each byte.
    pub classes: Vec<Class>,
    /// What is open at the end, the innermost.
    pub open: Option<Open>,
}

/// Where the reader stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// In code; the number of braces that are open since `${`, if it is the inside of a text.
    Code(Option<usize>),
    Text(char),
    /// In a block comment, this many deep.
    Block(usize),
    Line,
}

/// Reads an input.
pub fn read(text: &str) -> Reading {
    let mut states = vec![State::Code(None)];
    let mut classes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        let state = states.last().copied().unwrap_or(State::Code(None));
        let (length, class) = step(&mut states, state, rest, letter);
        classes.extend(std::iter::repeat_n(class, length));
        rest = &rest[length..];
    }
    let open = states.iter().rev().find_map(|state| match state {
        State::Text(mark) => Some(Open::Text(*mark)),
        State::Block(_) => Some(Open::Comment),
        State::Code(_) | State::Line => None,
    });
    Reading { classes, open }
}

/// One step: how many bytes, and what they are.
fn step(states: &mut Vec<State>, state: State, rest: &str, letter: char) -> (usize, Class) {
    let one = letter.len_utf8();
    let turn = |states: &mut Vec<State>, next: State| {
        states.pop();
        states.push(next);
    };
    match state {
        State::Code(_) if rest.starts_with("//") => {
            states.push(State::Line);
            (2, Class::Comment)
        }
        State::Code(_) if rest.starts_with("/*") => {
            states.push(State::Block(1));
            (2, Class::Comment)
        }
        State::Code(_) if matches!(letter, '"' | '`' | '\'') => {
            states.push(State::Text(letter));
            (one, Class::Text)
        }
        State::Code(Some(depth)) if letter == '{' => {
            turn(states, State::Code(Some(depth + 1)));
            (one, Class::Code)
        }
        State::Code(Some(0)) if letter == '}' => {
            states.pop();
            (one, Class::Text)
        }
        State::Code(Some(depth)) if letter == '}' => {
            turn(states, State::Code(Some(depth - 1)));
            (one, Class::Code)
        }
        State::Code(_) => (one, Class::Code),
        State::Line => {
            if letter == '\n' {
                states.pop();
            }
            (one, Class::Comment)
        }
        State::Block(depth) if rest.starts_with("/*") => {
            turn(states, State::Block(depth + 1));
            (2, Class::Comment)
        }
        State::Block(depth) if rest.starts_with("*/") => {
            states.pop();
            if depth > 1 {
                states.push(State::Block(depth - 1));
            }
            (2, Class::Comment)
        }
        State::Block(_) => (one, Class::Comment),
        State::Text('`') if rest.starts_with("${") => {
            states.push(State::Code(Some(0)));
            (2, Class::Text)
        }
        State::Text(mark) if letter == mark => {
            states.pop();
            (one, Class::Text)
        }
        State::Text(mark) if letter == '\\' && mark != '`' => {
            let escaped = rest[1..].chars().next().map_or(0, char::len_utf8);
            (1 + escaped, Class::Text)
        }
        State::Text(_) => (one, Class::Text),
    }
}

/// Does an input want another line before it can be understood?
pub fn is_incomplete(engine: &Engine, text: &str) -> bool {
    match read(text).open {
        // The engine takes an open block comment for the end of the input.
        Some(Open::Comment | Open::Text('`')) => return true,
        // These do not reach over the end of a line.
        Some(Open::Text(_)) => return false,
        None => {}
    }
    match engine.compile(text) {
        Ok(_) => false,
        Err(error) => match *error.0 {
            ParseErrorType::UnexpectedEOF => true,
            ParseErrorType::BadInput(LexError::UnterminatedString) => false,
            // Something is missing where the input ends.
            _ => error.1.is_none() || is_at_end(text, error.1),
        },
    }
}

fn is_at_end(text: &str, position: rhai::Position) -> bool {
    let lines = text.lines().count();
    let last = text.lines().last().unwrap_or_default();
    let column = last.trim_end().chars().count();
    position.line().is_some_and(|line| {
        line > lines || (line == lines && position.position().unwrap_or(0) > column)
    })
}

/// The input with `_`, `_1` … `_9` replaced by what `name` calls these values. `_` before `=>` is
/// the engine's own.
pub fn name_values(text: &str, name: impl Fn(usize) -> Option<String>) -> String {
    let reading = read(text);
    let is_word = |byte: Option<&u8>| {
        byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_' || *byte >= 0x80)
    };
    let bytes = text.as_bytes();
    let mut named = String::with_capacity(text.len());
    let mut index = 0;
    while let Some(letter) = text[index..].chars().next() {
        let begins = letter == '_'
            && reading.classes[index] == Class::Code
            && !is_word(index.checked_sub(1).and_then(|before| bytes.get(before)));
        let digit = bytes
            .get(index + 1)
            .filter(|byte| byte.is_ascii_digit() && **byte != b'0');
        let length = 1 + usize::from(digit.is_some());
        let ends = !is_word(bytes.get(index + length));
        let is_arm = text[index + 1..].trim_start().starts_with("=>");
        let value = digit.map_or(0, |digit| usize::from(digit - b'0'));
        match (begins && ends && !is_arm).then(|| name(value)).flatten() {
            Some(name) => {
                named.push_str(&name);
                index += length;
            }
            None => {
                named.push(letter);
                index += letter.len_utf8();
            }
        }
    }
    named
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_told_apart() {
        let text = "a /* b /* c */ */ \"d\\\"\" `e ${f + \"g\"} h` // i";
        let classes = read(text).classes;
        let of = |word: &str| classes[text.find(word).unwrap()];
        for word in ["a", "f"] {
            assert_eq!(of(word), Class::Code, "{word}");
        }
        for word in ["d", "e", "\"g", " h`"] {
            assert_eq!(of(word), Class::Text, "{word}");
        }
        for word in ["b", "c */", "*/ \"", "// i"] {
            assert_eq!(of(word), Class::Comment, "{word}");
        }
    }

    #[test]
    fn what_is_open_wants_another_line() {
        let engine = Engine::new();
        for text in [
            "fn f() {",
            "let x = [1,",
            "#{ a: 1,",
            "let x =",
            "1 +",
            "f(1,",
            "/* open",
            "`open",
            "`${ f(",
            "if true {\n 1\n} else {",
        ] {
            assert!(is_incomplete(&engine, text), "{text}");
        }
    }

    #[test]
    fn what_is_complete_or_wrong_does_not() {
        let engine = Engine::new();
        for text in [
            "1 + 1",
            "let x = 1;",
            "let = 3",
            "f(1))",
            "\"open",
            "} 3",
            "",
            "/* a */ 1",
        ] {
            assert!(!is_incomplete(&engine, text), "{text}");
        }
    }

    #[test]
    fn values_get_their_names_outside_of_texts_and_arms() {
        let name = |value: usize| (value < 3).then(|| format!("value_{}", 7 - value));
        for (text, named) in [
            ("_ + _1", "value_7 + value_6"),
            ("`_ ${_}` + \"_\"", "`_ ${value_7}` + \"_\""),
            (
                "switch x { 1 => _, _ => 2 }",
                "switch x { 1 => value_7, _ => 2 }",
            ),
            ("a_ + _b + __ + _9 + _10", "a_ + _b + __ + _9 + _10"),
            ("_.len()", "value_7.len()"),
        ] {
            assert_eq!(name_values(text, name), named);
        }
    }
}
