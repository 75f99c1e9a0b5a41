//! Answers of Redis in pieces of any size count the same, and never more than they may take.

#![no_main]

use libfuzzer_sys::fuzz_target;
use redis_wire::answer::Answers;

const MOST: usize = 4096;

fuzz_target!(|input: &[u8]| {
    let Some((size, bytes)) = input.split_first() else {
        return;
    };
    let count = |size: usize| {
        let mut answers = Answers::new(MOST);
        let counts = bytes.chunks(size).map(|piece| answers.count(piece));
        counts
            .collect::<Result<Vec<_>, _>>()
            .map(|all| all.into_iter().max())
    };
    let whole = count(bytes.len().max(1));
    assert_eq!(whole, count(usize::from(*size).max(1)));
    assert!(whole.is_err() || whole.is_ok_and(|most| most.unwrap_or_default() <= MOST));
});
