//! What `import` does in a script that runs: the file of the search path, compared with the run's others.

use rhai::module_resolvers::ModuleResolver;
use rhai::{Engine, EvalAltResult, Module, Position, Scope, Shared};

use super::collision;
use super::library::{Library, Script};
use super::names::Names;

/// Finds what scripts import in a library.
pub struct Resolver(Library);

impl Resolver {
    /// For scripts of `library`.
    pub fn of(library: &Library) -> Self {
        Self(library.clone())
    }

    /// An import whose path is no literal is first seen when it is reached.
    fn refuse_unforeseen(
        &self,
        engine: &Engine,
        script: &Script,
    ) -> Result<(), Box<EvalAltResult>> {
        let mut files = self.0.foreseen();
        if files.iter().any(|file| file.source == script.source) {
            return Ok(());
        }
        files.push(Names::of(&self.0.parse(engine, script)?));
        collision::refuse(&self.0, engine, files)
    }
}

impl ModuleResolver for Resolver {
    fn resolve(
        &self,
        engine: &Engine,
        _: Option<&str>,
        path: &str,
        position: Position,
    ) -> Result<Shared<Module>, Box<EvalAltResult>> {
        let not_found = || {
            Box::new(EvalAltResult::ErrorModuleNotFound(
                path.to_owned(),
                position,
            ))
        };
        let script = self
            .0
            .imported(path)
            .ok_or_else(not_found)?
            .map_err(|error| EvalAltResult::ErrorSystem(String::new(), Box::new(error)))?;
        let in_module = |error| {
            Box::new(EvalAltResult::ErrorInModule(
                script.source.clone(),
                error,
                position,
            ))
        };
        self.refuse_unforeseen(engine, &script).map_err(in_module)?;
        let module = self.0.module(&script.source, || {
            let ast = self.0.parse(engine, &script)?;
            Module::eval_ast_as_new(Scope::new(), &ast, engine)
        });
        module.ok_or_else(not_found)?.map_err(in_module)
    }
}
