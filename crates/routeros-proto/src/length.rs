//! The length prefix of a word: one to five bytes, big endian.
//!
//! | length of the word in bytes | written as |
//! |---|---|
//! | up to 0x7F | the length |
//! | up to 0x3FFF | length OR 0x8000 |
//! | up to 0x1FFFFF | length OR 0xC00000 |
//! | up to 0xFFFFFFF | length OR 0xE0000000 |
//! | above | 0xF0, then four bytes |
//!
//! Source: MikroTik manual "API", section "Protocol".

use bytes::BufMut;

use crate::ProtoError;

/// The longest word in bytes whose prefix is one byte.
pub(crate) const LONGEST_SHORT: usize = 0x7F;

/// Writes the shortest prefix for a word of `length` bytes to `out`.
pub fn encode(length: u32, out: &mut impl BufMut) {
    match length {
        0..=0x7F => out.put_u8(length as u8),
        0x80..=0x3FFF => out.put_u16(length as u16 | 0x8000),
        0x4000..=0x1F_FFFF => {
            out.put_u8((length >> 16) as u8 | 0xC0);
            out.put_u16(length as u16);
        }
        0x20_0000..=0xFFF_FFFF => out.put_u32(length | 0xE000_0000),
        _ => {
            out.put_u8(0xF0);
            out.put_u32(length);
        }
    }
}

/// Reads the prefix at the start of `bytes`: the length of the word and how many bytes the prefix takes.
///
/// `Ok(None)` means that more bytes are needed. A prefix longer than necessary is accepted, since its
/// meaning is clear.
///
/// # Errors
/// [`ProtoError::ControlByte`] for a first byte of 0xF8 and above, which the manual reserves, and
/// [`ProtoError::ReservedLength`] for 0xF1 to 0xF7, which it does not assign: in both cases the place
/// of the next word is unknown, so that nothing after it can be read.
#[inline]
pub fn decode(bytes: &[u8]) -> Result<Option<(u32, usize)>, ProtoError> {
    match bytes.first() {
        None => Ok(None),
        Some(&byte) if byte < 0x80 => Ok(Some((u32::from(byte), 1))),
        Some(&byte) => decode_long(byte, bytes),
    }
}

/// Kept apart, because nearly all words of a router are shorter than 0x80 bytes.
#[cold]
fn decode_long(first: u8, bytes: &[u8]) -> Result<Option<(u32, usize)>, ProtoError> {
    let (size, mask) = match first {
        0..=0xBF => (2, 0x3F),
        0xC0..=0xDF => (3, 0x1F),
        0xE0..=0xEF => (4, 0x0F),
        0xF0 => (5, 0x00),
        0xF1..=0xF7 => return Err(ProtoError::ReservedLength { byte: first }),
        0xF8..=0xFF => return Err(ProtoError::ControlByte { byte: first }),
    };
    let Some(rest) = bytes.get(1..size) else {
        return Ok(None);
    };
    let length = rest.iter().fold(u32::from(first & mask), |length, &byte| {
        length << 8 | u32::from(byte)
    });
    Ok(Some((length, size)))
}
