//! The portal's comments: every reader of one, on any text.

#![no_main]

use libfuzzer_sys::fuzz_target;
use portal::comment;

fuzz_target!(|text: &str| {
    let _ = (
        comment::Tokens::read(text),
        comment::DeviceBlock::of(text),
        comment::ListComment::of(text),
    );
    let _ = (
        comment::debt_block(text),
        comment::is_managed(text),
        comment::binding_token(text),
    );
    for (key, value) in comment::tags(text) {
        assert!(text.contains(key) && text.contains(value));
    }
    let _ = (
        comment::naming_parts(text),
        comment::status_owners(text).count(),
    );
});
