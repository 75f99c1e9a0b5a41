//! A command of a router that is no change of a row: a lease is made static, a script is run, the router is
//! started anew.

use routeros_schema::{CommandPath, Menu, MenuError, RouterText, is_secret_of};

use super::fields::Fields;
use super::outcome::{Outcome, Status};
use super::row::{At, Edit, RowWrite};
use site::config::MASK;
use site::grant::Target;

/// A command that changes something, or of which nobody knows that it does not. What it changes nobody
/// knows either, so that nobody can take it back.
#[derive(Clone, Debug, PartialEq)]
pub struct RouterCommand {
    /// The router by its name, where it is not the site's first.
    pub router: Option<String>,
    /// The command.
    pub command: CommandPath,
    /// Its path as that of a menu.
    target: Menu,
    /// What is sent with it, without its row.
    pub arguments: Fields,
    /// The row that it is about, if there is one: it is found again as a row that is to be removed, and
    /// as that it must be there and as it was.
    pub row: Option<Box<RowWrite>>,
    /// How the texts of that router are shown.
    pub router_text: RouterText,
}

impl RouterCommand {
    /// A command with what is sent with it, about no row.
    ///
    /// # Errors
    /// Commands that every list of rows has are not declared, and so not sent.
    pub fn new(
        router: Option<String>,
        command: CommandPath,
        arguments: Fields,
    ) -> Result<Self, MenuError> {
        Ok(Self {
            target: command.target()?,
            router,
            command,
            arguments,
            row: None,
            router_text: RouterText::default(),
        })
    }

    /// The same about a row of its menu, of which `seen` is known.
    #[must_use]
    pub fn about(mut self, at: At, seen: Fields) -> Self {
        let edit = Edit::Remove {
            at,
            before: seen,
            followed_by: None,
            alike: 0,
        };
        let menu = self.command.menu();
        self.row = menu.map(|menu| Box::new(RowWrite::new(self.router.clone(), menu, edit)));
        self
    }

    /// What is declared of it: its path.
    pub fn target(&self) -> Target {
        Target::Menu(self.target.clone())
    }

    /// Puts `***` in the place of each secret that is sent, or that its row has.
    pub fn hide_secrets(&mut self) {
        let command = &self.command;
        hide(&mut self.arguments, |name| command.is_secret(name));
        if let Some(row) = &mut self.row
            && let Edit::Remove { before, .. } = &mut row.edit
        {
            hide(before, |name| is_secret_of(&row.menu, name));
        }
    }

    /// The value of an argument for people: a secret as `***`.
    pub fn shown(&self, name: &str, value: &[u8]) -> String {
        match self.command.is_secret(name) {
            true => MASK.to_owned(),
            false => self.router_text.read(value).into_owned(),
        }
    }

    /// The arguments for people.
    pub fn shown_arguments(&self) -> impl Iterator<Item = (&str, String)> {
        let arguments = self.arguments.iter();
        arguments.map(|(name, value)| (name, self.shown(name, value)))
    }
}

fn hide(fields: &mut Fields, is_secret: impl Fn(&str) -> bool) {
    let names = fields.iter().map(|(name, _)| name.to_owned());
    let secret: Vec<String> = names.filter(|name| is_secret(name)).collect();
    for name in secret {
        fields.set(name, MASK);
    }
}

/// What becomes of a command whose row was judged: one that is gone is no reason to pass over what was to
/// be done with it.
pub fn of_its_row(outcome: Outcome) -> Outcome {
    match outcome.status {
        Status::Skipped => outcome.with_status(Status::Conflict),
        _ => outcome,
    }
}
