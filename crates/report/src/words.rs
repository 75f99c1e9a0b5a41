//! The words that every page has, as sentences of the program's catalogue.

use catalogue::{Argument, Said};
use sentences::{
    PageChecks, PageFindings, SeverityCritical, SeverityCriticalCount, SeverityInfo,
    SeverityInfoCount, SeverityWarning, SeverityWarningCount, StatusFail, StatusFailCount,
    StatusPass, StatusPassCount, StatusUnknown, StatusUnknownCount, StatusWarn, StatusWarnCount,
};

use super::{Severity, Status};

/// The word of a severity.
pub fn of_severity(severity: Severity) -> Said {
    match severity {
        Severity::Critical => SeverityCritical.into(),
        Severity::Warning => SeverityWarning.into(),
        Severity::Info => SeverityInfo.into(),
    }
}

/// The word of a status.
pub fn of_status(status: Status) -> Said {
    match status {
        Status::Fail => StatusFail.into(),
        Status::Warn => StatusWarn.into(),
        Status::Unknown => StatusUnknown.into(),
        Status::Pass => StatusPass.into(),
    }
}

/// So many findings of a severity.
pub fn findings_of(severity: Severity, findings: usize) -> Said {
    match severity {
        Severity::Critical => SeverityCriticalCount { findings }.into(),
        Severity::Warning => SeverityWarningCount { findings }.into(),
        Severity::Info => SeverityInfoCount { findings }.into(),
    }
}

/// So many checks of a status.
pub fn checks_of(status: Status, checks: usize) -> Said {
    match status {
        Status::Fail => StatusFailCount { checks }.into(),
        Status::Warn => StatusWarnCount { checks }.into(),
        Status::Unknown => StatusUnknownCount { checks }.into(),
        Status::Pass => StatusPassCount { checks }.into(),
    }
}

/// What checks and findings come to; nothing where there are none.
pub fn sum(checks: Vec<Said>, findings: Vec<Said>) -> Said {
    let checks = (!checks.is_empty()).then(|| {
        PageChecks {
            counts: Argument::List(checks),
        }
        .into()
    });
    let findings = (!findings.is_empty()).then(|| {
        PageFindings {
            counts: Argument::List(findings),
        }
        .into()
    });
    Said::several(checks.into_iter().chain(findings))
}
