//! Values as the router takes them.

use std::time::Duration;

use routeros_schema::{Kind, Value};

use crate::Row;
use crate::trap::Trap;

/// The value of `field` as the router keeps it, `None` when the field is cleared by an empty text.
///
/// Words and names may be shortened while they stay clear (seen). `names` are the rows that a name is
/// of; while there are none any name goes (ours, so that a small state is enough for a test).
///
/// # Errors
/// The router's trap for a value that does not fit.
pub(crate) fn normalise(
    kind: &Kind,
    field: &str,
    value: &[u8],
    names: &[Row],
) -> Result<Option<Vec<u8>>, Trap> {
    let has_names = !names.is_empty();
    match kind {
        Kind::Text | Kind::Secret | Kind::List(_) if value.is_empty() => Ok(None),
        Kind::Words(words) => {
            let text = text(value).ok_or_else(|| Trap::no_match(field))?;
            let kept = word(words.iter().copied(), field, text)?;
            Ok(Some(kept.into()))
        }
        Kind::Name(_) if has_names => name(&[], field, value, names).map(Some),
        Kind::Either(kinds) => either(kinds, field, value, names),
        Kind::Name(_) => Ok((!value.is_empty()).then(|| value.to_vec())),
        _ => match kind.read(value) {
            Some(read) if is_too_long(&read) => Err(misfit(kind, field)),
            Some(read) => Ok(Some(read.to_bytes())),
            None => Err(misfit(kind, field)),
        },
    }
}

/// A value as a release keeps it that writes months by their names (seen, before 7.10).
pub(crate) fn month_first(kind: &Kind, value: Vec<u8>) -> Vec<u8> {
    match kind.read(&value) {
        Some(Value::Moment(moment)) => moment.to_month_first().into_bytes(),
        _ => value,
    }
}

/// An exact word, or else the only one that begins with `text`.
pub(crate) fn word<'a>(
    mut words: impl Iterator<Item = &'a str> + Clone,
    field: &str,
    text: &str,
) -> Result<&'a str, Trap> {
    let mut hits = words.clone().filter(|word| word.starts_with(text));
    if let Some(exact) = words.find(|word| *word == text) {
        return Ok(exact);
    }
    match (hits.next(), hits.next()) {
        (Some(only), None) => Ok(only),
        (Some(_), Some(_)) => Err(Trap::ambiguous(field)),
        (None, _) => Err(Trap::no_match(field)),
    }
}

/// The first of the kinds that the value is of; words and names are one choice.
fn either(
    kinds: &[Kind],
    field: &str,
    value: &[u8],
    names: &[Row],
) -> Result<Option<Vec<u8>>, Trap> {
    let is_name = |kind: &&Kind| matches!(kind, Kind::Name(_));
    let read = kinds
        .iter()
        .filter(|kind| !is_name(kind))
        .find_map(|kind| kind.read(value));
    match read {
        Some(read) if !is_too_long(&read) => return Ok(Some(read.to_bytes())),
        _ => {}
    }
    match kinds.iter().find(is_name) {
        Some(_) if !names.is_empty() => {
            let words: Vec<&str> = kinds.iter().flat_map(Kind::words).collect();
            name(&words, field, value, names).map(Some)
        }
        Some(_) => Ok((!value.is_empty()).then(|| value.to_vec())),
        None => Err(kinds
            .last()
            .map_or_else(|| Trap::invalid(field), |kind| misfit(kind, field))),
    }
}

/// The name of a row, or one of the words beside them.
fn name(words: &[&str], field: &str, value: &[u8], rows: &[Row]) -> Result<Vec<u8>, Trap> {
    let text = text(value).ok_or_else(|| Trap::no_match(field))?;
    let names = rows
        .iter()
        .filter_map(|row| std::str::from_utf8(row.get("name")?).ok());
    let beside = words
        .iter()
        .copied()
        .filter(|word| !names.clone().any(|name| name == *word));
    word(beside.chain(names.clone()), field, text).map(Into::into)
}

/// The trap for a value that is not of the kind.
fn misfit(kind: &Kind, field: &str) -> Trap {
    match kind {
        Kind::Bool | Kind::Flags(_) | Kind::Rights(_) => Trap::no_match(field),
        Kind::Duration => Trap::invalid_time(field),
        _ => Trap::invalid(field),
    }
}

/// The greatest duration an argument takes: 2^31 hundredths of a second.
const LONGEST: Duration = Duration::from_secs(21_474_836);

fn is_too_long(value: &Value<'_>) -> bool {
    matches!(value, Value::Duration(duration) if *duration > LONGEST)
}

fn text(value: &[u8]) -> Option<&str> {
    std::str::from_utf8(value).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NONE_OR_DURATION: Kind = Kind::Either(&[Kind::Words(&["none"]), Kind::Duration]);
    const ALL_OR_NAME: Kind = Kind::Either(&[Kind::Words(&["all"]), Kind::Name("/ip/hotspot")]);
    const RATES: Kind = Kind::Pair(&Kind::Rate);

    fn kept(kind: Kind, value: &str) -> String {
        let kept = normalise(&kind, "field", value.as_bytes(), &[]).unwrap();
        String::from_utf8(kept.unwrap()).unwrap()
    }

    fn trap(kind: Kind, value: &str) -> String {
        normalise(&kind, "field", value.as_bytes(), &[])
            .unwrap_err()
            .message
            .into_owned()
    }

    #[test]
    fn values_are_kept_in_the_routers_form() {
        assert_eq!(kept(Kind::Bool, "yes"), "true");
        assert_eq!(kept(Kind::Duration, "01:00:00"), "1h");
        assert_eq!(kept(NONE_OR_DURATION, "none"), "none");
        assert_eq!(kept(RATES, "512k/4M"), "512000/4000000");
        assert_eq!(kept(RATES, "1G"), "1000000000/1000000000");
        assert_eq!(kept(Kind::Duration, "35w3d13h13m56s"), "35w3d13h13m56s");
        assert_eq!(kept(Kind::Moment, "may/31/2026"), "2026-05-31");
        assert_eq!(kept(ALL_OR_NAME, "anything"), "anything");
    }

    #[test]
    fn an_empty_text_clears_a_field() {
        assert_eq!(normalise(&Kind::Text, "comment", b"", &[]), Ok(None));
        assert_eq!(
            normalise(&Kind::Text, "comment", b"\xFF", &[]),
            Ok(Some(vec![0xFF]))
        );
    }

    #[test]
    fn a_word_may_be_shortened_while_it_is_clear() {
        const TYPES: Kind = Kind::Words(&["regular", "bypassed", "blocked", "block"]);
        assert_eq!(kept(TYPES, "by"), "bypassed");
        assert_eq!(kept(TYPES, "block"), "block");
        let several = "ambiguous value of field, more than one possible value matches input";
        assert_eq!(trap(TYPES, "b"), several);
        assert_eq!(trap(TYPES, ""), several);
        assert_eq!(trap(TYPES, "x"), "input does not match any value of field");
    }

    #[test]
    fn a_name_is_one_of_the_rows_there_are() {
        let rows = [("name", "hotspot1"), ("name", "hotspot2")]
            .map(|(name, value)| Row::new(None, [(name.as_bytes(), value.as_bytes())]));
        let given = |value: &[u8]| normalise(&ALL_OR_NAME, "server", value, &rows);
        assert_eq!(given(b"hotspot2"), Ok(Some(b"hotspot2".to_vec())));
        assert_eq!(given(b"al"), Ok(Some(b"all".to_vec())));
        assert_eq!(given(b"hot"), Err(Trap::ambiguous("server")));
        assert_eq!(given(b"guests"), Err(Trap::no_match("server")));
    }

    #[test]
    fn values_of_the_wrong_form_are_refused() {
        for time in ["none", "36w"] {
            let trap = trap(Kind::Duration, time);
            assert_eq!(trap, "invalid time value for argument field", "{time}");
        }
        for (kind, value) in [
            (RATES, ""),
            (RATES, "k"),
            (RATES, "1k/"),
            (Kind::Port, "65536"),
            (Kind::Address, "300.1.1.1"),
            (Kind::Either(&[Kind::Network, Kind::Host]), "300.1.1.1"),
        ] {
            assert_eq!(
                trap(kind, value),
                "invalid value for argument field",
                "{value}"
            );
        }
        assert!(normalise(&Kind::Mac, "field", b"\xFF", &[]).is_err());
    }
}
