//! How two values differ, in lines a person can read.

use serde_json::Value as Json;

/// How many differences are named.
const MOST: usize = 12;
/// How many characters of a value are shown.
const SHOWN: usize = 80;

/// The places at which two values differ, each in one line: ``at `.counts.total`: 3 is not 4``.
pub fn lines(left: &Json, right: &Json) -> Vec<String> {
    let mut lines = Vec::new();
    compare("", left, right, &mut lines);
    let more = lines.len().saturating_sub(MOST);
    lines.truncate(MOST);
    if more > 0 {
        lines.push(format!("and {more} more differences"));
    }
    lines
}

fn compare(path: &str, left: &Json, right: &Json, lines: &mut Vec<String>) {
    match (left, right) {
        (Json::Object(left), Json::Object(right)) => {
            for (name, value) in left {
                let path = format!("{path}.{name}");
                match right.get(name) {
                    Some(other) => compare(&path, value, other, lines),
                    None => lines.push(format!("only left: `{path}` is {}", short(value))),
                }
            }
            for (name, value) in right {
                if !left.contains_key(name) {
                    let path = format!("{path}.{name}");
                    lines.push(format!("only right: `{path}` is {}", short(value)));
                }
            }
        }
        (Json::Array(left), Json::Array(right)) => {
            for index in 0..left.len().max(right.len()) {
                let path = format!("{path}[{index}]");
                match (left.get(index), right.get(index)) {
                    (Some(value), Some(other)) => compare(&path, value, other, lines),
                    (Some(value), None) => {
                        lines.push(format!("only left: `{path}` is {}", short(value)));
                    }
                    (None, Some(value)) => {
                        lines.push(format!("only right: `{path}` is {}", short(value)));
                    }
                    (None, None) => {}
                }
            }
        }
        _ if left == right => {}
        _ => {
            let place = if path.is_empty() { "." } else { path };
            let (left, right) = (short(left), short(right));
            lines.push(format!("at `{place}`: {left} is not {right}"));
        }
    }
}

fn short(value: &Json) -> String {
    let text = value.to_string();
    if text.chars().count() <= SHOWN {
        return text;
    }
    let start: String = text.chars().take(SHOWN).collect();
    format!("{start}…")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_the_places_that_differ_are_named() {
        let left = json!({ "a": 1, "b": [1, 2, 3], "gone": true });
        let right = json!({ "a": 1, "b": [1, 5], "new": null });
        assert_eq!(
            lines(&left, &right),
            [
                "at `.b[1]`: 2 is not 5",
                "only left: `.b[2]` is 3",
                "only left: `.gone` is true",
                "only right: `.new` is null",
            ]
        );
    }

    #[test]
    fn a_flood_of_differences_is_counted() {
        let left: Vec<i32> = (0..100).collect();
        let right: Vec<i32> = (1..101).collect();
        let lines = lines(&json!(left), &json!(right));
        assert_eq!(lines.len(), MOST + 1);
        assert_eq!(lines[MOST], "and 88 more differences");
    }
}
