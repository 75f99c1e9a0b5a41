//! Lines of logs, out of the pieces in which the Engine sends them.

use std::str;

use jiff::Timestamp;

use super::LogLine;

/// Puts together the lines of one container's log. A line longer than 16 KiB comes in pieces, each
/// with a time of its own in front and all but the last without an end (seen in the field).
pub(super) struct Lines {
    service: String,
    container: String,
    /// No more than so many are kept, the last ones.
    most: usize,
    complete: Vec<LogLine>,
    /// Lines whose end has not come.
    open: Vec<LogLine>,
}

impl Lines {
    pub fn new(service: &str, container: &str, most: usize) -> Self {
        Self {
            service: service.to_owned(),
            container: container.to_owned(),
            most,
            complete: Vec::new(),
            open: Vec::new(),
        }
    }

    /// Takes a piece of `stream`.
    pub fn push(&mut self, stream: &'static str, piece: &[u8]) {
        for part in piece.split_inclusive(|byte| *byte == b'\n') {
            self.push_part(stream, part);
        }
    }

    /// The last lines, each stream in the order in which it came.
    pub fn finish(mut self) -> Vec<LogLine> {
        self.complete.append(&mut self.open);
        self.forget_beyond(self.most);
        self.complete
    }

    fn push_part(&mut self, stream: &'static str, part: &[u8]) {
        let (at, text) = timed(part);
        let ended = text.ends_with(b"\n");
        let text = text.strip_suffix(b"\n").unwrap_or(text);
        let text = text.strip_suffix(b"\r").unwrap_or(text);
        let begun = self.open.iter().position(|line| line.stream == stream);
        let line = match begun {
            Some(index) => {
                let mut line = self.open.remove(index);
                line.text.extend_from_slice(text);
                line
            }
            None => LogLine {
                service: self.service.clone(),
                container: self.container.clone(),
                at,
                stream,
                text: text.to_vec(),
            },
        };
        if ended {
            self.complete.push(line);
            // Seldom, so that it costs little.
            if self.complete.len() > 2 * self.most {
                self.forget_beyond(self.most);
            }
        } else {
            self.open.push(line);
        }
    }

    fn forget_beyond(&mut self, most: usize) {
        let surplus = self.complete.len().saturating_sub(most);
        self.complete.drain(..surplus);
    }
}

/// The time that the Engine put in front of a line, and the line.
fn timed(part: &[u8]) -> (Option<Timestamp>, &[u8]) {
    // `2026-05-31T12:00:00.123456789Z `: nothing longer is looked at.
    let space = part.iter().take(40).position(|byte| *byte == b' ');
    let time = |space: usize| str::from_utf8(&part[..space]).ok()?.parse().ok();
    match space.and_then(|space| Some((space, time(space)?))) {
        Some((space, at)) => (Some(at), &part[space + 1..]),
        None => (None, part),
    }
}

/// The lines sorted by their time; one without a time stays behind the one that it came after.
pub(super) fn sorted_by_time(lines: Vec<LogLine>) -> Vec<LogLine> {
    let mut last = None;
    let mut timed: Vec<(Option<Timestamp>, LogLine)> = Vec::new();
    for line in lines {
        last = line.at.or(last);
        timed.push((last, line));
    }
    timed.sort_by_key(|(at, _)| *at);
    timed.into_iter().map(|(_, line)| line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(pieces: &[(&'static str, &str)], most: usize) -> Vec<(&'static str, String)> {
        let mut lines = Lines::new("worker", "worker-1", most);
        for (stream, piece) in pieces {
            lines.push(stream, piece.as_bytes());
        }
        let lines = sorted_by_time(lines.finish());
        let text = |line: LogLine| String::from_utf8(line.text).unwrap();
        lines
            .into_iter()
            .map(|line| (line.stream, text(line)))
            .collect()
    }

    #[test]
    fn the_time_in_front_is_taken_off_and_orders_the_streams() {
        let pieces = [
            ("stderr", "2026-05-31T12:00:02.5Z second\n"),
            ("stdout", "2026-05-31T12:00:01Z first\r\n"),
        ];
        let expected = [
            ("stdout", "first".to_owned()),
            ("stderr", "second".to_owned()),
        ];
        assert_eq!(lines(&pieces, 9), expected);
    }

    #[test]
    fn the_pieces_of_a_long_line_become_one() {
        let pieces = [
            ("stdout", "2026-05-31T12:00:01Z a"),
            ("stderr", "2026-05-31T12:00:02Z between\n"),
            ("stdout", "2026-05-31T12:00:03Z b"),
            ("stdout", "2026-05-31T12:00:04Z c\n"),
        ];
        let expected = [
            ("stdout", "abc".to_owned()),
            ("stderr", "between".to_owned()),
        ];
        assert_eq!(lines(&pieces, 9), expected);
    }

    #[test]
    fn a_last_line_without_an_end_is_a_line() {
        assert_eq!(lines(&[("stdout", "no time, no end")], 9).len(), 1);
    }

    #[test]
    fn of_more_lines_than_were_asked_for_the_last_are_kept() {
        let texts = lines(&[("stdout", "1\n2\n3\n4\n5\n6\n7\n")], 2);
        assert_eq!(
            texts,
            [("stdout", "6".to_owned()), ("stdout", "7".to_owned())]
        );
    }

    #[test]
    fn a_line_without_a_time_stays_where_it_was() {
        let pieces = [
            ("stdout", "2026-05-31T12:00:09Z Traceback\n"),
            ("stdout", "  File x\n"),
            ("stdout", "2026-05-31T12:00:01Z early\n"),
        ];
        let texts: Vec<String> = lines(&pieces, 9)
            .into_iter()
            .map(|(_, text)| text)
            .collect();
        assert_eq!(texts, ["early", "Traceback", "  File x"]);
    }
}
