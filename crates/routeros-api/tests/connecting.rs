//! What connecting says when there is no router, or one that does not want us.

#![allow(clippy::unwrap_used, reason = "tests")]

mod support;

use std::error::Error;
use std::net::SocketAddr;
use std::time::Duration;

use routeros_api::{ChallengeLogin, Class, ClientError, Fault, Router};
use support::{NOTHING, Peer, check_points_to_the_address_filter, connect, options, router_that};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;

async fn error(address: SocketAddr) -> ClientError {
    let mut options = options(address);
    options.login_timeout = Duration::from_millis(300);
    Router::connect(&options).await.unwrap_err()
}

/// The error when the peer says `bytes` to the login, and then closes or stays.
async fn error_after(bytes: &'static [u8], close: bool) -> ClientError {
    let (address, acting) = router_that(async move |mut peer: Peer| {
        let request = peer.request().await;
        assert_eq!(request.path(), b"/login");
        peer.stream.write_all(bytes).await.unwrap();
        if !close {
            peer.next_request().await;
        }
    })
    .await;
    let error = error(address).await;
    acting.await.unwrap();
    error
}

#[tokio::test]
async fn nobody_listening_is_told_with_the_address() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let error = error(address).await;
    assert_eq!(
        error.to_string(),
        format!("router `{address}`: cannot connect")
    );
    assert!(error.source().unwrap().to_string().contains("refused"));
    assert_eq!(error.class(), Class::Connection);
    assert_eq!(error.router(), address.to_string());
}

#[tokio::test]
async fn a_refused_login_names_both_causes() {
    let error = error_after(
        b"\x05!trap\x2a=message=invalid user name or password (6)\x00\x05!done\x00",
        false,
    )
    .await;
    assert_eq!(error.class(), Class::Refused);
    let text = error.to_string();
    for part in [
        "`admin`",
        "`invalid user name or password (6)`",
        "password is wrong",
        "policy `api`",
    ] {
        assert!(text.contains(part), "{text}");
    }
    assert_eq!(
        error.traps()[0].message(),
        "invalid user name or password (6)"
    );
}

#[tokio::test]
async fn a_fatal_answer_to_the_login_is_told() {
    let error = error_after(b"\x06!fatal\x08too many\x00", true).await;
    assert!(
        matches!(error.fault(), Fault::LoginEnded { reason, .. } if reason == "too many"),
        "{error}"
    );
    assert_eq!(error.class(), Class::Refused);
}

#[tokio::test]
async fn a_silent_router_points_to_the_address_filter() {
    let error = error_after(b"", false).await;
    assert!(
        matches!(error.fault(), Fault::LoginTimeout { .. }),
        "{error}"
    );
    check_points_to_the_address_filter(&error);
}

#[tokio::test]
async fn a_router_that_closes_at_once_points_to_the_address_filter() {
    let error = error_after(b"", true).await;
    assert!(matches!(error.fault(), Fault::LoginCut { .. }), "{error}");
    check_points_to_the_address_filter(&error);
}

#[tokio::test]
async fn half_an_answer_is_shown() {
    let error = error_after(b"\x05!do", false).await;
    assert!(
        error.to_string().contains(r"(it sent `\x05!do`)"),
        "{error}"
    );
}

#[tokio::test]
async fn a_server_of_another_kind_is_told_by_what_it_says() {
    for (said, shown) in [
        (&b"HTTP/1.1 400 Bad Request\r\n"[..], "HTTP/1.1 400"),
        (b"SSH-2.0-OpenSSH_9.2p1\r\n", "SSH-2.0"),
        (b"\xff\xfb\x01", "0xFF"),
    ] {
        let error = error_after(said, false).await;
        assert_eq!(error.class(), Class::Protocol, "{error}");
        let cause = error.source().unwrap().to_string();
        assert!(cause.contains(shown), "{cause}");
    }
}

#[tokio::test]
async fn an_old_router_is_answered_only_if_that_is_allowed() {
    let act = async |mut peer: Peer| {
        let first = peer.request().await;
        peer.server
            .done(first.tag(), [("ret", "93b438ec9b80057c06dd9fe67d56aa9a")]);
        peer.send().await;
        let second = peer.next_request().await?;
        peer.server.done(second.tag(), NOTHING);
        peer.send().await;
        second.get("response").map(<[u8]>::to_vec)
    };
    let (address, acting) = router_that(act).await;
    let refused = error(address).await;
    assert!(
        matches!(refused.fault(), Fault::ChallengeRefused { .. }),
        "{refused}"
    );
    assert_eq!(acting.await.unwrap(), None);

    let (address, acting) = router_that(act).await;
    let mut options = options(address);
    options.challenge_login = ChallengeLogin::Answer;
    Router::connect(&options).await.unwrap();
    let response = acting.await.unwrap().unwrap();
    let expected =
        routeros_proto::challenge_response(b"hunter2", b"93b438ec9b80057c06dd9fe67d56aa9a");
    assert_eq!(response, expected.unwrap().into_bytes());
}

#[tokio::test]
async fn options_and_errors_do_not_show_the_password() {
    let (address, _acting) = router_that(async |mut peer| {
        peer.let_in().await;
        peer.next_request().await;
    })
    .await;
    let shown = format!("{:?} {:?}", options(address), connect(address).await);
    assert!(!shown.contains("hunter2"), "{shown}");
    assert!(shown.contains("***"), "{shown}");
}
