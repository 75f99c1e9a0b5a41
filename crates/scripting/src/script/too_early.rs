//! Where a runbook's `run` asks for what becomes of changes only when they are applied, which is after
//! it.

use rhai::{AST, ASTNode, Expr, FnCallExpr, Position, Stmt};

use crate::host::comparison;
use plan::outcome::Status;

/// What changes can become only by being applied. Other things than changes have a status as well, and
/// only the first of these words is no other one's.
const LATER: [Status; 3] = [Status::Applied, Status::Failed, Status::Unknown];

/// The places in `run` where a change's status is held against one that no change has yet, each with
/// that status.
pub fn places(ast: &AST) -> Vec<(Position, &'static str)> {
    let functions = || ast.iter_fn_def().filter(|f| !f.name.contains('$'));
    let starts = functions().map(|function| function.body.start_position());
    let Some(run) = functions().find(|function| function.name == "run") else {
        return Vec::new();
    };
    // What is in a closure of `run` is in its text as well.
    let start = run.body.start_position();
    let end = starts.filter(|other| *other > start).min();
    let is_in_run = |at: Position| at >= start && end.is_none_or(|end| at < end);
    let mut places = Vec::new();
    ast.walk(&mut |path| {
        if let Some((at, status)) = path.last().and_then(asked)
            && is_in_run(at)
        {
            places.push((at, status));
        }
        true
    });
    places
}

/// The status that a node holds a change against: `change.status == "applied"`, or
/// `change::count(done, "applied")` and its like.
fn asked(node: &ASTNode<'_>) -> Option<(Position, &'static str)> {
    let (ASTNode::Expr(Expr::FnCall(call, at)) | ASTNode::Stmt(Stmt::FnCall(call, at))) = node
    else {
        return None;
    };
    let status = call.args.iter().find_map(later)?;
    let is_comparison = comparison::is_of_equality(&call.name) && call.args.iter().any(is_status);
    let asks = is_of_change(call) || is_comparison && status == Status::Applied;
    asks.then_some((*at, status.as_str()))
}

fn is_of_change(call: &FnCallExpr) -> bool {
    call.is_qualified() && call.namespace.path[0].name == "change"
}

/// Does an expression end in `.status`?
fn is_status(expression: &Expr) -> bool {
    match expression {
        Expr::Dot(pair, ..) | Expr::Index(pair, ..) => is_status(&pair.rhs),
        Expr::Property(property, ..) => property.2 == "status",
        _ => false,
    }
}

fn later(expression: &Expr) -> Option<Status> {
    let Expr::StringConstant(text, ..) = expression else {
        return None;
    };
    LATER.into_iter().find(|status| text == status.as_str())
}
