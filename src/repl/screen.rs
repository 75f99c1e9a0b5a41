//! What a session shows: its lines on stdout, which fit, end after a page, hold no secret, and are kept
//! in the transcript.

use std::io::{self, Write};

use jiff::tz::TimeZone;
use rhai::Dynamic;

use crate::failure::Failure;
use catalogue::Said;
use report::printable::{printable_lines, printed_lines};
use report::sheet::Sheet;
use report::wrap;
use sentences::{ReplError, ReplMore, ReplNoMore};
use session::whole;
use site::config::Secrets;

use super::secrets;
use super::show::{self, Shown};
use super::transcript::Transcript;

/// What is shown, and what was.
pub struct Screen {
    sheet: Sheet,
    secrets: Secrets,
    pub(super) transcript: Transcript,
    /// The part of the last result that was not shown.
    rest: Option<Shown>,
}

impl Screen {
    /// A screen that shows none of `secrets`.
    pub fn new(sheet: Sheet, secrets: Secrets) -> Self {
        Self {
            sheet,
            secrets,
            transcript: Transcript::default(),
            rest: None,
        }
    }

    /// Results fit this many columns from now on.
    pub fn fit(&mut self, columns: Option<u16>) {
        if let Some(columns) = columns {
            self.sheet.width = Sheet::of_width(usize::from(columns)).width;
        }
    }

    /// On what results are written.
    pub fn sheet(&self) -> Sheet {
        self.sheet
    }

    /// Notes a line that was entered.
    pub fn entered(&mut self, line: &str) {
        let line = secrets::hidden(line, &self.secrets);
        self.transcript.input(&line);
    }

    /// Notes an input that was evaluated, with the name of its value.
    pub fn evaluated(&mut self, input: &str, value: Option<&str>) {
        let input = secrets::hidden(input, &self.secrets);
        self.transcript.entered(&input, value);
    }

    /// Notes a question that was asked elsewhere on the terminal, with its answer.
    pub fn answered(&mut self, question: &str, word: &str) {
        let line = format!("{question} {word}");
        self.transcript.output(&self.secrets.hidden(&line));
    }

    /// Says something on stdout, and in the transcript, in lines that fit and cannot move the cursor.
    pub fn say(&mut self, said: &Said) -> io::Result<()> {
        let text = said.in_language(self.sheet.language);
        // Before lines are broken: of a secret on two of them nothing would be found.
        let text = self.secrets.hidden(&text).into_owned();
        let width = self.sheet.width;
        let lines = printable_lines(&text).flat_map(|line| wrap::hanging(&line, width));
        lines
            .collect::<Vec<_>>()
            .iter()
            .try_for_each(|line| self.put(line))
    }

    /// Writes a line that is printable, or has colours of our own.
    pub fn put(&mut self, line: &str) -> io::Result<()> {
        let line = self.secrets.hidden(line);
        self.transcript.output(&line);
        writeln!(io::stdout(), "{line}")
    }

    /// What shows the texts that a script prints.
    pub fn printer(&self) -> impl Fn(&str) + 'static {
        let secrets = self.secrets.clone();
        // A write that fails is noticed with the next line of the session itself.
        move |text| {
            for line in printed_lines(&secrets.hidden(text)) {
                drop(writeln!(io::stdout(), "{line}"));
            }
        }
    }

    /// Shows a value as tables and lines, moments in `zone`.
    pub fn show(&mut self, value: &Dynamic, zone: &TimeZone) -> io::Result<()> {
        match show::value(value, self.sheet, zone) {
            Ok(shown) => self.page(shown),
            Err(error) => {
                let error = whole(error.message, error.causes);
                self.say(&ReplError { error }.into())
            }
        }
    }

    /// Shows the first part of a result and keeps the others for `:more`.
    pub fn page(&mut self, mut shown: Shown) -> io::Result<()> {
        for line in shown.next_page() {
            self.put(&line)?;
        }
        if shown.left() > 0 {
            let lines = shown.left();
            self.say(&ReplMore { lines }.into())?;
            self.rest = Some(shown);
        }
        Ok(())
    }

    /// Shows the next part of the last result.
    pub fn more(&mut self) -> io::Result<()> {
        match self.rest.take() {
            Some(rest) => self.page(rest),
            None => self.say(&ReplNoMore.into()),
        }
    }

    /// Shows a failure, or the help that was asked for.
    pub fn show_failure(&mut self, failure: Failure) -> io::Result<()> {
        let text = failure.hiding(&self.secrets).render(self.sheet);
        self.put(text.trim_end())
    }
}
