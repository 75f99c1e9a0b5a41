//! Bytes of a router in pieces of any size: the batches are the same as of all at once.

#![no_main]

use libfuzzer_sys::fuzz_target;
use routeros_proto::{Batch, Decoder, Limits, ProtoError};

const LIMITS: Limits = Limits {
    word: 1 << 16,
    sentence: 1 << 18,
};

fuzz_target!(|input: &[u8]| {
    let Some((size, bytes)) = input.split_first() else {
        return;
    };
    let whole = read(bytes, bytes.len().max(1));
    let pieces = read(bytes, usize::from(*size).max(1));
    assert_eq!(whole, pieces);
});

/// The sentences before a fault as bytes, and the fault.
fn read(bytes: &[u8], size: usize) -> (Vec<Vec<u8>>, Option<ProtoError>) {
    let mut decoder = Decoder::new(LIMITS);
    let mut sentences = Vec::new();
    for piece in bytes.chunks(size) {
        let Ok(batches) = decoder.receive(piece) else {
            break;
        };
        let all = batches.iter().flat_map(Batch::iter);
        sentences.extend(all.map(|sentence| sentence.wire().to_vec()));
    }
    (sentences, decoder.decode().err())
}
