//! A router that lives: counters that grow, a start anew, answers that take longer and longer, its log
//! and its users.

use std::time::{Duration, Instant};

use jiff::civil::date;
use routeros_sim::{Clock, Faults, Options};

use crate::client::{Client, Words, start};

const HOSTS: &str = r#"{"/ip/hotspot/host": [
    {".id": "*1", "mac-address": "AA:BB:CC:DD:EE:01", "address": "10.0.0.1", "uptime": "1h",
     "idle-time": "0s", "bytes-in": "100", "bytes-out": "5000", "comment": "100"}],
  "/ip/hotspot/active": [
    {".id": "*1", "user": "a", "session-time-left": "10m", "uptime": "5s"}],
  "/queue/simple": [
    {".id": "*1", "name": "q", "target": "10.0.0.1/32", "bytes": "10/20", "max-limit": "5/5"}],
  "/ip/firewall/address-list": [
    {".id": "*1", "list": "a", "address": "10.0.0.1"},
    {".id": "*2", "list": "a", "address": "10.0.0.2", "timeout": "1h", "dynamic": "true"},
    {".id": "*3", "list": "a", "address": "10.0.0.3"},
    {".id": "*4", "list": "a", "address": "10.0.0.4"}],
  "/system/identity": {"name": "gw"}}"#;

fn standing() -> Clock {
    Clock::standing(date(2026, 5, 31).at(12, 0, 0, 0))
}

async fn row(client: &mut Client, menu: &str) -> Words {
    let rows = client.rows(&[&format!("{menu}/print")]).await;
    rows.into_iter().next().unwrap()
}

#[tokio::test]
async fn counters_grow_and_ages_pass_on_a_router_that_moves_and_nothing_else_does() {
    let options = |moving| Options {
        moving,
        clock: standing(),
        ..Options::default()
    };
    let menus = ["/ip/hotspot/host", "/ip/hotspot/active", "/queue/simple"];
    for moving in [true, false] {
        let (simulator, mut client) = start(HOSTS, options(moving)).await;
        let mut before = Vec::new();
        for menu in menus {
            before.extend(row(&mut client, menu).await);
        }
        simulator.clock().advance(Duration::from_secs(2));
        let mut after = Vec::new();
        for menu in menus {
            after.extend(row(&mut client, menu).await);
        }
        let changed = before.iter().zip(&after).filter(|(old, new)| old != new);
        let changed: Vec<&str> = changed.map(|(_, new)| new.as_str()).collect();
        let expected: &[&str] = match moving {
            true => &[
                "=uptime=1h2s",
                "=idle-time=2s",
                "=bytes-in=2100",
                "=bytes-out=7000",
                "=session-time-left=9m58s",
                "=uptime=7s",
                "=bytes=2010/2020",
            ],
            false => &[],
        };
        assert_eq!(changed, expected);
        let uptime = ["/ip/hotspot/host/get", "=.id=*1", "=value-name=bytes-in"];
        let told = client.talk(&uptime).await[0].join(" ");
        assert_eq!(told.ends_with("ret=2100"), moving, "{told}");
    }
}

#[tokio::test]
async fn a_router_that_is_started_anew_ends_connections_and_mixes_up_ids() {
    let options = Options {
        clock: standing(),
        ..Options::default()
    };
    let (simulator, mut client) = start(HOSTS, options).await;
    let mut listener = Client::log_in(&simulator).await;
    simulator.clock().advance(Duration::from_secs(90));
    assert!(client.talk(&["/system/reboot"]).await.is_empty());
    // The other one is gone as well.
    assert_eq!(listener.next().await, None);

    let mut client = Client::log_in(&simulator).await;
    let rows = client
        .rows(&["/ip/firewall/address-list/print", "=.proplist=.id,address"])
        .await;
    let rows: Vec<String> = rows.iter().map(|row| row.join("")).collect();
    // The timed row is gone, and each of the others has the id of another one.
    assert_eq!(
        rows,
        [
            "=.id=*3=address=10.0.0.1",
            "=.id=*4=address=10.0.0.3",
            "=.id=*1=address=10.0.0.4"
        ]
    );
    assert!(client.rows(&["/ip/hotspot/host/print"]).await.is_empty());
    let resource = row(&mut client, "/system/resource").await;
    assert!(resource.contains(&"=uptime=0s".to_owned()), "{resource:?}");
    let set = ["/ip/firewall/address-list/set", "=.id=*4", "=comment=x"];
    assert_eq!(client.talk(&set).await, [["!done"]]);
    let rows = simulator.rows("/ip/firewall/address-list");
    assert_eq!(rows[1].get("comment"), Some(&b"x"[..]));
}

#[tokio::test]
async fn answers_take_longer_and_longer_after_so_many_commands() {
    let faults = Faults {
        slower_after: Some(20),
        ..Faults::default()
    };
    let options = Options {
        faults,
        ..Options::default()
    };
    let (_simulator, mut client) = start("{}", options).await;
    let mut took = Vec::new();
    for _ in 0..2 {
        let began = Instant::now();
        for _ in 0..20 {
            client.talk(&["/system/identity/print"]).await;
        }
        took.push(began.elapsed());
    }
    // 1 + 2 + … + 20 milliseconds at the least; a busy machine may make the first ones slow, too.
    assert!(took[1] >= Duration::from_millis(210), "{took:?}");
}

#[tokio::test]
async fn logins_leave_lines_in_the_log() {
    let (simulator, mut client) = start("{}", Options::default()).await;
    let mut other = Client::connect(&simulator).await;
    other.traps(&["/login", "=name=guest", "=password=x"]).await;
    let lines = client
        .rows(&["/log/print", "=.proplist=topics,message"])
        .await;
    assert_eq!(
        lines,
        [
            [
                "=topics=system,info,account",
                "=message=user admin logged in from 127.0.0.1 via api"
            ],
            [
                "=topics=system,error,critical",
                "=message=login failure for user guest from 127.0.0.1 via api"
            ]
        ]
    );
}

const USERS: &str = r#"{"/user": [
    {".id": "*1", "name": "admin", "group": "full", "password": "s3cret"},
    {".id": "*2", "name": "second", "group": "full", "disabled": "true"},
    {".id": "*3", "name": "reader", "group": "read"}]}"#;

#[tokio::test]
async fn the_password_of_a_user_is_never_shown() {
    let (simulator, mut client) = start(USERS, Options::default()).await;
    let mut listener = Client::log_in(&simulator).await;
    listener.send(&["/user/listen"]).await;
    let change = ["/user/set", "=.id=*3", "=password=n3w", "=comment=x"];
    assert_eq!(client.talk(&change).await, [["!done"]]);
    for print in [
        &["/user/print"][..],
        &["/user/print", "=.proplist=name,password"],
        &["/user/print", "?password=n3w"],
        &["/user/get", "=.id=*3"],
        &["/user/get", "=.id=*3", "=value-name=password"],
    ] {
        let told = client.talk(print).await.concat().join(" ");
        assert!(!told.contains("s3cret") && !told.contains("n3w"), "{told}");
    }
    let told = listener.next().await.unwrap().join(" ");
    assert!(
        told.contains("=comment=x") && !told.contains("n3w"),
        "{told}"
    );
    // It is there all the same.
    assert_eq!(
        simulator.rows("/user")[2].get("password"),
        Some(&b"n3w"[..])
    );
}

#[tokio::test]
async fn the_last_user_of_the_group_full_stays() {
    let (simulator, mut client) = start(USERS, Options::default()).await;
    for change in [
        &["/user/remove", "=.id=*1"][..],
        &["/user/set", "=.id=*1", "=group=read"],
        &["/user/set", "=.id=*1", "=disabled=yes"],
        &["/user/disable", "=.id=*1"],
    ] {
        assert_eq!(client.traps(change).await.len(), 1, "{change:?}");
    }
    for change in [
        &["/user/set", "=.id=*1", "=comment=boss"][..],
        &["/user/remove", "=.id=*3"],
        &["/user/enable", "=.id=*2"],
        &["/user/remove", "=.id=*1"],
    ] {
        assert_eq!(client.talk(change).await, [["!done"]], "{change:?}");
    }
    assert_eq!(simulator.rows("/user").len(), 1);
}

#[tokio::test]
async fn print_and_add_know_no_rows_by_number() {
    let (simulator, mut client) = start(HOSTS, Options::default()).await;
    for name in ["numbers", ".id"] {
        for verb in ["print", "add"] {
            let command = [
                format!("/ip/firewall/address-list/{verb}"),
                format!("={name}=*1"),
                "=list=a".to_owned(),
            ];
            let words: Vec<&str> = command.iter().map(String::as_str).collect();
            let words = &words[..if verb == "print" { 2 } else { 3 }];
            let traps = client.traps(words).await;
            assert_eq!(traps, [format!("unknown parameter {name}")], "{words:?}");
        }
    }
    assert_eq!(simulator.rows("/ip/firewall/address-list").len(), 4);
}
