//! Sends what was judged: in order, and side by side what does not hang together.

use std::collections::{HashMap, HashSet};

use routeros_api::{Class, ClientError, Id};
use tokio_util::sync::CancellationToken;

use super::ceiling::Ceiling;
use super::own_service::OwnSenders;
use super::window::Window;
use super::{commands, keys, tables};
use catalogue::Said;
use plan::change::{Action, Change, Write};
use plan::fields::Fields;
use plan::judged::Judged;
use plan::menu::{self, Sent};
use plan::order::{FollowedBy, Spot};
use plan::outcome::{Outcome, Status, not_made_before};
use plan::row::{At, Edit, RowWrite};
use plan::row_name::RowName;
use plan::together::{Hold, Rows, holds};
use sending::{RouterWriter, Writer};
use sentences::{
    OutcomeGoneWhenRemoved, OutcomeNoAnswer, OutcomeNoPlace, OutcomeNotPermitted, OutcomeStopped,
};
use session::Session;
use site::config::Service;
use site::grant::{Grant, Permit, Target};

/// Sends the changes of one run.
pub struct Sender<'a> {
    session: &'a Session,
    writer: Writer,
    grant: &'a Grant,
    services: &'a OwnSenders,
    /// Stops the run between two sends.
    cancel: &'a CancellationToken,
    window: Window,
    /// Why nothing more is sent.
    ended: Option<Said>,
    /// What changes held that were not made.
    unmade: HashSet<Hold>,
    /// The ids of rows that came back or were added, by those that they had or by their handles.
    back: HashMap<(Rows, RowName), String>,
}

impl<'a> Sender<'a> {
    /// A sender with the leave that `grant` gives, until `cancel`.
    pub fn new(
        session: &'a Session,
        grant: &'a Grant,
        services: &'a OwnSenders,
        cancel: &'a CancellationToken,
    ) -> Self {
        Self {
            session,
            services,
            writer: Writer::of(session),
            grant,
            cancel,
            window: Window::default(),
            ended: None,
            unmade: HashSet::new(),
            back: HashMap::new(),
        }
    }

    /// Sends what goes ahead, in order: side by side only what does not hang together. What became of
    /// changes is given to `note`, each with its place in the batch, as soon as those beside it have answered.
    ///
    /// # Errors
    /// That of `note`: nothing more is sent then.
    pub async fn send<Error>(
        &mut self,
        batch: &mut [Judged],
        ceiling: &mut Ceiling<'_>,
        mut note: impl FnMut(&[(usize, &Outcome)]) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let mut rest: Vec<(usize, &mut Judged)> = batch
            .iter_mut()
            .enumerate()
            .filter(|(_, judged)| judged.goes_ahead())
            .collect();
        while !rest.is_empty() {
            let lane = lane_of(&rest[0].1.change);
            let mut held = HashSet::new();
            let is_beside = |change: &&Change| {
                let holds = holds(change);
                let is_free = holds.iter().all(|hold| !held.contains(hold));
                held.extend(holds);
                is_free && lane_of(change) == lane
            };
            let changes = rest.iter().map(|(_, judged)| &judged.change);
            let after = match is_in_order(&rest[0].1.change) {
                true => 1,
                false => changes.take_while(is_beside).count(),
            };
            let after = rest.split_off(after);
            for (_, judged) in rest.iter_mut().filter(|_| !self.unmade.is_empty()) {
                let held = holds(&judged.change);
                if let Some(hold) = held.iter().find(|hold| self.unmade.contains(hold)) {
                    judged.outcome = Some(not_made_before(hold));
                }
            }
            let going = rest.into_iter().filter(|(_, judged)| judged.goes_ahead());
            let (places, mut going): (Vec<usize>, Vec<&mut Judged>) = going.unzip();
            match going.first().map(|judged| judged.change.rows()) {
                None => {}
                Some(Some((router, menu))) => {
                    self.send_rows(router.as_deref(), Target::Menu(menu), &mut going)
                        .await;
                }
                Some(None) => self.send_commands(&mut going, ceiling).await,
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
            let answers = places.into_iter().zip(&going);
            let answers =
                answers.filter_map(|(place, judged)| Some((place, judged.outcome.as_ref()?)));
            note(&answers.collect::<Vec<_>>())?;
            rest = after;
        }
        Ok(())
    }

    async fn send_rows(&mut self, router: Option<&str>, target: Target, lane: &mut [&mut Judged]) {
        let writer = match self.writer(router, &target).await {
            Ok(writer) => writer,
            Err(why) => {
                self.ended.get_or_insert(why.into());
                None
            }
        };
        let Some(writer) = writer.filter(|_| self.ended.is_none()) else {
            return not_sent(lane, &self.ended);
        };
        let (ended, cancel) = (&mut self.ended, self.cancel);
        let changes: Vec<&RowWrite> = lane
            .iter()
            .filter_map(|judged| judged.change.row())
            .collect();
        let go_on = |answer: Option<&Outcome>| {
            if cancel.is_cancelled() {
                ended.get_or_insert_with(|| OutcomeStopped.into());
            }
            if let Some(outcome) = answer.filter(|outcome| outcome.status == Status::Unknown) {
                let why = outcome.why.clone();
                let why = why.unwrap_or_else(|| OutcomeNoAnswer.into());
                ended.get_or_insert(why);
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
            let row = judged.change.row();
            for (row, id) in row.into_iter().zip(came_back) {
                let replaced = row.replaces().map(RowName::from).into_iter();
                let names = replaced.chain(row.handle().map(RowName::Planned));
                let names = names.map(|name| (row.rows(), name));
                self.back.extend(names.map(|name| (name, id.clone())));
            }
            judged.outcome = answer;
        }
        not_sent(lane, &self.ended);
    }

    /// The leave to write `target`.
    #[expect(clippy::disallowed_methods, reason = "this is what sends")]
    fn permit(&self, target: &Target) -> Option<Permit> {
        self.grant.permit(target)
    }

    /// Where changes of the rows of a menu go.
    async fn writer(
        &self,
        router: Option<&str>,
        target: &Target,
    ) -> Result<Option<RouterWriter>, String> {
        let Some(permit) = self.permit(target) else {
            return Ok(None);
        };
        let writer = self.writer.router(router, permit).await;
        writer.map_err(|error| error.to_string())
    }

    async fn send_commands(&mut self, lane: &mut [&mut Judged], ceiling: &mut Ceiling<'_>) {
        for judged in lane.iter_mut() {
            if self.cancel.is_cancelled() {
                self.ended.get_or_insert_with(|| OutcomeStopped.into());
            }
            if self.ended.is_some() {
                break;
            }
            let targets = judged.change.targets();
            let permits = targets
                .iter()
                .filter_map(|target| self.permit(target))
                .collect();
            judged.outcome = match &judged.change.write {
                Write::Row(_) => None,
                Write::Statement(statement) => Some(
                    tables::send((self.session, &self.writer), statement, permits, ceiling).await,
                ),
                Write::Keys(keys) => {
                    Some(keys::send((self.session, &self.writer), keys, permits).await)
                }
                Write::Request(request) => Some(self.services.send(request, &permits).await),
                Write::Command(command) => {
                    let permit = permits.into_iter().next();
                    Some(commands::send(&self.writer, command, permit).await)
                }
            };
            let outcome = judged.outcome.as_ref();
            // What a command did of which no answer came may be anything.
            if let (Some(_), Some(Status::Unknown)) =
                (judged.change.router_command(), judged.status())
            {
                let why = outcome.and_then(|outcome| outcome.why.clone());
                self.ended = why;
            }
            if let Some(refusal) = &ceiling.refusal {
                self.ended.get_or_insert_with(|| refusal.said());
            }
        }
        not_sent(lane, &self.ended);
    }
}

/// What is sent side by side: changes of one kind of one menu of one router, of one other service.
fn lane_of(change: &Change) -> (Option<Service>, Option<Rows>, Action) {
    (change.target().service(), change.rows(), change.action())
}

/// Rows of a menu whose order counts are added and moved one by one, so that they stand as they were asked for;
/// nothing is sent beside a command of a router, of which nobody knows what it changes.
fn is_in_order(change: &Change) -> bool {
    match &change.write {
        Write::Command(_) => true,
        Write::Row(row) => match row.edit {
            Edit::Add(_) => menu::is_ordered(&row.menu),
            Edit::Move { .. } => true,
            Edit::Set { .. } | Edit::Remove { .. } => false,
        },
        Write::Keys(_) | Write::Statement(_) | Write::Request(_) => false,
    }
}

/// The row that an added or moved one comes before: the nearest that is there.
fn place_before(
    rows: &Rows,
    place: Option<&FollowedBy>,
    back: &HashMap<(Rows, RowName), String>,
) -> Option<String> {
    let mut spots = place.into_iter().flat_map(|place| &place.now);
    spots.find_map(|spot| match spot {
        Spot::There(id) => Some(id.clone()),
        Spot::Back(name) => back.get(&(rows.clone(), name.clone())).cloned(),
    })
}

async fn send_row(
    writer: &RouterWriter,
    change: &RowWrite,
    back: &HashMap<(Rows, RowName), String>,
) -> Outcome {
    let id_of = |at: &At| at.id().and_then(|id| id.parse::<Id>().ok());
    let answer = match &change.edit {
        Edit::Add(added) => {
            let place = place_before(&change.rows(), added.followed_by.as_ref(), back);
            let place = place.iter().map(|id| ("place-before", id.as_bytes()));
            writer.add(added.row.iter().chain(place)).await.map(Some)
        }
        Edit::Set { at, before, after } => {
            return match (at, id_of(at)) {
                (At::Only, _) => set_row(writer, change, None, (before, after)).await,
                (At::Id(_), Some(id)) => set_row(writer, change, Some(&id), (before, after)).await,
                (At::Id(_) | At::Unknown, _) => Outcome::of(Status::Failed),
            };
        }
        Edit::Move { at, to, .. } => {
            let before = place_before(&change.rows(), Some(to), back);
            let before = before.and_then(|id| id.parse::<Id>().ok());
            match id_of(at) {
                Some(id) if before.is_some() || to.rows.is_empty() => writer
                    .move_before(&id, before.as_ref())
                    .await
                    .map(|()| None),
                _ => {
                    return Outcome::because(Status::Failed, OutcomeNoPlace);
                }
            }
        }
        Edit::Remove { at, .. } => match id_of(at) {
            Some(id) => writer.remove(&id).await.map(|()| None),
            None => return Outcome::of(Status::Failed),
        },
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
    change: &RowWrite,
    id: Option<&Id>,
    (before, after): (&Fields, &Fields),
) -> Outcome {
    let menu = &change.menu;
    let mut set: Vec<(&str, &[u8])> = Vec::new();
    let mut unset: Vec<&str> = Vec::new();
    for (name, value) in menu::sent_fields(menu, before, after) {
        match menu::sent(menu, name, value) {
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

fn refused(change: &RowWrite, error: &ClientError) -> Outcome {
    let is_gone = |trap: &routeros_api::Trap| trap.message().starts_with("no such item");
    match error.class() {
        Class::Refused
            if change.action() == Action::Remove && error.traps().iter().any(is_gone) =>
        {
            Outcome::because(Status::Skipped, OutcomeGoneWhenRemoved)
        }
        Class::Refused | Class::Caller => Outcome::because(Status::Failed, error.to_string()),
        Class::Connection | Class::Protocol => Outcome::because(Status::Unknown, error.to_string()),
    }
}

fn not_sent(lane: &mut [&mut Judged], ended: &Option<Said>) {
    let why = ended.clone();
    let why = why.unwrap_or_else(|| OutcomeNotPermitted.into());
    for judged in lane.iter_mut().filter(|judged| judged.goes_ahead()) {
        judged.outcome = Some(Outcome::not_sent(why.clone()));
    }
}
