//! Misbehaviour that was asked for.

use routeros_sim::{Faults, Options, Simulator};
use tokio::io::AsyncReadExt;

use crate::client::{Client, addresses, start};

const LIST: &str = "/ip/firewall/address-list/print";

async fn faulty(faults: Faults) -> (Simulator, Client) {
    let (simulator, client) = start(&addresses(10), Options::default()).await;
    simulator.set_faults(faults);
    (simulator, client)
}

#[tokio::test]
async fn a_connection_can_end_between_two_rows() {
    let (simulator, mut client) = faulty(Faults {
        drop_after_rows: Some(3),
        ..Faults::default()
    })
    .await;
    let answer = client.talk(&[LIST]).await;
    assert_eq!(answer.len(), 3);
    assert_eq!(client.next().await, None);
    let mut other = Client::log_in(&simulator).await;
    assert_eq!(other.talk(&[LIST]).await.len(), 3);
}

#[tokio::test]
async fn a_connection_can_end_inside_a_row_or_before_the_end() {
    let inside = Faults {
        drop_after_rows: Some(3),
        drop_inside_row: true,
        ..Faults::default()
    };
    let (_simulator, mut client) = faulty(inside).await;
    client.send(&[LIST]).await;
    let mut bytes = Vec::new();
    client.socket.read_to_end(&mut bytes).await.unwrap();
    assert_ne!(bytes.last(), Some(&0), "the last sentence is not whole");
    let (_simulator, mut client) = faulty(Faults {
        drop_after_rows: Some(10),
        ..Faults::default()
    })
    .await;
    assert_eq!(
        client.talk(&[LIST]).await.len(),
        10,
        "all rows and no !done"
    );
}

#[tokio::test]
async fn a_connection_can_fall_silent() {
    let (_simulator, mut client) = faulty(Faults {
        stall_after_rows: Some(3),
        ..Faults::default()
    })
    .await;
    client.send(&[LIST]).await;
    for _ in 0..3 {
        assert_eq!(client.next().await.unwrap()[0], "!re");
    }
    client.send(&["/system/identity/print"]).await;
    let more = tokio::time::timeout(std::time::Duration::from_millis(200), client.next()).await;
    assert!(more.is_err(), "{more:?}");
}

#[tokio::test]
async fn a_print_can_end_with_a_trap_after_rows() {
    let (_simulator, mut client) = faulty(Faults {
        trap_after_rows: Some(2),
        ..Faults::default()
    })
    .await;
    let answer = client.talk(&[LIST]).await;
    assert_eq!(
        answer[2..],
        [vec!["!trap", "=message=no such item (4)"], vec!["!done"]]
    );
}

#[tokio::test]
async fn answers_can_come_byte_by_byte() {
    let (_simulator, mut client) = faulty(Faults {
        chunk: Some(1),
        ..Faults::default()
    })
    .await;
    assert_eq!(client.talk(&[LIST]).await.len(), 11);
}

#[tokio::test]
async fn a_word_can_be_announced_and_never_sent() {
    let (_simulator, mut client) = faulty(Faults {
        announce_word: Some(1 << 30),
        ..Faults::default()
    })
    .await;
    client.send(&[LIST]).await;
    let mut bytes = [0; 5];
    client.socket.read_exact(&mut bytes).await.unwrap();
    assert_eq!(bytes, [0xF0, 0x40, 0, 0, 0]);
}

#[tokio::test]
async fn bytes_can_be_no_protocol() {
    let (simulator, client) = faulty(Faults {
        garbage: true,
        ..Faults::default()
    })
    .await;
    drop(client);
    let mut client = Client::log_in(&simulator).await;
    assert_eq!(client.next().await, None);
    let (_simulator, mut client) = faulty(Faults {
        lie_length: true,
        ..Faults::default()
    })
    .await;
    client.send(&[LIST]).await;
    // The words are read at the wrong places: other sentences, none, or an endless wait.
    let wait = std::time::Duration::from_millis(200);
    let first = tokio::time::timeout(wait, client.next()).await;
    let words = first.unwrap_or_default().unwrap_or_default();
    assert!(!words.contains(&"=.id=*1".to_owned()), "{words:?}");
}

#[tokio::test]
async fn a_router_can_die_after_it_did_what_it_was_told() {
    let (simulator, mut client) = faulty(Faults {
        die_after_removes: Some(2),
        ..Faults::default()
    })
    .await;
    let remove = "/ip/firewall/address-list/remove";
    assert_eq!(client.talk(&[remove, "=.id=*1"]).await, [["!done"]]);
    assert!(client.talk(&[remove, "=.id=*2"]).await.is_empty());
    assert_eq!(simulator.rows("/ip/firewall/address-list").len(), 8);
    let mut client = Client::log_in(&simulator).await;
    assert_eq!(client.talk(&[remove, "=.id=*3"]).await, [["!done"]]);
    simulator.set_faults(Faults {
        die_after_removes: Some(1),
        ..Faults::default()
    });
    client.send(&[remove, "=.id=*4"]).await;
    client.send(&[remove, "=.id=*5"]).await;
    assert_eq!(client.next().await, None);
    let left = simulator.rows("/ip/firewall/address-list");
    assert_eq!(left[0].get(".id"), Some(&b"*5"[..]));
}

#[tokio::test]
async fn a_router_can_take_a_connection_and_say_nothing() {
    let (simulator, _client) = faulty(Faults {
        silent: true,
        ..Faults::default()
    })
    .await;
    let mut client = Client::connect(&simulator).await;
    client.send(&["/login", "=name=admin", "=password="]).await;
    let answer = tokio::time::timeout(std::time::Duration::from_millis(200), client.next()).await;
    assert!(answer.is_err(), "{answer:?}");
}
