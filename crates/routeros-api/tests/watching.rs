//! What is taken for a while, of commands that do not end by themselves.

#![allow(clippy::unwrap_used, reason = "tests")]

mod support;

use std::time::Duration;

use routeros_api::{Bounds, Class, ClientError, Command, Fault, Part, Router};
use routeros_proto::Request;
use support::{NOTHING, Peer, options, router_that};

const SHORT: Duration = Duration::from_millis(300);

/// What a router does with a `listen`, and then with the `/cancel` of it.
#[derive(Clone, Copy, Debug)]
enum Watched {
    /// It says nothing, to neither.
    Dead,
    /// It refuses the first, never ends it, and does not answer the second.
    RefusesWithoutEnd,
    /// It refuses the first, and ends it when it is cancelled.
    RefusesAndIsCancelled,
    /// It sends a row, one more after the `/cancel`, and then the end.
    Lives,
    /// It is cancelled without a word but the end.
    EndsWithoutTrap,
    /// It goes on to send rows when it is cancelled.
    NeverStops,
}

impl Watched {
    async fn act(self, mut peer: Peer) {
        peer.let_in().await;
        let listen = peer.request().await;
        match self {
            Self::RefusesWithoutEnd | Self::RefusesAndIsCancelled => {
                peer.server
                    .trap(listen.tag(), None, "not enough permissions (9)");
            }
            Self::Lives | Self::NeverStops => peer.server.row(listen.tag(), [("n", "1")]),
            Self::Dead | Self::EndsWithoutTrap => {}
        }
        peer.send().await;
        let Some(cancel) = peer.next_request().await else {
            return;
        };
        assert_eq!(cancel.path(), b"/cancel");
        match self {
            Self::Dead | Self::RefusesWithoutEnd => {}
            Self::Lives => {
                peer.server.row(listen.tag(), [("n", "2")]);
                cancelled(&mut peer, &listen, &cancel).await;
            }
            Self::RefusesAndIsCancelled => cancelled(&mut peer, &listen, &cancel).await,
            Self::EndsWithoutTrap => peer.answer(&listen, 0).await,
            Self::NeverStops => {
                // As long as the client may look, and not without end: it is gone some time.
                for _ in 0..200 {
                    peer.server.row(listen.tag(), [("n", "3")]);
                    peer.send().await;
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            }
        }
        while peer.next_request().await.is_some() {}
    }
}

/// The answers to a `/cancel`, in the order that was seen.
async fn cancelled(peer: &mut Peer, listen: &Request, cancel: &Request) {
    peer.server.trap(listen.tag(), Some(2), "interrupted");
    peer.server.done(cancel.tag(), NOTHING);
    peer.server.done(listen.tag(), NOTHING);
    peer.send().await;
}

async fn watch(router: Watched) -> Result<Part, ClientError> {
    let (address, _acting) = router_that(move |peer| router.act(peer)).await;
    let mut options = options(address);
    options.silence_timeout = Duration::from_secs(2);
    let router = Router::connect(&options).await.unwrap();
    let bounds = Bounds {
        rows: 100,
        watched: Some(SHORT),
        pause: Duration::ZERO,
    };
    router.part(Command::new("/ip/arp/listen"), bounds).await
}

#[tokio::test]
async fn what_was_watched_is_an_answer_once_the_router_has_ended_it() {
    for (router, rows) in [(Watched::Lives, 2), (Watched::EndsWithoutTrap, 0)] {
        let part = watch(router).await.unwrap();
        assert_eq!((part.rows.len(), part.is_cut), (rows, false), "{router:?}");
    }
}

#[tokio::test]
async fn a_router_that_does_not_end_what_was_watched_gave_no_answer() {
    for (router, words) in [
        (Watched::Dead, "was silent for"),
        (Watched::RefusesWithoutEnd, "not enough permissions (9)"),
        (Watched::RefusesAndIsCancelled, "not enough permissions (9)"),
        (Watched::NeverStops, "still sent something"),
    ] {
        let error = watch(router).await.map(|part| part.rows).unwrap_err();
        let case = format!("{router:?}: {error}");
        assert!(error.to_string().contains(words), "{case}");
        let is_refusal = matches!(error.fault(), Fault::Refused { .. });
        let expected = match is_refusal {
            true => Class::Refused,
            false => Class::Connection,
        };
        assert_eq!(error.class(), expected, "{case}");
        let ends = matches!(router, Watched::RefusesAndIsCancelled);
        assert_eq!(is_refusal, ends, "{case}");
    }
}
