//! The site as the command line sees it: where it is described, and what is said and returned when
//! a service of it cannot be used. No message may show a password.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use crate::support::router::{Router, USER};
use crate::support::tikbook::{Output, Tikbook};
use crate::support::{closed_port, mariadb, postgres, redis, sqlite};

const SECRET: &str = "s3cret-word";

/// Asks both services; what they answer stands in the report's title.
const ASK: &str = r#"//! Asks the database and Redis.
const RUNBOOK = #{ reads: ["db", "redis"], writes: [], params: #{ ask: #{ type: "string", "default": "db", help: "which service" } } };
fn run(args) {
    let answer = if args.ask == "db" { db::value("SELECT 42") } else { redis::type("nothing") };
    report::create(`the answer is ${answer}`)
}
"#;

fn ask(service: &str) -> Tikbook {
    Tikbook::new()
        .file("ask.rhai", ASK)
        .args(["-vv", "run", "./ask.rhai", "--ask", service])
}

fn says(output: Output, code: i32, words: &[&str]) {
    let output = output.code(code);
    // The text for a terminal is broken into lines.
    let shown = output.to_string().replace("\n  │ ", " ");
    for word in words {
        assert!(shown.contains(word), "`{word}` is missing in\n{shown}");
    }
    assert!(!shown.contains(SECRET), "{shown}");
}

#[test]
fn the_portals_environment_describes_a_site() {
    let database = postgres::database();
    let server = redis::Server::start_with(&["--requirepass", SECRET]);
    let url = database.url();
    says(
        ask("db").env("DATABASE_URL", &url).run(),
        0,
        &["the answer is 42"],
    );
    let redis = ask("redis")
        .env("REDIS_HOST_OTP", "127.0.0.1")
        .env("REDIS_PORT_OTP", server.port().to_string())
        .env("REDIS_PASSWORD_OTP", SECRET);
    says(redis.run(), 0, &["the answer is none"]);
}

#[test]
fn an_environment_file_describes_a_site() {
    let database = mariadb::database();
    let text = format!(
        "# the portal's own\nexport DATABASE_URL='{}'\n",
        database.url()
    );
    let output = ask("db")
        .file(".env.prod", text)
        .args(["--env-file", ".env.prod"]);
    says(output.run(), 0, &["the answer is 42"]);
    let broken = ask("db")
        .file("broken.env", "A=1\nB : 2\n")
        .args(["--env-file", "broken.env"]);
    says(broken.run(), 2, &["line 2", "broken.env"]);
}

#[test]
fn a_name_in_an_environment_file_may_be_made_of_another_variable() {
    let router = Router::with(
        r#"{"/ip/firewall/address-list": [{"list": "klient_blocked", "address": "10.0.0.1",
            "comment": "lpsaring|status=blocked|user=081200000001"}]}"#,
    );
    let database = sqlite::database_with_schema();
    let audit = |value: &str| {
        let text = format!("PREFIX=klient\nMIKROTIK_ADDRESS_LIST_BLOCKED={value}\n");
        let tikbook = Tikbook::new()
            .env("DATABASE_URL", database.url())
            .file("site.env", text)
            .args(["--json", "--env-file", "site.env", "run", "audit"]);
        router.tikbook(tikbook).run()
    };
    for (value, list) in [
        ("${PREFIX}_blocked", "klient_blocked"),
        ("\"${PREFIX:-x}_blocked\"", "klient_blocked"),
        ("${NOPE:-klient}_blocked", "klient_blocked"),
        ("'${PREFIX}_blocked'", "${PREFIX}_blocked"),
    ] {
        let report = audit(value).code(0).stdout_json();
        assert_eq!(report["blocked_list"], list, "{value}");
    }
    let unset = audit("${PREFX}_blocked");
    says(
        unset,
        2,
        &["line 2", "site.env", "is not set", "single quotes"],
    );
}

#[test]
fn a_project_file_describes_several_sites() {
    let database = sqlite::database();
    let text = format!(
        "default_site = \"south\"\n[sites.north]\ndatabase.url = \"{}\"\n[sites.south]\ndatabase.url = \"sqlite:///absent.db\"\n",
        database.url()
    );
    let north = ask("db")
        .file("tikbook.toml", &text)
        .args(["--site", "north"]);
    says(north.run(), 0, &["the answer is 42"]);
    says(
        ask("db").file("tikbook.toml", &text).run(),
        4,
        &["absent.db"],
    );
    let wrong = ask("db")
        .file("tikbook.toml", &text)
        .args(["--site", "nroth"]);
    says(
        wrong.run(),
        2,
        &["unknown site `nroth`", "did you mean `north`?"],
    );
}

fn says_on_stdout(output: Output, words: &[&str]) {
    let output = output.code(0);
    for word in words {
        assert!(output.stdout.contains(word), "{word}: {output}");
    }
}

#[test]
fn the_sites_are_listed_with_what_is_configured_and_what_is_wrong_without_asking_any() {
    let text = "default_site = \"south\"\n[sites.north.routers.gw]\nhost = \"192.0.2.1\"\n\
                [sites.north.routers.ap]\nhost = \"::1\"\ntls = true\n\
                [sites.south]\ndatabase.url = \"sqlite:///absent.db\"\n\
                [sites.west]\ntime_zone = \"No/Where\"\n";
    let sites = || Tikbook::new().file("tikbook.toml", text).arg("sites");
    // Also where none is meant, or the one that is meant is wrong.
    for text in [
        text.replace("default_site = \"south\"\n", ""),
        text.replace("\"south\"\n", "\"west\"\n"),
    ] {
        let sites = Tikbook::new().file("tikbook.toml", text).arg("sites");
        says_on_stdout(sites.run(), &["north", "south", "west", "demo"]);
    }
    // What needs no site asks for none.
    let several = text.replace("default_site = \"south\"\n", "");
    for args in [
        &["list"][..],
        &["doc", "redis"],
        &["show", "audit"],
        &["check"],
    ] {
        let command = Tikbook::new().file("tikbook.toml", &several).args(args);
        command.run().code(0);
    }
    let json = sites().arg("--json").run().code(0).stdout_json();
    let of = |name: &str| {
        let mut sites = json.as_array().unwrap().iter();
        sites.find(|site| site["name"] == name).unwrap().clone()
    };
    let addresses: Vec<_> = of("north")["routers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|router| (router["address"].clone(), router["tls"].clone()))
        .collect();
    assert_eq!(addresses.len(), 2, "{json}");
    assert!(
        addresses.contains(&("192.0.2.1:8728".into(), false.into())),
        "{json}"
    );
    assert!(
        addresses.contains(&("[::1]:8729".into(), true.into())),
        "{json}"
    );
    assert_eq!(of("south")["configured"], serde_json::json!(["database"]));
    assert_eq!(
        (
            of("south")["default"].clone(),
            of("north")["default"].clone()
        ),
        (true.into(), false.into())
    );
    assert_eq!(of("west")["time_zone"], serde_json::Value::Null);
    assert!(
        of("west")["problem"]["message"]
            .as_str()
            .is_some_and(|message| message.contains("No/Where")),
        "{json}"
    );
    assert_eq!(of("demo")["problem"], serde_json::Value::Null);
    let text = sites().run().code(0).stdout;
    for part in ["south (default)", "gw (192.0.2.1:8728)", "cannot be used: "] {
        assert!(text.contains(part), "{text}");
    }
}

#[test]
fn a_mistake_in_the_project_file_is_a_wrong_configuration() {
    for (text, words) in [
        (
            "[sites.n]\ncolour = 1\n",
            ["unknown key `colour`", "at line 2"],
        ),
        (
            "[sites.n.routers.gw]\nhost = \"h\"\npassword = \"s3cret-word\"\n",
            ["password_file", "at line 3"],
        ),
        (
            "[sites.n.database]\nurl = \"postgresql://u:s3cret-word@h/d\"\n",
            ["password_env", "database"],
        ),
    ] {
        says(ask("db").file("tikbook.toml", text).run(), 2, &words);
    }
}

#[test]
fn a_service_that_is_not_configured_is_a_wrong_configuration() {
    says(
        ask("db").run(),
        2,
        &["no database is configured", "DATABASE_URL", "--site demo"],
    );
    says(
        ask("redis").run(),
        2,
        &["no redis is configured", "REDIS_HOST_OTP"],
    );
}

#[test]
fn a_service_that_cannot_be_reached_is_named_with_its_address_and_a_next_step() {
    let port = closed_port();
    let address = format!("127.0.0.1:{port}");
    for scheme in ["postgresql+psycopg2", "mysql+pymysql"] {
        let url = format!("{scheme}://portal:{SECRET}@{address}/hotspot");
        let output = ask("db").env("DATABASE_URL", url).run();
        says(output, 4, &["database", &address, "refused", "help:"]);
    }
    let url = format!("redis://:{SECRET}@{address}/0");
    let output = ask("redis").env("REDIS_URL", url).run();
    says(output, 4, &["redis", &address, "refused", "help:"]);
}

#[test]
fn a_wrong_password_is_told_from_a_dead_server() {
    let (postgres, mariadb) = (postgres::database(), mariadb::database());
    let server = redis::Server::start_with(&["--requirepass", "right"]);
    for url in [
        postgres.url().replace(postgres::PASSWORD, SECRET),
        mariadb.url().replace(mariadb::PASSWORD, SECRET),
    ] {
        let output = ask("db").env("DATABASE_URL", url).run();
        says(output, 4, &["cannot log in to the database", "help:"]);
    }
    let url = server
        .url(0)
        .replace("redis://", &format!("redis://:{SECRET}@"));
    says(
        ask("redis").env("REDIS_URL", url).run(),
        4,
        &["cannot log in to redis", "help:"],
    );
}

#[test]
fn a_server_that_is_silent_is_given_up_within_the_timeout() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = silent.local_addr().unwrap().to_string();
    let started = Instant::now();
    for (service, name, url) in [
        (
            "db",
            "DATABASE_URL",
            format!("postgresql://u:{SECRET}@{address}/d"),
        ),
        (
            "db",
            "DATABASE_URL",
            format!("mysql://u:{SECRET}@{address}/d"),
        ),
        (
            "redis",
            "REDIS_URL",
            format!("redis://:{SECRET}@{address}/0"),
        ),
    ] {
        let output = ask(service).env(name, url).args(["--timeout", "1s"]).run();
        says(output, 4, &[&address, "1s"]);
    }
    // Far from a minute each, which the limits would allow without the flag.
    assert!(started.elapsed() < Duration::from_secs(30));
}

#[test]
fn a_script_sees_no_secret_and_nothing_of_the_environment_that_is_not_the_portals() {
    let database = sqlite::database_with_schema();
    database.execute(
        "INSERT INTO application_settings (setting_key, setting_value) VALUES \
         ('SMTP_PASSWORD', 'hunter2'), ('HOUSE_NAME', 'Melati')",
    );
    let cases = [
        ("SECRET_KEY", "***"),
        ("DATABASE_URL", "***"),
        ("CELERY_BROKER_URL", "***"),
        ("REDIS_PASSWORD_OTP", "***"),
        ("SMTP_PASSWORD", "***"),
        ("HOUSE_NAME", "Melati"),
        ("MAX_DEVICES_PER_USER", "5"),
        ("HOME", "absent"),
        ("AWS_SECRET_ACCESS_KEY", "absent"),
        ("NOTHING", "absent"),
    ];
    let read: Vec<String> = cases
        .iter()
        .map(|(name, _)| format!("`{name}=${{portal::setting(\"{name}\", \"absent\")}}`"))
        .collect();
    let output = Tikbook::new()
        .args(["run", "-e", &format!("[{}]", read.join(", "))])
        .env("DATABASE_URL", database.url())
        .env("SECRET_KEY", "hunter2")
        .env("CELERY_BROKER_URL", "redis://:hunter2@127.0.0.1:1/1")
        .env("REDIS_PASSWORD_OTP", "hunter2")
        .env("MAX_DEVICES_PER_USER", "5")
        .env("AWS_SECRET_ACCESS_KEY", "hunter2")
        .run()
        .code(0);
    for (name, expected) in cases {
        let line = format!("{name}={expected}");
        assert!(output.stdout.contains(&line), "{line}\n{output}");
    }
    assert!(!output.stdout.contains("hunter2"), "{output}");
}

#[test]
fn an_empty_router_password_is_one() {
    let router = Router::without_password("{}");
    let port = router.simulator.address().port();
    let place = |password: &str| {
        format!(
            "[sites.n.routers.gw]\nhost = \"127.0.0.1\"\nport = {port}\nuser = \"{USER}\"\n{password}\n"
        )
    };
    let count = || Tikbook::new().args(["run", "-e", "mikrotik::count(\"/ip/arp\")"]);
    let of_environment = || router.tikbook(count());
    let of_file = |password: &str| {
        let file = place(password);
        count().file("tikbook.toml", file).file("secret", "\n")
    };
    let empty = "password_env = \"GW_PASSWORD\"";
    // Said to be empty by a variable or a file, or not at all.
    for command in [
        of_environment().env("MIKROTIK_PASSWORD", ""),
        of_file(empty).env("GW_PASSWORD", ""),
        of_file(empty)
            .file("site.env", "GW_PASSWORD=\n")
            .args(["--env-file", "site.env"]),
        of_file("password_file = \"secret\""),
        of_file(""),
    ] {
        let output = command.run().code(0);
        assert_eq!(output.stdout, "0\n", "{output}");
    }
    // Empty is absent in the portal's own variable: what the file says counts then.
    let wrong = of_file("password_env = \"GW_PASSWORD\"").env("GW_PASSWORD", SECRET);
    let refused = wrong.env("MIKROTIK_PASSWORD", "").run();
    says(refused, 4, &["invalid user name or password"]);
    // A variable that is not there is none.
    says(of_file(empty).run(), 2, &["is not set"]);
}
