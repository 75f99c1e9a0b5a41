//! A plan as whoever is to say yes to it sees it.

use std::collections::{BTreeMap, BTreeSet};

use catalogue::{Language, Said};
use plan::change::{Action, Change};
use plan::comments::Comments;
use plan::lasting::Lasting;
use plan::outcome::{Done, Status};
use plan::{selection, together};
use planning::ChangeError;
use report::sheet::Sheet;
use scripting::host::change::is_trouble;
use sentences::{
    AccountLasting, ProposalCannot, ProposalChange, ProposalFirst, ProposalNotMade,
    ProposalNotMadeOfUser, ProposalNotMadeOfUserWhy, ProposalNotMadeWhy, ProposalOfUser,
    ProposalPlace, ProposalStage, ProposalStageWhole, ProposalTogether, ProposalWhole,
    QuestionMake,
};
use site::grant::Target;

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
    notes: Vec<Said>,
}

impl Proposal {
    /// What is planned on `site`, with what else is to be known before.
    pub fn new(site: &str, done: Vec<Done>, notes: &[Said]) -> Self {
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

    /// The stage of its run, where that is not the first.
    fn stage(&self) -> Option<usize> {
        let mut stages = self.done.iter().map(|done| done.change.stage());
        stages.next().filter(|stage| *stage > 1)
    }

    /// Where it is.
    fn place(&self) -> Said {
        let site = &self.site;
        match self.stage() {
            Some(stage) => ProposalStage { site, stage }.into(),
            None => ProposalPlace { site }.into(),
        }
    }

    /// Where it is, and how many changes there are.
    fn whole_place(&self) -> Said {
        let (site, changes) = (&self.site, self.count());
        match self.stage() {
            Some(stage) => ProposalStageWhole {
                site,
                stage,
                changes,
            }
            .into(),
            None => ProposalWhole { site, changes }.into(),
        }
    }

    /// A line for each change that is to be made, with its number; of so many at most.
    fn numbered(&self, sheet: Sheet, most: usize) -> Vec<String> {
        let width = self.count().to_string().len();
        let line = |(number, done): (usize, &Done)| {
            format!(
                "  {number:>width$}. {}",
                line(done, comments_on(sheet)).in_language(sheet.language)
            )
        };
        (1..).zip(self.planned().take(most)).map(line).collect()
    }

    /// A line for each change that is not made, of those that `is_shown`.
    fn others(&self, sheet: Sheet, is_shown: impl Fn(&Done) -> bool) -> Vec<String> {
        let shown = self.done.iter().filter(|done| is_shown(done));
        let line = |done| {
            format!(
                "  {}",
                not_made(done, comments_on(sheet)).in_language(sheet.language)
            )
        };
        shown.map(line).collect()
    }

    fn troubled(&self, sheet: Sheet) -> Vec<String> {
        let is_shown = |done: &Done| {
            is_trouble(done.outcome.status) || done.outcome.status == Status::Protected
        };
        self.others(sheet, is_shown)
    }

    /// What is to be known before, with what of the changes nobody can bring back.
    fn notes(&self, language: Language) -> Vec<String> {
        let lasting = Lasting::of(self.planned().map(|done| &done.change));
        let left = lasting.counted();
        let left = left.map(|left| AccountLasting { left }.into());
        let notes = self.notes.iter().cloned().chain(left);
        notes
            .map(|note| note.in_language(language).into_owned())
            .collect()
    }

    /// How many changes there are of each menu or table and verb.
    fn counts(&self, language: Language) -> Vec<String> {
        let mut counts: BTreeMap<(&str, String), (Action, usize)> = BTreeMap::new();
        for done in self.planned() {
            let place = match done.change.target() {
                Target::Key(_) => "redis".to_owned(),
                target => target.to_string(),
            };
            let action = done.change.action();
            let count = counts.entry((action.as_str(), place));
            count.or_insert((action, 0)).1 += 1;
        }
        let width = self.count().to_string().len();
        let line = |((_, place), (action, count)): (_, (Action, usize))| {
            let what = action.spoken(place);
            format!("  {count:>width$} {}", what.in_language(language))
        };
        counts.into_iter().map(line).collect()
    }
}

impl Offer for Proposal {
    fn text(&self, sheet: Sheet) -> Vec<String> {
        let language = sheet.language;
        let said = |said: Said| said.in_language(language).into_owned();
        let (changes, troubled) = (self.count(), self.troubled(sheet));
        let head = said(self.place());
        if changes + troubled.len() <= WHOLE {
            let numbered = self.numbered(sheet, changes);
            let parts = [vec![head], numbered, troubled, self.notes(language)];
            return parts.concat();
        }
        let shown = FIRST.min(changes);
        let first = said(ProposalFirst { shown, changes }.into());
        let numbered = self.numbered(sheet, shown);
        let first: Vec<String> = [first].into_iter().chain(numbered).collect();
        let cannot = (!troubled.is_empty()).then(|| said(ProposalCannot.into()));
        let cannot: Vec<String> = cannot.into_iter().chain(troubled).collect();
        let parts = [
            vec![head],
            self.counts(language),
            first,
            cannot,
            self.notes(language),
        ];
        parts.concat()
    }

    fn whole(&self, sheet: Sheet) -> Vec<String> {
        let language = sheet.language;
        let head = self.whole_place().in_language(language).into_owned();
        let others = self.others(sheet, |done| !done.outcome.goes_ahead());
        let parts = [
            vec![head],
            self.numbered(sheet, usize::MAX),
            others,
            self.notes(language),
        ];
        parts.concat()
    }

    fn question(&self) -> Said {
        QuestionMake {
            changes: self.count(),
        }
        .into()
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

/// How a sheet shows the comments of rows.
fn comments_on(sheet: Sheet) -> Comments {
    Comments::of(sheet.is_detailed)
}

/// A change, whose row it is, why it is made, and the group that it is made with or not at all.
fn line(done: &Done, comments: Comments) -> Said {
    let Change { reason, group, .. } = &done.change;
    let change = done.change.spoken(comments);
    let user = user_beside(&change, done);
    let user = user.map(|user| ProposalOfUser { user }.into());
    let group = group
        .iter()
        .map(|group| ProposalTogether { why: &group.why }.into());
    let why = user.into_iter().chain([reason.clone()]).chain(group);
    let why = Said::several(why.filter(|why| !why.is_empty()));
    match why.is_empty() {
        true => change,
        false => ProposalChange { change, why }.into(),
    }
}

/// The user whose row it is, unless what is said of the change names the user already.
fn user_beside(change: &Said, done: &Done) -> Option<String> {
    let whose = done.change.whose();
    let user = whose.spoken().map(str::to_owned);
    user.filter(|user| !change.to_string().contains(user))
}

/// A change that is not made, whose row it is, and why.
fn not_made(done: &Done, comments: Comments) -> Said {
    let (status, change) = (done.outcome.status.spoken(), done.change.spoken(comments));
    match (user_beside(&change, done), done.outcome.why.clone()) {
        (None, None) => ProposalNotMade { status, change }.into(),
        (None, Some(why)) => ProposalNotMadeWhy {
            status,
            change,
            why,
        }
        .into(),
        (Some(user), None) => ProposalNotMadeOfUser {
            status,
            change,
            user,
        }
        .into(),
        (Some(user), Some(why)) => ProposalNotMadeOfUserWhy {
            status,
            change,
            user,
            why,
        }
        .into(),
    }
}

/// What an answer means for the changes.
///
/// # Errors
/// Whatever is no yes.
pub fn settled(answer: Answer) -> Result<(), ChangeError> {
    match answer {
        Answer::Yes => Ok(()),
        Answer::No(no) => Err(ChangeError::NotConfirmed { why: no.into() }),
        Answer::Stopped => Err(ChangeError::Unanswered),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shouted;
    use plan::change::Group;
    use plan::fields::Fields;
    use plan::order::FollowedBy;
    use plan::outcome::{Difference, Outcome};
    use plan::row::{At, Edit, RowWrite};

    fn row(fields: &[(&str, &str)]) -> Fields {
        fields.iter().copied().collect()
    }

    /// A change of each kind of a row, of which the last one cannot be made, in a group where it `is_joined`.
    fn changes(is_joined: bool) -> Vec<Done> {
        let lists = "/ip/firewall/address-list".parse().unwrap();
        let filter = "/ip/firewall/filter".parse().unwrap();
        let seen = || row(&[("list", "L"), ("address", "1.1.1.1")]);
        let last = FollowedBy {
            at: jiff::Timestamp::UNIX_EPOCH,
            rows: Vec::new(),
            now: Vec::new(),
            is_doubtful: false,
        };
        let moved = Edit::Move {
            at: At::row("*2"),
            row: row(&[("chain", "C")]),
            from: None,
            to: last,
        };
        let mut changes = vec![
            Change::add(None, &lists, seen(), "WHY"),
            Change::set(
                None,
                &lists,
                At::row("*1"),
                (seen(), row(&[("comment", "C")])),
                "WHY",
            ),
            Change::of(RowWrite::new(None, &filter, moved), "WHY"),
            Change::remove(None, &lists, At::row("*1"), seen(), "WHY"),
        ];
        for change in changes.iter_mut().filter(|_| is_joined) {
            let why = "GROUP".to_owned();
            change.group = Some(Group { number: 1, why });
        }
        let planned = changes.into_iter().map(|change| Done {
            change,
            outcome: Outcome::of(Status::Planned),
        });
        let mut done: Vec<Done> = planned.collect();
        let cannot = &mut done.last_mut().unwrap().outcome;
        *cannot = Outcome::not_sent(sentences::OutcomeStopped);
        cannot.status = Status::Conflict;
        cannot.differences = vec![Difference {
            field: "comment".to_owned(),
            expected: None,
            found: Some("C".into()),
        }];
        done
    }

    #[test]
    fn a_plan_is_shown_whole_in_the_language_of_its_sheet() {
        let language = shouted::language();
        let names = [
            "address", "chain", "comment", "filter", "firewall", "ip", "list", "mikrotik",
        ];
        let short = changes(true);
        let long: Vec<Done> = (0..WHOLE).flat_map(|_| changes(false)).collect();
        for (done, said) in [
            (short, ["SET MIKR", "TOGETHER: GROUP", "CONFLICT: REMOVE"]),
            (
                long,
                ["ON THE SITE", "THE FIRST 20 OF 120", "WHAT CANNOT BE MADE"],
            ),
        ] {
            let proposal = Proposal::new("S", done, &[]);
            let sheet = |language| Sheet {
                language,
                ..Sheet::PIPE
            };
            let (shouted, english) = (sheet(language), sheet(Language::English));
            for lines in [proposal.text(shouted), proposal.whole(shouted)] {
                let text = lines.join("\n");
                let small = shouted::small_words(&text);
                assert_eq!(small, BTreeSet::from(names), "{text}");
            }
            let text = proposal.text(shouted).join("\n");
            let upper = text.replace("mikrotik", "MIKROTIK");
            for said in said {
                assert!(upper.contains(said), "{said}: {text}");
            }
            let english = proposal.text(english).join("\n");
            assert!(english.contains("place: (absent) → last"), "{english}");
            assert!(text.contains("PLACE: (ABSENT) → LAST"), "{text}");
        }
    }
}
