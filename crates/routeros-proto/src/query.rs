//! The query language of `print`: a builder for clients, and an evaluator for servers.
//!
//! Query words work on a stack of truth values, for each row anew. The stack starts with an endless
//! supply of `true`; a word that names a field pushes a value, `?#` runs operators. A row is kept when
//! no `false` remains. Source: MikroTik manual "API", section "Queries".

use std::cmp::Ordering;
use std::fmt;

use thiserror::Error;

use crate::error::excerpt;
use crate::{SentenceRef, id, secret};

/// A condition on rows.
///
/// ```
/// use routeros_proto::Query;
///
/// let query = Query::equal("list", "blocked").and(Query::present("comment").not());
/// assert_eq!(query.words().collect::<Vec<_>>(), [&b"?list=blocked"[..], b"?comment", b"?#!", b"?#&"]);
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Query {
    steps: Vec<Step>,
}

#[derive(Clone, PartialEq, Eq)]
enum Step {
    Present(Vec<u8>),
    Absent(Vec<u8>),
    Compare {
        name: Vec<u8>,
        wanted: Ordering,
        value: Vec<u8>,
    },
    Operators(Vec<u8>),
}

impl Query {
    /// Rows whose `name` is `value`. `yes` and `true` are equal, and `no` and `false`.
    #[must_use]
    pub fn equal(name: impl AsRef<[u8]>, value: impl AsRef<[u8]>) -> Self {
        Self::compare(name.as_ref(), Ordering::Equal, value.as_ref())
    }

    /// Rows whose `name` is less than `value`.
    #[must_use]
    pub fn less(name: impl AsRef<[u8]>, value: impl AsRef<[u8]>) -> Self {
        Self::compare(name.as_ref(), Ordering::Less, value.as_ref())
    }

    /// Rows whose `name` is greater than `value`. Greater than the empty text means present and not empty.
    #[must_use]
    pub fn greater(name: impl AsRef<[u8]>, value: impl AsRef<[u8]>) -> Self {
        Self::compare(name.as_ref(), Ordering::Greater, value.as_ref())
    }

    /// Rows that have a value for `name`.
    #[must_use]
    pub fn present(name: impl AsRef<[u8]>) -> Self {
        Self {
            steps: vec![Step::Present(name.as_ref().to_vec())],
        }
    }

    /// Rows that have no value for `name`.
    #[must_use]
    pub fn absent(name: impl AsRef<[u8]>) -> Self {
        Self {
            steps: vec![Step::Absent(name.as_ref().to_vec())],
        }
    }

    /// Rows for which both hold.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        self.joined(other, b"&")
    }

    /// Rows for which at least one holds.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        self.joined(other, b"|")
    }

    /// Rows for which this does not hold.
    #[must_use]
    #[expect(
        clippy::should_implement_trait,
        reason = "reads like `and` and `or`, which are no traits"
    )]
    pub fn not(self) -> Self {
        self.collapsed().then(Step::Operators(b"!".to_vec()))
    }

    /// Reads query words, each with its leading `?`, as a server receives them.
    ///
    /// Words that use stack indexes should not be combined with other queries: the indexes then count
    /// from the top of the common stack.
    ///
    /// # Errors
    /// [`QueryError`] for a word that is no query, an unknown operator, or more work than the limits
    /// allow: 4,096 words, 64 KiB of operators, 1,024 values on the stack.
    pub fn parse<Word: AsRef<[u8]>>(
        words: impl IntoIterator<Item = Word>,
    ) -> Result<Self, QueryError> {
        let mut steps = Vec::new();
        for word in words {
            steps.push(parse_step(word.as_ref())?);
            if steps.len() > MOST_WORDS {
                return Err(QueryError::TooComplex);
            }
        }
        check_depth(&steps)?;
        Ok(Self { steps })
    }

    /// The words to send, each with its leading `?`.
    pub fn words(&self) -> impl Iterator<Item = Vec<u8>> {
        self.steps.iter().map(Step::word)
    }

    /// The names of the fields that it looks at, each as often as it does.
    pub fn names(&self) -> impl Iterator<Item = &[u8]> {
        self.steps.iter().filter_map(Step::name)
    }

    /// Whether the query keeps a row whose values `value_of` gives by name.
    ///
    /// Two numbers are compared as numbers, all else by its bytes. A `.id` is equal to nothing but an id.
    pub fn matches<'a>(&self, value_of: impl Fn(&[u8]) -> Option<&'a [u8]>) -> bool {
        let mut stack = Vec::new();
        for step in &self.steps {
            match step {
                Step::Present(name) => stack.push(value_of(name).is_some()),
                Step::Absent(name) => stack.push(value_of(name).is_none()),
                Step::Compare {
                    name,
                    wanted,
                    value,
                } => {
                    let holds = value_of(name)
                        .is_some_and(|field| compare(name, field, value) == Some(*wanted));
                    stack.push(holds);
                }
                Step::Operators(operators) => run(operators, &mut stack),
            }
        }
        !stack.contains(&false)
    }

    /// The first name the router would not read back.
    pub(crate) fn malformed_name(&self) -> Option<&[u8]> {
        self.names().find(|name| !is_name(name))
    }

    fn compare(name: &[u8], wanted: Ordering, value: &[u8]) -> Self {
        Self {
            steps: vec![Step::Compare {
                name: name.to_vec(),
                wanted,
                value: value.to_vec(),
            }],
        }
    }

    fn then(mut self, step: Step) -> Self {
        self.steps.push(step);
        self
    }

    fn joined(self, other: Self, operator: &[u8]) -> Self {
        let mut joined = self.collapsed();
        joined.steps.extend(other.collapsed().steps);
        joined.then(Step::Operators(operator.to_vec()))
    }

    /// A query from words may leave any number of values; operators need exactly one of them.
    fn collapsed(mut self) -> Self {
        match final_depth(&self.steps) {
            // Two copies of whatever is on top, and `top or not top` is true.
            0 => self.then(Step::Operators(b"0.0.!|".to_vec())),
            depth => {
                self.steps
                    .extend((1..depth).map(|_| Step::Operators(b"&".to_vec())));
                self
            }
        }
    }
}

impl fmt::Debug for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list()
            .entries(self.words().map(|word| secret::shown(&word)))
            .finish()
    }
}

impl Step {
    fn word(&self) -> Vec<u8> {
        match self {
            Self::Present(name) => [b"?", &name[..]].concat(),
            Self::Absent(name) => [b"?-", &name[..]].concat(),
            Self::Operators(operators) => [b"?#", &operators[..]].concat(),
            Self::Compare {
                name,
                wanted,
                value,
            } => {
                let sign: &[u8] = match wanted {
                    Ordering::Less => b"?<",
                    Ordering::Equal => b"?",
                    Ordering::Greater => b"?>",
                };
                [sign, name, b"=", value].concat()
            }
        }
    }

    fn name(&self) -> Option<&[u8]> {
        match self {
            Self::Present(name) | Self::Absent(name) | Self::Compare { name, .. } => Some(name),
            Self::Operators(_) => None,
        }
    }
}

/// Words that are no query.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum QueryError {
    /// The word names no field, or compares with nothing.
    #[error("`{word}` is not a query word")]
    Word {
        /// The word, printable and cut.
        word: String,
    },
    /// `?#` is followed by a character that is no operator.
    #[error(
        "`{operator}` in the query word `{word}` is not an operator, which are `!`, `&`, `|`, `.` and digits"
    )]
    Operator {
        /// The word, printable and cut.
        word: String,
        /// The character.
        operator: char,
    },
    /// The query would cost too much for each row.
    #[error("the query is too complex")]
    TooComplex,
}

const MOST_WORDS: usize = 4096;
const MOST_OPERATORS: usize = 64 << 10;
const DEEPEST: usize = 1024;

fn parse_step(word: &[u8]) -> Result<Step, QueryError> {
    let malformed = || QueryError::Word {
        word: excerpt(word),
    };
    let condition = word.strip_prefix(b"?").ok_or_else(malformed)?;
    let step = match condition {
        [b'#', operators @ ..] => return parse_operators(word, operators),
        [b'-', name @ ..] => Step::Absent(name.to_vec()),
        [b'<', rest @ ..] => comparison(rest, Ordering::Less).ok_or_else(malformed)?,
        [b'>', rest @ ..] => comparison(rest, Ordering::Greater).ok_or_else(malformed)?,
        [b'=', rest @ ..] | rest => {
            comparison(rest, Ordering::Equal).unwrap_or_else(|| Step::Present(rest.to_vec()))
        }
    };
    if step.name().is_some_and(<[u8]>::is_empty) {
        return Err(malformed());
    }
    Ok(step)
}

fn comparison(rest: &[u8], wanted: Ordering) -> Option<Step> {
    let at = rest.iter().position(|&byte| byte == b'=')?;
    Some(Step::Compare {
        name: rest[..at].to_vec(),
        wanted,
        value: rest[at + 1..].to_vec(),
    })
}

fn parse_operators(word: &[u8], operators: &[u8]) -> Result<Step, QueryError> {
    let known = |byte: &&u8| byte.is_ascii_digit() || b"!&|.".contains(byte);
    match operators.iter().find(|byte| !known(byte)) {
        None => Ok(Step::Operators(operators.to_vec())),
        Some(&byte) => Err(QueryError::Operator {
            word: excerpt(word),
            operator: char::from(byte),
        }),
    }
}

/// Which way the stack grows does not depend on the rows, so it is checked once, by a dry run.
fn check_depth(steps: &[Step]) -> Result<(), QueryError> {
    let (mut stack, mut operators) = (Vec::new(), 0);
    for step in steps {
        match step {
            Step::Operators(word) => {
                operators += word.len();
                // A word pushes at most once a character.
                if operators > MOST_OPERATORS || stack.len() + word.len() > MOST_OPERATORS {
                    return Err(QueryError::TooComplex);
                }
                run(word, &mut stack);
            }
            _ => stack.push(true),
        }
        if stack.len() > DEEPEST {
            return Err(QueryError::TooComplex);
        }
    }
    Ok(())
}

fn final_depth(steps: &[Step]) -> usize {
    let mut stack = Vec::new();
    for step in steps {
        match step {
            Step::Operators(word) => run(word, &mut stack),
            _ => stack.push(true),
        }
    }
    stack.len()
}

/// Runs the operators of one word. Below the stack there is an endless supply of `true`.
fn run(operators: &[u8], stack: &mut Vec<bool>) {
    let mut rest = operators;
    let mut after_index = false;
    while let Some((&operator, tail)) = rest.split_first() {
        if operator.is_ascii_digit() {
            let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
            let value = value_at(&rest[..digits], stack);
            rest = &rest[digits..];
            if rest.is_empty() {
                stack.clear();
            }
            stack.push(value);
            after_index = true;
            continue;
        }
        match operator {
            b'!' => {
                let top = pop(stack);
                stack.push(!top);
            }
            b'&' => {
                let (one, other) = (pop(stack), pop(stack));
                stack.push(one && other);
            }
            b'|' => {
                let (one, other) = (pop(stack), pop(stack));
                stack.push(one || other);
            }
            // After an index it only ends the number.
            _ if after_index => {}
            _ => {
                let top = pop(stack);
                stack.extend([top, top]);
            }
        }
        after_index = false;
        rest = tail;
    }
}

fn pop(stack: &mut Vec<bool>) -> bool {
    stack.pop().unwrap_or(true)
}

/// The value at an index counted from the top. An index too large for a number is deep in the supply.
fn value_at(digits: &[u8], stack: &[bool]) -> bool {
    let index = std::str::from_utf8(digits)
        .ok()
        .and_then(|digits| digits.parse::<usize>().ok());
    let place = index.and_then(|index| stack.len().checked_sub(index.checked_add(1)?));
    place.is_none_or(|place| stack[place])
}

/// How `field` of a row compares with `value` of a query; `None` when they cannot be compared.
fn compare(name: &[u8], field: &[u8], value: &[u8]) -> Option<Ordering> {
    if name == b".id" {
        // A name in place of an id matches nothing, seen in the field.
        return Some(id::number(field)?.cmp(&id::number(value)?));
    }
    if let (Some(field), Some(value)) = (boolean(field), boolean(value)) {
        return Some(field.cmp(&value));
    }
    if field == value {
        return Some(Ordering::Equal);
    }
    match (number(field), number(value)) {
        // Equality is one of text: `007` is not `7`.
        (Some(one), Some(other)) => Some(one.cmp(&other)).filter(|order| order.is_ne()),
        _ => Some(field.cmp(value)),
    }
}

fn boolean(value: &[u8]) -> Option<bool> {
    match value {
        b"yes" | b"true" => Some(true),
        b"no" | b"false" => Some(false),
        _ => None,
    }
}

fn number(value: &[u8]) -> Option<i128> {
    let digits = value.strip_prefix(b"-").unwrap_or(value);
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    std::str::from_utf8(value).ok()?.parse().ok()
}

/// The query of a command, as a server reads it from the sentence received.
///
/// # Errors
/// As [`Query::parse`].
pub(crate) fn query_of(sentence: SentenceRef<'_>) -> Result<Query, QueryError> {
    Query::parse(
        sentence
            .words()
            .skip(1)
            .filter(|word| word.starts_with(b"?")),
    )
}

/// Whether the router would read `name` back from an attribute or query word.
pub(crate) fn is_name(name: &[u8]) -> bool {
    let marked = name.first().is_none_or(|first| b"?<>-#".contains(first));
    !marked && !name.contains(&b'=')
}
