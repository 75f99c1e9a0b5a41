//! Rows in scripts: ordered, compared and asked for by what their fields are.

use serde_json::{Value, json};

use crate::change::Site;
use crate::support::tikbook::Output;

const READS: &str =
    "//! Reads.\nconst RUNBOOK = #{ reads: [\"mikrotik\"] };\nfn run(args) { #{ found: ";

fn site() -> Site {
    let row = |id: &str, fields: Value| {
        let mut row = json!({ ".id": id });
        let fields = fields.as_object().unwrap().clone();
        row.as_object_mut().unwrap().extend(fields);
        row
    };
    Site::of(&json!({
        "/ip/firewall/address-list": [
            row("*1", json!({ "list": "a", "address": "10.20.0.113", "timeout": "2h" })),
            row("*2", json!({ "list": "a", "address": "10.20.0.11", "timeout": "1d", "comment": "x" })),
            row("*3", json!({ "list": "b", "address": "10.20.0.12" })),
            row("*4", json!({ "list": "b", "address": "10.20.0.0/28", "timeout": "50m" })),
            row("*5", json!({ "list": "c", "address": "10.20.1.0-10.20.1.99" })),
            row("*6", json!({ "list": "c", "address": "10.21.0.9" })),
        ],
        "/ip/hotspot/host": [
            row("*1", json!({ "address": "10.20.0.9", "mac-address": "AA:BB:CC:DD:EE:0F",
                              "bytes-out": "2048", "uptime": "1h2m3s" })),
            row("*2", json!({ "address": "10.20.0.10", "mac-address": "AA:BB:CC:DD:EE:01",
                              "bytes-out": "900", "uptime": "9s" })),
            row("*3", json!({ "address": "10.20.0.100", "mac-address": "AA:BB:CC:DD:EE:02",
                              "bytes-out": "10000", "uptime": "1d" })),
        ],
        "/ppp/secret": [
            row("*1", json!({ "name": "s", "password": "12345678" })),
        ],
        "/queue/simple": [
            row("*1", json!({ "name": "q", "target": "10.20.0.9/32", "rate": "0/0" })),
        ],
        "/ip/hotspot/user/profile": [
            row("*1", json!({ "name": "p", "shared-users": "1", "add-mac-cookie": "true" })),
        ],
    }))
}

/// What a script finds with the expression.
fn found(site: &Site, expression: &str) -> Value {
    let output = run(site, expression).code(0);
    output.stdout_json()["found"].clone()
}

fn run(site: &Site, expression: &str) -> Output {
    site.run(&format!("{READS}{expression} }} }}\n"), &[])
}

/// Expressions over `list` (the address-list) and `host` (the hosts of the hotspot).
fn spelled(expression: &str) -> String {
    expression
        .replace("list.", "mikrotik::rows(\"/ip/firewall/address-list\").")
        .replace("host.", "mikrotik::rows(\"/ip/hotspot/host\").")
}

#[test]
fn rows_are_ordered_by_what_a_field_is() {
    let site = site();
    for (expression, ids) in [
        ("host.sort_by(\"address\")", "*1 *2 *3"),
        ("host.sort_by(\"bytes-out\")", "*2 *1 *3"),
        ("host.sort_by(\"uptime\")", "*2 *1 *3"),
        ("host.sort_by(\"mac-address\")", "*2 *3 *1"),
        // Without a timeout first, as they came.
        ("list.sort_by(\"timeout\")", "*3 *5 *6 *4 *1 *2"),
        (
            "list.where(#{ list: [\"a\", \"b\"] }).sort_by(\"address\")",
            "*4 *2 *3 *1",
        ),
        (
            "rows::chain([mikrotik::rows(\"/ip/hotspot/host\")]).sort_by(\"address\")",
            "*1 *2 *3",
        ),
    ] {
        let all = found(&site, &format!("{}.column(\".id\")", spelled(expression)));
        let ids: Vec<&str> = ids.split(' ').collect();
        assert_eq!(all, json!(ids), "{expression}");
    }
}

#[test]
fn rows_are_kept_by_what_a_field_is() {
    let site = site();
    for (expression, ids) in [
        ("list.where(#{ address: \"10.20.0.0/24\" })", "*1 *2 *3 *4"),
        ("list.where(#{ address: \"10.20.0.0/28\" })", "*2 *3 *4"),
        ("list.where(#{ address: \"10.20.0.11/32\" })", "*2"),
        ("list.where(#{ address: \"10.20.1.0-10.20.1.255\" })", "*5"),
        // A network does not lie in an address of its own.
        ("list.where(#{ address: \"10.20.1.5\" })", ""),
        (
            "list.where(#{ address: [\"10.20.1.0/24\", \"10.21.0.9\"] })",
            "*5 *6",
        ),
        ("list.where(#{ timeout: (), list: \"b\" })", "*3"),
        (
            "host.where(#{ \"mac-address\": \"aa-bb-cc-dd-ee-0f\" })",
            "*1",
        ),
        ("host.where(#{ \"bytes-out\": 900 })", "*2"),
        ("host.where(#{ uptime: \"1:02:03\" })", "*1"),
        (
            "host.filter(|row| row.number(\"bytes-out\") > 1000)",
            "*1 *3",
        ),
        ("host.filter(|row| row.number(\"uptime\") < 3600)", "*2"),
        // Of the router itself, by values as somebody spells them.
        (
            "mikrotik::rows(\"/ip/hotspot/host\", #{ \"mac-address\": \"aabb.ccdd.ee01\" })",
            "*2",
        ),
        (
            "mikrotik::rows(\"/ip/firewall/address-list\", #{ list: [\"a\", \"c\"] })",
            "*1 *2 *5 *6",
        ),
        (
            "mikrotik::rows(\"/ip/firewall/address-list\", #{ list: \"a\", comment: [\"x\", ()] })",
            "*1 *2",
        ),
        (
            "mikrotik::rows(\"/ip/firewall/address-list\", #{ list: [] })",
            "",
        ),
        (
            "mikrotik::rows(\"/ip/hotspot/user/profile\", #{ \"add-mac-cookie\": true })",
            "*1",
        ),
    ] {
        let all = found(&site, &format!("{}.column(\".id\")", spelled(expression)));
        let ids: Vec<&str> = ids.split_whitespace().collect();
        assert_eq!(all, json!(ids), "{expression}");
    }
}

#[test]
fn rows_are_found_by_any_spelling_of_a_value() {
    let site = site();
    for (expression, expected) in [
        (
            "host.index_by(\"mac-address\")[\"aa-bb-cc-dd-ee-01\"][\".id\"]",
            json!("*2"),
        ),
        (
            "host.index_by(\"mac-address\").contains(\"aabbccddee01\")",
            json!(true),
        ),
        ("host.group_by(\"uptime\")[\"24:00:00\"].len()", json!(1)),
        (
            "diff(mikrotik::rows(\"/ip/hotspot/host\"), rows::from([]), \"address\").only_left.len()",
            json!(3),
        ),
        ("host.first().number(\"comment\")", Value::Null),
        (
            "text::in_network(\"10.20.0.9\", \"10.20.0.0/24\")",
            json!(true),
        ),
    ] {
        assert_eq!(found(&site, &spelled(expression)), expected, "{expression}");
    }
}

#[test]
fn what_would_silently_find_nothing_is_refused_with_what_to_do() {
    let site = site();
    for (expression, message, hint) in [
        (
            "host.filter(|row| row[\"bytes-out\"] > 1000).len()",
            "a text and a number have no order: \"2048\" > 1000",
            "row.number(",
        ),
        (
            "host.filter(|row| row[\"bytes-out\"] == 2048).len()",
            "a text and a number are never equal: \"2048\" == 2048",
            "row.number(",
        ),
        (
            "host.filter(|row| 2048 != row[\"bytes-out\"]).len()",
            "a text and a number are never equal: 2048 != \"2048\"",
            "parse_int",
        ),
        (
            "mikrotik::rows(\"/ip/hotspot/user/profile\").filter(|row| row[\"add-mac-cookie\"] == true).len()",
            "a text and a truth value are never equal: \"true\" == true",
            "\"true\"",
        ),
        (
            "host.filter(|row| row.number(\"limit-bytes-out\") > 1000).len()",
            "an absent value has no order: () > 1000",
            "?? 0",
        ),
        ("1 <= ()", "an absent value has no order: 1 <= ()", "!= ()"),
        ("() < ()", "an absent value has no order: () < ()", "!= ()"),
        ("'a' == 1", "\"a\" == 1", "parse_int"),
        ("decimal(\"1\") != \"1\"", "1 != \"1\"", "parse_int"),
        (
            "1 == true",
            "a number and a truth value are never equal",
            "same kind",
        ),
        (
            "time::parse(\"2026-01-02T00:00:00Z\") == \"2026-01-02\"",
            "a text and a time are never equal: 2026-01-02T00:00:00Z == \"2026-01-02\"",
            "time::parse",
        ),
        (
            "time::parse(\"2026-01-02T00:00:00Z\") > 5",
            "a time and a number have no order",
            "unix()",
        ),
        (
            "[1] < [2]",
            "there is no order among these",
            "texts, numbers",
        ),
        ("\"a\" < 1.5", "have no order", "parse_int"),
        ("2 >= \"1\"", "have no order", "parse_int"),
        ("decimal(\"1\") <= \"1\"", "have no order", "parse_int"),
        (
            "mikrotik::rows(\"/ip/hotspot/host\", #{ adress: \"10.20.0.9\" })",
            "/ip/hotspot/host has no field `adress`",
            "did you mean `address`?",
        ),
        (
            "mikrotik::count(\"/ip/hotspot/host\", [\"?adress=10.20.0.9\"])",
            "has no field `adress`",
            "did you mean `address`?",
        ),
        (
            "mikrotik::rows(\"/ip/hotspot/host\", #{ \"colour-of-eyes\": \"blue\" })",
            "has no field `colour-of-eyes`",
            ".where(",
        ),
        (
            "mikrotik::rows(\"/ip/firewall/address-list\", [\"?comment~x\"])",
            "`?comment~x`: the API cannot search in texts",
            ".filter(",
        ),
        (
            "mikrotik::rows(\"/ip/firewall/address-list\", #{ \"comment~\": \"x\" })",
            "has no field `comment~`",
            ".filter(",
        ),
        (
            "host.where(#{ adress: \"10.20.0.9\" }).len()",
            "no field `adress`",
            "`address`?",
        ),
        (
            "mikrotik::rows(\"/ppp/secret\").first().number(\"password\")",
            "the field `password` holds secrets",
            "",
        ),
        (
            "host.first().number(\"address\")",
            "`address` is no number: \"10.20.0.9\"",
            "",
        ),
    ] {
        let output = run(&site, &spelled(expression)).code(1);
        let error = &output.stdout_json()["error"];
        let text = error["message"].as_str().unwrap();
        assert!(text.contains(message), "{expression}: {error}");
        let given = error["hint"].as_str().unwrap_or_default();
        assert!(given.contains(hint), "{expression}: {error}");
    }
}

#[test]
fn values_are_compared_with_their_like_and_looked_up_among_all() {
    let site = site();
    for (expression, expected) in [
        ("host.first().comment == ()", true),
        ("host.first().comment != \"x\"", true),
        ("host.first() == ()", false),
        ("() == host.first()", false),
        ("() == ()", true),
        ("1 != ()", true),
        ("false == ()", false),
        ("\"a\" == 'a'", true),
        ("'a' != \"ab\"", true),
        ("1 == 1.0", true),
        ("0.1 + 0.2 == 0.3", true),
        ("decimal(\"1.50\") == 1.5", true),
        ("2 != decimal(\"2\")", false),
        (
            "time::parse(\"2026-01-02T00:00:00Z\") == time::parse(\"2026-01-02T07:00:00+07:00\")",
            true,
        ),
        ("[1, \"a\", ()] == [1, \"a\", ()]", true),
        ("[1] != [\"1\"]", true),
        ("#{ a: 1 } == #{ a: \"1\" }", false),
        ("[\"1\", 2].contains(1)", false),
        ("2 in [\"1\", 2]", true),
        ("\"2\" !in [1, 2]", true),
        ("[\"1\", 2].index_of(2) == 1", true),
        ("#{ a: 1 }.contains(\"a\")", true),
        ("switch \"1\" { 1 => false, \"1\" => true }", true),
        // They bind as the engine's own do.
        ("1 + 1 == 2 && !(3 == 4) || \"a\" == 1", true),
        ("1 < 2 == true", true),
    ] {
        assert_eq!(found(&site, &spelled(expression)), expected, "{expression}");
    }
}

#[test]
fn a_text_that_is_no_number_is_shown_up_to_a_line() {
    for use_of in ["text == 1", "rows::from([#{ n: text }])[0].number(\"n\")"] {
        let long = format!("let text = \"x\"; text.pad(1000000, \"y\"); {use_of}");
        let output = run(&site(), &format!("{{ {long} }}")).code(1);
        let error = output.stdout_json()["error"].clone();
        let message = error["message"].as_str().unwrap();
        assert!(message.contains("\"xyy"), "{use_of}: {error}");
        assert!(message.len() < 200, "{use_of}: {error}");
    }
}

#[test]
fn fields_that_no_list_knows_are_read_in_menus_that_no_list_knows() {
    let site = Site::of(&json!({
        "/ip/ipsec/anything": [ { ".id": "*1", "colour": "blue" }, { ".id": "*2" } ],
    }));
    let blue = "mikrotik::rows(\"/ip/ipsec/anything\", #{ colour: \"blue\" }).len()";
    assert_eq!(found(&site, blue), 1);
}
