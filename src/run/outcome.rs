//! What a run ends with.

use change::planned::Done;
use change::run::Run;
use change::{ChangeError, Radius};
use report::Report;
use scripting::script::trace::Trace;

/// The end of a run.
pub struct Outcome {
    /// Which run it was.
    pub run: Run,
    /// What its runbook returned; empty where none was run, or where it failed before.
    pub report: Report,
    /// Why it failed, if it did.
    pub failure: Option<Cause>,
    /// Were its changes to be made?
    pub applies: bool,
    /// Its changes with what became of them.
    pub done: Vec<Done>,
    /// How much it changed, with what counts together with it.
    pub changed: Radius,
    /// Why its changes are more than may be made without `--max-changes`, if they are.
    pub beyond: Option<ChangeError>,
    /// Why its journal could not be ended, if it could not.
    pub unfinished: Option<ChangeError>,
}

/// Why a run failed.
pub enum Cause {
    /// Its script did.
    Script(Trace),
    /// Its changes could not be made, or planned.
    Changes(ChangeError),
    /// The changes were left in the middle by a fault of the program.
    CutOff,
}
