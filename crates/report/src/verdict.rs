//! The title of a report with what it comes to: never better than the worst of its checks.

use catalogue::Said;
use sentences::{
    PageHeadline, VerdictFailed, VerdictFound, VerdictLook, VerdictNothingTold, VerdictUntold,
    VerdictWell,
};

use super::{Report, Severity, Status};

/// The title; where there are checks, with what they come to behind it.
pub fn headline(report: &Report) -> Said {
    if report.checks.is_empty() || report.title.is_empty() {
        return report.title.clone();
    }
    PageHeadline {
        title: report.title.clone(),
        verdict: verdict(report),
    }
    .into()
}

fn verdict(report: &Report) -> Said {
    let of_status = |status| {
        let checks = report.checks.iter();
        checks.filter(|check| check.status == status).count()
    };
    let found = report.findings.iter();
    let found = found.filter(|group| group.severity > Severity::Info);
    let found: usize = found.map(|group| group.items.len()).sum();
    let checks = report.checks.len();
    let (failed, look, untold) = (
        of_status(Status::Fail),
        of_status(Status::Warn),
        of_status(Status::Unknown),
    );
    match (failed, look, untold) {
        (1.., ..) => VerdictFailed { failed, checks }.into(),
        (0, 0, untold) if untold == checks => VerdictNothingTold.into(),
        (0, 0, 1..) => VerdictUntold { untold, checks }.into(),
        (0, look, untold) if look > 0 => VerdictLook {
            look,
            untold,
            checks,
        }
        .into(),
        _ if found > 0 => VerdictFound { found }.into(),
        _ => VerdictWell.into(),
    }
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use super::*;
    use crate::worst::tests::One;
    use crate::{Check, Findings};

    fn title(statuses: &[Status], severity: Option<Severity>) -> String {
        let checks = statuses.iter().map(|status| Check {
            status: *status,
            ..Check::pass("id", "")
        });
        let findings = severity.map(|severity| Findings {
            kind: String::new(),
            severity,
            title: Said::default(),
            advice: Said::default(),
            of_check: None,
            items: Rc::new(One),
        });
        let report = Report {
            title: "Services".into(),
            checks: checks.collect(),
            findings: findings.into_iter().collect(),
            ..Report::default()
        };
        headline(&report).to_string()
    }

    #[test]
    fn a_title_is_never_better_than_the_worst_check_or_finding() {
        use Status::{Fail, Pass, Unknown, Warn};
        let table: [(&[Status], Option<Severity>, &str); 10] = [
            (&[], Some(Severity::Critical), "Services"),
            (&[Pass, Pass], None, "Services: all is well"),
            (&[Pass], Some(Severity::Info), "Services: all is well"),
            (
                &[Pass],
                Some(Severity::Critical),
                "Services: the checks passed, 1 finding needs a look",
            ),
            (&[Unknown], None, "Services: nothing can be told"),
            (
                &[Pass, Unknown],
                None,
                "Services: nothing failed, 1 of 2 checks could not be told",
            ),
            (
                &[Pass, Warn],
                None,
                "Services: nothing failed, 1 of 2 checks needs a look",
            ),
            (
                &[Unknown, Warn, Warn],
                None,
                "Services: nothing failed, 2 of 3 checks need a look, 1 could not be told",
            ),
            (
                &[Unknown, Warn, Fail],
                None,
                "Services: 1 of 3 checks failed",
            ),
            (&[Fail, Fail], None, "Services: 2 of 2 checks failed"),
        ];
        for (statuses, severity, expected) in table {
            assert_eq!(title(statuses, severity), expected);
        }
    }
}
