//! What of changes stays though the run is undone.

use super::change::{Change, Write};
use wording::count::counted;

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
    pub fn counted(self) -> Option<String> {
        let statements = counted(self.statements, "statement");
        let commands = counted(self.commands, "command");
        self.said(
            &format!("{statements} of the database"),
            &format!("{commands} of the router"),
        )
    }

    /// For people, of which kind they are; nothing where there are none.
    pub fn kinds(self) -> Option<String> {
        self.said("changes of the database", "commands of the router")
    }

    fn said(self, statements: &str, commands: &str) -> Option<String> {
        let what = match (self.statements, self.commands) {
            (0, 0) => return None,
            (_, 0) => statements.to_owned(),
            (0, _) => commands.to_owned(),
            (_, _) => format!("{statements} and {commands}"),
        };
        Some(format!("{what} cannot be undone"))
    }
}
