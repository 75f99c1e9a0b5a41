//! What a script imports.

use std::collections::BTreeSet;

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

/// Are all paths of its imports texts? One that is made at run time is known only then.
pub fn are_known(ast: &AST) -> bool {
    let mut are_known = true;
    ast.walk(&mut |path| {
        if let Some(ASTNode::Stmt(Stmt::Import(import, _))) = path.last() {
            are_known &= matches!(&import.0, Expr::StringConstant(..));
        }
        true
    });
    are_known
}

/// All that a script imports, directly or not, each file once. Imports that cannot be found or do
/// not compile are left to whoever runs or checks the script.
pub fn all(library: &Library, engine: &Engine, ast: &AST) -> Vec<AST> {
    let mut seen = BTreeSet::from([source(ast)]);
    let mut waiting = of(ast);
    let mut found = Vec::new();
    while let Some(import) = waiting.pop() {
        let imported = library.import(engine, &import.path);
        let Some(Ok(ast)) = imported else { continue };
        if seen.insert(source(&ast)) {
            waiting.extend(of(&ast));
            found.push(ast);
        }
    }
    found
}

fn source(ast: &AST) -> String {
    ast.source().unwrap_or_default().to_owned()
}
