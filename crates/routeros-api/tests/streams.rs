//! Rows that are taken slower or faster than they come.

#![allow(clippy::unwrap_used, reason = "tests")]

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::FutureExt;
use routeros_api::{Class, Fault, RowStream};
use routeros_proto::Request;
use support::{NOTHING, Peer, connect, print, router_that};

/// Rows of about 1 KiB, so that a hundred thousand are far more than sockets and windows hold.
async fn flood(peer: &mut Peer, request: &Request, rows: usize, sent: &AtomicUsize) {
    for batch in 0..rows / 100 {
        for n in 0..100 {
            peer.server.row(
                request.tag(),
                [
                    ("n", (batch * 100 + n).to_string()),
                    ("text", "x".repeat(1000)),
                ],
            );
        }
        peer.send().await;
        sent.fetch_add(100, Ordering::Relaxed);
    }
    peer.server.done(request.tag(), NOTHING);
    peer.send().await;
}

/// Takes all rows, which must be numbered in order.
async fn take_all(stream: &mut RowStream) -> usize {
    let mut taken = 0;
    while let Some(batch) = stream.next().await.unwrap() {
        for row in batch.rows() {
            assert_eq!(row.get("n").unwrap(), taken.to_string().as_bytes());
            taken += 1;
        }
    }
    taken
}

/// The number of rows sent once the router cannot send any more.
async fn settled(sent: &AtomicUsize) -> usize {
    loop {
        let before = sent.load(Ordering::Relaxed);
        tokio::time::sleep(Duration::from_millis(200)).await;
        if before > 0 && sent.load(Ordering::Relaxed) == before {
            return before;
        }
    }
}

#[tokio::test]
async fn a_slow_taker_holds_up_the_router_and_loses_nothing() {
    let sent = Arc::new(AtomicUsize::new(0));
    let counted = sent.clone();
    let (address, _acting) = router_that(async move |mut peer: Peer| {
        peer.let_in().await;
        let request = peer.request().await;
        flood(&mut peer, &request, 100_000, &counted).await;
    })
    .await;
    let router = connect(address).await;
    // The silence of the router is due to the taker, so this limit must not end the stream.
    let limit = Duration::from_secs(2);
    let mut stream = router.stream(&print().silence(limit)).await.unwrap();
    assert!(settled(&sent).await < 50_000, "nothing held the router up");
    tokio::time::sleep(limit + Duration::from_millis(200)).await;
    assert_eq!(take_all(&mut stream).await, 100_000);
    assert!(stream.next().await.unwrap().is_none());
}

/// What waits is at most what the documentation says: 128 KiB, and what one read adds to it.
#[tokio::test]
async fn few_rows_wait_for_a_slow_taker() {
    let sent = Arc::new(AtomicUsize::new(0));
    let counted = sent.clone();
    let (address, _acting) = router_that(async move |mut peer: Peer| {
        peer.let_in().await;
        let request = peer.request().await;
        flood(&mut peer, &request, 100_000, &counted).await;
    })
    .await;
    let router = connect(address).await;
    let mut stream = router.stream(&print()).await.unwrap();
    settled(&sent).await;
    // Nothing else runs on this thread meanwhile, so that these are the rows that were waiting.
    let mut waiting = 0;
    while let Some(batch) = stream.next().now_or_never() {
        let batch = batch.unwrap().expect("the end has not come");
        waiting += batch
            .rows()
            .map(|row| row.sentence().wire().len())
            .sum::<usize>();
    }
    assert!((1..=(128 + 256) << 10).contains(&waiting), "{waiting}");
}

#[tokio::test]
async fn another_command_is_answered_while_a_stream_waits() {
    let (address, _acting) = router_that(async |mut peer| {
        peer.let_in().await;
        let request = peer.request().await;
        // More than the window, less than the budget.
        for n in 0..3000 {
            peer.server.row(
                request.tag(),
                [("n", n.to_string()), ("text", "x".repeat(1000))],
            );
        }
        peer.send().await;
        let other = peer.request().await;
        peer.answer(&other, 5).await;
        peer.answer(&request, 0).await;
    })
    .await;
    let router = connect(address).await;
    let mut stream = router.stream(&print()).await.unwrap();
    assert_eq!(router.rows(&print()).await.unwrap().len(), 5);
    assert_eq!(take_all(&mut stream).await, 3000);
}

#[tokio::test]
async fn a_stream_too_far_behind_is_given_up_for_another_command() {
    let (address, acting) = router_that(async |mut peer| {
        peer.let_in().await;
        let request = peer.request().await;
        let other = peer.request().await;
        flood(&mut peer, &request, 40_000, &AtomicUsize::new(0)).await;
        peer.answer(&other, 5).await;
        let cancel = peer.request().await;
        cancel.get("tag") == request.tag()
    })
    .await;
    let router = connect(address).await;
    let mut stream = router.stream(&print()).await.unwrap();
    assert_eq!(router.rows(&print()).await.unwrap().len(), 5);
    let error = loop {
        match stream.next().await {
            Ok(Some(_)) => {}
            Ok(None) => panic!("a stream that lost rows ended well"),
            Err(error) => break error,
        }
    };
    assert!(
        matches!(error.fault(), Fault::SlowConsumer { .. }),
        "{error}"
    );
    assert_eq!(error.class(), Class::Caller);
    assert!(stream.next().await.is_err(), "the error stays");
    assert!(acting.await.unwrap(), "cancelled on the router");
}

#[tokio::test]
async fn an_error_after_rows_comes_after_the_rows() {
    let (address, _acting) = router_that(async |mut peer| {
        peer.let_in().await;
        let request = peer.request().await;
        peer.server.row(request.tag(), [("n", "0")]);
        peer.server.trap(request.tag(), None, "no such item (4)");
        peer.answer(&request, 0).await;
    })
    .await;
    let router = connect(address).await;
    let mut stream = router.stream(&print()).await.unwrap();
    assert_eq!(stream.next().await.unwrap().unwrap().len(), 1);
    let error = stream.next().await.unwrap_err();
    assert_eq!((error.class(), error.rows_before()), (Class::Refused, 1));
}

#[tokio::test]
async fn a_silent_router_ends_a_stream() {
    let (address, _acting) = router_that(async |mut peer| {
        peer.let_in().await;
        let request = peer.request().await;
        peer.server.row(request.tag(), [("n", "0")]);
        peer.send().await;
        peer.request().await
    })
    .await;
    let router = connect(address).await;
    let mut stream = router
        .stream(&print().silence(Duration::from_secs(2)))
        .await
        .unwrap();
    assert_eq!(stream.next().await.unwrap().unwrap().len(), 1);
    let error = stream.next().await.unwrap_err();
    assert!(
        matches!(error.fault(), Fault::Silent { rows_before: 1, .. }),
        "{error}"
    );
}

#[tokio::test]
async fn a_stream_keeps_the_connection_open() {
    let (address, _acting) = router_that(async |mut peer| {
        peer.let_in().await;
        let request = peer.request().await;
        peer.answer(&request, 3).await;
        let end = peer.request().await;
        assert_eq!(end.path(), b"/quit");
    })
    .await;
    let mut stream = connect(address).await.stream(&print()).await.unwrap();
    assert_eq!(take_all(&mut stream).await, 3);
}
