//! What a simulator can be told to do wrong.

use std::str::FromStr;
use std::time::Duration;

use crate::Id;

/// Misbehaviour of the simulated router, for tests of clients. The default is none.
///
/// Counters begin anew with every [`Simulator::set_faults`](crate::Simulator::set_faults).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Faults {
    /// Time between the arrival of a command and its execution. Commands of one connection wait
    /// side by side and are executed in the order of their arrival.
    pub latency: Duration,
    /// After so many commands, counted over all connections, each one waits a millisecond longer than
    /// the one before it, up to a second.
    pub slower_after: Option<u32>,
    /// Of the commands that wait on a connection the last one is executed first. A router promises no
    /// order between commands that it was sent side by side.
    pub last_first: bool,
    /// Time for each printed row. Other commands go on meanwhile.
    pub row_latency: Duration,
    /// Cuts what is sent into pieces of so many bytes, each flushed.
    pub chunk: Option<usize>,
    /// Closes a connection after it was sent so many rows, however many commands they belong to.
    pub drop_after_rows: Option<usize>,
    /// With `drop_after_rows`: sends half of the next row before closing.
    pub drop_inside_row: bool,
    /// Sends nothing more on a connection after so many rows, and leaves it open.
    pub stall_after_rows: Option<usize>,
    /// Ends every print with the trap of a vanished row after so many rows.
    pub trap_after_rows: Option<usize>,
    /// Rows that cannot be touched: a print ends with a trap in their place, other commands fail.
    pub trap_on: Vec<Id>,
    /// Rows that cannot be removed.
    pub refuse_remove: Vec<Id>,
    /// Refuses every login as if the password were wrong.
    pub refuse_login: bool,
    /// Policies that the user's group lacks.
    pub lacks: Vec<Policy>,
    /// Takes connections and commands and never sends a byte.
    pub silent: bool,
    /// Sends a word that announces so many bytes in place of the first row, and then nothing.
    pub announce_word: Option<u64>,
    /// Sends bytes that are no protocol after the answer to the login.
    pub garbage: bool,
    /// Announces one byte too many for the first field of each row.
    pub lie_length: bool,
    /// Executes the n-th `remove` command, counted over all connections, and closes its
    /// connection in place of the answer.
    pub die_after_removes: Option<usize>,
}

/// What the group of a user may allow (manual "User").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Policy {
    /// To log in over the API; without it the login fails as with a wrong password (seen).
    Api,
    /// To see rows.
    Read,
    /// To change rows; it does not imply [`Policy::Read`].
    Write,
    /// To measure: ping, traceroute, torch.
    Test,
    /// To see secrets; without it rows lack them (documented; that they lack them and do not show stars is ours).
    Sensitive,
    /// To start the router anew.
    Reboot,
    /// To change users and groups, beside [`Policy::Write`].
    Policy,
}

impl Policy {
    /// Each with its name.
    const ALL: [(&str, Policy); 7] = [
        ("api", Policy::Api),
        ("read", Policy::Read),
        ("write", Policy::Write),
        ("test", Policy::Test),
        ("sensitive", Policy::Sensitive),
        ("reboot", Policy::Reboot),
        ("policy", Policy::Policy),
    ];

    /// What a command of this name wants.
    pub(crate) fn of_verb(verb: &str) -> Policy {
        match verb {
            "print" | "getall" | "listen" | "get" | "monitor" | "monitor-traffic" => Policy::Read,
            _ => Policy::Write,
        }
    }
}

impl FromStr for Policy {
    type Err = PolicyError;

    /// Reads the name that the router has for it.
    fn from_str(text: &str) -> Result<Policy, PolicyError> {
        let known = Policy::ALL.iter().find(|(name, _)| *name == text);
        known.map(|(_, policy)| *policy).ok_or_else(|| PolicyError {
            text: text.to_owned(),
        })
    }
}

/// A word that is no policy which the simulator looks at.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is none of the policies {}", Policy::ALL.map(|(name, _)| name).join(", "))]
pub struct PolicyError {
    text: String,
}

/// How much longer a command of a router that slows down takes than the one before it, and how long at
/// the most.
const SLOWER_BY: Duration = Duration::from_millis(1);
const SLOWEST: Duration = Duration::from_secs(1);

impl Faults {
    /// Time between the arrival of the `count`-th command and its execution.
    pub(crate) fn latency_of(&self, count: u32) -> Duration {
        let late = self.slower_after.map(|after| count.saturating_sub(after));
        let slower = SLOWER_BY.saturating_mul(late.unwrap_or_default());
        self.latency + slower.min(SLOWEST)
    }

    /// Whether the user's group lets them do what `policy` stands for.
    pub(crate) fn allows(&self, policy: Policy) -> bool {
        !self.lacks.contains(&policy)
    }

    /// Whether a command may not touch `id`.
    pub(crate) fn traps_on(&self, id: Id) -> bool {
        self.trap_on.contains(&id)
    }
}
