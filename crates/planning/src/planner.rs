//! Plans the changes that scripts ask for: nothing here can send.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use routeros_api::Id;
use routeros_schema::Menu;
use tokio::sync::Mutex as AsyncMutex;

use super::error::ChangeError;
use super::judge::{Around, Broken, Judgement, judge};
use super::measure::measure;
use super::own_service::OwnServices;
use super::{keys, tables};
use catalogue::Said;
use plan::change::{Action, Change, Group};
use plan::fields::Fields;
use plan::judged::{Earlier, whole_or_not_at_all};
use plan::outcome::{Done, Status};
use plan::own::OwnRows;
use plan::protection::row_protection;
use plan::radius::Radius;
use plan::row::RowWrite;
use plan::statement::Parameter;
use plan::together::Rows;
use session::Session;
use site::grant::{Grant, Target};

/// Plans the changes of one run. Clones are the same planner.
#[derive(Clone)]
pub struct Planner {
    inner: Arc<Inner>,
}

struct Inner {
    session: Session,
    grant: Grant,
    own: Arc<dyn OwnRows>,
    services: OwnServices,
    recorded: Mutex<Recorded>,
    state: AsyncMutex<State>,
}

/// The changes that were recorded, by their numbers in the plan.
#[derive(Default)]
struct Recorded {
    changes: BTreeMap<usize, Change>,
    /// Those that are still to be judged.
    open: BTreeSet<usize>,
    /// How many changes the plan has so far.
    count: usize,
}

#[derive(Default)]
struct State {
    /// By their numbers in the plan; one that was recorded may have become two.
    done: BTreeMap<(usize, usize), Done>,
    /// What was planned before anything was recorded.
    before: Earlier,
    earlier: Earlier,
    radius: Radius,
}

impl Planner {
    /// A planner of changes that come after `planned`, which `grant` allows to plan. `own` are the rows
    /// that it may change though they look like somebody else's, `services` those of an embedder's own.
    pub fn new(
        session: Session,
        grant: Grant,
        planned: &[Done],
        (own, services): (Arc<dyn OwnRows>, OwnServices),
    ) -> Self {
        let mut state = State::default();
        let before = planned.iter().map(|done| &done.change);
        before.for_each(|change| state.before.plan(change));
        state.earlier = state.before.clone();
        Self {
            inner: Arc::new(Inner {
                session,
                grant,
                own,
                services,
                recorded: Mutex::default(),
                state: AsyncMutex::new(state),
            }),
        }
    }

    /// May `target` be planned?
    ///
    /// # Errors
    /// [`ChangeError::Undeclared`]
    pub fn may_plan(&self, target: &Target) -> Result<(), ChangeError> {
        let target = target.clone();
        match self.inner.grant.may_plan(&target) {
            true => Ok(()),
            false => Err(ChangeError::Undeclared { target }),
        }
    }

    /// Takes changes of rows into the plan, in their order. No service is asked: what is to become of
    /// them is found out by [`Planner::judge`], for all that were recorded at once.
    ///
    /// # Errors
    /// [`ChangeError`] for what is wrong with a change by itself: then none of them is recorded.
    pub fn record(&self, mut changes: Vec<Change>) -> Result<Vec<usize>, ChangeError> {
        changes.iter_mut().for_each(|change| self.place(change));
        self.allow(&changes)?;
        for change in &changes {
            let session = &self.inner.session;
            session.knows_router(change.router())?;
            if let Some(id) = change.id() {
                id.parse::<Id>()
                    .map_err(|_| ChangeError::Id { id: id.to_owned() })?;
            }
        }
        let mut recorded = self.recorded();
        let numbers = changes.into_iter().map(|change| {
            let number = recorded.next();
            recorded.changes.insert(number, change);
            recorded.open.insert(number);
            number
        });
        Ok(numbers.collect())
    }

    /// Were rows moved in the menu of a change that was recorded since then?
    pub fn has_moved_since(&self, number: usize) -> bool {
        let recorded = self.recorded();
        let rows = recorded.changes.get(&number).and_then(Change::rows);
        let later = recorded.changes.range(number + 1..);
        let mut moved = later.filter(|(_, change)| change.action() == Action::Move);
        moved.any(|(_, change)| change.rows() == rows)
    }

    /// Gives a change that was recorded, by its number, to `edit`, and takes it out of the plan where that
    /// says so. Gives the change as it is then, and the numbers of those that are to be judged again: what was
    /// said of them was of another plan. Nothing of a change that is in the plan no more.
    pub async fn edit(
        &self,
        number: usize,
        edit: impl FnOnce(&mut Change) -> Edited + Send,
    ) -> Option<(Change, BTreeSet<usize>)> {
        let mut state = self.inner.state.lock().await;
        let mut recorded = self.recorded();
        let mut change = recorded.changes.remove(&number)?;
        let was_open = recorded.open.contains(&number);
        match edit(&mut change) {
            Edited::Stays => drop(recorded.changes.insert(number, change.clone())),
            Edited::Goes => drop(recorded.open.remove(&number)),
        }
        if was_open {
            return Some((change, BTreeSet::new()));
        }
        let again: BTreeSet<usize> = recorded.changes.keys().copied().collect();
        let State {
            done,
            before,
            earlier,
            ..
        } = &mut *state;
        done.retain(|(other, _), _| *other != number && !again.contains(other));
        *earlier = before.clone();
        for done in done.values() {
            if done.outcome.goes_ahead() {
                earlier.plan(&done.change);
            }
            earlier.hold_back(&done.change, &done.outcome);
        }
        recorded.open.clone_from(&again);
        Some((change, again))
    }

    /// Judges what is recorded and was not judged: what became of each change, by its number. Where one
    /// menu cannot be read, its changes have the error, and are not planned.
    pub async fn judge(&self) -> BTreeMap<usize, Result<Done, ChangeError>> {
        let mut state = self.inner.state.lock().await;
        let recorded = self.recorded().take_open();
        if recorded.is_empty() {
            return BTreeMap::new();
        }
        let mut lanes: BTreeMap<Option<Rows>, Vec<(usize, Change)>> = BTreeMap::new();
        for (number, change) in recorded {
            let lane = lanes.entry(change.about().map(RowWrite::rows)).or_default();
            lane.push((number, change));
        }
        let mut outcomes = BTreeMap::new();
        for (numbers, changes) in lanes.into_values().map(|lane| lane.into_iter().unzip()) {
            let numbers: Vec<usize> = numbers;
            match self.plan(&mut state, changes, Broken::FromThereOn).await {
                Ok(done) => {
                    for (number, parts) in numbers.into_iter().zip(done) {
                        outcomes.insert(number, Ok(standing_for(&parts)));
                        let parts = (0..).zip(parts);
                        let parts = parts.map(|(part, done)| ((number, part), done));
                        state.done.extend(parts);
                    }
                }
                Err(error) => {
                    let failed = numbers.into_iter();
                    outcomes.extend(failed.map(|number| (number, Err(error.clone()))));
                }
            }
        }
        // What hangs together by its rows alone is weighed when all of it is there.
        let mut done = state.done.values();
        if done.any(|done| done.change.group.is_some()) {
            whole_or_not_at_all(state.done.values_mut());
            for (number, outcome) in outcomes.iter_mut().filter(|(_, outcome)| outcome.is_ok()) {
                let of_number = state.done.range((*number, 0)..(number + 1, 0));
                let parts: Vec<Done> = of_number.map(|(_, done)| done.clone()).collect();
                *outcome = Ok(standing_for(&parts));
            }
        }
        // Each was recorded, so that something became of it.
        let outcomes = outcomes.into_iter();
        outcomes
            .map(|(number, outcome)| {
                let outcome = outcome.and_then(|done| done.ok_or(ChangeError::Stopped));
                (number, outcome)
            })
            .collect()
    }

    /// A command of Redis as a change of the keys that it writes.
    ///
    /// # Errors
    /// [`ChangeError::Session`] for a command that does more than write keys, or if Redis cannot be asked.
    pub async fn command(&self, words: Vec<Vec<u8>>, reason: &str) -> Result<Change, ChangeError> {
        keys::named(&self.inner.session, words, reason).await
    }

    /// A statement of the database as a change of the table that it writes.
    ///
    /// # Errors
    /// [`ChangeError::Session`] for a statement that writes anything else, or if there is no database.
    pub async fn statement(
        &self,
        sql: &str,
        parameters: Vec<Parameter>,
        reason: &str,
    ) -> Result<Change, ChangeError> {
        let Inner { session, grant, .. } = &*self.inner;
        tables::named(session, grant, sql, parameters, reason).await
    }

    /// Plans `changes` in their order and at once. Each has an outcome; one that cannot be made does
    /// not stop the others.
    ///
    /// # Errors
    /// [`ChangeError`]: then none of them is planned.
    pub async fn submit(&self, mut changes: Vec<Change>) -> Result<Vec<Done>, ChangeError> {
        changes.iter_mut().for_each(|change| self.place(change));
        self.allow(&changes)?;
        if changes.is_empty() {
            return Ok(Vec::new());
        }
        let mut state = self.inner.state.lock().await;
        let done = self.plan(&mut state, changes, Broken::Whole).await?;
        let done: Vec<Done> = done.into_iter().flatten().collect();
        for done in &done {
            let number = self.recorded().next();
            state.done.insert((number, 0), done.clone());
        }
        Ok(done)
    }

    /// Takes the changes of a group out of the plan: it was not planned to its end.
    pub async fn forget(&self, group: &Group) {
        let is_of_it = |change: &Change| change.group.as_ref() == Some(group);
        self.recorded().forget(is_of_it);
        let mut state = self.inner.state.lock().await;
        state.done.retain(|_, done| !is_of_it(&done.change));
    }

    /// Every change that was judged, with what is to become of it, and how much is planned of them.
    pub async fn done(&self) -> (Vec<Done>, Radius) {
        let mut state = self.inner.state.lock().await;
        whole_or_not_at_all(state.done.values_mut());
        let mut done: Vec<Done> = state.done.values().cloned().collect();
        // As they are sent.
        done.sort_by_key(|done| done.change.ends_connection());
        let planned = done
            .iter()
            .filter(|done| done.outcome.status == Status::Planned);
        let radius = state.radius.of(planned.map(|done| &done.change));
        (done, radius)
    }

    /// Why a row of `menu` would be refused, if it would be.
    pub fn protection(&self, menu: &Menu, row: &Fields) -> Option<Said> {
        let Inner { session, own, .. } = &*self.inner;
        row_protection((None, menu), row, session.site(), &**own)
    }

    /// What becomes of each of `changes`, and of those that one of them has become.
    async fn plan(
        &self,
        state: &mut State,
        changes: Vec<Change>,
        broken: Broken,
    ) -> Result<Vec<Vec<Done>>, ChangeError> {
        let Inner {
            session,
            own,
            services,
            ..
        } = &*self.inner;
        let around = Around {
            session,
            own: &**own,
            services,
        };
        let mut done: Vec<Vec<Done>> = changes.iter().map(|_| Vec::new()).collect();
        let Judgement {
            judged,
            asked,
            sizes,
        } = judge(around, changes, &state.earlier, broken).await?;
        measure(session, &mut state.radius, (&judged, &sizes)).await?;
        let going = judged.iter().filter(|judged| judged.goes_ahead());
        going.for_each(|judged| state.earlier.plan(&judged.change));
        for (place, judged) in asked.into_iter().zip(judged) {
            let one = judged.into_done();
            state.earlier.hold_back(&one.change, &one.outcome);
            done[place].push(one);
        }
        Ok(done)
    }

    /// Which router a change is of, and how its texts are shown.
    fn place(&self, change: &mut Change) {
        let session = &self.inner.session;
        change.read_texts_as(session.site().router_text);
        let router = change.router().map(str::to_owned);
        change.send_to(session.other_router(router));
    }

    fn allow(&self, changes: &[Change]) -> Result<(), ChangeError> {
        let mut targets = changes.iter().flat_map(Change::targets);
        targets.try_for_each(|target| self.may_plan(&target))
    }

    fn recorded(&self) -> MutexGuard<'_, Recorded> {
        let recorded = self.inner.recorded.lock();
        recorded.unwrap_or_else(PoisonError::into_inner)
    }
}

/// What stands for a change that has become several: what of them cannot be made, else the last.
fn standing_for(parts: &[Done]) -> Option<Done> {
    let mut unmade = parts.iter();
    let unmade = unmade.find(|done| done.outcome.status != Status::Planned);
    unmade.or(parts.last()).cloned()
}

/// What becomes of a change that was edited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edited {
    /// It is in the plan as it is now.
    Stays,
    /// It is taken out of the plan.
    Goes,
}

impl Recorded {
    /// The changes that are to be judged, which are judged now.
    fn take_open(&mut self) -> Vec<(usize, Change)> {
        let open = std::mem::take(&mut self.open).into_iter();
        open.filter_map(|number| Some((number, self.changes.get(&number)?.clone())))
            .collect()
    }

    /// Takes changes out.
    fn forget(&mut self, is_left: impl Fn(&Change) -> bool) {
        self.changes.retain(|_, change| !is_left(change));
        self.open.retain(|number| self.changes.contains_key(number));
    }

    /// The number of the next change.
    fn next(&mut self) -> usize {
        self.count += 1;
        self.count
    }
}
