//! The floor: what an answer costs a program that knows nothing but how words are cut.
//!
//! No runtime, no limits, no tags, no errors of a router: a plain socket is read and the words are walked by their lengths.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::num::NonZero;
use std::time::Instant;

const DONE: &[u8] = b"\x05!done";

/// Logs in and asks for the rows of `menu`. Gives the socket, of which nothing of the answer is read yet, and when it asked.
pub fn ask(address: SocketAddr, menu: &str) -> io::Result<(TcpStream, Instant)> {
    let mut stream = TcpStream::connect(address)?;
    stream.write_all(&sentence(&["/login", "=name=admin", "=password="]))?;
    stream.read_exact(&mut [0; DONE.len() + 1])?;
    let start = Instant::now();
    stream.write_all(&sentence(&[&format!("{menu}/print"), ".tag=1"]))?;
    Ok((stream, start))
}

/// Reads the answer and looks at two fields of each row. Gives the rows and the bytes of the fields.
pub fn stream(mut socket: TcpStream) -> io::Result<(usize, usize)> {
    let mut buffer = vec![0; 64 << 10];
    let (mut filled, mut rows, mut bytes) = (0, 0, 0);
    loop {
        let read = NonZero::new(socket.read(&mut buffer[filled..])?);
        filled += read.ok_or(ErrorKind::UnexpectedEof)?.get();
        let mut at = 0;
        loop {
            let mut seen = 0;
            let sentence = &buffer[at..filled];
            let look = |word: &[u8]| seen += taken(word);
            let Some(length) = whole_sentence(sentence, look) else {
                break;
            };
            if sentence.starts_with(DONE) {
                return Ok((rows, bytes));
            }
            (rows, bytes, at) = (rows + 1, bytes + seen, at + length);
        }
        buffer.copy_within(at..filled, 0);
        filled -= at;
    }
}

/// Reads the answer and keeps it: all bytes, and where each row begins.
pub fn keep(mut socket: TcpStream) -> io::Result<(Vec<u8>, Vec<usize>)> {
    let (mut kept, mut filled, mut rows, mut at) = (Vec::new(), 0, Vec::new(), 0);
    loop {
        kept.resize(filled + (64 << 10), 0);
        let read = NonZero::new(socket.read(&mut kept[filled..])?);
        filled += read.ok_or(ErrorKind::UnexpectedEof)?.get();
        while let Some(length) = whole_sentence(&kept[at..filled], |_| {}) {
            if kept[at..].starts_with(DONE) {
                kept.truncate(filled);
                return Ok((kept, rows));
            }
            rows.push(at);
            at += length;
        }
    }
}

/// The length of the sentence at the start, once it is there to its end; each of its words is shown.
fn whole_sentence(bytes: &[u8], mut show: impl FnMut(&[u8])) -> Option<usize> {
    let mut at = 0;
    loop {
        let (length, width) = word_length(&bytes[at..])?;
        at += width;
        if length == 0 {
            return Some(at);
        }
        show(bytes.get(at..at + length)?);
        at += length;
    }
}

/// The length of the word at the start, and the bytes that say it: the ones at the top of the first count those after it.
fn word_length(bytes: &[u8]) -> Option<(usize, usize)> {
    let first = *bytes.first()?;
    if first < 0x80 {
        return Some((first.into(), 1));
    }
    let more = first.leading_ones().min(4) as usize;
    let top = usize::from(first) & (0xFF >> (more + 1));
    let rest = bytes.get(1..=more)?;
    let lower = |length, &byte| length << 8 | usize::from(byte);
    Some((rest.iter().fold(top, lower), 1 + more))
}

fn taken(word: &[u8]) -> usize {
    let value = |name| word.strip_prefix(name).map_or(0, <[u8]>::len);
    value(b"=address=") + value(b"=comment=")
}

fn sentence(words: &[&str]) -> Vec<u8> {
    let word = |word: &&str| [&[word.len() as u8], word.as_bytes()].concat();
    [words.iter().flat_map(word).collect(), vec![0]].concat()
}
