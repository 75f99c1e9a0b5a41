//! Commands against a router that plays a part.

#![allow(clippy::unwrap_used, reason = "tests")]

mod support;

use std::time::Duration;

use routeros_api::{Class, Command, Fault, Id, Lost, Query};
use routeros_proto::{Request, TagPlace};
use support::{NOTHING, Peer, connect, print, router_that};
use tokio::io::AsyncWriteExt;

const SHORT: Duration = Duration::from_secs(2);

#[tokio::test]
async fn rows_are_all_rows_with_their_fields() {
    let (address, acting) = router_that(async |mut peer| {
        peer.let_in().await;
        let request = peer.request().await;
        assert_eq!(request.path(), b"/ip/arp/print");
        assert_eq!(request.get(".proplist"), Some(&b"address,comment"[..]));
        assert_eq!(request.query().unwrap(), Query::equal("dynamic", "true"));
        peer.server
            .row(request.tag(), [("address", "10.0.0.9"), ("comment", "")]);
        peer.server.row(request.tag(), NOTHING);
        peer.server.done(request.tag(), NOTHING);
        peer.send().await;
    })
    .await;
    let wanted = print()
        .fields(["address", "comment"])
        .query(Query::equal("dynamic", "true"));
    let rows = connect(address).await.rows(&wanted).await.unwrap();
    assert_eq!(rows.len(), 2);
    assert_eq!(rows.get(0).unwrap().get("comment"), Some(&b""[..]));
    assert_eq!(rows.get(1).unwrap().get("comment"), None);
    acting.await.unwrap();
}

#[tokio::test]
async fn the_value_of_an_answer_is_kept() {
    let (address, _acting) = router_that(async |mut peer| {
        peer.let_in().await;
        for (path, ret) in [
            (&b"/ip/arp/print"[..], "4"),
            (b"/ip/arp/add", "*1F"),
            (b"/ip/arp/add", "31"),
            (b"/ip/arp/print", "x"),
        ] {
            let request = peer.request().await;
            assert_eq!(request.path(), path);
            peer.server.done(request.tag(), [("ret", ret)]);
            peer.send().await;
        }
    })
    .await;
    let router = connect(address).await;
    assert_eq!(router.count(&print()).await.unwrap(), 4);
    let row = [("address", "10.0.0.9")];
    assert_eq!(
        router.add("/ip/arp", row).await.unwrap(),
        "*1F".parse::<Id>().unwrap()
    );
    let error = router.add("/ip/arp", row).await.unwrap_err();
    assert_eq!(error.class(), Class::Protocol);
    assert!(
        error
            .to_string()
            .ends_with("`/ip/arp/add` was answered with `31` instead of the id of the new row"),
        "{error}"
    );
    assert_eq!(
        router.count(&print()).await.unwrap_err().class(),
        Class::Protocol
    );
}

#[tokio::test]
async fn set_and_remove_name_the_row_by_its_id() {
    let (address, acting) = router_that(async |mut peer| {
        peer.let_in().await;
        let set = peer.request().await;
        peer.answer(&set, 0).await;
        let remove = peer.request().await;
        peer.answer(&remove, 0).await;
        (set, remove)
    })
    .await;
    let router = connect(address).await;
    let id = "*1F".parse().unwrap();
    router
        .set("/ip/arp", &id, [("comment", "x=y")])
        .await
        .unwrap();
    router.remove("ip arp", &id).await.unwrap();
    let (set, remove) = acting.await.unwrap();
    assert_eq!(set.path(), b"/ip/arp/set");
    assert_eq!(
        (set.get(".id"), set.get("comment")),
        (Some(&b"*1F"[..]), Some(&b"x=y"[..]))
    );
    assert_eq!(
        (remove.path(), remove.get(".id")),
        (&b"/ip/arp/remove"[..], Some(&b"*1F"[..]))
    );
}

#[tokio::test]
async fn answers_out_of_order_find_their_callers_wherever_the_tag_stands() {
    for tag_place in [TagPlace::AfterReplyWord, TagPlace::Last] {
        let (address, _acting) = router_that(async move |mut peer: Peer| {
            peer.let_in().await;
            peer.server = routeros_proto::Server::new(routeros_proto::Limits::default(), tag_place);
            let mut requests: Vec<Request> = Vec::new();
            while requests.len() < 50 {
                requests.push(peer.request().await);
            }
            // Each gets its row first, the ends come in the opposite order.
            for request in &requests {
                peer.server
                    .row(request.tag(), [("n", request.get("n").unwrap())]);
            }
            for request in requests.iter().rev() {
                peer.server
                    .row(request.tag(), [("n", request.get("n").unwrap())]);
                peer.server.done(request.tag(), NOTHING);
            }
            peer.send().await;
        })
        .await;
        let router = connect(address).await;
        let calls: Vec<_> = (0..50)
            .map(|n| {
                let router = router.clone();
                let command = Command::new("/echo").attribute("n", n.to_string());
                tokio::spawn(async move { router.command(command).await })
            })
            .collect();
        for (n, call) in calls.into_iter().enumerate() {
            let rows = call.await.unwrap().unwrap().rows;
            let told: Vec<_> = rows
                .iter()
                .map(|row| row.get("n").unwrap().to_vec())
                .collect();
            assert_eq!(told, [n.to_string().as_bytes(), n.to_string().as_bytes()]);
        }
    }
}

#[tokio::test]
async fn a_refusal_keeps_every_word_of_the_router_and_the_connection() {
    let (address, _acting) = router_that(async |mut peer| {
        peer.let_in().await;
        let request = peer.request().await;
        peer.server.row(request.tag(), [("n", "0")]);
        peer.server.trap(
            request.tag(),
            Some(0),
            "no such command or directory (adress)",
        );
        peer.server
            .trap(request.tag(), None, "no such command prefix");
        peer.answer(&request, 0).await;
        let request = peer.request().await;
        peer.answer(&request, 3).await;
    })
    .await;
    let router = connect(address).await;
    let error = router.rows(&print()).await.unwrap_err();
    assert_eq!(error.class(), Class::Refused);
    assert_eq!(error.rows_before(), 1);
    assert_eq!(error.traps()[0].category, Some(0));
    assert_eq!(
        error.to_string(),
        format!(
            "router `{address}`: `/ip/arp/print` was refused: `no such command or directory (adress)`, \
             `no such command prefix`, after 1 rows that are not all"
        )
    );
    assert_eq!(router.rows(&print()).await.unwrap().len(), 3);
}

#[tokio::test]
async fn a_command_that_does_not_end_is_cancelled_and_the_connection_stays() {
    let (address, acting) = router_that(async |mut peer| {
        peer.let_in().await;
        let slow = peer.request().await;
        peer.server.row(slow.tag(), [("n", "0")]);
        peer.send().await;
        let cancel = peer.request().await;
        assert_eq!(
            (cancel.path(), cancel.get("tag")),
            (&b"/cancel"[..], slow.tag())
        );
        // Late rows, then the end in the order of a real router.
        peer.server.row(slow.tag(), [("n", "1")]);
        peer.server.trap(slow.tag(), Some(2), "interrupted");
        peer.server.done(cancel.tag(), NOTHING);
        peer.server.done(slow.tag(), NOTHING);
        peer.server.row(slow.tag(), [("n", "after its end")]);
        peer.send().await;
        let request = peer.request().await;
        peer.answer(&request, 2).await;
    })
    .await;
    let router = connect(address).await;
    let error = router.rows(&print().silence(SHORT)).await.unwrap_err();
    assert!(
        matches!(error.fault(), Fault::Silent { rows_before: 1, .. }),
        "{error}"
    );
    assert_eq!(error.class(), Class::Connection);
    assert_eq!(router.rows(&print()).await.unwrap().len(), 2);
    acting.await.unwrap();
}

#[tokio::test]
async fn a_call_that_is_dropped_is_cancelled() {
    let (address, acting) = router_that(async |mut peer| {
        peer.let_in().await;
        let dropped = peer.request().await;
        let cancel = peer.request().await;
        (
            dropped.tag().map(<[u8]>::to_vec),
            cancel.path().to_vec(),
            cancel.get("tag").map(<[u8]>::to_vec),
        )
    })
    .await;
    let router = connect(address).await;
    let _ = tokio::time::timeout(SHORT, router.rows(&print()))
        .await
        .unwrap_err();
    let (tag, path, cancelled) = acting.await.unwrap();
    assert_eq!((path, cancelled), (b"/cancel".to_vec(), tag));
}

#[tokio::test]
async fn a_silent_listen_is_cancelled_when_it_is_dropped() {
    let (address, acting) = router_that(async |mut peer| {
        peer.let_in().await;
        let listen = peer.request().await;
        assert_eq!(listen.path(), b"/ip/arp/listen");
        peer.server.row(listen.tag(), [("n", "0")]);
        peer.send().await;
        let cancel = peer.request().await;
        cancel.get("tag") == listen.tag()
    })
    .await;
    let router = connect(address).await;
    let mut changes = router.listen(&print()).await.unwrap();
    assert_eq!(changes.next().await.unwrap().unwrap().len(), 1);
    drop(changes);
    assert!(acting.await.unwrap());
}

#[tokio::test]
async fn every_pending_call_learns_that_the_connection_died_and_how_far_it_was() {
    let (address, _acting) = router_that(async |mut peer| {
        peer.let_in().await;
        let first = peer.request().await;
        let _second = peer.request().await;
        for n in 0..1000 {
            peer.server.row(first.tag(), [("n", n.to_string())]);
        }
        peer.send().await;
    })
    .await;
    let router = connect(address).await;
    let other = router.clone();
    let first = tokio::spawn(async move { other.rows(&print()).await });
    // The order of the two on the wire is that of their sending.
    tokio::task::yield_now().await;
    let second = router.count(&print()).await.unwrap_err();
    let first = first.await.unwrap().unwrap_err();
    assert_eq!(first.rows_before() + second.rows_before(), 1000);
    for error in [first, second] {
        assert!(
            matches!(
                error.fault(),
                Fault::Lost {
                    source: Lost::ByPeer,
                    ..
                }
            ),
            "{error}"
        );
        assert_eq!(error.class(), Class::Connection);
    }
    let late = router.rows(&print()).await.unwrap_err();
    assert!(
        matches!(
            late.fault(),
            Fault::Lost {
                source: Lost::ByPeer,
                ..
            }
        ),
        "{late}"
    );
    assert!(router.is_closed());
}

#[tokio::test]
async fn an_end_inside_a_sentence_is_told() {
    let lost = end_of(b"\x03!re\x06.tag=1").await;
    assert!(matches!(lost, Lost::InsideSentence));
}

#[tokio::test]
async fn the_reason_of_a_fatal_reply_is_told() {
    let lost = end_of(b"\x06!fatal\x0dnot logged in\x00").await;
    assert!(matches!(lost, Lost::Fatal { reason } if reason == "not logged in"));
}

#[tokio::test]
async fn bytes_that_are_no_protocol_end_the_connection() {
    for bytes in [
        &b"\xff\xff\xff"[..],
        b"\x03!re\x06.tag=1\xf0\x40\x00\x00\x00",
        b"hello",
        b"\x05hello\x00",
    ] {
        let lost = end_of(bytes).await;
        assert!(
            matches!(lost, Lost::Protocol(_)),
            "{}: {lost}",
            bytes.escape_ascii()
        );
    }
}

/// How the connection ends when the router answers a command with `bytes` and closes.
async fn end_of(bytes: &'static [u8]) -> Lost {
    let (address, _acting) = router_that(async move |mut peer: Peer| {
        peer.let_in().await;
        peer.request().await;
        peer.stream.write_all(bytes).await.unwrap();
    })
    .await;
    let error = connect(address).await.rows(&print()).await.unwrap_err();
    match error.fault() {
        Fault::Lost { source, .. } => source.clone(),
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn a_command_that_cannot_be_sent_harms_nothing() {
    let (address, _acting) = router_that(async |mut peer| {
        peer.let_in().await;
        let request = peer.request().await;
        peer.answer(&request, 1).await;
    })
    .await;
    let router = connect(address).await;
    let error = router
        .command(Command::new("/ip/arp/add").attribute("a=b", "1"))
        .await
        .unwrap_err();
    assert_eq!(error.class(), Class::Caller);
    assert_eq!(router.rows(&print()).await.unwrap().len(), 1);
}

#[tokio::test]
async fn rows_are_read_while_a_large_command_waits_to_be_written() {
    let (address, acting) = router_that(async |mut peer| {
        peer.let_in().await;
        let request = peer.request().await;
        // Nothing is read until far more than the socket holds has been written.
        for _ in 0..100 {
            for _ in 0..1000 {
                peer.server.row(request.tag(), [("n", "x".repeat(200))]);
            }
            peer.send().await;
        }
        peer.answer(&request, 0).await;
        let large = peer.request().await;
        peer.answer(&large, 0).await;
        large.get("source").map(<[u8]>::len)
    })
    .await;
    let router = connect(address).await;
    let other = router.clone();
    let rows = tokio::spawn(async move { other.rows(&print()).await });
    tokio::task::yield_now().await;
    let source = vec![b'x'; 15 << 20];
    router
        .command(Command::new("/system/script/add").attribute("source", source))
        .await
        .unwrap();
    assert_eq!(rows.await.unwrap().unwrap().len(), 100_000);
    assert_eq!(acting.await.unwrap(), Some(15 << 20));
}

#[tokio::test]
async fn closing_is_polite_and_ends_every_handle() {
    let (address, acting) = router_that(async |mut peer| {
        peer.let_in().await;
        let quit = peer.request().await;
        peer.server.fatal("session terminated on request");
        peer.send().await;
        quit.path().to_vec()
    })
    .await;
    let router = connect(address).await;
    let other = router.clone();
    router.close().await;
    assert_eq!(acting.await.unwrap(), b"/quit");
    assert!(other.is_closed());
    let error = other.rows(&print()).await.unwrap_err();
    assert!(
        matches!(
            error.fault(),
            Fault::Lost {
                source: Lost::Closed,
                ..
            }
        ),
        "{error}"
    );
}

#[tokio::test]
async fn dropping_the_last_handle_closes_the_connection() {
    let (address, acting) = router_that(async |mut peer| {
        peer.let_in().await;
        let quit = peer.request().await;
        drop(peer);
        quit.path().to_vec()
    })
    .await;
    drop(connect(address).await);
    assert_eq!(acting.await.unwrap(), b"/quit");
}
