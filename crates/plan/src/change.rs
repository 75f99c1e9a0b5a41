//! One change: what is to be written of which service, with what it hangs together, and why.

use catalogue::Said;
use routeros_schema::RouterText;
use serde::{Deserialize, Serialize};

use super::command::RouterCommand;
use super::fields::Fields;
use super::key::KeyWrite;
use super::request::Request;
use super::row::RowWrite;
use super::statement::Statement;
use super::together::Rows;
use site::grant::Target;

/// One change, planned or made. Its JSON, in plans and journals, is that of `form`.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// What is written.
    pub write: Write,
    /// The changes that it is made with or not at all, where a script says so.
    pub group: Option<Group>,
    /// Which stage of its run planned it, where that is not the first.
    pub later_stage: Option<usize>,
    /// The run that the change undoes: what it changes is as tikbook itself made it.
    pub undoes: Option<String>,
    /// Why, in the words of the runbook, or what an undo says of it.
    pub reason: Said,
}

/// What a change writes, each with what it needs and nothing else.
#[derive(Clone, Debug, PartialEq)]
pub enum Write {
    /// A row of a router's menu.
    Row(Box<RowWrite>),
    /// Keys of Redis, by a command.
    Keys(KeyWrite),
    /// Rows of tables, by a statement of the database.
    Statement(Statement),
    /// What a service of an embedder's own does.
    Request(Request),
    /// Whatever a command of a router does.
    Command(Box<RouterCommand>),
}

/// Changes of several rows, or of several services, that a script makes together or not at all.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// Which of the run's groups it is, from 1 on.
    pub number: u32,
    /// Why, in the words of the runbook.
    pub why: String,
}

/// What a change does, in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// Adds a row.
    Add,
    /// Sets fields of a row.
    Set,
    /// Removes a row.
    Remove,
    /// Moves a row within a menu whose order counts.
    Move,
    /// Sends a command to Redis.
    Command,
    /// Executes a statement of the database.
    Execute,
    /// Asks something of a service of an embedder's own.
    Request,
    /// Sends a command to a router.
    Run,
}

impl Action {
    /// The word of plans, journals and questions.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::Set => "set",
            Self::Remove => "remove",
            Self::Move => "move",
            Self::Command => "command",
            Self::Execute => "execute",
            Self::Request => "request",
            Self::Run => "run",
        }
    }
}

impl Change {
    /// A change of its own.
    pub fn of(write: impl Into<Write>, reason: impl Into<Said>) -> Self {
        Self {
            write: write.into(),
            group: None,
            later_stage: None,
            undoes: None,
            reason: reason.into(),
        }
    }

    /// Which stage of its run planned it, from 1.
    pub fn stage(&self) -> usize {
        self.later_stage.unwrap_or(1)
    }

    /// The change of a row that it is, if it is one.
    pub fn row(&self) -> Option<&RowWrite> {
        match &self.write {
            Write::Row(row) => Some(row),
            _ => None,
        }
    }

    /// The same, to be filled in.
    pub fn row_mut(&mut self) -> Option<&mut RowWrite> {
        match &mut self.write {
            Write::Row(row) => Some(row),
            _ => None,
        }
    }

    /// What it does.
    pub fn action(&self) -> Action {
        match &self.write {
            Write::Row(row) => row.action(),
            Write::Keys(_) => Action::Command,
            Write::Statement(_) => Action::Execute,
            Write::Request(_) => Action::Request,
            Write::Command(_) => Action::Run,
        }
    }

    /// The row that it is about: that it changes, or that its command is about.
    pub fn about(&self) -> Option<&RowWrite> {
        match &self.write {
            Write::Row(row) => Some(row),
            Write::Command(command) => command.row.as_deref(),
            Write::Keys(_) | Write::Statement(_) | Write::Request(_) => None,
        }
    }

    /// The same, to be filled in.
    pub fn about_mut(&mut self) -> Option<&mut RowWrite> {
        match &mut self.write {
            Write::Row(row) => Some(row),
            Write::Command(command) => command.row.as_deref_mut(),
            Write::Keys(_) | Write::Statement(_) | Write::Request(_) => None,
        }
    }

    /// The command of a router that it is, if it is one.
    pub fn router_command(&self) -> Option<&RouterCommand> {
        match &self.write {
            Write::Command(command) => Some(command),
            _ => None,
        }
    }

    /// Does the connection to its router end with it? Then it is made after all others.
    pub fn ends_connection(&self) -> bool {
        self.router_command()
            .is_some_and(|command| command.command.ends_connection())
    }

    /// What is written: a menu, a key (of several the first), a table, a command.
    pub fn target(&self) -> Target {
        match &self.write {
            Write::Row(row) => Target::Menu(row.menu.clone()),
            Write::Keys(keys) => keys.target(),
            Write::Statement(statement) => Target::Table(statement.table.clone()),
            Write::Request(request) => request.target(),
            Write::Command(command) => command.target(),
        }
    }

    /// Every target that it writes, or may.
    pub fn targets(&self) -> Vec<Target> {
        match &self.write {
            Write::Keys(keys) => keys.targets(),
            Write::Statement(statement) => statement.targets(),
            Write::Row(_) | Write::Command(_) | Write::Request(_) => vec![self.target()],
        }
    }

    /// The menu that it writes a row of.
    pub fn rows(&self) -> Option<Rows> {
        self.row().map(RowWrite::rows)
    }

    /// The router that it goes to, if it has a name, of a change that goes to a router.
    pub fn router(&self) -> Option<&str> {
        match &self.write {
            Write::Row(row) => row.router.as_deref(),
            Write::Command(command) => command.router.as_deref(),
            Write::Keys(_) | Write::Statement(_) | Write::Request(_) => None,
        }
    }

    /// The id of its row, where that is known.
    pub fn id(&self) -> Option<&str> {
        self.about().and_then(RowWrite::id)
    }

    /// Its row before.
    pub fn before(&self) -> Option<&Fields> {
        self.about().and_then(RowWrite::before)
    }

    /// Its row after; of one that is added what is sent.
    pub fn after(&self) -> Option<&Fields> {
        self.row().and_then(RowWrite::after)
    }

    /// Texts of its router are shown as `router_text` says.
    pub fn read_texts_as(&mut self, router_text: RouterText) {
        if let Write::Command(command) = &mut self.write {
            command.router_text = router_text;
        }
        if let Some(row) = self.about_mut() {
            row.router_text = router_text;
        }
    }

    /// It goes to the router of this name, to the site's first without one; nothing of a change that goes to
    /// none.
    pub fn send_to(&mut self, router: Option<String>) {
        if let Write::Command(command) = &mut self.write {
            command.router.clone_from(&router);
        }
        if let Some(row) = self.about_mut() {
            row.router = router;
        }
    }

    /// The change as it was asked for, to be looked at once more.
    #[must_use]
    pub fn sent_again(mut self) -> Self {
        if let Some(row) = self.row_mut() {
            row.send_again();
        }
        self
    }
}

impl From<RowWrite> for Write {
    fn from(row: RowWrite) -> Self {
        Self::Row(Box::new(row))
    }
}

impl From<KeyWrite> for Write {
    fn from(keys: KeyWrite) -> Self {
        Self::Keys(keys)
    }
}

impl From<RouterCommand> for Write {
    fn from(command: RouterCommand) -> Self {
        Self::Command(Box::new(command))
    }
}

impl From<Statement> for Write {
    fn from(statement: Statement) -> Self {
        Self::Statement(statement)
    }
}

impl From<Request> for Write {
    fn from(request: Request) -> Self {
        Self::Request(request)
    }
}
