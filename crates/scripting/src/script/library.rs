//! Where scripts come from: the search path, the bundled set, and what was read of them.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::path::{Component, Path, PathBuf};
use std::rc::Rc;
use std::sync::{Arc, LazyLock};

use catalogue::{Catalogue, CatalogueError, Catalogues, Language, MOST_BYTES, Said};
use include_dir::{Dir, File, include_dir};
use rhai::{AST, Engine, Module, Shared as Counted};

use crate::host::call::Host;
use crate::host::error::HostError;
use crate::host::words::Words;
use crate::host::{NAMESPACES, Namespace};
use site::config::ScriptFolder;
use site::kind::causes;
use site::text_file;
use site::trust::Trusting;

use super::deferred::deferrable_calls;
use super::judge::Judge;
use super::names::Names;
use super::sentences::NamedKeys;

static BUNDLED: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../scripts");

/// The scripts a run can see. Cheap to copy; copies share what was read.
#[derive(Clone)]
pub struct Library {
    shared: Rc<Shared>,
}

struct Shared {
    /// Folders, the strongest first; the bundled set comes after all of them.
    folders: RefCell<Vec<ScriptFolder>>,
    /// What of them is used.
    judge: Judge,
    /// The texts of the scripts that were read, by their source name, for showing errors.
    texts: RefCell<HashMap<String, String>>,
    /// Texts and syntax trees of files, by their source name; the same for all runs.
    compiled: Rc<RefCell<HashMap<String, (String, AST)>>>,
    /// What the run has imported.
    modules: RefCell<HashMap<String, Counted<Module>>>,
    /// The names in the files of the run.
    files: RefCell<Vec<Names>>,
    /// Imports under way, to find circles.
    importing: RefCell<Vec<String>>,
    host: RefCell<Option<Rc<Host>>>,
    /// Namespaces beside the ones that every engine has.
    own: RefCell<Vec<&'static Namespace>>,
}

/// Bytes of a script. What is larger is none.
pub const MOST_OF_A_SCRIPT: u64 = 4 << 20;

/// How the source of a script of the bundled set begins.
const BUNDLED_FOLDER: &str = "bundled/";

/// Where examples stand in a folder of scripts.
const EXAMPLES: &str = "examples/";

/// How the name of a file of tests ends.
const TEST: &str = "_test";

/// Does a source name a file that the program brings itself?
pub fn is_bundled(source: &str) -> bool {
    source.starts_with(BUNDLED_FOLDER)
}

/// A script that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Script {
    /// What users call it: `audit`.
    pub name: String,
    /// What errors call it: `scripts/audit.rhai`, or `bundled/audit.rhai`.
    pub source: String,
    /// Its text, without a `#!` line.
    pub text: String,
}

/// A runbook in the search path, for listings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The script.
    pub script: Script,
    /// The sources of weaker scripts of the same name that this one hides.
    pub hides: Vec<String>,
}

/// A script cannot be found or read.
#[derive(Debug, thiserror::Error)]
pub enum LibraryError {
    /// No script of this name in the search path.
    #[error("there is no runbook `{name}`")]
    Unknown {
        /// What was asked for.
        name: String,
        /// The runbooks there are.
        known: Vec<String>,
    },
    /// No library or example of this path in the search path.
    #[error("there is no script `{path}`")]
    UnknownPath {
        /// What was asked for.
        path: String,
        /// The libraries whose files have this name, or else the libraries and examples there are.
        known: Vec<String>,
    },
    /// A catalogue is there and is none.
    #[error(transparent)]
    Catalogue(#[from] CatalogueError),
    /// The file is there and cannot be read.
    #[error("cannot read `{path}`")]
    Unreadable {
        /// The file.
        path: String,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
}

impl Library {
    /// A library of the bundled set alone.
    pub fn without_folders() -> Self {
        Self::new(Vec::new(), Trusting::default())
    }

    /// A library that looks in `folders`, the strongest first, then in the bundled set; of what was only found it
    /// takes the word of those who are trusted.
    pub fn new(folders: Vec<ScriptFolder>, trusting: Trusting) -> Self {
        Self {
            shared: Rc::new(Shared {
                folders: RefCell::new(folders),
                judge: Judge::of(trusting),
                texts: RefCell::default(),
                files: RefCell::default(),
                modules: RefCell::default(),
                compiled: Rc::default(),
                importing: RefCell::default(),
                host: RefCell::default(),
                own: RefCell::default(),
            }),
        }
    }

    /// A library that looks in the same folders and has the same namespaces, and has run nothing:
    /// for another run.
    pub fn anew(&self) -> Self {
        let shared = &self.shared;
        Self {
            shared: Rc::new(Shared {
                folders: shared.folders.clone(),
                judge: shared.judge.clone(),
                texts: shared.texts.clone(),
                compiled: shared.compiled.clone(),
                files: RefCell::default(),
                modules: RefCell::default(),
                importing: RefCell::default(),
                host: RefCell::default(),
                own: shared.own.clone(),
            }),
        }
    }

    /// Gives its scripts these namespaces, too. One of a name that exists takes its place.
    pub fn add_namespaces(&self, own: &'static [Namespace]) {
        self.shared.own.borrow_mut().extend(own);
    }

    /// Is there a namespace of this name that is an embedder's own?
    pub fn has_own(&self, name: &str) -> bool {
        self.shared.own.borrow().iter().any(|own| own.name == name)
    }

    /// The namespaces its scripts can call.
    pub fn namespaces(&self) -> Vec<&'static Namespace> {
        let own = self.shared.own.borrow();
        let replaced = |name: &str| own.iter().any(|own| own.name == name);
        NAMESPACES
            .iter()
            .filter(|namespace| !replaced(namespace.name))
            .chain(own.iter().copied())
            .collect()
    }

    /// The folders of its search path, the strongest first.
    pub fn folders(&self) -> Vec<ScriptFolder> {
        self.shared.folders.borrow().clone()
    }

    /// Lets imported scripts start reads through `host` without waiting for them at once.
    pub fn attach(&self, host: &Rc<Host>) {
        *self.shared.host.borrow_mut() = Some(host.clone());
        let (folders, judge) = (self.folders(), self.shared.judge.clone());
        host.speak(Words::new(move || {
            let read = catalogues_in(&folders, &judge);
            read.map_err(|error| {
                HostError::invalid(error.to_string())
                    .because_all(causes(&error).map(Said::from).collect())
            })
        }));
    }

    /// What its scripts can say: the catalogues of its search path, by the same rule as scripts, each
    /// message for itself.
    ///
    /// # Errors
    /// A file cannot be read, or is no catalogue.
    pub fn catalogues(&self) -> Result<Arc<Catalogues>, LibraryError> {
        catalogues_in(&self.folders(), &self.shared.judge)
    }

    /// The texts in all scripts there are: runbooks, libraries, tests, of every folder and the bundled set.
    pub fn all_named(&self, engine: &Engine) -> NamedKeys {
        let folders = self.folders();
        let own = folders.iter().flat_map(|folder| {
            let path = folder.path();
            let libraries = rooms(&path).into_iter().flat_map(|room| scripts_in(&room));
            let files: Vec<PathBuf> = scripts_in(&path).into_iter().chain(libraries).collect();
            self.read_all(folder, files)
        });
        let files = bundled_in("").chain(bundled_libraries());
        let bundled = files.filter_map(|file| self.bundled(file.path()));
        let mut named = NamedKeys::default();
        for script in own.chain(bundled) {
            // What is wrong with a script that does not compile is said where it is checked.
            if let Ok(ast) = self.compiled(engine, &script) {
                named.add(&ast);
            }
        }
        named
    }

    /// The text of the catalogue that was read from `source`, for showing errors.
    pub fn catalogue_text(&self, source: &str) -> Option<String> {
        match source.strip_prefix(BUNDLED_FOLDER) {
            Some(path) => Some(BUNDLED.get_file(path)?.contents_utf8()?.to_owned()),
            None => text_file::read(Path::new(source), MOST_BYTES as u64).ok(),
        }
    }

    /// The script a user named: a file by its path (with a `/` or the ending `.rhai`), a runbook of the search
    /// path, or, by its path there, one of its examples or libraries.
    ///
    /// # Errors
    /// There is no such script, or it cannot be read.
    pub fn find(&self, name: &str) -> Result<Script, LibraryError> {
        let is_path = name.contains('/') || name.ends_with(".rhai");
        if is_path && Path::new(name).is_file() {
            return self.find_path(Path::new(name));
        }
        if let Some(found) = self.imported(name) {
            let name = name.strip_suffix(".rhai").unwrap_or(name).to_owned();
            return found.map(|script| Script { name, ..script });
        }
        if !is_path {
            return Err(LibraryError::Unknown {
                name: name.to_owned(),
                known: self.runbooks().into_keys().collect(),
            });
        }
        if ["lib/", EXAMPLES].iter().any(|room| name.starts_with(room)) {
            let mut known = self.bundled_namesakes(name);
            if known.is_empty() {
                known.extend(self.examples().into_keys());
                known.extend(self.libraries());
            }
            return Err(LibraryError::UnknownPath {
                path: name.to_owned(),
                known,
            });
        }
        self.find_path(Path::new(name))
    }

    /// The script in a file, whose folder does not become part of the search path.
    ///
    /// # Errors
    /// It cannot be read, or is not UTF-8.
    pub fn read_path(&self, path: &Path) -> Result<Script, LibraryError> {
        self.script(path, text_file::read(path, MOST_OF_A_SCRIPT))
    }

    /// A script that is no file: an expression, or standard input.
    pub fn from_text(&self, name: &str, text: String) -> Script {
        self.remember(name.to_owned(), name.to_owned(), text)
    }

    /// The script in a file. What it imports is looked for in its own folder first.
    ///
    /// # Errors
    /// It cannot be read, or is not UTF-8.
    pub fn find_path(&self, path: &Path) -> Result<Script, LibraryError> {
        let script = self.read_path(path)?;
        self.shared.judge.name(path);
        let folder = path.parent().filter(|folder| *folder != Path::new(""));
        self.look_first_in(ScriptFolder::beside(folder.unwrap_or(Path::new("."))));
        Ok(script)
    }

    /// Looks for scripts in `folder` before all others.
    pub fn look_first_in(&self, folder: ScriptFolder) {
        let mut folders = self.shared.folders.borrow_mut();
        if !folders.iter().any(|known| known.path() == folder.path()) {
            folders.insert(0, folder);
        }
    }

    /// The compiled script that `import "path"` would take; nothing if there is none.
    pub fn import(&self, engine: &Engine, path: &str) -> Option<Result<AST, String>> {
        let script = self.imported(path)?;
        Some(
            script
                .map_err(|error| error.to_string())
                .and_then(|script| {
                    self.parse(engine, &script)
                        .map_err(|error| error.to_string())
                }),
        )
    }

    /// The runbooks of the search path by name. Scripts in `lib/` are libraries, not runbooks;
    /// files ending in `_test.rhai` are tests.
    pub fn runbooks(&self) -> BTreeMap<String, Entry> {
        self.entries("")
    }

    /// The example runbooks of the search path by the path that they are run by: `examples/vip`.
    pub fn examples(&self) -> BTreeMap<String, Entry> {
        self.entries(EXAMPLES)
    }

    /// The runbooks in one room of the folders, which is `""` or ends with a slash.
    fn entries(&self, room: &str) -> BTreeMap<String, Entry> {
        let mut entries: BTreeMap<String, Entry> = BTreeMap::new();
        let folders = self.folders();
        let own = folders
            .iter()
            .flat_map(|folder| self.read_all(folder, scripts_in(&folder.path().join(room))));
        let found = own.chain(bundled_in(room).filter_map(|file| self.bundled(file.path())));
        for script in found.filter(|script| is_runbook(&script.source)) {
            let name = format!("{room}{}", script.name);
            match entries.get_mut(&name) {
                Some(entry) => entry.hides.push(script.source),
                None => {
                    let script = Script {
                        name: name.clone(),
                        ..script
                    };
                    let hides = Vec::new();
                    entries.insert(name, Entry { script, hides });
                }
            }
        }
        entries
    }

    /// The bundled tests of an example, or of all examples by the name of their folder.
    pub fn tests_of_examples(&self, named: &str) -> Vec<Script> {
        let tests = bundled_in(EXAMPLES).filter_map(|file| self.bundled(file.path()));
        let tests = tests.filter(|script| script.name.ends_with(TEST));
        let is_named = |script: &Script| {
            let example = script.name.trim_end_matches(TEST);
            named == EXAMPLES.trim_end_matches('/') || named == format!("{EXAMPLES}{example}")
        };
        tests.filter(is_named).collect()
    }

    /// The text of a file of the bundled set, by a source name: `bundled/examples/fixtures/vip.json`.
    pub fn bundled_text(&self, source: &Path) -> Option<&'static str> {
        let path = source.strip_prefix(BUNDLED_FOLDER).ok()?;
        BUNDLED.get_file(path)?.contents_utf8()
    }

    /// The paths that `import` can take: the scripts in `lib/` of the search path.
    pub fn libraries(&self) -> Vec<String> {
        let own = self.own_libraries().into_iter().map(|(path, _)| path);
        let bundled = bundled_libraries().filter_map(|file| {
            let stem = file.path().with_extension("");
            stem.to_str().map(str::to_owned)
        });
        let mut paths: Vec<String> = own.chain(bundled).collect();
        paths.sort();
        paths.dedup();
        paths
    }

    /// The libraries in the folders of the search path: the path that `import` takes, and the file.
    pub(super) fn own_libraries(&self) -> Vec<(String, String)> {
        let folders = self.folders();
        let own = folders.iter().flat_map(|folder| {
            let root = folder.path();
            let files = rooms(&root).into_iter().flat_map(|room| scripts_in(&room));
            let files = files.filter(|path| matches!(self.read_in(folder, path), Some(Ok(_))));
            let named = files.filter_map(|path| {
                let stem = path.strip_prefix(&root).ok()?.with_extension("");
                let stem = stem.to_str()?.to_owned();
                (!stem.ends_with(TEST)).then(|| (stem, path.display().to_string()))
            });
            named.collect::<Vec<_>>()
        });
        own.collect()
    }

    /// The scripts that may import libraries: all that are none, of the folders of the search path, of the folders
    /// in them, and of the bundled set.
    pub(super) fn importers(&self) -> Vec<Script> {
        let folders = self.folders();
        let own = folders.iter().flat_map(|folder| {
            let path = folder.path();
            let below = folders_in(&path).into_iter();
            let below = below.filter(|folder| !folder.ends_with("lib"));
            let files = below.flat_map(|folder| scripts_in(&folder));
            let files: Vec<PathBuf> = scripts_in(&path).into_iter().chain(files).collect();
            self.read_all(folder, files)
        });
        let bundled = bundled_in("").chain(bundled_in(EXAMPLES));
        own.chain(bundled.filter_map(|file| self.bundled(file.path())))
            .collect()
    }

    /// The bundled script that `import "path"` would take without a file of one's own.
    pub(super) fn bundled_at(&self, path: &str) -> Option<Script> {
        self.bundled(Path::new(&import_path(path)?))
    }

    /// The paths of bundled libraries whose file has the name of this one's.
    pub(super) fn bundled_namesakes(&self, path: &str) -> Vec<String> {
        let name = Path::new(path).file_name();
        let stems = bundled_libraries().map(|file| file.path().with_extension(""));
        let namesakes = stems.filter(|stem| stem.file_name() == name);
        namesakes
            .filter_map(|stem| Some(stem.to_str()?.to_owned()))
            .collect()
    }

    /// The text of a script by its source name, if it was read.
    pub fn source_text(&self, source: &str) -> Option<String> {
        self.shared.texts.borrow().get(source).cloned()
    }

    /// Compiles a script and notes which of its reads need not be waited for at once.
    ///
    /// # Errors
    /// The script does not parse.
    pub fn compile(&self, engine: &Engine, script: &Script) -> Result<AST, rhai::ParseError> {
        let ast = self.parse(engine, script)?;
        self.foresee(vec![Names::of(&ast)]);
        Ok(ast)
    }

    /// Notes the files of the run that is to begin: one that is imported and not among them is
    /// compared with them when it is reached.
    pub fn foresee(&self, files: Vec<Names>) {
        self.shared.files.replace(files);
    }

    pub(super) fn parse(&self, engine: &Engine, script: &Script) -> Result<AST, rhai::ParseError> {
        let ast = self.compiled(engine, script)?;
        if let Some(host) = &*self.shared.host.borrow() {
            host.allow_deferring(&script.source, deferrable_calls(&ast));
        }
        Ok(ast)
    }

    /// The syntax tree of a script; that of a file is kept, as every run looks at it twice and a test
    /// runs it many times.
    fn compiled(&self, engine: &Engine, script: &Script) -> Result<AST, rhai::ParseError> {
        let known = self.shared.compiled.borrow().get(&script.source).cloned();
        if let Some((_, ast)) = known.filter(|(text, _)| *text == script.text) {
            return Ok(ast);
        }
        let mut ast = engine.compile(&script.text)?;
        ast.set_source(script.source.as_str());
        if script.source.ends_with(".rhai") {
            let known = (script.text.clone(), ast.clone());
            let mut compiled = self.shared.compiled.borrow_mut();
            compiled.insert(script.source.clone(), known);
        }
        Ok(ast)
    }

    /// The files of the run that are known.
    pub(super) fn foreseen(&self) -> Vec<Names> {
        self.shared.files.borrow().clone()
    }

    /// The script that `import "path"` takes; nothing if there is none.
    pub(super) fn imported(&self, path: &str) -> Option<Result<Script, LibraryError>> {
        self.locate(&import_path(path)?)
    }

    /// The module of the file `source`, made by `make` when the run first imports it; nothing for a
    /// file that is being made, and so imports itself.
    pub(super) fn module<E>(
        &self,
        source: &str,
        make: impl FnOnce() -> Result<Module, E>,
    ) -> Option<Result<Counted<Module>, E>> {
        let shared = &self.shared;
        if let Some(module) = shared.modules.borrow().get(source) {
            return Some(Ok(module.clone()));
        }
        if shared
            .importing
            .borrow()
            .iter()
            .any(|known| known == source)
        {
            return None;
        }
        shared.importing.borrow_mut().push(source.to_owned());
        let made = make();
        shared.importing.borrow_mut().pop();
        Some(made.map(|module| {
            let module: Counted<Module> = module.into();
            let known = (source.to_owned(), module.clone());
            shared.modules.borrow_mut().extend([known]);
            module
        }))
    }

    /// The first script at `relative` in the search path.
    fn locate(&self, relative: &str) -> Option<Result<Script, LibraryError>> {
        for folder in &*self.shared.folders.borrow() {
            let root = folder.path();
            let path = root.join(relative);
            if path.is_file()
                && stays_inside(&root, &path)
                && let Some(script) = self.read_in(folder, &path)
            {
                return Some(script);
            }
            if let Ok(room) = root.strip_prefix(BUNDLED_FOLDER)
                && let Some(script) = self.bundled(&room.join(relative))
            {
                return Some(Ok(script));
            }
        }
        self.bundled(Path::new(relative)).map(Ok)
    }

    fn bundled(&self, path: &Path) -> Option<Script> {
        let file = BUNDLED.get_file(path)?;
        let name = path.file_stem()?.to_str()?.to_owned();
        let source = format!("{BUNDLED_FOLDER}{}", path.display());
        Some(self.remember(name, source, file.contents_utf8()?.to_owned()))
    }

    /// The scripts at these paths of a folder, without those that cannot be read or are not used.
    fn read_all(&self, folder: &ScriptFolder, paths: Vec<PathBuf>) -> Vec<Script> {
        let read = paths.iter().map(|path| self.read_in(folder, path));
        read.flatten().flatten().collect()
    }

    /// The script at `path` of a folder; nothing where it is not used.
    ///
    /// # Errors
    /// It cannot be read, is not UTF-8, or is larger than any script.
    pub fn read_in(
        &self,
        folder: &ScriptFolder,
        path: &Path,
    ) -> Option<Result<Script, LibraryError>> {
        let read = self.shared.judge.read(folder, path, MOST_OF_A_SCRIPT);
        Some(self.script(path, read.transpose()?))
    }

    fn script(&self, path: &Path, read: std::io::Result<String>) -> Result<Script, LibraryError> {
        let source = path.display().to_string();
        let text = read.map_err(|error| LibraryError::Unreadable {
            path: source.clone(),
            source: error,
        })?;
        let name = path
            .file_stem()
            .map_or_else(String::new, |stem| stem.to_string_lossy().into_owned());
        Ok(self.remember(name, source, text))
    }

    fn remember(&self, name: String, source: String, text: String) -> Script {
        // A `#!` line is for the system; an empty one in its place keeps the line numbers.
        let text = match text.strip_prefix("#!") {
            Some(rest) => rest
                .find('\n')
                .map_or(String::new(), |end| rest[end..].to_owned()),
            None => text,
        };
        self.shared
            .texts
            .borrow_mut()
            .insert(source.clone(), text.clone());
        Script { name, source, text }
    }
}

/// Where catalogues stand in a folder of scripts.
const CATALOGUES: &str = "catalogue";

/// The catalogues that are compiled in, read once.
static BUNDLED_CATALOGUES: LazyLock<Result<Vec<Arc<Catalogue>>, CatalogueError>> =
    LazyLock::new(|| {
        let files = Language::ALL.into_iter().filter_map(|language| {
            let path = format!("{CATALOGUES}/{}", language.file());
            let text = BUNDLED.get_file(&path)?.contents_utf8()?;
            let source = format!("{BUNDLED_FOLDER}{path}");
            Some(Catalogue::parse(language, &source, text).map(Arc::new))
        });
        files.collect()
    });

fn catalogues_in(folders: &[ScriptFolder], judge: &Judge) -> Result<Arc<Catalogues>, LibraryError> {
    let mut found = Vec::new();
    for folder in folders {
        for language in Language::ALL {
            let path = folder.path().join(CATALOGUES).join(language.file());
            if path.symlink_metadata().is_err() {
                continue;
            }
            if let Some(text) = catalogue_in(folder, &path, judge)? {
                let source = path.display().to_string();
                found.push(Arc::new(Catalogue::parse(language, &source, &text)?));
            }
        }
    }
    found.extend(BUNDLED_CATALOGUES.clone()?);
    Ok(Arc::new(Catalogues::new(found)))
}

/// The text of a file that is there by this name, in whichever way; nothing where it is not used.
fn catalogue_in(
    folder: &ScriptFolder,
    path: &Path,
    judge: &Judge,
) -> Result<Option<String>, LibraryError> {
    let unreadable = |source| LibraryError::Unreadable {
        path: path.display().to_string(),
        source,
    };
    // What is no file could be waited for without end.
    let wrong = match path.metadata().map_err(unreadable)? {
        about if !about.is_file() => "it is no file",
        _ if !stays_inside(&folder.path(), path) => {
            "it is a link that leads out of the folder of scripts"
        }
        _ => {
            let read = judge.read(folder, path, MOST_BYTES as u64);
            return read.map_err(unreadable);
        }
    };
    Err(unreadable(std::io::Error::other(wrong)))
}

/// The file an import names, relative to a folder of scripts; nothing for a path that would leave
/// it: absolute, upward, or with a backslash.
fn import_path(path: &str) -> Option<String> {
    let plain = Path::new(path)
        .components()
        .all(|part| matches!(part, Component::Normal(_)));
    (plain && !path.is_empty() && !path.contains('\\') && !path.contains('\0'))
        .then(|| format!("{}.rhai", path.strip_suffix(".rhai").unwrap_or(path)))
}

/// False for a link that leads out of the folder.
fn stays_inside(folder: &Path, path: &Path) -> bool {
    match (folder.canonicalize(), path.canonicalize()) {
        (Ok(folder), Ok(path)) => path.starts_with(folder),
        _ => false,
    }
}

/// The folders of libraries in a folder of scripts: `lib`, and the rooms in it.
fn rooms(folder: &Path) -> Vec<PathBuf> {
    let libraries = folder.join("lib");
    let mut rooms = folders_in(&libraries);
    rooms.insert(0, libraries);
    rooms
}

fn folders_in(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let folders = entries
        .map(|entry| entry.path())
        .filter(|path| path.is_dir());
    let mut folders: Vec<PathBuf> = folders.collect();
    folders.sort();
    folders
}

/// The files of `lib` and its rooms in the bundled set.
fn bundled_libraries() -> impl Iterator<Item = &'static File<'static>> {
    let libraries = BUNDLED.get_dir("lib").into_iter();
    libraries.flat_map(|folder| folder.files().chain(folder.dirs().flat_map(Dir::files)))
}

/// The scripts in one room of the bundled set, which is `""` or ends with a slash.
fn bundled_in(room: &str) -> impl Iterator<Item = &'static File<'static>> {
    let folder = match room {
        "" => Some(&BUNDLED),
        room => BUNDLED.get_dir(room.trim_end_matches('/')),
    };
    let files = folder.into_iter().flat_map(Dir::files);
    files.filter(|file| file.path().extension().is_some_and(|end| end == "rhai"))
}

fn scripts_in(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|ending| ending == "rhai"))
        .filter(|path| path.is_file() && stays_inside(folder, path))
        .collect();
    paths.sort();
    paths
}

fn is_runbook(source: &str) -> bool {
    source.ends_with(".rhai") && !source.ends_with("_test.rhai")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn imports_cannot_leave_their_folder() {
        assert_eq!(
            import_path("lib/common/lists"),
            Some("lib/common/lists.rhai".to_owned())
        );
        for path in [
            "../rules",
            "/etc/passwd",
            "lib/../../x",
            "a\\b",
            "",
            "a\0b",
            ".",
        ] {
            assert_eq!(import_path(path), None, "{path}");
        }
    }

    #[test]
    fn a_shebang_line_keeps_the_line_numbers() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.rhai");
        std::fs::write(&path, "#!/usr/bin/env tikbook\nlet x = 1;").unwrap();
        let script = Library::without_folders()
            .find(path.to_str().unwrap())
            .unwrap();
        assert_eq!(script.text, "\nlet x = 1;");
    }
}
