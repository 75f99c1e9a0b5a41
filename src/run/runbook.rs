//! A runbook before it runs: its text, what its header declares, and what a command line gives it.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;

use rhai::{Dynamic, Map};

use crate::cli::{self, Global, RunbookArgs, RunbookParameter, Writing};
use crate::failure::{Code, Failure};
use catalogue::{Language, Said};
use journal::plan_file::MadeBy;
use journal::run::sha256;
use scripting::script;
use scripting::script::header::{self, Header, Kind, Parameter};
use scripting::script::library::{Library, Script};
use scripting::script::{arguments, engine, trace};
use sentences::{
    ParameterDefault, ParameterFrom, ParameterSeveral, ParameterTo, RunSecondStage, UsageNoRun,
    UsageNoRunHint, UsageReservedName, UsageReservedNameHint,
};

/// The largest file whose contents a plan is held to.
const LARGEST: u64 = 64 << 20;

/// A runbook that was found and understood.
pub struct Runbook {
    /// Its text, and where it is from.
    pub script: Script,
    /// What it declares.
    pub header: Header,
}

impl Runbook {
    /// The runbook of this name or path.
    ///
    /// # Errors
    /// There is none, or as [`Runbook::of`].
    pub fn find(library: &Library, name: &str) -> Result<Self, Failure> {
        Self::of(library, library.find(name)?)
    }

    /// The runbook that a script is.
    ///
    /// # Errors
    /// It does not compile, its header is missing or wrong, or it has no `run(args)`.
    pub fn of(library: &Library, script: Script) -> Result<Self, Failure> {
        let ast = library
            .compile(&engine::compiler(library), &script)
            .map_err(|error| trace::of_parse(library, &script.source, error))?;
        let header = header::read(&ast, library)
            .map_err(|error| trace::of_header(library, &script.source, &ast, error))?;
        let mut functions = ast.iter_functions();
        if functions.any(|function| function.name == "run" && function.params.len() == 1) {
            return Ok(Self { script, header });
        }
        Err(Failure::new(
            Code::Failed,
            "header",
            UsageNoRun {
                script: &script.source,
            },
        )
        .hint(UsageNoRunHint))
    }

    /// What `words` behind the runbook mean on the command line, over the flags before it. `typed` is how
    /// it was asked for, such as `run audit`; help is in `language`.
    ///
    /// # Errors
    /// A word that it does not take, or `--help`.
    pub fn parse(
        &self,
        typed: &str,
        flags: (&Global, &Writing),
        words: &[OsString],
        language: Language,
    ) -> Result<RunbookArgs, Failure> {
        let parameters = self.parameters(language)?;
        let parsed = cli::parse_runbook(typed, &self.about(language), &parameters, flags, words)?;
        Ok(parsed)
    }

    /// The texts that `words` give to its parameters where there are no other flags; help is in `language`.
    ///
    /// # Errors
    /// A word that it does not take, or `--help`.
    pub fn parse_parameters(
        &self,
        words: &[String],
        language: Language,
    ) -> Result<Vec<cli::Given>, Failure> {
        let (name, parameters) = (&self.script.name, self.parameters(language)?);
        let given = cli::parse_parameters(name, &self.about(language), &parameters, words)?;
        Ok(given)
    }

    /// What `run(args)` gets.
    ///
    /// # Errors
    /// A text is not of its parameter's kind, or out of bounds.
    pub fn arguments(&self, given: &[cli::Given]) -> Result<Map, Failure> {
        Ok(arguments::values(&self.header.parameters, given)?)
    }

    /// With what it makes a plan, `given` these texts; nothing where it could not be known again.
    pub fn made_by(&self, library: &Library, given: &[cli::Given]) -> Option<MadeBy> {
        // A file is found by its path from everywhere, a bundled runbook by its name.
        let path = std::path::absolute(&self.script.source).ok()?;
        let script = match path.is_file() {
            true => path.to_str()?.to_owned(),
            false => self.script.name.clone(),
        };
        Some(MadeBy {
            script,
            arguments: given.to_vec(),
            program_sha256: script::program_sha256(library, &self.script)?,
            files: self.files(given)?,
        })
    }

    /// The runbook that made a plan with its arguments, if all of it is here as it was.
    pub fn as_made(library: &Library, made_by: &MadeBy) -> Option<(Self, Map)> {
        let runbook = Self::find(library, &made_by.script).ok()?;
        let is_same = runbook.made_by(library, &made_by.arguments).as_ref() == Some(made_by);
        let args = runbook.arguments(&made_by.arguments).ok()?;
        is_same.then_some((runbook, args))
    }

    /// What a dry run says of it: its header says that its `after` plans more once its changes were made. One that
    /// only looks again has no further stage.
    pub fn more_to_come(&self, library: &Library) -> Option<Said> {
        let plans_more = self.header.stages > 1 && script::has_after(library, &self.script);
        plans_more.then(|| RunSecondStage.into())
    }

    /// The files that are given to it, with their SHA-256.
    fn files(&self, given: &[cli::Given]) -> Option<BTreeMap<PathBuf, String>> {
        let is_file = |name: &str| {
            let mut parameters = self.header.parameters.iter();
            parameters.any(|known| known.name == name && known.kind == Kind::File)
        };
        let files = given.iter().filter(|(name, _)| is_file(name));
        let paths = files.flat_map(|(_, paths)| paths).map(PathBuf::from);
        let hashed = |path: PathBuf| {
            // What is no file would be waited for, and one this large is read in part.
            let about = std::fs::metadata(&path).ok()?;
            let is_whole = about.is_file() && about.len() <= LARGEST;
            let bytes = is_whole.then(|| std::fs::read(&path).ok())??;
            Some((path, sha256(&bytes)))
        };
        paths.map(hashed).collect()
    }

    fn about(&self, language: Language) -> String {
        let Header { title, text, .. } = &self.header;
        let (title, text) = (title.in_language(language), text.in_language(language));
        match text.is_empty() {
            true => title.into_owned(),
            false => format!("{title}\n\n{text}"),
        }
    }

    fn parameters(&self, language: Language) -> Result<Vec<RunbookParameter>, Failure> {
        let parameters = self.header.parameters.iter();
        parameters
            .map(|parameter| declaration(parameter, language))
            .collect()
    }
}

fn declaration(parameter: &Parameter, language: Language) -> Result<RunbookParameter, Failure> {
    if cli::is_reserved(&parameter.name) {
        return Err(Failure::new(
            Code::Failed,
            "header",
            UsageReservedName {
                name: &parameter.name,
            },
        )
        .hint(UsageReservedNameHint));
    }
    Ok(RunbookParameter {
        name: parameter.name.clone(),
        help: help(parameter, language),
        value_name: parameter.kind.value_name().map(str::to_owned),
        choices: match &parameter.kind {
            Kind::Choice(words) => words.clone(),
            _ => Vec::new(),
        },
        required: parameter.is_required(),
        several: matches!(parameter.kind, Kind::List | Kind::File),
    })
}

/// What it is for, with the values that it takes.
fn help(parameter: &Parameter, language: Language) -> String {
    let default = parameter
        .default
        .as_ref()
        .filter(|_| parameter.kind != Kind::Bool);
    let bound = |bound: &Dynamic| bound.to_string();
    let notes: [Option<Said>; 4] = [
        parameter
            .min
            .as_ref()
            .map(|min| ParameterFrom { least: bound(min) }.into()),
        parameter
            .max
            .as_ref()
            .map(|max| ParameterTo { most: bound(max) }.into()),
        default.map(|default| {
            ParameterDefault {
                value: bound(default),
            }
            .into()
        }),
        (parameter.kind == Kind::File).then(|| ParameterSeveral.into()),
    ];
    let notes = notes.iter().flatten();
    let notes: Vec<_> = notes.map(|note| note.in_language(language)).collect();
    let help = parameter.help.in_language(language);
    match notes.is_empty() {
        true => help.into_owned(),
        false => format!("{help} [{}]", notes.join(", ")),
    }
}
