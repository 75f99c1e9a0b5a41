//! Settings that end every process of the portal as it starts, because its schedule cannot be made.

use crate::number::whole_number;

/// A variable of the environment that no process of the portal starts with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScheduleProblem {
    /// Its name.
    pub setting: &'static str,
    /// Its text.
    pub text: String,
    /// The greatest number that it may be; `None` for any.
    pub most: Option<u32>,
}

/// Variables that hold a time of the day, as a crontab writes it, with the greatest number.
const TIMES: [(&str, u32); 2] = [
    ("OVERDUE_DEBT_BLOCK_CRON_HOUR", 23),
    ("OVERDUE_DEBT_BLOCK_CRON_MINUTE", 59),
];
/// Variables that hold a number.
const NUMBERS: [&str; 2] = [
    "ADMIN_ACTION_LOG_RETENTION_DAYS",
    "TASK_DLQ_ALERT_THROTTLE_MINUTES",
];

/// Those among the variables that `environment` sets. Nothing else is asked: the portal has no database
/// yet when it makes its schedule.
#[must_use]
pub fn problems<'text>(environment: impl Fn(&str) -> Option<&'text str>) -> Vec<ScheduleProblem> {
    let set = |setting| Some((setting, environment(setting)?));
    let times = TIMES.into_iter().filter_map(|(setting, most)| {
        let (setting, text) = set(setting)?;
        (!is_time(text, most)).then(|| problem(setting, text, Some(most)))
    });
    let numbers = NUMBERS.into_iter().filter_map(|setting| {
        let (setting, text) = set(setting)?;
        whole_number(text)
            .is_none()
            .then(|| problem(setting, text, None))
    });
    times.chain(numbers).collect()
}

fn problem(setting: &'static str, text: &str, most: Option<u32>) -> ScheduleProblem {
    ScheduleProblem {
        setting,
        text: text.to_owned(),
        most,
    }
}

/// Is it a field of a crontab: numbers up to `most`, `*`, and `,`, `-`, `/` between them?
fn is_time(text: &str, most: u32) -> bool {
    let text = text.trim();
    let known = |c: char| c.is_ascii_digit() || matches!(c, '*' | ',' | '-' | '/');
    let mut numbers = text
        .split(['*', ',', '-', '/'])
        .filter(|part| !part.is_empty());
    let begins = text.starts_with(|c: char| c.is_ascii_digit() || c == '*');
    begins
        && text.chars().all(known)
        && numbers.all(|part| part.parse().is_ok_and(|number: u32| number <= most))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_of_the_day_that_is_none_and_a_number_that_is_none_are_named() {
        for (setting, text, is_wrong) in [
            ("OVERDUE_DEBT_BLOCK_CRON_HOUR", "8", false),
            ("OVERDUE_DEBT_BLOCK_CRON_HOUR", " 23 ", false),
            ("OVERDUE_DEBT_BLOCK_CRON_HOUR", "8,20", false),
            ("OVERDUE_DEBT_BLOCK_CRON_HOUR", "*/6", false),
            ("OVERDUE_DEBT_BLOCK_CRON_HOUR", "24", true),
            ("OVERDUE_DEBT_BLOCK_CRON_HOUR", "-1", true),
            ("OVERDUE_DEBT_BLOCK_CRON_HOUR", "", true),
            ("OVERDUE_DEBT_BLOCK_CRON_HOUR", "08:00", true),
            ("OVERDUE_DEBT_BLOCK_CRON_HOUR", "8,24", true),
            ("OVERDUE_DEBT_BLOCK_CRON_HOUR", "99999999999999999999", true),
            ("OVERDUE_DEBT_BLOCK_CRON_MINUTE", "59", false),
            ("OVERDUE_DEBT_BLOCK_CRON_MINUTE", "60", true),
            ("ADMIN_ACTION_LOG_RETENTION_DAYS", "90", false),
            ("ADMIN_ACTION_LOG_RETENTION_DAYS", "", true),
            ("TASK_DLQ_ALERT_THROTTLE_MINUTES", "1h", true),
            // No part of the schedule.
            ("QUOTA_DEBT_LIMIT_MB", "much", false),
        ] {
            let found = problems(|name| (name == setting).then_some(text));
            let names: Vec<&str> = found.iter().map(|problem| problem.setting).collect();
            assert_eq!(
                names,
                Vec::from_iter(is_wrong.then_some(setting)),
                "{text:?}"
            );
        }
        assert_eq!(problems(|_| None), []);
    }
}
