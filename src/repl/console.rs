//! One session of lines: the variables, functions and values that lines leave for the next.

use std::io::{self, Write};
use std::rc::Rc;
use std::time::{Duration, Instant};

use rhai::{AST, ASTNode, Dynamic, Engine, Expr, Scope, Stmt};
use tokio_util::sync::CancellationToken;

use crate::failure::Failure;
use crate::terminal::question::{Answer, No, PATIENCE, Question};
use scripting::host::call::Host;
use scripting::host::docs::{self, Page};
use scripting::host::error::Kind;
use scripting::script::library::Library;
use scripting::script::names::Names;
use scripting::script::trace::{self, Class, Trace};
use scripting::script::{ScriptError, collision, engine};
use session::Session;
use site::config::ConfigError;
use site::grant::Grant;
use wording::duration;

use super::entry::Writing;
use super::known::Known;
use super::show::{self, Shown};
use super::sites::Sites;
use super::transcript::Transcript;
use super::{Surroundings, directive, syntax};

/// The width of results where there is no terminal.
const WIDTH: u16 = 100;

/// What lines leave for the next.
pub struct Console {
    pub(super) around: Surroundings,
    pub(super) sites: Sites,
    pub(super) session: Session,
    pub(super) known: Known,
    pub(super) pages: Vec<Page>,
    pub(super) scope: Scope<'static>,
    /// For looking at inputs, not for running them.
    pub(super) compiler: Engine,
    pub(super) transcript: Transcript,
    /// What lines change on this site, or are to change.
    pub(super) writing: Writing,
    /// Is there a terminal to ask on?
    pub(super) asks: bool,
    functions: AST,
    /// Imports that were made, as statements.
    imports: Vec<String>,
    /// The names in the functions of earlier lines.
    names: Names,
    /// How many values there were; the last is `value_<count>`.
    values: usize,
    lines: usize,
    /// The part of the last result that was not shown.
    rest: Option<Shown>,
    pub(super) width: u16,
    /// Stops the line that runs.
    pub(super) cancel: CancellationToken,
}

impl Console {
    /// A console on the site that was chosen.
    ///
    /// # Errors
    /// The site cannot be used.
    pub fn new(around: Surroundings) -> Result<Self, ConfigError> {
        let mut sites = Sites::of(around.sources.clone())?;
        let session = sites.open(None)?;
        Ok(Self {
            known: Known::new(&session, &around.runtime),
            pages: docs::pages_of(around.library.namespaces()),
            compiler: engine::compiler(&around.library),
            scope: Scope::new(),
            writing: Writing::default(),
            asks: false,
            functions: AST::empty(),
            imports: Vec::new(),
            names: Names::default(),
            values: 0,
            lines: 0,
            rest: None,
            width: WIDTH,
            cancel: CancellationToken::new(),
            transcript: Transcript::default(),
            sites,
            session,
            around,
        })
    }

    /// The site and the mode: read-only, or how long lines may change the site yet.
    pub fn prompt(&self) -> String {
        let site = &self.session.site().name;
        match self.armed_for() {
            // What is left of a second is still there.
            Some(left) => {
                let seconds = u64::try_from(left.as_millis().div_ceil(1_000)).unwrap_or(u64::MAX);
                let left = duration::text(Duration::from_secs(seconds));
                format!("{site} armed {left}> ")
            }
            None => format!("{site} read-only> "),
        }
    }

    /// How long lines may change the site yet, if they may.
    pub fn armed_for(&self) -> Option<Duration> {
        let arming = self.writing.arming.as_ref()?;
        Some(arming.left()).filter(|left| !left.is_zero())
    }

    /// The first line on a terminal.
    pub fn greet(&mut self) -> io::Result<()> {
        self.say(&format!(
            "tikbook {}, site {}. :help shows what there is, Ctrl-D leaves.",
            env!("CARGO_PKG_VERSION"),
            self.session.site().name
        ))
    }

    /// Results fit this many columns from now on.
    pub fn fit(&mut self, columns: Option<u16>) {
        self.width = columns.unwrap_or(WIDTH).max(20);
    }

    /// Does the input want another line?
    pub fn is_incomplete(&self, input: &str) -> bool {
        let is_directive = input.trim_start().starts_with(':');
        !is_directive && syntax::is_incomplete(&self.compiler, &self.named(input))
    }

    /// Does what a line says, until `cancel` stops it, and shows the result; false after `:quit`.
    ///
    /// # Errors
    /// Stdout cannot be written to.
    pub fn line(&mut self, line: &str, cancel: CancellationToken) -> io::Result<bool> {
        self.cancel = cancel;
        let trimmed = line.trim();
        if trimmed.is_empty() {
            return Ok(true);
        }
        let input = self.sites.secrets().masked_input(trimmed);
        self.transcript.input(&input);
        self.end_arming()?;
        let goes_on = self.obey(line)?;
        self.tell()?;
        self.end_arming()?;
        Ok(goes_on)
    }

    fn obey(&mut self, line: &str) -> io::Result<bool> {
        let trimmed = line.trim();
        if let Some(words) = trimmed.strip_prefix(':') {
            return directive::run(self, words);
        }
        let asked = trimmed.strip_suffix('?').filter(|name| is_name(name));
        match asked {
            Some(name) => self.explain(name)?,
            None => self.enter(line)?,
        }
        Ok(true)
    }

    /// Says so when the arming has ended.
    fn end_arming(&mut self) -> io::Result<()> {
        if self.writing.arming.is_none() || self.armed_for().is_some() {
            return Ok(());
        }
        self.writing.arming = None;
        self.say("the time of :arm is over: what is written is only planned again")
    }

    /// Evaluates an input and shows its value.
    pub(super) fn enter(&mut self, input: &str) -> io::Result<()> {
        match self.evaluate(input) {
            Ok(value) if value.is_unit() => Ok(()),
            Ok(value) => self.show(&value),
            Err(trace) => self.fail(trace),
        }
    }

    /// Shows what is to be said about changes that were made.
    fn tell(&mut self) -> io::Result<()> {
        let told = std::mem::take(&mut self.writing.told);
        told.iter().try_for_each(|line| self.say(line))
    }

    /// Asks the operator; what is no clear yes is a no.
    pub(super) fn ask(&mut self, question: &str) -> io::Result<bool> {
        let answer = Question {
            text: question,
            cancel: &self.cancel,
            limit: PATIENCE,
        }
        .ask(&mut io::stdout());
        let yes = answer == Answer::Yes;
        let word = if yes { "y" } else { "n" };
        self.transcript.output(&format!("{question} {word}"));
        match answer {
            Answer::No(no) if no != No::Said => self.say(&no.to_string())?,
            Answer::Yes | Answer::No(_) | Answer::Stopped => {}
        }
        Ok(yes)
    }

    /// The value of an input, kept as `_`. A connection that was lost is opened again, and the input
    /// evaluated once more if it changed nothing.
    pub(super) fn evaluate(&mut self, input: &str) -> Result<Dynamic, Trace> {
        let named = self.named(input);
        let variables = self.scope.len();
        let (mut outcome, changed) = self.attempt(&named);
        if let Err(trace) = &outcome
            && trace.class == Class::Host(Kind::Disconnected)
            && !changed
        {
            self.scope.rewind(variables);
            self.renew();
            tracing::warn!(target: "script", "a connection was lost; it is opened again");
            (outcome, _) = self.attempt(&named);
        }
        let value = match outcome {
            Ok(value) => value,
            Err(trace) => {
                self.scope.rewind(variables);
                return Err(trace);
            }
        };
        let name = (!value.is_unit()).then(|| self.keep(value.clone()));
        let entered = self.sites.secrets().masked_input(&named);
        self.transcript.entered(&entered, name.as_deref());
        Ok(value)
    }

    /// Ends what is still going on with the site.
    pub(super) fn leave(&self) {
        self.around.runtime.block_on(self.session.close());
    }

    /// Shows a value as tables and lines.
    pub(super) fn show(&mut self, value: &Dynamic) -> io::Result<()> {
        match show::value(value, self.width) {
            Ok(shown) => self.page(shown),
            Err(error) => self.say(&format!("error: {error}")),
        }
    }

    /// Shows the next part of the last result.
    pub(super) fn more(&mut self) -> io::Result<()> {
        match self.rest.take() {
            Some(rest) => self.page(rest),
            None => self.say("there is nothing more"),
        }
    }

    /// Shows the first part of a result and keeps the others for `:more`.
    pub(super) fn page(&mut self, mut shown: Shown) -> io::Result<()> {
        for line in shown.next_page() {
            self.say(&line)?;
        }
        if shown.left() > 0 {
            self.say(&format!("… {} more lines; :more shows them", shown.left()))?;
            self.rest = Some(shown);
        }
        Ok(())
    }

    /// Writes a line to stdout, and to the transcript.
    pub(super) fn say(&mut self, line: &str) -> io::Result<()> {
        let line = self.sites.secrets().masked(line);
        self.transcript.output(&line);
        writeln!(io::stdout(), "{line}")
    }

    /// Shows an error. What could not be reached, or kept somebody waiting, is connected to anew by
    /// the next line.
    pub(super) fn fail(&mut self, trace: Trace) -> io::Result<()> {
        let unreachable = matches!(trace.class, Class::Host(kind) if kind.is_unreachable());
        if unreachable || trace.class == Class::Interrupted {
            self.renew();
        }
        self.show_failure(&Failure::from(trace))
    }

    /// Shows a failure, or the help that was asked for.
    pub(super) fn show_failure(&mut self, failure: &Failure) -> io::Result<()> {
        let text = failure.render(self.around.color);
        self.say(text.trim_end())
    }

    /// Goes on with the site of this name; variables stay.
    pub(super) fn change_site(&mut self, name: &str) -> Result<(), ConfigError> {
        let opened = self.sites.open(Some(name))?;
        self.leave();
        self.session = opened;
        self.writing = Writing::default();
        self.known = Known::new(&self.session, &self.around.runtime);
        Ok(())
    }

    /// The scripts of the session.
    pub(super) fn library(&self) -> &Library {
        &self.around.library
    }

    /// The last value, if there is one.
    pub(super) fn last(&self) -> Option<Dynamic> {
        self.scope.get_value(&value_name(self.values))
    }

    /// The variables that lines made, in the order they came, each once.
    pub(super) fn variables(&self) -> Vec<(String, Dynamic)> {
        let mut variables: Vec<(String, Dynamic)> = Vec::new();
        for (name, _, value) in self.scope.iter() {
            if name.starts_with(VALUE) {
                continue;
            }
            variables.retain(|(known, _)| known != name);
            variables.push((name.to_owned(), value.flatten()));
        }
        variables
    }

    /// The documentation of a name.
    fn explain(&mut self, name: &str) -> io::Result<()> {
        let lines = show::documentation(&self.pages, name.trim());
        if lines.is_empty() {
            return self.say(&format!("nothing is known about `{}`", name.trim()));
        }
        lines.iter().try_for_each(|line| self.say(line))
    }

    /// Evaluates an input once; says as well whether it changed anything.
    fn attempt(&mut self, input: &str) -> (Result<Dynamic, Trace>, bool) {
        self.lines += 1;
        let name = format!("line {}", self.lines);
        let open = self.begin("repl", input, Grant::reading_all().writing_anything(), true);
        let outcome = self.evaluate_with(&name, input, open.host());
        let ended = self.end(open, outcome.is_ok());
        self.tell_changes(&ended);
        (outcome, ended.applies && !ended.done.is_empty())
    }

    fn evaluate_with(
        &mut self,
        name: &str,
        input: &str,
        host: &Rc<Host>,
    ) -> Result<Dynamic, Trace> {
        let library = self.around.library.clone();
        let script = library.from_text(name, input.to_owned());
        let mut engine = engine::runner(&library, host);
        // A write that fails is noticed with the next line of the session itself.
        let secrets = self.sites.secrets().clone();
        engine.on_print(move |text| drop(writeln!(io::stdout(), "{}", secrets.masked(text))));
        let ast = library
            .compile(&engine, &script)
            .map_err(|error| trace::of_parse(&library, &script.source, error))?;
        let fail = |error| trace::of(&library, &script.source, error);
        let merged = self.before(&engine).merge(&ast);
        // All lines together count as one file.
        let names = self.names.clone().with(Names::of(&ast));
        let files = collision::files(&library, &engine, names, &merged);
        let value = collision::refuse(&library, &engine, files)
            .and_then(|()| engine.eval_ast_with_scope::<Dynamic>(&mut self.scope, &merged))
            .map_err(|error| fail(ScriptError::Engine(error)))?;
        // No line leaves a read behind whose failure would come up later.
        host.settle()
            .map_err(|error| fail(ScriptError::Host(error)))?;
        let functions = ast.clone_functions_only();
        self.names = self.names.clone().with(Names::of(&functions));
        self.functions = self.functions.merge(&functions);
        self.imports.extend(imports(&ast));
        Ok(value.flatten())
    }

    /// The imports and functions of earlier lines.
    fn before(&self, engine: &Engine) -> AST {
        let imports = self.imports.join("\n");
        // They were compiled before, when their lines were entered.
        let imports = engine.compile(imports).unwrap_or_else(|_| AST::empty());
        imports.merge(&self.functions)
    }

    fn renew(&mut self) {
        self.session = self.session.renewed();
        self.known = Known::new(&self.session, &self.around.runtime);
    }

    fn keep(&mut self, value: Dynamic) -> String {
        self.values += 1;
        let name = value_name(self.values);
        self.scope.push_dynamic(name.as_str(), value);
        name
    }

    fn named(&self, input: &str) -> String {
        syntax::name_values(input, |back| {
            let number = self.values.checked_sub(back).filter(|number| *number > 0)?;
            Some(value_name(number))
        })
    }
}

/// What the names of values begin with.
const VALUE: &str = "value_";

fn value_name(number: usize) -> String {
    format!("{VALUE}{number}")
}

fn is_name(text: &str) -> bool {
    let plain = |c: char| c.is_alphanumeric() || "_:.".contains(c);
    !text.is_empty() && text.chars().all(plain)
}

/// The imports at the top of a script, as statements.
fn imports(ast: &AST) -> Vec<String> {
    let mut found = Vec::new();
    ast.walk(&mut |path| {
        if let [ASTNode::Stmt(Stmt::Import(import, _))] = path
            && let Expr::StringConstant(path, _) = &import.0
            && !import.1.name.is_empty()
        {
            let path = path.replace('\\', "\\\\").replace('"', "\\\"");
            found.push(format!("import \"{path}\" as {};", import.1.name));
        }
        true
    });
    found
}

/// How long `work` takes, with what it gives.
pub(super) fn timed<Done>(work: impl FnOnce() -> Done) -> (Done, std::time::Duration) {
    let began = Instant::now();
    let done = work();
    (done, began.elapsed())
}
