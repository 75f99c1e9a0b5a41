//! Sends what was judged: in order, and side by side what does not hang together.

use std::collections::{HashMap, HashSet};

use routeros_api::{Class, ClientError, Id};
use tokio_util::sync::CancellationToken;

use super::fields::Fields;
use super::guard::Ceiling;
use super::judge::{Judged, is_row, not_made_before, not_sent_because};
use super::menu::{self, Sent};
use super::order::Spot;
use super::planned::{Action, Change, Outcome, Status};
use super::together::{Hold, Rows, holds, rows_of};
use super::window::Window;
use super::{keys, tables};
use session::Session;
use session::write::{self, RouterWriter};
use site::config::Service;
use site::grant::{Grant, Permit, Target};

/// Sends the changes of one run.
pub struct Sender<'a> {
    session: &'a Session,
    grant: &'a Grant,
    /// Stops the run between two sends.
    cancel: &'a CancellationToken,
    window: Window,
    /// Why nothing more is sent.
    ended: Option<String>,
    /// What changes held that were not made.
    unmade: HashSet<Hold>,
    /// The ids of rows that came back, by those that they had.
    back: HashMap<(Rows, String), String>,
}

impl<'a> Sender<'a> {
    /// A sender with the leave that `grant` gives, until `cancel`.
    pub fn new(session: &'a Session, grant: &'a Grant, cancel: &'a CancellationToken) -> Self {
        Self {
            session,
            grant,
            cancel,
            window: Window::default(),
            ended: None,
            unmade: HashSet::new(),
            back: HashMap::new(),
        }
    }

    /// Sends what goes ahead, in order: side by side only what does not hang together.
    pub async fn send(&mut self, batch: &mut [Judged], ceiling: &mut Ceiling<'_>) {
        let mut rest: Vec<&mut Judged> = batch
            .iter_mut()
            .filter(|judged| judged.goes_ahead())
            .collect();
        while !rest.is_empty() {
            let lane = lane_of(&rest[0].change);
            let mut held = HashSet::new();
            let is_beside = |change: &&Change| {
                let holds = holds(change);
                let is_free = holds.iter().all(|hold| !held.contains(hold));
                held.extend(holds);
                is_free && lane_of(change) == lane
            };
            let changes = rest.iter().map(|judged| &judged.change);
            let after = match is_in_order(&rest[0].change) {
                true => 1,
                false => changes.take_while(is_beside).count(),
            };
            let after = rest.split_off(after);
            for judged in &mut rest {
                let held = holds(&judged.change);
                if let Some(hold) = held.iter().find(|hold| self.unmade.contains(hold)) {
                    judged.outcome = Some(not_made_before(hold));
                }
            }
            let mut going: Vec<&mut Judged> = rest
                .into_iter()
                .filter(|judged| judged.goes_ahead())
                .collect();
            match going.first().map(|judged| is_row(&judged.change)) {
                None => {}
                Some(true) => self.send_rows(&mut going).await,
                Some(false) => {
                    self.send_commands(&mut going, ceiling).await;
                }
            }
            let is_made = |judged: &Judged| {
                let made = [Status::Applied, Status::Skipped];
                let outcome = judged.outcome.as_ref();
                outcome
                    .is_some_and(|outcome| made.contains(&outcome.status) && !outcome.is_not_sent())
            };
            let unmade = going.iter().filter(|judged| !is_made(judged));
            let unmade = unmade.flat_map(|judged| holds(&judged.change));
            self.unmade.extend(unmade);
            rest = after;
        }
    }

    async fn send_rows(&mut self, lane: &mut [&mut Judged]) {
        let writer = match self.writer(&lane[0].change).await {
            Ok(writer) => writer,
            Err(why) => {
                self.ended.get_or_insert(why);
                None
            }
        };
        let Some(writer) = writer.filter(|_| self.ended.is_none()) else {
            return not_sent(lane, &self.ended);
        };
        let (ended, cancel) = (&mut self.ended, self.cancel);
        let changes: Vec<&Change> = lane.iter().map(|judged| &judged.change).collect();
        let go_on = |answer: Option<&Outcome>| {
            if cancel.is_cancelled() {
                ended.get_or_insert("the run was stopped".to_owned());
            }
            if let Some(outcome) = answer.filter(|outcome| outcome.status == Status::Unknown) {
                let why = outcome
                    .why
                    .as_deref()
                    .unwrap_or("the router did not answer");
                ended.get_or_insert(why.to_owned());
            }
            ended.is_none()
        };
        let places = &self.back;
        let answers = self
            .window
            .run(changes, |change| send_row(&writer, change, places), go_on)
            .await;
        for (judged, answer) in lane.iter_mut().zip(answers) {
            let came_back = answer.as_ref().and_then(|outcome| outcome.id.clone());
            let row = rows_of(&judged.change).zip(judged.change.replaces.clone());
            self.back.extend(row.zip(came_back));
            judged.outcome = answer;
        }
        not_sent(lane, &self.ended);
    }

    /// The leave to write `target`.
    #[expect(clippy::disallowed_methods, reason = "this is what sends")]
    fn permit(&self, target: &Target) -> Option<Permit> {
        self.grant.permit(target)
    }

    /// Where a change of a row goes.
    async fn writer(&self, change: &Change) -> Result<Option<RouterWriter>, String> {
        let Some(permit) = self.permit(&change.target) else {
            return Ok(None);
        };
        let router = self.session.router(change.router.as_deref()).await;
        let router = router.map_err(|error| error.to_string())?;
        Ok(write::router(&router, permit))
    }

    async fn send_commands(&mut self, lane: &mut [&mut Judged], ceiling: &mut Ceiling<'_>) {
        for judged in lane.iter_mut() {
            if self.ended.is_some() {
                break;
            }
            let change = &judged.change;
            let targets = change.targets();
            let permits = targets
                .iter()
                .filter_map(|target| self.permit(target))
                .collect();
            judged.outcome = Some(match change.action {
                Action::Execute => tables::send(self.session, change, permits, ceiling).await,
                _ => keys::send(self.session, change, permits).await,
            });
            if let Some(refusal) = &ceiling.refusal {
                self.ended.get_or_insert(refusal.to_string());
            }
        }
        not_sent(lane, &self.ended);
    }
}

/// What is sent side by side: changes of one kind of one menu of one router, of one other service.
fn lane_of(change: &Change) -> (Service, Option<Rows>, Action) {
    (change.target.service(), rows_of(change), change.action)
}

/// Rows of a menu whose order counts are added one by one, so that they stand as they were asked for.
fn is_in_order(change: &Change) -> bool {
    change.action == Action::Add && menu::is_ordered(&change.target)
}

/// The row that an added one comes before: the nearest that is there.
fn place_before(change: &Change, back: &HashMap<(Rows, String), String>) -> Option<String> {
    let rows = rows_of(change)?;
    let mut spots = change.followed_by.iter().flat_map(|place| &place.now);
    spots.find_map(|spot| match spot {
        Spot::There(id) => Some(id.clone()),
        Spot::Back(id) => back.get(&(rows.clone(), id.clone())).cloned(),
    })
}

async fn send_row(
    writer: &RouterWriter,
    change: &Change,
    back: &HashMap<(Rows, String), String>,
) -> Outcome {
    let empty = Fields::default();
    let before = change.before.as_ref().unwrap_or(&empty);
    let after = change.after.as_ref().unwrap_or(&empty);
    let id = change.id.as_deref().and_then(|id| id.parse::<Id>().ok());
    let answer = match (change.action, id) {
        (Action::Add, _) => {
            let place = place_before(change, back);
            let place = place.iter().map(|id| ("place-before", id.as_bytes()));
            writer.add(after.iter().chain(place)).await.map(Some)
        }
        (Action::Set, id) if id.is_some() == change.id.is_some() => {
            return set_row(writer, change, id.as_ref(), (before, after)).await;
        }
        (Action::Remove, Some(id)) => writer.remove(&id).await.map(|()| None),
        (Action::Set | Action::Remove | Action::Command | Action::Execute, _) => {
            return Outcome::of(Status::Failed);
        }
    };
    match answer {
        Ok(id) => Outcome {
            id: id.map(|id| id.to_string()),
            ..Outcome::of(Status::Applied)
        },
        Err(error) => refused(change, &error),
    }
}

/// Sets what has a value, and takes away the values of other fields. Where the router says no half-way,
/// nobody can say what the row is before it was read again.
async fn set_row(
    writer: &RouterWriter,
    change: &Change,
    id: Option<&Id>,
    (before, after): (&Fields, &Fields),
) -> Outcome {
    let target = &change.target;
    let mut set: Vec<(&str, &[u8])> = Vec::new();
    let mut unset: Vec<&str> = Vec::new();
    for (name, value) in menu::sent_fields(target, before, after) {
        match menu::sent(target, name, value) {
            Sent::Set(value) => set.push((name, value)),
            Sent::Unset => unset.push(name),
        }
    }
    let mut is_begun = false;
    if !set.is_empty() {
        if let Err(error) = writer.set(id, set).await {
            return refused(change, &error);
        }
        is_begun = true;
    }
    for name in unset {
        if let Err(error) = writer.unset(id, name).await {
            return match is_begun {
                true => Outcome::because(Status::Unknown, error.to_string()),
                false => refused(change, &error),
            };
        }
        is_begun = true;
    }
    Outcome::of(Status::Applied)
}

fn refused(change: &Change, error: &ClientError) -> Outcome {
    let is_gone = |trap: &routeros_api::Trap| trap.message().starts_with("no such item");
    match error.class() {
        Class::Refused if change.action == Action::Remove && error.traps().iter().any(is_gone) => {
            Outcome::because(
                Status::Skipped,
                "the row was gone when it was to be removed",
            )
        }
        Class::Refused | Class::Caller => Outcome::because(Status::Failed, error.to_string()),
        Class::Connection | Class::Protocol => Outcome::because(Status::Unknown, error.to_string()),
    }
}

fn not_sent(lane: &mut [&mut Judged], ended: &Option<String>) {
    let why = ended.as_deref().unwrap_or("it was not permitted");
    for judged in lane.iter_mut().filter(|judged| judged.goes_ahead()) {
        judged.outcome = Some(not_sent_because(why));
    }
}
