//! The account of a run's changes: how many became what, as a key of its report and as a table.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::change::{is_trouble, to_json};
use catalogue::Said;
use journal::run::Run;
use plan::change::Group;
use plan::comments::Comments;
use plan::lasting::Lasting;
use plan::outcome::{Done, Status};
use report::{Count, Report, Table};
use sentences::{
    AccountCount, AccountHalfMade, AccountHalfMadeUndo, AccountLasting, AccountRun, AccountRunLeft,
    AccountRunUndo, AccountRunUndoLeft, Changes, ColumnRow, ColumnStage, ColumnStatus, ColumnWhat,
    ColumnWhose, ColumnWhy, ProposalTogether,
};
use site::config::SiteFlags;

/// How many changes people are shown, unless the report says otherwise.
const SHOWN: usize = 50;

/// Whether changes were made as they should have been.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// All of them, or there was nothing to do.
    AsPlanned,
    /// All but those that a guard refused.
    Refused {
        /// How many.
        count: usize,
        /// Are all of them of rows of a router, which are protected?
        of_rows: bool,
    },
    /// All but this many: in conflict, failed, not sent, or nobody knows.
    InPart(usize),
}

impl Verdict {
    /// The verdict on `done`.
    pub fn on(done: &[Done]) -> Self {
        let trouble = done.iter().filter(|done| is_trouble(done.outcome.status));
        let not_sent = done.iter().filter(|done| done.outcome.is_not_sent());
        match (
            trouble.count() + not_sent.count(),
            count(done, Status::Protected),
        ) {
            (0, 0) => Self::AsPlanned,
            (0, count) => {
                let mut refused = done
                    .iter()
                    .filter(|done| done.outcome.status == Status::Protected);
                let of_rows = refused.all(|done| done.change.row().is_some());
                Self::Refused { count, of_rows }
            }
            (in_part, _) => Self::InPart(in_part),
        }
    }
}

/// How far a run that was carried out can be undone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WayBack {
    /// It made nothing.
    Nothing,
    /// All of it.
    Whole,
    /// All but these statements and commands.
    Part(Lasting),
    /// It made nothing but these.
    Nowhere(Lasting),
}

impl WayBack {
    /// The way back from `done`.
    pub fn of(done: &[Done]) -> Self {
        let is_made =
            |done: &&Done| matches!(done.outcome.status, Status::Applied | Status::Unknown);
        let made: Vec<&Done> = done.iter().filter(is_made).collect();
        let lasting = Lasting::of(made.iter().map(|done| &done.change));
        match (made.len(), lasting.count()) {
            (0, _) => Self::Nothing,
            (_, 0) => Self::Whole,
            (all, lasts) if all == lasts => Self::Nowhere(lasting),
            (_, _) => Self::Part(lasting),
        }
    }

    /// The command that undoes what can be undone of the run `id`, with the `flags` of its site.
    pub fn command(self, flags: &SiteFlags, id: &str) -> Option<String> {
        match self {
            Self::Whole | Self::Part(_) => Some(flags.command(["undo", id])),
            Self::Nothing | Self::Nowhere(_) => None,
        }
    }

    /// What of it cannot be undone, for people.
    pub fn left(self) -> Option<Said> {
        match self {
            Self::Nothing | Self::Whole => None,
            Self::Part(lasting) => lasting.counted(),
            Self::Nowhere(lasting) => lasting.kinds(),
        }
    }
}

/// Adds the account of a run's changes to its report: the keys `dry_run` and `changes`, for people a table, in which
/// comments are shown as it is said. `flags` are those by which other commands find the site.
pub fn add_to(
    report: &mut Report,
    (run, applies): (&Run, bool),
    (done, comments): (&[Done], Comments),
    flags: &SiteFlags,
) {
    let changes = account(run, applies, done, flags);
    report.keys.insert("dry_run".to_owned(), (!applies).into());
    report.keys.insert("changes".to_owned(), changes);
    if done.is_empty() {
        return;
    }
    for (status, count) in counts(done).into_iter().filter(|(_, count)| *count > 0) {
        report.counts.push(Count {
            label: AccountCount {
                status: status.as_str(),
            }
            .into(),
            value: count.to_string().into(),
        });
    }
    report
        .tables
        .push(table((done, comments), report.shown.unwrap_or(SHOWN)));
    if !applies {
        let left = lasting(done).counted();
        report.note_all(left.map(|left| AccountLasting { left }));
    }
    if applies {
        let way = WayBack::of(done);
        let see = flags.command(["history", &run.id]);
        let undo = way.command(flags, &run.id);
        for (group, made, all) in half_made(done) {
            let group = &group.why;
            report.note(match &undo {
                Some(undo) => Said::from(AccountHalfMadeUndo {
                    group,
                    made,
                    all,
                    undo,
                }),
                None => AccountHalfMade { group, made, all }.into(),
            });
        }
        let run = &run.id;
        report.note(match (undo, way.left()) {
            (None, None) => Said::from(AccountRun { run, see }),
            (Some(undo), None) => AccountRunUndo { run, see, undo }.into(),
            (None, Some(left)) => AccountRunLeft { run, see, left }.into(),
            (Some(undo), Some(left)) => AccountRunUndoLeft {
                run,
                see,
                undo,
                left,
            }
            .into(),
        });
    }
}

/// What of the changes that are planned nobody could take back.
fn lasting(done: &[Done]) -> Lasting {
    let planned = done.iter().filter(|done| done.outcome.goes_ahead());
    Lasting::of(planned.map(|done| &done.change))
}

/// The groups of which some changes were made and others were to be, each with how many and of how many.
fn half_made(done: &[Done]) -> Vec<(&Group, usize, usize)> {
    let mut groups: BTreeMap<&Group, (usize, usize)> = BTreeMap::new();
    for Done { change, outcome } in done {
        let is_made = matches!(outcome.status, Status::Applied | Status::Unknown);
        let is_needed = outcome.status != Status::Skipped || outcome.is_not_sent();
        if let Some(group) = change.group.as_ref().filter(|_| is_needed) {
            let (made, all) = groups.entry(group).or_default();
            *made += usize::from(is_made);
            *all += 1;
        }
    }
    let groups = groups.into_iter();
    let groups = groups.filter(|(_, (made, all))| *made > 0 && made < all);
    groups
        .map(|(group, (made, all))| (group, made, all))
        .collect()
}

/// How many changes have this status.
pub fn count(done: &[Done], status: Status) -> usize {
    done.iter()
        .filter(|done| done.outcome.status == status)
        .count()
}

/// Changes as a table, trouble first: that is what is to be read.
pub fn table((done, comments): (&[Done], Comments), most: usize) -> Table<Said> {
    let mut sorted: Vec<&Done> = done.iter().collect();
    sorted.sort_by_key(|done| !is_trouble(done.outcome.status));
    table_as_sorted((&sorted, comments), most)
}

/// Changes as a table in the order they have. Where there are several stages it says which, and where
/// rows name users of the portal whose they are.
pub fn table_as_sorted((done, comments): (&[&Done], Comments), most: usize) -> Table<Said> {
    let has_stages = done.iter().any(|done| done.change.stage() > 1);
    let whose = |done: &Done| done.change.whose().spoken().map(str::to_owned);
    let has_users = done.iter().any(|done| whose(done).is_some());
    let title = Changes {
        is_cut: if done.len() > most { "yes" } else { "no" },
        shown: most,
        count: done.len(),
    }
    .into();
    let mut columns: Vec<Said> = vec![
        ColumnStatus.into(),
        ColumnWhat.into(),
        ColumnRow.into(),
        ColumnWhy.into(),
    ];
    let shown = &done[..done.len().min(most)];
    let mut rows: Vec<Vec<Said>> = shown.iter().map(|done| cells(done, comments)).collect();
    if has_users {
        columns.insert(2, ColumnWhose.into());
        for (row, done) in rows.iter_mut().zip(shown) {
            row.insert(2, whose(done).unwrap_or_default().into());
        }
    }
    if has_stages {
        columns.insert(1, ColumnStage.into());
        for (row, done) in rows.iter_mut().zip(shown) {
            row.insert(1, done.change.stage().to_string().into());
        }
    }
    Table {
        title,
        columns,
        rows,
    }
}

fn cells(done: &Done, comments: Comments) -> Vec<Said> {
    let Done { change, outcome } = done;
    let mut why: Vec<Said> = outcome.why.iter().cloned().collect();
    let differences = outcome.differences.iter();
    why.extend(differences.map(|differs| differs.spoken(comments)));
    // Why it is made, and what is to be known of it, are said both.
    why.push(change.reason.clone());
    let group = change.group.iter();
    why.extend(group.map(|group| ProposalTogether { why: &group.why }.into()));
    why.retain(|why| !why.is_empty());
    vec![
        outcome.status.spoken(),
        change.action().spoken(change.target().to_string()),
        change.describe(comments),
        Said::several(why),
    ]
}

fn account(run: &Run, applies: bool, done: &[Done], flags: &SiteFlags) -> Json {
    let mut account = json!({ "run": applies.then_some(&run.id), "apply": applies });
    let way = WayBack::of(done);
    if let Some(undo) = way.command(flags, &run.id).filter(|_| applies) {
        account["undo"] = undo.into();
    }
    let left = match applies {
        true => way.left(),
        false => lasting(done).counted(),
    };
    if let Some(left) = left {
        account["not_undone"] = left.to_string().into();
    }
    let half: Vec<&str> = half_made(done)
        .into_iter()
        .map(|(group, ..)| group.why.as_str())
        .collect();
    if applies && !half.is_empty() {
        account["half_made"] = half.into();
    }
    for (status, count) in counts(done) {
        account[status.as_str()] = count.into();
    }
    account["rows"] = done.iter().map(to_json).collect();
    account
}

fn counts(done: &[Done]) -> BTreeMap<Status, usize> {
    [
        Status::Planned,
        Status::Applied,
        Status::Conflict,
        Status::Failed,
        Status::Unknown,
        Status::Skipped,
        Status::Protected,
    ]
    .into_iter()
    .map(|status| (status, count(done, status)))
    .collect()
}
