//! `site::` simulated sites for the tests of scripts.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use rhai::plugin::*;
use rhai::{Array, Dynamic, EvalAltResult, FnPtr, INT, Map};
use routeros_sim::{Id, Simulator};

use crate::run::{Confirm, Proposal};
use demo::{Contents, Demo, DemoRedis, DemoRouter};
use planning::ChangeError;
use scripting::host::call;
use scripting::host::dynamic::{json_of, key_of};
use scripting::host::error::{CallResult, HostError, Kind};
use scripting::host::mikrotik::menu_of;
use scripting::host::moment::Clock;
use scripting::host::primitive::primitives;
use wording::bytes::shown;

use super::done::{self, Done};
use super::faults::{faults_of, row_id};
use super::services::{Journals, Services};
use super::stage::{Mode, Stage};

/// A simulated site of a test; copies are the same site.
#[derive(Clone)]
pub struct TestSite(Rc<Services>);

impl TestSite {
    fn of(contents: Contents) -> Self {
        let clock = match contents.now {
            Some(now) => Clock::Standing(Rc::new(Cell::new(now))),
            None => Clock::System,
        };
        Self(Rc::new(Services {
            demo: Arc::new(Demo::of(contents)),
            clock,
            journals: Journals::default(),
            between: RefCell::default(),
        }))
    }
}

/// Registers the types.
pub fn register(engine: &mut Engine) {
    engine.register_type_with_name::<TestSite>("Site");
    done::register(engine);
}

primitives! {
    _: () = plain load(Text);
    _: () = plain of(Value);
    _: () = plain demo();
    _: () = plain runbook(Value, Text);
    _: () = plain runbook(Value, Text, Value);
    _: () = plain apply(Value, Value);
    _: () = plain apply(Value, Text, Value);
    _: () = plain apply(Value, Text, Value, Value);
    _: () = plain between(Value, Value);
    _: () = plain undo(Value);
    _: () = plain fails(Value, Text, Value);
    _: () = plain read(Value, Text);
    _: () = plain rows(Value, Menu);
    _: () = plain change_row(Value, Menu, Row, Fields);
    _: () = plain remove_row(Value, Menu, Row);
    _: () = plain writes(Value);
    _: () = plain fault(Value, Value);
    _: () = plain advance(Value, Seconds);
    _: () = plain findings(Value, Text);
    _: () = plain subjects(Value, Text);
}

/// Simulated sites: a router, a database, a Redis, workers and containers that are there for one
/// test. Only tests (`tikbook test`) have this namespace.
#[export_module]
pub mod site_module {
    use super::*;

    /// The site that a fixture file describes, by its path from the folder of the test.
    /// Fails with kind `invalid` if it cannot be read or is not of the known form.
    ///
    /// ```rhai
    /// try { site::load("fixtures/none.json"); }
    /// catch (err) { assert_eq(err.kind, "invalid"); }
    /// ```
    #[rhai_fn(return_raw)]
    pub fn load(context: NativeCallContext, path: &str) -> CallResult<TestSite> {
        let text = stage(&context)?
            .fixture(path)
            .map_err(|error| error.at(&context).raise())?;
        from_text(&context, &text, path)
    }

    /// The site that a map describes, of the form of a fixture file.
    /// Fails with kind `invalid` if it is not of the known form.
    ///
    /// ```rhai
    /// let site = site::of(#{
    ///     now: "2026-05-31T12:00:00Z",
    ///     router: #{ "/ip/arp": [#{ address: "10.0.0.9" }] },
    ///     redis: #{ greeting: "hello" },
    /// });
    /// assert_eq(site.read(`mikrotik::rows("/ip/arp").len()`), 1);
    /// ```
    #[rhai_fn(return_raw)]
    pub fn of(context: NativeCallContext, contents: Map) -> CallResult<TestSite> {
        let json =
            json_of(&Dynamic::from_map(contents)).map_err(|error| error.at(&context).raise())?;
        from_text(&context, &json.to_string(), "the map")
    }

    /// The site of `--site demo`.
    ///
    /// ```rhai
    /// assert(site::demo().rows("/ip/hotspot/ip-binding").len() > 10, "a boarding house");
    /// ```
    pub fn demo() -> TestSite {
        TestSite::of(Contents::default())
    }

    // Not `run`: a script's own `run(args)` would be called in its place.

    /// Runs a runbook without arguments; see `runbook(name, args)`.
    ///
    /// ```rhai
    /// assert(site::demo().runbook("audit").findings("stale-blocked").len() > 0, "the demo has some");
    /// ```
    #[rhai_fn(global, name = "runbook", return_raw, pure)]
    pub fn runbook(
        context: NativeCallContext,
        site: &mut TestSite,
        name: &str,
    ) -> CallResult<Done> {
        runbook_with(context, site, name, Map::new())
    }

    /// Runs a runbook, or the script in a file, with arguments by the names of its parameters. Gives
    /// what it did: `done.report`, `done.findings(kind)`, `done.subjects(kind)`, `done.changes`. Its
    /// changes are only planned; `site.apply(done)` makes them.
    /// Fails as the runbook fails.
    ///
    /// ```rhai
    /// let done = site::demo().runbook("audit", #{ limit: 1 });
    /// assert_eq(done.report.anomalies.stale_blocked.len(), 1);
    /// ```
    #[rhai_fn(global, name = "runbook", return_raw, pure)]
    pub fn runbook_with(
        context: NativeCallContext,
        site: &mut TestSite,
        name: &str,
        args: Map,
    ) -> CallResult<Done> {
        run(&context, site, name, &args, Mode::Plan)
    }

    /// Makes the changes that a runbook planned, as `tikbook apply` does with its plan: rows that
    /// were changed since then stay. Gives `done.changes`, each with its `status`; see
    /// `tikbook doc change`.
    /// Fails with kind `denied` where a guard refuses.
    ///
    /// ```rhai
    /// let site = site::demo();
    /// let planned = site.runbook("cleanup");
    /// let first = planned.changes[0];
    /// site.change_row("/ip/firewall/address-list", first.id, #{ comment: "user=0812345678" });
    /// let done = site.apply(planned);
    /// assert_eq(done.changes[0].status, "conflict");
    /// assert_eq(done.changes[1].status, "applied");
    /// ```
    #[rhai_fn(global, name = "apply", return_raw, pure)]
    pub fn apply(
        context: NativeCallContext,
        site: &mut TestSite,
        planned: Done,
    ) -> CallResult<Done> {
        let done = stage(&context)?
            .apply(&site.0, planned.changes(), None)
            .map_err(|error| error.at(&context).raise())?;
        Ok(Done::of_changes(done))
    }

    /// Runs a runbook and applies its changes, as `tikbook run NAME --apply` does: it is planned, planned
    /// again, what both plans hold is applied, and its `after` is called. Gives what `runbook` gives;
    /// `done.changes` say what became of each.
    /// Fails as the runbook fails, and with kind `denied` where a guard refuses.
    ///
    /// ```rhai
    /// let site = site::demo();
    /// let done = site.apply("cleanup", #{ orphans: true });
    /// assert_eq(change::count(done.changes, "applied"), done.changes.len());
    /// assert_eq(site.writes(), done.changes.len());
    /// ```
    #[rhai_fn(global, name = "apply", return_raw, pure)]
    pub fn apply_runbook(
        context: NativeCallContext,
        site: &mut TestSite,
        name: &str,
        args: Map,
    ) -> CallResult<Done> {
        applied(&context, site, name, &args, None)
    }

    /// The same as with `--max-changes`: more than 50 changes, or more than half of a list.
    ///
    /// ```rhai
    /// let site = site::demo();
    /// try { site.apply("cleanup", #{}, 1); }
    /// catch (err) { assert_eq(err.kind, "denied"); }
    /// assert_eq(site.writes(), 0);
    /// ```
    #[rhai_fn(global, name = "apply", return_raw, pure)]
    pub fn apply_runbook_within(
        context: NativeCallContext,
        site: &mut TestSite,
        name: &str,
        args: Map,
        max_changes: INT,
    ) -> CallResult<Done> {
        let most = usize::try_from(max_changes).unwrap_or_default();
        applied(&context, site, name, &args, Some(most))
    }

    /// What happens between the two plannings of the next `site.apply(…)` of a runbook, behind its back:
    /// a closure that gets the site.
    ///
    /// ```rhai
    /// let site = site::demo();
    /// let menu = "/ip/firewall/address-list";
    /// let first = site.runbook("cleanup").changes[0].id;
    /// site.between(|site| site.remove_row(menu, first));
    /// let done = site.apply("cleanup", #{});
    /// assert_eq(change::of(done.changes, "skipped").map(|change| change.id), [first]);
    /// ```
    #[rhai_fn(global, name = "between", pure)]
    pub fn between(site: &mut TestSite, happens: FnPtr) {
        site.0.between.replace(Some(happens));
    }

    /// Takes the last run back that changed the site, as `tikbook undo last --apply` does.
    /// Fails with kind `invalid` if nothing was changed yet.
    ///
    /// ```rhai
    /// let site = site::demo();
    /// let before = site.rows("/ip/firewall/address-list").len();
    /// site.apply("cleanup", #{});
    /// assert_eq(site.undo().changes[0].action, "add");
    /// assert_eq(site.rows("/ip/firewall/address-list").len(), before);
    /// ```
    #[rhai_fn(global, name = "undo", return_raw, pure)]
    pub fn undo(context: NativeCallContext, site: &mut TestSite) -> CallResult<Done> {
        let (done, _) = stage(&context)?
            .undo(&site.0)
            .map_err(|error| error.at(&context).raise())?;
        Ok(Done::of_changes(done))
    }

    /// Runs a runbook that is expected to fail, and gives its error: `err.kind`, `err.message`.
    /// Fails with kind `refused` if the runbook does not fail.
    ///
    /// ```rhai
    /// let site = site::demo();
    /// site.fault(#{ refuse_login: true });
    /// assert_eq(site.fails("audit", #{}).kind, "login_refused");
    /// ```
    #[rhai_fn(global, name = "fails", return_raw, pure)]
    pub fn fails(
        context: NativeCallContext,
        site: &mut TestSite,
        name: &str,
        args: Map,
    ) -> CallResult<HostError> {
        let finished = stage(&context)?
            .run(&site.0, name, &args, Mode::Plan)
            .map_err(|error| error.at(&context).raise())?;
        finished.failure.ok_or_else(|| {
            HostError::new(
                Kind::Refused,
                format!("assertion failed: the runbook `{name}` did not fail"),
            )
            .at(&context)
            .raise()
        })
    }

    /// The value of an expression on the site, which may read from every service: what the database
    /// or Redis holds after a run.
    /// Fails as the expression fails.
    ///
    /// ```rhai
    /// assert_eq(site::demo().read(`db::value("select count(*) from users")`), 22);
    /// ```
    #[rhai_fn(global, name = "read", return_raw, pure)]
    pub fn read(
        context: NativeCallContext,
        site: &mut TestSite,
        expression: &str,
    ) -> CallResult<Dynamic> {
        stage(&context)?
            .evaluate(&site.0, expression)
            .map_err(|error| error.at(&context).raise())
    }

    /// The rows of the router's menu as they are now, as maps of texts.
    ///
    /// ```rhai
    /// let site = site::of(#{ router: #{ "/ip/arp": [#{ address: "10.0.0.9" }] } });
    /// assert_eq(site.rows("/ip/arp")[0].address, "10.0.0.9");
    /// ```
    #[rhai_fn(global, name = "rows", return_raw, pure)]
    pub fn rows(context: NativeCallContext, site: &mut TestSite, menu: &str) -> CallResult<Array> {
        with_router(&context, site, |router| {
            let rows = router.rows(menu_of(menu)?.path());
            Ok(rows.iter().map(row_map).map(Dynamic::from_map).collect())
        })
    }

    /// Gives a row of the router's menu other values behind the runbook's back; `()` takes a field
    /// away.
    /// Fails with kind `no_such_item` if there is no row of this id.
    ///
    /// ```rhai
    /// let site = site::of(#{ router: #{ "/ip/arp": [#{ address: "10.0.0.9" }] } });
    /// site.change_row("/ip/arp", "*1", #{ address: "10.0.0.8" });
    /// assert_eq(site.rows("/ip/arp")[0].address, "10.0.0.8");
    /// ```
    #[rhai_fn(global, name = "change_row", return_raw, pure)]
    pub fn change_row(
        context: NativeCallContext,
        site: &mut TestSite,
        menu: &str,
        id: &str,
        fields: Map,
    ) -> CallResult<()> {
        with_router(&context, site, |router| {
            let (menu, id) = (menu_of(menu)?, row_id(id)?);
            let menu = menu.path();
            router.edit(|state| {
                fields.iter().try_for_each(|(name, value)| {
                    let text = (!value.is_unit()).then(|| key_of(value));
                    let text = text.as_ref().map(|text| text.as_bytes());
                    match state.set(menu, id, name, text) {
                        true => Ok(()),
                        false => Err(no_row(menu, id)),
                    }
                })
            })
        })
    }

    /// Removes a row of the router's menu behind the runbook's back.
    /// Fails with kind `no_such_item` if there is no row of this id.
    ///
    /// ```rhai
    /// let site = site::of(#{ router: #{ "/ip/arp": [#{ address: "10.0.0.9" }] } });
    /// site.remove_row("/ip/arp", "*1");
    /// assert_eq(site.rows("/ip/arp").len(), 0);
    /// ```
    #[rhai_fn(global, name = "remove_row", return_raw, pure)]
    pub fn remove_row(
        context: NativeCallContext,
        site: &mut TestSite,
        menu: &str,
        id: &str,
    ) -> CallResult<()> {
        with_router(&context, site, |router| {
            let (menu, id) = (menu_of(menu)?, row_id(id)?);
            let menu = menu.path();
            let removed = router.edit(|state| state.remove(menu, id));
            removed.map(drop).ok_or_else(|| no_row(menu, id))
        })
    }

    /// How many commands that write the router has received.
    ///
    /// ```rhai
    /// let site = site::demo();
    /// site.runbook("audit");
    /// assert_eq(site.writes(), 0);
    /// ```
    #[rhai_fn(global, name = "writes", return_raw, pure)]
    pub fn writes(context: NativeCallContext, site: &mut TestSite) -> CallResult<INT> {
        with_router(&context, site, |router| {
            Ok(router.received().writes() as INT)
        })
    }

    /// What the router does wrong from now on: `drop_after_rows`, `stall_after_rows`,
    /// `trap_after_rows`, `die_after_removes` (numbers), `refuse_login`, `silent` (truths),
    /// `trap_on`, `refuse_remove` (arrays of ids), `lacks` (an array of the policies `api`, `read`,
    /// `write` that the user's group is without). An empty map puts an end to it.
    /// Fails with kind `invalid` for anything else.
    ///
    /// ```rhai
    /// let site = site::demo();
    /// site.fault(#{ drop_after_rows: 3 });
    /// assert_eq(site.fails("audit", #{}).kind, "disconnected");
    /// ```
    #[rhai_fn(global, name = "fault", return_raw, pure)]
    pub fn fault(context: NativeCallContext, site: &mut TestSite, faults: Map) -> CallResult<()> {
        with_router(&context, site, |router| {
            router.set_faults(faults_of(&faults)?);
            Ok(())
        })
    }

    /// Moves the standing clock of a site with `now` forward by so many seconds, for the runs after
    /// it, for the router's timed rows, and for keys of Redis that end.
    /// Fails with kind `invalid` if the site's clock runs by itself.
    ///
    /// ```rhai
    /// let site = site::of(#{ now: "2026-05-31T12:00:00Z" });
    /// site.advance(60);
    /// assert_eq(site.read("time::now().unix()"), 1780228860);
    /// ```
    #[rhai_fn(global, name = "advance", return_raw, pure)]
    pub fn advance(
        context: NativeCallContext,
        site: &mut TestSite,
        seconds: INT,
    ) -> CallResult<()> {
        let services = site.0.clone();
        let stage = stage(&context)?;
        with_router(&context, site, |router| {
            let Clock::Standing(time) = &services.clock else {
                return Err(
                    HostError::invalid("the clock of this site runs by itself").hint(
                        "give the fixture a time to stand at: \"now\": \"2026-05-31T12:00:00Z\"",
                    ),
                );
            };
            let forward = u64::try_from(seconds)
                .map_err(|_| HostError::invalid("a clock moves forward only"))?;
            let later = time
                .get()
                .checked_add(SignedDuration::from_secs(seconds))
                .map_err(|error| {
                    HostError::invalid("the clock cannot go so far").caused_by(&error)
                })?;
            let redis = stage
                .wait(services.demo.service::<DemoRedis>())
                .map_err(|error| HostError::invalid("the simulated Redis").caused_by(&error))?;
            time.set(later);
            redis.advance(Duration::from_secs(forward));
            router.clock().advance(Duration::from_secs(forward));
            Ok(())
        })
    }

    /// The findings of one kind, each with `id`, `severity`, `title`, `evidence` and `advice`.
    ///
    /// ```rhai
    /// let found = site::demo().runbook("audit").findings("stale-blocked");
    /// assert_eq(found[0].severity, "critical");
    /// ```
    #[rhai_fn(global, name = "findings", pure)]
    pub fn findings(done: &mut Done, kind: &str) -> Array {
        done.findings(kind)
    }

    /// What the findings of one kind are about, in their order.
    ///
    /// ```rhai
    /// assert(site::demo().runbook("audit").subjects("stale-blocked").len() > 0, "rows by their ids");
    /// ```
    #[rhai_fn(global, name = "subjects", pure)]
    pub fn subjects(done: &mut Done, kind: &str) -> Array {
        done.subjects(kind)
    }
}

fn stage(context: &NativeCallContext) -> CallResult<Rc<Stage>> {
    call::host(context)?.own::<Stage>().ok_or_else(|| {
        HostError::new(
            Kind::NotConfigured,
            "simulated sites are there for tests only",
        )
        .hint("write a test, and run it with `tikbook test`")
        .at(context)
        .raise()
    })
}

fn applied(
    context: &NativeCallContext,
    site: &TestSite,
    name: &str,
    args: &Map,
    max_changes: Option<usize>,
) -> CallResult<Done> {
    let between = Between {
        context,
        site,
        happens: site.0.between.take(),
        error: RefCell::default(),
    };
    let done = run(
        context,
        site,
        name,
        args,
        Mode::Apply(&between, max_changes),
    );
    match between.error.into_inner() {
        Some(error) => Err(error),
        None => done,
    }
}

/// Says yes to the changes of a test, after what happens meanwhile.
struct Between<'a> {
    context: &'a NativeCallContext<'a>,
    site: &'a TestSite,
    happens: Option<FnPtr>,
    error: RefCell<Option<Box<EvalAltResult>>>,
}

impl Confirm for Between<'_> {
    fn confirm(&self, _: &mut Proposal) -> Result<(), ChangeError> {
        let Some(happens) = &self.happens else {
            return Ok(());
        };
        match happens.call_within_context::<Dynamic>(self.context, (self.site.clone(),)) {
            Ok(_) => Ok(()),
            Err(error) => {
                self.error.replace(Some(error));
                Err(ChangeError::Unanswered)
            }
        }
    }
}

fn run(
    context: &NativeCallContext,
    site: &TestSite,
    name: &str,
    args: &Map,
    mode: Mode<'_>,
) -> CallResult<Done> {
    let finished = stage(context)?
        .run(&site.0, name, args, mode)
        .map_err(|error| error.at(context).raise())?;
    match finished.failure {
        None => Ok(Done::new(finished.report, finished.changes)),
        Some(error) => Err(HostError::new(
            error.kind,
            format!("the runbook `{name}` failed: {}", error.message),
        )
        .because_all(error.causes)
        .at(context)
        .raise()),
    }
}

fn from_text(context: &NativeCallContext, text: &str, name: &str) -> CallResult<TestSite> {
    Contents::from_fixture(text)
        .map(TestSite::of)
        .map_err(|error| {
            HostError::invalid(format!("{name} describes no site"))
                .caused_by(&error)
                .at(context)
                .raise()
        })
}

fn with_router<Answer>(
    context: &NativeCallContext,
    site: &TestSite,
    with: impl FnOnce(&Simulator) -> Result<Answer, HostError>,
) -> CallResult<Answer> {
    let router = stage(context)?
        .wait(site.0.demo.service::<DemoRouter>())
        .map_err(|error| HostError::invalid("the simulated router").caused_by(&error));
    router
        .and_then(|router| with(router.simulator()))
        .map_err(|error| error.at(context).raise())
}

fn row_map(row: &routeros_sim::Row) -> Map {
    let fields = row.fields();
    fields
        .map(|(name, value)| {
            let text = shown(value).into_owned();
            (shown(name).as_ref().into(), Dynamic::from(text))
        })
        .collect()
}

fn no_row(menu: &str, id: Id) -> HostError {
    HostError::new(Kind::NoSuchItem, format!("`{menu}` has no row {id}"))
}
