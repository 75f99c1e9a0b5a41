//! `tikbook doctor`: each fault of a service has its check, its cause and its next step.

use std::net::{TcpListener, TcpStream};
use std::os::unix::net::UnixListener;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use routeros_sim::{Clock, Faults, Options, Policy, Simulator, State};
use serde_json::Value;
use tokio::runtime::Runtime;

use crate::support::tikbook::{Output, Tikbook};
use crate::support::{docker, postgres, redis, router, wait_until};

const USER: &str = "doctor";
const PASSWORD: &str = "s3cret-word";

/// The services of a healthy site.
struct House {
    database: postgres::Database,
    redis: redis::Server,
    router: Simulator,
    _runtime: Runtime,
}

impl House {
    fn new() -> House {
        House::with_clock(Clock::running())
    }

    fn with_clock(clock: Clock) -> House {
        House::start(Options {
            clock,
            ..Options::default()
        })
    }

    /// With these rows on the router.
    fn with_rows(rows: &str) -> House {
        House::start(Options {
            state: State::from_json(rows).unwrap(),
            ..Options::default()
        })
    }

    fn start(options: Options) -> House {
        let runtime = Runtime::new().unwrap();
        let options = Options {
            user: USER.to_owned(),
            password: PASSWORD.to_owned(),
            ..options
        };
        let redis = redis::Server::start();
        redis.command(&["SET", "quota_sync:last_run_ts", "1780228700"]);
        House {
            database: postgres::database_with_schema(),
            redis,
            router: runtime.block_on(Simulator::start(options)).unwrap(),
            _runtime: runtime,
        }
    }

    /// Takes a policy from the group of the router's user.
    fn lacks(&self, policy: Policy) {
        self.router.set_faults(Faults {
            lacks: vec![policy],
            ..Faults::default()
        });
    }

    /// A machine that is busy is no fault of a service.
    fn doctor(&self) -> Tikbook {
        self.doctor_within("50s")
    }

    fn doctor_within(&self, timeout: &str) -> Tikbook {
        Tikbook::new()
            .args(["--json", "--timeout", timeout, "doctor"])
            .env("DATABASE_URL", self.database.url())
            .env("REDIS_URL", self.redis.url(0))
            .env("MIKROTIK_HOST", "127.0.0.1")
            .env("MIKROTIK_PORT", self.router.address().port().to_string())
            .env("MIKROTIK_USERNAME", USER)
            .env("MIKROTIK_PASSWORD", PASSWORD)
            .env("DOCKER_HOST", "unix:///nowhere/docker.sock")
    }
}

fn check(output: &Output, id: &str) -> Value {
    let report = output.stdout_json();
    let checks = report["checks"].as_array().unwrap();
    let found = checks.iter().find(|check| check["id"] == id);
    found
        .unwrap_or_else(|| panic!("no check {id}\n{output}"))
        .clone()
}

/// The check failed, says `evidence`, and has an advice.
fn assert_failed(output: &Output, id: &str, evidence: &str) {
    let check = check(output, id);
    assert_eq!(check["status"], "fail", "{output}");
    assert!(
        check["evidence"].as_str().unwrap().contains(evidence),
        "{check}"
    );
    assert!(!check["advice"].as_str().unwrap().is_empty(), "{check}");
}

#[test]
fn a_healthy_site_passes() {
    let output = House::new().doctor().run().code(0);
    for id in [
        "router",
        "router-read",
        "clock-router",
        "database",
        "database-tables",
        "clock-database",
        "redis",
        "redis-database",
        "clock-redis",
    ] {
        assert_eq!(check(&output, id)["status"], "pass", "{id}\n{output}");
    }
    assert_eq!(check(&output, "docker")["status"], "unknown", "{output}");
}

/// A site whose services are all at one port.
fn all_at(port: u16) -> Tikbook {
    let database = format!("postgresql://u:p@127.0.0.1:{port}/d");
    Tikbook::new()
        .args(["--json", "doctor"])
        .env("DATABASE_URL", database)
        .env("REDIS_URL", format!("redis://127.0.0.1:{port}/0"))
        .env("CELERY_BROKER_URL", format!("redis://127.0.0.1:{port}/1"))
        .env("MIKROTIK_HOST", "127.0.0.1")
        .env("MIKROTIK_PORT", port.to_string())
        .env("MIKROTIK_USERNAME", USER)
        .env("MIKROTIK_PASSWORD", PASSWORD)
}

#[test]
fn with_everything_silent_it_says_so_of_each_after_its_own_short_wait() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let output = all_at(silent.local_addr().unwrap().port()).run().code(4);
    for id in ["router", "database", "redis", "broker"] {
        // Far from the ten seconds that each may take by itself.
        assert_failed(&output, id, "within 2s");
    }
}

#[test]
fn every_service_is_asked_before_one_has_answered() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let tikbook = all_at(silent.local_addr().unwrap().port());
    let running = tikbook.args(["--timeout", "10m"]).start();
    let mut asked: Vec<TcpStream> = Vec::new();
    wait_until("all four are asked", || {
        silent.set_nonblocking(true).unwrap();
        asked.extend(silent.accept().map(|(stream, _)| stream));
        asked.len() == 4
    });
    drop((asked, silent));
    let output = running.finish().code(4);
    for id in ["router", "database", "redis", "broker"] {
        assert_failed(&output, id, "");
    }
}

#[test]
fn refused_connections_name_the_address_of_each() {
    let output = router::nowhere(Tikbook::new())
        .args(["--json", "doctor"])
        .env("DATABASE_URL", "postgresql://u:p@127.0.0.1:1/d")
        .env("REDIS_URL", "redis://127.0.0.1:1/0")
        .run()
        .code(4);
    for id in ["router", "database", "redis"] {
        assert_failed(&output, id, "127.0.0.1:1");
    }
}

#[test]
fn a_wrong_password_of_the_router_is_told_and_not_shown() {
    let house = House::new();
    let output = house
        .doctor()
        .env("MIKROTIK_PASSWORD", "wrong-word")
        .run()
        .code(4);
    assert_failed(&output, "router", "");
    assert!(!output.stdout.contains("wrong-word"), "{output}");
    assert_eq!(check(&output, "database")["status"], "pass");
}

#[test]
fn a_login_without_the_policy_api_is_told_beside_the_password() {
    let house = House::new();
    house.lacks(Policy::Api);
    let output = house.doctor().run().code(4);
    assert_failed(&output, "router", "policy `api`");
    let advice = check(&output, "router")["advice"].to_string();
    assert!(advice.contains("/user group print"), "{advice}");
}

#[test]
fn a_login_that_may_not_read_is_told_apart_from_one_that_fails() {
    let house = House::new();
    house.lacks(Policy::Read);
    let output = house.doctor().run().code(4);
    assert_eq!(check(&output, "router")["status"], "pass", "{output}");
    assert_failed(&output, "router-read", "not enough permissions");
    let advice = check(&output, "router-read")["advice"].to_string();
    assert!(advice.contains("policies read and api"), "{advice}");
}

#[test]
fn a_login_that_may_only_read_is_all_that_reading_needs() {
    let house = House::new();
    house.lacks(Policy::Write);
    let output = house.doctor().run().code(0);
    assert_eq!(check(&output, "router-read")["status"], "pass");
}

#[test]
fn a_router_whose_name_nobody_knows_is_told() {
    let house = House::new();
    let tikbook = house.doctor().env("MIKROTIK_HOST", "router.invalid");
    let output = tikbook.run().code(4);
    assert_failed(&output, "router", "router.invalid");
    assert_eq!(check(&output, "database")["status"], "pass", "{output}");
}

#[test]
fn wrong_passwords_of_database_and_redis_are_told_and_not_shown() {
    let mut house = House::new();
    house.redis = redis::Server::start_with(&["--requirepass", "right-word"]);
    let url = house
        .database
        .url()
        .replace(postgres::PASSWORD, "wrong-word");
    let redis = house.redis.url(0).replace("//", "//:wrong-word@");
    let output = house
        .doctor()
        .env("DATABASE_URL", url)
        .env("REDIS_URL", redis)
        .run()
        .code(4);
    assert_failed(&output, "database", "password");
    assert_failed(&output, "redis", "cannot log in");
    assert!(!output.stdout.contains("wrong-word"), "{output}");
    assert_eq!(check(&output, "router")["status"], "pass");
}

/// Each silent service costs its own answer only; `docker` has one and may stay unasked.
#[test]
fn one_silent_service_does_not_hide_the_others() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port();
    let house = House::new();
    let dead = [
        ("router", "MIKROTIK_PORT", port.to_string()),
        (
            "database",
            "DATABASE_URL",
            format!("postgresql://u:p@127.0.0.1:{port}/d"),
        ),
        ("redis", "REDIS_URL", format!("redis://127.0.0.1:{port}/0")),
        (
            "broker",
            "CELERY_BROKER_URL",
            format!("redis://127.0.0.1:{port}/1"),
        ),
    ];
    let started = dead.map(|(id, variable, value)| {
        let doctor = house.doctor_within("8s").env(variable, value);
        (id, doctor.start())
    });
    for (id, running) in started {
        let output = running.finish().code(4);
        assert_failed(&output, id, "");
        for other in ["router", "database", "redis"] {
            let expected = if other == id { "fail" } else { "pass" };
            assert_eq!(check(&output, other)["status"], expected, "{id}\n{output}");
        }
    }
}

#[test]
fn a_broker_that_is_gone_fails_and_one_that_answers_passes() {
    let house = House::new();
    let mut broker = redis::Server::start();
    let doctor = || house.doctor().env("CELERY_BROKER_URL", broker.url(1));
    assert_eq!(check(&doctor().run().code(0), "broker")["status"], "pass");
    let gone = doctor();
    broker.kill();
    assert_failed(&gone.run().code(4), "broker", "127.0.0.1");
}

#[test]
fn the_socket_of_docker_is_opened_refused_or_missing() {
    let house = House::new();
    // Doctor looks at all containers, and on the shared Engine those of other tests come and go.
    let engine = docker::Engine::start();
    let docker = |host: &str| {
        let output = house.doctor().env("DOCKER_HOST", host).run().code(0);
        check(&output, "docker")["status"].clone()
    };
    assert_eq!(docker(&engine.host()), "pass");
    let folder = tempfile::tempdir().unwrap();
    let dead = folder.path().join("docker.sock");
    drop(UnixListener::bind(&dead).unwrap());
    assert_eq!(docker(&format!("unix://{}", dead.display())), "warn");
    assert_eq!(docker("unix:///nowhere/docker.sock"), "unknown");
    assert_eq!(docker("tcp://127.0.0.1:1"), "warn");
    assert_eq!(docker("ssh://pi@router"), "unknown");
}

#[test]
fn a_database_without_the_portals_tables_is_not_the_portals() {
    let house = House::new();
    let empty = postgres::database();
    let output = house
        .doctor()
        .env("DATABASE_URL", empty.url())
        .run()
        .code(4);
    assert_eq!(check(&output, "database")["status"], "pass");
    assert_failed(&output, "database-tables", "users");
    assert_eq!(
        check(&output, "clock-database")["status"],
        "pass",
        "{output}"
    );
}

#[test]
fn the_brokers_database_is_not_the_portals() {
    let house = House::new();
    house.redis.command(&["DEL", "quota_sync:last_run_ts"]);
    let output = house.doctor().run().code(0);
    assert_eq!(check(&output, "redis-database")["status"], "warn");
    house.redis.command(&["SADD", "_kombu.binding.celery", "x"]);
    let output = house.doctor().run().code(4);
    assert_failed(&output, "redis-database", "broker");
}

#[test]
fn a_router_two_hours_off_is_told() {
    let off = Timestamp::now() - jiff::SignedDuration::from_hours(2);
    let house = House::with_clock(Clock::standing(
        off.to_zoned_datetime(TimeZone::UTC).datetime(),
    ));
    let output = house.doctor().run().code(4);
    assert_failed(&output, "clock-router", "behind");
}

#[test]
fn a_site_that_nobody_described_is_wrong_use_and_no_clean_bill() {
    let output = Tikbook::new()
        .args(["--json", "doctor"])
        .env("DOCKER_HOST", "unix:///nowhere/docker.sock")
        .run()
        .code(2);
    assert_eq!(check(&output, "router")["status"], "unknown");
}

#[test]
fn lists_that_the_router_has_by_other_names_are_a_warning() {
    let rows = |list: &str| {
        format!(
            r#"{{"/ip/firewall/address-list": [{{"list": "{list}", "address": "10.0.0.1",
                "comment": "lpsaring|status=blocked|user=081200000001"}}]}}"#
        )
    };
    let elsewhere = House::with_rows(&rows("klient_blocked"));
    let output = elsewhere.doctor().run().code(0);
    let told = check(&output, "router-lists");
    assert_eq!(told["status"], "warn", "{output}");
    let text = |field: &str| told[field].as_str().unwrap().to_owned();
    assert!(text("evidence").contains("klient_blocked"), "{told}");
    let setting = "MIKROTIK_ADDRESS_LIST_BLOCKED=klient_blocked";
    assert!(text("advice").contains(setting), "{told}");

    // A row that is foreign, or switched off, speaks for no name.
    for other in [
        r#""comment": "spam""#,
        r#""comment": "lpsaring|status=blocked|user=081200000001", "disabled": "true""#,
    ] {
        let other = format!(r#"[{{"list": "blocked", "address": "10.0.0.2", {other}}}, "#);
        let beside = House::with_rows(&rows("klient_blocked").replace('[', &other));
        let output = beside.doctor().run().code(0);
        let told = check(&output, "router-lists");
        assert_eq!(told["status"], "warn", "{output}");
        assert!(told["advice"].as_str().unwrap().contains(setting), "{told}");
    }
    // Nor does the name of another list.
    let inactive = ("MIKROTIK_ADDRESS_LIST_INACTIVE", "klient_blocked");
    let output = elsewhere.doctor().env(inactive.0, inactive.1).run().code(0);
    assert_eq!(check(&output, "router-lists")["status"], "warn", "{output}");

    let kinds = [
        "ACTIVE",
        "FUP",
        "HABIS",
        "EXPIRED",
        "INACTIVE",
        "BLOCKED",
        "UNAUTHORIZED",
    ];
    let named = kinds.iter().fold(elsewhere.doctor(), |doctor, kind| {
        doctor.env(
            &format!("MIKROTIK_ADDRESS_LIST_{kind}"),
            format!("house_{kind}"),
        )
    });
    let by_default = House::with_rows(&rows("blocked"));
    let foreign =
        House::with_rows(&rows("klient_blocked").replace("lpsaring|status=blocked|user=", ""));
    for doctor in [named, by_default.doctor(), foreign.doctor()] {
        let output = doctor.run().code(0);
        assert_eq!(check(&output, "router-lists")["status"], "pass", "{output}");
    }
}
