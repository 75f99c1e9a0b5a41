//! What is held is counted exactly, and no more than the limit is given.

use std::alloc::{GlobalAlloc, Layout};
use std::io::Read;
use std::os::unix::net::UnixStream;
use std::thread;

use bounded_alloc::{Bounded, LAST, SPARE, this_thread_is_spare};

const LIMIT: usize = 1_000;

fn bytes(size: usize) -> Layout {
    Layout::array::<u8>(size).expect("sizes of the tests are small")
}

#[test]
fn what_is_given_and_given_back_is_counted() {
    let allocator = Bounded::new(LIMIT);
    // SAFETY: each piece is given back once, with the layout it had last.
    unsafe {
        let one = allocator.alloc(bytes(300));
        let other = allocator.alloc_zeroed(bytes(200));
        assert!(!one.is_null() && !other.is_null());
        assert_eq!((allocator.held(), *other), (500, 0));
        let grown = allocator.realloc(one, bytes(300), 700);
        assert_eq!(allocator.held(), 900);
        let shrunk = allocator.realloc(grown, bytes(700), 100);
        assert_eq!(allocator.held(), 300);
        allocator.dealloc(shrunk, bytes(100));
        allocator.dealloc(other, bytes(200));
    }
    assert_eq!(allocator.held(), 0);
}

#[test]
fn beyond_the_limit_nothing_is_given_and_what_is_held_stays() {
    let allocator = Bounded::new(LIMIT);
    // SAFETY: as above; what was not given is not given back.
    unsafe {
        let one = allocator.alloc(bytes(LIMIT));
        *one = 7;
        assert!(allocator.alloc(bytes(1)).is_null());
        assert!(allocator.alloc_zeroed(bytes(1)).is_null());
        assert!(allocator.realloc(one, bytes(LIMIT), LIMIT + 1).is_null());
        assert_eq!((allocator.held(), *one), (LIMIT, 7));
        allocator.dealloc(one, bytes(LIMIT));
        let again = allocator.alloc(bytes(1));
        assert!(!again.is_null());
        allocator.dealloc(again, bytes(1));
    }
}

#[test]
fn threads_count_together() {
    let allocator = Bounded::new(LIMIT);
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..1_000 {
                    // SAFETY: as above.
                    unsafe {
                        let piece = allocator.alloc(bytes(10));
                        assert!(!piece.is_null());
                        allocator.dealloc(piece, bytes(10));
                    }
                }
            });
        }
    });
    assert_eq!(allocator.held(), 0);
}

#[test]
fn a_thread_for_which_there_is_nothing_is_stopped_and_told_of_and_others_go_on() {
    // As the stopped threads stay, so does what they asked.
    let allocator: &'static Bounded = Box::leak(Box::new(Bounded::new(2 * LIMIT)));
    let (told, mut reader) = UnixStream::pair().expect("there are sockets");
    allocator.stop_threads(told, LIMIT);
    let too_much = |is_spare: bool| {
        thread::spawn(move || {
            if is_spare {
                this_thread_is_spare();
            }
            // SAFETY: as above; it never comes back.
            unsafe { allocator.alloc(bytes(1 << 30)) };
        });
    };
    let mut next = || {
        let mut byte = [0];
        reader.read_exact(&mut byte).expect("a thread was stopped");
        byte[0]
    };
    for (is_spare, byte) in [(true, SPARE), (false, LAST), (true, LAST)] {
        let before = allocator.stopped();
        too_much(is_spare);
        assert_eq!((next(), allocator.stopped()), (byte, before + 1));
        // SAFETY: as above.
        unsafe {
            let more = allocator.alloc(bytes(2 * LIMIT));
            assert!(!more.is_null());
            allocator.dealloc(more, bytes(2 * LIMIT));
        }
    }
    assert_eq!(allocator.held(), 0);
}
