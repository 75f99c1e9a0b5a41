//! What of Fluent a catalogue may use: whole sentences with placeholders, and variants of them.

use std::collections::BTreeSet;

use fluent_syntax::ast::{Expression, InlineExpression, Pattern, PatternElement};

use super::number::Number;

/// How many `{` and `(` a message may have, its attributes among it: each may be one level of the parser's
/// recursion.
const MOST_BRACES: usize = 100;

/// How many placeholders and variants a text may have; the resolver gives up at 100.
const MOST_PLACEABLES: usize = 64;

/// A part of a file that the parser sees alone: a message with its attributes, or a line of comment.
pub struct Part<'a> {
    /// The line of the file that it begins on, from 1.
    pub line: usize,
    /// Its text.
    pub text: &'a str,
}

/// The parts of a file: each begins with a line whose first character can begin an entry.
pub fn parts(text: &str) -> Vec<Part<'_>> {
    let mut parts: Vec<Part<'_>> = Vec::new();
    let (mut from, mut first) = (0, 1);
    let (mut at, mut number) = (0, 0);
    for line in text.split_inclusive('\n') {
        number += 1;
        let begins = line.starts_with(|c: char| c.is_ascii_alphabetic() || c == '-' || c == '#');
        if begins && at > from {
            parts.push(Part {
                line: first,
                text: &text[from..at],
            });
            (from, first) = (at, number);
        }
        at += line.len();
    }
    parts.push(Part {
        line: first,
        text: &text[from..],
    });
    parts
}

/// Why the parser is not to see a part.
pub fn refused(part: &str) -> Option<String> {
    let braces = part
        .bytes()
        .filter(|byte| matches!(byte, b'{' | b'('))
        .count();
    (!part.starts_with('#') && braces > MOST_BRACES).then(|| {
        format!(
            "a message has at most {MOST_BRACES} braces and brackets, and this one has {braces}"
        )
    })
}

/// The names of the placeholders of a text, or what it uses that a catalogue does not know.
pub fn placeholders(pattern: &Pattern<&str>) -> Result<BTreeSet<String>, String> {
    let mut seen = Seen::default();
    seen.pattern(pattern)?;
    match seen.placeables > MOST_PLACEABLES {
        true => Err(format!(
            "a text has at most {MOST_PLACEABLES} placeholders and variants"
        )),
        false => Ok(seen.names),
    }
}

#[derive(Default)]
struct Seen {
    names: BTreeSet<String>,
    placeables: usize,
}

impl Seen {
    fn pattern(&mut self, pattern: &Pattern<&str>) -> Result<(), String> {
        for element in &pattern.elements {
            if let PatternElement::Placeable { expression } = element {
                self.expression(expression)?;
            }
        }
        Ok(())
    }

    fn expression(&mut self, expression: &Expression<&str>) -> Result<(), String> {
        self.placeables += 1;
        match expression {
            Expression::Inline(inline) => self.inline(inline),
            Expression::Select { selector, variants } => {
                match selector {
                    InlineExpression::VariableReference { id } => {
                        self.names.insert(id.name.to_owned())
                    }
                    _ => {
                        return Err(
                            "a variant is chosen by a placeholder: { $name -> … }".to_owned()
                        );
                    }
                };
                variants.iter().try_for_each(|variant| {
                    self.placeables += 1;
                    key_is_short(&variant.key)?;
                    self.pattern(&variant.value)
                })
            }
        }
    }

    fn inline(&mut self, inline: &InlineExpression<&str>) -> Result<(), String> {
        match inline {
            InlineExpression::StringLiteral { .. } => Ok(()),
            InlineExpression::NumberLiteral { value } => number(value),
            InlineExpression::VariableReference { id } => {
                self.names.insert(id.name.to_owned());
                Ok(())
            }
            InlineExpression::Placeable { expression } => self.expression(expression),
            InlineExpression::FunctionReference { id, .. } => {
                Err(format!("there is no function `{}` in a catalogue", id.name))
            }
            InlineExpression::MessageReference { id, .. }
            | InlineExpression::TermReference { id, .. } => Err(format!(
                "a message is whole and does not refer to `{}`; write what is said, or a placeholder \
                     {{ ${} }}",
                id.name, id.name
            )),
        }
    }
}

fn key_is_short(key: &fluent_syntax::ast::VariantKey<&str>) -> Result<(), String> {
    match key {
        fluent_syntax::ast::VariantKey::Identifier { .. } => Ok(()),
        fluent_syntax::ast::VariantKey::NumberLiteral { value } => number(value),
    }
}

/// The resolver reckons with the numbers of a text, and panics beyond what it can hold.
fn number(text: &str) -> Result<(), String> {
    match Number::parse(text) {
        Some(_) => Ok(()),
        None => Err("a number in a text has at most 15 digits, without leading zeros".to_owned()),
    }
}
