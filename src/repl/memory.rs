//! The variables, functions and values that lines leave for the next.

use rhai::{AST, ASTNode, Dynamic, Engine, Expr, Scope, Stmt};

use scripting::host::call::Host;
use scripting::script::library::{Library, Script};
use scripting::script::names::Names;
use scripting::script::trace::{self, Trace};
use scripting::script::{ScriptError, collision};

use super::syntax;

/// What lines leave for the next.
pub struct Memory {
    pub(super) scope: Scope<'static>,
    functions: AST,
    /// Imports that were made, as statements.
    imports: Vec<String>,
    /// The names in the functions of earlier lines.
    names: Names,
    /// How many values there were; the last is `value_<count>`.
    values: usize,
    lines: usize,
}

impl Default for Memory {
    fn default() -> Self {
        Self {
            scope: Scope::new(),
            functions: AST::empty(),
            imports: Vec::new(),
            names: Names::default(),
            values: 0,
            lines: 0,
        }
    }
}

impl Memory {
    /// What the next line is called in errors.
    pub fn next_line(&mut self) -> String {
        self.lines += 1;
        format!("line {}", self.lines)
    }

    /// The value of a script that `engine` runs over the connections of `host`.
    pub fn evaluate(
        &mut self,
        (library, engine): (&Library, &Engine),
        host: &Host,
        script: &Script,
    ) -> Result<Dynamic, Trace> {
        let ast = library
            .compile(engine, script)
            .map_err(|error| trace::of_parse(library, &script.source, error))?;
        let fail = |error| trace::of(library, &script.source, error);
        let merged = self.before(engine).merge(&ast);
        // All lines together count as one file.
        let names = self.names.clone().with(Names::of(&ast));
        let files = collision::files(library, engine, names, &merged);
        let value = collision::refuse(library, engine, files)
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

    /// How much is remembered now, for [`Memory::forget_since`].
    pub fn mark(&self) -> usize {
        self.scope.len()
    }

    /// Forgets the variables that a line made since.
    pub fn forget_since(&mut self, mark: usize) {
        self.scope.rewind(mark);
    }

    /// Keeps a value as the last one, and says what it is called.
    pub fn keep(&mut self, value: Dynamic) -> String {
        self.values += 1;
        let name = value_name(self.values);
        self.scope.push_dynamic(name.as_str(), value);
        name
    }

    /// The last value, if there is one.
    pub fn last(&self) -> Option<Dynamic> {
        self.scope.get_value(&value_name(self.values))
    }

    /// What a variable holds; `_` is the last value.
    pub fn variable(&self, name: &str) -> Option<Dynamic> {
        match name {
            "_" => self.last(),
            name => self.scope.get_value(name),
        }
    }

    /// The variables that lines made, in the order they came, each once.
    pub fn variables(&self) -> Vec<(String, Dynamic)> {
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

    /// An input with the names of the values that `_`, `_1` … mean in it.
    pub fn named(&self, input: &str) -> String {
        syntax::name_values(input, |back| {
            let number = self.values.checked_sub(back).filter(|number| *number > 0)?;
            Some(value_name(number))
        })
    }

    /// The imports and functions of earlier lines.
    fn before(&self, engine: &Engine) -> AST {
        let imports = self.imports.join("\n");
        // They were compiled before, when their lines were entered.
        let imports = engine.compile(imports).unwrap_or_else(|_| AST::empty());
        imports.merge(&self.functions)
    }
}

/// What the names of values begin with.
const VALUE: &str = "value_";

fn value_name(number: usize) -> String {
    format!("{VALUE}{number}")
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
