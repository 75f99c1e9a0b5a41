//! What of a script's messages can be known without running it: their keys, and what it gives for their
//! placeholders.

use std::collections::BTreeSet;
use std::rc::Rc;

use catalogue::{Catalogues, Said};
use rhai::{
    AST, ASTNode, Array, Dynamic, Engine, Expr, FnCallExpr, ImmutableString, Map, Position,
};

use crate::host::report::FINDING;
use site::kind::causes;
use wording::near::nearest;

use super::header::ABOUT;
use super::library::{Library, LibraryError, is_bundled};
use super::trace::{Class, Place, Trace};

/// What is wrong with the messages that a call asks for: what, and what to do.
pub struct Wrong {
    /// Where.
    pub position: Position,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub hint: Option<String>,
}

/// What is wrong with a call of `say`. Of a key that is not written down nothing is known.
pub fn said(catalogues: &Catalogues, call: &FnCallExpr) -> Option<Wrong> {
    let Some(Expr::StringConstant(key, position)) = call.args.first() else {
        return None;
    };
    let given = match call.args.get(1) {
        None => Some(BTreeSet::new()),
        Some(values) => names(values),
    };
    wrong(catalogues, &[key.to_string()], given, *position)
}

/// What is wrong with the title and the advice of findings, which are messages where they are not given.
pub fn found(catalogues: &Catalogues, call: &FnCallExpr) -> Option<Wrong> {
    let shared = Literal::of(call.args.first()?)?;
    let kind = shared.text("kind").or_else(|| {
        let id = shared.text("id")?;
        id.split_once(':').map(|(kind, _)| kind.to_owned())
    })?;
    let keys = [("title", ""), ("advice", ".advice")];
    // What a check says already has its advice.
    let has = |name: &str| shared.has(name) || name == "advice" && shared.has("check");
    let keys = keys.iter().filter(|(name, _)| !has(name));
    let keys: Vec<String> = keys
        .map(|(_, end)| format!("{FINDING}{kind}{end}"))
        .collect();
    if keys.is_empty() {
        return None;
    }
    wrong(
        catalogues,
        &keys,
        shared.names_of("values"),
        call_position(call),
    )
}

fn call_position(call: &FnCallExpr) -> Position {
    call.args
        .first()
        .map_or(Position::NONE, Expr::start_position)
}

/// The values that are `given`, nothing where that is not written down, against the placeholders of `keys`.
fn wrong(
    catalogues: &Catalogues,
    keys: &[String],
    given: Option<BTreeSet<String>>,
    position: Position,
) -> Option<Wrong> {
    let mut wanted = BTreeSet::new();
    for key in keys {
        let Some(placeholders) = catalogues.placeholders(key) else {
            let near = nearest(key, catalogues.keys());
            let hint = near.map_or_else(
                || "write its text in catalogue/en.ftl beside the scripts".to_owned(),
                |near| format!("did you mean `{near}`?"),
            );
            return Some(Wrong {
                position,
                message: format!("no catalogue has a message `{key}`"),
                hint: Some(hint),
            });
        };
        wanted.extend(placeholders.iter().cloned());
    }
    let (given, key) = (given?, keys.join("` with `"));
    let missing: Vec<&str> = wanted.difference(&given).map(String::as_str).collect();
    let unused: Vec<&str> = given.difference(&wanted).map(String::as_str).collect();
    let message = match (missing.is_empty(), unused.is_empty()) {
        (true, true) => return None,
        (false, _) => format!("the message `{key}` needs `{}`", missing.join("`, `")),
        (true, false) => format!(
            "the message `{key}` has no placeholder `{}`",
            unused.join("`, `")
        ),
    };
    Some(Wrong {
        position,
        message,
        hint: Some("what is given and the placeholders of the text have the same names".to_owned()),
    })
}

/// What is wrong with the catalogues of a search path: with their files, with texts of one message whose
/// placeholders differ, and with messages of one's own that no script says.
pub fn catalogues(library: &Library, engine: &Engine) -> Vec<Trace> {
    let catalogues = match library.catalogues() {
        Ok(catalogues) => catalogues,
        Err(LibraryError::Catalogue(error)) => {
            let problems = error.problems.iter();
            return problems
                .map(|problem| trace(library, &error.source_name, problem.line, &problem.message))
                .collect();
        }
        Err(error) => {
            let why = causes(&error).map(Said::from).collect();
            let unreadable = trace(library, "", 0, &error.to_string());
            return vec![Trace {
                causes: why,
                ..unreadable
            }];
        }
    };
    let differ = catalogues.differences().into_iter().map(|differs| {
        let parts = [("lacks", &differs.missing), ("alone has", &differs.unknown)];
        let parts = parts.iter().filter(|(_, names)| !names.is_empty());
        let parts: Vec<String> = parts
            .map(|(what, names)| format!("{what} `{}`", names.join("`, `")))
            .collect();
        let message = format!(
            "this text of `{}` {}, unlike the other texts of the message",
            differs.key,
            parts.join(" and ")
        );
        trace(library, &differs.source, differs.line, &message)
    });
    let mut problems: Vec<Trace> = differ.collect();
    let named = library.all_named(engine);
    for catalogue in catalogues.all() {
        let is_own = !is_bundled(catalogue.source());
        let unsaid = catalogue.keys().filter(|key| is_own && !named.says(key));
        problems.extend(unsaid.map(|key| {
            let line = catalogue.line(key).unwrap_or(1);
            trace(
                library,
                catalogue.source(),
                line,
                &format!("no script says `{key}`"),
            )
        }));
    }
    problems
}

fn trace(library: &Library, source: &str, line: usize, message: &str) -> Trace {
    Trace {
        class: Class::Script,
        message: message.into(),
        causes: Vec::new(),
        hint: None,
        places: match line {
            0 => Vec::new(),
            line => vec![Place {
                source: source.to_owned(),
                line,
                column: 1,
                text: library.catalogue_text(source),
                is_bundled: false,
            }],
        },
        declined: false,
    }
}

/// The texts that scripts hold, among them the keys of the messages that they say.
#[derive(Default)]
pub struct NamedKeys(BTreeSet<String>);

impl NamedKeys {
    /// Adds those of a script.
    pub fn add(&mut self, ast: &AST) {
        // Its comment may be a message about it.
        if !ast.doc().is_empty() {
            self.text(ABOUT);
        }
        ast.walk(&mut |path| {
            match path.last() {
                Some(ASTNode::Expr(Expr::StringConstant(text, _))) => self.text(text),
                Some(ASTNode::Expr(Expr::DynamicConstant(value, _))) => self.value(value),
                _ => {}
            }
            true
        });
    }

    /// May a script say the message of this key, by its name, as the kind of findings, or by a name that it makes
    /// of a beginning such as `rule-`?
    pub fn says(&self, key: &str) -> bool {
        let whole = key.split_once('.').map_or(key, |(message, _)| message);
        let is_named = |name: &str| self.0.contains(name);
        let is_found = whole.strip_prefix(FINDING).is_some_and(is_named);
        let mut ends = whole.match_indices('-').map(|(at, dash)| at + dash.len());
        is_named(key) || is_found || ends.any(|end| is_named(&whole[..end]))
    }

    fn text(&mut self, text: &str) {
        self.0.insert(text.to_owned());
        // The id of a finding begins with its kind.
        if let Some((kind, _)) = text.split_once(':') {
            self.0.insert(kind.to_owned());
        }
    }

    /// A literal whose values are all known is a constant to the compiler.
    fn value(&mut self, value: &Dynamic) {
        if let Some(text) = value.read_lock::<ImmutableString>() {
            self.text(&text);
        }
        if let Some(items) = value.read_lock::<Array>() {
            items.iter().for_each(|item| self.value(item));
        }
        if let Some(map) = value.read_lock::<Map>() {
            map.values().for_each(|item| self.value(item));
        }
    }
}

/// A map that is written down.
enum Literal<'a> {
    /// With values that are not all known.
    Written(Vec<(&'a str, &'a Expr)>),
    /// A constant to the compiler.
    Known(Rc<Map>),
}

impl<'a> Literal<'a> {
    fn of(expression: &'a Expr) -> Option<Self> {
        match expression {
            Expr::Map(map, _) => {
                let fields = map.0.iter();
                Some(Self::Written(
                    fields
                        .map(|(name, value)| (name.name.as_str(), value))
                        .collect(),
                ))
            }
            Expr::DynamicConstant(value, _) => {
                let map = value.read_lock::<Map>()?;
                Some(Self::Known(Rc::new(map.clone())))
            }
            _ => None,
        }
    }

    fn value(&self, name: &str) -> Option<&'a Expr> {
        match self {
            Self::Written(fields) => {
                let field = fields.iter().find(|(field, _)| *field == name);
                field.map(|(_, value)| *value)
            }
            Self::Known(_) => None,
        }
    }

    fn has(&self, name: &str) -> bool {
        match self {
            Self::Written(_) => self.value(name).is_some(),
            Self::Known(map) => map.contains_key(name),
        }
    }

    /// The text of a field, or what it begins with.
    fn text(&self, name: &str) -> Option<String> {
        let text = match (self, self.value(name)) {
            (Self::Known(map), _) => map.get(name)?.read_lock::<ImmutableString>()?.clone(),
            (_, Some(Expr::StringConstant(text, _))) => text.clone(),
            (_, Some(Expr::InterpolatedString(parts, _))) => match parts.first()? {
                Expr::StringConstant(text, _) => text.clone(),
                _ => return None,
            },
            _ => return None,
        };
        Some(text.to_string())
    }

    /// The names in the map that a field is; none without the field, and nothing where they are not known.
    fn names_of(&self, name: &str) -> Option<BTreeSet<String>> {
        match (self, self.value(name)) {
            (_, Some(value)) => names(value),
            (Self::Known(map), _) => match map.get(name) {
                None => Some(BTreeSet::new()),
                Some(value) => {
                    let map = value.read_lock::<Map>()?;
                    Some(map.keys().map(ToString::to_string).collect())
                }
            },
            (Self::Written(_), None) => Some(BTreeSet::new()),
        }
    }
}

fn names(map: &Expr) -> Option<BTreeSet<String>> {
    Some(match Literal::of(map)? {
        Literal::Written(fields) => fields.iter().map(|(name, _)| (*name).to_owned()).collect(),
        Literal::Known(map) => map.keys().map(ToString::to_string).collect(),
    })
}
