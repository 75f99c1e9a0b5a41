//! Signals that would end the process: they are heard from the first moment of the process on, at one
//! place, and stop what says here that it runs.
//!
//! SIGINT may end less than the process; every other one means what SIGTERM does, be it that a terminal
//! was closed (SIGHUP), that time on the processor is used up (SIGXCPU), or Ctrl-\ (SIGQUIT), which
//! leaves no core: none may end a run half-way without a word. One that whoever started the process had
//! ignored, as `nohup` does, stays so, but for SIGINT and SIGTERM. Not heard are those by which the
//! system reports a fault of the program itself, and SIGPIPE, which a write tells.
//!
//! SIGXFSZ says that a file may not grow further. It is heard and not minded: by itself it would end the
//! process in the middle of its changes; so the write fails, as on a full disk.

#![expect(
    clippy::disallowed_methods,
    reason = "the one place that hears signals"
)]

use std::fs;
use std::io;
use std::ops::RangeInclusive;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;

use rustix::process::Signal as SystemSignal;
use tokio::runtime::Handle;
use tokio::signal::unix::{self, SignalKind};
use tokio_util::sync::CancellationToken;

/// What the signals stop at the moment. Clones are the same.
#[derive(Clone, Default)]
pub struct Signals {
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    minding: Minding,
    /// A session of lines was asked to end.
    ended: bool,
}

/// Who minds the signals.
#[derive(Default)]
enum Minding {
    /// Nobody: they end the process.
    #[default]
    Nobody,
    /// A run: each cancels it, and it ends in order.
    Run(CancellationToken),
    /// A line of a session: SIGINT ends the line, the others the session as well.
    Line(CancellationToken),
    /// A session that waits for its next line. SIGINT is nothing to it; the others end the process,
    /// once the terminal is as it was.
    Prompt(Box<dyn Fn() + Send>),
    /// A pager that shows something meanwhile: SIGINT closes it, the others mean what they did before.
    Pager(CancellationToken, Box<Minding>),
}

/// A pager is shown as long as this lives.
pub struct Paging {
    signals: Signals,
    closed: CancellationToken,
}

#[derive(Clone, Copy)]
enum Signal {
    Interrupt,
    /// SIGTERM, or what means the same.
    Terminate,
}

/// What means SIGTERM, unless it is ignored. By itself each of them ends a process.
const TERMINATING: &[SystemSignal] = &[
    SystemSignal::HUP,
    SystemSignal::QUIT,
    SystemSignal::USR1,
    SystemSignal::USR2,
    SystemSignal::ALARM,
    SystemSignal::VTALARM,
    SystemSignal::PROF,
    SystemSignal::XCPU,
    SystemSignal::IO,
    #[cfg(target_os = "linux")]
    SystemSignal::POWER,
    #[cfg(target_os = "linux")]
    SystemSignal::STKFLT,
];

/// The real-time signals, which mean SIGTERM too. The library of C keeps the first few to itself; other
/// systems than Linux have none.
const REAL_TIME: RangeInclusive<i32> = 32..=64;

/// Hears the signals: from its making on none of them is lost.
pub struct Listener {
    heard: Vec<(unix::Signal, Signal)>,
}

impl Listener {
    /// Puts the handlers in place; called on a runtime.
    ///
    /// # Errors
    /// The system gives none.
    pub fn install() -> io::Result<Self> {
        // First this: a handler in its place would end the ignoring.
        let ignored = ignored(&fs::read_to_string("/proc/self/status").unwrap_or_default());
        let is_heard = |signal: &i32| ignored & (1 << (signal - 1)) == 0;
        let hear = |signal: SignalKind, what| Ok::<_, io::Error>((unix::signal(signal)?, what));
        let mut heard = vec![
            hear(SignalKind::interrupt(), Signal::Interrupt)?,
            hear(SignalKind::terminate(), Signal::Terminate)?,
        ];
        let terminating = TERMINATING.iter().map(|signal| signal.as_raw());
        for signal in terminating.filter(is_heard) {
            heard.push(hear(SignalKind::from_raw(signal), Signal::Terminate)?);
        }
        let real_time = REAL_TIME.filter(is_heard);
        heard.extend(
            real_time
                .filter_map(|signal| hear(SignalKind::from_raw(signal), Signal::Terminate).ok()),
        );
        // A handler, once in place, stays; and unlike ignoring it is nothing that programs inherit.
        drop(unix::signal(SignalKind::from_raw(
            SystemSignal::XFSZ.as_raw(),
        ))?);
        Ok(Self { heard })
    }

    /// Lets signals stop what minds them; returns after one that ends the process.
    pub async fn until_ended(&mut self, signals: &Signals) {
        while !signals.hear(self.next().await) {}
    }

    async fn next(&mut self) -> Signal {
        std::future::poll_fn(|context| {
            for (source, signal) in &mut self.heard {
                if source.poll_recv(context).is_ready() {
                    return Poll::Ready(*signal);
                }
            }
            Poll::Pending
        })
        .await
    }
}

/// The mask of the signals that whoever started this process had ignored, in the process's status. The
/// library's own question would be `sigaction`, which takes unsafe code. A system that does not tell
/// ignores nothing.
fn ignored(status: &str) -> u64 {
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
        .unwrap_or_default()
}

impl Signals {
    /// For a program of somebody else's, whose end is its own: only SIGINT is heard, on `runtime`, and
    /// stops a line.
    pub fn of_interrupts(runtime: &Handle) -> Self {
        let signals = Self::default();
        let minding = signals.clone();
        let _entered = runtime.enter();
        if let Ok(mut interrupt) = unix::signal(SignalKind::interrupt()) {
            runtime.spawn(async move {
                while interrupt.recv().await.is_some() {
                    minding.hear(Signal::Interrupt);
                }
            });
        }
        signals
    }

    /// What every signal cancels from now on, instead of ending the process.
    pub fn run(&self) -> CancellationToken {
        let token = CancellationToken::new();
        self.state().minding = Minding::Run(token.clone());
        token
    }

    /// What every signal cancels from now on, for a line of a session that goes on after SIGINT.
    pub fn line(&self) -> CancellationToken {
        let token = CancellationToken::new();
        let mut state = self.state();
        if state.ended {
            token.cancel();
        }
        state.minding = Minding::Line(token.clone());
        token
    }

    /// A session waits for a line on a terminal, which `restore` brings back to what it was.
    pub fn prompt(&self, restore: impl Fn() + Send + 'static) {
        self.state().minding = Minding::Prompt(Box::new(restore));
    }

    /// A pager is shown from now on, until the value is dropped.
    pub fn pager(&self) -> Paging {
        let closed = CancellationToken::new();
        let mut state = self.state();
        let before = std::mem::take(&mut state.minding);
        state.minding = Minding::Pager(closed.clone(), Box::new(before));
        Paging {
            signals: self.clone(),
            closed,
        }
    }

    /// Nobody minds the signals any more: they end the process.
    pub fn release(&self) {
        self.state().minding = Minding::Nobody;
    }

    /// Was the session asked to end?
    pub fn ended(&self) -> bool {
        self.state().ended
    }

    /// True if the signal ends the process.
    fn hear(&self, signal: Signal) -> bool {
        let mut state = self.state();
        let State { minding, ended } = &mut *state;
        minding.hear(signal, ended)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Minding {
    /// True if the signal ends the process; `ended` is set if it ends a session.
    fn hear(&self, signal: Signal, ended: &mut bool) -> bool {
        match (self, signal) {
            (Self::Nobody, _) => return true,
            (Self::Run(token), _)
            | (Self::Line(token) | Self::Pager(token, _), Signal::Interrupt) => token.cancel(),
            (Self::Line(token), Signal::Terminate) => {
                token.cancel();
                *ended = true;
            }
            (Self::Prompt(_), Signal::Interrupt) => {}
            (Self::Prompt(restore), Signal::Terminate) => {
                restore();
                return true;
            }
            (Self::Pager(_, before), Signal::Terminate) => return before.hear(signal, ended),
        }
        false
    }
}

impl Paging {
    /// Was it asked to close?
    pub fn is_closed(&self) -> bool {
        self.closed.is_cancelled()
    }
}

impl Drop for Paging {
    fn drop(&mut self) {
        let mut state = self.signals.state();
        // What runs may have changed meanwhile, and then that counts.
        if let Minding::Pager(_, before) = &mut state.minding {
            state.minding = std::mem::take(before);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signal_stops_what_minds_it_and_else_the_process() {
        let signals = Signals::default();
        assert!(signals.hear(Signal::Interrupt));
        let run = signals.run();
        assert!(!signals.hear(Signal::Terminate));
        assert!(run.is_cancelled());
        signals.release();
        assert!(signals.hear(Signal::Terminate));
    }

    #[test]
    fn sigint_ends_a_line_and_sigterm_its_session() {
        let signals = Signals::default();
        let line = signals.line();
        assert!(!signals.hear(Signal::Interrupt));
        assert!(line.is_cancelled() && !signals.ended());
        let line = signals.line();
        assert!(!line.is_cancelled());
        assert!(!signals.hear(Signal::Terminate));
        assert!(line.is_cancelled() && signals.ended());
        assert!(signals.line().is_cancelled());
    }

    #[test]
    fn sigint_closes_a_pager_and_sigterm_means_what_it_did_before() {
        let signals = Signals::default();
        let run = signals.run();
        let paging = signals.pager();
        assert!(!signals.hear(Signal::Interrupt));
        assert!(paging.is_closed() && !run.is_cancelled());
        drop(paging);
        let paging = signals.pager();
        assert!(!signals.hear(Signal::Terminate));
        assert!(!paging.is_closed() && run.is_cancelled());
        let run = signals.run();
        drop(paging);
        assert!(!signals.hear(Signal::Interrupt));
        assert!(run.is_cancelled());
    }

    #[test]
    fn at_the_prompt_only_sigterm_ends_the_process_and_the_terminal_is_restored() {
        let restored = CancellationToken::new();
        let signals = Signals::default();
        let restore = restored.clone();
        signals.prompt(move || restore.cancel());
        assert!(!signals.hear(Signal::Interrupt));
        assert!(!restored.is_cancelled());
        assert!(signals.hear(Signal::Terminate));
        assert!(restored.is_cancelled());
    }
}
