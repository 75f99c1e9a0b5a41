//! Names of fields as headings: those of the portal and of the router as the catalogue has them, others in their own
//! words, with the unit that a name ends with.

use catalogue::{Language, Said};
use sentences::{HeadingField, HeadingFieldUnit};

/// Ends of names, and the unit that each stands for.
const UNITS: [(&str, &str); 7] = [
    ("_mb", "MB"),
    ("_kb", "kB"),
    ("_bytes", "bytes"),
    ("_ms", "ms"),
    ("_seconds", "s"),
    ("_minutes", "min"),
    ("_percent", "%"),
];

/// Words that are written in capitals.
const CAPITALS: [&str; 9] = ["id", "ip", "mac", "arp", "dns", "mb", "url", "sql", "tls"];

/// The head of a column, in `language`: a name is that of a field, a message is a heading as it is.
pub fn of_column(column: &Said, language: Language) -> String {
    match column {
        Said::Plain(name) => of(name, language),
        said => said.in_language(language).into_owned(),
    }
}

/// The heads of columns with the fields of these names.
pub fn of_names(names: &[String], language: Language) -> Vec<String> {
    names.iter().map(|name| of(name, language)).collect()
}

/// The head of a column with the fields of this name: `debt (MB)` of `debt_mb`, `MAC address` of `mac-address`;
/// what is written with blanks stays as it is.
fn of(name: &str, language: Language) -> String {
    if name.contains(char::is_whitespace) {
        return name.to_owned();
    }
    let heading = Said::from(HeadingField {
        field: name,
        words: unknown(name),
    });
    heading.in_language(language).into_owned()
}

/// A name that the catalogue does not have, in its own words.
fn unknown(name: &str) -> Said {
    let unit = UNITS.iter().find_map(|(end, unit)| {
        let rest = name.strip_suffix(end).filter(|rest| !rest.is_empty());
        Some((rest?, *unit))
    });
    match unit {
        Some((rest, unit)) => HeadingFieldUnit {
            words: words(rest),
            unit,
        }
        .into(),
        None => words(name).into(),
    }
}

fn words(name: &str) -> String {
    let words = name
        .split(['_', '-'])
        .map(|word| match CAPITALS.contains(&word) {
            true => word.to_ascii_uppercase(),
            false => word.to_owned(),
        });
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_words_with_its_unit() {
        for (name, heading) in [
            ("debt_mb", "debt (MB)"),
            ("mac-address", "MAC address"),
            ("block_cause", "block cause"),
            ("row_of", "row of"),
            ("MAC", "MAC"),
            ("on the network", "on the network"),
            ("room_price_kb", "room price (kB)"),
            (".id", ".id"),
            ("_mb", " MB"),
            ("", ""),
        ] {
            assert_eq!(of(name, Language::English), heading, "{name}");
        }
    }

    #[test]
    fn a_message_is_a_heading_as_it_is() {
        let said = HeadingFieldUnit {
            words: "a_b",
            unit: "MB",
        };
        assert_eq!(of_column(&said.into(), Language::English), "a_b (MB)");
        assert_eq!(of_column(&"a_b".into(), Language::English), "a b");
    }
}
