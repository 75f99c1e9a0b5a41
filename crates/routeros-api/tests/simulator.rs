//! The client against the simulator, faults included.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::time::Duration;

use routeros_api::{
    ChallengeLogin, Class, ClientError, Command, Fault, Id, Lost, Options, Print, Query, Router,
    Secret,
};
use routeros_sim::{Faults, LoginKind, Simulator, State};

const LIST: &str = "/ip/firewall/address-list";

async fn simulator(change: impl FnOnce(&mut routeros_sim::Options)) -> Simulator {
    let mut state = State::new();
    for n in 0..1000 {
        let (address, list) = (
            format!("10.0.{}.{}", n / 250, n % 250),
            if n % 2 == 0 { "blocked" } else { "vip" },
        );
        state.add(
            LIST,
            [("list", list.as_bytes()), ("address", address.as_bytes())],
        );
    }
    let password = "hunter2".to_owned();
    let mut options = routeros_sim::Options {
        state,
        password,
        ..routeros_sim::Options::default()
    };
    change(&mut options);
    Simulator::start(options).await.unwrap()
}

async fn with_faults(faults: Faults) -> Simulator {
    simulator(|options| options.faults = faults).await
}

fn options(simulator: &Simulator) -> Options {
    let mut options = Options::new("127.0.0.1", "admin", Secret::new("hunter2"));
    options.port = simulator.address().port();
    options
}

async fn connect(simulator: &Simulator) -> Router {
    Router::connect(&options(simulator)).await.unwrap()
}

/// The error of reading the list from a router with `faults`.
async fn error_with(faults: Faults) -> ClientError {
    let simulator = with_faults(faults).await;
    let print = Print::new(LIST).timeout(Duration::from_secs(2));
    connect(&simulator).await.rows(&print).await.unwrap_err()
}

#[tokio::test]
async fn rows_and_counts_follow_the_query() {
    for tag_last in [false, true] {
        let simulator = simulator(|options| options.tag_last = tag_last).await;
        let router = connect(&simulator).await;
        let blocked = Print::new(LIST)
            .fields(["address"])
            .query(Query::equal("list", "blocked"));
        let rows = router.rows(&blocked).await.unwrap();
        assert_eq!(rows.len(), 500);
        assert_eq!(rows.get(1).unwrap().get("address"), Some(&b"10.0.0.2"[..]));
        assert_eq!(router.count(&blocked).await.unwrap(), 500);
        let nobody = Print::new(LIST).query(Query::equal("list", "nobody"));
        assert_eq!(router.rows(&nobody).await.unwrap().len(), 0);
    }
}

#[tokio::test]
async fn a_row_can_be_added_changed_and_removed() {
    let simulator = simulator(|_| {}).await;
    let router = connect(&simulator).await;
    let id = router
        .add(LIST, [("list", "vip"), ("address", "10.9.9.9")])
        .await
        .unwrap();
    router.set(LIST, &id, [("comment", "owner")]).await.unwrap();
    let one = Print::new(LIST).query(Query::equal(".id", id.as_str()));
    assert_eq!(
        router
            .rows(&one)
            .await
            .unwrap()
            .get(0)
            .unwrap()
            .get("comment"),
        Some(&b"owner"[..])
    );
    router.remove(LIST, &id).await.unwrap();
    assert_eq!(router.count(&one).await.unwrap(), 0);
    let error = router.remove(LIST, &id).await.unwrap_err();
    assert_eq!(error.class(), Class::Refused);
    assert!(error.to_string().contains("no such item"), "{error}");
}

#[tokio::test]
async fn a_wrong_path_brings_both_texts_of_the_router() {
    let simulator = simulator(|_| {}).await;
    let router = connect(&simulator).await;
    let error = router
        .command(Command::new("/ip/adress/print"))
        .await
        .unwrap_err();
    assert_eq!(error.traps().len(), 2, "{error}");
}

#[tokio::test]
async fn both_generations_of_login_work() {
    let simulator = simulator(|options| options.login = LoginKind::Challenge).await;
    let mut options = options(&simulator);
    let refused = Router::connect(&options).await.unwrap_err();
    assert!(
        matches!(refused.fault(), Fault::ChallengeRefused { .. }),
        "{refused}"
    );
    options.challenge_login = ChallengeLogin::Answer;
    assert_eq!(
        Router::connect(&options)
            .await
            .unwrap()
            .rows(&Print::new(LIST))
            .await
            .unwrap()
            .len(),
        1000
    );
    options.password = Secret::new("wrong");
    let refused = Router::connect(&options).await.unwrap_err();
    assert!(
        matches!(refused.fault(), Fault::LoginRefused { .. }),
        "{refused}"
    );
}

#[tokio::test]
async fn answers_in_pieces_are_whole() {
    let simulator = with_faults(Faults {
        chunk: Some(7),
        ..Faults::default()
    })
    .await;
    assert_eq!(
        connect(&simulator)
            .await
            .rows(&Print::new(LIST))
            .await
            .unwrap()
            .len(),
        1000
    );
}

#[tokio::test]
async fn a_router_that_dies_among_the_rows_is_never_a_short_answer() {
    let dropping = Faults {
        drop_after_rows: Some(400),
        ..Faults::default()
    };
    let inside = Faults {
        drop_inside_row: true,
        ..dropping.clone()
    };
    for (faults, is_expected) in [
        (
            dropping,
            (|lost| matches!(lost, Lost::ByPeer)) as fn(&Lost) -> bool,
        ),
        (inside, |lost| matches!(lost, Lost::InsideSentence)),
    ] {
        let error = error_with(faults).await;
        let Fault::Lost { source, .. } = error.fault() else {
            panic!("{error}");
        };
        assert!(is_expected(source), "{error}");
        assert_eq!(error.rows_before(), 400, "{error}");
    }
}

#[tokio::test]
async fn a_router_that_stalls_among_the_rows_is_a_timeout() {
    let error = error_with(Faults {
        stall_after_rows: Some(400),
        ..Faults::default()
    })
    .await;
    let silent = matches!(
        error.fault(),
        Fault::Timeout {
            silent: Some(_),
            ..
        }
    );
    assert!(silent, "{error}");
    assert_eq!(error.rows_before(), 400, "{error}");
}

#[tokio::test]
async fn a_trap_after_rows_is_an_error_that_counts_them() {
    let error = error_with(Faults {
        trap_after_rows: Some(400),
        ..Faults::default()
    })
    .await;
    assert_eq!((error.class(), error.rows_before()), (Class::Refused, 400));
}

#[tokio::test]
async fn broken_bytes_are_an_error_of_the_protocol() {
    for faults in [
        Faults {
            announce_word: Some(1 << 30),
            ..Faults::default()
        },
        Faults {
            garbage: true,
            ..Faults::default()
        },
    ] {
        let error = error_with(faults.clone()).await;
        assert_eq!(error.class(), Class::Protocol, "{faults:?}: {error}");
    }
}

#[tokio::test]
async fn a_length_that_lies_is_never_an_answer() {
    let error = error_with(Faults {
        lie_length: true,
        ..Faults::default()
    })
    .await;
    assert_ne!(error.class(), Class::Refused, "{error}");
}

#[tokio::test]
async fn a_router_that_takes_connections_and_is_silent_is_a_timeout() {
    let simulator = with_faults(Faults {
        silent: true,
        ..Faults::default()
    })
    .await;
    let mut options = options(&simulator);
    options.login_timeout = Duration::from_millis(300);
    let error = Router::connect(&options).await.unwrap_err();
    assert!(
        matches!(error.fault(), Fault::LoginTimeout { .. }),
        "{error}"
    );
}

#[tokio::test]
async fn a_stream_gives_every_row_and_many_run_at_once() {
    let simulator = simulator(|_| {}).await;
    let router = connect(&simulator).await;
    let readers: Vec<_> = (0..10)
        .map(|_| {
            let router = router.clone();
            tokio::spawn(async move {
                let mut stream = router.stream(&Print::new(LIST)).await.unwrap();
                let mut rows = 0;
                while let Some(batch) = stream.next().await.unwrap() {
                    rows += batch
                        .rows()
                        .filter(|row| row.get("address").is_some())
                        .count();
                }
                rows
            })
        })
        .collect();
    for reader in readers {
        assert_eq!(reader.await.unwrap(), 1000);
    }
}

#[tokio::test]
async fn a_listen_tells_what_another_connection_changes() {
    let simulator = simulator(|_| {}).await;
    let (watcher, writer) = (connect(&simulator).await, connect(&simulator).await);
    let mut changes = watcher.listen(&Print::new(LIST)).await.unwrap();
    // The order of two commands on one connection is kept, so after this one the listen has begun.
    watcher.count(&Print::new(LIST)).await.unwrap();
    let id = writer
        .add(LIST, [("list", "vip"), ("address", "10.9.9.9")])
        .await
        .unwrap();
    writer.remove(LIST, &id).await.unwrap();
    let mut told = Vec::new();
    while told.len() < 2 {
        let batch = changes.next().await.unwrap().unwrap();
        told.extend(batch.rows().map(|row| {
            (
                Id::try_from(row.get(".id").unwrap()).unwrap(),
                row.get(".dead").is_some(),
            )
        }));
    }
    assert_eq!(told, [(id.clone(), false), (id, true)]);
}
