//! Commands that answer again and again.

use std::time::Duration;

use routeros_proto::Request;
use routeros_schema::value::duration;

use crate::Row;
use crate::router::Router;
use crate::trap::Trap;

/// Rows that come again and again, each time as they are then.
pub(crate) struct Watch {
    /// The time from one round to the next.
    pub(crate) every: Duration,
    /// How many rounds there are; without an end they go on until the command is cancelled.
    rounds: Option<u32>,
    /// Whether each row says in `.section` of which round it is (seen of periodic commands).
    pub(crate) has_sections: bool,
    rows: Box<Round>,
}

/// Gives the rows of a round.
type Round = dyn FnMut(&mut Router, u32) -> Vec<Row> + Send;

/// Nobody is to keep the router busy with rounds that never pause (ours).
const SHORTEST: Duration = Duration::from_millis(10);

impl Watch {
    /// What `rows` gives in each round, that counts from 0.
    ///
    /// `interval` of the request is the time between two rounds, a second without it. `once` ends it after the first
    /// round, `count` after so many, `duration` after that time.
    ///
    /// # Errors
    /// A value that is none.
    pub(super) fn new(
        request: &Request,
        rows: impl FnMut(&mut Router, u32) -> Vec<Row> + Send + 'static,
    ) -> Result<Watch, Trap> {
        let every = time(request, "interval")?.unwrap_or(Duration::from_secs(1));
        let every = every.max(SHORTEST);
        let in_time = time(request, "duration")?.map(|time| {
            let rounds = time.as_millis().div_ceil(every.as_millis()).max(1);
            u32::try_from(rounds).unwrap_or(u32::MAX)
        });
        let once = request.get("once").map(|_| 1);
        let rounds = once.into_iter().chain(count(request)?).chain(in_time).min();
        Ok(Watch {
            every,
            rounds,
            has_sections: true,
            rows: Box::new(rows),
        })
    }

    /// The same, whose rows are not told apart by rounds.
    pub(super) fn without_sections(self) -> Watch {
        Watch {
            has_sections: false,
            ..self
        }
    }

    /// The rows of a round; `None` when there is no such round.
    pub(crate) fn rows(&mut self, router: &mut Router, round: u32) -> Option<Vec<Row>> {
        let goes_on = self.rounds.is_none_or(|rounds| round < rounds);
        goes_on.then(|| (self.rows)(router, round))
    }

    /// Whether a round is the last one.
    pub(crate) fn is_last(&self, round: u32) -> bool {
        self.rounds.is_some_and(|rounds| round + 1 >= rounds)
    }
}

/// The argument `count`.
pub(super) fn count(request: &Request) -> Result<Option<u32>, Trap> {
    let Some(count) = request.get("count") else {
        return Ok(None);
    };
    let count = std::str::from_utf8(count)
        .ok()
        .and_then(|count| count.parse().ok());
    count.map(Some).ok_or_else(|| Trap::invalid("count"))
}

fn time(request: &Request, name: &str) -> Result<Option<Duration>, Trap> {
    let time = request.get(name).map(duration::parse).transpose();
    time.map_err(|_| Trap::invalid_time(name))
}
