//! Reads of one run go on side by side, with no syntax for it.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread::JoinHandle;

use routeros_proto::{Limits, Request, Server, TagPlace};

use crate::support::tikbook::Tikbook;

/// A router that answers nothing before it has been asked three things: a run that waits for one
/// answer before it asks the next thing would wait for ever.
fn patient_router(listener: TcpListener) -> JoinHandle<()> {
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut server = Server::new(Limits::default(), TagPlace::default());
        let login = &receive(&mut stream, &mut server, 1)[0];
        assert_eq!(login.path(), b"/login");
        server.done(login.tag(), [("", ""); 0]);
        send(&mut stream, &mut server);
        let asked = receive(&mut stream, &mut server, 3);
        for request in &asked {
            if request.get("count-only").is_some() {
                server.done(request.tag(), [("ret", "7")]);
            } else {
                server.row(request.tag(), [(".id", "*1"), ("address", "10.0.0.9")]);
                server.done(request.tag(), [("", ""); 0]);
            }
        }
        send(&mut stream, &mut server);
        // The client closes when its run is over.
        drop(stream.read_to_end(&mut Vec::new()));
    })
}

fn receive(stream: &mut TcpStream, server: &mut Server, count: usize) -> Vec<Request> {
    let mut requests = Vec::new();
    let mut bytes = [0; 4096];
    while requests.len() < count {
        let length = stream.read(&mut bytes).unwrap();
        assert!(
            length > 0,
            "the client is gone after {} requests",
            requests.len()
        );
        server.receive(&bytes[..length]).unwrap();
        requests.extend(std::iter::from_fn(|| server.poll_request()));
    }
    requests
}

fn send(stream: &mut TcpStream, server: &mut Server) {
    while let Some(bytes) = server.poll_transmit() {
        stream.write_all(&bytes).unwrap();
    }
}

fn run(body: &str) -> crate::support::tikbook::Output {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let router = patient_router(listener);
    let script = format!(
        "//! Reads.\nconst RUNBOOK = #{{ reads: [\"mikrotik\"] }};\nfn run(args) {{\n{body}\n}}\n"
    );
    let output = Tikbook::new()
        .env("MIKROTIK_HOST", "127.0.0.1")
        .env("MIKROTIK_PORT", port.to_string())
        .env("MIKROTIK_USERNAME", "audit")
        .env("MIKROTIK_PASSWORD", "s3cret")
        .env("TIKBOOK_TIMEOUT", "5s")
        .file("reads.rhai", script)
        .args(["run", "./reads.rhai", "--json"])
        .run();
    if output.status.success() {
        router.join().unwrap();
    }
    output
}

#[test]
fn three_reads_in_three_lines_run_side_by_side() {
    let output = run("let leases = mikrotik::rows(\"/ip/dhcp-server/lease\");\n\
         let hosts = mikrotik::rows(\"/ip/hotspot/host\");\n\
         let count = mikrotik::count(\"/ip/arp\");\n\
         #{ leases: leases.len(), hosts: hosts.len(), count: count }")
    .code(0);
    let json = output.stdout_json();
    assert_eq!((&json["leases"], &json["count"]), (&1.into(), &7.into()));
}

/// A router that answers what it was asked once nothing more comes, and counts how much that is at the most.
fn counting_router(listener: TcpListener) -> JoinHandle<usize> {
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut server = Server::new(Limits::default(), TagPlace::default());
        let login = &receive(&mut stream, &mut server, 1)[0];
        server.done(login.tag(), [("", ""); 0]);
        send(&mut stream, &mut server);
        let (mut most, mut bytes) = (0, [0; 1 << 16]);
        let mut waiting = Vec::new();
        for round in 0.. {
            // A script that floods the router has the time for it in the first rounds.
            let patience = if round < 100 { 50 } else { 2 };
            let patience = Some(std::time::Duration::from_millis(patience));
            stream.set_read_timeout(patience).unwrap();
            match stream.read(&mut bytes) {
                Ok(0) => break,
                Ok(length) => {
                    server.receive(&bytes[..length]).unwrap();
                    waiting.extend(std::iter::from_fn(|| server.poll_request()));
                    most = most.max(waiting.len());
                }
                Err(_) => {
                    for request in waiting.drain(..) {
                        server.row(request.tag(), [(".id", "*1")]);
                        server.done(request.tag(), [("", ""); 0]);
                    }
                    send(&mut stream, &mut server);
                }
            }
        }
        most
    })
}

#[test]
fn five_thousand_reads_of_a_script_do_not_go_to_the_router_at_once() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let router = counting_router(listener);
    let script = "//! Reads.\nconst RUNBOOK = #{ reads: [\"mikrotik\"] };\n\
                  fn run(args) {\n    let reads = [];\n    \
                  for n in 0..5000 { reads.push(mikrotik::rows(\"/ip/arp\", #{ address: `10.0.0.${n}` })); }\n    \
                  let rows = 0;\n    for read in reads { rows += read.len(); }\n    #{ rows: rows }\n}\n";
    let output = Tikbook::new()
        .env("MIKROTIK_HOST", &address)
        .env("MIKROTIK_USERNAME", "audit")
        .file("reads.rhai", script)
        .args(["run", "./reads.rhai", "--json"])
        .run()
        .code(0);
    assert_eq!(output.stdout_json()["rows"], 5000);
    let most = router.join().unwrap();
    assert!((2..=16).contains(&most), "{most} at once");
}

#[test]
fn a_read_that_is_used_before_the_next_one_starts_is_waited_for() {
    // The router stays silent after one question, so this run ends at its limit.
    let output = run(
        "let leases = mikrotik::rows(\"/ip/dhcp-server/lease\").len();\n\
         mikrotik::count(\"/ip/hotspot/host\") + mikrotik::count(\"/ip/arp\") + leases",
    )
    .code(4);
    assert!(
        output.stderr.contains("the router was silent for 5s"),
        "{}",
        output.stderr
    );
}
