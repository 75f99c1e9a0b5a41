//! Commands side by side: tags, cancel, listen.

use std::time::{Duration, Instant};

use routeros_sim::{Faults, Options};

use crate::client::{addresses, simulate, start};

const LIST: &str = "/ip/firewall/address-list/print";

fn slow_rows() -> Options {
    let faults = Faults {
        row_latency: Duration::from_millis(20),
        ..Faults::default()
    };
    Options {
        faults,
        ..Options::default()
    }
}

#[tokio::test]
async fn a_slow_print_does_not_block_others_and_can_be_cancelled() {
    let (_simulator, mut client) = start(&addresses(10_000), slow_rows()).await;
    client.send(&[LIST, ".tag=1"]).await;
    assert_eq!(client.next().await.unwrap()[..2], ["!re", ".tag=1"]);
    client
        .send(&["/system/identity/print", "=.proplist=name", ".tag=2"])
        .await;
    client.send(&["/cancel", "=tag=1", ".tag=3"]).await;
    let (mut of_cancel, mut others) = (Vec::new(), Vec::new());
    while of_cancel.len() < 3 || others.len() < 2 {
        let reply = client.next().await.unwrap();
        match reply[1].as_str() {
            ".tag=1" if reply[0] == "!re" => {
                assert!(of_cancel.is_empty(), "no rows after the trap")
            }
            ".tag=2" => others.push(reply),
            _ => of_cancel.push(reply),
        }
    }
    assert_eq!(others[1], ["!done", ".tag=2"]);
    let interrupted = ["!trap", ".tag=1", "=category=2", "=message=interrupted"];
    assert_eq!(of_cancel[0], interrupted);
    assert_eq!(of_cancel[1..], [["!done", ".tag=3"], ["!done", ".tag=1"]]);
}

#[tokio::test]
async fn cancel_without_a_tag_ends_everything_else() {
    let (_simulator, mut client) = start(&addresses(1_000), slow_rows()).await;
    client
        .send(&["/ip/firewall/address-list/listen", ".tag=a"])
        .await;
    client.send(&["/ip/arp/listen", ".tag=b"]).await;
    let answer = client.talk(&["/cancel"]).await;
    let traps: Vec<_> = answer
        .iter()
        .map(|sentence| sentence[..2.min(sentence.len())].join(" "))
        .collect();
    assert_eq!(traps, ["!trap .tag=a", "!trap .tag=b", "!done"]);
    assert_eq!(client.next().await.unwrap(), ["!done", ".tag=a"]);
    assert_eq!(client.next().await.unwrap(), ["!done", ".tag=b"]);
    assert_eq!(client.talk(&["/cancel", "=tag=gone"]).await, [["!done"]]);
}

#[tokio::test]
async fn listen_tells_changes_and_deaths() {
    let (simulator, mut client) = simulate(&addresses(2)).await;
    client
        .send(&[
            "/ip/firewall/address-list/listen",
            "=.proplist=.id,comment",
            ".tag=9",
        ])
        .await;
    client.talk(&["/system/identity/print"]).await;
    simulator.edit(|state| {
        state.set(
            "/ip/firewall/address-list",
            "*1".parse().unwrap(),
            "comment",
            Some(b"new"),
        )
    });
    assert_eq!(
        client.next().await.unwrap(),
        ["!re", ".tag=9", "=.id=*1", "=comment=new"]
    );
    client
        .send(&["/ip/firewall/address-list/remove", "=.id=*2", ".tag=8"])
        .await;
    let two = [client.next().await.unwrap(), client.next().await.unwrap()];
    assert!(
        two.contains(&vec![
            "!re".into(),
            ".tag=9".into(),
            "=.id=*2".into(),
            "=.dead=true".into()
        ]),
        "{two:?}"
    );
    simulator.edit(|state| {
        state.set(
            "/ip/firewall/address-list",
            "*1".parse().unwrap(),
            "timeout",
            Some(b"5s"),
        )
    });
    client.next().await.unwrap();
    simulator.clock().advance(Duration::from_secs(6));
    assert_eq!(
        client.next().await.unwrap(),
        ["!re", ".tag=9", "=.id=*1", "=.dead=true"]
    );
}

#[tokio::test]
async fn latency_is_waited_for_side_by_side() {
    let faults = Faults {
        latency: Duration::from_secs(1),
        ..Faults::default()
    };
    let (_simulator, mut client) = start(
        &addresses(200),
        Options {
            faults,
            ..Options::default()
        },
    )
    .await;
    let begun = Instant::now();
    for id in 1..=100 {
        client
            .send(&[
                "/ip/firewall/address-list/remove",
                &format!("=.id=*{id:X}"),
                &format!(".tag={id}"),
            ])
            .await;
    }
    for id in 1..=100 {
        // In the order they were sent.
        assert_eq!(
            client.next().await.unwrap(),
            ["!done", &format!(".tag={id}")]
        );
    }
    // One after another they would take 100 seconds.
    assert!(
        begun.elapsed() < Duration::from_secs(60),
        "{:?}",
        begun.elapsed()
    );
}

#[tokio::test]
async fn one_print_shows_one_moment() {
    let (simulator, mut client) = start(&addresses(10), slow_rows()).await;
    client.send(&[LIST, ".tag=1"]).await;
    client.next().await.unwrap();
    simulator.edit(|state| state.remove("/ip/firewall/address-list", "*A".parse().unwrap()));
    let rest = client.until_done().await;
    assert_eq!(rest.len(), 9 + 1);
}
