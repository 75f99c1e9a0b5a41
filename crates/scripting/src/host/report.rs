//! `report::` the result of a run, as a runbook builds it.

use std::cell::RefCell;
use std::rc::Rc;

use catalogue::{Language, Said};
use rhai::plugin::*;
use rhai::{Array, Dynamic, INT, ImmutableString, Map};
use serde_json::Value as Json;

use report::{Check, Count, Evidence, Findings, Report, Severity, Status, Step, Table, text};

use super::call;
use super::dynamic::{json_in_report, json_of, type_of, value_of};
use super::error::{CallResult, HostError};
use super::primitive::primitives;
use super::rows::{Rows, View, value_of_json};
use super::value::Value;
use super::words::{self, Words};

/// A report being built; copies are the same report.
#[derive(Clone, Default)]
pub struct Draft {
    report: Rc<RefCell<Report>>,
    failure: Rc<RefCell<Option<HostError>>>,
}

impl Draft {
    /// A draft that goes on with `report`.
    pub fn of(report: Report) -> Self {
        Self {
            report: Rc::new(RefCell::new(report)),
            ..Self::default()
        }
    }

    /// The report, and the error the runbook attached to it. Leaves an empty one behind.
    pub fn take(&self) -> (Report, Option<HostError>) {
        (self.report.take(), self.failure.take())
    }
}

/// Findings that a script built one by one.
struct Each {
    subjects: Vec<String>,
    facts: Vec<Vec<(String, Value)>>,
}

impl Evidence for Each {
    fn len(&self) -> usize {
        self.subjects.len()
    }

    fn subject(&self, index: usize) -> String {
        self.subjects[index].clone()
    }

    fn facts(&self, index: usize, language: Language) -> Vec<(String, Json)> {
        let facts = self.facts[index].iter();
        facts
            .map(|(name, value)| (name.clone(), value.in_language(language)))
            .collect()
    }
}

/// Findings that are rows: the subject is what some fields have, the facts are others.
struct OfRows {
    view: View,
    subject: Vec<String>,
    facts: Vec<(String, String)>,
}

impl Evidence for OfRows {
    fn len(&self) -> usize {
        self.view.len()
    }

    fn subject(&self, index: usize) -> String {
        let row = self.view.row(index);
        let values = self
            .subject
            .iter()
            .filter_map(|field| row.value(field).ok());
        let values: Vec<String> = values.map(|value| text::cell(&value.to_json())).collect();
        let filled = values.iter().filter(|value| !value.is_empty());
        filled.map(String::as_str).collect::<Vec<_>>().join("/")
    }

    fn facts(&self, index: usize, language: Language) -> Vec<(String, Json)> {
        let row = self.view.row(index);
        self.facts
            .iter()
            .map(|(label, field)| {
                let value = row.value_on_page(field, language).unwrap_or(Json::Null);
                (label.clone(), value)
            })
            .collect()
    }

    fn facts_for_programs(&self, index: usize) -> Vec<(String, Json)> {
        let row = self.view.row(index);
        let facts = self.facts.iter();
        let facts = facts.map(|(label, field)| {
            let value = row.value_in_report(field).unwrap_or(Json::Null);
            (label.clone(), value)
        });
        facts.collect()
    }
}

fn invalid(context: &NativeCallContext, error: HostError) -> Box<EvalAltResult> {
    error.at(context).raise()
}

fn text_field(map: &Map, name: &str) -> Result<String, HostError> {
    map.get(name)
        .and_then(|value| value.clone().into_string().ok())
        .ok_or_else(|| HostError::invalid(format!("it needs `{name}` as text")))
}

/// What a value says, for an argument that is a text or a message.
fn said(value: &Dynamic) -> Result<Said, HostError> {
    words::said(value).ok_or_else(|| {
        HostError::invalid(format!(
            "it takes a text or a message, not `{}`",
            type_of(value)
        ))
    })
}

fn said_field(map: &Map, name: &str) -> Result<Said, HostError> {
    let said = map.get(name).and_then(words::said);
    said.ok_or_else(|| HostError::invalid(format!("it needs `{name}` as text or message")))
}

/// The title and the advice of findings of a kind: those that are given, or those that catalogues have for
/// the kind, with the `values` of their placeholders.
fn told(words: &Words, map: &Map, kind: &str) -> Result<(Said, Said), HostError> {
    let values = match map.get("values") {
        None => Map::new(),
        Some(values) => values
            .clone()
            .try_cast::<Map>()
            .ok_or_else(|| HostError::invalid("a finding's `values` are a map"))?,
    };
    let keys = [
        ("title", format!("{FINDING}{kind}")),
        ("advice", format!("{FINDING}{kind}.advice")),
    ];
    let by_key = keys.iter().filter(|(name, _)| !map.contains_key(*name));
    let by_key: Vec<&(&str, String)> = by_key.collect();
    if by_key.is_empty() && values.is_empty() {
        return Ok((said_field(map, "title")?, said_field(map, "advice")?));
    }
    let catalogues = words.catalogues()?;
    let mut left = values.clone();
    let mut part = |name: &str, key: &str| {
        if map.contains_key(name) {
            return said_field(map, name);
        }
        if catalogues.placeholders(key).is_none() {
            return Err(HostError::invalid(format!(
                "it needs `{name}` as text or message, or a catalogue with `{key}`"
            )));
        }
        let is_its = |value: &str| catalogues.takes(key, value);
        left.retain(|value, _| !is_its(value));
        let its = values.iter().filter(|(value, _)| is_its(value));
        let its: Map = its
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        words.message(key, &its)
    };
    let [(title, title_key), (advice, advice_key)] = &keys;
    let told = (part(title, title_key)?, part(advice, advice_key)?);
    match left.keys().next() {
        None => Ok(told),
        Some(value) => Err(HostError::invalid(format!(
            "neither title nor advice of `{kind}` has a placeholder `{value}`"
        ))),
    }
}

/// How the keys of findings begin.
pub const FINDING: &str = "finding-";

fn known_fields(map: &Map, known: &[&str]) -> Result<(), HostError> {
    match map.keys().find(|name| !known.contains(&name.as_str())) {
        None => Ok(()),
        Some(name) => Err(HostError::invalid(format!(
            "it has no field `{name}`; there are {}",
            known.join(", ")
        ))),
    }
}

fn labelled(label: &Dynamic, value: &Dynamic) -> Result<Count, HostError> {
    Ok(Count {
        label: said(label)?,
        value: cell(value)?,
    })
}

/// A value of a page: a message as it is, anything else as text.
fn cell(value: &Dynamic) -> Result<Said, HostError> {
    match value.read_lock::<Said>() {
        Some(said) => Ok(said.clone()),
        None => Ok(text::said(&json_of(value)?)),
    }
}

fn add_check(report: &mut Report, map: &Map) -> Result<(), HostError> {
    known_fields(
        map,
        &["id", "status", "evidence", "advice", "commands", "because"],
    )?;
    let word = text_field(map, "status")?;
    let status = Status::from_word(&word).ok_or_else(|| {
        let words = Status::ALL.map(Status::as_str).join(", ");
        HostError::invalid(format!("`{word}` is no status; there are {words}"))
    })?;
    report.checks.push(Check {
        id: text_field(map, "id")?,
        status,
        evidence: said_field(map, "evidence")?,
        advice: said_field(map, "advice")?,
        commands: match map.get("commands").map(|value| value.clone().into_array()) {
            None => Vec::new(),
            Some(Ok(commands)) => commands_of(&commands)?,
            Some(Err(_)) => {
                return Err(HostError::invalid(
                    "the `commands` of a check are an array of texts",
                ));
            }
        },
        because: map
            .get("because")
            .map(|_| text_field(map, "because"))
            .transpose()?,
    });
    Ok(())
}

/// Commands to be copied.
fn commands_of(commands: &Array) -> Result<Vec<String>, HostError> {
    let command = |command: &Dynamic| match command.read_lock::<ImmutableString>() {
        Some(command) => Ok(command.to_string()),
        None => Err(HostError::invalid("a command of a step is a text")),
    };
    commands.iter().map(command).collect()
}

/// How bad it is; nothing for what is no finding.
fn severity(map: &Map) -> Result<Option<Severity>, HostError> {
    of_word(&text_field(map, "severity")?)
}

fn of_word(word: &str) -> Result<Option<Severity>, HostError> {
    if word == "none" {
        return Ok(None);
    }
    let severity = Severity::from_word(word).ok_or_else(|| {
        HostError::invalid(format!(
            "`{word}` is no severity; use info, warning or critical, or none for what is no finding"
        ))
    })?;
    Ok(Some(severity))
}

fn add_finding(report: &mut Report, words: &Words, map: &Map) -> Result<(), HostError> {
    known_fields(
        map,
        &[
            "id", "severity", "title", "evidence", "advice", "values", "check",
        ],
    )?;
    let id = text_field(map, "id")?;
    let (kind, subject) = id
        .split_once(':')
        .filter(|(kind, subject)| !kind.is_empty() && !subject.is_empty())
        .ok_or_else(|| {
            HostError::invalid(format!(
                "the finding's id `{id}` is not of the form kind:subject"
            ))
        })?;
    let facts = match map.get("evidence") {
        None => Vec::new(),
        Some(evidence) => match evidence.read_lock::<Map>() {
            Some(facts) => facts
                .iter()
                .map(|(name, value)| Ok((name.to_string(), value_of(value)?)))
                .collect::<Result<_, HostError>>()?,
            None => vec![("evidence".to_owned(), value_of(evidence)?)],
        },
    };
    let of_check = map
        .get("check")
        .map(|_| text_field(map, "check"))
        .transpose()?;
    let mut map = map.clone();
    let check = of_check
        .as_ref()
        .and_then(|id| report.checks.iter().find(|check| check.id == *id));
    if let Some(check) = check {
        map.entry("advice".into())
            .or_insert_with(|| Dynamic::from(check.advice_whole()));
    }
    let (title, advice) = told(words, &map, kind)?;
    let Some(severity) = severity(&map)? else {
        return Ok(());
    };
    report.findings.push(Findings {
        kind: kind.to_owned(),
        severity,
        title,
        advice,
        of_check,
        items: Rc::new(Each {
            subjects: vec![subject.to_owned()],
            facts: vec![facts],
        }),
    });
    Ok(())
}

fn add_findings(
    report: &mut Report,
    words: &Words,
    map: &Map,
    rows: &Rows,
) -> Result<(), HostError> {
    known_fields(
        map,
        &[
            "kind", "severity", "title", "subject", "evidence", "advice", "values", "check",
        ],
    )?;
    let view = rows.resolve()?;
    if view.is_empty() {
        return Ok(());
    }
    let facts = match map.get("evidence").map(|value| value.clone().into_array()) {
        Some(Ok(fields)) => fields
            .iter()
            .map(label_and_field)
            .collect::<Result<_, _>>()?,
        _ => {
            return Err(HostError::invalid(
                "a finding's `evidence` is an array of fields, or of [label, field] pairs",
            ));
        }
    };
    let kind = text_field(map, "kind")?;
    let (title, advice) = told(words, map, &kind)?;
    let Some(severity) = severity(map)? else {
        return Ok(());
    };
    report.findings.push(Findings {
        kind,
        severity,
        title,
        advice,
        of_check: map
            .get("check")
            .map(|_| text_field(map, "check"))
            .transpose()?,
        items: Rc::new(OfRows {
            view,
            subject: subject(map)?,
            facts,
        }),
    });
    Ok(())
}

/// The fields whose values tell one finding of a kind from the others.
fn subject(map: &Map) -> Result<Vec<String>, HostError> {
    let several = map.get("subject").map(|value| value.clone().into_array());
    match several {
        Some(Ok(fields)) if !fields.is_empty() => {
            Ok(fields.iter().map(ToString::to_string).collect())
        }
        _ => Ok(vec![text_field(map, "subject")?]),
    }
}

fn label_and_field(value: &Dynamic) -> Result<(String, String), HostError> {
    if let Some(field) = value.read_lock::<ImmutableString>() {
        return Ok((field.to_string(), field.to_string()));
    }
    let pair = value.clone().into_array().unwrap_or_default();
    match pair.as_slice() {
        [label, field] => Ok((label.to_string(), field.to_string())),
        _ => Err(HostError::invalid(
            "each part of `evidence` is a field or a [label, field] pair",
        )),
    }
}

fn table_of(title: &Dynamic, columns: &Array, rows: &Array) -> Result<Table<Said>, HostError> {
    let column =
        |column: &Dynamic| words::said(column).unwrap_or_else(|| column.to_string().into());
    let row = |row: &Dynamic| match row.read_lock::<Array>() {
        Some(cells) => cells.iter().map(cell).collect(),
        None => Err(HostError::invalid("a table's row is an array of cells")),
    };
    Ok(Table {
        title: said(title)?,
        columns: columns.iter().map(column).collect(),
        rows: rows.iter().map(row).collect::<Result<_, _>>()?,
    })
}

fn step_of(text: &Dynamic, commands: &Array) -> Result<Step, HostError> {
    Ok(Step {
        text: said(text)?,
        commands: commands_of(commands)?,
    })
}

/// Registers the type.
pub fn register(engine: &mut rhai::Engine) {
    engine.register_type_with_name::<Draft>("Report");
}

primitives! {
    _: () = plain create(Said);
    _: () = plain set(Value, Text, Value);
    _: () = plain get(Value, Text);
    _: () = plain fact(Value, Said, Value);
    _: () = plain checked(Value, Value);
    _: () = plain count(Value, Said, Value);
    _: () = plain table(Value, Said, Value, Value);
    _: () = plain note(Value, Said);
    _: () = plain weigh(Value, Text);
    _: () = plain affected(Value, Said, Value, Value);
    _: () = plain next(Value, Said);
    _: () = plain next(Value, Said, Value);
    _: () = plain show_at_most(Value, Value);
    _: () = plain finding(Value, Value);
    _: () = plain findings(Value, Value, Value);
    _: () = plain found(Value);
    _: () = plain fail(Value, Value);
}

/// Reports: what a runbook's `run` returns. People see the title with what it comes to, facts, notes, checks,
/// findings, tables, what to do next and counts; programs see the keys, the checks and the findings.
#[export_module]
pub mod report_module {
    use super::*;

    /// A new, empty report with a title of one line, a text or a message.
    ///
    /// ```rhai
    /// let report = report::create("Nothing to see");
    /// report.set("answer", 42);
    /// ```
    #[rhai_fn(name = "create", return_raw)]
    pub fn create(context: NativeCallContext, title: Dynamic) -> CallResult<Draft> {
        let draft = Draft::default();
        let title = said(&title).map_err(|error| invalid(&context, error))?;
        draft.report.borrow_mut().title = title;
        Ok(draft)
    }

    /// Sets a key of the JSON form; any value with a JSON form will do, maps and rows included. Of a router's rows
    /// the lengths of time are in seconds, whatever the router writes; a text that a script took out of a row is
    /// that text. Fails with kind `invalid` for a value without one.
    ///
    /// ```rhai
    /// let report = report::create("Counts");
    /// report.set("counts", #{ users: 3 });
    /// ```
    #[rhai_fn(global, name = "set", return_raw)]
    pub fn set(
        context: NativeCallContext,
        draft: &mut Draft,
        key: &str,
        value: Dynamic,
    ) -> CallResult<()> {
        let value = json_in_report(&value).map_err(|error| invalid(&context, error))?;
        draft.report.borrow_mut().keys.insert(key.to_owned(), value);
        Ok(())
    }

    /// What a key of the JSON form was set to, or `()`: for `after(args, done, report)`, which goes on
    /// with the report of `run`.
    ///
    /// ```rhai
    /// let report = report::create("Counts");
    /// report.set("counts", #{ users: 3 });
    /// assert_eq(report.get("counts").users, 3);
    /// assert_eq(report.get("rows"), ());
    /// ```
    #[rhai_fn(global, name = "get", pure)]
    pub fn get(draft: &mut Draft, key: &str) -> Dynamic {
        let report = draft.report.borrow();
        report
            .keys
            .get(key)
            .map_or(Dynamic::UNIT, |value| value_of_json(value).into_dynamic())
    }

    /// Adds what the report is about, with its label, to the facts people see first.
    ///
    /// ```rhai
    /// let report = report::create("Joko Susilo: free");
    /// report.fact("quota", "650.0 of 5120 MB used");
    /// ```
    #[rhai_fn(global, name = "fact", return_raw)]
    pub fn fact(
        context: NativeCallContext,
        draft: &mut Draft,
        label: Dynamic,
        value: Dynamic,
    ) -> CallResult<()> {
        let fact = labelled(&label, &value).map_err(|error| invalid(&context, error))?;
        draft.report.borrow_mut().facts.push(fact);
        Ok(())
    }

    /// Adds what was checked: `id`, a stable word; `status` pass, warn, fail, or unknown where what was
    /// needed to tell was missing; `evidence`, by what that is known; `advice`, what to do about it, `""`
    /// where there is nothing to do; with `commands`, an array of texts, the commands that do it. `because` is the id
    /// of another check that says why this one is not judged: then `evidence` is what was seen all the same, or `""`.
    /// The title says what the checks come to, what they advise stands among what to do next, and in JSON they are the
    /// key `checks`.
    /// Fails with kind `invalid` if one of them is missing or unknown.
    ///
    /// ```rhai
    /// let report = report::create("Services");
    /// report.checked(#{ id: "beat", status: "fail", evidence: "the container has exited",
    ///                 advice: "start it", commands: ["docker compose up -d celery_beat"] });
    /// report.checked(#{ id: "queue", status: "unknown", because: "beat", evidence: "it is empty", advice: "" });
    /// ```
    #[rhai_fn(global, name = "checked", return_raw)]
    pub fn checked(context: NativeCallContext, draft: &mut Draft, check: Map) -> CallResult<()> {
        add_check(&mut draft.report.borrow_mut(), &check).map_err(|error| invalid(&context, error))
    }

    /// Adds a number with its label to the counts people see last.
    ///
    /// ```rhai
    /// let report = report::create("Counts");
    /// report.count("users read", 3);
    /// ```
    #[rhai_fn(global, name = "count", return_raw)]
    pub fn count(
        context: NativeCallContext,
        draft: &mut Draft,
        label: Dynamic,
        value: Dynamic,
    ) -> CallResult<()> {
        let count = labelled(&label, &value).map_err(|error| invalid(&context, error))?;
        draft.report.borrow_mut().counts.push(count);
        Ok(())
    }

    /// Adds a table for people: a title, the heads of its columns, and an array of rows, each an
    /// array of cells.
    /// Fails with kind `invalid` for a row that is not an array.
    ///
    /// ```rhai
    /// let report = report::create("Users");
    /// report.table("Users by role", ["role", "users"], [["USER", 3], ["ADMIN", 1]]);
    /// ```
    #[rhai_fn(global, name = "table", return_raw)]
    pub fn table(
        context: NativeCallContext,
        draft: &mut Draft,
        title: Dynamic,
        columns: Array,
        rows: Array,
    ) -> CallResult<()> {
        let table = table_of(&title, &columns, &rows).map_err(|error| invalid(&context, error))?;
        draft.report.borrow_mut().tables.push(table);
        Ok(())
    }

    /// Adds a line for people.
    ///
    /// ```rhai
    /// report::create("Users").note("The router's clock is right.");
    /// ```
    #[rhai_fn(global, name = "note", return_raw)]
    pub fn note(context: NativeCallContext, draft: &mut Draft, text: Dynamic) -> CallResult<()> {
        let text = said(&text).map_err(|error| invalid(&context, error))?;
        draft.report.borrow_mut().notes.push(text);
        Ok(())
    }

    /// Says how bad what the report says is, beside its findings and checks: `critical`, `warning`, `info` or
    /// `none`, which takes back what was said before. `summary.verdict` is at least this.
    ///
    /// ```rhai
    /// report::create("One user").weigh("warning");
    /// ```
    #[rhai_fn(global, name = "weigh", return_raw)]
    pub fn weigh(context: NativeCallContext, draft: &mut Draft, severity: &str) -> CallResult<()> {
        let weight = of_word(severity).map_err(|error| error.at(&context).raise())?;
        draft.report.borrow_mut().weight = weight;
        Ok(())
    }

    /// Adds a step to what people should do next.
    ///
    /// ```rhai
    /// report::create("Users").next("Look at the findings above.");
    /// ```
    #[rhai_fn(global, name = "next", return_raw)]
    pub fn next(context: NativeCallContext, draft: &mut Draft, step: Dynamic) -> CallResult<()> {
        let step = said(&step).map_err(|error| invalid(&context, error))?;
        draft.report.borrow_mut().step(step);
        Ok(())
    }

    /// Adds a step to what people should do next, with the commands that do it, an array of texts: each
    /// stands in a line of its own, to be copied.
    /// Fails with kind `invalid` for a command that is no text.
    ///
    /// ```rhai
    /// report::create("Users").next("Look at what would be removed.", ["tikbook run cleanup"]);
    /// ```
    #[rhai_fn(global, name = "next", return_raw)]
    pub fn next_by(
        context: NativeCallContext,
        draft: &mut Draft,
        step: Dynamic,
        commands: Array,
    ) -> CallResult<()> {
        let step = step_of(&step, &commands).map_err(|error| invalid(&context, error))?;
        draft.report.borrow_mut().next.push(step);
        Ok(())
    }

    /// Says who is affected at the moment: a title, the heads of the columns, and an array of rows, each an
    /// array of cells. It stands before all else; without rows nothing is said.
    /// Fails with kind `invalid` for a row that is not an array.
    ///
    /// ```rhai
    /// let report = report::create("Audit");
    /// report.affected("Cut off and online now", ["user", "since"], [["0812-5550-1001", "10 min"]]);
    /// ```
    #[rhai_fn(global, name = "affected", return_raw)]
    pub fn affected(
        context: NativeCallContext,
        draft: &mut Draft,
        title: Dynamic,
        columns: Array,
        rows: Array,
    ) -> CallResult<()> {
        let table = table_of(&title, &columns, &rows).map_err(|error| invalid(&context, error))?;
        draft.report.borrow_mut().affected = Some(table).filter(|table| !table.rows.is_empty());
        Ok(())
    }

    /// Shows people at most `count` findings of each kind, instead of 50; JSON has all of them.
    /// A negative count means none.
    ///
    /// ```rhai
    /// report::create("Users").show_at_most(5);
    /// ```
    #[rhai_fn(global, name = "show_at_most")]
    pub fn show_at_most(draft: &mut Draft, count: INT) {
        draft.report.borrow_mut().shown = Some(usize::try_from(count).unwrap_or(0));
    }

    /// Adds one finding: `id` of the form `kind:subject`, the same in every run; `severity` info,
    /// warning or critical, or `none` for what is no finding; `title` in one line; `evidence`, a map of facts; `advice`. Without `title` and `advice`
    /// they are the messages `finding-KIND` and `finding-KIND.advice` of a catalogue, whose placeholders are in
    /// `values`. With `check`, the id
    /// of a check that says it to people already, it is in JSON alone, and needs no `advice` of its own.
    /// Fails with kind `invalid` if one of them is missing or unknown.
    ///
    /// ```rhai
    /// let report = report::create("Clock");
    /// report.finding(#{ id: "clock-off:router", severity: "warning", title: "the clock is off",
    ///                   evidence: #{ seconds: 7200 }, advice: "set up NTP" });
    /// ```
    #[rhai_fn(global, name = "finding", return_raw)]
    pub fn finding(context: NativeCallContext, draft: &mut Draft, finding: Map) -> CallResult<()> {
        let words = call::host(&context)?.words();
        add_finding(&mut draft.report.borrow_mut(), &words, &finding)
            .map_err(|error| invalid(&context, error))
    }

    /// Adds a finding for each row: `kind`, `severity` (`none`: no finding), `title` and `advice` are shared; `subject`
    /// names the field that completes the id, or several, whose values are joined by `/`: what the row is known by,
    /// also when it is written anew; `evidence` the fields shown, each a name or a
    /// `[label, field]` pair. Without `title` and `advice` they are the messages `finding-KIND` and
    /// `finding-KIND.advice` of a catalogue, whose placeholders are in `values`. With `check`, the id of a check that
    /// says them to people already, they are in JSON alone.
    /// Cheap for many rows: nothing is copied. No rows, no finding.
    /// Fails with kind `invalid` if a part is missing or unknown, or as the rows' read failed.
    ///
    /// ```rhai
    /// let report = report::create("Rows");
    /// report.findings(#{ kind: "stale-blocked", severity: "warning", title: "stale rows",
    ///                    subject: ".id", evidence: ["address", ["why", "comment"]],
    ///                    advice: "run cleanup" },
    ///                 rows::from([#{ ".id": "*1", address: "10.0.0.9", comment: "x" }]));
    /// ```
    #[rhai_fn(global, name = "findings", return_raw)]
    pub fn findings(
        context: NativeCallContext,
        draft: &mut Draft,
        shared: Map,
        rows: Rows,
    ) -> CallResult<()> {
        let words = call::host(&context)?.words();
        add_findings(&mut draft.report.borrow_mut(), &words, &shared, &rows)
            .map_err(|error| invalid(&context, error))
    }

    /// How many findings there are so far.
    ///
    /// ```rhai
    /// let report = report::create("Rows");
    /// if report.found() == 0 { report.note("Nothing is wrong."); }
    /// ```
    #[rhai_fn(global, name = "found", pure)]
    pub fn found(draft: &mut Draft) -> INT {
        INT::try_from(draft.report.borrow().finding_count()).unwrap_or(INT::MAX)
    }

    /// Marks the run as failed by a caught error while the report is still shown: the exit code is
    /// the error's. What was not caught by the host is given as it is.
    /// Fails with kind `invalid` if the value is not an error of a primitive.
    ///
    /// ```rhai
    /// let report = report::create("Router");
    /// try { mikrotik::rows("/no/such/menu").len(); } catch (err) { report.fail(err); }
    /// ```
    #[rhai_fn(global, name = "fail", return_raw)]
    pub fn fail(context: NativeCallContext, draft: &mut Draft, error: Dynamic) -> CallResult<()> {
        let error = error.try_cast::<HostError>().ok_or_else(|| {
            invalid(
                &context,
                HostError::invalid("report.fail takes the error that a primitive gave"),
            )
        })?;
        draft.failure.borrow_mut().get_or_insert(error);
        Ok(())
    }
}
