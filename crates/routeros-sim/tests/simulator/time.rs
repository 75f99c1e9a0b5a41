//! Timeouts that count down.

use std::time::Duration;

use jiff::civil::date;
use routeros_sim::{Clock, Options, Simulator};

use crate::client::{Client, start};

const STATE: &str = r#"{"/ip/firewall/address-list": [
    {".id": "*1", "list": "a", "address": "10.0.0.1", "timeout": "00:04:59", "dynamic": "true"},
    {".id": "*2", "list": "a", "address": "10.0.0.2", "dynamic": "false"}]}"#;

async fn router() -> (Simulator, Client) {
    let clock = Clock::standing(date(2026, 5, 31).at(12, 0, 0, 0));
    start(
        STATE,
        Options {
            clock,
            ..Options::default()
        },
    )
    .await
}

async fn timeouts(client: &mut Client) -> Vec<String> {
    let rows = client
        .rows(&[
            "/ip/firewall/address-list/print",
            "=.proplist=timeout",
            "?timeout",
        ])
        .await;
    rows.concat()
}

#[tokio::test]
async fn a_timed_row_counts_down_and_vanishes() {
    let (simulator, mut client) = router().await;
    assert_eq!(timeouts(&mut client).await, ["=timeout=00:04:59"]);
    simulator.clock().advance(Duration::from_secs(60));
    assert_eq!(timeouts(&mut client).await, ["=timeout=3m59s"]);
    assert_eq!(
        simulator.rows("/ip/firewall/address-list")[0].get("timeout"),
        Some(&b"3m59s"[..])
    );
    simulator.clock().advance(Duration::from_secs(239));
    assert!(timeouts(&mut client).await.is_empty());
    assert_eq!(simulator.state().rows("/ip/firewall/address-list").len(), 1);
}

#[tokio::test]
async fn setting_a_timeout_starts_it_again() {
    let (simulator, mut client) = router().await;
    simulator.clock().advance(Duration::from_secs(200));
    client
        .talk(&["/ip/firewall/address-list/set", "=.id=*1", "=comment=kept"])
        .await;
    assert_eq!(timeouts(&mut client).await, ["=timeout=1m39s"]);
    client
        .talk(&["/ip/firewall/address-list/set", "=.id=*1", "=timeout=5m"])
        .await;
    simulator.clock().advance(Duration::from_secs(100));
    assert_eq!(timeouts(&mut client).await, ["=timeout=3m20s"]);
}

#[tokio::test]
async fn a_row_added_with_a_timeout_is_dynamic() {
    let (simulator, mut client) = router().await;
    let add = [
        "/ip/firewall/address-list/add",
        "=list=b",
        "=address=10.0.0.3",
        "=timeout=01:00:00",
    ];
    client.talk(&add).await;
    let row = simulator.rows("/ip/firewall/address-list").pop().unwrap();
    assert_eq!(
        (row.get("timeout"), row.get("dynamic")),
        (Some(&b"1h"[..]), Some(&b"true"[..]))
    );
    simulator.clock().advance(Duration::from_secs(3_600));
    assert_eq!(simulator.rows("/ip/firewall/address-list").len(), 1);
    // Its place in the list is free again.
    assert_eq!(client.talk(&add).await[0][0], "!done");
}
