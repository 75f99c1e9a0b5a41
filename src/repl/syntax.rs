//! What each part of an input is, by the engine's own lexer; and what is left open at its end.

use std::ops::Range;

use rhai::{
    Engine, InputStream, LexError, ParseErrorType, Position, Token, TokenizeState,
    TokenizerControlBlock, get_next_token,
};

/// What a piece of an input is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Between the others.
    Space,
    /// The name of a variable, a function, a namespace, a field.
    Name,
    /// A word of the language.
    Keyword,
    /// A number.
    Number,
    /// An operator, a bracket, a comma.
    Mark,
    /// A text with its quotation marks, and with the `${` and `}` around code inside it.
    Text,
    /// A comment.
    Comment,
}

impl Class {
    /// Is it neither text nor comment?
    pub fn is_code(self) -> bool {
        !matches!(self, Self::Text | Self::Comment)
    }
}

/// A part of an input that is of one class.
#[derive(Debug, PartialEq, Eq)]
pub struct Piece {
    /// Its bytes.
    pub range: Range<usize>,
    /// What it is.
    pub class: Class,
}

/// What begins in an input and does not end in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Open {
    /// A block comment.
    Comment,
    /// A text that reaches over ends of lines, or code inside one.
    Text,
    /// A text that had to end in its line.
    Line,
}

/// An input, read once from its start.
#[derive(Debug)]
pub struct Reading {
    /// All of it, in order and without gaps.
    pub pieces: Vec<Piece>,
    /// What is open at the end, the innermost.
    pub open: Option<Open>,
}

impl Reading {
    /// What the byte at `index` belongs to.
    pub fn class_at(&self, index: usize) -> Option<Class> {
        let place = self
            .pieces
            .partition_point(|piece| piece.range.end <= index);
        self.pieces.get(place).map(|piece| piece.class)
    }

    /// What the end of the input belongs to.
    pub fn last(&self) -> Option<Class> {
        self.pieces.last().map(|piece| piece.class)
    }
}

/// Reads an input. What comes after a place that the lexer does not understand is read as well.
pub fn read(text: &str) -> Reading {
    let mut reader = Reader::new(text);
    while reader.stream.at < text.len() {
        reader.step();
    }
    Reading {
        open: reader.open(),
        pieces: reader.pieces,
    }
}

/// The engine's lexer over an input, and what the engine's parser would tell it about code in texts.
struct Reader<'t> {
    stream: Characters<'t>,
    state: TokenizeState,
    position: Position,
    pieces: Vec<Piece>,
    /// For each text that has code inside at this place: how many braces are open in that code.
    inside: Vec<usize>,
    is_cut: bool,
}

impl<'t> Reader<'t> {
    fn new(text: &'t str) -> Self {
        Self {
            stream: Characters { text, at: 0 },
            state: TokenizeState {
                max_string_len: None,
                next_token_cannot_be_unary: false,
                tokenizer_control: std::cell::RefCell::new(TokenizerControlBlock::new()).into(),
                comment_level: 0,
                include_comments: true,
                is_within_text_terminated_by: None,
                last_token: None,
            },
            position: Position::new(1, 0),
            pieces: Vec::new(),
            inside: Vec::new(),
            is_cut: false,
        }
    }

    fn step(&mut self) {
        let before = self.stream.at;
        let (token, position) =
            get_next_token(&mut self.stream, &mut self.state, &mut self.position);
        let end = self.stream.at;
        let start = match &token {
            Token::EOF => end,
            _ => self.stream.offset(position).clamp(before, end),
        };
        self.add_between(before..start);
        let class = self.class(&token, start..end);
        self.add(start..end, class);
    }

    fn class(&mut self, token: &Token, range: Range<usize>) -> Class {
        let text = &self.stream.text[range];
        match token {
            Token::InterpolatedString(_) => {
                self.inside.push(0);
                Class::Text
            }
            Token::StringConstant(_) | Token::CharConstant(_) => Class::Text,
            Token::Comment(_) => Class::Comment,
            Token::IntegerConstant(_) | Token::FloatConstant(_) => Class::Number,
            Token::LeftBrace | Token::MapStart => self.brace(1),
            Token::RightBrace => self.brace(-1),
            Token::LexError(error) => {
                self.is_cut |= matches!(**error, LexError::UnterminatedString);
                match text.starts_with(['"', '\'', '`', '#']) {
                    true => Class::Text,
                    false => Class::Name,
                }
            }
            Token::Identifier(_) => Class::Name,
            _ if text.starts_with(|c: char| c.is_ascii_lowercase()) => Class::Keyword,
            _ if text == "_" => Class::Name,
            _ => Class::Mark,
        }
    }

    /// Counts a brace; the one that ends code inside a text leads back into the text.
    fn brace(&mut self, by: isize) -> Class {
        let Some(depth) = self.inside.last_mut() else {
            return Class::Mark;
        };
        let is_first = *depth == 0;
        *depth = depth.saturating_add_signed(by);
        if *depth == 0 {
            self.inside.pop();
            self.state.is_within_text_terminated_by = Some("`".into());
            return Class::Text;
        }
        if is_first { Class::Text } else { Class::Mark }
    }

    /// What the lexer passed over: space, or comments that it keeps for itself.
    fn add_between(&mut self, range: Range<usize>) {
        let class = match self.stream.text[range.clone()].trim().is_empty() {
            true => Class::Space,
            false => Class::Comment,
        };
        self.add(range, class);
    }

    fn add(&mut self, range: Range<usize>, class: Class) {
        if !range.is_empty() {
            self.pieces.push(Piece { range, class });
        }
    }

    fn open(&self) -> Option<Open> {
        if self.state.comment_level > 0 {
            return Some(Open::Comment);
        }
        if self.state.is_within_text_terminated_by.is_some() || !self.inside.is_empty() {
            return Some(Open::Text);
        }
        self.is_cut.then_some(Open::Line)
    }
}

/// The characters of a text, and how far they were read.
struct Characters<'t> {
    text: &'t str,
    at: usize,
}

impl Characters<'_> {
    /// The byte of a line and a column.
    fn offset(&self, position: Position) -> usize {
        let line = position.line().unwrap_or(1).saturating_sub(1);
        let start: usize = self
            .text
            .split_inclusive('\n')
            .take(line)
            .map(str::len)
            .sum();
        let column = position.position().unwrap_or(1).saturating_sub(1);
        let rest = &self.text[start..];
        let letters = rest.chars().take(column);
        start + letters.map(char::len_utf8).sum::<usize>()
    }
}

impl InputStream for Characters<'_> {
    fn unget(&mut self, letter: char) {
        self.at = self.at.saturating_sub(letter.len_utf8());
    }

    fn get_next(&mut self) -> Option<char> {
        let next = self.peek_next()?;
        self.at += next.len_utf8();
        Some(next)
    }

    fn peek_next(&mut self) -> Option<char> {
        self.text[self.at..].chars().next()
    }
}

/// Does an input want another line before it can be understood?
pub fn is_incomplete(engine: &Engine, text: &str) -> bool {
    match read(text).open {
        // The engine takes an open block comment for the end of the input.
        Some(Open::Comment | Open::Text) => return true,
        Some(Open::Line) => return false,
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

fn is_at_end(text: &str, position: Position) -> bool {
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
    let pieces = read(text).pieces;
    let mut named = String::with_capacity(text.len());
    for (index, piece) in pieces.iter().enumerate() {
        let word = &text[piece.range.clone()];
        let mut after = pieces[index + 1..].iter();
        let next = after.find(|piece| !matches!(piece.class, Class::Space | Class::Comment));
        let is_arm = next.is_some_and(|next| &text[next.range.clone()] == "=>");
        let value = (piece.class == Class::Name && !is_arm)
            .then(|| value_meant(word))
            .flatten();
        match value.and_then(&name) {
            Some(name) => named.push_str(&name),
            None => named.push_str(word),
        }
    }
    named
}

/// How far back the value is that a word such as `_2` means.
fn value_meant(word: &str) -> Option<usize> {
    match word.strip_prefix('_')?.as_bytes() {
        [] => Some(0),
        [digit @ b'1'..=b'9'] => Some(usize::from(digit - b'0')),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_told_apart() {
        let text = "a /* b /* c */ */ \"d\\\"\" `e ${f + \"g\"} h` // i";
        let reading = read(text);
        let of = |word: &str| reading.class_at(text.find(word).unwrap()).unwrap();
        for word in ["a", "f"] {
            assert_eq!(of(word), Class::Name, "{word}");
        }
        for word in ["d", "e", "\"g", " h`"] {
            assert_eq!(of(word), Class::Text, "{word}");
        }
        for word in ["b", "c */", "*/ \"", "// i"] {
            assert_eq!(of(word), Class::Comment, "{word}");
        }
    }

    #[test]
    fn pieces_are_the_whole_input_whatever_it_is() {
        let parts = [
            "`", "${", "}", "{", "#{", "\"", "'", "#\"", "\"#", "/*", "*/", "//", "///", "//!",
            "\n", "\r\n", "\\", "é", "😀", "a", "_1", "0x", "1.", "..", " ", "$", "\0", "/***",
        ];
        let mut seed: u64 = 1;
        for _ in 0..20_000 {
            let mut text = String::new();
            for _ in 0..8 {
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                text.push_str(parts[(seed >> 33) as usize % parts.len()]);
            }
            let mut end = 0;
            for piece in read(&text).pieces {
                assert_eq!(piece.range.start, end, "{text:?}");
                assert!(
                    text.get(piece.range.clone())
                        .is_some_and(|piece| !piece.is_empty())
                );
                end = piece.range.end;
            }
            assert_eq!(end, text.len(), "{text:?}");
        }
    }

    #[test]
    fn texts_are_read_as_the_engine_reads_them() {
        for (text, inside) in [
            ("#\"a \" b\"#", "b"),
            ("\"a \\\" b\"", "b"),
            ("`a ${ #{ x: { 1 } } } b`", "b"),
            ("`a ${ `c ${ 1 } d` } b`", "d"),
            ("`a ${1}${2} b`", "b"),
            ("\"a\"\"b\"", "b"),
            ("`é\n😀 b`", "b"),
        ] {
            let class = read(text).class_at(text.find(inside).unwrap());
            assert_eq!(class, Some(Class::Text), "{text}");
            assert_eq!(
                read(&format!("{text} + y")).last(),
                Some(Class::Name),
                "{text}"
            );
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
            "#\"open",
            "\"goes on \\",
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
