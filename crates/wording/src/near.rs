//! What somebody meant who wrote a name that does not exist.

/// The name nearest to `wanted`, if one is near enough to be meant: two slips of the pen, three in
/// a long name. Of equally near ones the first by alphabet.
#[must_use]
pub fn nearest<'a>(wanted: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    all_near(wanted, names).into_iter().next()
}

/// All names that are as near, the nearest first.
#[must_use]
pub fn all_near<'a>(wanted: &str, names: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let slips = (wanted.chars().count() / 3).clamp(2, 3);
    let distances = names
        .into_iter()
        .map(|name| (strsim::damerau_levenshtein(wanted, name), name));
    let mut near: Vec<_> = distances
        .filter(|(distance, _)| *distance <= slips)
        .collect();
    near.sort_unstable();
    near.into_iter().map(|(_, name)| name).collect()
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
