//! What can be wrong with the bytes of a peer.

use thiserror::Error;

/// The bytes received are not the RouterOS API protocol, or exceed a limit. Nothing after them can be read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ProtoError {
    /// A length prefix starts with a byte the protocol does not assign (0xF1 to 0xF7).
    #[error("length byte 0x{byte:02X} has no meaning in the protocol")]
    ReservedLength {
        /// The first byte of the prefix.
        byte: u8,
    },
    /// A length prefix starts with a byte reserved for control (0xF8 and above).
    #[error("length byte 0x{byte:02X} is a reserved control byte")]
    ControlByte {
        /// The first byte of the prefix.
        byte: u8,
    },
    /// A word was announced that is longer than the limit. Its bytes were not waited for.
    #[error("a word of {announced} bytes was announced, the limit is {limit} bytes")]
    WordTooLong {
        /// The announced length in bytes.
        announced: usize,
        /// The limit in bytes.
        limit: usize,
    },
    /// A sentence grew above the limit.
    #[error("a sentence is longer than the limit of {limit} bytes")]
    SentenceTooLong {
        /// The limit in bytes.
        limit: usize,
    },
    /// A sentence of a router does not begin with a reply word. What it holds is not told: it may be secret.
    #[error("a sentence begins with the byte 0x{byte:02X} instead of a reply word")]
    NoReplyWord {
        /// The first byte of the first word.
        byte: u8,
    },
    /// The peer does not answer in replies, so that it is no RouterOS API server.
    #[error("the answer is not one of a RouterOS API server, it starts with `{seen}`")]
    NotAReply {
        /// The first bytes seen, printable.
        seen: String,
    },
}

/// The first bytes of `bytes` in a form that can be printed: ASCII, the rest escaped, cut after 48 bytes.
#[must_use]
pub fn excerpt(bytes: &[u8]) -> String {
    const LONGEST: usize = 48;
    let cut = &bytes[..bytes.len().min(LONGEST)];
    let dots = if cut.len() < bytes.len() { "..." } else { "" };
    format!("{}{dots}", cut.escape_ascii())
}
