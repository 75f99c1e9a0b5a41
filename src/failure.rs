//! Any error as a message, a hint, a place in a script and an exit code.

use std::fmt;
use std::io;

use catalogue::{Language, Said};
use miette::{
    Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, NamedSource, SourceCode,
};
use serde_json::{Value as Json, json};

use crate::cli::UsageError;
use crate::run;
use journal::JournalError;
use journal::plan_file::PlanError;
use planning::ChangeError;
use report::printable::printable;
use report::sheet::Sheet;
use report::wrap;
use scripting::host::account::WayBack;
use scripting::host::error::HostError;
use scripting::script::arguments::ArgumentError;
use scripting::script::library::LibraryError;
use scripting::script::trace::{Class, Place, Trace};
use sentences::{
    FailureBecause, FailureCalledFrom, FailureError, FailureHelp, FailureHere, FailureIn,
    FailureNoOutput, FailureNothingSent, FailurePlace, FailureUndo, UsageFileUnread, UsageNear,
    UsageRunbooks, UsageSchemas, UsageUnknownRunbook, UsageUnknownScript,
};
use site::config::{ConfigError, Secrets, SiteFlags};
use site::kind::{Kind, causes, with_causes};
use site::trust::RecordError;
use wording::near::nearest;

/// How a command ended, as the number the shell sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    /// Done, with findings or without.
    Done = 0,
    /// The runbook failed.
    Failed = 1,
    /// Wrong use or configuration.
    Usage = 2,
    /// Done with findings, and the caller asked to be told so.
    Findings = 3,
    /// A service of the site could not be reached, so that nothing can be said.
    Unreachable = 4,
    /// Changes were made in part, rows were in conflict, or the run ended early after some changes.
    Partial = 5,
    /// Refused by a guard.
    Refused = 6,
    /// Stopped by the operator before anything was changed.
    Interrupted = 130,
}

/// Why a command failed.
#[derive(Debug)]
pub struct Failure {
    /// What the shell sees.
    pub code: Code,
    kind: &'static str,
    message: Said,
    causes: Vec<Said>,
    hint: Option<Said>,
    places: Vec<Place>,
    /// Was it the operator, who did not say yes?
    declined: bool,
    /// Of a run that was to change something: did it end before anything was sent?
    nothing_sent: Option<bool>,
    /// Text that is complete as it is.
    ready: Option<Ready>,
    /// What is not to be seen of all this.
    secrets: Secrets,
}

/// Clap's own text, without and with colours.
#[derive(Clone, Debug, Default)]
struct Ready {
    text: String,
    colored: String,
}

impl Failure {
    /// A failure without place or cause.
    pub fn new(code: Code, kind: &'static str, message: impl Into<Said>) -> Self {
        Self {
            code,
            kind,
            message: message.into(),
            causes: Vec::new(),
            hint: None,
            places: Vec::new(),
            declined: false,
            nothing_sent: None,
            ready: None,
            secrets: Secrets::default(),
        }
    }

    /// What `error` says, with its causes.
    pub fn of(code: Code, kind: &'static str, error: &(dyn std::error::Error + 'static)) -> Self {
        let mut failure = Self::new(code, kind, error.to_string());
        failure.causes.extend(causes(error).map(Said::from));
        failure
    }

    /// Wrong use.
    pub fn usage(message: impl Into<Said>) -> Self {
        Self::new(Code::Usage, "usage", message)
    }

    /// The same failure with the next step.
    pub fn hint(mut self, hint: impl Into<Said>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The same failure with every cause of `error`, outermost first.
    pub fn caused_by(mut self, error: &(dyn std::error::Error + 'static)) -> Self {
        self.causes.extend(with_causes(error).map(Said::from));
        self
    }

    /// The same failure with what it consists of, for people.
    pub fn because(mut self, causes: impl IntoIterator<Item = Said>) -> Self {
        self.causes.extend(causes);
        self
    }

    /// The same failure of the run `id` after it had changed something: what ended it is still said,
    /// and the shell sees that the site is not as it was. `flags` are those that find the site.
    pub fn after_changes(mut self, flags: &SiteFlags, id: &str, way: WayBack) -> Self {
        let undo = way.command(flags, id);
        let undo = undo.map(|undo| FailureUndo { undo }.into());
        let undo = undo.into_iter().chain(way.left());
        self.code = Code::Partial;
        self.nothing_sent = Some(false);
        self.and_hint(Said::several(undo))
    }

    /// The same failure of a run that was to change something, and sent nothing.
    pub fn before_changes(mut self) -> Self {
        self.nothing_sent = Some(true);
        // Who did not say yes knows it, and who stopped the run is told by the failure itself.
        match self.declined || self.code == Code::Interrupted {
            true => self,
            false => self.and_hint(FailureNothingSent.into()),
        }
    }

    /// The same failure with one more thing in its hint.
    fn and_hint(mut self, more: Said) -> Self {
        self.hint = Some(Said::several(self.hint.into_iter().chain([more])));
        self
    }

    /// The same failure, that shows none of `secrets`.
    pub fn hiding(mut self, secrets: &Secrets) -> Self {
        self.secrets = secrets.clone();
        self
    }

    /// True for help and version: text for stdout, not an error.
    pub fn is_answer(&self) -> bool {
        self.code == Code::Done
    }

    /// True where the operator did not say yes, and knows it.
    pub fn is_declined(&self) -> bool {
        self.declined
    }

    /// The failure for people.
    pub fn render(&self, sheet: Sheet) -> String {
        if let Some(Ready { text, colored }) = &self.ready {
            return self.hidden(if sheet.color { colored } else { text });
        }
        // Who runs a bundled runbook has not written it.
        let is_shown = |place: &&Place| sheet.is_detailed || !place.is_bundled;
        let places: Vec<&Place> = self.places.iter().filter(is_shown).collect();
        let shown = Shown::of(self, places.first().copied(), sheet);
        let mut text = match sheet.is_plain {
            true => plain(&shown, sheet),
            false => graphical(&shown, sheet),
        };
        if let (Some(place), None) = (places.first(), &shown.snippet) {
            let place = Said::from(FailurePlace {
                place: named(place),
            });
            text.push_str(&format!("  {}\n", place.in_language(sheet.language)));
        }
        for place in places.iter().skip(1).take(CALLERS) {
            text.push_str(&called_from(place, sheet));
        }
        self.hidden(&text)
    }

    /// The failure for programs.
    pub fn to_json(&self) -> Json {
        let english = |said: &Said| self.hidden(&said.in_language(Language::English));
        let mut failure = json!({
            "kind": self.kind,
            "message": english(&self.message),
            "causes": self.causes.iter().map(english).collect::<Vec<_>>(),
            "hint": self.hint.as_ref().map(english),
            "place": self.places.first().map(|place| json!({
                "script": place.source,
                "line": place.line,
                "column": place.column,
            })),
            "exit_code": self.code as u8,
        });
        if let Some(nothing_sent) = self.nothing_sent {
            failure["nothing_sent"] = nothing_sent.into();
        }
        failure
    }

    fn hidden(&self, text: &str) -> String {
        self.secrets.hidden(text).into_owned()
    }
}

impl From<Trace> for Failure {
    fn from(trace: Trace) -> Self {
        let (code, kind) = match trace.class {
            Class::Script => (Code::Failed, "script"),
            Class::Usage => (Code::Usage, "usage"),
            Class::Limit => (Code::Failed, "limit"),
            Class::Interrupted => (Code::Interrupted, "interrupted"),
            Class::Host(kind) => (code_of(kind), kind.as_str()),
        };
        Self {
            code,
            kind,
            message: trace.message,
            causes: trace.causes,
            hint: trace.hint,
            places: trace.places,
            declined: trace.declined,
            nothing_sent: None,
            ready: None,
            secrets: Secrets::default(),
        }
    }
}

fn code_of(kind: Kind) -> Code {
    match kind {
        kind if kind.is_unreachable() => Code::Unreachable,
        Kind::Denied | Kind::Declined => Code::Refused,
        Kind::NotConfigured => Code::Usage,
        Kind::Interrupted => Code::Interrupted,
        _ => Code::Failed,
    }
}

impl From<UsageError> for Failure {
    fn from(error: UsageError) -> Self {
        let code = if error.is_error {
            Code::Usage
        } else {
            Code::Done
        };
        // What was wrong, and then what to do about it, as programs have both of every failure.
        let (wrong, next) = error.text.split_once("\n\n").unwrap_or((&error.text, ""));
        let wrong = wrong.strip_prefix("error: ").unwrap_or(wrong);
        let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let mut failure = Self::new(code, "usage", words(wrong));
        failure.hint = Some(words(next))
            .filter(|next| !next.is_empty())
            .map(Said::from);
        failure.ready = Some(Ready {
            text: error.text,
            colored: error.colored,
        });
        failure
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        let mut failure = Self::of(Code::Usage, "configuration", &error);
        failure.message = error.said();
        failure.hint = error.hint();
        failure
    }
}

impl From<RecordError> for Failure {
    fn from(error: RecordError) -> Self {
        let mut failure = Self::of(Code::Usage, "configuration", &error);
        failure.hint = error.hint().map(Said::from);
        failure
    }
}

impl From<LibraryError> for Failure {
    fn from(error: LibraryError) -> Self {
        match &error {
            LibraryError::Unknown { name, known } => {
                let failure = Self::usage(UsageUnknownRunbook { name });
                match nearest(name, known.iter().map(String::as_str)) {
                    Some(name) => failure.hint(UsageNear { name }),
                    None => failure.hint(UsageRunbooks {
                        names: known.join(", "),
                    }),
                }
            }
            LibraryError::UnknownPath { path, known } => {
                let failure = Self::usage(UsageUnknownScript { path });
                let only = match known.as_slice() {
                    [only] => Some(only.as_str()),
                    several => nearest(path, several.iter().map(String::as_str)),
                };
                match only {
                    Some(name) => failure.hint(UsageNear { name }),
                    None => failure.hint(UsageSchemas {
                        names: known.join(", "),
                    }),
                }
            }
            LibraryError::Unreadable { path, source } => {
                Self::usage(UsageFileUnread { file: path }).caused_by(source)
            }
            LibraryError::Catalogue(error) => Self::usage(error.to_string()),
        }
    }
}

impl From<ChangeError> for Failure {
    fn from(error: ChangeError) -> Self {
        HostError::from(error).into()
    }
}

impl From<JournalError> for Failure {
    fn from(error: JournalError) -> Self {
        ChangeError::from(error).into()
    }
}

impl From<run::Cause> for Failure {
    fn from(cause: run::Cause) -> Self {
        match cause {
            run::Cause::Script(trace) => Self::from(trace),
            run::Cause::Changes(error) => Self::from(error),
            run::Cause::Selection(error) => Self::usage(error.said()).hint(error.hint()),
        }
    }
}

impl From<HostError> for Failure {
    fn from(error: HostError) -> Self {
        let mut failure = Self::new(code_of(error.kind), error.kind.as_str(), error.message);
        failure.causes = error.causes;
        failure.hint = error.hint;
        failure.declined = error.declined;
        failure
    }
}

impl From<PlanError> for Failure {
    fn from(error: PlanError) -> Self {
        let code = match error.is_refusal() {
            true => Code::Refused,
            false => Code::Usage,
        };
        let mut failure = Self::new(code, "plan", error.said()).because(error.causes());
        failure.hint = error.hint();
        failure
    }
}

impl From<ArgumentError> for Failure {
    fn from(error: ArgumentError) -> Self {
        Self::usage(error.said)
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        // The reader of our output is gone (`| head`): that is its right, and nothing failed.
        if error.kind() == io::ErrorKind::BrokenPipe {
            let mut failure = Self::new(Code::Done, "pipe", "");
            failure.ready = Some(Ready::default());
            return failure;
        }
        let code = match error.kind() {
            io::ErrorKind::InvalidInput => Code::Usage,
            _ => Code::Failed,
        };
        Self::new(code, "output", FailureNoOutput).caused_by(&error)
    }
}

/// A failure as miette wants it.
#[derive(Debug)]
struct Shown {
    message: String,
    cause: Option<Box<Cause>>,
    hint: Option<String>,
    snippet: Option<Snippet>,
}

#[derive(Debug)]
struct Snippet {
    source: NamedSource<String>,
    label: LabeledSpan,
}

#[derive(Debug)]
struct Cause {
    message: String,
    next: Option<Box<Cause>>,
}

/// How many places on the way to a failure are shown.
const CALLERS: usize = 4;

/// How many columns an excerpt has beside the lines of its script.
const MARGIN: usize = 16;

/// How much of a line is shown where nothing says how much fits, in letters.
const LONGEST_LINE: usize = 400;

impl Shown {
    fn of(failure: &Failure, place: Option<&Place>, sheet: Sheet) -> Self {
        // Before lines are broken: of a secret on two of them nothing would be found.
        let shown = |said: &Said| {
            let text = said.in_language(sheet.language);
            printable(&failure.secrets.hidden(&text))
        };
        let cause = failure.causes.iter().rev().fold(None, |next, message| {
            Some(Box::new(Cause {
                message: shown(message),
                next,
            }))
        });
        Self {
            message: shown(&failure.message),
            cause,
            hint: failure.hint.as_ref().map(shown),
            snippet: place.and_then(|place| snippet(place, &failure.secrets, sheet)),
        }
    }
}

fn graphical(shown: &Shown, sheet: Sheet) -> String {
    let theme = match sheet.color {
        true => GraphicalTheme::unicode(),
        false => GraphicalTheme::unicode_nocolor(),
    };
    let style = theme.styles.help;
    let help_style = |label: &str| style.style(label).to_string();
    let mut text = String::new();
    GraphicalReportHandler::new_themed(theme)
        .with_width(sheet.width.unwrap_or(usize::MAX))
        .with_wrap_lines(sheet.width.is_some())
        .with_break_words(false)
        .with_word_separator(wrap::SEPARATOR)
        .with_word_splitter(wrap::SPLITTER)
        .with_links(false)
        .render_report(&mut text, shown)
        .unwrap_or_else(|_| text = format!("{}\n", shown.message));
    let help = shown
        .hint
        .as_ref()
        .map(|hint| help(hint, help_style, sheet));
    let lines = text.trim_start_matches('\n').lines();
    let lines = lines.map(|line| format!("{}\n", line.trim_end()));
    lines.chain(help).collect()
}

/// What to do next, behind its label and below itself. Miette has the label in English alone.
fn help(hint: &str, style: impl Fn(&str) -> String, sheet: Sheet) -> String {
    let label = Said::from(FailureHelp);
    let label = format!("  {} ", label.in_language(sheet.language));
    let indent = label.chars().count();
    let lines = wrap::lines(hint, sheet.behind(indent + 2).width);
    let below = " ".repeat(indent);
    let first = [style(&label)];
    let before = first.into_iter().chain(std::iter::repeat(below));
    let lines = before.zip(lines);
    lines
        .map(|(before, line)| {
            // What is never broken, and has no room behind the label, has fewer blanks before it.
            let is_wide = sheet
                .width
                .is_some_and(|width| indent + wrap::width(&line) > width);
            match is_wide && before.trim().is_empty() {
                true => format!("    {line}\n"),
                false => format!("{before}{line}\n"),
            }
        })
        .collect()
}

/// The same without boxes: what failed, why, where, and what to do.
fn plain(shown: &Shown, sheet: Sheet) -> String {
    let mut parts: Vec<(Said, &str)> = vec![(FailureError.into(), &shown.message)];
    let mut cause = shown.cause.as_deref();
    while let Some(because) = cause {
        parts.push((FailureBecause.into(), &because.message));
        cause = because.next.as_deref();
    }
    if let Some(Snippet { source, .. }) = &shown.snippet {
        parts.push((FailureIn.into(), source.name()));
    }
    let hint = shown.hint.as_deref();
    parts.extend(hint.map(|hint| (FailureHelp.into(), hint)));
    let lines = parts.iter().flat_map(|(label, text)| {
        let text = format!("{} {text}", label.in_language(sheet.language));
        wrap::lines(&text, sheet.width)
    });
    lines.map(|line| format!("{line}\n")).collect()
}

/// One line for a place on the way to the failing one.
fn called_from(place: &Place, sheet: Sheet) -> String {
    let line = place
        .text
        .as_deref()
        .and_then(|text| text.lines().nth(place.line - 1))
        .unwrap_or_default();
    let from = Said::from(FailureCalledFrom {
        place: format!("{}:{}", printable(&place.source), place.line),
    });
    let before = format!("  {}: ", from.in_language(sheet.language));
    let room = sheet.behind(before.chars().count()).width;
    let line = printable(line.trim());
    let line: String = line.chars().take(room.unwrap_or(LONGEST_LINE)).collect();
    format!("{before}{line}\n")
}

/// A place without its text.
fn named(place: &Place) -> String {
    let Place { line, column, .. } = place;
    format!("{}:{line}:{column}", printable(&place.source))
}

/// The lines around a place, as far as they fit; none where the place itself does not.
fn snippet(place: &Place, secrets: &Secrets, sheet: Sheet) -> Option<Snippet> {
    let text = shown_script(place.text.as_deref()?);
    let (before, after) = text.split_at(offset(&text, place.line, place.column)?);
    // Each by itself, so that the place is still known.
    let before = secrets.hidden(before);
    let (text, start) = (format!("{before}{}", secrets.hidden(after)), before.len());
    let length = text[start..]
        .find(|c: char| !(c.is_alphanumeric() || "_:".contains(c)))
        .unwrap_or(text.len() - start)
        .max(1);
    let line = place.line.checked_sub(1)?;
    let most = sheet.behind(MARGIN).width.unwrap_or(LONGEST_LINE);
    let (mut cut, mut cut_start, mut begin) = (String::new(), None, 0);
    for (number, whole) in text.split_inclusive('\n').enumerate() {
        let end = whole
            .char_indices()
            .nth(most)
            .map_or(whole.len(), |(at, _)| at);
        if number == line {
            let within = start.checked_sub(begin)?;
            cut_start = (within + length <= end).then_some(cut.len() + within);
        }
        cut.push_str(whole[..end].trim_end_matches('\n'));
        cut.push('\n');
        begin += whole.len();
    }
    let here = Said::from(FailureHere);
    let here = here.in_language(sheet.language);
    Some(Snippet {
        label: LabeledSpan::new(Some(here.into_owned()), cut_start?, length),
        source: NamedSource::new(printable(&place.source), cut),
    })
}

/// A script's text as lines that cannot move the cursor, with as many characters as before.
fn shown_script(text: &str) -> String {
    text.split_inclusive('\n')
        .map(|line| match line.strip_suffix('\n') {
            Some(line) => format!("{}\n", printable(&line.replace('\t', " "))),
            None => printable(&line.replace('\t', " ")),
        })
        .collect()
}

/// The byte at a line and a character of it, both counted from 1.
fn offset(text: &str, line: usize, column: usize) -> Option<usize> {
    let start: usize = text
        .split_inclusive('\n')
        .take(line.checked_sub(1)?)
        .map(str::len)
        .sum();
    let rest = text.get(start..)?;
    let within = rest
        .char_indices()
        .nth(column.saturating_sub(1))
        .map_or(rest.len(), |(index, _)| index);
    Some(start + within)
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Shown {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.cause.as_deref().map(|cause| cause as _)
    }
}

impl Diagnostic for Shown {
    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.snippet.as_ref().map(|snippet| &snippet.source as _)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let snippet = self.snippet.as_ref()?;
        Some(Box::new(std::iter::once(snippet.label.clone())))
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Cause {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.next.as_deref().map(|cause| cause as _)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_a_peer_cannot_move_the_cursor() {
        let failure = Failure::usage("refused: `\u{1b}[2J`").hint("a\rb");
        let text = failure.render(Sheet::PIPE);
        assert!(text.contains("refused: `·[2J`"), "{text}");
        assert!(text.contains("a·b"), "{text}");
    }

    #[test]
    fn what_a_script_throws_is_said_in_the_language_of_the_sheet_and_in_english_in_json() {
        use catalogue::{Catalogue, Catalogues};
        use std::sync::Arc;

        let file = |language, text| Arc::new(Catalogue::parse(language, "file", text).unwrap());
        let catalogues = Arc::new(Catalogues::new([
            file(Language::English, "nobody = nobody is known\n"),
            file(Language::Indonesian, "nobody = tidak ada yang dikenal\n"),
        ]));
        let message = catalogues.message("nobody", Vec::new()).unwrap();
        let failure = Failure::new(Code::Failed, "script", message);
        let sheet = Sheet {
            language: Language::Indonesian,
            ..Sheet::PIPE
        };
        let text = failure.render(sheet);
        assert!(text.contains("tidak ada yang dikenal"), "{text}");
        assert_eq!(failure.to_json()["message"], "nobody is known");
    }

    /// In small letters stand what was typed, names, and the label of the renderer.
    #[test]
    fn refusals_of_what_is_typed_are_said_in_the_language_of_the_sheet() {
        use crate::run::Runbook;
        use crate::shouted;

        let library = scripting::script::library::Library::without_folders();
        let sheet = Sheet {
            language: shouted::language(),
            ..Sheet::PIPE
        };
        let given = |name: &str, parameter: &str, text: &str| {
            let runbook = Runbook::find(&library, name).unwrap();
            let given = (parameter.to_owned(), vec![text.to_owned()]);
            runbook.arguments(&[given]).unwrap_err()
        };
        for (failure, said, names) in [
            (
                Failure::from(library.find("audut").unwrap_err()),
                "there is no runbook",
                "audut audit",
            ),
            (
                Failure::from(library.find("./nowhere/x.rhai").unwrap_err()),
                "cannot read",
                "nowhere x rhai o such file or directory os error",
            ),
            (
                given("audit", "limit", "many"),
                "takes a whole number",
                "limit many",
            ),
            (given("audit", "limit", "-3"), "or more, not -3", "limit"),
            (
                given("services", "since", "soon"),
                "takes a length of time",
                // What may be written is said by the reader of lengths.
                "since soon is not a length of time write for instance s m h or d",
            ),
        ] {
            let text = failure.render(sheet);
            let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(text.contains(&said.to_uppercase()), "{said}: {text}");
            let known = shouted::small_words(names).into_iter().chain(["help"]);
            let known: std::collections::BTreeSet<&str> = known.collect();
            let small = shouted::small_words(&text);
            let sentences: Vec<_> = small.difference(&known).collect();
            assert_eq!(sentences, Vec::<&&str>::new(), "{said}: {text}");
            let message = failure.to_json()["message"].to_string();
            assert!(message.contains(said), "{said}: {message}");
        }
    }

    #[test]
    fn places_are_found_behind_letters_of_several_bytes() {
        assert_eq!(offset("é\nñx = 1", 2, 2), Some(5));
        assert_eq!(offset("a", 1, 9), Some(1));
        assert_eq!(offset("a", 5, 1), Some(1));
    }
}
