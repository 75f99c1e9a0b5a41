//! A sentence as it is looked at: every reader of one, on any bytes.

#![no_main]

use libfuzzer_sys::fuzz_target;
use routeros_proto::{Id, Reply, RowRef, SentenceRef, Trap};

fuzz_target!(|bytes: &[u8]| {
    let sentence = SentenceRef::new(bytes);
    let _ = (sentence.tag(), sentence.first(), sentence.get("message"));
    let _ = (
        Reply::new(sentence),
        Trap::new(sentence),
        Id::try_from(bytes),
    );
    let fields = RowRef::new(sentence).fields().count();
    assert!(fields <= sentence.words().count());
    let _ = format!("{sentence:?}");
});
