//! How large an answer is, known from its bytes before a client makes room for it.
//!
//! A client reserves room for as many bytes and elements as a server announces. So what a server sends is
//! counted on its way to the client: in either version of the protocol each answer is a tree of elements,
//! of which each says first how long it is.

use thiserror::Error;

/// What an element takes in memory beside its bytes: more than a client's value of it.
const ELEMENT: usize = 64;

/// A length of so many digits is no length.
const DIGITS: usize = 20;

/// An answer has, or announces, more than an answer may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("one answer takes more than {most} bytes")]
pub struct TooLarge {
    /// What it may take.
    pub most: usize,
}

/// Counts the answers that come over one connection, each by itself.
#[derive(Debug)]
pub struct Answers {
    most: usize,
    /// What the present answer takes, with what it announced.
    taken: usize,
    /// How many elements of it are still to come.
    open: usize,
    at: At,
}

/// Where within an element the next byte stands.
#[derive(Debug, Clone, Copy)]
enum At {
    /// At its first byte, which says of what kind it is.
    Kind,
    /// In the length of an element of a kind that has one.
    Length {
        kind: u8,
        digits: usize,
        length: Option<usize>,
    },
    /// In the line that the element is.
    Line,
    /// In its bytes, with so many to come, the line's end among them.
    Bytes(usize),
}

impl Answers {
    /// Answers of at most `most` bytes each, with what their elements take in memory.
    #[must_use]
    pub fn new(most: usize) -> Self {
        Self {
            most,
            taken: 0,
            open: 1,
            at: At::Kind,
        }
    }

    /// Counts `bytes`, which came next; tells the most that one of the answers among them takes so far, with
    /// what it announces.
    ///
    /// # Errors
    /// [`TooLarge`]
    pub fn count(&mut self, mut bytes: &[u8]) -> Result<usize, TooLarge> {
        let mut largest = 0;
        while let Some((&first, rest)) = bytes.split_first() {
            bytes = match self.at {
                At::Bytes(left) => {
                    let passed = left.min(bytes.len());
                    self.at = At::Bytes(left - passed);
                    &bytes[passed..]
                }
                At::Line => {
                    let line = bytes.iter().position(|byte| *byte == b'\n');
                    let passed = line.map_or(bytes.len(), |end| end + 1);
                    self.take(passed)?;
                    self.at = line.map_or(At::Line, |_| At::Bytes(0));
                    &bytes[passed..]
                }
                At::Kind => {
                    self.take(1)?;
                    self.at = match first {
                        kind @ (b'$' | b'!' | b'=' | b'*' | b'~' | b'>' | b'%' | b'|') => {
                            At::Length {
                                kind,
                                digits: 0,
                                length: Some(0),
                            }
                        }
                        _ => At::Line,
                    };
                    rest
                }
                At::Length {
                    kind,
                    digits,
                    length,
                } => {
                    self.take(1)?;
                    self.at = self.length(first, (kind, digits, length))?;
                    rest
                }
            };
            largest = largest.max(self.taken);
            if let At::Bytes(0) = self.at {
                self.end_of_element();
            }
        }
        Ok(largest)
    }

    /// Where the element stands after one more byte of its length.
    fn length(
        &mut self,
        byte: u8,
        (kind, digits, length): (u8, usize, Option<usize>),
    ) -> Result<At, TooLarge> {
        Ok(match (byte, length) {
            (b'\n', Some(length)) => self.announced(kind, length)?,
            // Nothing, or what the client will not understand.
            (b'\n', None) => At::Bytes(0),
            (b'\r', length) => At::Length {
                kind,
                digits,
                length,
            },
            _ if digits == DIGITS => return Err(self.too_large()),
            (digit, length) => At::Length {
                kind,
                digits: digits + 1,
                length: length
                    .filter(|_| digit.is_ascii_digit())
                    .and_then(|length| {
                        length
                            .checked_mul(10)?
                            .checked_add(usize::from(digit - b'0'))
                    }),
            },
        })
    }

    /// Where an element stands of which the length is known.
    fn announced(&mut self, kind: u8, length: usize) -> Result<At, TooLarge> {
        let too_large = self.too_large();
        let elements = match kind {
            b'$' | b'!' | b'=' => {
                self.take(length)?;
                // No sum of what fits into memory overflows.
                return Ok(At::Bytes(length.saturating_add(2)));
            }
            b'%' => length.checked_mul(2).ok_or(too_large)?,
            // What it is said about comes after it.
            b'|' => length
                .checked_mul(2)
                .and_then(|all| all.checked_add(1))
                .ok_or(too_large)?,
            _ => length,
        };
        self.take(elements.checked_mul(ELEMENT).ok_or(too_large)?)?;
        self.open = self.open.saturating_add(elements);
        Ok(At::Bytes(0))
    }

    fn end_of_element(&mut self) {
        self.at = At::Kind;
        self.open = self.open.saturating_sub(1);
        if self.open == 0 {
            self.open = 1;
            self.taken = 0;
        }
    }

    fn take(&mut self, bytes: usize) -> Result<(), TooLarge> {
        let taken = self.taken.saturating_add(bytes);
        if taken > self.most {
            return Err(self.too_large());
        }
        self.taken = taken;
        Ok(())
    }

    fn too_large(&self) -> TooLarge {
        TooLarge { most: self.most }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOST: usize = 1000;

    /// What answers of the kinds take, in pieces of every size.
    #[test]
    fn each_answer_is_counted_by_itself_whatever_pieces_it_comes_in() {
        let answers: &[(&str, usize)] = &[
            ("+OK\r\n", 5),
            ("-ERR no\r\n", 9),
            (":12\r\n", 5),
            ("$3\r\na\nb\r\n", 4 + 3),
            ("$0\r\n\r\n", 4),
            ("$-1\r\n", 5),
            ("*-1\r\n", 5),
            ("*0\r\n", 4),
            ("*2\r\n$1\r\nx\r\n:1\r\n", 4 + 2 * ELEMENT + 5 + 4),
            ("*1\r\n*1\r\n+a\r\n", 4 + ELEMENT + 4 + ELEMENT + 4),
            ("%1\r\n+a\r\n+b\r\n", 4 + 2 * ELEMENT + 8),
            ("~1\r\n_\r\n", 4 + ELEMENT + 3),
            (">1\r\n+a\r\n", 4 + ELEMENT + 4),
            ("|1\r\n+a\r\n+b\r\n#t\r\n", 4 + 3 * ELEMENT + 8 + 4),
            ("=5\r\ntxt:x\r\n", 4 + 5),
            ("!3\r\nERR\r\n", 4 + 3),
            (",1.5\r\n", 6),
            ("(12\r\n", 5),
        ];
        for (answer, taken) in answers {
            for size in 1..=answer.len() {
                // Three of them, each of which is counted from nothing.
                let mut counting = Answers::new(MOST);
                for _ in 0..3 {
                    let counts = answer
                        .as_bytes()
                        .chunks(size)
                        .map(|piece| counting.count(piece));
                    let most = counts.map(Result::unwrap).max();
                    assert_eq!(most, Some(*taken), "{answer:?} by {size}");
                }
                assert!(matches!(counting.at, At::Kind), "{answer:?} by {size}");
            }
        }
    }

    #[test]
    fn what_is_announced_is_refused_before_it_comes() {
        let endless = "x".repeat(MOST + 1);
        let nested = "*3\r\n".repeat(MOST);
        let digits = format!("${}", "0".repeat(MOST));
        let many = "+a\r\n".repeat(MOST);
        for hostile in [
            "$4294967296\r\n",
            "$1000\r\n",
            "*2000000000\r\n",
            "*9999999999999999999\r\n",
            "$99999999999999999999999\r\n",
            "%18446744073709551615\r\n",
            "|9223372036854775807\r\n",
            "~100\r\n",
            &digits,
            &nested,
            &format!("+{endless}"),
            &format!("-{endless}"),
            &format!("*15\r\n{many}{endless}"),
        ] {
            let counted = Answers::new(MOST).count(hostile.as_bytes());
            assert_eq!(counted, Err(TooLarge { most: MOST }), "{hostile:.40}");
        }
        assert!(Answers::new(MOST).count(many.as_bytes()).is_ok());
    }
}
