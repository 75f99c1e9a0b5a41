//! A runbook's first comment and its literal header: title, what it may touch, its parameters.

use rhai::{AST, ASTNode, Array, Dynamic, Map, Position, Stmt};

use catalogue::Said;
use planning::STAGES;
use site::config::Service;
use site::grant::{Target, TargetError};

use super::library::Library;

/// What a runbook says of itself, read without running it.
#[derive(Clone, Debug)]
pub struct Header {
    /// The first paragraph of its `//!` comment.
    pub title: Said,
    /// What follows it.
    pub text: Said,
    /// The services it reads.
    pub reads: Vec<Service>,
    /// What it may change: `mikrotik:/menu`, `db:table`, `redis:pattern`.
    pub writes: Vec<Target>,
    /// How many stages it makes without a question between them: its changes, and those that its
    /// `after` plans.
    pub stages: usize,
    /// Its parameters, in alphabetical order.
    pub parameters: Vec<Parameter>,
}

/// A parameter of a runbook: `--limit 50`.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// Its name; `_` is written `-` on the command line.
    pub name: String,
    /// What values it takes.
    pub kind: Kind,
    /// Its value when it is not given; without one it must be given, if its type is not one that
    /// may be absent.
    pub default: Option<Dynamic>,
    /// The smallest number it takes.
    pub min: Option<Dynamic>,
    /// The largest number it takes.
    pub max: Option<Dynamic>,
    /// What it is for.
    pub help: Said,
}

impl Parameter {
    /// How it is written on a command line: `--dry-run`.
    pub fn flag(&self) -> String {
        format!("--{}", self.name.replace('_', "-"))
    }

    /// Must it be given?
    pub fn is_required(&self) -> bool {
        self.default.is_none() && !matches!(self.kind, Kind::Bool | Kind::List | Kind::File)
    }
}

/// The type of a parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A whole number.
    Int,
    /// A number.
    Float,
    /// Any text.
    String,
    /// Given or not given.
    Bool,
    /// One of these words.
    Choice(Vec<String>),
    /// Texts, separated by commas, or given several times.
    List,
    /// A phone number; the script gets the local number, `08…`.
    Phone,
    /// An IP address.
    Ip,
    /// A MAC address; the script gets it as `0A:1B:…`.
    Mac,
    /// A length of time such as `30m` or `2d`; the script gets seconds.
    Duration,
    /// A file, or several by giving it several times; the script gets their lines.
    File,
}

impl Kind {
    /// How a value is called in help; a switch has none.
    pub fn value_name(&self) -> Option<&'static str> {
        match self {
            Self::Bool => None,
            Self::Int => Some("INT"),
            Self::Float => Some("NUMBER"),
            Self::String => Some("TEXT"),
            Self::List => Some("TEXT,…"),
            Self::Choice(_) => Some("WORD"),
            Self::Phone => Some("PHONE"),
            Self::Ip => Some("ADDRESS"),
            Self::Mac => Some("MAC"),
            Self::Duration => Some("TIME"),
            Self::File => Some("FILE"),
        }
    }
}

/// The header is missing or wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{problem}")]
pub struct HeaderError {
    /// What is wrong with it.
    pub problem: String,
    /// How to put it right.
    pub hint: String,
    /// It declares to write what cannot be there.
    pub names_nothing: bool,
}

/// What the key of a message begins with that says what a parameter is for.
const HELP: &str = "param-";

/// The types of parameters, by their words.
const TYPES: [(&str, Kind); 11] = [
    ("int", Kind::Int),
    ("float", Kind::Float),
    ("string", Kind::String),
    ("bool", Kind::Bool),
    ("choice", Kind::Choice(Vec::new())),
    ("list", Kind::List),
    ("phone", Kind::Phone),
    ("ip", Kind::Ip),
    ("mac", Kind::Mac),
    ("duration", Kind::Duration),
    ("file", Kind::File),
];

/// Reads the header of a compiled script. What is written can be of a service that `library` has a namespace of
/// its own for.
///
/// # Errors
/// There is no `const RUNBOOK`, or it is not of the form that `scripts/README.md` describes.
pub fn read(ast: &AST, library: &Library) -> Result<Header, HeaderError> {
    let fields = ast
        .iter_literal_variables(true, false)
        .find(|(name, ..)| *name == "RUNBOOK")
        .ok_or_else(missing)?
        .2
        .try_cast::<Map>()
        .ok_or_else(missing)?;
    only_known(
        &fields,
        "the header",
        &["reads", "writes", "params", "stages"],
    )?;
    let (title, text) = comment(ast.doc());
    let (title, text) = (about(title, library), about(text, library));
    Ok(Header {
        title,
        text,
        reads: reads(&fields)?,
        writes: writes(&fields, library)?,
        stages: stages(&fields)?,
        parameters: parameters(&fields, library)?,
    })
}

/// Where the header stands; where there is none, where the script begins.
pub fn position(ast: &AST) -> Position {
    let mut position = Position::new(1, 1);
    ast.walk(&mut |path| {
        if let Some(ASTNode::Stmt(Stmt::Var(variable, _, at))) = path.last()
            && variable.0.name == "RUNBOOK"
        {
            position = *at;
        }
        true
    });
    position
}

/// Has the script a `run(args)`?
pub fn is_runbook(ast: &AST) -> bool {
    ast.iter_functions()
        .any(|function| function.name == "run" && function.params.len() == 1)
}

fn missing() -> HeaderError {
    HeaderError {
        problem: "the script has no header".to_owned(),
        hint: "a runbook says what it reads: const RUNBOOK = #{ reads: [\"db\", \"mikrotik\"], \
               writes: [], params: #{} };"
            .to_owned(),
        names_nothing: false,
    }
}

fn wrong(problem: String, hint: impl Into<String>) -> HeaderError {
    HeaderError {
        problem,
        hint: hint.into(),
        names_nothing: false,
    }
}

fn only_known(map: &Map, owner: &str, known: &[&str]) -> Result<(), HeaderError> {
    match map.keys().find(|name| !known.contains(&name.as_str())) {
        None => Ok(()),
        Some(name) => Err(wrong(
            format!("{owner} has an unknown field `{name}`"),
            format!("its fields are {}", known.join(", ")),
        )),
    }
}

/// How the keys of messages about runbooks begin.
pub const ABOUT: &str = "about-";

/// What a comment says: the message `about-…` of a catalogue whose English is this comment, else the comment itself.
/// So a runbook of one's own in the place of a bundled one is never told of by the other's words.
fn about(comment: String, library: &Library) -> Said {
    let words = |text: &str| {
        text.split_whitespace()
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let wanted = words(&comment);
    // That a file is no catalogue is said where something is to be said of it, and by `check`.
    let Some(catalogues) = library.catalogues().ok().filter(|_| !wanted.is_empty()) else {
        return comment.into();
    };
    let keys = catalogues.keys();
    let keys = keys.range(ABOUT..).take_while(|key| key.starts_with(ABOUT));
    let messages = keys.filter_map(|key| catalogues.message(key, Vec::new()).ok());
    let found = messages
        .map(Said::from)
        .find(|message| words(&message.to_string()) == wanted);
    found.unwrap_or_else(|| comment.into())
}

/// The first paragraph of the comment as one line, and what follows it.
fn comment(doc: &str) -> (String, String) {
    let lines: Vec<&str> = doc
        .lines()
        .map(|line| {
            let line = line.trim_start().trim_start_matches("//!");
            line.strip_prefix(' ').unwrap_or(line).trim_end()
        })
        .collect();
    let end = lines.iter().position(|line| line.is_empty());
    let (title, text) = lines.split_at(end.unwrap_or(lines.len()));
    (title.join(" "), text.join("\n").trim().to_owned())
}

fn texts(fields: &Map, name: &str) -> Result<Vec<String>, HeaderError> {
    let Some(value) = fields.get(name) else {
        return Ok(Vec::new());
    };
    value
        .clone()
        .try_cast::<Array>()
        .and_then(|values| {
            values
                .into_iter()
                .map(|value| value.into_string().ok())
                .collect()
        })
        .ok_or_else(|| {
            wrong(
                format!("`{name}` in the header is not a list of texts"),
                format!("write {name}: [\"…\"] or {name}: []"),
            )
        })
}

fn reads(fields: &Map) -> Result<Vec<Service>, HeaderError> {
    texts(fields, "reads")?
        .iter()
        .map(|word| {
            Service::from_word(word).ok_or_else(|| {
                let known = Service::ALL.map(Service::as_str).join(", ");
                wrong(
                    format!("`reads` in the header names an unknown service `{word}`"),
                    format!("services are {known}"),
                )
            })
        })
        .collect()
}

fn writes(fields: &Map, library: &Library) -> Result<Vec<Target>, HeaderError> {
    let is_known = |target: &Target| match target {
        Target::Own { service, .. } => library.has_own(service),
        Target::Table(_) | Target::Key(_) | Target::Menu(_) => true,
    };
    let target = |word: &String| {
        let target = Target::parse(word);
        let target = target.and_then(|target| match is_known(&target) {
            true => Ok(target),
            false => Err(TargetError::Form),
        });
        target.map_err(|error| HeaderError {
            names_nothing: true,
            ..wrong(
                format!("`writes` in the header names `{word}`: {error}"),
                "write \"mikrotik:/ip/firewall/address-list\", \"redis:key\" or \"db:table\"",
            )
        })
    };
    texts(fields, "writes")?.iter().map(target).collect()
}

fn stages(fields: &Map) -> Result<usize, HeaderError> {
    let Some(value) = fields.get("stages") else {
        return Ok(1);
    };
    let number = value
        .as_int()
        .ok()
        .and_then(|number| number.try_into().ok());
    let number = number.filter(|number| (1..=STAGES).contains(number));
    number.ok_or_else(|| {
        wrong(
            format!("`stages` in the header is not a number from 1 to {STAGES}"),
            "write stages: 2 where after(args, done, report) plans what comes next",
        )
    })
}

fn parameters(fields: &Map, library: &Library) -> Result<Vec<Parameter>, HeaderError> {
    let Some(value) = fields.get("params") else {
        return Ok(Vec::new());
    };
    let map = value.clone().try_cast::<Map>().ok_or_else(|| {
        wrong(
            "`params` in the header is not a map".to_owned(),
            "write params: #{ limit: #{ type: \"int\", \"default\": 50, help: \"…\" } }",
        )
    })?;
    map.into_iter()
        .map(|(name, value)| parameter(&name, value, library))
        .collect()
}

fn parameter(name: &str, value: Dynamic, library: &Library) -> Result<Parameter, HeaderError> {
    let owner = format!("the parameter `{name}`");
    let fields = value.try_cast::<Map>().ok_or_else(|| {
        wrong(
            format!("{owner} is not a map"),
            format!("write {name}: #{{ type: \"int\", help: \"…\" }}"),
        )
    })?;
    only_known(
        &fields,
        &owner,
        &["type", "default", "min", "max", "choices", "help"],
    )?;
    let parameter = Parameter {
        name: name.to_owned(),
        default: fields.get("default").cloned(),
        min: fields.get("min").cloned(),
        max: fields.get("max").cloned(),
        help: help(text(&fields, "help").unwrap_or_default(), library)?,
        kind: kind(&fields, &owner)?,
    };
    check_default(&parameter, &owner)?;
    Ok(parameter)
}

/// What a text for help says: a message where it is the key of one, such as `param-limit`, else itself.
fn help(text: String, library: &Library) -> Result<Said, HeaderError> {
    if !text.starts_with(HELP) {
        return Ok(text.into());
    }
    // That a file is no catalogue is said where something is to be said of it, and by `check`.
    let Ok(catalogues) = library.catalogues() else {
        return Ok(text.into());
    };
    match catalogues.message(&text, Vec::new()) {
        Ok(message) => Ok(message.into()),
        Err(error) => Err(wrong(
            error.to_string(),
            "write its text, which has no placeholders, in catalogue/en.ftl beside the scripts",
        )),
    }
}

fn kind(fields: &Map, owner: &str) -> Result<Kind, HeaderError> {
    let word = text(fields, "type").unwrap_or_default();
    let known = TYPES.into_iter().find(|(known, _)| *known == word);
    match known.map(|(_, kind)| kind) {
        None => Err(wrong(
            format!("{owner} has no known type"),
            format!("types are {}", TYPES.map(|(word, _)| word).join(", ")),
        )),
        Some(Kind::Choice(_)) => match texts(fields, "choices")? {
            words if words.is_empty() => Err(wrong(
                format!("{owner} is a choice without choices"),
                "write choices: [\"…\"]",
            )),
            words => Ok(Kind::Choice(words)),
        },
        Some(kind) => Ok(kind),
    }
}

fn text(fields: &Map, name: &str) -> Option<String> {
    fields.get(name)?.clone().into_string().ok()
}

fn check_default(parameter: &Parameter, owner: &str) -> Result<(), HeaderError> {
    let Some(default) = &parameter.default else {
        return Ok(());
    };
    let fits = match &parameter.kind {
        Kind::Int => default.is_int(),
        Kind::Float => default.is_float() || default.is_int(),
        Kind::String | Kind::Phone | Kind::Ip | Kind::Mac => default.is_string(),
        Kind::Bool => default.is_bool(),
        Kind::Choice(words) => words.contains(&default.to_string()),
        Kind::List => default.is_array(),
        Kind::Duration => default.is_int() || default.is_string(),
        // A script reads the files that the operator names, and no others.
        Kind::File => {
            return Err(wrong(
                format!("{owner} is a file with a default"),
                "leave the default out: without a file the script gets no lines",
            ));
        }
    };
    match fits {
        true => Ok(()),
        false => Err(wrong(
            format!("{owner} has a default that is not of its type"),
            "give a default of the declared type, or none",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(text: &str) -> Result<Header, HeaderError> {
        read(
            &rhai::Engine::new().compile(text).unwrap(),
            &Library::without_folders(),
        )
    }

    #[test]
    fn title_services_and_parameters_are_read_without_running() {
        let header = header(
            "//! Audits.\n//!\n//! More.\nconst RUNBOOK = #{ reads: [\"db\"], params: #{ limit: \
             #{ type: \"int\", \"default\": 5, min: 0, help: \"most\" } } };\nthrow 1;",
        )
        .unwrap();
        assert_eq!(header.title.to_string(), "Audits.");
        assert_eq!(header.text.to_string(), "More.");
        assert_eq!(header.reads, [Service::Db]);
        assert_eq!(header.parameters[0].kind, Kind::Int);
        assert_eq!(
            header.parameters[0].default.as_ref().unwrap().as_int(),
            Ok(5)
        );
    }

    #[test]
    fn a_wrong_header_says_what_is_wrong() {
        for (text, problem) in [
            ("let x = 1;", "the script has no header"),
            ("const RUNBOOK = #{ read: [] };", "unknown field `read`"),
            (
                "const RUNBOOK = #{ reads: [\"ssh\"] };",
                "unknown service `ssh`",
            ),
            ("const RUNBOOK = #{ reads: \"db\" };", "not a list of texts"),
            (
                "const RUNBOOK = #{ params: #{ x: #{ type: \"in\" } } };",
                "no known type",
            ),
            (
                "const RUNBOOK = #{ params: #{ x: #{ type: \"int\", \"default\": \"a\" } } };",
                "default that is not of its type",
            ),
        ] {
            let error = header(text).unwrap_err();
            assert!(error.problem.contains(problem), "{text}: {}", error.problem);
        }
    }
}
