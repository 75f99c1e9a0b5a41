//! add, set, unset, remove, move and their like.

use std::mem::discriminant;

use routeros_schema::schema;
use routeros_sim::{Faults, Options, Version};

use crate::client::{Client, simulate, start};

const STATE: &str = r#"{
    "/ip/firewall/address-list": [
        {".id": "*1", "list": "blocked", "address": "10.0.0.1", "dynamic": "false", "comment": "a"},
        {".id": "*2", "list": "blocked", "address": "10.0.0.2", "dynamic": "true"},
        {".id": "*4", "list": "vip", "address": "10.0.0.3", "dynamic": "false"}
    ],
    "/ip/hotspot/user": [
        {".id": "*1", "name": "default-trial", "default": "true"},
        {".id": "*2", "name": "alice", "profile": "default"},
        {".id": "*3", "name": "alina", "profile": "default"}
    ],
    "/ip/hotspot/user/profile": [{"name": "default", "default": "true"}, {"name": "fast"}, {"name": "faster"}],
    "/ip/dhcp-server/lease": [{".id": "*1", "address": "10.0.0.9", "mac-address": "AA:BB:CC:DD:EE:FF", "dynamic": "true"}],
    "/ip/hotspot/host": [{".id": "*7", "mac-address": "AA:BB:CC:DD:EE:FF", "address": "10.0.0.9", "to-address": "10.0.0.9"}]
}"#;
const LIST: &str = "/ip/firewall/address-list";

async fn ids(client: &mut Client, menu: &str) -> String {
    let rows = client
        .rows(&[&format!("{menu}/print"), "=.proplist=.id"])
        .await;
    rows.concat().join(" ").replace("=.id=", "")
}

/// A menu, what a row of it needs, a field, a value of it, and what the router makes of that.
const WRITTEN: &[(&str, &str, &str, &str, &str)] = &[
    (
        "/ip/address",
        "interface=ether1",
        "address",
        "192.168.111.111",
        "192.168.111.111/32",
    ),
    (
        "/ipv6/firewall/address-list",
        "list=x",
        "address",
        "2001:DB8::1",
        "2001:db8::1/128",
    ),
    (
        "/ip/firewall/address-list",
        "list=x",
        "address",
        "a.example.com",
        "a.example.com",
    ),
    (
        "/ip/firewall/nat",
        "chain=srcnat",
        "src-address",
        "10.9.9.9/32",
        "10.9.9.9",
    ),
    (
        "/ip/firewall/nat",
        "chain=dstnat protocol=tcp",
        "dst-port",
        "080,1000-2000",
        "80,1000-2000",
    ),
    (
        "/ip/firewall/raw",
        "chain=prerouting",
        "dst-address",
        "!10.0.4.0-10.0.5.255",
        "!10.0.4.0/23",
    ),
    (
        "/ip/firewall/mangle",
        "chain=forward",
        "passthrough",
        "yes",
        "true",
    ),
    (
        "/ip/hotspot/walled-garden/ip",
        "action=accept",
        "dst-address",
        "10.9.9.9/32",
        "10.9.9.9",
    ),
    (
        "/ip/pool",
        "name=pool1",
        "ranges",
        "10.0.0.0-10.0.0.255",
        "10.0.0.0/24",
    ),
    (
        "/ip/dhcp-server",
        "interface=ether1",
        "lease-time",
        "1:00:00",
        "1h",
    ),
    (
        "/ip/dhcp-server/network",
        "gateway=10.0.0.1",
        "address",
        "10.0.0.0/255.255.255.0",
        "10.0.0.0/24",
    ),
    (
        "/ip/dns/static",
        "name=a.example",
        "address",
        "2001:DB8::1",
        "2001:db8::1",
    ),
    (
        "/ip/dns/static",
        "name=b.example type=SRV",
        "srv-port",
        "0443",
        "443",
    ),
    (
        "/queue/tree",
        "parent=global",
        "max-limit",
        "25M",
        "25000000",
    ),
    (
        "/queue/simple",
        "target=10.0.0.1",
        "max-limit",
        "512k/512k",
        "512000/512000",
    ),
    (
        "/queue/simple",
        "target=10.0.0.2",
        "total-bucket-size",
        "0.10",
        "0.1",
    ),
    ("/ppp/secret", "name=anna", "disabled", "no", "false"),
    ("/ppp/secret", "name=bert", "password", "007", "007"),
    ("/radius", "address=10.0.0.1", "timeout", "0.5", "500ms"),
    (
        "/radius",
        "address=10.0.0.2",
        "service",
        "hotspot,ppp",
        "ppp,hotspot",
    ),
    ("/ip/hotspot/user", "name=anna", "limit-uptime", "24h", "1d"),
    (
        "/ip/hotspot/user",
        "name=bert",
        "limit-bytes-in",
        "007",
        "7",
    ),
    (
        "/ip/hotspot/user",
        "name=carl",
        "profile",
        "default",
        "default",
    ),
    (
        "/ip/hotspot/user/profile",
        "name=p",
        "shared-users",
        "007",
        "7",
    ),
    (
        "/ip/hotspot/ip-binding",
        "type=bypassed",
        "mac-address",
        "aa-bb-cc-dd-ee-ff",
        "AA:BB:CC:DD:EE:FF",
    ),
    (
        "/ip/hotspot/ip-binding",
        "address=10.0.0.9",
        "type",
        "byp",
        "bypassed",
    ),
    ("/system/script", "name=s", "source", ":put 007", ":put 007"),
    (
        "/system/script",
        "name=t",
        "policy",
        "write,read",
        "read,write",
    ),
    (
        "/system/scheduler",
        "name=t",
        "start-date",
        "may/31/2026",
        "2026-05-31",
    ),
];

#[tokio::test]
async fn a_value_of_every_kind_is_read_back_as_the_router_writes_it() {
    let (_simulator, mut client) = simulate("{}").await;
    for (menu, needed, field, given, kept) in WRITTEN {
        let (add, print) = (format!("{menu}/add"), format!("{menu}/print"));
        let needed = needed.split(' ').map(|word| format!("={word}"));
        let mut words = vec![add];
        words.extend(needed.chain([format!("={field}={given}")]));
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let added = client.talk(&words).await;
        assert_eq!(added.len(), 1, "{menu} {added:?}");
        let id = added[0][1].replacen("=ret=", "?.id=", 1);
        let proplist = format!("=.proplist={field}");
        let rows = client.rows(&[&*print, &*proplist, &*id]).await;
        assert_eq!(rows, [[format!("={field}={kept}")]], "{menu}");
    }
}

#[test]
fn no_kind_that_can_be_written_is_missing_in_the_table() {
    let kind = |menu: &str, field: &str| {
        let menu = menu.parse().unwrap();
        schema::menu(&menu).unwrap().kind(field)
    };
    let written = WRITTEN
        .iter()
        .flat_map(|(menu, _, field, ..)| kind(menu, field).parts());
    let written: Vec<_> = written.map(|kind| discriminant(&kind)).collect();
    for menu in schema::menus().filter(|menu| menu.verb("add").is_some()) {
        for field in menu.fields().filter(|field| field.is_settable()) {
            for part in field.kind.parts() {
                let is_there = written.contains(&discriminant(&part));
                assert!(is_there, "{part:?} of {} in {}", field.name, menu.path);
            }
        }
    }
}

#[tokio::test]
async fn a_date_is_written_as_the_release_does() {
    let options = Options {
        version: Version::new(7, 9, 0),
        ..Options::default()
    };
    let (_simulator, mut client) = start("{}", options).await;
    client
        .talk(&["/system/scheduler/add", "=name=t", "=start-date=2026-05-31"])
        .await;
    let proplist = "=.proplist=start-date";
    let rows = client.rows(&["/system/scheduler/print", proplist]).await;
    assert_eq!(rows, [["=start-date=may/31/2026"]]);
}

#[tokio::test]
async fn add_answers_a_new_id_and_fills_in_the_rest() {
    let start_of_time = jiff::civil::date(2026, 5, 31).at(12, 0, 1, 0);
    let options = Options {
        clock: routeros_sim::Clock::standing(start_of_time),
        ..Options::default()
    };
    let (simulator, mut client) = start(STATE, options).await;
    let added = client
        .talk(&[
            "/ip/firewall/address-list/add",
            "=list=vip",
            "=address=10.0.0.9/32",
        ])
        .await;
    assert_eq!(added, [["!done", "=ret=*5"]]);
    let row = &client
        .rows(&["/ip/firewall/address-list/print", "?.id=*5"])
        .await[0];
    assert_eq!(row[..3], ["=.id=*5", "=list=vip", "=address=10.0.0.9"]);
    assert_eq!(
        row[3..],
        [
            "=creation-time=2026-05-31 12:00:01",
            "=dynamic=false",
            "=disabled=false"
        ]
    );
    assert_eq!(simulator.received().writes(), 1);
    assert_eq!(simulator.received().of(LIST, "add"), 1);
}

#[tokio::test]
async fn a_second_row_for_one_list_and_address_is_refused() {
    let (_simulator, mut client) = simulate(STATE).await;
    let add = |list: &'static str| ["/ip/firewall/address-list/add", list, "=address=10.0.0.2"];
    let already = ["failure: already have such entry"];
    // Also beside a dynamic row.
    assert_eq!(client.traps(&add("=list=blocked")).await, already);
    assert!(client.traps(&add("=list=other")).await.is_empty());
    let set = "/ip/firewall/address-list/set";
    assert_eq!(
        client.traps(&[set, "=.id=*1", "=address=10.0.0.2"]).await,
        already
    );
    assert!(
        client
            .traps(&[set, "=.id=*1", "=address=10.0.0.1", "=comment=b"])
            .await
            .is_empty()
    );
    assert!(
        client
            .traps(&["/ip/firewall/address-list/remove", "=.id=*2"])
            .await
            .is_empty()
    );
    assert!(client.traps(&add("=list=blocked")).await.is_empty());
}

#[tokio::test]
async fn bad_arguments_are_refused_in_the_routers_words() {
    let (simulator, mut client) = simulate(STATE).await;
    let add = "/ip/firewall/address-list/add";
    for (words, message) in [
        (
            vec![add, "=list=x"],
            "missing value(s) of argument(s) address",
        ),
        (
            vec![add, "=list=x", "=address=10.0.0.300"],
            "invalid value for argument address",
        ),
        (
            vec![add, "=list=x", "=address=10.9.9.9", "=timeout=soon"],
            "invalid time value for argument timeout",
        ),
        (
            vec![add, "=list=x", "=address=10.9.9.9", "=creation-time=x"],
            "unknown parameter creation-time",
        ),
        (
            vec![add, "=list=x", "=address=10.9.9.9", "=disabled=perhaps"],
            "input does not match any value of disabled",
        ),
        (
            vec!["/ip/hotspot/ip-binding/add", "=type=open"],
            "input does not match any value of type",
        ),
        (
            vec!["/ip/hotspot/ip-binding/add", "=type=b"],
            "ambiguous value of type, more than one possible value matches input",
        ),
        (
            vec!["/ip/hotspot/user/add", "=name=bob", "=profile="],
            "ambiguous value of profile, more than one possible value matches input",
        ),
        (
            vec!["/ip/hotspot/user/add", "=name=bob", "=profile=slow"],
            "input does not match any value of profile",
        ),
        (
            vec!["/ip/hotspot/user/add", "=name=alice"],
            "failure: already have user with this name for this server",
        ),
        (
            vec!["/ip/hotspot/user/remove", "=.id=*1"],
            "failure: default trial user can not be removed",
        ),
        (
            vec!["/ip/dhcp-server/lease/set", "=.id=*1", "=comment=x"],
            "failure: can not change dynamic lease",
        ),
        (
            vec![
                "/ip/firewall/address-list/unset",
                "=.id=*1",
                "=value-name=comment",
            ],
            "no such command",
        ),
        (vec!["/ip/hotspot/active/add", "=user=x"], "no such command"),
        (
            vec!["/ip/firewall/address-list/set", "=comment=x"],
            "missing value(s) of argument(s) numbers",
        ),
    ] {
        assert_eq!(client.traps(&words).await, [message], "{words:?}");
    }
    let before = routeros_sim::State::from_json(STATE).unwrap();
    for menu in before.menus() {
        assert_eq!(simulator.rows(menu), before.rows(menu), "{menu}");
    }
}

#[tokio::test]
async fn rows_are_named_by_id_list_number_or_name() {
    let (simulator, mut client) = simulate(STATE).await;
    let set = "/ip/firewall/address-list/set";
    let comment = |id: &str| {
        let rows = simulator.rows(LIST);
        let row = rows
            .iter()
            .find(|row| row.get(".id") == Some(id.as_bytes()))
            .unwrap()
            .clone();
        row.get("comment")
            .map(|comment| String::from_utf8_lossy(comment).into_owned())
    };
    assert!(
        client
            .traps(&[set, "=.id=*1,*4", "=comment=both"])
            .await
            .is_empty()
    );
    assert_eq!(
        (comment("*1"), comment("*4")),
        (Some("both".into()), Some("both".into()))
    );
    // A number without a star is the row's place: 1 is the second row, with the id *2.
    assert!(
        client
            .traps(&[set, "=.id=1", "=comment=second"])
            .await
            .is_empty()
    );
    assert_eq!(comment("*2"), Some("second".into()));
    assert!(
        client
            .traps(&[set, "=numbers=0", "=comment="])
            .await
            .is_empty()
    );
    assert_eq!(comment("*1"), None);

    let user = "/ip/hotspot/user/set";
    assert!(
        client
            .traps(&[user, "=.id=alice", "=comment=x"])
            .await
            .is_empty()
    );
    assert_eq!(
        client.traps(&[user, "=.id=ali", "=comment=x"]).await,
        ["ambiguous value of numbers, more than one possible value matches input"]
    );
    assert_eq!(
        client.traps(&[user, "=.id=bob", "=comment=x"]).await,
        ["no such item"]
    );
    for (id, message) in [
        ("*FF", "no such item"),
        ("*", "invalid internal item number"),
        ("*X", "invalid internal item number"),
        ("9", "no such item"),
        ("", "invalid internal item number"),
    ] {
        assert_eq!(
            client
                .traps(&[set, &format!("=.id={id}"), "=comment=x"])
                .await,
            [message],
            "{id}"
        );
    }
}

#[tokio::test]
async fn rows_before_a_failing_one_are_gone() {
    let (_simulator, mut client) = simulate(STATE).await;
    let remove = "/ip/firewall/address-list/remove";
    assert_eq!(
        client.traps(&[remove, "=.id=*1,*FF,*4"]).await,
        ["no such item"]
    );
    assert_eq!(ids(&mut client, LIST).await, "*2 *4");
    assert!(client.traps(&[remove, "=.id=*2,*4"]).await.is_empty());
    assert_eq!(ids(&mut client, LIST).await, "");
    // Ids are not used again.
    let added = client
        .talk(&[
            "/ip/firewall/address-list/add",
            "=list=a",
            "=address=1.1.1.1",
        ])
        .await;
    assert_eq!(added, [["!done", "=ret=*5"]]);
}

#[tokio::test]
async fn disable_enable_and_comment_change_one_field() {
    let (simulator, mut client) = simulate(STATE).await;
    let field = |name: &str| simulator.rows(LIST)[0].get(name).map(<[u8]>::to_vec);
    assert!(
        client
            .traps(&["/ip/firewall/address-list/disable", "=.id=*1"])
            .await
            .is_empty()
    );
    assert_eq!(field("disabled"), Some(b"true".to_vec()));
    assert!(
        client
            .traps(&["/ip/firewall/address-list/enable", "=numbers=*1"])
            .await
            .is_empty()
    );
    assert_eq!(field("disabled"), Some(b"false".to_vec()));
    assert!(
        client
            .traps(&[
                "/ip/firewall/address-list/comment",
                "=.id=*1",
                "=comment=new"
            ])
            .await
            .is_empty()
    );
    assert_eq!(field("comment"), Some(b"new".to_vec()));
}

#[tokio::test]
async fn bindings_are_normalised_ordered_and_moved() {
    let (simulator, mut client) = simulate("{}").await;
    let binding = "/ip/hotspot/ip-binding";
    let add = "/ip/hotspot/ip-binding/add";
    client
        .talk(&[add, "=mac-address=aa-bb-cc-dd-ee-0f", "=type=by"])
        .await;
    client.talk(&[add, "=address=10.0.0.2"]).await;
    client
        .talk(&[add, "=address=10.0.0.3", "=place-before=*1"])
        .await;
    assert_eq!(ids(&mut client, binding).await, "*3 *1 *2");
    let first = simulator.rows(binding)[1].clone();
    assert_eq!(first.get("mac-address"), Some(&b"AA:BB:CC:DD:EE:0F"[..]));
    assert_eq!(
        (first.get("type"), first.get("bypassed")),
        (Some(&b"bypassed"[..]), Some(&b"true"[..]))
    );
    assert_eq!(first.get("address"), None);
    client
        .talk(&[
            "/ip/hotspot/ip-binding/move",
            "=numbers=*2",
            "=destination=*3",
        ])
        .await;
    assert_eq!(ids(&mut client, binding).await, "*2 *3 *1");
    client
        .talk(&["/ip/hotspot/ip-binding/move", "=numbers=*2,*3"])
        .await;
    assert_eq!(ids(&mut client, binding).await, "*1 *2 *3");
}

#[tokio::test]
async fn unset_clears_a_field_or_restores_its_default() {
    let (simulator, mut client) = simulate("{}").await;
    let add = [
        "/queue/simple/add",
        "=name=q",
        "=target=10.0.0.9",
        "=max-limit=512k/4M",
        "=comment=x",
    ];
    client.talk(&add).await;
    let field = |name: &str| {
        simulator.rows("/queue/simple")[0]
            .get(name)
            .map(|value| String::from_utf8_lossy(value).into_owned())
    };
    assert_eq!(field("max-limit"), Some("512000/4000000".into()));
    assert_eq!(field("target"), Some("10.0.0.9/32".into()));
    let unset = "/queue/simple/unset";
    assert!(
        client
            .traps(&[unset, "=.id=*1", "=value-name=max-limit"])
            .await
            .is_empty()
    );
    assert!(
        client
            .traps(&[unset, "=.id=*1", "=value-name=comment"])
            .await
            .is_empty()
    );
    assert_eq!(
        (field("max-limit"), field("comment")),
        (Some("0/0".into()), None)
    );
    let refused = client
        .traps(&[unset, "=.id=*1", "=value-name=target"])
        .await;
    assert_eq!(refused, ["input does not match any value of value-name"]);
}

#[tokio::test]
async fn an_exclamation_mark_clears_a_field_until_release_7_23() {
    for (version, left) in [
        (Version::new(7, 22, 3), None),
        (Version::new(7, 23, 3), Some(&b"a"[..])),
    ] {
        let (simulator, mut client) = start(
            STATE,
            Options {
                version,
                ..Options::default()
            },
        )
        .await;
        assert!(
            client
                .traps(&["/ip/firewall/address-list/set", "=.id=*1", "=!comment="])
                .await
                .is_empty()
        );
        assert_eq!(simulator.rows(LIST)[0].get("comment"), left, "{version}");
    }
}

#[tokio::test]
async fn a_single_menu_is_set_without_an_id() {
    let (_simulator, mut client) = simulate("{}").await;
    assert!(
        client
            .traps(&["/system/identity/set", "=name=gw9"])
            .await
            .is_empty()
    );
    assert_eq!(
        client.rows(&["/system/identity/print"]).await,
        [["=name=gw9"]]
    );
}

#[tokio::test]
async fn a_script_that_is_run_counts_its_runs_and_answers_a_row_for_each_line() {
    let script = r#"{"/system/script": [{".id": "*1", "name": "s", "source": ":put a\n:put b"}]}"#;
    let (simulator, mut client) = simulate(script).await;
    for runs in ["1", "2"] {
        let answer = client.talk(&["/system/script/run", "=.id=*1"]).await;
        assert_eq!(answer, [vec!["!re"], vec!["!re"], vec!["!done"]]);
        let row = &simulator.rows("/system/script")[0];
        assert_eq!(row.get("run-count"), Some(runs.as_bytes()));
    }
}

#[tokio::test]
async fn leases_become_static_and_hosts_become_bindings() {
    let (simulator, mut client) = simulate(STATE).await;
    assert!(
        client
            .traps(&["/ip/dhcp-server/lease/make-static", "=.id=*1"])
            .await
            .is_empty()
    );
    assert_eq!(ids(&mut client, "/ip/dhcp-server/lease").await, "*2");
    assert!(
        client
            .traps(&["/ip/dhcp-server/lease/set", "=.id=*2", "=comment=x"])
            .await
            .is_empty()
    );
    assert!(
        client
            .traps(&["/ip/hotspot/host/make-binding", "=.id=*7", "=type=bypassed"])
            .await
            .is_empty()
    );
    let binding = &simulator.rows("/ip/hotspot/ip-binding")[0];
    assert_eq!(binding.get("mac-address"), Some(&b"AA:BB:CC:DD:EE:FF"[..]));
    assert_eq!(binding.get("bypassed"), Some(&b"true"[..]));
}

#[tokio::test]
async fn chosen_rows_refuse_to_go() {
    let (simulator, mut client) = simulate(STATE).await;
    simulator.set_faults(Faults {
        refuse_remove: vec!["*2".parse().unwrap()],
        ..Faults::default()
    });
    let remove = "/ip/firewall/address-list/remove";
    assert_eq!(
        client.traps(&[remove, "=.id=*2"]).await,
        ["action failed (6)"]
    );
    assert!(
        client
            .traps(&["/ip/firewall/address-list/set", "=.id=*2", "=comment=x"])
            .await
            .is_empty()
    );
    simulator.set_faults(Faults {
        trap_on: vec!["*2".parse().unwrap()],
        ..Faults::default()
    });
    assert_eq!(
        client
            .traps(&["/ip/firewall/address-list/set", "=.id=*2", "=comment=x"])
            .await,
        ["action failed (6)"]
    );
    let answer = client
        .talk(&["/ip/firewall/address-list/print", "=.proplist=.id"])
        .await;
    assert_eq!(
        answer,
        [
            vec!["!re", "=.id=*1"],
            vec!["!trap", "=message=action failed (6)"],
            vec!["!done"]
        ]
    );
}
