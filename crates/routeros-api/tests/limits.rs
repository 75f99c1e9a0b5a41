//! How long a command is waited for, and how much memory answers take together.

#![allow(clippy::unwrap_used, reason = "tests")]

mod support;

use std::time::Duration;

use routeros_api::{AnswerMemory, Class, ClientError, Command, Fault, Lost, Print, Router};
use routeros_proto::Request;
use support::{NOTHING, Peer, connect, options, print, router_that};

const SHORT: Duration = Duration::from_millis(300);
/// So long that a machine under load does not pause a test for it.
const LONG: Duration = Duration::from_secs(4);

/// Sends a row every tenth of a second for this time.
async fn trickle(peer: &mut Peer, request: &Request, time: Duration) -> usize {
    let rows = time.as_millis() as usize / 100;
    for n in 0..rows {
        peer.server.row(request.tag(), [("n", n.to_string())]);
        peer.send().await;
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    rows
}

#[tokio::test]
async fn a_print_that_flows_is_not_cut_and_neither_is_one_that_waits_behind_it() {
    let (address, acting) = router_that(async |mut peer| {
        peer.let_in().await;
        let flowing = peer.request().await;
        let waiting = peer.request().await;
        let rows = trickle(&mut peer, &flowing, LONG * 3 / 2).await;
        peer.server.done(flowing.tag(), NOTHING);
        peer.answer(&waiting, 1).await;
        rows
    })
    .await;
    let mut options = options(address);
    options.silence_timeout = LONG;
    let router = Router::connect(&options).await.unwrap();
    let other = router.clone();
    let flowing = tokio::spawn(async move { other.rows(&print()).await });
    tokio::task::yield_now().await;
    assert_eq!(router.rows(&print()).await.unwrap().len(), 1);
    let rows = flowing.await.unwrap().unwrap().len();
    assert_eq!(rows, acting.await.unwrap());
}

#[tokio::test]
async fn a_slow_router_and_a_silent_one_are_told_apart() {
    // What the router does, the limits of silence and of the whole, and which of them is reached.
    for (stalls, silence, total, is_silence) in [
        (false, LONG, LONG / 2, false),
        (true, SHORT, LONG, true),
        (true, LONG, LONG, false),
        (true, LONG * 2, LONG / 2, false),
    ] {
        let (address, _acting) = router_that(async move |mut peer: Peer| {
            peer.let_in().await;
            let request = peer.request().await;
            let time = if stalls { SHORT } else { LONG };
            trickle(&mut peer, &request, time).await;
            peer.request().await
        })
        .await;
        let router = connect(address).await;
        let print = print().silence(silence).timeout(total);
        let error = router.rows(&print).await.unwrap_err();
        let case = format!("{stalls} {silence:?} {total:?}: {error}");
        let said = error.to_string();
        match error.fault() {
            Fault::Silent { after, .. } => {
                assert!(is_silence && *after == silence, "{case}");
                assert!(said.contains("was silent for"), "{case}");
            }
            Fault::Timeout { after, silent, .. } => {
                assert!(!is_silence && *after == total, "{case}");
                assert!(said.contains(&format!("within {total:?}")), "{case}");
                assert_eq!(silent.is_some(), stalls, "{case}");
                assert_eq!(said.contains("was silent for"), stalls, "{case}");
                assert_eq!(said.contains("still sent something"), !stalls, "{case}");
            }
            _ => panic!("{case}"),
        }
        assert!(error.rows_before() > 0, "{case}");
        assert!(error.hint().is_some(), "{case}");
        assert_eq!(error.class(), Class::Connection, "{case}");
    }
}

#[tokio::test]
async fn a_command_may_take_long_without_a_word_where_that_is_wanted() {
    let (address, _acting) = router_that(async |mut peer| {
        peer.let_in().await;
        while let Some(request) = peer.next_request().await {
            if request.path() == b"/system/script/run" {
                tokio::time::sleep(SHORT * 4).await;
            }
            if request.path() != b"/never" {
                peer.answer(&request, 0).await;
            }
        }
    })
    .await;
    let mut options = options(address);
    options.silence_timeout = SHORT;
    options.command_timeout = LONG;
    let router = Router::connect(&options).await.unwrap();
    let run = || Command::new("/system/script/run").attribute("number", "nightly");
    assert!(router.patient().command(run()).await.is_ok());
    let error = router.command(run()).await.unwrap_err();
    assert!(matches!(error.fault(), Fault::Silent { .. }), "{error}");
    // Without end it is not waited for, and the error says which limit that was.
    let error = router.patient().command(Command::new("/never")).await;
    let error = error.unwrap_err();
    let silent =
        matches!(error.fault(), Fault::Timeout { after, silent: Some(_), .. } if *after == LONG);
    assert!(silent, "{error}");
}

/// The error of a command that the router refuses, and then does not end in the way that `end` says.
async fn refused_without_end(end: &'static [u8], closes: bool) -> ClientError {
    let (address, _acting) = router_that(async move |mut peer: Peer| {
        peer.let_in().await;
        let request = peer.request().await;
        let traps = [(None, "not enough permissions (9)"), (Some(1), "and more")];
        for (category, said) in traps {
            peer.server.trap(request.tag(), category, said);
        }
        peer.send().await;
        if closes {
            let _ = tokio::io::AsyncWriteExt::write_all(&mut peer.stream, end).await;
            return;
        }
        while peer.next_request().await.is_some() {}
    })
    .await;
    let router = connect(address).await;
    router.rows(&print().silence(SHORT)).await.unwrap_err()
}

#[tokio::test]
async fn a_refusal_whose_end_never_comes_keeps_its_words() {
    for (end, closes) in [
        (&b""[..], false),
        (b"", true),
        (b"\x06!fatal\x03bye\x00", true),
        (b"\xff", true),
    ] {
        let error = refused_without_end(end, closes).await;
        let case = format!("{:?} {closes}: {error}", end.escape_ascii().to_string());
        assert!(
            matches!(error.fault(), Fault::Silent { .. } | Fault::Lost { .. }),
            "{case}"
        );
        assert_eq!(error.traps().len(), 2, "{case}");
        for words in ["not enough permissions (9)", "and more"] {
            assert!(error.to_string().contains(words), "{case}");
        }
        assert!(error.hint().unwrap().contains("policy"), "{case}");
    }
    let error = refused_without_end(b"", true).await;
    let ended = matches!(
        error.fault(),
        Fault::Lost {
            source: Lost::ByPeer,
            ..
        }
    );
    assert!(ended, "{error}");
}

/// A router that answers every print with a mebibyte of rows; one of a menu `…/small` with one row.
async fn generous(mut peer: Peer) {
    peer.let_in().await;
    while let Some(request) = peer.next_request().await {
        let rows = match request.path() {
            b"/cancel" => 0,
            path if path.starts_with(b"/small") => 1,
            _ => 1024,
        };
        for n in 0..rows {
            let text = "x".repeat(1024);
            peer.server
                .row(request.tag(), [("n", n.to_string()), ("text", text)]);
        }
        peer.server.done(request.tag(), NOTHING);
        peer.send().await;
    }
}

#[tokio::test]
async fn answers_share_one_memory_and_what_does_not_fit_says_what_was_read() {
    let (address, _acting) = router_that(generous).await;
    let mut options = options(address);
    options.memory = AnswerMemory::new(10 << 20);
    let router = Router::connect(&options).await.unwrap();
    let mut kept = Vec::new();
    let mut refused = Vec::new();
    for number in 0..30 {
        let menu = format!("/large/{number}");
        match router.rows(&Print::new(&menu)).await {
            Ok(rows) => kept.push(rows),
            Err(error) => refused.push((menu, error)),
        }
    }
    assert!((8..10).contains(&kept.len()), "{} were kept", kept.len());
    assert_eq!(kept.len() + refused.len(), 30);
    for (menu, error) in &refused {
        assert!(
            matches!(error.fault(), Fault::NoMemory { limit, .. } if *limit == 10 << 20),
            "{error}"
        );
        assert!(
            error.to_string().contains(&format!("`{menu}/print`")),
            "{error}"
        );
        assert_eq!(error.class(), Class::Caller);
    }
    // The router goes on to answer, and a row of the last answer keeps no more than its piece.
    assert!(router.rows(&Print::new("/small")).await.is_ok());
    let row = kept[0].row(0).unwrap();
    drop(kept);
    let taken = options.memory.taken();
    assert!(0 < taken && taken <= 256 << 10, "{taken}");
    drop(row);
    assert_eq!(options.memory.taken(), 0);
    assert!(router.rows(&Print::new("/large/again")).await.is_ok());
}

#[tokio::test]
async fn answers_that_come_at_the_same_time_share_one_memory() {
    let (address, _acting) = router_that(generous).await;
    let mut options = options(address);
    options.memory = AnswerMemory::new(10 << 20);
    let router = Router::connect(&options).await.unwrap();
    let reading: Vec<_> = (0..30)
        .map(|number| {
            let router = router.clone();
            let print = Print::new(&format!("/large/{number}"));
            tokio::spawn(async move { router.rows(&print).await })
        })
        .collect();
    let mut kept = Vec::new();
    for read in reading {
        kept.extend(read.await.unwrap());
        assert!(options.memory.taken() <= 10 << 20);
    }
    assert!((1..10).contains(&kept.len()), "{} were kept", kept.len());
}
