//! A plan as whoever is to say yes to it sees it.

use std::collections::{BTreeMap, BTreeSet};

use plan::change::Change;
use plan::lasting::Lasting;
use plan::outcome::{Done, Status};
use plan::{selection, together};
use planning::ChangeError;
use scripting::host::change::is_trouble;
use site::grant::Target;
use wording::count::counted;

use crate::terminal::question::{Answer, Offer};

/// The longest plan that is shown whole, in lines.
const WHOLE: usize = 40;
/// How many changes of a longer one are shown.
const FIRST: usize = 20;

/// What was planned on a site, for somebody to say yes to.
pub struct Proposal {
    site: String,
    done: Vec<Done>,
    /// What else is to be known before.
    notes: Vec<String>,
}

impl Proposal {
    /// What is planned on `site`, with what else is to be known before.
    pub fn new(site: &str, done: Vec<Done>, notes: &[String]) -> Self {
        Self {
            site: site.to_owned(),
            done,
            notes: notes.to_vec(),
        }
    }

    /// The changes, with what was left out of them meanwhile.
    pub fn into_done(self) -> Vec<Done> {
        self.done
    }

    fn planned(&self) -> impl Iterator<Item = &Done> {
        self.done.iter().filter(|done| done.outcome.goes_ahead())
    }

    /// Where it is, and in which stage of its run where that is not the first.
    fn place(&self) -> String {
        let mut stages = self.done.iter().map(|done| done.change.stage());
        match stages.next() {
            Some(stage @ 2..) => format!("On the site `{}`, stage {stage}", self.site),
            _ => format!("On the site `{}`", self.site),
        }
    }

    /// A line for each change that is to be made, with its number.
    fn numbered(&self) -> Vec<String> {
        let width = self.count().to_string().len();
        let line = |(number, done): (usize, &Done)| format!("  {number:>width$}. {}", line(done));
        (1..).zip(self.planned()).map(line).collect()
    }

    /// A line for each change that is not made, of those that `is_shown`.
    fn others(&self, is_shown: impl Fn(&Done) -> bool) -> Vec<String> {
        let shown = self.done.iter().filter(|done| is_shown(done));
        let line = |done: &Done| {
            let status = done.outcome.status.as_str();
            let why = done.outcome.why.as_deref();
            let why = why.map(|why| format!(": {why}")).unwrap_or_default();
            let whose = of_user(&done.change).map(|whose| format!(" ({whose})"));
            let whose = whose.unwrap_or_default();
            format!("  {status}: {}{whose}{why}", done.change.spoken())
        };
        shown.map(line).collect()
    }

    fn troubled(&self) -> Vec<String> {
        let is_shown = |done: &Done| {
            is_trouble(done.outcome.status) || done.outcome.status == Status::Protected
        };
        self.others(is_shown)
    }

    /// What is to be known before, with what of the changes nobody can bring back.
    fn notes(&self) -> Vec<String> {
        let lasting = Lasting::of(self.planned().map(|done| &done.change));
        let left = lasting.counted().map(|left| format!("{left}."));
        self.notes.iter().cloned().chain(left).collect()
    }

    /// How many changes there are of each menu or table and verb.
    fn counts(&self) -> Vec<String> {
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for done in self.planned() {
            let place = match done.change.target() {
                Target::Key(_) => "redis".to_owned(),
                target => target.to_string(),
            };
            let verb = done.change.action().as_str();
            *counts.entry(format!("{verb} {place}")).or_default() += 1;
        }
        let width = self.count().to_string().len();
        let line = |(what, count): (String, usize)| format!("  {count:>width$} {what}");
        counts.into_iter().map(line).collect()
    }
}

impl Offer for Proposal {
    fn text(&self) -> String {
        let (numbered, troubled) = (self.numbered(), self.troubled());
        let head = format!("{}:", self.place());
        if numbered.len() + troubled.len() <= WHOLE {
            let parts = [vec![head], numbered, troubled, self.notes()];
            return parts.concat().join("\n");
        }
        let first = format!(
            "The first {} of {}:",
            FIRST.min(numbered.len()),
            numbered.len()
        );
        let first: Vec<String> = [first]
            .into_iter()
            .chain(numbered)
            .take(FIRST + 1)
            .collect();
        let cannot = (!troubled.is_empty()).then(|| "What cannot be made:".to_owned());
        let cannot: Vec<String> = cannot.into_iter().chain(troubled).collect();
        let parts = [vec![head], self.counts(), first, cannot, self.notes()];
        parts.concat().join("\n")
    }

    fn whole(&self) -> String {
        let head = format!("{}, {}:", self.place(), counted(self.count(), "change"));
        let others = self.others(|done| !done.outcome.goes_ahead());
        let parts = [vec![head], self.numbered(), others, self.notes()];
        parts.concat().join("\n")
    }

    fn question(&self) -> String {
        format!("Make {}?", counted(self.count(), "change"))
    }

    fn count(&self) -> usize {
        self.planned().count()
    }

    fn leave_out(&mut self, numbers: &BTreeSet<usize>) {
        let groups = together::groups(self.done.iter().map(|done| &done.change));
        let planned = groups.iter().zip(&self.done);
        let planned = planned.filter(|(_, done)| done.outcome.goes_ahead());
        let left: BTreeSet<usize> = (1..)
            .zip(planned)
            .filter(|(number, _)| numbers.contains(number))
            .map(|(_, (group, _))| *group)
            .collect();
        selection::leave_out(&mut self.done, |group| left.contains(&group));
    }
}

/// The user whom the row of a change names.
fn of_user(change: &Change) -> Option<String> {
    let whose = change.whose();
    whose.spoken().map(|user| format!("of {user}"))
}

/// A change, whose row it is, why it is made, and the group that it is made with or not at all.
fn line(done: &Done) -> String {
    let Change { reason, group, .. } = &done.change;
    let group = group.iter().map(|group| format!("together: {}", group.why));
    let why = of_user(&done.change).into_iter();
    let why = why.chain([reason.clone()]).chain(group);
    let why: Vec<String> = why.filter(|why| !why.is_empty()).collect();
    match why.as_slice() {
        [] => done.change.spoken(),
        why => format!("{} ({})", done.change.spoken(), why.join("; ")),
    }
}

/// What an answer means for the changes.
///
/// # Errors
/// Whatever is no yes.
pub fn settled(answer: Answer) -> Result<(), ChangeError> {
    match answer {
        Answer::Yes => Ok(()),
        Answer::No(no) => Err(ChangeError::NotConfirmed {
            why: no.to_string(),
        }),
        Answer::Stopped => Err(ChangeError::Unanswered),
    }
}
