//! Primitives that scripts of earlier releases call and that are no more.

/// Each with what takes its place.
const GONE: [(&str, &str); 1] = [(
    "change::applies",
    "a run only plans: what is to happen with --apply alone is said in fn after(args, done, report)",
)];

/// What takes the place of a primitive that is no more.
pub fn instead_of(name: &str) -> Option<&'static str> {
    let gone = GONE.iter().find(|(gone, _)| *gone == name);
    gone.map(|(_, instead)| *instead)
}
