//! An engine's error in neutral words: what failed, where in which script, called from where.

use catalogue::Said;
use rhai::{AST, EvalAltResult, ParseError, Position};
use wording::excerpt::excerpt;

use crate::host::docs;
use crate::host::dynamic::shown;
use crate::host::error::{HostError, Kind, Origin};
use crate::host::words::said;
use wording::duration;
use wording::near::nearest;

use super::ScriptError;
use super::engine::Stopped;
use super::gone;
use super::header::{self, HeaderError};

use super::library::{Library, is_bundled};

/// Why a script failed, for people and programs; plain data.
#[derive(Clone, Debug)]
pub struct Trace {
    /// What kind of failure it is.
    pub class: Class,
    /// What was tried, on what; what a script threw, in the language of who reads it.
    pub message: Said,
    /// Why it failed, outermost cause first.
    pub causes: Vec<Said>,
    /// What to do next.
    pub hint: Option<Said>,
    /// The failing place first, then the places that led there; none where it was the operator who
    /// did not say yes, whatever the script was at.
    pub places: Vec<Place>,
    /// Was it the operator?
    pub declined: bool,
}

/// What a failure means for the exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// The script is wrong, or decided to fail.
    Script,
    /// The script declares what cannot be.
    Usage,
    /// A primitive failed.
    Host(Kind),
    /// The operator stopped it.
    Interrupted,
    /// It ran into a limit.
    Limit,
}

/// A place in a script with the script's text.
#[derive(Clone, Debug)]
pub struct Place {
    /// The script.
    pub source: String,
    /// The line, from 1.
    pub line: usize,
    /// The character in the line, from 1.
    pub column: usize,
    /// The script's text, if it is known.
    pub text: Option<String>,
    /// Is it a script of the bundled set, which whoever runs it has not written?
    pub is_bundled: bool,
}

impl Trace {
    /// The failure in one paragraph: what, why, and what to do next.
    pub fn summary(&self) -> String {
        let mut text = self.message.to_string();
        for cause in &self.causes {
            text.push_str(": ");
            text.push_str(&cause.to_string());
        }
        if let Some(hint) = &self.hint {
            text.push_str(&format!(" ({hint})"));
        }
        text
    }
}

/// Describes how a run of the script `main` failed.
pub fn of(library: &Library, main: &str, error: ScriptError) -> Trace {
    let mut trace = match error {
        ScriptError::Host(error) => of_host(library, main, error, Vec::new()),
        ScriptError::Engine(error) => of_engine(library, main, *error),
    };
    trace.message = clipped(trace.message);
    trace.causes = trace.causes.into_iter().map(clipped).collect();
    trace
}

/// What is told of a text that a script threw, or that it called something with: it may be of any size.
fn clipped(said: Said) -> Said {
    match said {
        Said::Plain(text) => excerpt(&text).into_owned().into(),
        other => other,
    }
}

/// Describes why a script does not compile.
pub fn of_parse(library: &Library, source: &str, error: ParseError) -> Trace {
    let place = place(library, source, error.1);
    Trace {
        class: Class::Script,
        message: format!("the script does not compile: {}", error.0).into(),
        causes: Vec::new(),
        hint: None,
        places: place.into_iter().collect(),
        declined: false,
    }
}

/// Describes what is wrong with the header of a script.
pub fn of_header(library: &Library, source: &str, ast: &AST, error: HeaderError) -> Trace {
    Trace {
        class: match error.names_nothing {
            true => Class::Usage,
            false => Class::Script,
        },
        message: error.problem.into(),
        causes: Vec::new(),
        hint: Some(error.hint.into()),
        places: place(library, source, header::position(ast))
            .into_iter()
            .collect(),
        declined: false,
    }
}

fn of_engine(library: &Library, main: &str, error: EvalAltResult) -> Trace {
    let mut source = main.to_owned();
    let mut callers = Vec::new();
    let mut error = error;
    loop {
        error = match error {
            EvalAltResult::ErrorInFunctionCall(_, inside, inner, position) => {
                callers.extend(place(library, &source, position));
                if !inside.is_empty() {
                    source = inside;
                }
                *inner
            }
            EvalAltResult::ErrorInModule(module, inner, position) => {
                callers.extend(place(library, &source, position));
                source = module;
                *inner
            }
            innermost => {
                callers.reverse();
                return innermost_trace(library, &source, innermost, callers);
            }
        };
    }
}

fn innermost_trace(
    library: &Library,
    source: &str,
    mut error: EvalAltResult,
    callers: Vec<Place>,
) -> Trace {
    if let EvalAltResult::ErrorRuntime(value, position) = &error
        && let Some(mut error) = value.clone().try_cast::<HostError>()
    {
        error.origin.get_or_insert(Origin {
            source: source.to_owned(),
            position: *position,
        });
        return of_host(library, source, error, callers);
    }
    let position = error.take_position();
    let mut places: Vec<Place> = place(library, source, position).into_iter().collect();
    places.extend(callers);
    let mut trace = Trace {
        class: Class::Script,
        message: Said::default(),
        causes: Vec::new(),
        hint: None,
        places,
        declined: false,
    };
    match error {
        EvalAltResult::ErrorTerminated(reason, _) => stopped(&mut trace, reason.try_cast()),
        EvalAltResult::ErrorRuntime(value, _) if value.is::<Stopped>() => {
            stopped(&mut trace, value.try_cast());
        }
        EvalAltResult::ErrorRuntime(value, _) if value.is_unit() => {
            trace.message = "the script ended with an error".into();
        }
        EvalAltResult::ErrorRuntime(value, _) => {
            trace.message = said(&value).unwrap_or_else(|| shown(&value).into());
        }
        EvalAltResult::ErrorParsing(problem, _) => {
            trace.message = format!("the script does not compile: {problem}").into();
        }
        EvalAltResult::ErrorFunctionNotFound(call, _) => {
            trace.message = format!("there is no function `{}`", called(&call)).into();
            trace.hint = suggestion(library, &call).map(Said::from);
        }
        EvalAltResult::ErrorModuleNotFound(name, _) if !is_import(trace.places.first()) => {
            trace.message = format!("there is no namespace `{name}`").into();
            trace.hint = suggestion(library, &format!("{name}::")).map(Said::from);
        }
        EvalAltResult::ErrorModuleNotFound(path, _) => {
            trace.message = format!("cannot import `{path}`").into();
            trace.hint = Some(
                "imports name a file of the search path, such as \"lib/common/lists\"; they cannot leave \
                 it and cannot go in a circle"
                    .into(),
            );
        }
        EvalAltResult::ErrorStackOverflow(_) => stopped(&mut trace, Some(Stopped::Depth)),
        other => trace.message = lower_first(&other.to_string()).into(),
    }
    trace
}

fn of_host(library: &Library, source: &str, error: HostError, callers: Vec<Place>) -> Trace {
    let origin = error.origin.unwrap_or_else(|| Origin {
        source: source.to_owned(),
        position: Position::NONE,
    });
    let source = if origin.source.is_empty() {
        source
    } else {
        &origin.source
    };
    let mut places: Vec<Place> = place(library, source, origin.position)
        .into_iter()
        .collect();
    places.extend(callers);
    Trace {
        class: match error.kind {
            Kind::Interrupted => Class::Interrupted,
            kind => Class::Host(kind),
        },
        message: error.message,
        causes: error.causes,
        hint: error.hint,
        places: match error.declined {
            true => Vec::new(),
            false => places,
        },
        declined: error.declined,
    }
}

fn stopped(trace: &mut Trace, reason: Option<Stopped>) {
    trace.class = Class::Limit;
    match reason {
        None | Some(Stopped::Interrupted) => {
            trace.class = Class::Interrupted;
            trace.message = "the script was stopped".into();
        }
        Some(Stopped::Time(limit)) => {
            let limit = duration::text(limit);
            trace.message = format!("the script ran for more than {limit}").into();
            trace.hint = Some(
                "does a loop never end? script_timeout in tikbook.toml allows more time".into(),
            );
        }
        Some(Stopped::Depth) => {
            trace.message = "the script's functions call each other too deeply".into();
        }
        Some(Stopped::Text(bytes)) => {
            trace.message = format!(
                "a text of {} MiB is more than a script may have",
                bytes >> 20
            )
            .into();
            trace.hint = Some("work on smaller pieces".into());
        }
        Some(Stopped::Memory(bytes)) => {
            trace.message = format!("the script holds {} MiB of memory", bytes >> 20).into();
            trace.hint =
                Some("read fewer fields, or filter on the server instead of in the script".into());
        }
    }
}

fn place(library: &Library, source: &str, position: Position) -> Option<Place> {
    Some(Place {
        source: source.to_owned(),
        line: position.line()?,
        column: position.position().unwrap_or(1),
        text: library.source_text(source),
        is_bundled: is_bundled(source),
    })
}

/// The engine has one error for an import that is not found and for a namespace that is not there;
/// it points to what follows the word `import`.
fn is_import(place: Option<&Place>) -> bool {
    place.is_some_and(|place| {
        let text = place.text.as_deref().unwrap_or_default();
        let line = text.lines().nth(place.line - 1).unwrap_or_default();
        let before: String = line.chars().take(place.column - 1).collect();
        before.trim_end().ends_with("import")
    })
}

/// The calls that exist under a similar name, or under this name with other arguments.
/// A call as the engine writes it, `name (&str | ImmutableString | String, i64)`, with the types as scripts
/// know them: `name(string, int)`.
fn called(call: &str) -> String {
    let Some((name, arguments)) = call.split_once(" (") else {
        return call.to_owned();
    };
    let arguments = arguments.strip_suffix(')').unwrap_or(arguments).split(", ");
    let known = |argument: &str| {
        let first = argument.split(" | ").next().unwrap_or_default();
        docs::script_type(first.rsplit("::").next().unwrap_or_default())
    };
    let types: Vec<String> = arguments.map(known).collect();
    format!("{}({})", name.trim_end(), types.join(", "))
}

fn suggestion(library: &Library, call: &str) -> Option<String> {
    let name = call.split(" (").next()?.trim();
    if let Some(instead) = gone::instead_of(name) {
        return Some(instead.to_owned());
    }
    let (namespace, function) = match name.rsplit_once("::") {
        Some((namespace, function)) => (Some(namespace), function),
        None => (None, name),
    };
    let pages = docs::pages_of(library.namespaces());
    if let Some(namespace) = namespace
        && !pages.iter().any(|page| page.name == namespace)
    {
        let known: Vec<&str> = pages.iter().map(|page| page.name.as_str()).collect();
        return Some(format!("namespaces are {}", known.join(", ")));
    }
    let primitives: Vec<&docs::Primitive> = pages
        .iter()
        .filter(|page| namespace.is_none_or(|namespace| page.name == namespace))
        .flat_map(|page| &page.primitives)
        .collect();
    let same: Vec<String> = primitives
        .iter()
        .filter(|primitive| primitive.name == function)
        .map(|primitive| format!("{} {}", primitive.call, primitive.signature))
        .collect();
    if !same.is_empty() {
        return Some(format!("it exists as {}", same.join(" and ")));
    }
    let names = primitives.iter().map(|primitive| primitive.name.as_str());
    let near = nearest(function, names)?;
    primitives
        .iter()
        .find(|primitive| primitive.name == near)
        .map(|primitive| format!("did you mean {}?", primitive.call))
}

fn lower_first(text: &str) -> String {
    let mut characters = text.chars();
    match characters.next() {
        Some(first) => first.to_lowercase().chain(characters).collect(),
        None => String::new(),
    }
}
