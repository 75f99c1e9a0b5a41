//! print, get, listen, inspect.

use routeros_sim::{Faults, Options, Policy, Simulator, Version};

use crate::client::{Client, addresses, simulate, start};

const STATE: &str = r#"{
    "/ip/firewall/address-list": [
        {".id": "*1", "list": "blocked", "address": "10.0.0.1", "comment": "a"},
        {".id": "*A", "list": "blocked", "address": "10.0.0.2", "dynamic": "true"},
        {".id": "*B", "list": "vip", "address": "10.0.0.3", "comment$hex": "b261"}
    ],
    "/system/identity": [{"name": "gw1"}],
    "/ip/address": [{"address": "10.0.0.1/24", "interface": "ether1"}]
}"#;
const LIST: &str = "/ip/firewall/address-list/print";

#[tokio::test]
async fn print_sends_rows_in_order_with_all_their_bytes() {
    let (_simulator, mut client) = simulate(STATE).await;
    let answer = client.talk(&[LIST]).await;
    assert_eq!(
        answer[0],
        [
            "!re",
            "=.id=*1",
            "=list=blocked",
            "=address=10.0.0.1",
            "=comment=a"
        ]
    );
    assert_eq!(answer[2].last().unwrap(), r"=comment=\xb2a");
    assert_eq!(answer[3], ["!done"]);
    assert_eq!(
        client.talk(&["/ip/firewall/address-list/getall"]).await,
        answer
    );
}

#[tokio::test]
async fn what_is_measured_once_has_an_end() {
    let port = r#"{"/interface/ethernet": [{".id": "*1", "name": "ether1"}]}"#;
    let (_simulator, mut client) = simulate(port).await;
    for path in ["/ping", "/tool/ping"] {
        let answer = client.talk(&[path, "=address=10.0.0.1", "=count=2"]).await;
        let kinds: Vec<&str> = answer.iter().map(|words| words[0].as_str()).collect();
        assert_eq!(kinds, ["!re", "!re", "!done"], "{path}");
        assert_eq!(answer[1][1..3], ["=seq=1", "=host=10.0.0.1"], "{path}");
    }
    let once = ["/interface/ethernet/monitor", "=numbers=ether1", "=once="];
    let answer = client.talk(&once).await;
    assert_eq!(answer[0], ["!re", "=name=ether1", "=status=link-ok"]);
}

#[tokio::test]
async fn a_proplist_leaves_bare_rows_where_its_fields_are_absent() {
    let (_simulator, mut client) = simulate(STATE).await;
    let answer = client.talk(&[LIST, "=.proplist=comment,nothing"]).await;
    assert_eq!(
        answer,
        [
            vec!["!re", "=comment=a"],
            vec!["!re"],
            vec!["!re", r"=comment=\xb2a"],
            vec!["!done"]
        ]
    );
}

#[tokio::test]
async fn queries_choose_rows() {
    let (_simulator, mut client) = simulate(STATE).await;
    let mut ids = async |words: &[&str]| {
        let words = [&[LIST, "=.proplist=.id"], words].concat();
        client.rows(&words).await.concat().join(" ")
    };
    assert_eq!(ids(&["?list=blocked"]).await, "=.id=*1 =.id=*A");
    assert_eq!(
        ids(&["?list=vip", "?address=10.0.0.1", "?#|"]).await,
        "=.id=*1 =.id=*B"
    );
    assert_eq!(ids(&["?-comment"]).await, "=.id=*A");
    assert_eq!(ids(&["?dynamic=yes"]).await, "=.id=*A");
    assert_eq!(ids(&["?.id=*B"]).await, "=.id=*B");
}

#[tokio::test]
async fn count_only_answers_the_number_in_ret() {
    let (_simulator, mut client) = simulate(STATE).await;
    let answer = client.talk(&[LIST, "=count-only=", "?list=blocked"]).await;
    assert_eq!(answer, [["!done", "=ret=2"]]);
    // Written with one `=` it works as well.
    assert_eq!(
        client.talk(&[LIST, "=count-only"]).await,
        [["!done", "=ret=3"]]
    );
}

#[tokio::test]
async fn empty_is_said_by_release_or_by_choice() {
    let print = ["/ip/hotspot/user/print"];
    let (_simulator, mut client) = simulate("{}").await;
    assert_eq!(client.talk(&print).await, [["!empty"], ["!done"]]);
    assert_eq!(
        client.talk(&[print[0], "=count-only="]).await,
        [["!done", "=ret=0"]]
    );
    let old = Options {
        version: Version::new(7, 17, 2),
        ..Options::default()
    };
    let (_simulator, mut client) = start("{}", old.clone()).await;
    assert_eq!(client.talk(&print).await, [["!done"]]);
    let (_simulator, mut client) = start(
        "{}",
        Options {
            empty_reply: Some(true),
            ..old
        },
    )
    .await;
    assert_eq!(client.talk(&print).await, [["!empty"], ["!done"]]);
}

#[tokio::test]
async fn the_tag_is_echoed_first_or_last() {
    let print = ["/system/identity/print", ".tag=x=1"];
    let (_simulator, mut client) = simulate(STATE).await;
    assert_eq!(
        client.talk(&print).await[0],
        ["!re", ".tag=x=1", "=name=gw1"]
    );
    let (_simulator, mut client) = start(
        STATE,
        Options {
            tag_last: true,
            ..Options::default()
        },
    )
    .await;
    assert_eq!(
        client.talk(&print).await[0],
        ["!re", "=name=gw1", ".tag=x=1"]
    );
    let short = client.talk(&[LIST, "=.proplist=list", ".tag=2"]).await;
    assert_eq!(short[0], ["!re", "=list=blocked", ".tag=2"]);
}

#[tokio::test]
async fn unknown_flags_are_named_since_release_7() {
    let (_simulator, mut client) = simulate(STATE).await;
    for accepted in ["=detail=", "=without-paging=", "=terse=", "=.proplist=list"] {
        assert_eq!(client.rows(&[LIST, accepted]).await.len(), 3, "{accepted}");
    }
    assert_eq!(
        client.traps(&[LIST, "=colour="]).await,
        ["unknown parameter colour"]
    );
    let resource = client.traps(&["/system/resource/print", "=detail="]).await;
    assert_eq!(resource, ["unknown parameter detail"]);
    assert_eq!(
        client.traps(&["/system/identity/listen"]).await,
        ["unknown parameter follow-only"]
    );
    let old = Options {
        version: Version::new(6, 49, 10),
        ..Options::default()
    };
    let (_simulator, mut client) = start(STATE, old).await;
    assert_eq!(
        client.traps(&[LIST, "=colour="]).await,
        ["unknown parameter"]
    );
}

#[tokio::test]
async fn wrong_paths_are_refused_in_the_routers_words() {
    let (_simulator, mut client) = simulate(STATE).await;
    let answer = client.talk(&["/ip/adress/print"]).await;
    assert_eq!(
        answer[0],
        [
            "!trap",
            "=category=0",
            "=message=no such command or directory (adress)"
        ]
    );
    assert_eq!(answer[1], ["!trap", "=message=no such command prefix"]);
    assert_eq!(answer[2], ["!done"]);
    assert_eq!(
        client.traps(&["/ip/firewall/address-list/paint"]).await,
        ["no such command"]
    );
    assert_eq!(client.traps(&["/ip/print"]).await, ["no such command"]);
    let where_words = ["/ip/hotspot/active/print/detail/where", "=user=x"];
    assert_eq!(client.traps(&where_words).await, ["no such command prefix"]);
    for odd in [
        "print",
        "/",
        "//",
        "ip/arp/print",
        "/ip/arp/",
        "/ip/arp",
        "/\u{e9}/print",
    ] {
        assert!(!client.traps(&[odd]).await.is_empty(), "{odd}");
    }
}

#[tokio::test]
async fn get_answers_one_value() {
    let (_simulator, mut client) = simulate(STATE).await;
    let get = "/ip/firewall/address-list/get";
    let answer = client.talk(&[get, "=.id=*A", "=value-name=address"]).await;
    assert_eq!(answer, [["!done", "=ret=10.0.0.2"]]);
    assert_eq!(
        client
            .talk(&["/system/identity/get", "=value-name=name"])
            .await,
        [["!done", "=ret=gw1"]]
    );
    assert_eq!(
        client
            .traps(&[get, "=.id=*FF", "=value-name=address"])
            .await,
        ["no such item"]
    );
    let unknown = client.traps(&[get, "=.id=*A", "=value-name=colour"]).await;
    assert_eq!(unknown, ["input does not match any value of value-name"]);
}

#[tokio::test]
async fn a_menu_that_only_the_state_knows_is_served() {
    let state = r#"{"/ip/made-up": [{".id": "*1", "flavour": "sweet"}]}"#;
    let (_simulator, mut client) = simulate(state).await;
    let rows = client.rows(&["/ip/made-up/print"]).await;
    assert_eq!(rows, [["=.id=*1", "=flavour=sweet"]]);
    let added = client.talk(&["/ip/made-up/add", "=flavour=sour"]).await;
    assert_eq!(added, [["!done", "=ret=*2"]]);
}

#[tokio::test]
async fn every_router_tells_its_release() {
    let (_simulator, mut client) = simulate("{}").await;
    let rows = client
        .rows(&["/system/resource/print", "=.proplist=version"])
        .await;
    assert_eq!(rows, [["=version=7.22.3 (stable)"]]);
}

#[tokio::test]
async fn inspect_names_what_stands_below_a_path() {
    let (_simulator, mut client) = simulate(STATE).await;
    let inspect = "/console/inspect";
    let fields = client
        .rows(&[inspect, "=request=child", "=path=ip,hotspot,ip-binding,add"])
        .await;
    assert!(fields.contains(&vec![
        "=type=child".into(),
        "=name=mac-address".into(),
        "=node-type=arg".into()
    ]));
    let below = client
        .rows(&[inspect, "=request=child", "=path=ip,hotspot,ip-binding"])
        .await;
    assert!(below.contains(&vec![
        "=type=child".into(),
        "=name=move".into(),
        "=node-type=cmd".into()
    ]));
    let top = client.rows(&[inspect, "=request=child", "=path="]).await;
    assert!(top.contains(&vec![
        "=type=child".into(),
        "=name=queue".into(),
        "=node-type=dir".into()
    ]));
}

#[tokio::test]
async fn inspect_answers_what_was_asked_of_it() {
    let whole = &["=type=child", "=name=numbers", "=node-type=arg"][..];
    let name = &["=name=numbers"][..];
    for (version, arguments, row) in [
        ("7.22.3", &["=request=child"][..], whole),
        ("7.22.3", &["=request=child,child"], whole),
        (
            "7.22.3",
            &["=request=child", "=as-value=", "=input="],
            whole,
        ),
        ("7.22.3", &["=request=child", "=.proplist=name"], name),
        (
            "7.22.3",
            &["=request=child", "=proplist=name,nothing"],
            name,
        ),
        ("7.14", &["=request=child", "=.proplist=name"], name),
    ] {
        let (_simulator, mut client) = router_of(version, Faults::default()).await;
        let words = [&["/console/inspect", "=path=ip,arp,remove"], arguments].concat();
        assert_eq!(client.rows(&words).await, [row], "{version} {arguments:?}");
    }
}

#[tokio::test]
async fn inspect_refuses_what_it_does_not_know() {
    let no_read = || Faults {
        lacks: vec![Policy::Read],
        ..Faults::default()
    };
    for (version, faults, arguments, said) in [
        (
            "7.22.3",
            Faults::default(),
            &["=pth=ip"][..],
            "unknown parameter pth",
        ),
        (
            "7.14",
            Faults::default(),
            &["=proplist=name"],
            "unknown parameter proplist",
        ),
        (
            "7.22.3",
            Faults::default(),
            &["=request=children"],
            "input does not match any value of request",
        ),
        (
            "7.22.3",
            Faults::default(),
            &["=request=syntax"],
            "does not imitate /console/inspect syntax",
        ),
        (
            "7.22.3",
            Faults::default(),
            &["=request=child,self"],
            "does not imitate /console/inspect self",
        ),
        (
            "7.22.3",
            Faults::default(),
            &[],
            "missing value(s) of argument(s) request",
        ),
        (
            "7.22.3",
            no_read(),
            &["=request=child"],
            "not enough permissions (9)",
        ),
        (
            "6.49.10",
            Faults::default(),
            &["=request=child"],
            "no such command or directory (console)",
        ),
    ] {
        let (_simulator, mut client) = router_of(version, faults).await;
        let words = [&["/console/inspect", "=path=ip"], arguments].concat();
        let traps = client.traps(&words).await;
        assert!(
            traps[0].contains(said),
            "{version} {arguments:?}: {traps:?}"
        );
    }
}

async fn router_of(version: &str, faults: Faults) -> (Simulator, Client) {
    let options = Options {
        version: version.parse::<Version>().unwrap(),
        faults,
        ..Options::default()
    };
    start(STATE, options).await
}

#[tokio::test]
async fn a_hundred_thousand_rows_arrive_whole() {
    let (_simulator, mut client) = simulate(&addresses(100_000)).await;
    let rows = client.rows(&[LIST, "=.proplist=address"]).await;
    assert_eq!(rows.len(), 100_000);
    assert_eq!(rows[99_999], ["=address=10.1.134.159"]);
}
