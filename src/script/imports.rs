//! What a script imports, and which functions of imported scripts the engine would mix up.

use std::collections::{BTreeMap, BTreeSet, btree_map::Entry};

use rhai::{AST, ASTNode, Engine, Expr, Position, Stmt};

use super::library::Library;

/// An `import "path" as alias` whose path is a text.
pub struct Import {
    /// `lib/lists`.
    pub path: String,
    /// `lists`; empty for an import without a name.
    pub alias: String,
    /// Where it stands.
    pub position: Position,
}

/// Two scripts of one run that have, and call, functions of the same name and number of parameters.
///
/// The engine remembers for all scripts of a run together which function such a call means (seen in
/// Rhai 1.27), so that one script would get the other's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Namesakes {
    /// The name.
    pub name: String,
    /// How many parameters both have.
    pub parameters: usize,
    /// The sources of the two scripts.
    pub scripts: [String; 2],
}

impl Namesakes {
    /// What is wrong, and what to do about it.
    pub fn text(&self) -> (String, String) {
        let [one, other] = &self.scripts;
        let message = format!(
            "{one} and {other} both have a function `{}` with {} parameters and call it: the engine \
             takes one for the other",
            self.name, self.parameters
        );
        (message, format!("rename `{}` in one of them", self.name))
    }
}

/// The imports of a script, wherever they stand.
pub fn of(ast: &AST) -> Vec<Import> {
    let mut found = Vec::new();
    ast.walk(&mut |path| {
        if let Some(ASTNode::Stmt(Stmt::Import(import, position))) = path.last()
            && let Expr::StringConstant(path, _) = &import.0
        {
            found.push(Import {
                path: path.to_string(),
                alias: import.1.name.to_string(),
                position: *position,
            });
        }
        true
    });
    found
}

/// The first namesakes among a script and all that it imports, directly or not. Imports that cannot
/// be found or do not compile are left to whoever runs or checks the script.
pub fn namesakes(library: &Library, engine: &Engine, ast: &AST) -> Option<Namesakes> {
    let mut holders: BTreeMap<(String, usize), String> = BTreeMap::new();
    let mut seen = BTreeSet::new();
    let mut waiting = vec![ast.clone()];
    while let Some(ast) = waiting.pop() {
        let source = ast.source().unwrap_or_default().to_owned();
        if !seen.insert(source.clone()) {
            continue;
        }
        for function in called_functions(&ast) {
            match holders.entry(function) {
                Entry::Vacant(entry) => {
                    entry.insert(source.clone());
                }
                Entry::Occupied(entry) => {
                    let (name, parameters) = entry.key().clone();
                    let scripts = [entry.get().clone(), source];
                    return Some(Namesakes {
                        name,
                        parameters,
                        scripts,
                    });
                }
            }
        }
        let imports = of(&ast).into_iter();
        waiting.extend(imports.filter_map(|import| library.import(engine, &import.path)?.ok()));
    }
    None
}

/// The functions of a script that it calls itself, by name and number of parameters.
fn called_functions(ast: &AST) -> BTreeSet<(String, usize)> {
    let own: BTreeSet<(String, usize)> = ast
        .iter_functions()
        .map(|function| (function.name.to_owned(), function.params.len()))
        .collect();
    let mut called = BTreeSet::new();
    ast.walk(&mut |path| {
        if let Some(ASTNode::Expr(Expr::FnCall(call, _)) | ASTNode::Stmt(Stmt::FnCall(call, _))) =
            path.last()
            && !call.is_qualified()
        {
            called.insert((call.name.to_string(), call.args.len()));
        }
        true
    });
    own.intersection(&called).cloned().collect()
}
