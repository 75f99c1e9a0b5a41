//! Text from outside, made such that a terminal only shows it.

/// Text from a router or a database as one line that cannot move the cursor, ring the bell or turn
/// the direction of what stands beside it: each character that would is shown as `·`.
pub fn printable(text: &str) -> String {
    shown(text, |_| false)
}

/// The same of text that somebody laid out: its tabs stay.
pub fn printable_line(text: &str) -> String {
    shown(text, |c| c == '\t')
}

/// The same of text in several lines, which it stays, also where they end as other systems have it.
pub fn printable_lines(text: &str) -> impl Iterator<Item = String> {
    let text = text.strip_suffix('\n').unwrap_or(text);
    // At the end of its line a carriage return overwrites nothing.
    text.split('\n').map(|line| match line.strip_suffix('\r') {
        Some(line) => printable_line(line) + "\r",
        None => printable_line(line),
    })
}

/// The lines of a text that a script prints between those of others: several stand two columns in, so that none
/// of them passes for a line by itself, and what was laid out stays so.
pub fn printed_lines(text: &str) -> Vec<String> {
    let lines: Vec<String> = printable_lines(text).collect();
    match lines.len() {
        0 | 1 => lines,
        _ => lines.iter().map(|line| format!("  {line}")).collect(),
    }
}

fn shown(text: &str, passes: impl Fn(char) -> bool) -> String {
    let shown = |c| if is_control(c) && !passes(c) { '·' } else { c };
    text.chars().map(shown).collect()
}

/// C0, DEL and C1; the ends of lines and paragraphs; what has Unicode's property Bidi_Control.
pub(crate) fn is_control(c: char) -> bool {
    let ends_line = matches!(c, '\u{2028}' | '\u{2029}');
    let directs = matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    c.is_control() || ends_line || directs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_of_a_comment_do_not_reach_the_terminal() {
        assert_eq!(printable("a\u{1b}[2Jb\nc\u{202e}d"), "a·[2Jb·c·d");
        let controls = (0..0x20).chain(0x7f..0xa0).chain([0x61c, 0x200e, 0x200f]);
        let controls = controls.chain(0x2028..0x202f).chain(0x2066..0x206a);
        for control in controls.filter_map(char::from_u32) {
            assert_eq!(printable(&format!("a{control}b")), "a·b", "{control:?}");
        }
        assert_eq!(
            printable("\u{e9}\u{a0}\u{2027}\u{206a}"),
            "\u{e9}\u{a0}\u{2027}\u{206a}"
        );
    }

    #[test]
    fn of_several_lines_that_are_printed_none_passes_for_one_by_itself() {
        for (text, expected) in [
            ("one", &["one"][..]),
            ("one\n", &["one"]),
            (
                "one\nERROR two\r\n\u{1b}three",
                &["  one", "  ERROR two\r", "  ·three"],
            ),
            ("", &[""]),
        ] {
            assert_eq!(printed_lines(text), expected, "{text:?}");
        }
    }

    #[test]
    fn text_that_was_laid_out_keeps_its_lines_and_tabs() {
        for (text, expected) in [
            ("", &[""][..]),
            ("a\tb\r\n\u{1b}[2J\n", &["a\tb\r", "·[2J"]),
            ("a\rb\r\r\n", &["a·b·\r"]),
            ("\n\n", &["", ""]),
        ] {
            let lines: Vec<String> = printable_lines(text).collect();
            assert_eq!(lines, expected, "{text:?}");
        }
    }
}
