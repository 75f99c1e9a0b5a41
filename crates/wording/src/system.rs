//! What the operating system says, in words only.

/// `Connection refused` of `Connection refused (os error 111)`.
pub fn without_number(text: &str) -> String {
    match text.split_once(" (os error ") {
        Some((words, rest)) => {
            let after = rest.split_once(')').map_or("", |(_, after)| after);
            format!("{words}{after}")
        }
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_of_an_error_is_left_out() {
        for (text, words) in [
            ("Connection refused (os error 111)", "Connection refused"),
            ("a (os error 2): b", "a: b"),
            ("nothing to leave out", "nothing to leave out"),
        ] {
            assert_eq!(without_number(text), words);
        }
    }
}
