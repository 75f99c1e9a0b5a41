//! The protocol of Redis, version 2: requests as arrays of words, replies of five kinds.

use std::io;

use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncReadExt};

/// No request of a client needs more words.
const MOST_WORDS: usize = 1024;
/// No request that the stand-in understands is longer, all its words together.
const LARGEST_REQUEST: usize = 1024 * 1024;
/// A length has at most seven digits, a mark before and two bytes after them.
const LONGEST_HEADER: u64 = 16;

/// What the stand-in answers.
#[derive(Debug, Clone, PartialEq)]
pub enum Reply {
    /// A word that the protocol itself defines, such as `OK`.
    Simple(&'static str),
    /// An error, which begins with its code.
    Error(String),
    /// A number.
    Integer(i64),
    /// Bytes.
    Bulk(Vec<u8>),
    /// The absence of a value.
    Nil,
    /// Replies in order.
    Array(Vec<Reply>),
}

/// What a command gives: a reply, or an error in its place.
pub type Answer = Result<Reply, Reply>;

impl Reply {
    /// Text as bytes.
    pub fn text(text: impl Into<String>) -> Reply {
        Reply::Bulk(text.into().into_bytes())
    }

    /// Appends the reply as it goes over the wire.
    pub fn write(&self, out: &mut Vec<u8>) {
        match self {
            Reply::Simple(word) => out.extend(format!("+{word}\r\n").bytes()),
            // An error is one line, whatever the client wrote that it repeats.
            Reply::Error(message) => {
                out.extend(format!("-{}\r\n", message.replace(char::is_control, " ")).bytes());
            }
            Reply::Integer(number) => out.extend(format!(":{number}\r\n").bytes()),
            Reply::Nil => out.extend(b"$-1\r\n"),
            Reply::Bulk(bytes) => {
                out.extend(format!("${}\r\n", bytes.len()).bytes());
                out.extend(bytes);
                out.extend(b"\r\n");
            }
            Reply::Array(replies) => {
                out.extend(format!("*{}\r\n", replies.len()).bytes());
                replies.iter().for_each(|reply| reply.write(out));
            }
        }
    }
}

/// An error of these words, which begin with its code.
pub fn error(message: impl Into<String>) -> Reply {
    Reply::Error(message.into())
}

/// What Redis says of a key of another type.
pub fn wrong_type() -> Reply {
    error("WRONGTYPE Operation against a key holding the wrong kind of value")
}

/// What Redis says of a word that should be a number.
pub fn not_a_number() -> Reply {
    error("ERR value is not an integer or out of range")
}

/// A number of things.
pub fn count(number: usize) -> Reply {
    Reply::Integer(i64::try_from(number).unwrap_or(i64::MAX))
}

/// Texts in order.
pub fn texts(texts: &[String]) -> Reply {
    Reply::Array(texts.iter().map(Reply::text).collect())
}

/// The next request, or `None` at a clean end of the connection.
///
/// # Errors
/// An [`io::ErrorKind::InvalidData`] for anything that is not a request of this protocol or is
/// larger than the stand-in takes, whatever length it announces; else the socket's own.
pub async fn read_request(
    source: &mut (impl AsyncBufRead + Unpin),
) -> io::Result<Option<Vec<Vec<u8>>>> {
    if source.fill_buf().await?.is_empty() {
        return Ok(None);
    }
    let count = read_length(source, b'*', MOST_WORDS).await?;
    let mut words = Vec::new();
    let mut space = LARGEST_REQUEST;
    for _ in 0..count {
        let word = read_word(source, space).await?;
        space -= word.len();
        words.push(word);
    }
    Ok(Some(words))
}

async fn read_word(source: &mut (impl AsyncBufRead + Unpin), space: usize) -> io::Result<Vec<u8>> {
    let length = read_length(source, b'$', space).await?;
    let mut word = Vec::new();
    // `take` makes the vector grow as bytes really come.
    source
        .take(length as u64 + 2)
        .read_to_end(&mut word)
        .await?;
    if word.len() != length + 2 || !word.ends_with(b"\r\n") {
        return Err(invalid("a word does not end where its length says"));
    }
    word.truncate(length);
    Ok(word)
}

async fn read_length(
    source: &mut (impl AsyncBufRead + Unpin),
    mark: u8,
    most: usize,
) -> io::Result<usize> {
    let mut line = Vec::new();
    source
        .take(LONGEST_HEADER)
        .read_until(b'\n', &mut line)
        .await?;
    let digits = line
        .strip_prefix(&[mark])
        .and_then(|rest| rest.strip_suffix(b"\r\n"));
    let length = digits.and_then(|digits| std::str::from_utf8(digits).ok()?.parse().ok());
    length
        .filter(|length| *length <= most)
        .ok_or_else(|| invalid("expected a length within bounds"))
}

fn invalid(what: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn read(bytes: &[u8]) -> io::Result<Option<Vec<Vec<u8>>>> {
        read_request(&mut &bytes[..]).await
    }

    #[tokio::test]
    async fn a_request_is_words_in_order() {
        let request = read(b"*2\r\n$3\r\nGET\r\n$4\r\na\r\nb\r\n").await.unwrap();
        assert_eq!(request, Some(vec![b"GET".to_vec(), b"a\r\nb".to_vec()]));
        assert_eq!(read(b"").await.unwrap(), None);
    }

    #[tokio::test]
    async fn what_is_no_request_or_too_large_is_refused() {
        let hostile: &[&[u8]] = &[
            b"GET key\r\n",
            b"*-1\r\n",
            b"*999999999\r\n",
            b"*1\r\n$1073741824\r\n",
            b"*1\r\n$18446744073709551615\r\n",
            b"*1\r\n$3\r\nGETX\r\n",
            b"*1\r\n$3\r\nGE",
            b"*1",
            b"\x16\x03\x01\x02\x00\x01\x00",
        ];
        for bytes in hostile {
            let error = read(bytes).await.unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::InvalidData, "{bytes:?}");
        }
    }

    #[tokio::test]
    async fn words_share_the_space_of_a_request() {
        let word = |length| format!("${length}\r\n{}\r\n", "x".repeat(length));
        let fits = format!("*2\r\n{}{}", word(LARGEST_REQUEST - 1), word(1));
        assert!(read(fits.as_bytes()).await.is_ok());
        let exceeds = format!("*2\r\n{}{}", word(LARGEST_REQUEST - 1), word(2));
        assert!(read(exceeds.as_bytes()).await.is_err());
    }

    #[test]
    fn an_error_stays_on_its_line() {
        let mut out = Vec::new();
        Reply::Error("ERR unknown command 'a\r\n+OK'".into()).write(&mut out);
        assert_eq!(out, b"-ERR unknown command 'a  +OK'\r\n");
    }

    #[test]
    fn replies_are_written_as_the_protocol_says() {
        let reply = Reply::Array(vec![
            Reply::Simple("OK"),
            Reply::Nil,
            Reply::Integer(-2),
            Reply::text("é"),
        ]);
        let mut out = Vec::new();
        reply.write(&mut out);
        assert_eq!(out, "*4\r\n+OK\r\n$-1\r\n:-2\r\n$2\r\né\r\n".as_bytes());
    }
}
