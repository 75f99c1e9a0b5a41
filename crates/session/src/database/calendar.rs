//! Dates far outside of what a calendar library takes: databases keep them, so they must be shown.

/// From the start of 1970 to the start of 2000, where PostgreSQL counts from.
pub(super) const DAYS_TO_2000: i64 = 10_957;

/// The date `days` after 1970-01-01, as `2026-01-31`; before the year 1 as `0044-03-15 BC`.
pub(super) fn date_text(days: i64) -> String {
    let (year, month, day) = civil(days);
    if year > 0 {
        format!("{year:04}-{month:02}-{day:02}")
    } else {
        format!("{:04}-{month:02}-{day:02} BC", 1 - year)
    }
}

/// The time of day `microseconds` after midnight, as `23:59:59.5`.
pub(super) fn time_text(microseconds: i64) -> String {
    let seconds = microseconds.div_euclid(1_000_000);
    format!(
        "{:02}:{:02}:{:02}{}",
        seconds / 3600,
        seconds / 60 % 60,
        seconds % 60,
        fraction_text(microseconds.rem_euclid(1_000_000))
    )
}

/// The moment `microseconds` after the start of 2000, as `2026-01-31T23:59:59.5`.
pub(super) fn date_time_text(microseconds: i64) -> String {
    const DAY: i64 = 86_400_000_000;
    let date = date_text(microseconds.div_euclid(DAY) + DAYS_TO_2000);
    let time = time_text(microseconds.rem_euclid(DAY));
    match date.strip_suffix(" BC") {
        Some(date) => format!("{date}T{time} BC"),
        None => format!("{date}T{time}"),
    }
}

/// `.5` for half a million microseconds; nothing for none.
pub(super) fn fraction_text(microseconds: i64) -> String {
    match microseconds {
        0 => String::new(),
        some => format!(".{some:06}").trim_end_matches('0').to_owned(),
    }
}

/// Year, month and day in the proleptic Gregorian calendar. Counts in eras of 400 years that begin
/// on 1 March, so that the day added in leap years is the last one.
fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = (shifted_month + 2) % 12 + 1;
    let year = era * 400 + year_of_era + i64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_agree_with_the_calendar_of_jiff() {
        let epoch = jiff::civil::date(1970, 1, 1);
        for days in (-719_000..2_900_000).step_by(997) {
            let date = epoch + jiff::Span::new().days(days);
            assert_eq!(date_text(days), date.to_string());
        }
    }

    #[test]
    fn times_and_far_dates_are_shown_as_postgresql_shows_them() {
        assert_eq!(date_time_text(0), "2000-01-01T00:00:00");
        assert_eq!(date_time_text(-1), "1999-12-31T23:59:59.999999");
        assert_eq!(date_time_text(1_500_000), "2000-01-01T00:00:01.5");
        assert_eq!(time_text(86_400_000_000), "24:00:00");
        assert_eq!(date_text(-719_163), "0001-12-31 BC");
        // The last date of PostgreSQL: day 2145031948 of its own count.
        assert_eq!(date_text(2_145_031_948 + DAYS_TO_2000), "5874897-12-31");
    }
}
