//! The names of one file of a run: its functions, and what it calls without a namespace.

use std::collections::{BTreeMap, BTreeSet};

use rhai::{AST, ASTNode, Array, Dynamic, Expr, FnCallExpr, FnPtr, Map, Position, Stmt};

use crate::host::error::Origin;

/// What one file of a run defines, and what it calls without a namespace, with their places.
#[derive(Clone, Debug, Default)]
pub struct Names {
    /// The file.
    pub source: String,
    /// The first of each call.
    pub calls: BTreeMap<Call, Origin>,
    /// Its functions by name and number of parameters.
    pub functions: BTreeMap<(String, usize), Origin>,
}

/// A call without a namespace, as far as the engine looks at it to find the function.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Call {
    /// The name.
    pub name: String,
    /// How many arguments stand in the brackets; unknown of a function that is handed on by its
    /// name.
    pub arguments: Option<usize>,
    /// True for `x.name()`, which is a script's `name()` and the engine's `name(x)`.
    pub on_object: bool,
}

impl Names {
    /// The names of a file, or of a text that runs as if it were one.
    pub fn of(ast: &AST) -> Self {
        let source = ast.source().unwrap_or_default();
        let mut names = Self {
            source: source.to_owned(),
            ..Self::default()
        };
        // Closures have names with a `$`, which no other file can know.
        for function in ast.iter_fn_def().filter(|f| !f.name.contains('$')) {
            let key = (function.name.to_string(), function.params.len());
            let position = function.body.start_position();
            names.functions.insert(key, origin(source, position));
        }
        ast.walk(&mut |path| {
            if let Some(node) = path.last() {
                names.note(node, source);
            }
            true
        });
        names
    }

    /// These names and those of a later text that runs together with this one.
    pub fn with(mut self, later: Self) -> Self {
        self.source = later.source;
        self.calls.extend(later.calls);
        self.functions.extend(later.functions);
        self
    }

    /// True if the file itself has a function for this call.
    pub fn answers(&self, call: &Call) -> bool {
        let mut functions = self.functions.keys();
        functions.any(|(name, parameters)| call.may_mean(name, *parameters))
    }

    fn note(&mut self, node: &ASTNode, source: &str) {
        match node {
            ASTNode::Expr(Expr::FnCall(call, at)) | ASTNode::Stmt(Stmt::FnCall(call, at)) => {
                self.note_call(call, origin(source, *at));
            }
            ASTNode::Expr(Expr::MethodCall(call, at)) => {
                self.add(&call.name, Some(call.args.len()), true, origin(source, *at));
            }
            // What is no variable may be a function of the file, handed on by its name.
            ASTNode::Expr(Expr::Variable(variable, None, at))
                if variable.0.is_none() && variable.2.is_empty() =>
            {
                self.note_pointer(&variable.1, origin(source, *at));
            }
            ASTNode::Expr(Expr::DynamicConstant(value, at)) => {
                self.note_constant(value, &origin(source, *at));
            }
            _ => {}
        }
    }

    fn note_call(&mut self, call: &FnCallExpr, at: Origin) {
        if call.is_qualified() || call.is_operator_call() {
            return;
        }
        match (call.name.as_str(), call.args.as_slice()) {
            ("Fn", [Expr::StringConstant(name, _)]) => self.note_pointer(name, at),
            ("Fn", [_]) => self.note_any(&at),
            (name, arguments) => self.add(name, Some(arguments.len()), false, at),
        }
    }

    /// The compiler makes `Fn("name")` a constant where it can, also inside arrays and maps.
    fn note_constant(&mut self, value: &Dynamic, at: &Origin) {
        if let Some(pointer) = value.read_lock::<FnPtr>() {
            self.note_pointer(pointer.fn_name(), at.clone());
        } else if let Some(values) = value.read_lock::<Array>() {
            values
                .iter()
                .for_each(|value| self.note_constant(value, at));
        } else if let Some(values) = value.read_lock::<Map>() {
            values
                .values()
                .for_each(|value| self.note_constant(value, at));
        }
    }

    /// `Fn(…)` of a name that is not known before it runs: any function of the file.
    fn note_any(&mut self, at: &Origin) {
        let names: Vec<String> = self
            .functions
            .keys()
            .map(|(name, _)| name.clone())
            .collect();
        for name in names {
            self.note_pointer(&name, at.clone());
        }
    }

    fn note_pointer(&mut self, name: &str, at: Origin) {
        if self.functions.keys().any(|(known, _)| known == name) {
            self.add(name, None, false, at);
        }
    }

    fn add(&mut self, name: &str, arguments: Option<usize>, on_object: bool, at: Origin) {
        let call = Call {
            name: name.to_owned(),
            arguments,
            on_object,
        };
        // Functions come in no order.
        let first = self.calls.entry(call).or_insert_with(|| at.clone());
        if at.position < first.position {
            *first = at;
        }
    }
}

impl Call {
    /// True if a script's function of this name and number of parameters may be called.
    pub fn may_mean(&self, name: &str, parameters: usize) -> bool {
        self.name == name && self.arguments.is_none_or(|count| count == parameters)
    }

    /// True if the engine's own function, which takes one of these numbers of arguments, may be
    /// called.
    pub fn takes_any_of(&self, takes: &BTreeSet<usize>) -> bool {
        let object = usize::from(self.on_object);
        self.arguments
            .is_none_or(|count| takes.contains(&(count + object)))
    }
}

fn origin(source: &str, position: Position) -> Origin {
    Origin {
        source: source.to_owned(),
        position,
    }
}
