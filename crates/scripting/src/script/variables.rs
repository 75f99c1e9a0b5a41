//! What the variables of a script are, where that is written down: those that are made in one place and
//! never changed.

use std::collections::HashMap;

use rhai::{AST, ASTNode, Array, Expr, ImmutableString, Position, Stmt};

/// What the variables of a script are made of. A name that several variables have is none's.
pub struct Variables(HashMap<String, Option<Expr>>);

impl Variables {
    /// The variables of a script.
    pub fn of(ast: &AST) -> Self {
        let mut variables = Self(HashMap::new());
        for function in ast.iter_functions() {
            for parameter in function.params {
                variables.forget(parameter);
            }
        }
        ast.walk(&mut |path| {
            if let Some(ASTNode::Stmt(statement)) = path.last() {
                variables.note(statement);
            }
            true
        });
        variables
    }

    /// What the variable of this name is made of.
    pub fn value(&self, name: &str) -> Option<&Expr> {
        self.0.get(name)?.as_ref()
    }

    /// The text that an expression is, and where it is written down.
    pub fn text(&self, expression: &Expr) -> Option<(String, Position)> {
        match self.literal(expression) {
            Expr::StringConstant(text, position) => Some((text.to_string(), *position)),
            _ => None,
        }
    }

    /// The texts that an expression is an array of.
    pub fn texts(&self, expression: &Expr) -> Option<Vec<String>> {
        match self.literal(expression) {
            Expr::Array(items, _) => {
                let texts = items.iter().map(|item| Some(self.text(item)?.0));
                texts.collect()
            }
            // An array whose items are all known is a constant to the compiler.
            Expr::DynamicConstant(value, _) => {
                let items = value.read_lock::<Array>()?;
                let texts = items.iter().map(|item| {
                    let text = item.read_lock::<ImmutableString>();
                    Some(text.map_or_else(|| item.to_string(), |text| text.to_string()))
                });
                texts.collect()
            }
            _ => None,
        }
    }

    /// The expression itself, or what the variable that it is, is made of.
    fn literal<'a>(&'a self, expression: &'a Expr) -> &'a Expr {
        match expression {
            Expr::Variable(variable, ..) => self.value(&variable.1).unwrap_or(expression),
            other => other,
        }
    }

    fn note(&mut self, statement: &Stmt) {
        match statement {
            Stmt::Var(variable, ..) => {
                let (name, value, _) = &**variable;
                let seen = self.0.contains_key(name.name.as_str());
                let value = (!seen).then(|| value.clone());
                self.0.insert(name.name.to_string(), value);
            }
            Stmt::Assignment(assignment) => {
                if let Some(name) = changed(&assignment.1.lhs) {
                    self.forget(&name);
                }
            }
            Stmt::For(looped, _) => {
                self.forget(looped.0.name.as_str());
                if let Some(counter) = &looped.1 {
                    self.forget(counter.name.as_str());
                }
            }
            _ => {}
        }
    }

    fn forget(&mut self, name: &str) {
        self.0.insert(name.to_owned(), None);
    }
}

/// The variable whose value, or a part of it, an assignment to `place` changes.
fn changed(place: &Expr) -> Option<String> {
    match place {
        Expr::Variable(variable, ..) => Some(variable.1.to_string()),
        Expr::Dot(pair, ..) | Expr::Index(pair, ..) => changed(&pair.lhs),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_variables_that_are_made_once_and_stay_are_known() {
        for (script, is_known) in [
            ("let menu = \"/ip/arp\";", true),
            ("const menu = \"/ip/arp\"; fn f() { 1 }", true),
            ("fn f() { let menu = \"/ip/arp\"; menu }", true),
            ("let menu = \"/ip/arp\"; menu = \"/ip/route\";", false),
            ("let menu = \"/ip/arp\"; menu += \"/x\";", false),
            ("let menu = \"/ip/arp\"; let menu = 1;", false),
            ("let menu = \"/ip/arp\"; fn f(menu) { menu }", false),
            (
                "let menu = \"/ip/arp\"; for menu in 0..2 { f(menu) }",
                false,
            ),
            ("let menu = 1 + f();", false),
        ] {
            let engine = rhai::Engine::new();
            let variables = Variables::of(&engine.compile(script).unwrap());
            let text = variables
                .value("menu")
                .and_then(|value| variables.text(value));
            let text = text.map(|(text, _)| text);
            let expected = is_known.then(|| "/ip/arp".to_owned());
            assert_eq!(text, expected, "{script}");
        }
    }

    #[test]
    fn texts_of_an_array_are_known_where_all_of_them_are() {
        let known = |script: &str| {
            let ast = rhai::Engine::new().compile(script).unwrap();
            let variables = Variables::of(&ast);
            let value = variables.value("words").unwrap().clone();
            variables.texts(&value)
        };
        let expected = Some(vec!["a".to_owned(), "b".to_owned()]);
        assert_eq!(known("let words = [\"a\", \"b\"];"), expected);
        assert_eq!(known("let b = \"b\"; let words = [\"a\", b];"), expected);
        assert_eq!(known("let words = [\"a\", f()];"), None);
    }
}
