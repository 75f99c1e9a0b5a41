//! What of changes stays though the run is undone.

use super::change::{Change, Write};
use catalogue::Said;
use sentences::{
    LastingAllBoth, LastingAllCommands, LastingAllStatements, LastingBoth, LastingCommands,
    LastingStatements,
};

/// How many of some changes nobody can take back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lasting {
    statements: usize,
    commands: usize,
}

impl Lasting {
    /// Those among `changes`.
    pub fn of<'a>(changes: impl IntoIterator<Item = &'a Change>) -> Self {
        let mut lasting = Self::default();
        for change in changes {
            match &change.write {
                Write::Statement(_) => lasting.statements += 1,
                Write::Command(_) => lasting.commands += 1,
                // Whether a request can be taken back its service says.
                Write::Row(_) | Write::Keys(_) | Write::Request(_) => {}
            }
        }
        lasting
    }

    /// How many.
    pub fn count(self) -> usize {
        self.statements + self.commands
    }

    /// For people, how many; nothing where there are none.
    pub fn counted(self) -> Option<Said> {
        let Self {
            statements,
            commands,
        } = self;
        Some(match (statements, commands) {
            (0, 0) => return None,
            (_, 0) => LastingStatements { statements }.into(),
            (0, _) => LastingCommands { commands }.into(),
            (_, _) => LastingBoth {
                statements,
                commands,
            }
            .into(),
        })
    }

    /// For people, of which kind they are; nothing where there are none.
    pub fn kinds(self) -> Option<Said> {
        Some(match (self.statements, self.commands) {
            (0, 0) => return None,
            (_, 0) => LastingAllStatements.into(),
            (0, _) => LastingAllCommands.into(),
            (_, _) => LastingAllBoth.into(),
        })
    }
}
