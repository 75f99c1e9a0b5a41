//! What writers give back: one write, planned or done. Of one that is planned the router is asked when
//! somebody looks at it, for all of them at once.

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use rhai::{Array, Dynamic, ImmutableString, Map, NativeCallContext};
use routeros_schema::Menu;
use serde_json::Value as Json;

use super::call::Host;
use super::change::to_json;
use super::error::{CallResult, HostError, Kind, Origin};
use catalogue::Said;
use plan::change::{Change, Group};
use plan::comments::Comments;
use plan::outcome::{Difference, Done, Outcome, Status};
use sentences::OutcomeTakenOut;
use site::grant::Target;

/// A change as scripts see it: `status`, `id`, `target`, `action`, `why`, `reason`, `differences`.
#[derive(Clone)]
pub struct Written(Rc<Recorded>);

/// A change that a writer recorded, and what became of it once that is known.
pub(super) struct Recorded {
    /// Its number in the plan.
    number: usize,
    /// The row that is added, of a change that adds one.
    added: Option<(Option<String>, Menu)>,
    target: Target,
    why: String,
    group: Option<Group>,
    origin: Option<Origin>,
    /// Who finds out what becomes of it.
    host: Weak<Host>,
    outcome: RefCell<Option<Result<Rc<Done>, HostError>>>,
    /// Has somebody looked at the outcome?
    seen: Cell<bool>,
}

impl Recorded {
    /// The change that a call in a script asks for.
    pub fn by_call(context: &NativeCallContext, host: &Rc<Host>, change: &Change) -> Self {
        let row = change.row().filter(|row| row.added().is_some());
        Self {
            number: 0,
            added: row.map(|row| (host.other_router(row.router.as_deref()), row.menu.clone())),
            target: change.target(),
            why: change.reason.to_string(),
            group: change.group.clone(),
            origin: Some(Origin::of(context)),
            host: Rc::downgrade(host),
            outcome: RefCell::default(),
            seen: Cell::new(false),
        }
    }

    /// The same with its number in the plan.
    pub fn numbered(self, number: usize) -> Self {
        Self { number, ..self }
    }

    /// What becomes of it is to be found out anew.
    pub fn reopen(&self) {
        *self.outcome.borrow_mut() = None;
    }

    /// Notes what becomes of it. An error gets the place of the call that asked for the change.
    pub fn judged(&self, outcome: Result<Done, HostError>) {
        let outcome = outcome.map(Rc::new).map_err(|mut error| {
            error.origin = error.origin.or_else(|| self.origin.clone());
            error
        });
        *self.outcome.borrow_mut() = Some(outcome);
    }

    /// The group that it is of.
    pub fn group(&self) -> Option<&Group> {
        self.group.as_ref()
    }

    /// Has somebody looked at what became of it?
    pub fn is_seen(&self) -> bool {
        self.seen.get()
    }

    /// What became of it, if it was judged.
    ///
    /// # Errors
    /// It could not be.
    pub fn outcome(&self) -> Result<Rc<Done>, HostError> {
        let ended = || HostError::new(Kind::Interrupted, "the run of this change has ended");
        let outcome = self.outcome.borrow().clone();
        outcome.unwrap_or_else(|| Err(ended()))
    }
}

impl Written {
    /// The change with what became of it.
    pub fn new(done: Done) -> Self {
        Self(Rc::new(Recorded {
            number: 0,
            added: None,
            target: done.change.target(),
            why: done.change.reason.to_string(),
            group: done.change.group.clone(),
            origin: None,
            host: Weak::new(),
            outcome: RefCell::new(Some(Ok(Rc::new(done)))),
            seen: Cell::new(false),
        }))
    }

    pub(super) fn recorded(recorded: Rc<Recorded>) -> Self {
        Self(recorded)
    }

    /// The number in the plan of a change of this run that adds a row to `menu` of a router.
    ///
    /// # Errors
    /// It adds none there (kind `invalid`).
    pub(super) fn added_to(
        &self,
        host: &Rc<Host>,
        router: Option<&str>,
        menu: &Menu,
    ) -> Result<usize, HostError> {
        let rows = self.0.added.as_ref();
        let is_here = self
            .0
            .host
            .upgrade()
            .is_some_and(|own| Rc::ptr_eq(&own, host));
        if rows.is_some() && !is_here {
            let message =
                "a row that is planned is known only in the line, or the run, that adds it";
            return Err(HostError::invalid(message).hint("add it and place it in one line"));
        }
        let is_there = |(its_router, its_menu): &(Option<String>, Menu)| {
            its_router.as_deref() == router && its_menu == menu
        };
        match rows {
            Some(rows) if is_there(rows) => Ok(self.0.number),
            Some((_, other)) => Err(HostError::invalid(format!(
                "the row is added to {other}, not to {menu}"
            ))),
            None => Err(
                HostError::invalid("a change is no row, unless it adds one in this run")
                    .hint("give the row itself, or its id"),
            ),
        }
    }

    /// It was taken out of the plan again, as `change`.
    pub fn take_out(&self, change: Change) {
        let outcome = Outcome::because(Status::Skipped, OutcomeTakenOut);
        self.0.judged(Ok(Done { change, outcome }));
    }

    /// The change with what became of it; finds it out if nobody has.
    ///
    /// # Errors
    /// A read failed that nobody had looked at, or the router cannot be asked.
    pub fn done(&self) -> Result<Rc<Done>, HostError> {
        let done = self.glance();
        self.0.seen.set(true);
        done
    }

    /// The same for who may keep the error to himself: it still comes up at the end of the run.
    fn glance(&self) -> Result<Rc<Done>, HostError> {
        let is_judged = self.0.outcome.borrow().is_some();
        if let (false, Some(host)) = (is_judged, self.0.host.upgrade()) {
            host.judge()?;
        }
        self.0.outcome()
    }

    /// The change as a JSON object.
    ///
    /// # Errors
    /// As [`Written::done`].
    pub fn to_json(&self) -> Result<Json, HostError> {
        self.done().map(|done| to_json(&done))
    }
}

fn difference_map(difference: &Difference) -> Dynamic {
    let text = |value: &Option<Said>| match value {
        Some(value) => value.to_string().into(),
        None => Dynamic::UNIT,
    };
    let mut map = Map::new();
    map.insert("field".into(), difference.field.clone().into());
    map.insert("expected".into(), text(&difference.expected));
    map.insert("found".into(), text(&difference.found));
    Dynamic::from_map(map)
}

fn look<T>(written: &Written, at: impl FnOnce(&Done) -> T) -> CallResult<T> {
    written
        .done()
        .map(|done| at(&done))
        .map_err(HostError::raise)
}

fn id(done: &Done) -> ImmutableString {
    let id = done.change.id().or(done.outcome.id.as_deref());
    id.unwrap_or_default().into()
}

/// The engine passes over the error of a text, and shows the name of the type.
fn text(written: &mut Written) -> CallResult<String> {
    let done = written.glance().map_err(HostError::raise)?;
    Ok(to_json(&done).to_string())
}

/// Registers the type and its fields.
pub fn register(engine: &mut rhai::Engine) {
    engine
        .register_type_with_name::<Written>("Change")
        .register_get("target", |written: &mut Written| {
            written.0.target.to_string()
        })
        .register_get("why", |written: &mut Written| written.0.why.clone())
        .register_get("status", |written: &mut Written| {
            let status = |done: &Done| ImmutableString::from(done.outcome.status.as_str());
            look(written, status)
        })
        .register_get("id", |written: &mut Written| look(written, id))
        .register_get("action", |written: &mut Written| {
            let action = |done: &Done| ImmutableString::from(done.change.action().as_str());
            look(written, action)
        })
        .register_get("subject", |written: &mut Written| {
            look(written, |done| {
                done.change.describe(Comments::Written).to_string()
            })
        })
        .register_get("reason", |written: &mut Written| {
            let said = |why: &Said| why.to_string();
            look(written, |done| {
                done.outcome.why.as_ref().map(said).unwrap_or_default()
            })
        })
        .register_get("differences", |written: &mut Written| {
            look(written, |done| -> Array {
                let differences = done.outcome.differences.iter();
                differences.map(difference_map).collect()
            })
        })
        .register_fn("to_string", text)
        .register_fn("to_debug", text);
}
