//! Which calls of a script need not be waited for at once.

use std::collections::HashSet;

use rhai::{AST, ASTNode, Expr, Position, Stmt};

/// Where calls stand whose value goes straight into a variable of a function: `let x = f(…)`.
/// Variables outside functions can be exported and read without the engine's hook, so these wait.
pub fn deferrable_calls(ast: &AST) -> HashSet<Position> {
    let mut calls = HashSet::new();
    ast.clone_functions_only().walk(&mut |path| {
        if let Some(ASTNode::Stmt(Stmt::Var(variable, ..))) = path.last()
            && let Expr::FnCall(call, position) = &variable.1
            && call.is_qualified()
        {
            calls.insert(*position);
        }
        true
    });
    calls
}
