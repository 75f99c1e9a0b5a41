//! Values as the router takes them and as it gives them back.

mod address;
pub(crate) mod duration;

use std::time::Duration;

use crate::Row;
use crate::trap::Trap;

/// The form of a field's values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Any bytes; empty means that the field is cleared.
    Text,
    /// `yes`, `no`, `true`, `false`; read back as `true` or `false` (seen).
    Bool,
    /// Decimal digits.
    Number,
    /// A duration up to 35w3d13h13m56s (seen in the console's own help).
    Duration,
    /// A duration or one of these words.
    DurationOr(&'static [&'static str]),
    /// One of these words, which may be shortened while it stays clear (seen).
    Word(&'static [&'static str]),
    /// The name of a row of that menu, or one of these words, shortened likewise (seen). Any text
    /// goes while that menu has no rows (ours, so that a small state is enough for a test).
    NameOf(&'static str, &'static [&'static str]),
    /// Six bytes with `:`, `-` or `.` between, read back in upper case with `:`.
    Mac,
    /// One IPv4 address.
    Address,
    /// An address, a prefix or a range; see [`address::range`].
    AddressRange,
    /// The like, or a DNS name (manual "Address-lists"). Names are not resolved here.
    AddressOrName,
    /// Prefixes or interfaces with commas between; an address is read back with `/32`.
    Targets,
    /// Two rates, upload/download, read back in plain bits (seen); one counts for both.
    RatePair,
}

/// The value of `field` as the router keeps it, `None` when the field is cleared by an empty text.
///
/// `names` are the rows that [`Kind::NameOf`] asks for.
///
/// # Errors
/// The router's trap for a value that does not fit.
pub(crate) fn normalise(
    kind: Kind,
    field: &str,
    value: &[u8],
    names: &[Row],
) -> Result<Option<Vec<u8>>, Trap> {
    if kind == Kind::Text {
        return Ok((!value.is_empty()).then(|| value.to_vec()));
    }
    let text = std::str::from_utf8(value).map_err(|_| Trap::invalid(field))?;
    let kept = match kind {
        Kind::Text => return Ok(None),
        Kind::Bool => boolean(text).ok_or_else(|| Trap::no_match(field)),
        Kind::Number => number(text).ok_or_else(|| Trap::invalid(field)),
        Kind::Duration => time(text).ok_or_else(|| Trap::invalid_time(field)),
        Kind::DurationOr(words) => match words.contains(&text) {
            true => Ok(text.to_owned()),
            false => time(text).ok_or_else(|| Trap::invalid_time(field)),
        },
        Kind::Word(words) => word(words.iter().copied(), field, text).map(str::to_owned),
        Kind::NameOf(..) if names.is_empty() => {
            return Ok((!text.is_empty()).then(|| value.to_vec()));
        }
        Kind::NameOf(_, words) => {
            let names = names
                .iter()
                .filter_map(|row| std::str::from_utf8(row.get("name")?).ok());
            let words = words
                .iter()
                .copied()
                .filter(|word| !names.clone().any(|name| name == *word));
            word(words.chain(names.clone()), field, text).map(str::to_owned)
        }
        Kind::Mac => address::mac(text).ok_or_else(|| Trap::invalid(field)),
        Kind::Address => address::single(text).ok_or_else(|| Trap::invalid(field)),
        Kind::AddressRange => address::range(text).ok_or_else(|| Trap::invalid(field)),
        Kind::AddressOrName => address::range_or_name(text).ok_or_else(|| Trap::invalid(field)),
        Kind::Targets => address::targets(text).ok_or_else(|| Trap::invalid(field)),
        Kind::RatePair => rate_pair(text).ok_or_else(|| Trap::invalid(field)),
    };
    kept.map(|kept| Some(kept.into_bytes()))
}

/// The greatest duration an argument takes: 2^31 hundredths of a second.
const LONGEST: Duration = Duration::from_secs(21_474_836);

fn boolean(text: &str) -> Option<String> {
    match text {
        "yes" | "true" => Some("true".to_owned()),
        "no" | "false" => Some("false".to_owned()),
        _ => None,
    }
}

fn number(text: &str) -> Option<String> {
    let is_number =
        !text.is_empty() && text.len() <= 20 && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.to_owned())
}

fn time(text: &str) -> Option<String> {
    let duration = duration::parse(text).filter(|duration| *duration <= LONGEST)?;
    Some(duration::format(duration))
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

fn rate_pair(text: &str) -> Option<String> {
    let (up, down) = text.split_once('/').unwrap_or((text, text));
    Some(format!("{}/{}", rate(up)?, rate(down)?))
}

/// `512k`, `4M`, `1G` or plain bits.
fn rate(text: &str) -> Option<u64> {
    let (digits, factor) = match text.chars().last()? {
        'k' | 'K' => (&text[..text.len() - 1], 1_000),
        'M' => (&text[..text.len() - 1], 1_000_000),
        'G' => (&text[..text.len() - 1], 1_000_000_000),
        _ => (text, 1),
    };
    let is_number = digits.bytes().all(|byte| byte.is_ascii_digit());
    digits
        .parse::<u64>()
        .ok()
        .filter(|_| is_number)?
        .checked_mul(factor)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(kind: Kind, value: &str) -> String {
        let kept = normalise(kind, "field", value.as_bytes(), &[]).unwrap();
        String::from_utf8(kept.unwrap()).unwrap()
    }

    fn trap(kind: Kind, value: &str) -> String {
        normalise(kind, "field", value.as_bytes(), &[])
            .unwrap_err()
            .message
            .into_owned()
    }

    #[test]
    fn values_are_kept_in_the_routers_form() {
        assert_eq!(kept(Kind::Bool, "yes"), "true");
        assert_eq!(kept(Kind::Duration, "01:00:00"), "1h");
        assert_eq!(kept(Kind::DurationOr(&["none"]), "none"), "none");
        assert_eq!(kept(Kind::RatePair, "512k/4M"), "512000/4000000");
        assert_eq!(kept(Kind::RatePair, "1G"), "1000000000/1000000000");
        assert_eq!(kept(Kind::Duration, "35w3d13h13m56s"), "35w3d13h13m56s");
    }

    #[test]
    fn an_empty_text_clears_a_field() {
        assert_eq!(normalise(Kind::Text, "comment", b"", &[]), Ok(None));
        assert_eq!(
            normalise(Kind::Text, "comment", b"\xFF", &[]),
            Ok(Some(vec![0xFF]))
        );
    }

    #[test]
    fn a_word_may_be_shortened_while_it_is_clear() {
        const TYPES: Kind = Kind::Word(&["regular", "bypassed", "blocked", "block"]);
        assert_eq!(kept(TYPES, "by"), "bypassed");
        assert_eq!(kept(TYPES, "block"), "block");
        let several = "ambiguous value of field, more than one possible value matches input";
        assert_eq!(trap(TYPES, "b"), several);
        assert_eq!(trap(TYPES, ""), several);
        assert_eq!(trap(TYPES, "x"), "input does not match any value of field");
    }

    #[test]
    fn values_of_the_wrong_form_are_refused() {
        assert_eq!(
            trap(Kind::Duration, "none"),
            "invalid time value for argument field"
        );
        assert_eq!(
            trap(Kind::Duration, "36w"),
            "invalid time value for argument field"
        );
        for rate in [
            "",
            "k",
            "-1",
            "1k/",
            "+1",
            "99999999999999999999",
            "18446744073709551615G",
            "é",
        ] {
            assert_eq!(
                trap(Kind::RatePair, rate),
                "invalid value for argument field",
                "{rate}"
            );
        }
        assert!(normalise(Kind::Mac, "field", b"\xFF", &[]).is_err());
    }
}
