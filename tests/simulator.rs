//! `tikbook simulate`, spoken to by public clients: what we believe of the protocol is then
//! not only agreed between our own client and our own server.

use std::net::TcpStream;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::support::program;
use crate::support::tikbook::{Running, Tikbook};

const STATE: &str = r#"{
    "/ip/firewall/address-list": [
        {".id": "*1", "list": "blocked", "address": "10.0.0.1", "comment": "first"},
        {".id": "*2", "list": "blocked", "address": "10.0.0.2"},
        {".id": "*A", "list": "vip", "address": "10.0.0.3", "comment$hex": "b261"}
    ]
}"#;

/// A started `tikbook simulate` and where it listens.
struct Simulated {
    running: Running,
    address: String,
}

impl Simulated {
    fn start(flags: &[&str]) -> Simulated {
        Simulated::with(STATE, flags)
    }

    fn with(state: &str, flags: &[&str]) -> Simulated {
        let tikbook = Tikbook::new()
            .file("router.json", state)
            .env("TIKBOOK_SIMULATE_PASSWORD", "s3cret")
            .args(["simulate", "--state", "router.json"])
            .args(["--listen", "127.0.0.1:0", "--user", "api"])
            .args(flags);
        let mut running = tikbook.start();
        running.wait_for_stdout("\n");
        let line = running.stdout();
        let address = line.trim_end().strip_prefix("listening on ");
        let address = address
            .expect("the first line names the address")
            .to_owned();
        Simulated { running, address }
    }

    /// What the Python client saw, as `tests/python/` has it.
    fn seen_by(&self, client: Client, login: &str) -> Value {
        let (host, port) = self.address.split_once(':').unwrap();
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/python");
        let output = Command::new(program::python())
            .arg(folder.join(client.script()))
            .args([host, port, "api", "s3cret", login])
            .output()
            .expect("Python can be started");
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(
            output.status.success(),
            "{client:?} failed; it needs the pip packages routeros-api and librouteros\n{errors}"
        );
        serde_json::from_slice(&output.stdout).expect("the client prints JSON")
    }
}

/// The public clients, each with its ways.
#[derive(Clone, Copy, Debug)]
enum Client {
    /// routeros-api, which reports the last of several traps.
    RouterosApi,
    /// librouteros, which reports all traps, and leaves out rows without fields.
    Librouteros,
}

impl Client {
    const ALL: [Client; 2] = [Client::RouterosApi, Client::Librouteros];

    fn script(self) -> &'static str {
        match self {
            Client::RouterosApi => "routeros_api_client.py",
            Client::Librouteros => "librouteros_client.py",
        }
    }

    /// What it must see of the router in [`STATE`].
    fn expected(self, refused_login: &str) -> Value {
        let (proplist, bad_path) = match self {
            Client::RouterosApi => (
                json!([{"comment": "first"}, {}, {"comment": "²a"}]),
                "no such command prefix",
            ),
            Client::Librouteros => (
                json!([{"comment": "first"}, {"comment": "²a"}]),
                "no such command or directory (adress), no such command prefix",
            ),
        };
        json!({
            "wrong password": refused_login,
            "rows": [
                {".id": "*1", "list": "blocked", "address": "10.0.0.1", "comment": "first"},
                {".id": "*2", "list": "blocked", "address": "10.0.0.2"},
                {".id": "*A", "list": "vip", "address": "10.0.0.3", "comment": "²a"},
            ],
            "proplist": proplist,
            "equal": [{".id": "*1"}, {".id": "*2"}],
            "either": [{".id": "*1"}, {".id": "*A"}],
            "count": "3",
            "nothing": [],
            "id": "*B",
            "added": [{"address": "10.0.0.9", "comment": "café", "disabled": "true"}],
            "duplicate": "failure: already have such entry",
            "gone": "no such item",
            "bad path": bad_path,
            "unknown": "unknown parameter colour",
            "left": [{"address": "10.0.0.3"}, {"address": "10.0.0.9"}],
        })
    }
}

/// What an exporter reads of a hotspot's router.
const WATCHED: &str = r#"{
    "/interface": [{".id": "*1", "name": "ether1", "type": "ether", "running": "true", "disabled": "false",
        "rx-byte": "1000", "tx-byte": "2000", "rx-packet": "10", "tx-packet": "20"}],
    "/ip/dhcp-server": [{".id": "*1", "name": "dhcp1", "interface": "ether1"}],
    "/ip/dhcp-server/lease": [{".id": "*1", "address": "10.0.0.5", "mac-address": "0A:00:00:00:00:05",
        "server": "dhcp1", "status": "bound", "host-name": "phone", "expires-after": "9m"}],
    "/queue/simple": [{".id": "*1", "name": "q1", "target": "10.0.0.5/32", "bytes": "5/6",
        "rate": "0/0", "queued-bytes": "0/0", "dropped": "0/0"}],
    "/ip/firewall/filter": [{".id": "*1", "chain": "forward", "action": "drop", "bytes": "77", "packets": "7"}],
    "/ip/firewall/address-list": [
        {".id": "*1", "list": "blocked", "address": "10.0.0.1"},
        {".id": "*2", "list": "vip", "address": "10.0.0.2"}],
    "/system/identity": [{"name": "gw"}]
}"#;

#[test]
fn an_exporter_finds_the_menus_that_it_watches() {
    let simulated = Simulated::with(WATCHED, &[]);
    let (host, port) = simulated.address.split_once(':').unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/python/mktxp_exporter.py");
    let output = Command::new(program::python())
        .arg(script)
        .args([host, port, "api", "s3cret"])
        .output()
        .expect("Python can be started");
    let log = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "it needs the pip package mktxp\n{log}"
    );
    // So it says of a menu, an argument or an answer that it did not expect.
    assert!(
        !log.contains("Error getting") && !log.contains("Exception"),
        "{log}"
    );
    let found: Value = serde_json::from_slice(&output.stdout).expect("the script prints JSON");
    for (metric, label, text, value) in [
        ("mktxp_system_identity_info", "name", "gw", 1.0),
        ("mktxp_system_cpu_count", "version", "7.22.3 (stable)", 1.0),
        ("mktxp_interface_rx_byte_total", "name", "ether1", 1000.0),
        ("mktxp_interface_tx_packet_total", "name", "ether1", 20.0),
        ("mktxp_dhcp_lease_active_count", "server", "dhcp1", 1.0),
        (
            "mktxp_dhcp_lease_info",
            "mac_address",
            "0A:00:00:00:00:05",
            540.0,
        ),
        ("mktxp_queue_simple_bytes_download_total", "name", "q1", 6.0),
        (
            "mktxp_firewall_filter_total",
            "name",
            "| forward | drop",
            77.0,
        ),
        (
            "mktxp_firewall_address_list_selected_count",
            "list",
            "vip",
            1.0,
        ),
    ] {
        let samples = found[metric].as_array();
        let samples = samples.unwrap_or_else(|| panic!("no {metric} in\n{found:#}\n{log}"));
        let is_it = |sample: &&Value| {
            sample[0][label]
                .as_str()
                .is_some_and(|found| found.contains(text))
        };
        let sample = samples.iter().find(is_it);
        let sample = sample.unwrap_or_else(|| panic!("no {label}={text} in {samples:?}"));
        assert_eq!(sample[1], value, "{metric}");
    }
}

const NEW_LOGIN: &str = "invalid user name or password (6)";
const OLD_LOGIN: &str = "cannot log in";

/// Each client, in a conversation with a router of its own.
#[track_caller]
fn check(flags: &[&str], login: &str, refused_login: &str) {
    for client in Client::ALL {
        let seen = Simulated::start(flags).seen_by(client, login);
        assert_eq!(seen, client.expected(refused_login), "{client:?}");
    }
}

#[test]
fn public_clients_see_what_the_router_holds() {
    check(&[], "plain", NEW_LOGIN);
}

#[test]
fn public_clients_take_a_router_from_before_7_18_that_puts_tags_last() {
    let flags = ["--version", "7.17.2", "--tag-last", "--chunk", "3"];
    check(&flags, "plain", NEW_LOGIN);
}

#[test]
fn public_clients_answer_the_challenge_of_an_old_router() {
    let flags = ["--version", "7.1", "--challenge-login", "--empty-reply"];
    check(&flags, "challenge", OLD_LOGIN);
}

#[test]
fn the_state_at_the_end_can_be_kept() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("after.json");
    let simulated = Simulated::start(&["--write-state", file.to_str().unwrap()]);
    simulated.seen_by(Client::RouterosApi, "plain");
    simulated.running.interrupt();
    simulated.running.finish().code(0);
    let state: Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    let list = state["/ip/firewall/address-list"].as_array().unwrap();
    let ids: Vec<_> = list
        .iter()
        .map(|row| row[".id"].as_str().unwrap())
        .collect();
    assert_eq!(ids, ["*A", "*B"]);
    assert_eq!(list[0]["comment$hex"], "b261");
    assert_eq!(list[1]["comment$hex"], "636166e9");
}

#[test]
fn the_demo_router_is_served_and_stops_on_ctrl_c() {
    let mut running = Tikbook::new()
        .args(["simulate", "--demo", "--listen", "127.0.0.1:0"])
        .start();
    running.wait_for_stdout("\n");
    let line = running.stdout();
    let address = line
        .trim_end()
        .trim_start_matches("listening on ")
        .to_owned();
    assert!(TcpStream::connect(&address).is_ok());
    running.interrupt();
    let output = running.finish().code(0);
    assert_eq!(output.stderr, "");
    assert!(TcpStream::connect(&address).is_err());
}

#[test]
fn a_simulated_router_speaks_tls_lacks_a_policy_and_records_what_it_was_asked() {
    let rcgen::CertifiedKey { cert, signing_key } =
        rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    std::fs::write(file("cert.pem"), cert.pem()).unwrap();
    std::fs::write(file("key.pem"), signing_key.serialize_pem()).unwrap();
    let (cert, key, record) = (file("cert.pem"), file("key.pem"), file("requests.jsonl"));
    let flags = ["--tls", &cert, &key, "--record", &record, "--lacks", "test"];
    let simulated = Simulated::start(&flags);
    let run = |script: &str| {
        Tikbook::new()
            .env("MIKROTIK_HOST", &simulated.address)
            .env("MIKROTIK_TLS_CA_FILE", &cert)
            .env("MIKROTIK_USERNAME", "api")
            .env("MIKROTIK_PASSWORD", "s3cret")
            .args(["run", "--json", "-e", script])
            .run()
    };
    let output =
        run("mikrotik::rows(\"/ip/firewall/address-list\", #{ list: \"vip\" }).len()").code(0);
    assert!(output.stdout.contains('1'), "{output}");
    let output =
        run("mikrotik::command(\"/\", \"ping\", #{ address: \"10.0.0.1\", count: 1 })").code(1);
    assert!(output.stderr.contains("not enough permissions"), "{output}");
    let text = std::fs::read_to_string(record).unwrap();
    let lines: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines[0]["words"][0], "/login");
    assert!(
        lines.iter().any(|line| line["words"][0] == "/ping"),
        "{text}"
    );
    assert!(text.contains("?list=vip"), "{text}");
    assert!(
        !text.contains("s3cret") && text.contains("=password=***"),
        "{text}"
    );
}

#[test]
fn flags_that_cannot_be_used_are_named() {
    let refused = |args: &[&str]| {
        let output = Tikbook::new()
            .file("list.json", "[]")
            .args(["simulate", "--listen", "127.0.0.1:0"])
            .args(args)
            .run()
            .code(2);
        assert_eq!(output.stdout, "");
        output.stderr
    };
    assert!(refused(&["--state", "absent.json"]).contains("`absent.json`"));
    assert!(refused(&["--state", "list.json"]).contains("JSON object of menus"));
    assert!(refused(&["--version", "new"]).contains("--version: `new`"));
    assert!(refused(&["--trap-on", "5"]).contains("--trap-on: `5`"));
    assert!(refused(&["--latency", "soon"]).contains("--latency: `soon`"));
    assert!(refused(&["--password-file", "absent"]).contains("absent"));
    assert!(refused(&["--chunk", "0"]).contains("--chunk"));
    assert!(refused(&["--lacks", "sniff"]).contains("--lacks: `sniff`"));
    assert!(refused(&["--tls", "absent.pem"]).contains("--tls"));
    assert!(refused(&["--tls", "absent.pem", "list.json"]).contains("`absent.pem` for --tls"));
    assert!(refused(&["--record", "absent/file"]).contains("`absent/file`"));
}

#[test]
fn an_address_in_use_is_named() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let output = Tikbook::new()
        .args(["simulate", "--listen", &address])
        .run()
        .code(1);
    assert!(
        output
            .stderr
            .contains(&format!("cannot listen on {address}")),
        "{output}"
    );
}
