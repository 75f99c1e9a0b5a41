//! What the primitives say about themselves, read from the engine's own metadata.

use serde::Deserialize;

use super::primitive::{Declaration, Effect};
use super::{NAMESPACES, Namespace, register};

/// The page of one namespace.
#[derive(Debug)]
pub struct Page {
    /// The namespace.
    pub name: String,
    /// What it is for, in one line.
    pub summary: String,
    /// The text of the namespace.
    pub text: String,
    /// Its primitives in alphabetical order.
    pub primitives: Vec<Primitive>,
}

/// One primitive, or one of several with the same name and other arguments.
#[derive(Debug)]
pub struct Primitive {
    /// Its name, without the namespace.
    pub name: String,
    /// How it is written in a script: `mikrotik::rows(menu, query)` or `rows.where(fields)`.
    pub call: String,
    /// Its arguments with their types and the type of its result.
    pub signature: String,
    /// What it does, gives and how it fails.
    pub text: String,
    /// Its runnable examples.
    pub examples: Vec<String>,
    /// What it takes, the object of a method first.
    pub arguments: Vec<Argument>,
    /// The type of what it gives, as scripts know it.
    pub result: String,
    /// How it is called.
    pub form: Form,
    /// Its services, what it does to them, what its arguments mean.
    pub declared: Declaration,
}

/// What a primitive takes.
#[derive(Debug)]
pub struct Argument {
    /// Its name.
    pub name: String,
    /// Its type, as scripts know it.
    pub type_name: String,
}

/// How a primitive is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Behind the name of its namespace: `redis::get(key)`.
    InNamespace,
    /// By its name alone: `assert(condition, text)`.
    Plain,
    /// Behind its first argument: `rows.len()`.
    Method,
}

impl Primitive {
    /// The type of the object, of a method.
    pub fn object(&self) -> Option<&str> {
        let first = self.arguments.first()?;
        (self.form == Form::Method).then_some(&*first.type_name)
    }

    /// What it needs in a header, or does: a line for people. None for what only works on what it is
    /// given.
    pub fn needs(&self) -> Option<String> {
        let services = self
            .declared
            .services
            .iter()
            .map(|service| service.as_str());
        let services = services.collect::<Vec<_>>().join(", ");
        match self.declared.effect {
            Effect::Nothing => None,
            Effect::Read | Effect::Measure => Some(format!("reads from {services}")),
            Effect::Write(_) if self.declared.asks() => Some(format!(
                "reads from {services}; a command that writes is a change"
            )),
            Effect::Write(target) => {
                let name = &self.arguments.get(target)?.name;
                Some(format!("changes what `{name}` names in {services}"))
            }
        }
    }
}

/// The pages of all namespaces.
pub fn pages() -> Vec<Page> {
    pages_of(NAMESPACES)
}

/// The pages of these namespaces, in their order.
pub fn pages_of<'a>(namespaces: impl IntoIterator<Item = &'a Namespace> + Clone) -> Vec<Page> {
    let mut engine = rhai::Engine::new_raw();
    register(&mut engine, namespaces.clone());
    let metadata = engine
        .gen_fn_metadata_to_json(false)
        .ok()
        .and_then(|json| serde_json::from_str::<Metadata>(&json).ok())
        .unwrap_or_default();
    namespaces
        .into_iter()
        .map(|namespace| {
            let module = metadata.modules.get(namespace.name);
            let mut primitives: Vec<Primitive> = module
                .into_iter()
                .flat_map(|module| &module.functions)
                .filter(|function| !function.name.contains('$'))
                .map(|function| primitive(namespace, function))
                .collect();
            primitives.sort_by(|a, b| (&a.name, &a.signature).cmp(&(&b.name, &b.signature)));
            Page {
                name: namespace.name.to_owned(),
                summary: namespace.summary.to_owned(),
                text: module.map_or(String::new(), |module| {
                    plain(std::slice::from_ref(&module.doc))
                }),
                primitives,
            }
        })
        .collect()
}

#[derive(Default, Deserialize)]
struct Metadata {
    #[serde(default)]
    modules: std::collections::BTreeMap<String, ModuleMetadata>,
}

#[derive(Deserialize)]
struct ModuleMetadata {
    #[serde(default)]
    functions: Vec<FunctionMetadata>,
    #[serde(default)]
    doc: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct FunctionMetadata {
    name: String,
    namespace: String,
    #[serde(default)]
    params: Vec<ParameterMetadata>,
    #[serde(default)]
    return_type: String,
    #[serde(default)]
    doc_comments: Vec<String>,
}

#[derive(Deserialize)]
struct ParameterMetadata {
    #[serde(default)]
    name: Option<String>,
    #[serde(default, rename = "type")]
    kind: Option<String>,
}

fn primitive(namespace: &Namespace, function: &FunctionMetadata) -> Primitive {
    let arguments: Vec<Argument> = function
        .params
        .iter()
        .map(|parameter| Argument {
            name: parameter.name.clone().unwrap_or_else(|| "value".to_owned()),
            type_name: script_type(parameter.kind.as_deref().unwrap_or("?")),
        })
        .collect();
    let declared = declaration(namespace, &function.name, &arguments);
    let names: Vec<&str> = arguments.iter().map(|argument| &*argument.name).collect();
    let typed: Vec<String> = arguments
        .iter()
        .map(|argument| format!("{}: {}", argument.name, argument.type_name))
        .collect();
    let by_reference = |parameter: &ParameterMetadata| {
        let kind = parameter.kind.as_deref();
        kind.is_some_and(|kind| kind.starts_with("&mut"))
    };
    let form = match (&*function.namespace, function.params.first()) {
        ("global", Some(first)) if by_reference(first) => Form::Method,
        ("global", _) => Form::Plain,
        _ => Form::InNamespace,
    };
    let call = match form {
        Form::Method => format!("{}.{}({})", names[0], function.name, names[1..].join(", ")),
        Form::Plain => format!("{}({})", function.name, names.join(", ")),
        Form::InNamespace => {
            format!(
                "{}::{}({})",
                namespace.name,
                function.name,
                names.join(", ")
            )
        }
    };
    let (text, examples) = split_examples(&plain(&function.doc_comments));
    let result = script_type(&function.return_type);
    Primitive {
        name: function.name.clone(),
        call,
        signature: format!("({}) → {result}", typed.join(", ")),
        text,
        examples,
        arguments,
        result,
        form,
        declared,
    }
}

/// What the function of a namespace declares. One of an embedding program may declare nothing.
fn declaration(namespace: &Namespace, name: &str, arguments: &[Argument]) -> Declaration {
    let types = || arguments.iter().map(|argument| &*argument.type_name);
    let found = namespace.declarations().find(|declared| {
        let kinds = declared.arguments.iter();
        declared.name == name
            && kinds.len() == arguments.len()
            && kinds.zip(types()).all(|(kind, name)| kind.fits(name))
    });
    debug_assert!(
        found.is_some() || namespace.declarations().next().is_none(),
        "`{}::{name}` is not declared with {} arguments of these types",
        namespace.name,
        arguments.len()
    );
    found.copied().unwrap_or(Declaration::NOTHING)
}

/// The name scripts know a Rust type by.
pub fn script_type(rust: &str) -> String {
    let mut name = rust.trim();
    for (prefix, suffix) in [
        ("Result<", ""),
        ("CallResult<", ">"),
        ("RhaiResultOf<", ">"),
    ] {
        if let Some(inner) = name.strip_prefix(prefix) {
            name = match suffix {
                "" => inner.split_once(", Box<").map_or(inner, |(ok, _)| ok),
                suffix => inner.strip_suffix(suffix).unwrap_or(inner),
            };
        }
    }
    let name = name.trim_start_matches("&mut ").trim_start_matches('&');
    match name {
        "" | "()" => "()",
        "INT" | "i64" => "int",
        "FLOAT" | "f64" => "float",
        "bool" => "bool",
        "str" | "String" | "ImmutableString" => "string",
        "Array" => "array",
        "Map" => "map",
        "Fn" | "FnPtr" => "function",
        "Dynamic" | "?" => "any",
        "Draft" => "Report",
        "Said" => "Message",
        "HostError" => "Error",
        "NamedRouter" => "Router",
        "Written" => "Change",
        "Moment" => "Time",
        "Range<i64>" | "RangeInclusive<i64>" => "range",
        other => other,
    }
    .to_owned()
}

fn plain(comments: &[String]) -> String {
    comments
        .iter()
        .flat_map(|comment| comment.lines())
        .map(|line| {
            let line = line.trim_start().trim_start_matches("//!");
            let line = line.trim_start_matches("///");
            line.strip_prefix(' ').unwrap_or(line)
        })
        .collect::<Vec<_>>()
        .join("\n")
        .trim()
        .to_owned()
}

fn split_examples(text: &str) -> (String, Vec<String>) {
    let mut prose = Vec::new();
    let mut examples: Vec<Vec<&str>> = Vec::new();
    let mut inside = false;
    for line in text.lines() {
        match (inside, line.trim()) {
            (false, "```rhai") => {
                inside = true;
                examples.push(Vec::new());
            }
            (true, "```") => inside = false,
            (true, _) => {
                if let Some(example) = examples.last_mut() {
                    example.push(line);
                }
            }
            (false, _) => prose.push(line),
        }
    }
    (
        prose.join("\n").trim().to_owned(),
        examples.iter().map(|example| example.join("\n")).collect(),
    )
}
