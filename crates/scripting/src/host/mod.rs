//! What scripts can call: the primitives, one namespace a file.

#![allow(
    clippy::unwrap_used,
    reason = "the engine's macro for namespaces writes them into every method"
)]

pub mod account;
pub mod assert;
pub mod bounded;
pub mod call;
pub mod celery;
pub mod change;
pub mod comparison;
pub mod db;
pub mod decimal;
pub mod difference;
pub mod docker;
pub mod docs;
pub mod dynamic;
pub mod error;
mod folded;
pub mod given;
pub mod log;
pub mod measured;
pub mod mikrotik;
pub mod moment;
pub mod portal;
pub mod primitive;
pub mod read;
pub mod readers;
pub mod redis;
pub mod report;
pub mod room;
pub mod rows;
pub mod say;
pub mod secret;
pub mod settings;
pub mod text;
pub mod time;
pub mod value;
pub mod words;
pub mod written;

use std::cell::RefCell;

use rhai::plugin::exported_module;
use rhai::{Engine, Module, Shared};

use primitive::Declaration;

/// A namespace of primitives.
pub struct Namespace {
    /// What scripts write before `::`; for a set of global functions and methods, its page's name.
    pub name: &'static str,
    /// What it is for, in one line.
    pub summary: &'static str,
    module: fn() -> Module,
    types: fn(&mut Engine),
    /// What its primitives declare, by their files.
    declared: &'static [&'static [Declaration]],
}

impl Namespace {
    /// A namespace of an embedding program: `module` comes from the engine's `export_module`, `types`
    /// registers the types that its functions take and give.
    pub const fn new(
        name: &'static str,
        summary: &'static str,
        module: fn() -> Module,
        types: fn(&mut Engine),
    ) -> Self {
        Self {
            name,
            summary,
            module,
            types,
            declared: &[],
        }
    }

    /// The same namespace whose primitives declare this, file by file (see [`primitive::primitives`]).
    /// Primitives that declare nothing reach no service.
    #[must_use]
    pub const fn declaring(mut self, declared: &'static [&'static [Declaration]]) -> Self {
        self.declared = declared;
        self
    }

    /// What its primitives declare.
    pub fn declarations(&self) -> impl Iterator<Item = &'static Declaration> {
        self.declared.iter().copied().flatten()
    }
}

/// The one list of namespaces: engine, completion, documentation and tests read it.
pub const NAMESPACES: &[Namespace] = &[
    Namespace {
        name: "assert",
        summary: "checks that end the run: assert, assert_eq",
        module: || exported_module!(assert::assert_module),
        types: error::register,
        declared: &[assert::PRIMITIVES],
    },
    Namespace {
        name: "celery",
        summary: "Celery's workers and queues: who answers, what waits, what came of it",
        module: || exported_module!(celery::celery_module),
        types: |_| (),
        declared: &[celery::PRIMITIVES],
    },
    Namespace {
        name: "change",
        summary: "what writers give back: one write, planned or done",
        module: || exported_module!(change::change_module),
        types: written::register,
        declared: &[change::PRIMITIVES],
    },
    Namespace {
        name: "db",
        summary: "the portal's database: queries that read, in one snapshot",
        module: || exported_module!(db::db_module),
        types: |_| (),
        declared: &[db::PRIMITIVES],
    },
    Namespace {
        name: "decimal",
        summary: "exact decimal numbers",
        module: || exported_module!(decimal::decimal_module),
        types: decimal::register,
        declared: &[decimal::PRIMITIVES],
    },
    Namespace {
        name: "docker",
        summary: "the portal's containers and their logs",
        module: || exported_module!(docker::docker_module),
        types: |_| (),
        declared: &[docker::PRIMITIVES],
    },
    Namespace {
        name: "log",
        summary: "lines for the operator, on stderr",
        module: || exported_module!(log::log_module),
        types: |_| (),
        declared: &[log::PRIMITIVES],
    },
    Namespace {
        name: "mikrotik",
        summary: "rows of the router's menus: read, and with --apply changed",
        module: mikrotik::module,
        types: mikrotik::register,
        declared: mikrotik::DECLARATIONS,
    },
    Namespace {
        name: "portal",
        summary: "the hotspot portal's own words: comments, phones, users, debt, settings",
        module: portal::module,
        types: portal::register,
        declared: portal::DECLARATIONS,
    },
    Namespace {
        name: "redis",
        summary: "the portal's Redis: commands that read",
        module: || exported_module!(redis::redis_module),
        types: |_| (),
        declared: &[redis::PRIMITIVES],
    },
    Namespace {
        name: "report",
        summary: "the result of a run",
        module: || exported_module!(report::report_module),
        types: report::register,
        declared: &[report::PRIMITIVES],
    },
    Namespace {
        name: "rows",
        summary: "working with rows: where, index_by, group_by, diff",
        module: || exported_module!(rows::namespace::rows_module),
        types: rows::namespace::register,
        declared: &[rows::namespace::PRIMITIVES],
    },
    Namespace {
        name: "say",
        summary: "sentences by key, in the language of who reads them",
        module: || exported_module!(say::say_module),
        types: say::register,
        declared: &[say::PRIMITIVES],
    },
    Namespace {
        name: "text",
        summary: "parts of texts, JSON",
        module: || exported_module!(text::text_module),
        types: |_| (),
        declared: &[text::PRIMITIVES],
    },
    Namespace {
        name: "time",
        summary: "points in time and durations",
        module: || exported_module!(time::time_module),
        types: time::register,
        declared: &[time::PRIMITIVES],
    },
];

/// Gives namespaces to an engine.
pub fn register<'a>(engine: &mut Engine, namespaces: impl IntoIterator<Item = &'a Namespace>) {
    for namespace in namespaces {
        (namespace.types)(engine);
        engine.register_static_module(namespace.name, shared_module(namespace));
    }
}

/// A namespace and what makes its module.
type Key = (&'static str, fn() -> Module);

thread_local! {
    /// Making a module costs more than most scripts do, and engines of one thread can share it.
    static MODULES: RefCell<Vec<(Key, Shared<Module>)>> = const { RefCell::new(Vec::new()) };
}

fn shared_module(namespace: &Namespace) -> Shared<Module> {
    let key = (namespace.name, namespace.module);
    let is_same = |(name, module): &Key| *name == key.0 && std::ptr::fn_addr_eq(*module, key.1);
    let known = MODULES.with_borrow(|modules| {
        let mut modules = modules.iter();
        modules
            .find(|(key, _)| is_same(key))
            .map(|(_, module)| module.clone())
    });
    known.unwrap_or_else(|| {
        let mut module = (namespace.module)();
        module.set_id(namespace.name);
        module.build_index();
        let module = Shared::new(module);
        MODULES.with_borrow_mut(|modules| modules.push((key, module.clone())));
        module
    })
}
