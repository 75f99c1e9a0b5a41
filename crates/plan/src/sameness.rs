//! When two states of a row are the same one: by what its fields mean, in whatever words.

use routeros_schema::Menu;

use super::fields::Fields;
use super::menu;

/// Is `now` what `expected` says of it, as far as `expected` goes? Values count by what they are, in
/// whatever words; what moves by itself does not count. A time that is left may be less, but not
/// more: a row whose time was set anew is not the row that was looked at.
pub fn is_row_as_expected(menu: &Menu, expected: &Fields, now: &Fields) -> bool {
    unexpected(menu, expected, now).next().is_none()
}

/// Are these two the same, both being whole rows?
pub fn is_same_row(menu: &Menu, before: &Fields, now: &Fields) -> bool {
    is_row_as_expected(menu, before, now) && added(menu, before, now).next().is_none()
}

/// The fields of `expected` that `now` has otherwise.
pub fn unexpected<'a>(
    menu: &'a Menu,
    expected: &'a Fields,
    now: &'a Fields,
) -> impl Iterator<Item = (&'a str, &'a [u8])> {
    let fields = expected.iter();
    fields.filter(|(name, value)| !is_as_expected(menu, name, value, now.get(name)))
}

/// The fields that `now` has and `before` had not.
pub fn added<'a>(
    menu: &'a Menu,
    before: &'a Fields,
    now: &'a Fields,
) -> impl Iterator<Item = (&'a str, &'a [u8])> {
    now.iter().filter(|(name, value)| {
        before.get(name).is_none()
            && !menu::is_moving(menu, name)
            && !menu::is_same(menu, name, None, Some(value))
    })
}

/// Is `now` still what `expected` says of it?
pub fn is_as_expected(menu: &Menu, name: &str, expected: &[u8], now: Option<&[u8]>) -> bool {
    if menu::is_moving(menu, name) || menu::is_hidden(menu, name) {
        return true;
    }
    if menu::is_time_left(menu, name) {
        // A row without one lasts.
        let Some(now) = now else {
            return expected.is_empty();
        };
        return match (menu::seconds(expected), menu::seconds(now)) {
            (Some(expected), Some(now)) => now <= expected,
            _ => true,
        };
    }
    menu::is_same(menu, name, Some(expected), now)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::change::Change;
    use crate::row::RowWrite;

    fn row(fields: &[(&str, &str)]) -> Fields {
        fields.iter().copied().collect()
    }

    fn lists() -> Menu {
        "/ip/firewall/address-list".parse().unwrap()
    }

    fn of_lists() -> RowWrite {
        let add = Change::add(None, &lists(), Fields::default(), "");
        add.row().cloned().unwrap()
    }

    #[test]
    fn countdowns_are_no_difference_and_a_timeout_set_anew_is_one() {
        let before = row(&[("address", "10.0.0.9"), ("timeout", "5m"), ("uptime", "1s")]);
        let later = row(&[
            ("address", "10.0.0.9"),
            ("timeout", "4m58s"),
            ("uptime", "3s"),
        ]);
        assert!(is_row_as_expected(&lists(), &before, &later));
        let anew = row(&[("address", "10.0.0.9"), ("timeout", "1h"), ("uptime", "3s")]);
        assert_eq!(of_lists().differences(&before, &anew)[0].field, "timeout");
        let lasting = row(&[("address", "10.0.0.9"), ("uptime", "3s")]);
        assert_eq!(
            of_lists().differences(&before, &lasting)[0].field,
            "timeout"
        );
    }

    #[test]
    fn a_field_that_came_is_a_difference_between_whole_rows() {
        let before = row(&[("address", "10.0.0.9")]);
        let now = row(&[("address", "10.0.0.9"), ("comment", "x")]);
        assert!(is_row_as_expected(&lists(), &before, &now));
        let found = of_lists()
            .row_differences(&before, &now)
            .swap_remove(0)
            .found;
        assert_eq!(found.map(|found| found.to_string()).as_deref(), Some("x"));
    }
}
