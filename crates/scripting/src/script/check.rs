//! What can be known to be wrong with a script without running it.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;

use catalogue::{Catalogues, Said};
use rhai::{AST, ASTNode, Engine, Expr, FnCallExpr, Position, Stmt};
use routeros_schema::{CommandPath, Menu, MenuSchema, schema};

use crate::host::docs::{self, Form, Primitive};
use crate::host::mikrotik;
use crate::host::primitive::{Effect, Kind};
use session::redis;
use site::config::Service;
use site::grant::{Grant, Target};
use wording::near;

use super::ScriptError;
use super::collision;
use super::engine;
use super::gone;
use super::header::{self, Header};
use super::imports;
use super::library::{Library, Script};
use super::names::Names;
use super::natives::{Functions, natives};
use super::own;
use super::sentences;
use super::too_early;
use super::trace::{self, Class, Place, Trace};
use super::variables::Variables;

/// Everything that is wrong with a script, in the order of its lines: it does not compile; its
/// header is wrong; a namespace, a function or a number of arguments does not exist; it reads from
/// a service that its header does not name, or writes what it does not declare; a menu of the router
/// or a field of one is misspelt; `args` has no such parameter; no catalogue has a message, or not with these placeholders; `run` asks what was applied; an import cannot be found; functions
/// of imported scripts would be mixed up.
pub fn script(library: &Library, script: &Script) -> Vec<Trace> {
    let engine = engine::compiler(library);
    let ast = match library.compile(&engine, script) {
        Ok(ast) => ast,
        Err(error) => return vec![trace::of_parse(library, &script.source, error)],
    };
    let mut check = Check {
        known: Rc::new(Known::of(library, &engine, &ast)),
        variables: Variables::of(&ast),
        imports: BTreeMap::new(),
        header: None,
        used: BTreeSet::new(),
        undeclared: BTreeSet::new(),
        properties: properties(&ast),
        read: BTreeSet::new(),
        args: (0, 0),
        catalogues: library.catalogues().unwrap_or_default(),
        problems: Vec::new(),
    };
    check.header(library, &ast);
    check.imports(library, &engine, &ast);
    ast.walk(&mut |path| {
        check.node(path);
        true
    });
    check.asked_too_early(&ast);
    check.unused_reads(header::position(&ast));
    check.unused_parameters(&ast);
    check.problems.sort_by_key(|problem| problem.position);
    let problems = check.problems.into_iter();
    let mut traces: Vec<Trace> = problems
        .map(|problem| problem.into_trace(library, script))
        .collect();
    traces.extend(collisions(library, &engine, &ast));
    traces
}

/// What is wrong with the catalogues of the search path, among them that a message of one's own is said by no
/// script there is.
pub fn catalogues(library: &Library) -> Vec<Trace> {
    sentences::catalogues(library, &engine::compiler(library))
}

/// The libraries of one's own that no script imports.
pub fn libraries(library: &Library) -> Vec<Trace> {
    let unused = own::unused(library, None).into_iter();
    unused
        .map(|unused| Trace {
            class: Class::Script,
            message: format!("no script imports {}", unused.source).into(),
            causes: Vec::new(),
            hint: Some(unused.hint().into()),
            places: Vec::new(),
            declined: false,
        })
        .collect()
}

/// What is wrong with the script and its imports together.
fn collisions(library: &Library, engine: &Engine, ast: &AST) -> impl Iterator<Item = Trace> {
    let files = collision::files(library, engine, Names::of(ast), ast);
    let collisions = collision::among(library, engine, &files).into_iter();
    collisions.map(|collision| {
        let error = ScriptError::Host(collision.into_error());
        trace::of(library, "", error)
    })
}

struct Problem {
    position: Position,
    message: String,
    hint: Option<String>,
}

impl Problem {
    fn into_trace(self, library: &Library, script: &Script) -> Trace {
        let text = library.source_text(&script.source);
        Trace {
            class: Class::Script,
            message: self.message.into(),
            causes: Vec::new(),
            hint: self.hint.map(Said::from),
            places: vec![Place {
                source: script.source.clone(),
                line: self.position.line().unwrap_or(1),
                column: self.position.position().unwrap_or(1),
                text,
                is_bundled: false,
            }],
            declined: false,
        }
    }
}

/// The functions a script can call.
struct Known {
    /// By namespace.
    namespaces: BTreeMap<String, Functions>,
    /// Without a namespace.
    global: Functions,
    /// As methods, where the object counts as an argument.
    methods: Functions,
    /// What is behind those that are primitives, by namespace.
    primitives: Vec<(String, Rc<Primitive>)>,
}

impl Known {
    fn of(library: &Library, engine: &Engine, ast: &AST) -> Self {
        let mut global = natives(library, engine);
        let mut methods = global.clone();
        for function in ast.iter_functions() {
            let name = function.name.to_owned();
            let takes = function.params.len();
            global.entry(name.clone()).or_default().insert(takes);
            // The object of a script's own method is `this`, not a parameter.
            methods.entry(name).or_default().insert(takes + 1);
        }
        let mut namespaces = BTreeMap::new();
        let mut primitives = Vec::new();
        for page in docs::pages_of(library.namespaces()) {
            let functions: &mut Functions = namespaces.entry(page.name.clone()).or_default();
            for primitive in page.primitives {
                let takes = functions.entry(primitive.name.clone()).or_default();
                takes.insert(primitive.arguments.len());
                primitives.push((page.name.clone(), Rc::new(primitive)));
            }
        }
        Self {
            namespaces,
            global,
            methods,
            primitives,
        }
    }

    /// The primitive of a namespace with so many arguments; where there is none with as many, whose
    /// call is wrong anyway, one of its name.
    fn in_namespace(&self, namespace: &str, name: &str, arguments: usize) -> Option<Rc<Primitive>> {
        let named = || {
            self.primitives.iter().filter(|(page, primitive)| {
                page == namespace && primitive.form == Form::InNamespace && primitive.name == name
            })
        };
        let exact = named().find(|(_, primitive)| primitive.arguments.len() == arguments);
        exact
            .or_else(|| named().next())
            .map(|(_, found)| found.clone())
    }

    /// The method of an object of this type, which counts as one of so many arguments.
    fn method(&self, object: &str, name: &str, arguments: usize) -> Option<Rc<Primitive>> {
        let mut primitives = self.primitives.iter().map(|(_, primitive)| primitive);
        let found = primitives.find(|primitive| {
            primitive.object() == Some(object)
                && primitive.name == name
                && primitive.arguments.len() == arguments
        });
        found.cloned()
    }
}

/// How deep the type of a variable is looked for in what other variables are.
const DEPTH: usize = 8;

/// How a function without a namespace is called.
enum Called {
    Plainly,
    OnObject,
}

struct Check {
    known: Rc<Known>,
    variables: Variables,
    /// The functions of imported scripts, by the name they were imported under; unknown where the
    /// import itself is wrong, which is said once.
    imports: BTreeMap<String, Option<Functions>>,
    header: Option<Header>,
    /// The services of the primitives that are called.
    used: BTreeSet<Service>,
    /// Those that are read though the header does not name them; each is said once.
    undeclared: BTreeSet<Service>,
    /// The names of fields: one that holds a function can be called like a method.
    properties: BTreeSet<String>,
    /// The parameters that are read, by their names.
    read: BTreeSet<String>,
    /// How often `args` is named, and how often only for one of its fields.
    args: (usize, usize),
    /// What can be said; empty where that cannot be read, which is said by [`catalogues`].
    catalogues: Arc<Catalogues>,
    problems: Vec<Problem>,
}

impl Check {
    fn problem(&mut self, position: Position, message: String, hint: Option<String>) {
        self.problems.push(Problem {
            position,
            message,
            hint,
        });
    }

    /// A script with a `run(args)` is a runbook and needs a header; others are libraries.
    fn header(&mut self, library: &Library, ast: &AST) {
        let is_runbook = ast.iter_functions().any(|function| function.name == "run");
        match header::read(ast, library) {
            Ok(header) => self.header = Some(header),
            Err(error) if is_runbook => {
                self.problem(header::position(ast), error.problem, Some(error.hint));
            }
            Err(_) => {}
        }
    }

    fn asked_too_early(&mut self, ast: &AST) {
        for (position, status) in too_early::places(ast) {
            self.problem(
                position,
                format!("no change is `{status}` while `run` plans"),
                Some(
                    "say what was done in fn after(args, done, report), which is called once it is"
                        .to_owned(),
                ),
            );
        }
    }

    fn imports(&mut self, library: &Library, engine: &Engine, ast: &AST) {
        for imports::Import {
            path,
            alias,
            position,
        } in imports::of(ast)
        {
            match library.import(engine, &path) {
                Some(Ok(imported)) => {
                    let mut functions = Functions::new();
                    for function in imported.iter_functions() {
                        let takes = functions.entry(function.name.to_owned()).or_default();
                        takes.insert(function.params.len());
                    }
                    self.imports.insert(alias, Some(functions));
                    continue;
                }
                Some(Err(error)) => self.problem(
                    position,
                    format!("the imported script `{path}` does not compile: {error}"),
                    None,
                ),
                None => self.problem(
                    position,
                    format!("cannot find the imported script `{path}`"),
                    Some(
                        "imports name a file of the search path, such as \"lib/common/lists\""
                            .to_owned(),
                    ),
                ),
            }
        }
    }

    fn node(&mut self, path: &[ASTNode]) {
        match path.last() {
            Some(ASTNode::Expr(Expr::FnCall(call, position)))
            | Some(ASTNode::Stmt(Stmt::FnCall(call, position))) => self.call(call, *position),
            Some(ASTNode::Expr(Expr::MethodCall(call, position))) => {
                self.unqualified(call, Called::OnObject, *position);
            }
            Some(ASTNode::Expr(Expr::Dot(pair, ..))) => {
                self.parameter(&pair.lhs, &pair.rhs);
                self.chain(&pair.lhs, &pair.rhs);
            }
            Some(ASTNode::Expr(Expr::Variable(variable, ..))) if variable.1 == "args" => {
                self.args.0 += 1;
            }
            _ => {}
        }
    }

    /// A message that is asked for is there, with the placeholders that it is given.
    fn sentence(&mut self, call: &FnCallExpr, called: &Called) {
        let wrong = match (called, call.name.as_str()) {
            _ if self.catalogues.all().next().is_none() => None,
            (Called::Plainly, "say") => sentences::said(&self.catalogues, call),
            (Called::OnObject, "finding" | "findings") => sentences::found(&self.catalogues, call),
            _ => None,
        };
        if let Some(wrong) = wrong {
            self.problem(wrong.position, wrong.message, wrong.hint);
        }
    }

    fn call(&mut self, call: &FnCallExpr, position: Position) {
        if !call.is_qualified() {
            // An operator and a call of a function pointer in a variable look like calls, too.
            if !call.is_operator_call() {
                self.unqualified(call, Called::Plainly, position);
            }
            return;
        }
        let namespace = call.namespace.path[0].name.to_string();
        let functions = match self.imports.get(&namespace) {
            Some(Some(functions)) => functions,
            Some(None) => return,
            None => match self.known.namespaces.get(&namespace) {
                Some(functions) => functions,
                None if namespace == "global" => return,
                None => return self.unknown_namespace(&namespace, position),
            },
        };
        let problem = wrong_call(
            functions,
            &call.name,
            call.args.len(),
            &format!("{namespace}::"),
        );
        if let Some((message, hint)) = problem {
            self.problem(position, message, hint);
        }
        let primitive = self
            .known
            .in_namespace(&namespace, &call.name, call.args.len());
        if let Some(primitive) = primitive {
            let arguments: Vec<Option<&Expr>> = call.args.iter().map(Some).collect();
            self.primitive(&primitive, &arguments, position);
        }
    }

    /// The methods of primitives that are called on `object`, and on what they give: `object.rest`.
    fn chain(&mut self, object: &Expr, rest: &Expr) {
        let Some(mut type_name) = self.type_of(object, DEPTH) else {
            return;
        };
        let mut rest = Some(rest);
        while let Some(link) = rest {
            let (link, next) = ends(link);
            let Expr::MethodCall(call, position) = link else {
                return;
            };
            let takes = call.args.len() + 1;
            let Some(method) = self.known.method(&type_name, &call.name, takes) else {
                return;
            };
            let arguments = call.args.iter().map(Some);
            let arguments: Vec<Option<&Expr>> = [None].into_iter().chain(arguments).collect();
            self.primitive(&method, &arguments, *position);
            type_name.clone_from(&method.result);
            rest = next;
        }
    }

    /// The type of what an expression gives, where a primitive tells.
    fn type_of(&self, expression: &Expr, depth: usize) -> Option<String> {
        match expression {
            Expr::FnCall(call, _) if call.is_qualified() => {
                let namespace = call.namespace.path[0].name.as_str();
                if self.imports.contains_key(namespace) {
                    return None;
                }
                let known = &self.known;
                let primitive = known.in_namespace(namespace, &call.name, call.args.len());
                primitive.map(|primitive| primitive.result.clone())
            }
            Expr::Variable(variable, ..) if depth > 0 => {
                let value = self.variables.value(&variable.1)?;
                self.type_of(value, depth - 1)
            }
            _ => None,
        }
    }

    /// What a call of a primitive with these arguments touches; the object of a method is not given.
    fn primitive(
        &mut self,
        primitive: &Primitive,
        arguments: &[Option<&Expr>],
        position: Position,
    ) {
        let command = match primitive.declared.is_by_verb() {
            true => self.command(primitive, arguments, position),
            false => None,
        };
        self.menu(primitive, arguments);
        self.reads(primitive, command.as_ref(), position);
        self.writes(primitive, (arguments, command), position);
    }

    /// What a command of the router does that is written down, as far as that can be known.
    fn command(
        &mut self,
        primitive: &Primitive,
        arguments: &[Option<&Expr>],
        position: Position,
    ) -> Option<Does> {
        let declared = &primitive.declared;
        let given = |kind| {
            let argument = arguments.get(declared.argument(kind)?).copied().flatten();
            self.variables.text(argument?)
        };
        let (menu, verb) = given(Kind::Menu).zip(given(Kind::Verb))?;
        let command = match CommandPath::new(&menu.0, &verb.0) {
            Ok(command) => command,
            Err(error) => {
                self.problem(position, error.to_string(), None);
                return Some(Does::Nothing);
            }
        };
        if let Some((message, hint)) = mikrotik::command::wrong(&command) {
            self.problem(position, message, Some(hint));
            return Some(Does::Nothing);
        }
        match (command.effect(), command.target()) {
            (Some(schema::Effect::Read | schema::Effect::Measure), _) => Some(Does::Read),
            (_, Ok(target)) => Some(Does::Change(Target::Menu(target))),
            (_, Err(_)) => None,
        }
    }

    fn unqualified(&mut self, call: &FnCallExpr, called: Called, position: Position) {
        self.sentence(call, &called);
        const KEYWORDS: [&str; 8] = [
            "Fn",
            "call",
            "curry",
            "is_shared",
            "is_def_var",
            "is_def_fn",
            "type_of",
            "print",
        ];
        let name = call.name.as_str();
        if KEYWORDS.contains(&name) || name == "debug" || name.contains('$') {
            return;
        }
        if matches!(called, Called::OnObject) && self.properties.contains(name) {
            return;
        }
        let (functions, arguments) = match called {
            Called::Plainly => (&self.known.global, call.args.len()),
            Called::OnObject => (&self.known.methods, call.args.len() + 1),
        };
        if let Some((message, hint)) = wrong_call(functions, name, arguments, "") {
            self.problem(position, message, hint);
        }
    }

    fn unknown_namespace(&mut self, namespace: &str, position: Position) {
        let names = self.known.namespaces.keys().chain(self.imports.keys());
        let hint = nearest(namespace, names)
            .map(|near| format!("did you mean `{near}`?"))
            .or_else(|| {
                let known: Vec<&str> = self.known.namespaces.keys().map(String::as_str).collect();
                Some(format!("namespaces are {}", known.join(", ")))
            });
        self.problem(
            position,
            format!("there is no namespace `{namespace}`"),
            hint,
        );
    }

    fn reads(&mut self, primitive: &Primitive, command: Option<&Does>, position: Position) {
        let Some(header) = &self.header else { return };
        let declared = &primitive.declared;
        self.used.extend(declared.services);
        // Of a command that is not written down nobody knows whether it reads.
        let asks = match declared.is_by_verb() {
            true => matches!(command, Some(Does::Read)),
            false => declared.asks(),
        };
        let unknown: Vec<Service> = declared
            .services
            .iter()
            .copied()
            .filter(|service| asks && !header.reads.contains(service))
            .filter(|service| self.undeclared.insert(*service))
            .collect();
        for service in unknown {
            self.problem(
                position,
                format!("the script reads from `{service}`, which its header does not name"),
                Some(format!("add \"{service}\" to `reads` in the header")),
            );
        }
    }

    /// A menu that is written down is one, and has the fields that are written down with it. Versions
    /// and packages of the router differ, so only what is one slip away from what is known counts.
    fn menu(&mut self, primitive: &Primitive, arguments: &[Option<&Expr>]) {
        let declared = &primitive.declared;
        let argument = declared.argument(Kind::Menu);
        let Some(menu) = argument.and_then(|argument| *arguments.get(argument)?) else {
            return;
        };
        let Some((text, position)) = self.variables.text(menu) else {
            return;
        };
        if declared.is_by_verb() && text.trim() == "/" {
            return;
        }
        let menu = match text.parse::<Menu>() {
            Ok(menu) => menu,
            Err(error) => {
                let hint = "write it like \"/ip/firewall/address-list\"".to_owned();
                return self.problem(position, error.to_string(), Some(hint));
            }
        };
        match (schema::menu(&menu), schema::misspelt_menu(&menu)) {
            (Some(known), _) => {
                let names_fields = [Kind::Query, Kind::Fields, Kind::FieldNames, Kind::Row];
                let given = declared.arguments.iter().zip(arguments);
                let given = given.filter(|(kind, _)| names_fields.contains(kind));
                self.fields(known, given.filter_map(|(_, argument)| *argument));
            }
            (None, Some(meant)) => self.problem(
                position,
                format!("no menu `{menu}` is known"),
                Some(format!("did you mean `{meant}`?")),
            ),
            (None, None) => {}
        }
    }

    /// The fields that are named in maps, in lists of fields and in words of queries.
    fn fields<'a>(&mut self, menu: &MenuSchema, arguments: impl Iterator<Item = &'a Expr>) {
        for (name, position) in arguments.flat_map(field_names) {
            if let (None, Some(meant)) = (menu.field(&name), menu.misspelt_field(&name)) {
                let message = format!("the menu `{}` has no field `{name}`", menu.path);
                let hint = format!("did you mean `{meant}`?");
                self.problem(position, message, Some(hint));
            }
        }
    }

    /// A writer needs its target in the header; where the target is not written down, any of its
    /// service.
    fn writes(
        &mut self,
        primitive: &Primitive,
        (arguments, command): (&[Option<&Expr>], Option<Does>),
        position: Position,
    ) {
        let declared = &primitive.declared;
        let (Effect::Write(argument), Some(header)) = (declared.effect, &self.header) else {
            return;
        };
        let (Some(&service), Some(&kind)) =
            (declared.services.first(), declared.arguments.get(argument))
        else {
            return;
        };
        let target = arguments.get(argument).copied().flatten();
        let text = target.and_then(|target| self.variables.text(target));
        let by_verb = declared.is_by_verb();
        let targets = match (kind, text) {
            (Kind::Menu, _) if by_verb => match command {
                Some(Does::Change(target)) => Some(vec![target]),
                // Whether it writes is known when it is run.
                Some(Does::Read | Does::Nothing) | None => return,
            },
            (Kind::Menu | Kind::Key, Some((name, _))) => {
                let Ok(target) = Target::new(service, &name) else {
                    // That a menu is none is said of every call.
                    return;
                };
                Some(vec![target])
            }
            (Kind::Command, Some((command, _))) => {
                let words = arguments.get(argument + 1).copied().flatten();
                match written_keys(
                    &command,
                    words.and_then(|words| self.variables.texts(words)),
                ) {
                    Written::Nothing => return,
                    Written::Some => None,
                    Written::Keys(keys) => Some(keys.into_iter().map(Target::Key).collect()),
                }
            }
            // Whether it writes is known when it is run.
            (Kind::Command, None) => return,
            // Which table it is says the database.
            _ => None,
        };
        let granted = Grant::default().writing(header.writes.iter().cloned());
        let unknown: Vec<String> = match targets {
            Some(targets) => {
                let targets = targets.iter().filter(|target| !granted.declares(target));
                targets.map(Target::to_string).collect()
            }
            None if granted.declared(service).next().is_some() => Vec::new(),
            None => vec![format!("{service}:…")],
        };
        for target in unknown {
            self.problem(
                position,
                format!("the script writes `{target}`, which its header does not name"),
                Some(format!("add \"{target}\" to `writes` in the header")),
            );
        }
    }

    fn parameter(&mut self, object: &Expr, field: &Expr) {
        let (Expr::Variable(variable, ..), Some(header)) = (object, &self.header) else {
            return;
        };
        let field = match field {
            Expr::Dot(pair, ..) | Expr::Index(pair, ..) => &pair.lhs,
            other => other,
        };
        let Expr::Property(property, position) = field else {
            return;
        };
        let name = property.2.as_str();
        let names: Vec<String> = header.parameters.iter().map(|p| p.name.clone()).collect();
        if variable.1 == "args" {
            self.args.1 += 1;
            self.read.insert(name.to_owned());
        }
        if variable.1 == "args" && !names.iter().any(|known| known == name) {
            let hint = nearest(name, names.iter())
                .map(|near| format!("did you mean `{near}`?"))
                .or_else(|| Some("declare it in `params` of the header".to_owned()));
            self.problem(
                *position,
                format!("the runbook has no parameter `{name}`"),
                hint,
            );
        }
    }

    /// Where `args` is handed on as a whole, anybody may read any of them.
    fn unused_parameters(&mut self, ast: &AST) {
        let Some(header) = &self.header else { return };
        let (named, for_a_field) = self.args;
        if named > for_a_field {
            return;
        }
        let parameters = header.parameters.iter();
        let unused: Vec<String> = parameters
            .map(|parameter| parameter.name.clone())
            .filter(|name| !self.read.contains(name))
            .collect();
        for name in unused {
            self.problem(
                header::position(ast),
                format!("the parameter `{name}` is declared, and nothing reads it"),
                Some(format!(
                    "read it as args.{name}, or take it out of `params`"
                )),
            );
        }
    }

    /// A library may do the reading for a runbook, so nothing is said where one is imported.
    fn unused_reads(&mut self, header: Position) {
        let Some(declared) = &self.header else { return };
        if !self.imports.is_empty() {
            return;
        }
        let unused: Vec<Service> = declared
            .reads
            .iter()
            .filter(|service| !self.used.contains(service))
            .copied()
            .collect();
        for service in unused {
            self.problem(
                header,
                format!("the header names `{service}` in `reads`, and nothing reads from it"),
                Some("a runbook declares what it needs, and no more".to_owned()),
            );
        }
    }
}

/// What a command of the router does.
enum Does {
    /// Nothing: it is not sent.
    Nothing,
    /// It reads, with arguments that do no more.
    Read,
    /// It changes something.
    Change(Target),
}

/// What a command of Redis is known to write.
enum Written {
    /// It reads, or the server tells when it is run.
    Nothing,
    /// Keys that are not written down.
    Some,
    /// These.
    Keys(Vec<String>),
}

fn written_keys(command: &str, words: Option<Vec<String>>) -> Written {
    if !redis::is_known_to_write(command) {
        return Written::Nothing;
    }
    let words: Option<Vec<Vec<u8>>> =
        words.map(|words| words.into_iter().map(String::into_bytes).collect());
    let keys = words.and_then(|words| redis::known_to_be_written(command, &words));
    keys.map_or(Written::Some, |keys| {
        let texts = keys.iter().map(|key| String::from_utf8_lossy(key));
        Written::Keys(texts.map(|key| key.into_owned()).collect())
    })
}

/// The first link of a chain of calls, and the links after it.
fn ends(rest: &Expr) -> (&Expr, Option<&Expr>) {
    match rest {
        Expr::Dot(pair, ..) => (&pair.lhs, Some(&pair.rhs)),
        last => (last, None),
    }
}

/// The names of fields in an argument, each with its place.
fn field_names(argument: &Expr) -> Vec<(String, Position)> {
    let word = |text: &str, position| (name_in(text).to_owned(), position);
    match argument {
        Expr::Map(map, _) => {
            let names = map.0.iter();
            names
                .map(|(name, _)| (name.name.to_string(), name.pos))
                .collect()
        }
        Expr::Array(items, _) => items
            .iter()
            .filter_map(|item| match item {
                Expr::StringConstant(text, position) => Some(word(text, *position)),
                _ => None,
            })
            .collect(),
        // A literal whose values are all known is a constant to the compiler.
        Expr::DynamicConstant(value, position) => {
            if let Some(map) = value.read_lock::<rhai::Map>() {
                return map
                    .keys()
                    .map(|name| (name.to_string(), *position))
                    .collect();
            }
            let items = value.read_lock::<rhai::Array>();
            let texts = items.iter().flat_map(|items| items.iter());
            texts
                .filter_map(|item| item.read_lock::<rhai::ImmutableString>())
                .map(|text| word(&text, *position))
                .collect()
        }
        _ => Vec::new(),
    }
}

/// The field's name in a word of a query (`?list=blocked`, `?>bytes=5`, `?-comment`), or the word.
fn name_in(word: &str) -> &str {
    let Some(condition) = word.strip_prefix('?') else {
        return word;
    };
    let condition = condition.trim_start_matches(['<', '>', '=', '-']);
    condition
        .split_once('=')
        .map_or(condition, |(name, _)| name)
}

fn properties(ast: &AST) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    ast.walk(&mut |path| {
        match path.last() {
            Some(ASTNode::Expr(Expr::Map(map, _))) => {
                names.extend(map.0.iter().map(|(name, _)| name.name.to_string()));
            }
            // A literal map whose values are all known is a constant to the compiler.
            Some(ASTNode::Expr(Expr::DynamicConstant(value, _))) => {
                if let Some(map) = value.read_lock::<rhai::Map>() {
                    names.extend(map.keys().map(ToString::to_string));
                }
            }
            Some(ASTNode::Expr(Expr::Property(property, _))) => {
                names.insert(property.2.to_string());
            }
            _ => {}
        }
        true
    });
    names
}

/// What is wrong with calling `name` with so many arguments, if anything is.
fn wrong_call(
    functions: &Functions,
    name: &str,
    arguments: usize,
    prefix: &str,
) -> Option<(String, Option<String>)> {
    match functions.get(name) {
        None => {
            let call = format!("{prefix}{name}");
            let near = || {
                nearest(name, functions.keys())
                    .map(|near| format!("did you mean `{prefix}{near}`?"))
            };
            let hint = gone::instead_of(&call).map(str::to_owned).or_else(near);
            Some((format!("there is no function `{call}`"), hint))
        }
        Some(takes) if !takes.contains(&arguments) => {
            let takes: Vec<String> = takes.iter().map(ToString::to_string).collect();
            Some((
                format!("`{prefix}{name}` is called with {arguments} arguments"),
                Some(format!("it takes {}", takes.join(" or "))),
            ))
        }
        Some(_) => None,
    }
}

fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a String>) -> Option<&'a str> {
    // Operators are functions as well, and nobody means them.
    let names = known
        .map(String::as_str)
        .filter(|other| other.starts_with(|c: char| c.is_alphabetic() || c == '_'));
    near::nearest(name, names)
}
