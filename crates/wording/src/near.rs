//! What somebody meant who wrote a name that does not exist.

/// The name nearest to `wanted`, if one is near enough to be meant: two slips of the pen, three in
/// a long name. Of equally near ones the first by alphabet.
#[must_use]
pub fn nearest<'a>(wanted: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let slips = (wanted.chars().count() / 3).clamp(2, 3);
    names
        .into_iter()
        .map(|name| (strsim::damerau_levenshtein(wanted, name), name))
        .filter(|(distance, _)| *distance <= slips)
        .min()
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_meant_by_what_is_nearly_it() {
        let names = ["audit", "cleanup", "diagnose-sync", "north", "south"];
        for (wanted, meant) in [
            ("adit", Some("audit")),
            ("claenup", Some("cleanup")),
            ("diagnosesink", Some("diagnose-sync")),
            ("nroth", Some("north")),
            ("outh", Some("south")),
            ("restart", None),
            ("", None),
        ] {
            assert_eq!(nearest(wanted, names), meant, "{wanted}");
        }
    }
}
