//! The name that was meant by one that is not there.

/// The nearest name, if one is near enough to be meant.
pub(crate) fn closest<'n>(name: &str, names: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let distances = names.map(|known| (strsim::osa_distance(known, name), known));
    let (distance, nearest) = distances.min_by_key(|(distance, _)| *distance)?;
    let is_near =
        (1..=2).contains(&distance) && distance < nearest.chars().count().min(name.chars().count());
    is_near.then_some(nearest)
}

/// The name that is one letter too many, too few, wrong or swapped away from one that is not there.
/// Names of two letters and less are all near each other.
pub(crate) fn misspelt<'n>(
    name: &str,
    mut names: impl Iterator<Item = &'n str>,
) -> Option<&'n str> {
    let is_meant = |known: &&str| known.len() > 2 && strsim::osa_distance(known, name) == 1;
    names.find(is_meant)
}
