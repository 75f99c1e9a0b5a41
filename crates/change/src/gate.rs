//! The one door for writes: declared, read again, guarded, confirmed, journalled, sent, read again.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::PathBuf;
use std::sync::Arc;

use routeros_api::{Class, ClientError, Id, Print, Query};
use routeros_schema::Menu;
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;

use super::error::ChangeError;
use super::fields::Fields;
use super::guard::{self, Ceiling, List, Radius};
use super::identity::{Identity, Located, Remembered, locate};
use super::journal::Journal;
use super::lock::SiteLock;
use super::planned::{
    Action, Change, Done, NOT_SENT, Outcome, Status, is_row_as_expected, is_same_row,
};
use super::reread::{self, Effects, Found, Wanted};
use super::run::Run;
use super::together::{self, Hold, Rows, holds, rows_of};
use super::window::Window;
use super::{keys, menu, plan, record, tables};
use session::Session;
use session::write::{self, RouterWriter};
use site::config::Service;
use site::grant::{Grant, Permit, Target};
use wording::count::counted;

/// Changes whose intentions are brought to the disk at once.
const BATCH: usize = 256;

/// The one door for writes of a run. Clones are the same door.
#[derive(Clone)]
pub struct Gate {
    inner: Arc<Inner>,
}

/// Asks the operator.
pub trait Confirm: Send + Sync {
    /// Is anybody asked at all?
    fn asks(&self) -> bool;

    /// May this be done? Called on a thread that may wait.
    ///
    /// # Errors
    /// [`ChangeError::NotConfirmed`], or [`ChangeError::Unanswered`].
    fn confirm(&self, question: &str) -> Result<(), ChangeError>;
}

/// Nobody is asked: the operator has said yes before, or a test is at work.
pub struct Agreed;

impl Confirm for Agreed {
    fn asks(&self) -> bool {
        false
    }

    fn confirm(&self, _: &str) -> Result<(), ChangeError> {
        Ok(())
    }
}

/// How a run carries its changes out.
pub struct Settings {
    /// Which run it is.
    pub run: Run,
    /// `--max-changes`.
    pub max_changes: Option<usize>,
    /// What counts together with this run: the runs before it that were allowed by the same word.
    pub before: Radius,
    /// The folder of journals and locks.
    pub state_folder: PathBuf,
    /// Who says yes.
    pub confirm: Box<dyn Confirm>,
    /// Stops the run between two sends.
    pub cancel: CancellationToken,
}

struct Inner {
    session: Session,
    grant: Grant,
    /// None for a run that only plans.
    settings: Option<Settings>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    done: Vec<Done>,
    /// What the changes so far would have made of the rows, in a run that only plans.
    effects: BTreeMap<Rows, Effects>,
    /// What changes held that were not made, and so what becomes of later changes that hold it.
    unmade: HashMap<Hold, Outcome>,
    radius: Radius,
    /// Held by an apply run from its first change to its end.
    lock: Option<SiteLock>,
    journal: Option<Journal>,
    /// The journal could not be written to its end: nothing more is sent.
    broken: Option<ChangeError>,
}

/// A change that was looked at: with an outcome it is not to be made.
struct Judged {
    change: Change,
    outcome: Option<Outcome>,
}

impl Gate {
    /// A door that only plans, for changes that come after `planned`: nothing behind it can send,
    /// whatever `grant` says.
    pub fn planning(session: Session, grant: Grant, planned: &[Done]) -> Self {
        let mut state = State::default();
        planned.iter().for_each(|done| state.plan(&done.change));
        Self::with_state(session, grant, None, state)
    }

    /// A door that carries changes out if `grant` is one that applies.
    pub fn applying(session: Session, grant: Grant, settings: Settings) -> Self {
        let settings = grant.applies().then_some(settings);
        Self::new(session, grant, settings)
    }

    fn new(session: Session, grant: Grant, settings: Option<Settings>) -> Self {
        let state = State {
            radius: settings
                .as_ref()
                .map(|settings| settings.before.clone())
                .unwrap_or_default(),
            ..State::default()
        };
        Self::with_state(session, grant, settings, state)
    }

    fn with_state(
        session: Session,
        grant: Grant,
        settings: Option<Settings>,
        state: State,
    ) -> Self {
        Self {
            inner: Arc::new(Inner {
                session,
                grant,
                state: Mutex::new(state),
                settings,
            }),
        }
    }

    /// Plans `changes`, and carries them out in their order where the run applies. Each has an
    /// outcome; one that cannot be made does not stop the others, a lost router does.
    ///
    /// # Errors
    /// [`ChangeError`]: then nothing was sent for any of them, except after a journal that could
    /// not be written half-way, or a signal.
    pub async fn submit(&self, mut changes: Vec<Change>) -> Result<Vec<Done>, ChangeError> {
        let inner = &*self.inner;
        for change in &mut changes {
            change.router = inner.session.other_router(change.router.take());
            change.router_text = inner.session.site().router_text;
        }
        for change in changes.iter_mut().filter(|change| !is_row(change)) {
            match change.action {
                Action::Execute => tables::name(&inner.session, &inner.grant, change).await?,
                _ => keys::name(&inner.session, change).await?,
            }
        }
        for target in changes.iter().flat_map(Change::targets) {
            if !inner.grant.may_plan(&target) {
                return Err(ChangeError::Undeclared { target });
            }
        }
        if changes.is_empty() {
            return Ok(Vec::new());
        }
        let mut state = inner.state.lock().await;
        if let Some(broken) = &state.broken {
            return Err(broken.clone());
        }
        if let Some(settings) = &inner.settings {
            inner.lock(settings, &mut state).await?;
        }
        let mut judged = inner.judge(changes, &state).await?;
        let before = state.radius.clone();
        inner.measure(&mut state, &judged).await?;
        let mut made = Ok(());
        if let Some(settings) = &inner.settings {
            if let Err(error) = state.radius.check(settings.max_changes) {
                // What is refused is not made, so it does not count.
                state.radius = before;
                return Err(error);
            }
            judged = inner.confirmed(settings, &state, judged).await?;
            made = inner.make(settings, &mut state, &mut judged).await;
        } else {
            let going = judged.iter().filter(|judged| judged.goes_ahead());
            going.for_each(|judged| state.plan(&judged.change));
        }
        let done: Vec<Done> = judged.into_iter().map(Judged::into_done).collect();
        done.iter().for_each(|done| state.hold_back(done));
        state.done.extend(done.iter().cloned());
        made.map(|()| done)
    }

    /// Whether applying what was planned would need `--max-changes`, and why.
    pub async fn radius(&self) -> Result<(), ChangeError> {
        self.inner.state.lock().await.radius.check(None)
    }

    /// What the run has changed so far, those before it included, to be held against what may be
    /// changed after it.
    pub async fn changed(&self) -> Radius {
        self.inner.state.lock().await.radius.clone()
    }

    /// Does the run carry its changes out?
    pub fn applies(&self) -> bool {
        self.inner.settings.is_some()
    }

    /// Every change so far with what became of it.
    pub async fn done(&self) -> Vec<Done> {
        self.inner.state.lock().await.done.clone()
    }

    /// Ends the run's journal and releases its locks.
    ///
    /// # Errors
    /// [`ChangeError::Journal`].
    pub async fn end(&self) -> Result<(), ChangeError> {
        let mut state = self.inner.state.lock().await;
        let ended = state.journal.take().map_or(Ok(()), Journal::end);
        if let Some(lock) = state.lock.take() {
            lock.release().await;
        }
        ended
    }

    /// Why a row of `menu` would be refused, if it would be.
    pub fn protection(&self, menu: &Menu, row: &Fields) -> Option<String> {
        guard::row_protection(menu, row, &self.inner.session.site().protected)
    }
}

impl Judged {
    fn into_done(self) -> Done {
        let planned = match self.change.action {
            Action::Execute => Outcome::because(Status::Planned, tables::PLANNED),
            _ => Outcome::of(Status::Planned),
        };
        Done {
            change: self.change,
            outcome: self.outcome.unwrap_or(planned),
        }
    }

    fn goes_ahead(&self) -> bool {
        self.outcome.is_none()
    }
}

impl State {
    /// Notes what `change` would make of its row: later changes are held against that.
    fn plan(&mut self, change: &Change) {
        if let Some(rows) = rows_of(change) {
            self.effects.entry(rows).or_default().note(change);
        }
    }

    /// Notes what a change holds that was not made: the changes of a row are made up to the first one
    /// that cannot be, as those of a plan are.
    fn hold_back(&mut self, Done { change, outcome }: &Done) {
        let later = match outcome.status {
            Status::Conflict | Status::Protected => cannot_be_made(change),
            Status::Failed | Status::Unknown => not_sent_because(EARLIER),
            Status::Skipped if outcome.is_not_sent() => not_sent_because(EARLIER),
            Status::Planned | Status::Applied | Status::Skipped => return,
        };
        for hold in holds(change) {
            self.unmade.entry(hold).or_insert_with(|| later.clone());
        }
    }

    /// What becomes of a change because of an earlier one, if it could be made as such.
    fn held_back(&self, change: &Change) -> Option<Outcome> {
        let held = holds(change);
        held.iter().find_map(|hold| self.unmade.get(hold)).cloned()
    }
}

/// The end of a run that was stopped when it had made `done`, and what was made of `judged`.
fn interrupted(done: &[Done], judged: &[Judged]) -> ChangeError {
    let before = done.iter().map(|done| &done.outcome);
    let now = judged.iter().filter_map(|judged| judged.outcome.as_ref());
    let became: Vec<Status> = before.chain(now).map(|outcome| outcome.status).collect();
    let count = |status| became.iter().filter(|each| **each == status).count();
    ChangeError::Interrupted {
        made: count(Status::Applied),
        unknown: count(Status::Unknown),
        asked: done.len() + judged.len(),
    }
}

/// What is on the way while changes are sent.
#[derive(Default)]
struct Sending {
    window: Window,
    /// Why nothing more is sent.
    ended: Option<String>,
    /// What changes held that were not made.
    unmade: HashSet<Hold>,
}

impl Inner {
    /// Reads again what the changes are about, fills in what it was before, and finds those that
    /// cannot be made. Each is held against what those before it, in `state` and here, make of its
    /// row. Planning and applying read the same.
    async fn judge(&self, changes: Vec<Change>, state: &State) -> Result<Vec<Judged>, ChangeError> {
        // What is wrong with one change of a journal is no reason to leave the others unmade.
        let is_undo = changes.iter().all(|change| change.undoes.is_some());
        let mut lanes: BTreeMap<Rows, Wanted> = BTreeMap::new();
        for change in &changes {
            if let Some(rows) = rows_of(change) {
                match want(lanes.entry(rows).or_default(), change) {
                    Err(ChangeError::Id { .. }) if is_undo => {}
                    wanted => wanted?,
                }
            }
        }
        let mut found = BTreeMap::new();
        let mut unread = BTreeMap::new();
        for (lane, wanted) in lanes {
            match self.read(&lane, &wanted, &changes, state).await {
                Err(error) if is_undo && error.is_of_one_place() => {
                    unread.insert(lane, error.to_string());
                }
                rows => drop(found.insert(lane, rows?)),
            }
        }
        let mut judged = Vec::with_capacity(changes.len());
        for mut change in changes {
            let mut found = rows_of(&change).and_then(|rows| found.get_mut(&rows));
            let unread = rows_of(&change).and_then(|rows| unread.get(&rows));
            let outcome = match &found {
                Some(found) => judge_row(&mut change, found),
                None if unread.is_some() => {
                    unread.map(|why| Outcome::because(Status::Conflict, why))
                }
                None if change.action == Action::Execute => None,
                None => keys::judge(&self.session, &mut change).await?,
            };
            let patterns = &self.session.site().protected;
            // Only a row that is as it was expected is known with all its fields.
            let protected = guard::protection(&change, patterns)
                .map(|why| Outcome::because(Status::Protected, why));
            change.key = plan::key_fields(&change);
            let outcome = match (outcome.or(protected), state.held_back(&change)) {
                (None, held_back) => held_back,
                // Judged by a row that an earlier change should have made another one.
                (Some(_), Some(held_back)) if held_back.is_not_sent() => Some(held_back),
                (outcome, _) => outcome,
            };
            if let (None, Some(found)) = (&outcome, &mut found) {
                found.change(&change);
            }
            judged.push(Judged { outcome, change });
        }
        all_of_a_row_or_none(&mut judged);
        Ok(judged)
    }

    /// The rows of one menu that changes are about, as they are and as earlier changes make them.
    async fn read(
        &self,
        lane: &Rows,
        wanted: &Wanted,
        changes: &[Change],
        state: &State,
    ) -> Result<Found, ChangeError> {
        let router = self.session.router(lane.0.as_deref()).await?;
        let mut rows = reread::read(&router, &lane.1, wanted).await?;
        if of_lane(changes, lane).any(|change| change.identity.is_some()) {
            let started = reread::started(&router).await?;
            rows.held_against(of_lane(changes, lane), started);
        }
        let effects = state.effects.get(lane);
        if let Some(effects) = effects {
            effects.apply(wanted, &mut rows);
        }
        let wanted = keys_to_be(changes, lane, wanted, &rows);
        if !wanted.keys.is_empty() {
            rows.join(reread::read(&router, &lane.1, &wanted).await?);
            if let Some(effects) = effects {
                effects.apply(&wanted, &mut rows);
            }
        }
        Ok(rows)
    }

    /// Counts what is to change, and the lists it is part of.
    async fn measure(&self, state: &mut State, judged: &[Judged]) -> Result<(), ChangeError> {
        let changes = || {
            let going = judged.iter().filter(|judged| judged.goes_ahead());
            going.map(|judged| &judged.change)
        };
        for list in changes().filter_map(List::of) {
            if state.radius.lacks(&list) {
                let size = self.size_of(&list).await?;
                state.radius.counted(list, size);
            }
        }
        state.radius.add(changes());
        Ok(())
    }

    async fn size_of(&self, list: &List) -> Result<u64, ChangeError> {
        let router = self.session.router(list.router.as_deref()).await?;
        let mut print = Print::new(list.menu.path());
        if let Some(name) = &list.list {
            print = print.query(Query::equal("list", name));
        }
        Ok(router.count(&print).await?)
    }

    /// Takes the site's lock before the first look at the rows: what another run changes meanwhile
    /// must be seen.
    async fn lock(&self, settings: &Settings, state: &mut State) -> Result<(), ChangeError> {
        if state.lock.is_none() {
            let (folder, run) = (&settings.state_folder, &settings.run);
            state.lock = Some(SiteLock::take(&self.session, folder, run).await?);
            // Another run of the same plan may have been at work until now.
            if let Some(plan) = &run.plan {
                let records = record::read_all(folder, &run.site.name)?;
                if let Some(record) = record::applied_by(plan, &records) {
                    let run = record.id.clone();
                    return Err(ChangeError::PlanApplied { run });
                }
            }
        }
        Ok(())
    }

    /// Asks. An answer may take its time, so the rows are looked at once more after it.
    async fn confirmed(
        &self,
        settings: &Settings,
        state: &State,
        judged: Vec<Judged>,
    ) -> Result<Vec<Judged>, ChangeError> {
        let count = judged.iter().filter(|judged| judged.goes_ahead()).count();
        if count == 0 || !settings.confirm.asks() {
            return Ok(judged);
        }
        let question = self.question(&judged, count);
        tokio::task::block_in_place(|| settings.confirm.confirm(&question))?;
        let (going, mut judged): (Vec<_>, Vec<_>) = judged
            .into_iter()
            .enumerate()
            .partition(|(_, judged)| judged.goes_ahead());
        let (places, going): (Vec<_>, Vec<_>) = going.into_iter().unzip();
        let changes = going
            .into_iter()
            .map(|judged| judged.change.sent_again())
            .collect();
        let again = self.judge(changes, state).await?;
        judged.extend(places.into_iter().zip(again));
        judged.sort_by_key(|(place, _)| *place);
        Ok(judged.into_iter().map(|(_, judged)| judged).collect())
    }

    /// Begins the journal, and carries out what goes ahead. Whatever happens, each change has an
    /// outcome afterwards.
    async fn make(
        &self,
        settings: &Settings,
        state: &mut State,
        judged: &mut [Judged],
    ) -> Result<(), ChangeError> {
        if state.journal.is_none() {
            state.journal = Some(Journal::begin(&settings.state_folder, &settings.run)?);
        }
        let first = state.done.len();
        let Some(journal) = &mut state.journal else {
            return Ok(());
        };
        let mut ceiling = Ceiling::new(&mut state.radius, settings.max_changes);
        let made = self
            .carry_out(settings, (journal, first), judged, &mut ceiling)
            .await;
        let refusal = ceiling.refusal;
        let made = match (made, settings.cancel.is_cancelled()) {
            (Ok(()), true) => Err(interrupted(&state.done, judged)),
            (made, _) => made,
        };
        if let Err(error) = &made {
            state.broken = Some(error.clone());
            for judged in judged.iter_mut().filter(|judged| judged.goes_ahead()) {
                judged.outcome = Some(not_sent_because(&error.to_string()));
            }
        }
        made.and(refusal.map_or(Ok(()), Err))
    }

    fn question(&self, judged: &[Judged], count: usize) -> String {
        const SHOWN: usize = 20;
        let mut text = format!("On the site `{}`:\n", self.session.site().name);
        let going = judged.iter().filter(|judged| judged.goes_ahead());
        for judged in going.take(SHOWN) {
            let change = &judged.change;
            text.push_str(&format!("  {}\n", change.spoken()));
        }
        if count > SHOWN {
            text.push_str(&format!("  … and {} more\n", count - SHOWN));
        }
        text.push_str(&format!("Make {}?", counted(count, "change")));
        text
    }

    /// Batch by batch: intentions to the disk, sends, outcomes. Then everything is read once more.
    async fn carry_out(
        &self,
        settings: &Settings,
        (journal, first): (&mut Journal, usize),
        judged: &mut [Judged],
        ceiling: &mut Ceiling<'_>,
    ) -> Result<(), ChangeError> {
        let mut sending = Sending::default();
        for (number, batch) in judged.chunks_mut(BATCH).enumerate() {
            let start = first + number * BATCH;
            for (n, judged) in (start..).zip(batch.iter()) {
                journal.intend(n, &judged.change)?;
                if let Some(outcome) = &judged.outcome {
                    journal.outcome(n, outcome)?;
                }
            }
            journal.sync()?;
            let decided: Vec<bool> = batch.iter().map(|judged| !judged.goes_ahead()).collect();
            self.send(settings, batch, &mut sending, ceiling).await;
            self.settle(batch).await;
            for ((n, judged), decided) in (start..).zip(batch.iter()).zip(decided) {
                if let (false, Some(outcome)) = (decided, &judged.outcome) {
                    journal.outcome(n, outcome)?;
                }
            }
            journal.write()?;
        }
        let revised = self.verify(judged).await;
        for index in revised {
            if let Some(outcome) = &judged[index].outcome {
                journal.outcome(first + index, outcome)?;
            }
        }
        journal.sync()
    }

    /// Sends what goes ahead, in order: side by side only what does not hang together.
    async fn send(
        &self,
        settings: &Settings,
        batch: &mut [Judged],
        sending: &mut Sending,
        ceiling: &mut Ceiling<'_>,
    ) {
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
            let after = changes.take_while(is_beside).count();
            let after = rest.split_off(after);
            for judged in &mut rest {
                if holds(&judged.change)
                    .iter()
                    .any(|hold| sending.unmade.contains(hold))
                {
                    judged.outcome = Some(not_sent_because(EARLIER));
                }
            }
            let mut going: Vec<&mut Judged> = rest
                .into_iter()
                .filter(|judged| judged.goes_ahead())
                .collect();
            match going.first().map(|judged| is_row(&judged.change)) {
                None => {}
                Some(true) => self.send_rows(settings, &mut going, sending).await,
                Some(false) => {
                    self.send_commands(&mut going, &mut sending.ended, ceiling)
                        .await;
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
            sending.unmade.extend(unmade);
            rest = after;
        }
    }

    async fn send_rows(
        &self,
        settings: &Settings,
        lane: &mut [&mut Judged],
        sending: &mut Sending,
    ) {
        let Sending { window, ended, .. } = sending;
        let writer = match self.writer(&lane[0].change).await {
            Ok(writer) => writer,
            Err(why) => {
                ended.get_or_insert(why);
                None
            }
        };
        let Some(writer) = writer.filter(|_| ended.is_none()) else {
            return not_sent(lane, ended);
        };
        let changes: Vec<&Change> = lane.iter().map(|judged| &judged.change).collect();
        let go_on = |answer: Option<&Outcome>| {
            if settings.cancel.is_cancelled() {
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
        let answers = window
            .run(changes, |change| send_row(&writer, change), go_on)
            .await;
        for (judged, answer) in lane.iter_mut().zip(answers) {
            judged.outcome = answer;
        }
        not_sent(lane, ended);
    }

    /// The leave to write `target`.
    #[expect(clippy::disallowed_methods, reason = "this is the gate")]
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

    async fn send_commands(
        &self,
        lane: &mut [&mut Judged],
        ended: &mut Option<String>,
        ceiling: &mut Ceiling<'_>,
    ) {
        for judged in lane.iter_mut() {
            if ended.is_some() {
                break;
            }
            let change = &judged.change;
            let targets = change.targets();
            let permits = targets
                .iter()
                .filter_map(|target| self.permit(target))
                .collect();
            judged.outcome = Some(match change.action {
                Action::Execute => tables::send(&self.session, change, permits, ceiling).await,
                _ => keys::send(&self.session, change, permits).await,
            });
            if let Some(refusal) = &ceiling.refusal {
                ended.get_or_insert(refusal.to_string());
            }
        }
        not_sent(lane, ended);
    }

    /// Finds out by reading what became of the changes that were not answered.
    async fn settle(&self, batch: &mut [Judged]) {
        let is_open =
            |judged: &Judged| is_row(&judged.change) && status_of(judged) == Some(Status::Unknown);
        let indexes: Vec<usize> = (0..batch.len()).filter(|&n| is_open(&batch[n])).collect();
        for (index, found) in self.read_again(batch, &indexes).await {
            let judged = &mut batch[index];
            judged.outcome = Some(match found {
                Ok(found) => settled(&judged.change, &found),
                Err(why) => Outcome::because(
                    Status::Unknown,
                    format!("no answer came, and the row could not be read again: {why}"),
                ),
            });
        }
    }

    /// Reads all rows that were changed once more, and takes "applied" back where the row does not
    /// show it: routers have been seen to accept a `set` and do nothing. Gives the indexes of the
    /// changes whose outcome is another one now.
    async fn verify(&self, judged: &mut [Judged]) -> Vec<usize> {
        let applied =
            |judged: &Judged| is_row(&judged.change) && status_of(judged) == Some(Status::Applied);
        // Of several changes of a row only the last one is what the row shows.
        let mut seen = HashSet::new();
        let is_last = |n: &usize| {
            let change = &judged[*n].change;
            let id = change.id.clone().map(|id| (rows_of(change), id));
            id.is_none_or(|id| seen.insert(id))
        };
        let indexes: Vec<usize> = (0..judged.len())
            .rev()
            .filter(|&n| applied(&judged[n]))
            .filter(is_last)
            .collect();
        let mut revised = Vec::new();
        for (index, found) in self.read_again(judged, &indexes).await {
            let (Ok(found), Some(outcome)) = (found, judged[index].outcome.clone()) else {
                // The router said that it is done; that it cannot be asked again changes nothing.
                continue;
            };
            if let Some(outcome) = contradicted(&judged[index].change, &outcome, &found) {
                judged[index].outcome = Some(outcome);
                revised.push(index);
            }
        }
        revised
    }

    async fn read_again(
        &self,
        judged: &[Judged],
        indexes: &[usize],
    ) -> Vec<(usize, Result<Arc<Found>, String>)> {
        let mut lanes: BTreeMap<Rows, (Wanted, Vec<usize>)> = BTreeMap::new();
        for &index in indexes {
            let Judged { change, outcome } = &judged[index];
            let Some(rows) = rows_of(change) else {
                continue;
            };
            let (wanted, members) = lanes.entry(rows).or_default();
            members.push(index);
            let added = outcome.as_ref().and_then(|outcome| outcome.id.clone());
            wanted.ids.extend(change.id.clone().or(added));
            if let (Action::Add, Some(row)) = (change.action, &change.after) {
                wanted.like(&change.target, row);
            }
        }
        let mut found = Vec::new();
        for ((router, menu), (wanted, members)) in lanes {
            let rows = match self.session.router(router.as_deref()).await {
                Ok(router) => reread::read(&router, &menu, &wanted)
                    .await
                    .map_err(|error| error.to_string()),
                Err(error) => Err(error.to_string()),
            };
            let rows = rows.map(Arc::new);
            found.extend(members.into_iter().map(|index| (index, rows.clone())));
        }
        found
    }
}

fn is_row(change: &Change) -> bool {
    change.target.service() == Service::Mikrotik
}

/// What is sent side by side: changes of one menu of one router, of one other service.
fn lane_of(change: &Change) -> (Service, Option<Rows>) {
    (change.target.service(), rows_of(change))
}

/// Where one change of a row cannot be made, none of its changes is.
fn all_of_a_row_or_none(judged: &mut [Judged]) {
    let groups = together::groups(judged.iter().map(|judged| &judged.change));
    let is_bad = |judged: &Judged| {
        matches!(
            status_of(judged),
            Some(Status::Conflict | Status::Protected)
        )
    };
    let mut bad: BTreeMap<usize, Outcome> = BTreeMap::new();
    for (group, judged) in groups.iter().zip(judged.iter()) {
        if is_bad(judged) {
            bad.entry(*group)
                .or_insert_with(|| cannot_be_made(&judged.change));
        }
    }
    for (group, judged) in groups.iter().zip(judged.iter_mut()) {
        if let (Some(outcome), true) = (bad.get(group), judged.goes_ahead()) {
            judged.outcome = Some(outcome.clone());
        }
    }
}

/// What becomes of a change that hangs together with `other`.
fn cannot_be_made(other: &Change) -> Outcome {
    let why = format!(
        "another change of the same row cannot be made: {}",
        other.spoken()
    );
    Outcome::because(Status::Conflict, why)
}

fn status_of(judged: &Judged) -> Option<Status> {
    judged.outcome.as_ref().map(|outcome| outcome.status)
}

fn want(wanted: &mut Wanted, change: &Change) -> Result<(), ChangeError> {
    if let Some(identity) = &change.identity {
        match identity.row.key(&change.target) {
            Some(_) => wanted.like(&change.target, identity.row.row()),
            None => wanted.all = true,
        }
    }
    if let (Action::Add, Some(row)) = (change.action, &change.after) {
        wanted.like(&change.target, row);
    }
    // The last, as it is a hint beside the others.
    if let Some(id) = &change.id {
        id.parse::<Id>()
            .map_err(|_| ChangeError::Id { id: id.clone() })?;
        wanted.ids.insert(id.clone());
    }
    Ok(())
}

/// The changes of rows of one menu of one router.
fn of_lane<'a>(changes: &'a [Change], lane: &'a Rows) -> impl Iterator<Item = &'a Change> {
    let is_of_lane = |change: &&Change| rows_of(change).as_ref() == Some(lane);
    changes.iter().filter(is_of_lane)
}

/// The keys that rows are to get in a menu in which one row only may have a key, without those in
/// `known`: the rows that have them already are to be found as well.
fn keys_to_be(changes: &[Change], lane: &Rows, known: &Wanted, found: &Found) -> Wanted {
    let mut wanted = Wanted::default();
    let of_lane = || of_lane(changes, lane);
    let gives_a_key = |change: &Change| {
        let key = menu::key_fields(&change.target);
        let mut sent = change.after.iter().flat_map(Fields::iter);
        change.action == Action::Set
            && menu::is_key_unique(&change.target)
            && sent.any(|(name, _)| key.contains(&name))
    };
    if !of_lane().any(gives_a_key) {
        return wanted;
    }
    // A change may set a field of a row that an earlier one has set another of.
    let mut found = found.clone();
    for change in of_lane() {
        let mut change = change.clone();
        if judge_row(&mut change, &found).is_some() {
            continue;
        }
        let row = change.after.as_ref();
        if let Some(row) = row.filter(|_| change.action == Action::Set) {
            wanted.like(&change.target, row);
        }
        found.change(&change);
    }
    wanted.keys.retain(|key| !known.keys.contains(key));
    wanted
}

/// Holds a change against the row as it is now; with an outcome it is not to be made.
fn judge_row(change: &mut Change, found: &Found) -> Option<Outcome> {
    match change.action {
        Action::Add => judge_add(change, found),
        Action::Set | Action::Remove => judge_row_change(change, found),
        Action::Command | Action::Execute => None,
    }
}

fn judge_add(change: &Change, found: &Found) -> Option<Outcome> {
    let row = change.after.as_ref()?;
    let Some(key) = menu::key_of(&change.target, row) else {
        return judge_return(change, found);
    };
    let mut rows = found.with_key(&key).map(|(id, there)| {
        let mut differences = change.differences(row, there);
        if change.replaces.is_some() {
            let is_late = |field: &str| is_later_by_the_way(change, field, row, there);
            differences.retain(|difference| !is_late(&difference.field));
        }
        (id, differences)
    });
    // Where rows may share a key, only one that is as this one is to be is in its place.
    let (id, differences) = match menu::is_key_shared(&change.target) {
        true => rows.find(|(_, differences)| differences.is_empty())?,
        false => rows.min_by_key(|(_, differences)| differences.len())?,
    };
    let mut outcome = match (differences.is_empty(), id.is_empty()) {
        (true, false) => Outcome::because(Status::Skipped, "the row is there already"),
        (true, true) => Outcome::because(Status::Skipped, "an earlier change adds the row"),
        (false, false) => Outcome::because(Status::Conflict, "there is another row in its place"),
        (false, true) => Outcome::because(
            Status::Conflict,
            "an earlier change adds another row in its place",
        ),
    };
    outcome.id = Some(id.to_owned()).filter(|id| !id.is_empty());
    outcome.differences = differences;
    Some(outcome)
}

/// What it may take from the reckoning of an undo to its row on the router, in seconds: the row has so
/// much more of its time left than an undo reckons that comes later.
const ON_THE_WAY: u64 = 60;

fn is_later_by_the_way(change: &Change, field: &str, reckoned: &Fields, there: &Fields) -> bool {
    let seconds = |row: &Fields| row.get(field).and_then(menu::seconds);
    let times = seconds(reckoned).zip(seconds(there));
    menu::is_time_left(&change.target, field)
        && times.is_some_and(|(reckoned, left)| left <= reckoned.saturating_add(ON_THE_WAY))
}

/// A row without a key that comes back, after a removal of which nobody may know whether it was made.
fn judge_return(change: &Change, found: &Found) -> Option<Outcome> {
    let identity = change.identity.as_ref()?;
    let mut like = found
        .unclaimed(change)
        .filter(|(_, row)| identity.row.has_content(&change.target, row));
    let (first, _) = like.next()?;
    let removed = change.replaces.as_deref();
    let removed = removed.filter(|_| found.has_ids_of(identity.at));
    let stayed = removed.filter(|removed| *removed == first || like.any(|(id, _)| id == *removed));
    Some(match stayed {
        Some(id) => Outcome {
            id: Some(id.to_owned()),
            ..Outcome::because(Status::Skipped, "the row is there already")
        },
        None => Outcome::because(
            Status::Conflict,
            "there is a row like it, and nobody can say whether it is this one",
        ),
    })
}

fn judge_row_change(change: &mut Change, found: &Found) -> Option<Outcome> {
    let mut expected = change.before.clone().unwrap_or_default();
    let (id, now) = match locate(change, found) {
        Located::At(id, row) => (id.to_owned(), row),
        Located::Gone if change.action == Action::Remove => {
            let is_to_go = change.id.as_deref().is_some_and(|id| found.is_to_go(id));
            let why = match is_to_go {
                true => "an earlier change removes the row",
                false => "the row is gone already",
            };
            return Some(Outcome::because(Status::Skipped, why));
        }
        Located::Gone => return Some(Outcome::because(Status::Conflict, "the row is gone")),
        Located::Other(other) => {
            let differences = change.differences(&expected, other);
            // What has the id now hangs together with other changes.
            change.id = None;
            return Some(Outcome {
                differences,
                ..Outcome::because(
                    Status::Conflict,
                    "another row has its id, and the row itself is not there",
                )
            });
        }
        Located::Several(count) => {
            change.id = None;
            let why = match count {
                1 => "a row is like it, and nobody can say whether it is this one".to_owned(),
                _ => format!("{count} rows are like it, and nobody can say which one it is"),
            };
            return Some(Outcome::because(Status::Conflict, why));
        }
    };
    // A change with a row that was seen was looked at before, in a plan or a question.
    let is_seen = change.identity.as_ref();
    let is_seen = is_seen.is_some_and(|known| matches!(known.row, Remembered::Seen(_)));
    let sent: Fields = match (is_seen, change.after.take()) {
        (true, Some(after)) => menu::sent_fields(&change.target, &expected, &after).collect(),
        (_, after) => after.unwrap_or_default(),
    };
    if expected.get(".id").is_some() {
        expected.set(".id", id.as_str());
    }
    let mut after = now.clone();
    for (name, value) in sent.iter() {
        after.set(name, value);
    }
    let is_set = change.action == Action::Set;
    let is_so = is_set
        && menu::sent_fields(&change.target, now, &after)
            .next()
            .is_none();
    let differences = match is_seen {
        // Whoever made it so: there is nothing left to do.
        _ if is_so => Vec::new(),
        false => change.differences(&expected, now),
        true => change.row_differences(&expected, now),
    };
    if !differences.is_empty() {
        change.after = is_set.then_some(sent);
        return Some(Outcome {
            differences,
            ..Outcome::because(Status::Conflict, "the row changed meanwhile")
        });
    }
    change.id = Some(id);
    change.before = Some(now.clone());
    change.identity = Some(Identity {
        row: Remembered::Seen(now.clone()),
        at: found.read_at(),
    });
    if change.action == Action::Remove {
        return None;
    }
    let taken = another_with_its_key(change, now, &after, found);
    change.after = Some(after);
    match is_so {
        true => Some(Outcome::because(Status::Skipped, "the row is so already")),
        false => taken,
    }
}

/// A row cannot get the key that another one has, where only one may have it.
fn another_with_its_key(
    change: &Change,
    now: &Fields,
    after: &Fields,
    found: &Found,
) -> Option<Outcome> {
    let target = &change.target;
    let key = menu::key_of(target, after).filter(|_| menu::is_key_unique(target))?;
    if menu::key_of(target, now).as_ref() == Some(&key) {
        return None;
    }
    let (id, other) = found.with_key(&key).next()?;
    let other = change.describe_row(id, other);
    Some(Outcome::because(
        Status::Conflict,
        match id.is_empty() {
            true => format!("an earlier change adds a row with its new key: {other}"),
            false => format!("another row has its new key: {other}"),
        },
    ))
}

async fn send_row(writer: &RouterWriter, change: &Change) -> Outcome {
    let empty = Fields::default();
    let before = change.before.as_ref().unwrap_or(&empty);
    let after = change.after.as_ref().unwrap_or(&empty);
    let id = change.id.as_deref().and_then(|id| id.parse::<Id>().ok());
    let answer = match (change.action, id) {
        (Action::Add, _) => writer.add(after.iter()).await.map(Some),
        (Action::Set, Some(id)) => writer
            .set(&id, menu::sent_fields(&change.target, before, after))
            .await
            .map(|()| None),
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

/// Why a later change of a row is not sent.
const EARLIER: &str = "an earlier change of the same row was not made";

fn not_sent(lane: &mut [&mut Judged], ended: &Option<String>) {
    let why = ended.as_deref().unwrap_or("it was not permitted");
    for judged in lane.iter_mut().filter(|judged| judged.goes_ahead()) {
        judged.outcome = Some(not_sent_because(why));
    }
}

fn not_sent_because(why: &str) -> Outcome {
    Outcome::because(Status::Skipped, format!("{NOT_SENT}{why}"))
}

/// What became of a change that was sent and not answered.
fn settled(change: &Change, found: &Found) -> Outcome {
    let landed = |id: Option<String>| Outcome {
        id,
        ..Outcome::because(Status::Applied, "no answer came; read again, it had landed")
    };
    let not_landed = || {
        Outcome::because(
            Status::Failed,
            "no answer came; read again, it had not landed",
        )
    };
    let before = change.before.clone().unwrap_or_default();
    let after = change.after.clone().unwrap_or_default();
    let now = change.id.as_deref().and_then(|id| found.with_id(id));
    let target = &change.target;
    let is_whole = |now: &Fields| is_same_row(target, &before, now);
    let is_so = |row: &Fields, now: &Fields| is_row_as_expected(target, row, now);
    match (change.action, now) {
        (Action::Remove, Some(now)) if is_whole(now) => not_landed(),
        (Action::Remove, _) => landed(None),
        (Action::Set, Some(now)) if is_so(&after, now) => landed(None),
        (Action::Set, Some(now)) if is_so(&before, now) => not_landed(),
        (Action::Add, _) => {
            let Some(key) = menu::key_of(&change.target, &after) else {
                return Outcome::because(Status::Unknown, "no answer came");
            };
            let is_like = |row: &Fields| !menu::is_key_shared(target) || is_so(&after, row);
            let like = found.with_key(&key).filter(|(_, row)| is_like(row));
            let ids: Vec<&str> = like.map(|(id, _)| id).collect();
            match ids.as_slice() {
                [] => not_landed(),
                [id] => landed(Some((*id).to_owned())),
                _ => Outcome::because(
                    Status::Unknown,
                    "no answer came, and several rows have its key",
                ),
            }
        }
        (Action::Set | Action::Command | Action::Execute, _) => Outcome::because(
            Status::Unknown,
            "no answer came, and the row is neither as it was nor as it was to be",
        ),
    }
}

/// The true outcome of a change that the router called done and the row does not show.
fn contradicted(change: &Change, outcome: &Outcome, found: &Found) -> Option<Outcome> {
    let before = change.before.as_ref()?;
    let id = change.id.as_deref().or(outcome.id.as_deref())?;
    let now = found.with_id(id);
    match (change.action, now) {
        (Action::Remove, Some(now)) if is_same_row(&change.target, before, now) => {
            Some(Outcome::because(
                Status::Failed,
                "the router called it done, and the row is still there",
            ))
        }
        (Action::Set, Some(now)) => {
            let after = change.after.as_ref()?;
            let sent: Fields = menu::sent_fields(&change.target, before, after).collect();
            let missing = change.differences(&sent, now);
            // A value that the router wrote in its own way is not the old one.
            let kept = |name: &str| now.get(name) == before.get(name);
            let unchanged = missing.iter().any(|difference| kept(&difference.field));
            unchanged.then(|| Outcome {
                differences: missing,
                ..Outcome::because(
                    Status::Failed,
                    "the router called it done, and the row did not change",
                )
            })
        }
        _ => None,
    }
}

impl Action {
    /// The word of plans, journals and questions.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::Set => "set",
            Self::Remove => "remove",
            Self::Command => "command",
            Self::Execute => "execute",
        }
    }
}
