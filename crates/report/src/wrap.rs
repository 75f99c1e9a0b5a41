//! Text in lines that fit, broken between words alone.

use textwrap::core::Word;
use textwrap::{Options, WordSeparator, WordSplitter};
use unicode_width::UnicodeWidthStr as _;

/// The longest run of letters, in columns, in which a `|` is no place to go on in the next line.
const WHOLE: usize = 24;

/// Where a text may be broken, for others who wrap.
pub const SEPARATOR: WordSeparator = WordSeparator::Custom(separated);

/// Within words it is not.
pub const SPLITTER: WordSplitter = WordSplitter::NoHyphenation;

/// The lines of `text` in `width` columns; one line where there is no width. What stands between backticks
/// is to be copied and is one word; a word that is wider than all of it stands in a line of its own.
pub fn lines(text: &str, width: Option<usize>) -> Vec<String> {
    let Some(width) = width else {
        return vec![text.to_owned()];
    };
    let options = Options::new(width)
        .break_words(false)
        .word_separator(SEPARATOR)
        .word_splitter(SPLITTER);
    let lines = textwrap::wrap(text, options);
    let lines = lines.into_iter().map(|line| line.trim_end().to_owned());
    lines.collect()
}

/// The lines of `line` in `width` columns, of which those after the first stand below what is behind its
/// blanks and its number.
pub fn hanging(line: &str, width: Option<usize>) -> Vec<String> {
    let text = line.trim_start();
    let number = text.trim_start_matches(|c: char| c.is_ascii_digit());
    let behind = match number.strip_prefix(". ") {
        Some(behind) if number.len() < text.len() => behind,
        _ => text,
    };
    let (mark, text) = line.split_at(line.len() - behind.len());
    let width = width.map(|width| width.saturating_sub(mark.len()).max(1));
    let mut before = mark.to_owned();
    let mut hang = |line: String| {
        let below = " ".repeat(mark.len());
        std::mem::replace(&mut before, below) + &line
    };
    lines(text, width).into_iter().map(&mut hang).collect()
}

/// The lines of a text of several paragraphs behind so many blanks, in `width` columns with them; its own lines
/// where there is no width. A line goes on with the next one, unless that is empty or begins as a part of a
/// list or a table does.
pub fn indented(text: &str, indent: usize, width: Option<usize>) -> Vec<String> {
    let room = width.map(|width| width.saturating_sub(indent).max(1));
    let paragraphs = match room {
        Some(_) => paragraphs(text),
        None => text.split('\n').map(str::to_owned).collect(),
    };
    let lines = paragraphs.iter().flat_map(|line| hanging(line, room));
    let lines = lines.map(|line| format!("{:indent$}{line}", "").trim_end().to_owned());
    lines.collect()
}

fn paragraphs(text: &str) -> Vec<String> {
    let mut paragraphs: Vec<String> = Vec::new();
    for line in text.split('\n') {
        let goes_on = line.starts_with(|c: char| c.is_alphabetic() || "`\"(".contains(c));
        match paragraphs.last_mut() {
            Some(last) if goes_on && !last.is_empty() => {
                last.push(' ');
                last.push_str(line);
            }
            _ => paragraphs.push(line.to_owned()),
        }
    }
    paragraphs
}

/// How many columns a line takes.
pub fn width(line: &str) -> usize {
    line.width()
}

/// How many columns the widest word of `text` takes, which is not broken.
pub fn widest_word(text: &str) -> usize {
    let widths = separated(text).map(|word| word.word.width());
    widths.max().unwrap_or(0)
}

fn separated(line: &str) -> Box<dyn Iterator<Item = Word<'_>> + '_> {
    let mut words = Vec::new();
    let mut start = 0;
    let (mut is_quoted, mut is_behind_blank) = (false, false);
    for (at, letter) in line.char_indices() {
        if is_behind_blank && letter != ' ' {
            words.push(&line[start..at]);
            start = at;
        }
        is_behind_blank = letter == ' ' && !is_quoted;
        if letter == '`' {
            // One without its other is a letter like any other.
            is_quoted = !is_quoted && line[at + 1..].contains('`');
        }
    }
    words.push(&line[start..]);
    let words = words.into_iter().filter(|word| !word.is_empty());
    Box::new(words.flat_map(parts).map(Word::from))
}

/// The parts of a word that has many, such as a comment of the portal: each ends with its `|`.
fn parts(word: &str) -> Vec<&str> {
    match word.width() > WHOLE && !word.contains('`') {
        true => word.split_inclusive('|').collect(),
        false => vec![word],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_between_words_and_none_is_wider_unless_a_word_is() {
        let text = "remove it with `tikbook run cleanup --apply`, then see 20261128-150831-d3771a";
        for width in 10..90 {
            let lines = lines(text, Some(width));
            assert_eq!(lines.join(" "), text, "{width}");
            for line in &lines {
                assert!(
                    line.width() <= width || widest_word(line) == line.width(),
                    "{width}: {line}"
                );
                assert_eq!(line.matches('`').count() % 2, 0, "{width}: {line}");
            }
        }
        assert_eq!(lines(text, None), [text]);
    }

    #[test]
    fn what_is_behind_a_number_stands_below_itself() {
        for (line, expected) in [
            (
                "  12. remove it here",
                &["  12. remove it", "      here"][..],
            ),
            ("    one row after it", &["    one row", "    after it"]),
            ("12. ", &["12. "]),
            ("4.5 is no number", &["4.5 is no", "number"]),
            ("", &[""]),
        ] {
            assert_eq!(hanging(line, Some(15)), expected, "{line:?}");
            assert_eq!(hanging(line, None), [line], "{line:?}");
        }
    }

    #[test]
    fn a_comment_is_broken_behind_its_tokens() {
        let comment = "lpsaring|status=blocked|user=081255501001|uid=5e840e76";
        assert_eq!(
            lines(comment, Some(30)),
            ["lpsaring|status=blocked|", "user=081255501001|uid=5e840e76"]
        );
    }

    #[test]
    fn a_backtick_alone_is_a_letter() {
        assert_eq!(lines("a ` b c", Some(3)), ["a `", "b c"]);
        assert_eq!(lines("", Some(3)), [""]);
    }
}
