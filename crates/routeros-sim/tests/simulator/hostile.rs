//! Clients that mean harm, or know no better.

use routeros_sim::{Options, Simulator};
use tokio::io::AsyncWriteExt;

use crate::client::{Client, simulate};

/// Whether somebody else is served as if nothing had happened.
async fn others_are_served(simulator: &Simulator) -> bool {
    let mut client = Client::log_in(simulator).await;
    client.rows(&["/system/identity/print"]).await == [["=name=MikroTik"]]
}

#[tokio::test]
async fn bytes_that_are_no_protocol_end_their_connection_only() {
    let (simulator, _client) = simulate("{}").await;
    let floods: [&[u8]; 5] = [
        b"GET / HTTP/1.1\r\nHost: router\r\n\r\n",
        b"\xFF\xFF\xFF\xFF",
        b"\xF0\x40\x00\x00\x00",
        b"\xF4",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    ];
    for flood in floods {
        let mut client = Client::connect(&simulator).await;
        client.send_bytes(flood).await;
        client.socket.shutdown().await.unwrap();
        assert_eq!(client.next().await, None, "{flood:?}");
        let mut client = Client::log_in(&simulator).await;
        client.send_bytes(flood).await;
        client.socket.shutdown().await.unwrap();
        assert_eq!(client.next().await, None, "{flood:?}");
    }
    assert!(others_are_served(&simulator).await);
}

#[tokio::test]
async fn a_sentence_without_end_is_cut_off() {
    let (simulator, mut client) = simulate("{}").await;
    let words = [0x7F; 0x80].repeat(1_000);
    for _ in 0..20 {
        // The simulator closes in the middle, so that the rest has nowhere to go.
        if client.socket.write_all(&words).await.is_err() {
            break;
        }
    }
    assert_eq!(client.next().await, None);
    assert!(others_are_served(&simulator).await);
}

#[tokio::test]
async fn much_before_the_login_is_cut_off() {
    let simulator = Simulator::start(Options::default()).await.unwrap();
    let mut client = Client::connect(&simulator).await;
    let word = format!("=name={}", "x".repeat(1_000));
    let words: Vec<&str> = std::iter::once("/login")
        .chain(std::iter::repeat_n(word.as_str(), 60))
        .collect();
    client.send(&words).await;
    client.send(&["/login", "=name=admin", "=password="]).await;
    assert_eq!(
        client
            .next()
            .await
            .unwrap_or_default()
            .first()
            .map(String::as_str)
            .unwrap_or("!fatal"),
        "!fatal"
    );
    assert!(others_are_served(&simulator).await);
}

#[tokio::test]
async fn hostile_words_are_answered_with_traps() {
    let (simulator, mut client) = simulate(r#"{"/ip/arp": [{"address": "10.0.0.1"}]}"#).await;
    for words in [
        &["/ip/arp/print", "?#99999999999999999999"][..],
        &["/ip/arp/print", "?#!&|..0.1."],
        &["/ip/arp/print", "?#x"],
        &["/ip/arp/print", "?"],
        &["/ip/arp/set", "=.id=99999999999999999999999", "=comment=x"],
        &["/ip/arp/set", "=.id=*FFFFFFFFFFFFFFFFF", "=comment=x"],
        &["/ip/arp/set", "=.id=,,,,", "=comment=x"],
        &["/ip/arp/add", "=", "==", "=address"],
        &["/ip/arp/add", "=.id=*1", "=address=1.1.1.1", "=interface=x"],
        &["/ip/arp/print", "=from=*1,*2,0,x"],
        &["/console/inspect", "=request=child", "=path=,,,,ip,,"],
        &["/console/inspect"],
        &["/ip/arp/move", "=numbers=*1"],
        &[
            "/ip/arp/set",
            &format!("=.id={}", "x,".repeat(20_000)),
            "=comment=x",
        ],
        &[
            "/ip/arp/print",
            &format!("=.proplist={}", ",".repeat(60_000)),
        ],
        &[&["/ip/arp/add"][..], &vec!["=comment=x"; 5_000][..]].concat(),
    ] {
        let answer = client.talk(words).await;
        assert_eq!(answer.last().unwrap()[0], "!done", "{words:?}");
    }
    client
        .send_bytes(b"\x0d/ip/arp/print\x05=\xFF\xFE=\xFD\x05?\xFF=\x00\xFE\x00")
        .await;
    assert_eq!(client.until_done().await.last().unwrap()[0], "!done");
    assert!(others_are_served(&simulator).await);
}

#[tokio::test]
async fn a_flood_of_listens_is_limited() {
    let (simulator, mut client) = simulate("{}").await;
    for _ in 0..300 {
        client.send(&["/ip/arp/listen", ".tag=1"]).await;
    }
    assert_eq!(
        client.next().await.unwrap(),
        ["!trap", ".tag=1", "=message=action failed (6)"]
    );
    drop(client);
    assert!(others_are_served(&simulator).await);
}

#[tokio::test]
async fn one_session_too_many_is_closed_at_once() {
    let options = Options {
        max_sessions: 2,
        ..Options::default()
    };
    let simulator = Simulator::start(options).await.unwrap();
    let first = Client::log_in(&simulator).await;
    let _second = Client::log_in(&simulator).await;
    let mut third = Client::connect(&simulator).await;
    assert_eq!(third.next().await, None);
    drop(first);
    // The place is given free when the simulator has seen the end of the first connection.
    for _ in 0..200 {
        let mut fourth = Client::connect(&simulator).await;
        fourth.send(&["/login", "=name=admin", "=password="]).await;
        if fourth.next().await.is_some() {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("no session became free");
}

#[tokio::test]
async fn a_stopped_simulator_gives_its_address_free() {
    let (simulator, mut client) = simulate("{}").await;
    let address = simulator.address();
    simulator.stop().await;
    assert_eq!(client.next().await, None);
    let again = Simulator::start(Options {
        listen: address,
        ..Options::default()
    })
    .await
    .unwrap();
    drop(again);
}
