//! The one door between scripts and the site: asks the grant, starts the read, waits for it, gives
//! an error its place. Writes wait for every read and are planned by the planner of `change`.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::future::Future;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use rhai::{Dynamic, FnPtr, ImmutableString, NativeCallContext, Position, Scope};
use tokio::runtime::Handle;
use tokio::sync::{Semaphore, oneshot};
use tokio_util::sync::CancellationToken;

use routeros_schema::RouterText;

use plan::change::{Change, Group};
use planning::{ChangeError, Edited, Planner};
use session::Session;
use site::config::Service;
use site::grant::{Grant, Target};

use super::error::{CallResult, HostError, Kind};
use super::measured::{Measured, Measurements};
use super::moment::Clock;
use super::primitive::{Declared, Effect};
use super::read::{Answer, Progress, Read, Waiter};
use super::readers::Reader;
use super::rows::{Rows, Table};
use super::settings::PortalSettings;
use super::value::Value;
use super::words::Words;
use super::written::{Recorded, Written};

/// What primitives reach the site through: one for each run, handed to them as the engine's tag.
pub struct Host {
    session: Session,
    grant: Grant,
    planner: Planner,
    waiter: Rc<Waiter>,
    /// A place for each read that is under way.
    under_way: Arc<Semaphore>,
    /// Reads that were started and whose outcome nobody has looked at.
    started: RefCell<Vec<Rc<Read>>>,
    /// Changes that were recorded, by their numbers in the plan.
    recorded: RefCell<BTreeMap<usize, Rc<Recorded>>>,
    /// Those of them that nobody has judged.
    open: RefCell<BTreeSet<usize>>,
    /// The group that is being planned.
    group: RefCell<Option<Group>>,
    /// How many groups were begun.
    groups: Cell<u32>,
    /// Changes that could not be judged.
    unplanned: RefCell<Vec<Rc<Recorded>>>,
    /// Values that variables are still waiting for.
    deferred: Cell<usize>,
    deferrable: RefCell<HashSet<(ImmutableString, Position)>>,
    settings: PortalSettings,
    clock: Clock,
    /// When the run was planned first.
    planned_at: Timestamp,
    /// What primitives that measure give.
    measurements: Measurements,
    own: Option<Rc<dyn Any>>,
    /// What its script can say.
    words: RefCell<Rc<Words>>,
    is_quiet: bool,
}

/// So many reads of a run are under way at once; the others wait for their turn, in the order in which they
/// were started. A router gains nothing by more of them, and a script may start thousands.
pub const READS_AT_ONCE: usize = 16;

impl Host {
    /// A host for one run over `session`, whose changes go to `planner`; reads run on `runtime`
    /// and stop with `cancel`.
    pub fn new(
        session: Session,
        grant: Grant,
        planner: Planner,
        runtime: Handle,
        cancel: CancellationToken,
        progress: Rc<dyn Progress>,
    ) -> Self {
        Self {
            settings: PortalSettings::of(session.site()),
            session,
            grant,
            planner,
            waiter: Rc::new(Waiter {
                runtime,
                cancel,
                progress,
                stopped: memory::stopped(),
            }),
            under_way: Arc::new(Semaphore::new(READS_AT_ONCE)),
            started: RefCell::default(),
            recorded: RefCell::default(),
            open: RefCell::default(),
            unplanned: RefCell::default(),
            group: RefCell::default(),
            groups: Cell::default(),
            deferred: Cell::new(0),
            deferrable: RefCell::default(),
            clock: Clock::default(),
            planned_at: Timestamp::now(),
            measurements: Measured::default().of_planning(false),
            own: None,
            words: RefCell::default(),
            is_quiet: false,
        }
    }

    /// The same host with another clock, for tests.
    #[must_use]
    pub fn with_clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// The same host with something that an embedding program's own primitives need: their
    /// connection, their configuration. They take it by [`Host::own`].
    #[must_use]
    pub fn with_own(mut self, own: Rc<dyn Any>) -> Self {
        self.own = Some(own);
        self
    }

    /// The same host for a script that has said before what it says.
    #[must_use]
    pub fn quiet(mut self) -> Self {
        self.is_quiet = true;
        self
    }

    /// Has the script said before what it says?
    pub fn is_quiet(&self) -> bool {
        self.is_quiet
    }

    /// What [`Host::with_own`] was given, if it is of this type.
    pub fn own<Own: Any>(&self) -> Option<Rc<Own>> {
        self.own.clone()?.downcast().ok()
    }

    /// Lets its script say the messages of `words`.
    pub fn speak(&self, words: Words) {
        self.words.replace(Rc::new(words));
    }

    /// What its script can say.
    pub fn words(&self) -> Rc<Words> {
        self.words.borrow().clone()
    }

    /// The present time, by the clock of this run.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// What plans its changes.
    pub fn planner(&self) -> &Planner {
        &self.planner
    }

    /// The site's time zone.
    pub fn time_zone(&self) -> TimeZone {
        TimeZone::get(&self.session.site().time_zone).unwrap_or(TimeZone::UTC)
    }

    /// Does the runbook declare that it writes this?
    ///
    /// # Errors
    /// It does not (kind `denied`).
    pub(super) fn may_plan(&self, target: &Target) -> Result<(), HostError> {
        self.planner
            .may_plan(target)
            .map_err(|error| of_service(error, target.service()))
    }

    /// Changes that are asked for in a group are of it.
    fn join_group(&self, changes: &mut [Change]) {
        let group = self.group.borrow();
        changes
            .iter_mut()
            .for_each(|change| change.group = group.clone());
    }

    /// The same with what was measured before, and with the time at which it was planned first.
    pub fn planning(mut self, measurements: Measurements, at: Timestamp) -> Self {
        self.measurements = measurements;
        self.planned_at = at;
        self
    }

    /// When the run was planned first: the same in each of its plannings, and in its plan file.
    pub fn planned_at(&self) -> Timestamp {
        self.planned_at
    }

    /// Were rows moved in the menu of the change with this number since then?
    pub(super) fn has_moved_since(&self, number: usize) -> bool {
        self.planner.has_moved_since(number)
    }

    /// Nothing becomes of the change with this number: it is in the plan no more.
    pub(super) fn forget(&self, number: usize) {
        self.recorded.borrow_mut().remove(&number);
        self.open.borrow_mut().remove(&number);
    }

    /// The name of a router that is not the site's first.
    pub fn other_router(&self, name: Option<&str>) -> Option<String> {
        self.session.other_router(name.map(str::to_owned))
    }

    /// How the texts of the site's routers are read and written.
    pub fn router_text(&self) -> RouterText {
        self.session.site().router_text
    }

    /// How long a script of this site may run.
    pub fn time_limit(&self) -> Duration {
        self.session.site().limits.script
    }

    /// The portal's settings, read by whoever asks first.
    pub fn settings(&self) -> PortalSettings {
        self.settings.clone()
    }

    /// What the portal's variable `name` holds, if it is set and not empty.
    pub fn variable(&self, name: &str) -> Option<&str> {
        self.session.site().environment.filled(name)
    }

    /// Has the operator stopped the run?
    pub fn is_cancelled(&self) -> bool {
        self.waiter.cancel.is_cancelled()
    }

    /// Waits for `time`, or until the operator stops the run.
    ///
    /// # Errors
    /// The run was stopped.
    pub fn pause(&self, time: Duration) -> Result<(), HostError> {
        let (sender, mut receiver) = oneshot::channel();
        self.waiter.runtime.spawn(async move {
            tokio::time::sleep(time).await;
            drop(sender.send(Ok(Answer::Value(Value::Unit))));
        });
        self.waiter.wait("sleep to end", &mut receiver).map(drop)
    }

    /// Names the calls of a script whose value goes straight into a variable: these need not be
    /// waited for before the variable is used.
    pub fn allow_deferring(&self, source: &str, calls: impl IntoIterator<Item = Position>) {
        let source = ImmutableString::from(source);
        self.deferrable
            .borrow_mut()
            .extend(calls.into_iter().map(|call| (source.clone(), call)));
    }

    /// Replaces a variable that is still waiting for its read by what was read; called by the
    /// engine before each use of a variable. A constant cannot be replaced and is given back.
    ///
    /// # Errors
    /// The read failed: its own error, with the place where it was started.
    pub fn settle_variable(&self, name: &str, scope: &mut Scope) -> CallResult<Option<Dynamic>> {
        if self.deferred.get() == 0 {
            return Ok(None);
        }
        let Some(pending) = scope
            .get(name)
            .and_then(|value| value.read_lock::<Deferred>().map(|pending| pending.clone()))
        else {
            return Ok(None);
        };
        let value = pending.settle().map_err(HostError::raise)?;
        let Some(variable) = scope.get_mut(name) else {
            return Ok(Some(value));
        };
        // A variable that a closure captured is shared: all that share it see the value.
        if let Some(mut place) = variable.write_lock::<Dynamic>() {
            *place = value;
            self.count_settled();
        }
        Ok(None)
    }

    /// One value less that a variable waits for.
    fn count_settled(&self) {
        self.deferred.set(self.deferred.get().saturating_sub(1));
    }

    /// Waits for every read that nobody has looked at, and judges every change that is recorded, so
    /// that no failure goes unseen.
    ///
    /// # Errors
    /// The first of them that failed.
    pub fn settle(&self) -> Result<(), HostError> {
        self.judge()?;
        self.settle_reads()?;
        let unplanned = std::mem::take(&mut *self.unplanned.borrow_mut());
        unplanned
            .iter()
            .filter(|recorded| !recorded.is_seen())
            .try_for_each(|recorded| recorded.outcome().map(drop))
    }

    /// Finds out what becomes of all changes that were recorded and not judged. Waits for every read
    /// that was started before.
    ///
    /// # Errors
    /// A read failed that nobody had looked at.
    pub(super) fn judge(&self) -> Result<(), HostError> {
        if self.open.borrow().is_empty() {
            return Ok(());
        }
        if self.group.borrow().is_some() {
            let message = "what becomes of a change of a group is known when the group is whole";
            return Err(HostError::invalid(message).hint("look at it after change::together(…)"));
        }
        self.settle_reads()?;
        let open = std::mem::take(&mut *self.open.borrow_mut());
        let planner = self.planner.clone();
        let outcomes = self
            .waiter
            .planned(async move { Ok(planner.judge().await) });
        let (mut outcomes, stopped) = match outcomes {
            Ok(outcomes) => (outcomes, ChangeError::Stopped),
            Err(stopped) => (BTreeMap::new(), stopped),
        };
        for number in open {
            let Some(recorded) = self.recorded.borrow().get(&number).cloned() else {
                continue;
            };
            let outcome = outcomes.remove(&number);
            let outcome = outcome.unwrap_or_else(|| Err(stopped.clone()));
            let outcome = outcome.map_err(|error| of_service(error, Some(Service::Mikrotik)));
            let has_failed = outcome.is_err();
            recorded.judged(outcome);
            if has_failed {
                self.unplanned.borrow_mut().push(recorded);
            }
        }
        Ok(())
    }

    /// Waits for every read that nobody has looked at, so that no failure goes unseen.
    ///
    /// # Errors
    /// The first of them that failed.
    pub fn settle_reads(&self) -> Result<(), HostError> {
        let started = std::mem::take(&mut *self.started.borrow_mut());
        started
            .iter()
            .filter(|read| !read.is_seen())
            .try_for_each(|read| read.wait().map(drop))
    }

    fn start<R: Reader>(
        &self,
        context: &NativeCallContext,
        what: String,
        measured_with: Option<String>,
        read: impl Future<Output = Result<Answer, HostError>> + Send + 'static,
    ) -> Rc<Read> {
        let (kept, measured) = match measured_with {
            Some(with) => {
                let source = context.call_source().unwrap_or_default().to_owned();
                let asked = format!("{what} {with}");
                let call = (source, context.call_position());
                let (place, answer) = self.measurements.of_call(call, asked);
                (answer, Some((self.measurements.measured(), place)))
            }
            None => (None, None),
        };
        // In a box: a thread's stack does not hold what all that is around it would make of a large one.
        let read = Box::pin(async move {
            if let Some(answer) = kept {
                return Ok(answer);
            }
            let answer = read.await;
            if let (Some((measured, place)), Ok(answer)) = (measured, &answer) {
                measured.keep(place, answer.clone());
            }
            answer
        });
        let (sender, receiver) = oneshot::channel();
        let label = what.clone();
        let (under_way, cancel) = (self.under_way.clone(), self.waiter.cancel.clone());
        self.waiter.runtime.spawn(async move {
            let in_turn = async {
                // Nobody closes it.
                let _place = under_way.acquire_owned().await;
                let began = Instant::now();
                (read.await, began)
            };
            // What is dropped half-way is cancelled where it is asked for.
            let Some((outcome, began)) = cancel.run_until_cancelled(in_turn).await else {
                return;
            };
            let milliseconds = began.elapsed().as_millis() as u64;
            match &outcome {
                Ok(Answer::Table(table)) => {
                    tracing::info!(rows = table.len(), milliseconds, "{label}");
                }
                Ok(Answer::Value(_) | Answer::Map(_)) => tracing::info!(milliseconds, "{label}"),
                Err(error) => tracing::info!(milliseconds, "{label} failed: {error}"),
            }
            // The receiver is gone when the run ended before the answer came.
            drop(sender.send(outcome));
        });
        // Of several it is the last, whose answers take longest.
        let its = (R::SERVICES.last().copied(), what);
        let read = Rc::new(Read::of_call(context, its, receiver, self.waiter.clone()));
        let mut started = self.started.borrow_mut();
        started.retain(|read| !read.is_seen());
        started.push(read.clone());
        read
    }
}

/// The host of the run that makes this call.
///
/// # Errors
/// The engine was built without a host: it can compile scripts, not run primitives.
pub fn host(context: &NativeCallContext) -> CallResult<Rc<Host>> {
    context
        .tag()
        .and_then(|tag| tag.clone().try_cast::<Rc<Host>>())
        .ok_or_else(|| {
            HostError::new(Kind::NotConfigured, "this engine has no site to ask")
                .at(context)
                .raise()
        })
}

/// What `primitive` reads without asking any service: what its handle knows.
///
/// # Errors
/// The run may not read from what `primitive` declares (kind `denied`).
pub fn known<R: Reader, T>(
    context: &NativeCallContext,
    primitive: &Declared<R>,
    read: impl FnOnce(&R) -> T,
) -> CallResult<T> {
    let host = granted(context, primitive)?;
    Ok(read(&R::of(&host.session)))
}

/// Starts a read that gives rows; it is waited for when the rows are first used.
///
/// # Errors
/// The run may not read from what `primitive` declares (kind `denied`).
pub fn rows<R: Reader, F>(
    context: &NativeCallContext,
    primitive: &Declared<R>,
    what: impl Into<String>,
    read: impl FnOnce(R) -> F,
) -> CallResult<Rows>
where
    F: Future<Output = Result<Arc<dyn Table>, HostError>> + Send + 'static,
{
    let measured_with = is_kept(primitive).then(String::new);
    rows_of(context, primitive, what.into(), measured_with, read)
}

/// Starts a read that gives rows which are so at this moment alone, of a primitive that does other things as
/// well; `with` is what it is called with.
///
/// # Errors
/// As [`rows`].
pub fn measured_rows<R: Reader, F>(
    context: &NativeCallContext,
    primitive: &Declared<R>,
    (what, with): (String, String),
    read: impl FnOnce(R) -> F,
) -> CallResult<Rows>
where
    F: Future<Output = Result<Arc<dyn Table>, HostError>> + Send + 'static,
{
    rows_of(context, primitive, what, Some(with), read)
}

/// Does what was measured in the first planning answer the second one? Workers are asked again: what they
/// run says whether a lock is stale.
fn is_kept<R: Reader>(primitive: &Declared<R>) -> bool {
    let declared = primitive.declaration();
    declared.effect == Effect::Measure && !declared.services.contains(&Service::Celery)
}

fn rows_of<R: Reader, F>(
    context: &NativeCallContext,
    primitive: &Declared<R>,
    what: String,
    measured_with: Option<String>,
    read: impl FnOnce(R) -> F,
) -> CallResult<Rows>
where
    F: Future<Output = Result<Arc<dyn Table>, HostError>> + Send + 'static,
{
    let host = granted(context, primitive)?;
    let future = read(R::of(&host.session));
    let read = host.start::<R>(context, what, measured_with, async move {
        Ok(Answer::Table(future.await?))
    });
    Ok(Rows::deferred(read))
}

/// Starts a read that gives one value; it is waited for as [`answer`] says.
///
/// # Errors
/// As [`answer`].
pub fn value<R: Reader, F>(
    context: &NativeCallContext,
    primitive: &Declared<R>,
    what: impl Into<String>,
    read: impl FnOnce(R) -> F,
) -> CallResult<Dynamic>
where
    F: Future<Output = Result<Value, HostError>> + Send + 'static,
{
    answer(context, primitive, what, |reader| {
        let value = read(reader);
        async move { Ok(Answer::Value(value.await?)) }
    })
}

/// Starts a read that gives one value, or several things by name. Where what it gives goes straight into a variable
/// (`let limit = redis::get("…")`) it is waited for when the variable is first used, elsewhere at
/// once.
///
/// # Errors
/// The run may not read from what `primitive` declares (kind `denied`), or the read failed.
pub fn answer<R: Reader, F>(
    context: &NativeCallContext,
    primitive: &Declared<R>,
    what: impl Into<String>,
    read: impl FnOnce(R) -> F,
) -> CallResult<Dynamic>
where
    F: Future<Output = Result<Answer, HostError>> + Send + 'static,
{
    let host = granted(context, primitive)?;
    let future = read(R::of(&host.session));
    let measured_with = is_kept(primitive).then(String::new);
    let pending = Deferred(host.start::<R>(context, what.into(), measured_with, future));
    let place = (
        ImmutableString::from(context.call_source().unwrap_or_default()),
        context.call_position(),
    );
    if host.deferrable.borrow().contains(&place) {
        host.deferred.set(host.deferred.get() + 1);
        return Ok(Dynamic::from(pending));
    }
    pending.settle().map_err(HostError::raise)
}

/// What [`value`] gave, waited for also where it goes straight into a variable.
///
/// # Errors
/// The read failed.
pub fn at_once(context: &NativeCallContext, value: Dynamic) -> CallResult<Dynamic> {
    let pending = value.read_lock::<Deferred>().map(|pending| pending.clone());
    let Some(pending) = pending else {
        return Ok(value);
    };
    host(context)?.count_settled();
    pending.settle().map_err(HostError::raise)
}

/// Takes changes of rows into the plan. Nothing is asked of the router: what becomes of them is found
/// out when somebody looks at one of them, for all of them at once, and else at the end of the run.
///
/// # Errors
/// The runbook does not declare what it writes, or `primitive` is none that writes this (kind `denied`);
/// a change is wrong by itself.
pub fn record<R: Reader>(
    context: &NativeCallContext,
    primitive: &Declared<R>,
    mut changes: Vec<Change>,
) -> CallResult<Vec<Written>> {
    let host = host(context)?;
    host.join_group(&mut changes);
    let services = changes
        .iter()
        .filter_map(|change| change.target().service());
    may_write(primitive, services).map_err(|error| error.at(context).raise())?;
    record_all(context, &host, changes)
}

fn record_all(
    context: &NativeCallContext,
    host: &Rc<Host>,
    changes: Vec<Change>,
) -> CallResult<Vec<Written>> {
    let recorded: Vec<Recorded> = changes
        .iter()
        .map(|change| Recorded::by_call(context, host, change))
        .collect();
    let service = changes.first();
    let service = service.and_then(|change| change.target().service());
    let planned = host.planner.record(changes);
    let numbers = planned.map_err(|error| of_service(error, service).at(context).raise())?;
    let recorded = recorded.into_iter().zip(&numbers);
    let recorded: Vec<Rc<Recorded>> = recorded
        .map(|(recorded, number)| Rc::new(recorded.numbered(*number)))
        .collect();
    host.open.borrow_mut().extend(&numbers);
    let by_number = numbers.into_iter().zip(recorded.iter().cloned());
    host.recorded.borrow_mut().extend(by_number);
    Ok(recorded.into_iter().map(Written::recorded).collect())
}

/// Takes a request to a service of an embedder's own into the plan. What becomes of it is found out when
/// somebody looks at it, and else at the end of the run; it is sent by an apply alone.
///
/// # Errors
/// The runbook does not declare `service:subject` (kind `denied`).
pub fn request(
    context: &NativeCallContext,
    (service, verb): (&str, &str),
    subject: &str,
    fields: impl IntoIterator<Item = (String, Vec<u8>)>,
    why: &str,
) -> CallResult<Written> {
    let host = host(context)?;
    let fields = fields.into_iter().collect();
    let mut changes = vec![Change::request((service, verb), subject, fields, why)];
    host.join_group(&mut changes);
    let recorded = record_all(context, &host, changes)?;
    recorded.into_iter().next().ok_or_else(|| {
        HostError::new(Kind::Interrupted, "the change was stopped")
            .at(context)
            .raise()
    })
}

/// Gives the change with this number in the plan to `edit`, which may take it out of the plan. What was said of
/// changes before is found out anew. Gives the change as it is then.
///
/// # Errors
/// The run was stopped; it is not in the plan any more (kind `invalid`).
pub fn edit(
    context: &NativeCallContext,
    number: usize,
    edit: impl FnOnce(&mut Change) -> Edited + Send + 'static,
) -> CallResult<Change> {
    let host = host(context)?;
    let planner = host.planner.clone();
    let edited = host
        .waiter
        .planned(async move { Ok(planner.edit(number, edit).await) });
    let edited = edited.map_err(|error| of_service(error, None).at(context).raise())?;
    let Some((change, again)) = edited else {
        let error = HostError::invalid("the row was taken out of the plan before");
        return Err(error.at(context).raise());
    };
    let recorded = host.recorded.borrow();
    let of_again = again.iter().filter_map(|number| recorded.get(number));
    of_again.for_each(|recorded| recorded.reopen());
    host.open.borrow_mut().extend(again);
    Ok(change)
}

/// Plans a change of `service` at once, which `make` makes, and finds out what is to become of it. Waits for
/// every read that was started before.
///
/// # Errors
/// A read failed that nobody had looked at; the runbook does not declare what it writes, `primitive`
/// is none that writes this, or a guard refuses (kind `denied`); a service cannot be asked.
pub fn change<R: Reader, Made>(
    context: &NativeCallContext,
    primitive: &Declared<R>,
    service: Service,
    make: impl FnOnce(Planner) -> Made,
) -> CallResult<Written>
where
    Made: Future<Output = Result<Change, ChangeError>> + Send + 'static,
{
    let host = host(context)?;
    let failed = |error| of_service(error, Some(service)).at(context).raise();
    host.settle_reads().map_err(HostError::raise)?;
    let planner = host.planner.clone();
    let made = host.waiter.planned(make(planner.clone()));
    let mut changes = vec![made.map_err(failed)?];
    host.join_group(&mut changes);
    let services = changes
        .iter()
        .filter_map(|change| change.target().service());
    may_write(primitive, services).map_err(|error| error.at(context).raise())?;
    let done = host
        .waiter
        .planned(async move { planner.submit(changes).await });
    let done = done.map_err(failed)?;
    done.into_iter().next().map(Written::new).ok_or_else(|| {
        HostError::new(Kind::Interrupted, "the change was stopped")
            .at(context)
            .raise()
    })
}

/// What `members` gives back, whose changes are made together or not at all, and why. None of them is
/// planned where it fails.
///
/// # Errors
/// It fails, or is called by another one's `members` (kind `invalid`).
pub fn together(context: &NativeCallContext, why: &str, members: &FnPtr) -> CallResult<Dynamic> {
    let host = host(context)?;
    if host.group.borrow().is_some() {
        let message = "a group of changes cannot be part of another one";
        return Err(HostError::invalid(message).at(context).raise());
    }
    host.groups.set(host.groups.get() + 1);
    let group = Group {
        number: host.groups.get(),
        why: why.to_owned(),
    };
    host.group.replace(Some(group.clone()));
    let planned = members.call_within_context::<Dynamic>(context, ());
    host.group.replace(None);
    if planned.is_err() {
        let is_of_it = |recorded: &Rc<Recorded>| recorded.group() == Some(&group);
        let mut recorded = host.recorded.borrow_mut();
        recorded.retain(|_, recorded| !is_of_it(recorded));
        drop(recorded);
        let planner = host.planner.clone();
        let forgotten = async move {
            planner.forget(&group).await;
            Ok(())
        };
        // Where the run was stopped nothing of it is made.
        drop(host.waiter.planned(forgotten));
    }
    planned
}

fn of_service(error: ChangeError, service: Option<Service>) -> HostError {
    let mut error = HostError::from(error);
    error.service = error.service.or(service);
    error
}

/// A primitive changes what it declares, and nothing else.
fn may_write<R: Reader>(
    primitive: &Declared<R>,
    mut services: impl Iterator<Item = Service>,
) -> Result<(), HostError> {
    let declared = primitive.declaration();
    let writes = matches!(declared.effect, Effect::Write(_));
    match services.find(|service| !writes || !declared.services.contains(service)) {
        None => Ok(()),
        Some(service) => Err(HostError::new(
            Kind::Denied,
            format!(
                "`{}` does not change anything of `{service}`",
                declared.name
            ),
        )
        .on(service)),
    }
}

/// The host of the run that makes this call, which may read from all that `primitive` declares.
///
/// # Errors
/// The run may not read from one of them (kind `denied`).
fn granted<R: Reader>(
    context: &NativeCallContext,
    primitive: &Declared<R>,
) -> CallResult<Rc<Host>> {
    let host = host(context)?;
    let declared = primitive.declaration();
    debug_assert_eq!(
        declared.name,
        context.fn_name(),
        "the declaration of another primitive"
    );
    let mut services = declared.services.iter().copied();
    let Some(service) = services.find(|service| !host.grant.may_read(*service)) else {
        return Ok(host);
    };
    Err(HostError::new(
        Kind::Denied,
        format!("the runbook may not read from `{service}`"),
    )
    .on(service)
    .hint(format!(
        "name it in the header: const RUNBOOK = #{{ reads: [\"{service}\"], … }}"
    ))
    .at(context)
    .raise())
}

/// A value that a variable is waiting for; scripts never see it.
#[derive(Clone)]
struct Deferred(Rc<Read>);

impl Deferred {
    fn settle(&self) -> Result<Dynamic, HostError> {
        self.0.wait().map(dynamic)
    }
}

/// What a read gave, as scripts see it.
fn dynamic(answer: Answer) -> Dynamic {
    match answer {
        Answer::Value(value) => value.into_dynamic(),
        Answer::Table(table) => Dynamic::from(Rows::of(table)),
        Answer::Map(parts) => {
            let parts = parts.into_iter();
            Dynamic::from_map(
                parts
                    .map(|(name, part)| (name.into(), dynamic(part)))
                    .collect(),
            )
        }
    }
}
