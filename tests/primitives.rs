//! What primitives declare is what they may do: each needs its services in the header and no other, and
//! `check` says before the run what the run would refuse.

use serde_json::Value;
use tikbook::config::Service;

use crate::support::tikbook::{Output, Tikbook};

const MENU: &str = "/ip/firewall/address-list";
/// A menu whose order counts.
const ORDERED: &str = "/ip/hotspot/ip-binding";
const KEY: &str = "quota_sync:last_run_ts";

/// A call of a primitive with arguments of the kinds that it declares, and what it declares.
struct Case {
    call: String,
    services: Vec<String>,
    /// Does it read: must its services stand in `reads`?
    asks: bool,
    /// What stands in `writes` so that it may write.
    target: Option<&'static str>,
}

#[test]
fn every_primitive_needs_its_services_in_the_header_and_no_other() {
    let cases = cases();
    let all = Service::ALL.map(Service::as_str);
    for service in all {
        let mut services = cases.iter().map(|case| &case.services[0]);
        assert!(
            services.any(|name| name == service),
            "primitives of {service}"
        );
    }
    for case in &cases {
        let reads: &[String] = if case.asks { &case.services } else { &[] };
        let target = case.target.as_slice();
        let output = run(&case.call, reads, target);
        assert_ne!(output.status.code(), Some(6), "{}: {output}", case.call);
        for missing in reads {
            let others = all.iter().filter(|other| *other != missing);
            let others: Vec<String> = others.map(|other| (*other).to_owned()).collect();
            let output = run(&case.call, &others, target).code(6);
            let refused = format!("the runbook may not read from `{missing}`");
            assert!(output.stderr.contains(&refused), "{}: {output}", case.call);
        }
        if let Some(target) = case.target {
            let output = run(&case.call, reads, &[]).code(6);
            assert!(output.stderr.contains(target), "{}: {output}", case.call);
        }
    }
}

#[test]
fn check_says_what_a_run_would_refuse() {
    for (body, reads, writes, expected) in [
        (
            "redis::command(\"DEL\", [\"a:b\"])",
            "redis",
            "",
            "`redis:a:b`",
        ),
        (
            "redis::command(\"del\", [\"a:b\"])",
            "redis",
            "redis:a:*",
            "",
        ),
        (
            "redis::command(\"DEL\", [\"a:b\", \"c\"])",
            "redis",
            "redis:a:*",
            "`redis:c`",
        ),
        (
            "redis::command(\"HSET\", [\"h\", \"f\", 1])",
            "redis",
            "redis:x",
            "`redis:h`",
        ),
        (
            "redis::command(\"DEL\", [args.key])",
            "redis",
            "",
            "`redis:…`",
        ),
        (
            "let words = [\"a:b\"]; redis::command(\"DEL\", words)",
            "redis",
            "",
            "`redis:a:b`",
        ),
        ("redis::command(\"LLEN\", [\"a:b\"])", "redis", "", ""),
        (
            "redis::command(\"LLEN\", [\"a:b\"])",
            "",
            "",
            "reads from `redis`",
        ),
        ("redis::delete(\"a:b\")", "redis", "", "`redis:a:b`"),
        (
            "let key = \"a:b\"; redis::delete(key)",
            "redis",
            "redis:c",
            "`redis:a:b`",
        ),
        (
            "mikrotik::named(\"gw2\").remove(\"/ip/arp\", \"*1\", \"why\")",
            "mikrotik",
            "",
            "`mikrotik:/ip/arp`",
        ),
        (
            "let gw = mikrotik::named(\"gw2\"); gw.remove(\"/ip/arp\", \"*1\", \"why\")",
            "mikrotik",
            "mikrotik:/ip/route",
            "`mikrotik:/ip/arp`",
        ),
        (
            "let gw = mikrotik::named(\"gw2\"); gw.remove(\"/ip/arp\", \"*1\", \"why\")",
            "mikrotik",
            "mikrotik:/ip/arp",
            "",
        ),
        (
            "let menu = \"/ip/arp\"; mikrotik::remove(menu, \"*1\")",
            "mikrotik",
            "mikrotik:/ip/route",
            "`mikrotik:/ip/arp`",
        ),
        (
            "mikrotik::remove(global::LEASES, \"*1\")",
            "mikrotik",
            "mikrotik:/ip/route",
            "`mikrotik:/ip/dhcp-server/lease`",
        ),
        // What is not written down may be any of what the header names.
        (
            "mikrotik::remove(args.key, \"*1\")",
            "mikrotik",
            "mikrotik:/ip/route",
            "",
        ),
        (
            "mikrotik::remove(args.key, \"*1\")",
            "mikrotik",
            "redis:x",
            "`mikrotik:…`",
        ),
        // A header that writes a menu need not read the router.
        (
            "mikrotik::remove(\"/ip/arp\", \"*1\")",
            "",
            "mikrotik:/ip/arp",
            "",
        ),
        (
            "mikrotik::named(\"gw2\").rows(\"/ip/arp\")",
            "",
            "",
            "reads from `mikrotik`",
        ),
        (
            "mikrotik::named(\"gw2\").rows(\"/ip/hotspot/ip-bindings\")",
            "mikrotik",
            "",
            "did you mean `/ip/hotspot/ip-binding`",
        ),
        ("db::execute(\"DELETE FROM users\", [])", "db", "", "`db:…`"),
        ("celery::dead_letters(1)", "redis", "", ""),
        (
            "celery::dead_letters(1)",
            "celery",
            "",
            "reads from `redis`",
        ),
        (
            "celery::dead_letters(1)",
            "celery",
            "",
            "nothing reads from it",
        ),
        ("portal::next_sync()", "db", "", "reads from `mikrotik`"),
        (
            "portal::setting(\"X\", \"\")",
            "redis",
            "",
            "reads from `db`",
        ),
        ("time::now()", "", "", ""),
    ] {
        let list = |word: &str| match word {
            "" => String::new(),
            word => format!("{word:?}"),
        };
        let script = format!(
            "//! Tries.\nconst RUNBOOK = #{{ reads: [{}], writes: [{}], params: #{{ key: #{{ type: \
             \"string\", \"default\": \"\" }} }} }};\nconst LEASES = \"/ip/dhcp-server/lease\";\n\
             fn run(args) {{ let all = args; {body}; #{{}} }}\n",
            list(reads),
            list(writes)
        );
        let output = Tikbook::new()
            .file("tries.rhai", script)
            .args(["check", "tries.rhai"])
            .run();
        let output = output.code(i32::from(!expected.is_empty()));
        assert!(output.stdout.contains(expected), "{body}: {output}");
    }
}

#[test]
fn the_reference_says_what_a_primitive_needs() {
    for (name, needs) in [
        ("celery::dead_letters", "reads from redis"),
        ("portal::next_sync", "reads from db, redis, mikrotik"),
        ("redis::delete", "changes what `key` names in redis"),
        (
            "mikrotik::command",
            "reads from mikrotik; a command that writes is a change",
        ),
        (
            "mikrotik::remove_all",
            "changes what `menu` names in mikrotik",
        ),
    ] {
        let output = Tikbook::new().args(["doc", name]).run().code(0);
        assert!(output.stdout.contains(needs), "{name}: {output}");
    }
}

/// Every primitive that reads or writes, by the reference.
fn cases() -> Vec<Case> {
    let output = Tikbook::new().args(["doc", "--json"]).run().code(0);
    let pages = output.stdout_json();
    let pages = pages.as_array().unwrap().iter();
    let primitives = pages.flat_map(|page| page["primitives"].as_array().unwrap());
    primitives
        .filter(|primitive| primitive["effect"] != "nothing")
        .map(case)
        .collect()
}

fn case(primitive: &Value) -> Case {
    let arguments = primitive["arguments"].as_array().unwrap();
    let writes = primitive["effect"] == "write";
    let call = primitive["call"].as_str().unwrap();
    let (name, _) = call.split_once('(').unwrap();
    let mut values: Vec<&str> = arguments
        .iter()
        .map(|argument| value(argument, writes))
        .collect();
    let name = match name.rsplit_once('.') {
        Some((_, method)) => format!("{}.{method}", values.remove(0)),
        None => name.to_owned(),
    };
    let is_move = name.ends_with("move");
    let values = values.join(", ");
    let values = match is_move {
        true => values.replace("MENU", &format!("{ORDERED:?}")),
        false => values,
    };
    let kinds = || arguments.iter().map(|argument| argument["kind"].as_str());
    let has = |kind: &str| kinds().any(|other| other == Some(kind));
    let services = primitive["services"].as_array().unwrap().iter();
    Case {
        call: format!("{name}({values})"),
        services: services
            .map(|service| service.as_str().unwrap().to_owned())
            .collect(),
        // Whether a command writes the server is asked.
        asks: !writes || has("command"),
        target: writes.then(|| match () {
            () if is_move => "mikrotik:/ip/hotspot/ip-binding",
            () if has("verb") => "mikrotik:/ip/firewall/address-list/make-coffee",
            () if has("menu") => "mikrotik:/ip/firewall/address-list",
            () if has("sql") => "db:users",
            () => "redis:quota_sync:last_run_ts",
        }),
    }
}

/// An argument of the kind that is declared, as it is written in a script.
fn value(argument: &Value, writes: bool) -> &'static str {
    match argument["kind"].as_str() {
        Some("menu") => "MENU",
        Some("query") => "#{ list: \"klient_blocked\", address: \"none\" }",
        Some("fields") => "#{ list: \"vip\", address: \"10.0.0.9\" }",
        Some("verb") => "\"make-coffee\"",
        Some("arguments of the command") => "#{ sugar: 2 }",
        Some("field names") => "[\".id\"]",
        Some("row") => "\"*FFFFFF\"",
        Some("sql") if writes => "\"UPDATE users SET full_name = 'x' WHERE id = 'nobody'\"",
        Some("sql") => "\"SELECT 1 AS one\"",
        Some("key" | "key pattern") => "KEY",
        Some("command") => "\"DEL\"",
        Some("words of the command") => "[KEY]",
        Some("queue") => "\"celery\"",
        Some("container") => "\"celery_worker\"",
        Some("setting") => "\"NO_SUCH_SETTING\"",
        Some("seconds") => "1",
        Some("reason") => "\"trying\"",
        Some(other) => panic!("an argument of kind {other}"),
        None => match argument["type"].as_str().unwrap() {
            "string" => "\"text\"",
            "int" => "1",
            "bool" => "true",
            "map" => "#{}",
            "array" => "[]",
            "any" => "[\"*FFFFFF\"]",
            "Router" => "mikrotik::named(\"demo\")",
            other => panic!("an argument of type {other}"),
        },
    }
}

/// Runs a call on the demo site under a header that names these.
fn run(call: &str, reads: &[String], writes: &[&str]) -> Output {
    let call = call.replace("MENU", &format!("{MENU:?}"));
    let call = call.replace("KEY", &format!("{KEY:?}"));
    let script = format!(
        "//! Tries.\nconst RUNBOOK = #{{ reads: {reads:?}, writes: {writes:?} }};\n\
         fn run(args) {{ let given = {call}; given; () }}\n"
    );
    Tikbook::new()
        .file("tries.rhai", script)
        .args(["--site", "demo", "run", "./tries.rhai"])
        .run()
}
