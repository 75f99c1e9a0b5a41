//! What is to be done next: first what the checks advise, the worst of them first, then the report's own steps. What
//! several checks advise is one step.

use catalogue::{Argument, Said};
use sentences::PageStepOf;

use super::{Check, Report, Status, Step};

/// The steps of a report, in order, as a page numbers them.
pub fn of(report: &Report) -> Vec<Step> {
    let advised = advised(report).into_iter().map(|(first, ids)| Step {
        text: PageStepOf {
            checks: Argument::List(ids.into_iter().map(Said::from).collect()),
            advice: first.advice.clone(),
        }
        .into(),
        commands: first.commands.clone(),
    });
    advised.chain(report.next.iter().cloned()).collect()
}

/// The number of the step that a check advises.
pub fn number_of(report: &Report, check: &Check) -> Option<usize> {
    let advised = advised(report);
    let step = advised.iter().position(|(first, _)| is_one(first, check));
    step.filter(|_| has_step(check)).map(|step| step + 1)
}

/// Each step that checks advise, by the first of them, with the ids of all.
fn advised(report: &Report) -> Vec<(&Check, Vec<&str>)> {
    let mut checks: Vec<&Check> = report
        .checks
        .iter()
        .filter(|check| has_step(check))
        .collect();
    checks.sort_by_key(|check| std::cmp::Reverse(check.status));
    let mut advised: Vec<(&Check, Vec<&str>)> = Vec::new();
    for check in checks {
        match advised.iter_mut().find(|(first, _)| is_one(first, check)) {
            Some((_, ids)) => ids.push(&check.id),
            None => advised.push((check, vec![&check.id])),
        }
    }
    advised
}

fn has_step(check: &Check) -> bool {
    check.status != Status::Pass && !(check.advice.is_empty() && check.commands.is_empty())
}

fn is_one(check: &Check, other: &Check) -> bool {
    check.advice == other.advice && check.commands == other.commands
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_checks_advise_is_said_once_the_worst_first_and_before_the_reports_own_steps() {
        let mut report = Report {
            checks: vec![
                Check::unknown("seen", "", "open it"),
                Check::pass("well", ""),
                Check::warn("slow", "", "wait"),
                Check::fail("dead", "", "open it"),
                Check::fail("silent", "", ""),
            ],
            ..Report::default()
        };
        report.checks[2].commands = vec!["sleep 1".to_owned()];
        report.step("look again");
        let steps = of(&report);
        let said = |step: &Step| (step.text.to_string(), step.commands.len());
        let steps: Vec<(String, usize)> = steps.iter().map(said).collect();
        let expected = [
            ("dead, seen: open it", 0),
            ("slow: wait", 1),
            ("look again", 0),
        ];
        let expected = expected.map(|(text, commands)| (text.to_owned(), commands));
        assert_eq!(steps, expected);
        let checks = report.checks.iter();
        let numbers = checks.map(|check| number_of(&report, check));
        let numbers: Vec<Option<usize>> = numbers.collect();
        assert_eq!(numbers, [Some(1), None, Some(2), Some(1), None]);
    }
}
