//! Names of fields as headings: words, with the unit that a name ends with.

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

/// `debt (MB)` of `debt_mb`, `MAC address` of `mac-address`; what is written with blanks stays as it is.
pub fn of(name: &str) -> String {
    if name.contains(char::is_whitespace) {
        return name.to_owned();
    }
    let unit = UNITS.iter().find_map(|(end, unit)| {
        let rest = name.strip_suffix(end).filter(|rest| !rest.is_empty());
        Some((rest?, unit))
    });
    match unit {
        Some((rest, unit)) => format!("{} ({unit})", words(rest)),
        None => words(name),
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
            ("_mb", " MB"),
            ("", ""),
        ] {
            assert_eq!(of(name), heading, "{name}");
        }
    }
}
