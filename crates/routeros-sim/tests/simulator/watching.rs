//! Commands that answer again and again, what is exported, and what a lacking policy hides.

use std::sync::{Arc, Mutex};

use routeros_sim::{Faults, Options, Policy, Recorder, Version};

use crate::client::{Words, simulate, start};

const STATE: &str = r#"{
    "/interface": [
        {".id": "*1", "name": "ether1", "disabled": "false"},
        {".id": "*2", "name": "ether2", "disabled": "true"}
    ],
    "/interface/ethernet": [{".id": "*1", "name": "ether1", "disabled": "false"}],
    "/ip/arp": [
        {".id": "*1", "address": "10.0.0.1", "interface": "ether1", "comment": "a \"printer\" for $1", "disabled": "false"},
        {".id": "*2", "address": "10.0.0.2", "interface": "ether1", "dynamic": "true"}
    ],
    "/ip/hotspot/user": [{".id": "*1", "name": "alice", "password": "hunter2", "profile": "default"}],
    "/system/identity": [{"name": "gw one"}]
}"#;

/// Which round each row is of.
fn sections(answer: &[Words]) -> Vec<&str> {
    let rows = answer.iter().filter(|sentence| sentence[0] == "!re");
    let section = |row| {
        let mut words = Iterator::map(<[String]>::iter(row), String::as_str);
        words.find_map(|word| word.strip_prefix("=.section="))
    };
    rows.filter_map(|row| section(row.as_slice())).collect()
}

#[tokio::test]
async fn what_comes_again_says_of_which_round_it_is_and_ends_as_it_was_told() {
    let (_simulator, mut client) = simulate(STATE).await;
    for (words, expected) in [
        (
            &[
                "/tool/traceroute",
                "=address=10.9.9.9",
                "=count=2",
                "=interval=10ms",
            ][..],
            "000111",
        ),
        (
            &[
                "/tool/torch",
                "=interface=ether1",
                "=duration=30ms",
                "=interval=10ms",
            ],
            "012",
        ),
        (
            &[
                "/interface/ethernet/monitor",
                "=numbers=ether1",
                "=duration=20ms",
                "=interval=10ms",
            ],
            "01",
        ),
        (
            &[
                "/interface/monitor-traffic",
                "=interface=ether1,ether2",
                "=duration=20ms",
                "=interval=10ms",
            ],
            "0011",
        ),
        (
            &["/ip/arp/print", "=interval=10ms", "=duration=20ms"],
            "0011",
        ),
        (
            &["/interface/ethernet/monitor", "=numbers=ether1", "=once="],
            "",
        ),
        (
            &["/interface/monitor-traffic", "=interface=ether2", "=once="],
            "",
        ),
        (&["/ping", "=address=10.9.9.9", "=count=3"], ""),
    ] {
        // `print` has no duration of its own.
        let words: Vec<&str> = words.to_vec();
        if words[0] == "/ip/arp/print" {
            client.send(&[words[0], words[1], ".tag=p"]).await;
            let mut seen = Vec::new();
            while seen.len() < 4 {
                seen.push(client.next().await.unwrap());
            }
            assert_eq!(sections(&seen).concat(), expected, "{words:?}");
            let ended = client.talk(&["/cancel", "=tag=p"]).await;
            assert!(ended.iter().any(|said| said[0] == "!done"), "{ended:?}");
            // The end of what was cancelled comes after that of the cancelling.
            assert_eq!(client.next().await.unwrap(), ["!done", ".tag=p"]);
            continue;
        }
        let answer = client.talk(&words).await;
        assert_eq!(
            sections(&answer).concat(),
            expected,
            "{words:?}: {answer:?}"
        );
        assert_eq!(answer.last().unwrap()[0], "!done", "{words:?}");
        assert!(answer.len() > 1, "{words:?}: {answer:?}");
    }
}

#[tokio::test]
async fn a_ping_without_a_count_goes_on_until_it_is_cancelled() {
    let (_simulator, mut client) = simulate(STATE).await;
    client
        .send(&["/ping", "=address=10.9.9.9", "=interval=10ms", ".tag=1"])
        .await;
    for number in 0..5 {
        let row = client.next().await.unwrap();
        assert!(row.contains(&format!("=seq={number}")), "{row:?}");
    }
    client.send(&["/cancel", "=tag=1", ".tag=2"]).await;
    let mut last = client.next().await.unwrap();
    while last[0] == "!re" {
        last = client.next().await.unwrap();
    }
    assert_eq!(last[..2], ["!trap", ".tag=1"]);
}

#[tokio::test]
async fn what_is_watched_has_to_be_there() {
    let (_simulator, mut client) = simulate(STATE).await;
    for (words, trap) in [
        (
            &["/ping", "=count=1"][..],
            "missing value(s) of argument(s) address",
        ),
        (
            &["/tool/torch", "=duration=1s"],
            "missing value(s) of argument(s) interface",
        ),
        (
            &["/tool/traceroute", "=address=10.0.0.1", "=count=x"],
            "invalid value for argument count",
        ),
        (
            &["/tool/torch", "=interface=ether1", "=duration=soon"],
            "invalid time value for argument duration",
        ),
        (
            &["/interface/monitor-traffic", "=once="],
            "missing value(s) of argument(s) interface",
        ),
        (
            &["/interface/monitor-traffic", "=interface=nowhere", "=once="],
            "no such item",
        ),
    ] {
        assert_eq!(client.traps(words).await, [trap], "{words:?}");
    }
}

#[tokio::test]
async fn an_argument_that_a_measurement_does_not_know_is_refused() {
    for (version, trap) in [
        ("7.22.3", "unknown parameter cout"),
        ("6.49.10", "unknown parameter"),
    ] {
        let options = Options {
            version: version.parse::<Version>().unwrap(),
            ..Options::default()
        };
        let (_simulator, mut client) = start(STATE, options).await;
        for words in [
            &["/ping", "=address=10.0.0.1", "=count=1"][..],
            &["/tool/traceroute", "=address=10.0.0.1", "=count=1"],
            &["/tool/torch", "=interface=ether1", "=duration=10ms"],
            &["/interface/monitor-traffic", "=interface=ether1", "=once="],
            &["/interface/ethernet/monitor", "=numbers=ether1", "=once="],
        ] {
            assert_eq!(client.traps(words).await, [""; 0], "{words:?}");
            let wrong = [words, &["=cout=1"]].concat();
            assert_eq!(client.traps(&wrong).await, [trap], "{wrong:?}");
        }
        // What is known and writes is not taken for read.
        let writes = [
            "/interface/ethernet/monitor",
            "=numbers=ether1",
            "=once=",
            "=do=x",
        ];
        let traps = client.traps(&writes).await;
        assert!(
            traps[0].contains("does not imitate monitor do"),
            "{traps:?}"
        );
    }
}

async fn exported(version: &str, words: &[&str], faults: Faults) -> String {
    let options = Options {
        version: version.parse::<Version>().unwrap(),
        faults,
        ..Options::default()
    };
    let (_simulator, mut client) = start(STATE, options).await;
    let answer = client.talk(words).await;
    let ret = answer[0].iter().find_map(|word| word.strip_prefix("=ret="));
    ret.unwrap_or_else(|| panic!("{answer:?}"))
        .replace("\\n", "\n")
}

#[tokio::test]
async fn what_is_exported_is_what_was_configured_without_its_secrets() {
    let text = exported("7.22.3", &["/export"], Faults::default()).await;
    let (head, rest) = text.split_once('\n').unwrap();
    assert!(
        head.starts_with("# ") && head.ends_with("by RouterOS 7.22.3"),
        "{head}"
    );
    for line in [
        "/ip arp",
        "add address=10.0.0.1 interface=ether1 comment=\\\"a \\\\\\\"printer\\\\\\\" for \\\\$1\\\"",
        "/ip hotspot user",
        "add name=alice",
        "/system identity",
        "set name=\\\"gw one\\\"",
    ] {
        assert!(
            rest.lines().any(|found| found == line),
            "no `{line}` in\n{rest}"
        );
    }
    assert!(
        !text.contains("10.0.0.2"),
        "a row that the router made: {text}"
    );
    let terse = exported("7.22.3", &["/ip/arp/export", "=terse="], Faults::default()).await;
    assert_eq!(terse.lines().count(), 2, "{terse}");
    assert!(
        terse.lines().nth(1).unwrap().starts_with("/ip arp add "),
        "{terse}"
    );
}

#[tokio::test]
async fn secrets_are_exported_to_those_who_may_see_them_and_ask_for_them() {
    let lacking = || Faults {
        lacks: vec![Policy::Sensitive],
        ..Faults::default()
    };
    for (version, argument, faults, is_shown) in [
        ("7.22.3", None, Faults::default(), false),
        ("7.22.3", Some("=show-sensitive="), Faults::default(), true),
        ("7.22.3", Some("=show-sensitive="), lacking(), false),
        ("6.49.10", None, Faults::default(), true),
        (
            "6.49.10",
            Some("=hide-sensitive="),
            Faults::default(),
            false,
        ),
        ("6.49.10", None, lacking(), false),
    ] {
        let words: Vec<&str> = ["/export"].into_iter().chain(argument).collect();
        let text = exported(version, &words, faults).await;
        assert_eq!(
            text.contains("hunter2"),
            is_shown,
            "{version} {argument:?}: {text}"
        );
    }
}

#[tokio::test]
async fn what_a_policy_lacks_is_refused_or_hidden() {
    for (policy, words) in [
        (
            Policy::Test,
            &["/ping", "=address=10.0.0.1", "=count=1"][..],
        ),
        (
            Policy::Test,
            &["/tool/traceroute", "=address=10.0.0.1", "=count=1"],
        ),
        (Policy::Read, &["/export"]),
        (
            Policy::Read,
            &["/interface/monitor-traffic", "=interface=ether1", "=once="],
        ),
        (Policy::Reboot, &["/system/reboot"]),
        (Policy::Policy, &["/user/add", "=name=eve", "=group=full"]),
    ] {
        let faults = Faults {
            lacks: vec![policy],
            ..Faults::default()
        };
        let options = Options {
            faults,
            ..Options::default()
        };
        let (_simulator, mut client) = start(STATE, options).await;
        let refused = ["not enough permissions (9)"];
        assert_eq!(client.traps(words).await, refused, "{policy:?}");
    }
    let options = Options {
        faults: Faults {
            lacks: vec![Policy::Sensitive],
            ..Faults::default()
        },
        ..Options::default()
    };
    let (_simulator, mut client) = start(STATE, options).await;
    let rows = client.rows(&["/ip/hotspot/user/print"]).await;
    assert_eq!(rows[0], ["=.id=*1", "=name=alice", "=profile=default"]);
}

#[test]
fn a_policy_is_read_by_its_name() {
    assert_eq!("sensitive".parse(), Ok(Policy::Sensitive));
    let said = "sniff".parse::<Policy>().unwrap_err().to_string();
    assert!(
        said.contains("`sniff`") && said.contains("api, read, write"),
        "{said}"
    );
}

#[tokio::test]
async fn every_request_is_recorded_and_no_secret() {
    let recorded = Arc::new(Mutex::new(Vec::new()));
    let kept = recorded.clone();
    let recorder = Recorder::new(move |words| kept.lock().unwrap().push(words));
    let options = Options {
        recorder: Some(recorder),
        ..Options::default()
    };
    let (_simulator, mut client) = start(STATE, options).await;
    client
        .talk(&["/ip/arp/print", "?address=10.0.0.1", ".tag=7"])
        .await;
    client
        .talk(&[
            "/ip/hotspot/user/set",
            "=.id=*1",
            "=password=0p3n",
            "=comment=caf\u{e9}",
        ])
        .await;
    client
        .talk(&["/ip/hotspot/user/print", "?password=0p3n"])
        .await;
    let recorded = recorded.lock().unwrap();
    assert_eq!(
        *recorded,
        [
            // Of a secret it is to be seen whether there is one.
            &["/login", "=name=admin", "=password=***"][..],
            &["/ip/arp/print", "?address=10.0.0.1", ".tag=7"],
            &[
                "/ip/hotspot/user/set",
                "=.id=*1",
                "=password=***",
                "=comment=caf\\xc3\\xa9"
            ],
            &["/ip/hotspot/user/print", "?password=***"],
        ]
    );
}
