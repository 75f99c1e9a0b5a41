//! `tikbook history --prune DAYS`: the journals of runs that ended long ago are removed.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::path::Path;

use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use crate::failure::{Code, Failure};
use crate::run::settled;
use crate::signals::Signals;
use crate::terminal::pager::Pager;
use crate::terminal::question::{Offer, PATIENCE, Question};
use catalogue::{Language, Said};
use journal::record::{self, Record};
use report::sheet::Sheet;
use sentences::{
    PruneDone, PruneGiveYes, PruneHead, PruneMore, PruneNoTerminal, PruneQuestion, PruneRun,
};

use site::config::Site;
use site::kind::in_one_line;

use super::changes::asks;
use super::output::pager_named;
use super::{Setting, history};

/// How many runs are shown before somebody says yes.
const SHOWN: usize = 40;

/// Removes the journals that the site's file says are kept no longer: whoever wrote it said yes. What cannot be removed
/// is said, and does not change what a run comes to.
pub fn what_is_kept_no_longer(folder: &Path, site: &Site) {
    let Some(days) = site.keep else { return };
    let removed = record::read_all(folder, &site.name).and_then(|records| {
        let old = record::old(&records, before(days));
        record::remove(&old)
    });
    if let Err(error) = removed {
        tracing::warn!("{}", in_one_line(&error));
    }
}

/// So many days ago.
fn before(days: u16) -> Timestamp {
    let age = SignedDuration::from_hours(24 * i64::from(days));
    let until = Timestamp::now().saturating_sub(age);
    until.unwrap_or(Timestamp::MIN)
}

/// Removes the journals of runs that ended more than so many days ago, if there is a yes.
///
/// # Errors
/// Nobody says yes, or a file cannot be removed.
pub fn run(
    setting: &Setting,
    records: &[Record],
    (days, yes): (u16, bool),
    signals: &Signals,
) -> Result<Code, Failure> {
    let mut old = Old {
        runs: record::old(records, before(days)),
        records,
        days,
    };
    if !yes && !old.runs.is_empty() {
        ask(setting, &mut old, signals)?;
    }
    record::remove(&old.runs)?;
    let mut out = setting.output.stdout()?;
    match setting.output.is_json() {
        true => {
            let ids = old.runs.iter().map(|run| &run.id).collect::<Vec<_>>();
            writeln!(out, "{}", json!({ "pruned": ids }))?;
        }
        false => {
            let done = Said::from(PruneDone {
                removed: old.runs.len(),
                left: records.len() - old.runs.len(),
            });
            writeln!(out, "{}", done.in_language(setting.output.sheet.language))?;
        }
    }
    out.flush()?;
    Ok(Code::Done)
}

fn ask(setting: &Setting, old: &mut Old<'_>, signals: &Signals) -> Result<(), Failure> {
    if !asks() {
        return Err(Failure::new(Code::Refused, "denied", PruneNoTerminal).hint(PruneGiveYes));
    }
    let cancel = signals.run();
    let question = Question {
        cancel: &cancel,
        limit: PATIENCE,
        pager: &Pager::of(pager_named(&setting.sources.environment), signals.clone()),
        sheet: setting.output.errors,
    };
    settled(question.ask(old, &mut io::stderr()))?;
    Ok(())
}

/// Runs whose journals are to be removed.
struct Old<'a> {
    runs: Vec<&'a Record>,
    /// All runs of the site.
    records: &'a [Record],
    days: u16,
}

impl Old<'_> {
    fn lines(&self, language: Language) -> Vec<String> {
        let line = |(number, run): (usize, &&Record)| {
            let said = Said::from(PruneRun {
                run: &run.id,
                runbook: run.runbook(),
                state: history::state(run, self.records),
            });
            format!("  {number}. {}", said.in_language(language))
        };
        (1..).zip(&self.runs).map(line).collect()
    }

    fn head(&self, language: Language) -> String {
        let said = Said::from(PruneHead {
            runs: self.runs.len(),
            days: usize::from(self.days),
        });
        said.in_language(language).into_owned()
    }
}

impl Offer for Old<'_> {
    fn text(&self, sheet: Sheet) -> Vec<String> {
        let language = sheet.language;
        let lines = self.lines(language);
        let more = lines.len().saturating_sub(SHOWN);
        let more = (more > 0).then(|| {
            let said = Said::from(PruneMore { runs: more });
            format!("  {}", said.in_language(language))
        });
        let lines = lines.into_iter().take(SHOWN).chain(more);
        [self.head(language)].into_iter().chain(lines).collect()
    }

    fn whole(&self, sheet: Sheet) -> Vec<String> {
        let language = sheet.language;
        [vec![self.head(language)], self.lines(language)].concat()
    }

    fn question(&self) -> Said {
        PruneQuestion {
            journals: self.runs.len(),
        }
        .into()
    }

    fn count(&self) -> usize {
        self.runs.len()
    }

    fn leave_out(&mut self, numbers: &BTreeSet<usize>) {
        let mut number = 1..;
        let is_left = |number: usize| numbers.contains(&number);
        self.runs.retain(|_| !number.next().is_some_and(is_left));
    }
}
