//! What answers take of the memory of the process, and what of it counts, whatever a router sends.

#![allow(clippy::unwrap_used, reason = "tests")]

mod support;

use std::borrow::Cow;
use std::time::Duration;

use bounded_alloc::Bounded;
use bytes::Bytes;
use routeros_api::{AnswerMemory, Bounds, ClientError, Command, Fault, Options, Print, Router};
use routeros_proto::{Request, Sentence};
use support::{Peer, options, print, router_that};
use tokio::io::AsyncWriteExt;

#[global_allocator]
static ALLOCATOR: Bounded = Bounded::new(1 << 30);

const LIMIT: usize = 1 << 20;

/// Two tests would count each other's memory.
static ALONE: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

fn reply(word: &str, tag: Option<&[u8]>, fields: &[(&str, &str)]) -> Bytes {
    let mut sentence = Sentence::new();
    sentence.word(word.as_bytes()).tag(tag.unwrap_or_default());
    for (name, value) in fields {
        sentence.attribute(name.as_bytes(), value.as_bytes());
    }
    sentence.finish()
}

/// Sends bytes, and lets the client read them before others follow; whether it still listens.
async fn say(peer: &mut Peer, bytes: &[u8]) -> bool {
    let is_sent = peer.stream.write_all(bytes).await.is_ok();
    for _ in 0..3 {
        tokio::task::yield_now().await;
    }
    is_sent
}

async fn options_within(address: std::net::SocketAddr, limit: usize) -> Options {
    let mut options = options(address);
    options.memory = AnswerMemory::new(limit);
    options
}

/// How a router answers a print with many small rows.
#[derive(Clone, Copy, Debug)]
enum Hostile {
    /// Each row without a field, in a packet of its own.
    Tiny,
    /// Between two rows there is much for nobody.
    AmongOthers,
    /// As before, in such pieces that the room for reading has to grow.
    AmongLargeOthers,
}

impl Hostile {
    /// For each row, the bytes before it.
    fn before(self) -> usize {
        match self {
            Self::Tiny => 0,
            Self::AmongOthers => 200 << 10,
            Self::AmongLargeOthers => 3 << 20,
        }
    }

    fn rows(self) -> usize {
        match self {
            Self::Tiny => 40_000,
            Self::AmongOthers => 200,
            Self::AmongLargeOthers => 20,
        }
    }

    async fn act(self, mut peer: Peer) {
        peer.let_in().await;
        let request = peer.request().await;
        let others = match self.before() {
            0 => Bytes::new(),
            length => reply("!re", Some(b"99"), &[("x", &"x".repeat(length))]),
        };
        let row = reply("!re", request.tag(), &[]);
        for _ in 0..self.rows() {
            if !(say(&mut peer, &others).await && say(&mut peer, &row).await) {
                return;
            }
        }
        say(&mut peer, &reply("!done", request.tag(), &[])).await;
        while peer.next_request().await.is_some() {}
    }
}

#[tokio::test]
async fn what_is_kept_counts_whatever_comes_with_it() {
    let _alone = ALONE.lock().await;
    for hostile in [
        Hostile::Tiny,
        Hostile::AmongOthers,
        Hostile::AmongLargeOthers,
    ] {
        let (address, _acting) = router_that(move |peer| hostile.act(peer)).await;
        let options = options_within(address, LIMIT).await;
        let router = Router::connect(&options).await.unwrap();
        let before = ALLOCATOR.held();
        let rows = router.rows(&print()).await;
        let kept = ALLOCATOR.held().saturating_sub(before);
        match &rows {
            Ok(rows) => assert_eq!(rows.len(), hostile.rows(), "{hostile:?}"),
            Err(error) => {
                assert!(matches!(error.fault(), Fault::NoMemory { .. }), "{error}");
            }
        }
        // What the router says is there once; the room for reading may be twice the largest sentence.
        let reading = 3 * hostile.before() + (1 << 20);
        let most = 4 * options.memory.taken() + reading;
        assert!(
            kept <= most,
            "{hostile:?}: {kept} bytes are held, not {most}"
        );
    }
}

#[tokio::test]
async fn rows_that_come_in_between_each_other_count_once() {
    let _alone = ALONE.lock().await;
    const COMMANDS: usize = 8;
    const ROWS: usize = 100;
    let (address, _acting) = router_that(async |mut peer| {
        peer.let_in().await;
        let mut requests: Vec<Request> = Vec::new();
        while requests.len() < COMMANDS {
            requests.push(peer.request().await);
        }
        let text = "x".repeat(1024);
        let mut bytes = Vec::new();
        for _ in 0..ROWS {
            for request in &requests {
                bytes.extend_from_slice(&reply("!re", request.tag(), &[("text", &text)]));
            }
        }
        for request in &requests {
            bytes.extend_from_slice(&reply("!done", request.tag(), &[]));
        }
        peer.stream.write_all(&bytes).await.unwrap();
        while peer.next_request().await.is_some() {}
    })
    .await;
    let options = options_within(address, COMMANDS * ROWS * 1100 * 5 / 4).await;
    let router = Router::connect(&options).await.unwrap();
    let reads: Vec<_> = (0..COMMANDS)
        .map(|_| {
            let router = router.clone();
            tokio::spawn(async move { router.rows(&print()).await })
        })
        .collect();
    let mut kept = Vec::new();
    for read in reads {
        kept.push(read.await.unwrap().unwrap());
    }
    assert!(kept.iter().all(|rows| rows.len() == ROWS));
    assert!(options.memory.taken() >= COMMANDS * ROWS * 1024);
    drop(kept);
    assert_eq!(options.memory.taken(), 0);
}

#[tokio::test]
async fn the_value_that_a_command_returns_counts() {
    let _alone = ALONE.lock().await;
    let (address, _acting) = router_that(async |mut peer| {
        peer.let_in().await;
        while let Some(request) = peer.next_request().await {
            let length = match request.path() {
                b"/large/export" => 2 * LIMIT,
                _ => LIMIT / 2,
            };
            let value = "x".repeat(length);
            let done = reply("!done", request.tag(), &[("ret", &value)]);
            peer.stream.write_all(&done).await.unwrap();
        }
    })
    .await;
    let options = options_within(address, LIMIT).await;
    let router = Router::connect(&options).await.unwrap();
    let bounds = Bounds {
        rows: 10,
        watched: None,
        pause: Duration::ZERO,
    };
    let refused = |error: ClientError| {
        assert!(matches!(error.fault(), Fault::NoMemory { .. }), "{error}");
        assert!(error.to_string().contains("`/large/export`"), "{error}");
    };
    let large = || Command::new("/large/export");
    refused(router.command(large()).await.unwrap_err());
    refused(router.part(large(), bounds).await.map(drop).unwrap_err());
    assert_eq!(options.memory.taken(), 0);

    let kept = router.command(Command::new("/export")).await.unwrap();
    assert!(options.memory.taken() >= LIMIT / 2);
    let part = router.part(Command::new("/export"), bounds).await;
    let error = part.map(drop).unwrap_err();
    assert!(matches!(error.fault(), Fault::NoMemory { .. }), "{error}");
    drop(kept);
    let part = router.part(Command::new("/export"), bounds).await.unwrap();
    assert!(options.memory.taken() >= LIMIT / 2);
    // So does what is made of it.
    let changed = part
        .attributes
        .map(|row| row.mapped(|_| Cow::Borrowed(b"***")));
    assert!(options.memory.taken() >= LIMIT / 2);
    assert_eq!(changed.as_ref().unwrap().get("ret"), Some(&b"***"[..]));
    drop(changed);
    assert_eq!(options.memory.taken(), 0);
    assert!(router.rows(&Print::new("/small")).await.is_ok());
}
