//! The key `protected` of a site: what it means, and what is said of a text that would protect nothing.

use serde_json::json;

use crate::change::Site;
use crate::support::tikbook::Output;

const BINDINGS: &str = "/ip/hotspot/ip-binding";
const ARP: &str = "/ip/arp";
const KEY: &str = "quota:run_lock";

/// A run that would remove a binding, an ARP entry and a key on a site that protects this.
fn remove(site: &Site, protected: &str) -> Output {
    let script = r#"//! Removes.
const RUNBOOK = #{ reads: ["mikrotik"], writes: ["mikrotik:/ip/hotspot/ip-binding", "mikrotik:/ip/arp"] };
fn run(args) {
    mikrotik::remove("/ip/hotspot/ip-binding", "*1");
    mikrotik::remove("/ip/arp", "*1");
    #{}
}"#;
    site.protecting(protected)
        .file("script.rhai", script)
        .args(["--json", "run", "./script.rhai", "--apply", "--yes"])
        .args(["--max-changes", "2"])
        .run()
}

/// What is said on stderr, without the ends of lines that a narrow screen puts in.
fn said(output: &Output) -> String {
    let words = output.stderr.split([' ', '\n', '│']);
    let words: Vec<_> = words.filter(|word| !word.is_empty()).collect();
    words.join(" ")
}

fn site() -> Site {
    Site::of(&json!({
        BINDINGS: [{ ".id": "*1", "mac-address": "AA:BB:CC:DD:EE:0F", "address": "10.9.8.7",
                     "comment": "Printer = hall", "type": "bypassed" }],
        ARP: [{ ".id": "*1", "address": "10.0.0.9", "mac-address": "AA:BB:CC:DD:EE:0E",
                "interface": "bridge", "comment": "lan/guest" }],
    }))
}

/// Whether the binding and the ARP entry are still there.
fn left(site: &Site) -> (bool, bool) {
    (
        !site.router.ids(BINDINGS).is_empty(),
        !site.router.ids(ARP).is_empty(),
    )
}

#[test]
fn what_is_neither_a_menu_nor_a_pattern_is_refused_with_what_was_meant() {
    for (protected, help) in [
        ("ip/arp", "write `/ip/arp`"),
        ("ip arp", "write `/ip/arp`"),
        ("IP/ARP/", "write `/ip/arp`"),
        ("ip/hotspot/ip-bindings", "write `/ip/hotspot/ip-binding`"),
        ("mikrotik:ip/arp", "write `/ip/arp`"),
        ("/ip/arp/remove", "write `/ip/arp`"),
        ("/ip/arp=1", "write `/ip/arp`"),
        ("/ip/arp?x", "write `/ip/arp`"),
        ("/", "`*` stands for any text"),
        ("", "`*` stands for any text"),
        ("  ", "`*` stands for any text"),
        ("=10.9.8.7", "`*` stands for any text"),
        ("db:users", "rows of the router and keys of Redis"),
        ("table:users", "rows of the router and keys of Redis"),
        ("postgresql:users", "rows of the router and keys of Redis"),
        ("redis:", "`redis:quota:*`"),
        // A menu behind something, or without its beginning.
        ("gw1/ip/arp", "write `/ip/arp`"),
        ("gw1:/ip/arp", "write `/ip/arp`"),
        ("router:/ip/arp", "write `/ip/arp`"),
        ("mikrotik@gw1:/ip/arp", "write `/ip/arp`"),
        ("hotspot/ip-binding", "write `/ip/hotspot/ip-binding`"),
        // Quotes inside those of the file.
        ("\"10.9.8.7\"", "without the inner quotes"),
        ("address=\"10.9.8.7\"", "without the inner quotes"),
        ("address='10.9.8.7'", "without the inner quotes"),
        // A field that is misspelt.
        ("adress=10.9.8.7", "did you mean `address`"),
        ("mac_address=AA:*", "did you mean `mac-address`"),
        ("id=*1", "did you mean `.id`"),
        // Comparisons of other languages.
        ("address==10.9.8.7", "write `address=VALUE`"),
        ("address=~10.9", "write `address=VALUE`"),
        ("address~10.9", "write `address=VALUE`"),
        ("address!=10.9.8.8", "write `address=VALUE`"),
        ("address > 10.9.8.1", "write `address=VALUE`"),
        ("?address=10.9.8.7", "write `address=VALUE`"),
        ("=address=10.9.8.7", "write `address=VALUE`"),
        ("[address=10.9.8.7]", "write `address=VALUE`"),
        ("address in (10.9.8.7)", "write `address=VALUE`"),
        // Several fields at once.
        (
            "server=all address=10.9.8.7",
            "a text of its own for each field",
        ),
        (
            "address=10.9.8.7 type=bypassed",
            "a text of its own for each field",
        ),
        (
            "address=10.9.8.7&type=bypassed",
            "a text of its own for each field",
        ),
        (
            "address=10.9.8.7,type=bypassed",
            "a text of its own for each field",
        ),
    ] {
        let site = site();
        let output = remove(&site, protected).code(2);
        for part in ["sites.here.protected", help] {
            assert!(
                said(&output).contains(part),
                "{protected:?} {part}\n{output}"
            );
        }
        assert_eq!(left(&site), (true, true), "{protected:?}");
        assert_eq!(site.router.simulator.received().writes(), 0);
    }
}

#[test]
fn a_field_is_meant_however_its_name_is_written() {
    for protected in [
        "address=10.9.8.7",
        "ADDRESS=10.9.8.7",
        "Address = 10.9.8.*",
        " address =10.9.8.7",
        "address= 10.9.8.7",
        "comment = Printer = *",
        "comment=Printer*",
        // Values, as 0.1.0 understood them.
        "10.9.8.7",
        "Printer = hall",
        "*= hall",
    ] {
        let site = site();
        let output = remove(&site, protected).code(6);
        assert_eq!(left(&site), (true, false), "{protected:?}\n{output}");
    }
    let site = site();
    let output = remove(&site, "lan/guest").code(6);
    assert_eq!(left(&site), (false, true), "{output}");
}

#[test]
fn networks_ranges_and_several_values_protect_what_is_in_them() {
    for protected in [
        "address=10.9.8.0/24",
        "address=10.9.8.0/255.255.255.0",
        "address=10.9.8.1-10.9.8.9",
        "address=10.9.8.6,10.9.8.7",
        "address = 10.1.0.0/16, 10.9.8.0/24",
        "mac-address=00:00:00:00:00:01,aa-bb-cc-dd-ee-0f",
        "type=regular,bypassed",
        "10.9.8.0/24",
        "10.9.8.1-10.9.8.9",
        "10.9.8.6,10.9.8.7",
    ] {
        let site = site();
        let output = remove(&site, protected).code(6);
        assert_eq!(left(&site), (true, false), "{protected:?}\n{output}");
        assert!(!output.stderr.contains("WARN"), "{protected:?}\n{output}");
    }
    for protected in [
        "address=10.9.9.0/24",
        "address=10.9.8.8-10.9.8.9",
        "address=10.9.8.8,10.9.8.9",
        "10.9.9.0/24",
    ] {
        let site = site();
        let output = remove(&site, protected).code(0);
        assert_eq!(left(&site), (false, false), "{protected:?}\n{output}");
    }
}

#[test]
fn what_may_protect_nothing_is_a_warning_that_names_what_is_near() {
    for (protected, words) in [
        ("/ip/ar", "did you mean `/ip/arp`"),
        ("/made/up", "does not know the menu `/made/up`"),
        ("/ip/firewall", "`/ip/firewall/address-list`"),
        (
            "flavour=sweet",
            "no menu that tikbook knows has a field `flavour`",
        ),
        ("uid=7", "`*uid=7*`"),
        ("ip/anything", "a menu begins with `/`"),
        ("gw1/ip/anything", "a menu begins with `/`"),
        ("gw1:/made/up", "a menu begins with `/`"),
        ("list=k|l", "only `*` stands for any text"),
        (
            "address-list=l",
            "the rows of that menu themselves are `list=l`",
        ),
        ("address=10.9.8.?", "only `*` stands for any text"),
        ("address=10.9.8.[0-9]", "only `*` stands for any text"),
        ("address=^10.9.*", "only `*` stands for any text"),
        ("10.9.8.[0-9]", "only `*` stands for any text"),
        ("mac-address=AA:BB:CC", "no value of `mac-address`"),
        ("address=10.9.8.700", "no value of `address`"),
        ("address=10.9.8.0/33", "no value of `address`"),
        ("disabled=maybe", "no value of `disabled`"),
        ("address 10.9.8.7", "a field is written `address=10.9.8.7`"),
        ("address:10.9.8.7", "`FIELD=VALUE` for a field"),
        ("users:all", "`redis:users:all`"),
    ] {
        let site = site();
        let output = remove(&site, protected).code(0);
        for part in ["sites.here.protected", words] {
            assert!(
                said(&output).contains(part),
                "{protected:?} {part}\n{output}"
            );
        }
        assert_eq!(output.stdout_json()["changes"]["applied"], 2, "{output}");
        let doctor = site.protecting(protected).arg("doctor").run();
        assert!(said(&doctor).contains(words), "{doctor}");
    }
    for quiet in [
        "/ip/arp",
        "10.9.8.7",
        "mac-address=AA:BB:*",
        ".id=*1",
        "512k/512k",
        "*",
    ] {
        let output = remove(&site(), quiet);
        assert!(!output.stderr.contains("protected`"), "{quiet}\n{output}");
    }
}

#[test]
fn a_menu_that_only_this_router_has_is_protected() {
    let site = Site::of(&json!({ "/made/up": [{ ".id": "*1", "name": "x" }] }));
    let script = r#"//! Removes.
const RUNBOOK = #{ reads: ["mikrotik"], writes: ["mikrotik:/made/up"] };
fn run(args) { mikrotik::remove("/made/up", "*1"); #{} }"#;
    let output = site
        .protecting("/made/up")
        .file("script.rhai", script)
        .args(["--json", "run", "./script.rhai", "--apply", "--yes"])
        .run()
        .code(6);
    assert_eq!(site.router.ids("/made/up"), ["*1"], "{output}");
}

#[test]
fn a_key_of_redis_is_protected_by_its_name_with_its_service_or_without() {
    let server = crate::support::redis::Server::start();
    let script = format!(
        r#"//! Deletes.
const RUNBOOK = #{{ reads: ["redis"], writes: ["redis:*"] }};
fn run(args) {{ redis::delete("{KEY}"); #{{}} }}"#
    );
    for protected in ["quota:*", "redis:quota:*", "redis:quota:run_lock"] {
        server.command(&["SET", KEY, "1"]);
        let site = site();
        let output = site
            .protecting(protected)
            .env("REDIS_HOST_OTP", "127.0.0.1")
            .env("REDIS_PORT_OTP", server.port().to_string())
            .file("script.rhai", &script)
            .args(["--json", "run", "./script.rhai", "--apply", "--yes"])
            .run()
            .code(6);
        assert_eq!(
            server.command(&["EXISTS", KEY]),
            ":1\r\n",
            "{protected}\n{output}"
        );
    }
}
