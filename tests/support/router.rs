//! A simulated router with the runtime that serves it, and a `tikbook` that knows where it is.

use routeros_sim::{Clock, Faults, Id, Options, Simulator, State};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use super::tikbook::Tikbook;

/// Who logs in.
pub const USER: &str = "audit";
/// Their password.
pub const PASSWORD: &str = "s3cret";

/// A simulated router, gone with the value.
pub struct Router {
    /// What is served.
    pub simulator: Simulator,
    _runtime: Runtime,
}

impl Router {
    /// The router of an oracle case.
    pub fn of(case: &Value) -> Router {
        let given: Vec<&str> = case["router_options"]
            .as_array()
            .map(|options| options.iter().filter_map(Value::as_str).collect())
            .unwrap_or_default();
        let refused = given.windows(2).filter(|pair| pair[0] == "--fail-remove");
        Router::start(Options {
            tag_last: given.contains(&"--tag-last"),
            empty_reply: Some(given.contains(&"--empty-reply")),
            faults: Faults {
                refuse_remove: refused
                    .map(|pair| pair[1].parse::<Id>().expect("an id"))
                    .collect(),
                ..Faults::default()
            },
            ..Router::options(&case["router"].to_string())
        })
    }

    /// A router with these rows, as `tikbook simulate --state` takes them.
    pub fn with(state: &str) -> Router {
        Router::start(Router::options(state))
    }

    /// The same, where whoever logs in has an empty password, as on a router that is new.
    pub fn without_password(state: &str) -> Router {
        let options = Router::options(state);
        let password = String::new();
        Router::start(Options {
            password,
            ..options
        })
    }

    /// The same of another release.
    pub fn with_version(state: &str, version: &str) -> Router {
        let version = version.parse().expect("a release");
        Router::start(Options {
            version,
            ..Router::options(state)
        })
    }

    /// The same with a clock of the test's own.
    pub fn with_clock(state: &str, clock: Clock) -> Router {
        let options = Router::options(state);
        Router::start(Options { clock, ..options })
    }

    fn options(state: &str) -> Options {
        Options {
            user: USER.to_owned(),
            password: PASSWORD.to_owned(),
            state: State::from_json(state).expect("the rows can be read"),
            ..Options::default()
        }
    }

    fn start(options: Options) -> Router {
        let runtime = Runtime::new().expect("a runtime can be built");
        let simulator = runtime
            .block_on(Simulator::start(options))
            .expect("a port of 127.0.0.1 is free");
        Router {
            simulator,
            _runtime: runtime,
        }
    }

    /// `tikbook` on the site of this router.
    pub fn tikbook(&self, tikbook: Tikbook) -> Tikbook {
        on_port(tikbook, self.simulator.address().port())
    }

    /// The ids of a menu's rows, in order.
    pub fn ids(&self, menu: &str) -> Vec<String> {
        let rows = self.simulator.rows(menu);
        rows.iter()
            .filter_map(|row| Some(row.id()?.to_string()))
            .collect()
    }
}

/// `tikbook` on the site of a router where nobody listens.
pub fn nowhere(tikbook: Tikbook) -> Tikbook {
    on_port(tikbook, 1)
}

/// `tikbook` on the site of the router on this port.
pub fn on_port(tikbook: Tikbook, port: u16) -> Tikbook {
    let variables = environment(port).into_iter();
    variables.fold(tikbook, |tikbook, (name, value)| tikbook.env(name, value))
}

/// The variables that describe the site of the router on this port.
pub fn environment(port: u16) -> [(&'static str, String); 4] {
    [
        ("MIKROTIK_HOST", "127.0.0.1".to_owned()),
        ("MIKROTIK_PORT", port.to_string()),
        ("MIKROTIK_USERNAME", USER.to_owned()),
        ("MIKROTIK_PASSWORD", PASSWORD.to_owned()),
    ]
}

/// So many rows of the list `blocked`, from `*1` and 10.0.0.1 on, each of a user of its own.
pub fn blocked_rows(count: usize) -> Vec<Value> {
    let row = |n| {
        json!({ ".id": format!("*{n}"), "list": "blocked", "address": format!("10.0.0.{n}"),
                "comment": format!("x|user=0812345670{n}") })
    };
    (1..=count).map(row).collect()
}
