//! How long and how much anything may take: the one list, with the keys of `[sites.NAME.limits]` and what
//! `--timeout` makes of each.

use std::fmt;
use std::time::Duration;

use serde::Deserialize;
use serde::de::{self, Deserializer, Visitor};

use super::wait::parse_wait;

/// A row each: the limit, what it is without anything configured, its key in a site's file and how it
/// is written there, what it becomes with `--timeout`.
macro_rules! limits {
    ($(
        $(#[$doc:meta])*
        $limit:ident: $kind:ty = $default:expr, $key:ident: $written:ty, $with_timeout:expr;
    )*) => {
        /// How long and how much anything may take.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub struct Limits {
            $($(#[$doc])* pub $limit: $kind,)*
        }

        impl Default for Limits {
            fn default() -> Self {
                Self {
                    $($limit: $default,)*
                }
            }
        }

        impl Limits {
            /// What becomes of the limits with `--timeout`.
            pub fn set_every_wait(&mut self, timeout: Duration) {
                $(self.$limit = $with_timeout(self.$limit, timeout);)*
            }

            /// Lays what a site's file says over these.
            pub(super) fn apply(&mut self, table: &LimitsTable) {
                $(self.$limit = table.$key.map_or(self.$limit, Into::into);)*
            }
        }

        /// `[sites.NAME.limits]`
        #[derive(Debug, Default, Deserialize)]
        #[serde(
            deny_unknown_fields,
            expecting = "a table, such as { router_timeout = \"30s\", max_rows = 1000 }"
        )]
        pub(super) struct LimitsTable {
            $($key: Option<$written>,)*
        }
    };
}

limits! {
    /// Reaching and logging in to a service.
    connect: Duration = Duration::from_secs(10), connect_timeout: Length, replaced;
    /// One SQL statement, its rows included.
    statement: Duration = Duration::from_secs(60), statement_timeout: Length, replaced;
    /// Waiting for a lock inside a statement.
    lock: Duration = Duration::from_secs(5), lock_timeout: Length, Duration::min;
    /// One Redis command.
    redis: Duration = Duration::from_secs(10), redis_timeout: Length, replaced;
    /// The answers of Celery's workers to one question, which those that stay silent get twice. A
    /// worker that is well answers within milliseconds, also while it runs tasks.
    celery: Duration = Duration::from_secs(2), celery_timeout: Length, replaced;
    /// One router command, its rows included.
    router: Duration = Duration::from_mins(10), router_timeout: Length, replaced;
    /// The longest silence of a router that is to answer: a list may take long to come, but it comes.
    router_silence: Duration = Duration::from_secs(20), router_silence: Length, replaced;
    /// One request to the Docker Engine, its answer included.
    docker: Duration = Duration::from_secs(20), docker_timeout: Length, replaced;
    /// One script, or one line of the REPL, its waits included.
    script: Duration = Duration::from_secs(30 * 60), script_timeout: Length, kept;
    /// Rows of one SQL result.
    rows: usize = 1_000_000, max_rows: usize, kept;
    /// Bytes of one SQL result, as they came from the server; looked at row by row, so one value
    /// that is larger still comes whole.
    bytes: usize = 256 * 1024 * 1024, max_bytes: usize, kept;
    /// Bytes of one answer of Redis or of the Docker Engine; an element of a list counts for 64 bytes beside
    /// its own.
    answer: usize = 64 * 1024 * 1024, max_answer: usize, kept;
    /// Bytes of all that a run has read from its routers and still keeps: less than a script may hold.
    memory: usize = 384 * 1024 * 1024, max_memory: usize, kept;
}

/// A wait becomes what was asked for.
fn replaced(_: Duration, timeout: Duration) -> Duration {
    timeout
}

/// What is no wait for a service stays.
fn kept<T>(limit: T, _: Duration) -> T {
    limit
}

/// How long to wait: `"5s"`. A number is read to be refused with what is missing.
#[derive(Debug, Clone, Copy)]
struct Length(Duration);

impl<'de> Deserialize<'de> for Length {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl Visitor<'_> for Reader {
            type Value = Length;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a length of time such as \"5s\"")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Length, E> {
                parse_wait(text).map(Length).map_err(E::custom)
            }

            fn visit_i64<E: de::Error>(self, number: i64) -> Result<Length, E> {
                self.visit_str(&number.to_string())
            }
        }
        deserializer.deserialize_any(Reader)
    }
}

impl From<Length> for Duration {
    fn from(length: Length) -> Self {
        length.0
    }
}
