//! What is at an address, when a connection could not be set up: asked over a connection of its own, on which
//! nothing secret is sent.

use std::time::Duration;

use routeros_proto::{Decoder, Limits};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::error::{Fault, KeyExchange, TlsFault};

/// The same fault, or a better one where a second look at the peer tells why. A look takes a part of `limit` at
/// the most, a small one where the time was up already.
pub(crate) async fn explained(fault: Fault, host: &str, port: u16, limit: Duration) -> Fault {
    let limit = match fault {
        Fault::LoginTimeout { .. } | Fault::Tls(TlsFault::Timeout { .. }) => limit / 8,
        _ => limit / 4,
    };
    let limit = limit.min(Duration::from_secs(1));
    let ask = async |what: &[u8], is_enough: fn(&[u8]) -> bool| {
        let answer = answer(host, port, what, is_enough);
        timeout(limit, answer).await.ok().flatten()
    };
    match fault {
        Fault::LoginTimeout { .. } | Fault::LoginCut { .. } | Fault::NotRouterOs { .. } => {
            let answer = ask(&hello(&[EPHEMERAL_CURVE, SUITES_OF_OLD]), is_tls).await;
            match answer.is_some_and(|answer| is_tls(&answer)) {
                true => Fault::SpeaksTls,
                false => fault,
            }
        }
        Fault::Tls(TlsFault::Timeout { .. } | TlsFault::Cut { .. } | TlsFault::NotTls { .. }) => {
            let answer = ask(b"\x05/quit\x00", is_plain).await;
            match answer.is_some_and(|answer| is_plain(&answer)) {
                true => TlsFault::SpeaksPlain.into(),
                false => fault,
            }
        }
        Fault::Tls(TlsFault::Handshake { source }) => {
            let says_how = |answer: &[u8]| chosen(answer).is_some() || is_alert(answer);
            let answer = ask(&hello(&[SUITES_OF_OLD]), says_how).await;
            match answer.and_then(|answer| chosen(&answer)) {
                Some(exchange) => TlsFault::KeyExchange { exchange, source }.into(),
                None => TlsFault::Handshake { source }.into(),
            }
        }
        fault => fault,
    }
}

/// So much of an answer is looked at.
const MOST: usize = 512;

/// What the peer answers to `bytes`, until that is enough or the peer closes.
async fn answer(
    host: &str,
    port: u16,
    bytes: &[u8],
    is_enough: fn(&[u8]) -> bool,
) -> Option<Vec<u8>> {
    let mut stream = TcpStream::connect((host, port)).await.ok()?;
    stream.write_all(bytes).await.ok()?;
    let mut answer = Vec::new();
    while answer.len() < MOST && !is_enough(&answer) {
        match stream.read_buf(&mut answer).await {
            Ok(0) | Err(_) => break,
            Ok(_) => {}
        }
    }
    Some(answer)
}

/// An answer of the API begins with a word that begins with `!`.
fn is_plain(answer: &[u8]) -> bool {
    let mut decoder = Decoder::new(Limits::default());
    let batches = decoder.receive(answer).unwrap_or_default();
    let mut sentences = batches.iter().flat_map(|batch| batch.iter());
    sentences.any(|sentence| sentence.first().starts_with(b"!"))
}

/// Records of TLS (RFC 5246, 6.2.1): a type, the version, a length.
fn is_tls(answer: &[u8]) -> bool {
    matches!(answer, [ALERT | HANDSHAKE, 3, 0..=4, _, _, ..])
}

fn is_alert(answer: &[u8]) -> bool {
    is_tls(answer) && answer[0] == ALERT && answer.len() >= 7
}

const ALERT: u8 = 0x15;
const HANDSHAKE: u8 = 0x16;
const CLIENT_HELLO: u8 = 1;
const SERVER_HELLO: u8 = 2;

/// A suite that every present server knows.
const EPHEMERAL_CURVE: &[u16] = &[0xC02F, 0xC030, 0xC02B, 0xC02C];
/// Suites with other exchanges of keys (IANA, "TLS Cipher Suites"). What is better than another one stands before
/// it, so that a server which takes the first it knows says the best that it has.
const SUITES_OF_OLD: &[u16] = &[
    0x009F, 0x009E, 0x006B, 0x0067, 0x0039, 0x0033, 0x0016, // DHE_RSA
    0x009D, 0x009C, 0x003D, 0x003C, 0x0035, 0x002F, 0x000A, // RSA
    0x00A7, 0x00A6, 0x006D, 0x006C, 0x003A, 0x0034, 0x001B, // DH_anon
];

/// How keys are exchanged in a suite of [`SUITES_OF_OLD`].
fn exchange(suite: u16) -> Option<KeyExchange> {
    let place = SUITES_OF_OLD.iter().position(|old| *old == suite)?;
    Some(match place / 7 {
        0 => KeyExchange::DiffieHellman,
        1 => KeyExchange::Rsa,
        _ => KeyExchange::Anonymous,
    })
}

/// The exchange of keys that a server chose (RFC 5246, 7.4.1.3): record, handshake, version, random, session,
/// suite.
fn chosen(answer: &[u8]) -> Option<KeyExchange> {
    let hello = answer.get(5..).filter(|_| is_tls(answer))?;
    let session = 4 + 2 + 32;
    let suite = session + 1 + usize::from(*hello.get(session)?);
    let (Some(&SERVER_HELLO), Some(&[high, low])) = (hello.first(), hello.get(suite..suite + 2))
    else {
        return None;
    };
    exchange(u16::from_be_bytes([high, low]))
}

/// The first bytes of a client of TLS 1.2 that knows these suites (RFC 5246, 7.4.1.2).
fn hello(suites: &[&[u16]]) -> Vec<u8> {
    let suites: Vec<u8> = suites
        .concat()
        .into_iter()
        .flat_map(u16::to_be_bytes)
        .collect();
    let extensions = [
        // supported_groups: x25519, secp256r1, ffdhe2048
        &[0, 10, 0, 8, 0, 6, 0, 29, 0, 23, 1, 0][..],
        // ec_point_formats: uncompressed
        &[0, 11, 0, 2, 1, 0],
        // signature_algorithms: RSA and ECDSA with SHA-256, RSA with SHA-1
        &[0, 13, 0, 8, 0, 6, 4, 1, 4, 3, 2, 1],
    ]
    .concat();
    let body = [
        &[3, 3][..],
        // No random number: nothing is ever agreed on.
        &[0x5A; 32],
        &[0],
        &length(&suites),
        &suites,
        &[1, 0],
        &length(&extensions),
        &extensions,
    ]
    .concat();
    let handshake = [&[CLIENT_HELLO, 0][..], &length(&body), &body].concat();
    [&[HANDSHAKE, 3, 1][..], &length(&handshake), &handshake].concat()
}

/// Of fewer bytes than 65,536, as all of them here are.
fn length(bytes: &[u8]) -> [u8; 2] {
    u16::try_from(bytes.len()).unwrap_or(u16::MAX).to_be_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first bytes of a server that chose `suite`.
    fn server_hello(suite: u16, session: usize) -> Vec<u8> {
        let [high, low] = suite.to_be_bytes();
        let (random, session) = ([7; 32], vec![session as u8; session]);
        let rest = [&[high, low, 0][..], &[0, 0]].concat();
        let body = [
            &[3, 3][..],
            &random,
            &[session.len() as u8],
            &session,
            &rest,
        ]
        .concat();
        let handshake = [&[SERVER_HELLO, 0][..], &length(&body), &body].concat();
        [&[HANDSHAKE, 3, 3][..], &length(&handshake), &handshake].concat()
    }

    #[test]
    fn the_suite_of_a_server_says_how_keys_are_exchanged() {
        for (suite, expected) in [
            (0x009F, Some(KeyExchange::DiffieHellman)),
            (0x0016, Some(KeyExchange::DiffieHellman)),
            (0x009D, Some(KeyExchange::Rsa)),
            (0x000A, Some(KeyExchange::Rsa)),
            (0x00A7, Some(KeyExchange::Anonymous)),
            (0x001B, Some(KeyExchange::Anonymous)),
            (0xC02F, None),
        ] {
            for session in [0, 32] {
                let hello = server_hello(suite, session);
                assert_eq!(chosen(&hello), expected, "{suite:04x}");
                for end in 0..5 + 4 + 2 + 32 + 1 + session + 2 {
                    assert_eq!(chosen(&hello[..end]), None, "{suite:04x} {end}");
                }
            }
        }
    }

    #[test]
    fn what_a_peer_says_tells_what_it_speaks() {
        for (answer, tls, plain) in [
            (&b"\x15\x03\x01\x00\x02\x02\x46"[..], true, false),
            (b"\x16\x03\x03\x00\x31\x02", true, false),
            (b"\x06!fatal\x0dnot logged in\x00", false, true),
            (b"\x05!done\x00", false, true),
            (b"\x05!done", false, false),
            (b"\x05hello\x00", false, false),
            (b"HTTP/1.1 400 Bad Request\r\n", false, false),
            (b"", false, false),
        ] {
            let case = answer.escape_ascii();
            assert_eq!(is_tls(answer), tls, "{case}");
            assert_eq!(is_plain(answer), plain, "{case}");
        }
    }
}
