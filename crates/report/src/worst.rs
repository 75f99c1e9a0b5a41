//! What a report comes to, in one word: the same for its page, for programs, and for the colour of its first lines.

use super::{Findings, Report, Severity, Status};

/// The worst of what a report says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing was found, and all that was checked is well.
    Clean,
    /// There is something worth knowing.
    Info,
    /// Something could not be told.
    Unknown,
    /// Something should be looked at.
    Warning,
    /// Something does not work, or somebody is affected now.
    Critical,
    /// The run failed, and says nothing of the rest.
    Failed,
}

impl Verdict {
    /// The verdict on a report of a run, which may have failed.
    pub fn on(report: &Report, has_failed: bool) -> Self {
        let checked = report.checks.iter().map(|check| match check.status {
            Status::Pass => Self::Clean,
            Status::Unknown => Self::Unknown,
            Status::Warn => Self::Warning,
            Status::Fail => Self::Critical,
        });
        let found = report.by_severity().into_iter();
        let found = found.map(|group| group.severity).chain(report.weight);
        let found = found.map(|severity| match severity {
            Severity::Info => Self::Info,
            Severity::Warning => Self::Warning,
            Severity::Critical => Self::Critical,
        });
        let failed = has_failed.then_some(Self::Failed);
        let all = checked.chain(found).chain(failed);
        all.max_by_key(|verdict| *verdict as u8)
            .unwrap_or(Self::Clean)
    }

    /// The word in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Clean => "clean",
            Self::Info => "info",
            Self::Unknown => "unknown",
            Self::Warning => "warning",
            Self::Critical => "critical",
            Self::Failed => "failed",
        }
    }
}

impl Report {
    /// The kinds of findings of which there are any, the worst first.
    pub fn by_severity(&self) -> Vec<&Findings> {
        let groups = self.findings.iter();
        let mut groups: Vec<&Findings> = groups.filter(|group| !group.items.is_empty()).collect();
        groups.sort_by_key(|group| std::cmp::Reverse(group.severity));
        groups
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::Check;
    use crate::Evidence;
    use catalogue::Language;
    use serde_json::Value as Json;
    use std::rc::Rc;

    /// A finding without a word.
    pub(crate) struct One;

    impl Evidence for One {
        fn len(&self) -> usize {
            1
        }

        fn subject(&self, _: usize) -> String {
            String::new()
        }

        fn facts(&self, _: usize, _: Language) -> Vec<(String, Json)> {
            Vec::new()
        }
    }

    #[test]
    fn the_verdict_is_the_worst_of_findings_and_checks_and_a_run_that_failed_has_no_other() {
        let found = |severity| Findings {
            kind: "k".to_owned(),
            severity,
            title: "".into(),
            advice: "".into(),
            of_check: None,
            items: Rc::new(One),
        };
        let check = |status| match status {
            Status::Pass => Check::pass("c", ""),
            Status::Unknown => Check::unknown("c", "", ""),
            Status::Warn => Check::warn("c", "", ""),
            Status::Fail => Check::fail("c", "", ""),
        };
        type Found = Severity;
        type Checked = Status;
        for (findings, checks, verdict) in [
            (vec![], vec![], "clean"),
            (vec![], vec![Checked::Pass], "clean"),
            (vec![Found::Info], vec![Checked::Pass], "info"),
            (vec![Found::Info], vec![Checked::Unknown], "unknown"),
            (vec![Found::Warning], vec![Checked::Unknown], "warning"),
            (vec![], vec![Checked::Warn, Checked::Pass], "warning"),
            (vec![Found::Warning, Found::Critical], vec![], "critical"),
            (vec![Found::Info], vec![Checked::Fail], "critical"),
        ] {
            let report = Report {
                findings: findings.into_iter().map(found).collect(),
                checks: checks.into_iter().map(check).collect(),
                ..Report::default()
            };
            assert_eq!(Verdict::on(&report, false).as_str(), verdict);
            assert_eq!(Verdict::on(&report, true).as_str(), "failed");
        }
    }
}
