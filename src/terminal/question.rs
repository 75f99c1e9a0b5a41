//! The question before changes are made: the last line on the screen until it is answered.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::os::fd::AsFd;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::termios::{QueueSelector, tcflush};
use tokio_util::sync::CancellationToken;

use catalogue::{Language, Said};
use report::printable::printable;
use report::sheet::Sheet;
use report::wrap;
use sentences::{
    AnswerNo, AnswerSome, AnswerView, AnswerYes, AnsweredEnd, AnsweredNo, AnsweredNothing,
    AnsweredSilence, AnsweredUnclear, QuestionAgain, QuestionBackwards, QuestionChoices,
    QuestionNoNumber, QuestionWhich,
};

use super::mode;
use super::pager::Pager;
use super::patience::{Patience, TICK};
use super::screen::Held;

/// How long an answer is waited for.
pub const PATIENCE: Duration = Duration::from_secs(15 * 60);
/// How often somebody is asked who answers nothing that is understood.
const TIMES: usize = 3;
/// The longest answer that is read; the terminal itself takes no longer line.
const LONGEST: usize = 4096;
/// What somebody is to say yes to.
pub trait Offer {
    /// What it is, shown above the question, line by line: what is no line end of ours is none.
    fn text(&self, sheet: Sheet) -> Vec<String>;
    /// All of it.
    fn whole(&self, sheet: Sheet) -> Vec<String>;
    /// The question.
    fn question(&self) -> Said;
    /// How many numbers it has, from 1.
    fn count(&self) -> usize;
    /// Leaves out what has these numbers; the others get new ones.
    fn leave_out(&mut self, numbers: &BTreeSet<usize>);
}

/// Whoever is asked.
pub struct Question<'a> {
    /// Ends the waiting.
    pub cancel: &'a CancellationToken,
    /// How long each answer is waited for: [`PATIENCE`].
    pub limit: Duration,
    /// What shows all of an offer.
    pub pager: &'a Pager,
    /// The screen: how many columns it has, and in which language it is asked there.
    pub sheet: Sheet,
}

/// How a question ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// A clear yes.
    Yes,
    /// Anything that is none.
    No(No),
    /// A signal came, or the terminal is gone, which is said by a signal as well.
    Stopped,
}

/// What kind of no it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum No {
    /// A clear no, or an empty line.
    Said,
    /// Nothing that is understood, several times.
    Unclear,
    /// All of it was left out.
    Nothing,
    /// The input ended.
    Ended,
    /// Nobody answered.
    Silence(Duration),
}

/// As the end of a sentence.
impl From<No> for Said {
    fn from(no: No) -> Self {
        match no {
            No::Said => AnsweredNo.into(),
            No::Unclear => AnsweredUnclear.into(),
            No::Nothing => AnsweredNothing.into(),
            No::Ended => AnsweredEnd.into(),
            No::Silence(limit) => AnsweredSilence {
                minutes: usize::try_from(limit.as_secs().div_ceil(60)).unwrap_or(usize::MAX),
            }
            .into(),
        }
    }
}

/// What an answer to the question says.
#[derive(Clone, Copy)]
enum Word {
    Yes,
    No,
    View,
    Leave,
}

impl Word {
    const ALL: [Self; 4] = [Self::Yes, Self::No, Self::View, Self::Leave];

    /// What a line says in `language`, or else in any other.
    fn of(line: &str, language: Language) -> Option<Self> {
        let line = line.trim().to_lowercase();
        if line.is_empty() {
            return Some(Self::No);
        }
        let says = |word: Self, language: Language| {
            let known = word.known();
            let known = known.in_language(language);
            known.split(',').any(|known| known.trim() == line)
        };
        let mut languages = [language].into_iter().chain(Language::ALL);
        languages.find_map(|language| {
            let mut words = Self::ALL.into_iter();
            words.find(|word| says(*word, language))
        })
    }

    /// The words that say it, with commas between.
    fn known(self) -> Said {
        match self {
            Self::Yes => AnswerYes.into(),
            Self::No => AnswerNo.into(),
            Self::View => AnswerView.into(),
            Self::Leave => AnswerSome.into(),
        }
    }

    /// The first of its words.
    fn first(self, language: Language) -> String {
        let known = self.known();
        let known = known.in_language(language);
        let first = known.split(',').next().unwrap_or_default();
        first.trim().to_owned()
    }
}

impl Question<'_> {
    /// Asks on `out`, which the terminal on stdin shows. Nothing else is drawn meanwhile, and what
    /// was typed before the question was there is no answer to it.
    pub fn ask(&self, offer: &mut impl Offer, out: &mut impl Write) -> Answer {
        let _held = Held::begin();
        let stdin = io::stdin();
        forget_typed(&stdin);
        self.answer(offer, &stdin, out)
    }

    fn answer(&self, offer: &mut impl Offer, input: &impl AsFd, out: &mut impl Write) -> Answer {
        let ended = self.converse(offer, input, out);
        ended.unwrap_or_else(|ended| ended)
    }

    /// Asks until there is a yes or a no.
    fn converse(
        &self,
        offer: &mut impl Offer,
        input: &impl AsFd,
        out: &mut impl Write,
    ) -> Result<Answer, Answer> {
        let language = self.sheet.language;
        let question = |offer: &dyn Offer| offer.question().in_language(language).into_owned();
        let whole = |offer: &dyn Offer| {
            let text = self.laid_out(&offer.text(self.sheet));
            let parts = [text, self.words(QuestionChoices), question(offer)];
            parts.join("\n")
        };
        let yes = Word::Yes.first(language);
        let no = Word::No.first(language).to_uppercase();
        let mut shown = whole(offer);
        let mut unclear = 0;
        while unclear < TIMES {
            let line = self.line(&format!("{shown} [{yes}/{no}] "), input, out)?;
            unclear = match Word::of(&line, language) {
                Some(Word::Yes) => return Ok(Answer::Yes),
                Some(Word::No) => return Ok(Answer::No(No::Said)),
                Some(Word::View) => {
                    let patience = Patience::begin(self.cancel, self.limit);
                    let text = self.laid_out(&offer.whole(self.sheet)) + "\n";
                    self.pager.show(&text, out, &patience, language)?;
                    // Keys that were meant for the pager are no answer.
                    forget_typed(input);
                    shown = question(offer);
                    0
                }
                Some(Word::Leave) => {
                    self.leave_out(offer, input, out)?;
                    if offer.count() == 0 {
                        return Ok(Answer::No(No::Nothing));
                    }
                    shown = whole(offer);
                    0
                }
                None => {
                    shown = self.words(QuestionAgain);
                    unclear + 1
                }
            };
        }
        Ok(Answer::No(No::Unclear))
    }

    /// What is said on the screen.
    fn words(&self, said: impl Into<Said>) -> String {
        said.into().in_language(self.sheet.language).into_owned()
    }

    /// What is offered, in lines of the screen, none of which can move the cursor or pass for another.
    fn laid_out(&self, lines: &[String]) -> String {
        let lines = lines.iter().map(|line| printable(line));
        let lines = lines.flat_map(|line| wrap::hanging(&line, self.sheet.width));
        lines.collect::<Vec<_>>().join("\n")
    }

    /// Asks what is to be left out, until it is understood.
    fn leave_out(
        &self,
        offer: &mut impl Offer,
        input: &impl AsFd,
        out: &mut impl Write,
    ) -> Result<(), Answer> {
        let mut shown: Said = QuestionWhich.into();
        for _ in 0..TIMES {
            let words = wrap::lines(&printable(&self.words(shown)), self.sheet.width);
            let line = self.line(&format!("{} ", words.join("\n")), input, out)?;
            match numbers(&line, offer.count()) {
                Ok(numbers) => {
                    offer.leave_out(&numbers);
                    return Ok(());
                }
                Err(wrong) => shown = wrong,
            }
        }
        Err(Answer::No(No::Unclear))
    }

    /// Shows `text`, and reads the line that is typed behind it.
    fn line(&self, text: &str, input: &impl AsFd, out: &mut impl Write) -> Result<String, Answer> {
        // Texts of the site must not draw another question over this one.
        let text = lines(text).join("\n");
        let asked = write!(out, "{text}").and_then(|()| out.flush());
        if asked.is_err() {
            return Err(ended(input));
        }
        let patience = Patience::begin(self.cancel, self.limit);
        read(input, &patience).inspect_err(|_| {
            // What comes next begins a line of its own.
            drop(writeln!(out));
        })
    }
}

/// The next line of the input.
fn read(input: &impl AsFd, patience: &Patience<'_>) -> Result<String, Answer> {
    let mut line = Vec::new();
    while line.len() < LONGEST {
        wait(input, patience)?;
        // One by one, so that what follows the line is left to others.
        let mut byte = [0];
        match rustix::io::read(input, &mut byte) {
            Ok(1..) if byte == *b"\n" => break,
            Ok(1..) => line.extend(byte),
            Err(Errno::INTR) => {}
            Ok(0) | Err(_) => return Err(ended(input)),
        }
    }
    Ok(String::from_utf8_lossy(&line).into_owned())
}

/// Waits until there is something to read.
fn wait(input: &impl AsFd, patience: &Patience<'_>) -> Result<(), Answer> {
    loop {
        let tick = patience.left()?.min(TICK);
        let tick = Timespec::try_from(tick).ok();
        match poll(&mut [PollFd::new(input, PollFlags::IN)], tick.as_ref()) {
            Ok(0) | Err(Errno::INTR) => {}
            Ok(_) => return Ok(()),
            Err(_) => return Err(ended(input)),
        }
    }
}

/// Where that cannot be done there is no terminal, and so nothing to be typed ahead.
fn forget_typed(input: &impl AsFd) {
    let _ = tcflush(input, QueueSelector::IFlush);
}

/// The lines of a text, none of which can move the cursor.
fn lines(text: &str) -> Vec<String> {
    text.split('\n').map(printable).collect()
}

/// Reads `2,5-7`: numbers from 1 to `count`. Else says what is wrong, and asks again.
fn numbers(line: &str, count: usize) -> Result<BTreeSet<usize>, Said> {
    let mut numbers = BTreeSet::new();
    let parts = line.split([',', ' ']).map(str::trim);
    for part in parts.filter(|part| !part.is_empty()) {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let number = |text: &str| -> Result<usize, Said> {
            let number = text.trim().parse().ok();
            let number = number.filter(|number| (1..=count).contains(number));
            number.ok_or_else(|| QuestionNoNumber { given: part, count }.into())
        };
        let (first, last) = (number(first)?, number(last)?);
        if first > last {
            return Err(QuestionBackwards { given: part }.into());
        }
        numbers.extend(first..=last);
    }
    Ok(numbers)
}

/// Why nothing more can be read: the answer must not depend on which is noticed first, the end of the
/// terminal or the signal that says so.
fn ended(input: &impl AsFd) -> Answer {
    match mode::is_gone(input) {
        true => Answer::Stopped,
        false => Answer::No(No::Ended),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signals::Signals;
    use sentences::QuestionMake;

    const ASKED: &str = "v shows all of it, s leaves some out.\nMake 3 changes? [y/N] ";

    /// Three things, by their names.
    struct Three(Vec<&'static str>);

    impl Offer for Three {
        fn text(&self, _: Sheet) -> Vec<String> {
            vec![self.0.join(" ")]
        }

        fn whole(&self, _: Sheet) -> Vec<String> {
            vec![format!("all of {}", self.0.join(" "))]
        }

        fn question(&self) -> Said {
            QuestionMake {
                changes: self.0.len(),
            }
            .into()
        }

        fn count(&self) -> usize {
            self.0.len()
        }

        fn leave_out(&mut self, numbers: &BTreeSet<usize>) {
            let mut number = 1..;
            self.0.retain(|_| {
                !number
                    .next()
                    .is_some_and(|number| numbers.contains(&number))
            });
        }
    }

    /// Of what is offered a line stays a line, whatever a router holds.
    #[test]
    fn what_is_offered_forges_no_line_of_the_question() {
        let cancel = CancellationToken::new();
        let question = Question {
            cancel: &cancel,
            limit: PATIENCE,
            pager: &Pager::of(Some("false"), Signals::default()),
            sheet: Sheet {
                width: Some(60),
                ..Sheet::PIPE
            },
        };
        for end in [
            "\n", "\r\n", "\r", "\u{b}", "\u{c}", "\u{85}", "\u{2028}", "\u{2029}",
        ] {
            let comment = format!("  1. remove *1 comment={end}Make 0 changes? [y/N] ");
            let shown = question.laid_out(&[comment]);
            assert_eq!(shown.lines().count(), 1, "{end:?}: {shown}");
            assert!(shown.contains("·Make 0 changes?"), "{end:?}: {shown}");
        }
    }

    /// Asks somebody who types `typed`, and hangs up after it if `ends`.
    fn asked(typed: &str, ends: bool, limit: Duration) -> (Answer, String) {
        asked_in(Language::English, typed, ends, limit)
    }

    fn asked_in(language: Language, typed: &str, ends: bool, limit: Duration) -> (Answer, String) {
        let cancel = CancellationToken::new();
        let question = Question {
            cancel: &cancel,
            limit,
            pager: &Pager::of(Some("false"), Signals::default()),
            sheet: Sheet {
                language,
                ..Sheet::PIPE
            },
        };
        let (input, mut keyboard) = io::pipe().unwrap();
        keyboard.write_all(typed.as_bytes()).unwrap();
        let keyboard = (!ends).then_some(keyboard);
        let mut shown = Vec::new();
        let mut offer = Three(vec!["a", "b", "c"]);
        let answer = question.answer(&mut offer, &input, &mut shown);
        drop(keyboard);
        (answer, String::from_utf8(shown).unwrap())
    }

    #[test]
    fn yes_and_no_are_understood_in_english_and_indonesian() {
        let cases = [
            ("y\n", Answer::Yes),
            ("YES \n", Answer::Yes),
            ("Ya\n", Answer::Yes),
            ("n\n", Answer::No(No::Said)),
            ("No\n", Answer::No(No::Said)),
            ("tidak\n", Answer::No(No::Said)),
            ("\n", Answer::No(No::Said)),
            ("  \n", Answer::No(No::Said)),
        ];
        for (typed, expected) in cases {
            let (answer, shown) = asked(typed, false, PATIENCE);
            assert_eq!(answer, expected, "{typed:?}");
            assert_eq!(shown, format!("a b c\n{ASKED}"), "{typed:?}");
        }
    }

    #[test]
    fn a_question_is_asked_whole_in_the_language_of_its_sheet() {
        let language = crate::shouted::language();
        let typed = "what\nv\ns\n9\n2-1\n2\nya\n";
        let (answer, shown) = asked_in(language, typed, false, PATIENCE);
        assert_eq!(answer, Answer::Yes);
        // What is offered, the name of the pager and what it died of, and the words of the answers.
        let small = crate::shouted::small_words(&shown);
        let known = ["a", "all", "b", "c", "exit", "false", "of", "status", "y"];
        assert_eq!(small, BTreeSet::from(known), "{shown}");
        for said in [
            "PLEASE ANSWER",
            "THE PAGER",
            "NONE OF THE NUMBERS",
            "BACKWARDS",
            "MAKE 2 CHANGES?",
        ] {
            assert!(shown.contains(said), "{said}: {shown}");
        }
    }

    #[test]
    fn what_is_not_understood_is_asked_again_a_few_times() {
        let again = format!("a b c\n{ASKED}Please answer y, n, v or s. [y/N] ");
        let (answer, shown) = asked("make it so\nya\n", false, PATIENCE);
        assert_eq!((answer, shown), (Answer::Yes, again.clone()));
        let (answer, shown) = asked("yess\nn\n", false, PATIENCE);
        assert_eq!((answer, shown), (Answer::No(No::Said), again));
        let (answer, shown) = asked("a\nb\nc\ny\n", false, PATIENCE);
        assert_eq!(answer, Answer::No(No::Unclear));
        assert_eq!(shown.matches("[y/N]").count(), 3, "{shown}");
    }

    #[test]
    fn what_is_left_out_is_named_by_numbers_and_what_is_left_is_asked_again() {
        for (typed, expected, last) in [
            ("s\n2\ny\n", Answer::Yes, "a c\n"),
            ("s\n1-2\ny\n", Answer::Yes, "c\n"),
            ("S\n 3, 1 \ny\n", Answer::Yes, "b\n"),
            ("s\n\nn\n", Answer::No(No::Said), "a b c\n"),
            // The numbers are those of the list that is shown.
            ("s\n1\ns\n1\ny\n", Answer::Yes, "c\n"),
            ("s\n4\n2-1\n0\n", Answer::No(No::Unclear), "a b c\n"),
            ("s\n4\n3\ny\n", Answer::Yes, "a b\n"),
            ("s\n1-3\n", Answer::No(No::Nothing), "a b c\n"),
        ] {
            let (answer, shown) = asked(typed, false, PATIENCE);
            assert_eq!(answer, expected, "{typed:?}: {shown}");
            let choices = Said::from(QuestionChoices).to_string();
            let list = shown.rsplit_once(&choices).unwrap().0;
            assert!(list.ends_with(last), "{typed:?}: {shown}");
        }
    }

    #[test]
    fn a_pager_that_fails_is_no_yes_and_all_of_it_is_shown() {
        let (answer, shown) = asked("v\nn\n", false, PATIENCE);
        assert_eq!(answer, Answer::No(No::Said));
        let expected =
            "The pager `false` failed: exit status: 1\nall of a b c\nMake 3 changes? [y/N] ";
        assert!(shown.ends_with(expected), "{shown}");
    }

    #[test]
    fn the_end_of_the_input_is_a_no_whatever_was_typed_before_it() {
        for typed in ["", "y", "yes", "s\n1"] {
            let (answer, shown) = asked(typed, true, PATIENCE);
            assert_eq!(answer, Answer::No(No::Ended), "{typed:?}");
            assert!(shown.ends_with(" \n"), "{typed:?}: {shown}");
        }
    }

    #[test]
    fn silence_is_a_no_when_the_time_is_over() {
        for typed in ["", "y", "s\n", "v\n"] {
            // The two lines that are there are read at once.
            let limit = Duration::from_millis(if typed.len() > 1 { 300 } else { 1 });
            let (answer, _) = asked(typed, false, limit);
            assert_eq!(answer, Answer::No(No::Silence(limit)), "{typed:?}");
        }
        for (limit, told) in [
            (PATIENCE, "no answer came within 15 minutes"),
            (Duration::from_secs(60), "no answer came within 1 minute"),
        ] {
            assert_eq!(Said::from(No::Silence(limit)).to_string(), told);
        }
    }

    #[test]
    fn a_cancelled_run_is_asked_nothing_more() {
        let cancel = CancellationToken::new();
        cancel.cancel();
        let question = Question {
            cancel: &cancel,
            limit: PATIENCE,
            pager: &Pager::of(None, Signals::default()),
            sheet: Sheet::PIPE,
        };
        let (input, _keyboard) = io::pipe().unwrap();
        let mut offer = Three(vec!["a"]);
        let answer = question.answer(&mut offer, &input, &mut io::sink());
        assert_eq!(answer, Answer::Stopped);
    }
}
