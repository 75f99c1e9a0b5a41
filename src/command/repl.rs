//! `tikbook repl`: lines evaluated on a site, one by one.

use std::cell::RefCell;
use std::rc::Rc;

use crate::cli::Global;
use crate::failure::{Code, Failure};
use crate::repl::{self, ReplError, Surroundings};
use crate::signals::Signals;
use portal::variable;
use session::Session;
use site::config::{self, ConfigError, Secret, Site, Sources};

use super::progress::Line;
use super::{Setting, runtime};

/// Words that stand beside secrets: a line with one of them is not kept.
const TELLING: [&str; 6] = [
    "password",
    "passwd",
    "passphrase",
    "secret",
    "credential",
    "api_key",
];
/// A secret that is shorter is no secret, and would be found in every line.
const SHORTEST: usize = 4;

/// Reads lines until Ctrl-D.
///
/// # Errors
/// The site is not described well, or the terminal cannot be used.
pub fn run(global: &Global, signals: &Signals) -> Result<Code, Failure> {
    let setting = Setting::of(global)?;
    let sites = config::sites(&setting.sources)?;
    let secrets = Rc::new(Secrets::default());
    secrets.add(&setting.site()?);
    for site in &sites {
        // One that cannot be loaded now has no secret that is known; it may be mended meanwhile.
        if let Ok(site) = load(&setting.sources, Some(site)) {
            secrets.add(&site);
        }
    }
    let runtime = runtime::start()?;
    let sources = setting.sources.clone();
    let seen = secrets.clone();
    let open = move |name: Option<&str>| {
        let site = load(&sources, name).map_err(|error| error.to_string())?;
        seen.add(&site);
        Ok(Session::new(site))
    };
    let color = setting.output.color;
    let progress = setting.output.progress;
    let outcome = repl::run(Surroundings {
        library: setting.library.clone(),
        runtime: runtime.clone(),
        open: Box::new(open),
        explain: Box::new(move |trace| Failure::from(trace).render(color)),
        progress: Rc::new(Line::new(progress)),
        is_secret: Box::new(move |line| secrets.are_in(line)),
        history: config::state_folder(&setting.sources).map(|folder| folder.join("history")),
        state_folder: config::state_folder(&setting.sources),
        operator: config::operator(&setting.sources),
        sites,
        color,
        signals: signals.clone(),
        own: None,
    });
    drop(runtime);
    match outcome {
        Ok(()) => Ok(Code::Done),
        Err(ReplError::Output(error)) => Err(error.into()),
        Err(error @ ReplError::Stopped) => Err(Failure::new(
            Code::Interrupted,
            "interrupted",
            error.to_string(),
        )),
        Err(error) => Err(Failure::of(Code::Failed, "repl", &error)),
    }
}

/// The site of this name, or the one that the command line chose.
fn load(sources: &Sources, name: Option<&str>) -> Result<Site, ConfigError> {
    let mut sources = sources.clone();
    sources.site = name.map(str::to_owned).or(sources.site);
    config::load(sources)
}

/// The secrets of every site that is described; those of one that is opened are kept to the end of
/// the session, as its lines stay in the history.
#[derive(Default)]
struct Secrets(RefCell<Vec<Secret>>);

impl Secrets {
    /// Adds the secrets of a site: of its services, and of its environment.
    fn add(&self, site: &Site) {
        let environment = site.environment.iter();
        let environment = environment
            .filter(|(name, _)| variable::is_secret(name))
            .map(|(_, text)| Secret::new(text.trim()));
        let mut known = self.0.borrow_mut();
        for secret in site.secrets().cloned().chain(environment) {
            if secret.expose().len() >= SHORTEST && !known.contains(&secret) {
                known.push(secret);
            }
        }
    }

    /// Whether a line holds one of them, or something that looks like a secret.
    fn are_in(&self, line: &str) -> bool {
        let lower = line.to_lowercase();
        let known = self.0.borrow();
        has_login(line)
            || TELLING.iter().any(|word| lower.contains(word))
            || names_secret_field(line)
            || known.iter().any(|secret| line.contains(secret.expose()))
    }
}

/// Whether a URL of the line says who logs in.
fn has_login(line: &str) -> bool {
    line.match_indices("://").any(|(start, _)| {
        line[start + 3..]
            .split(['/', ' ', '"', '`'])
            .next()
            .is_some_and(|host| host.contains('@'))
    })
}

/// Whether the line names a field of the router that holds a secret. A name of one word, such as
/// `key`, may be anything in a script.
fn names_secret_field(line: &str) -> bool {
    line.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '-')
        .any(|word| word.contains('-') && routeros_schema::is_secret(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_hold_a_secret_are_known() {
        let mut site = Site::named("home");
        site.secret_key = Some(Secret::new("hunter22"));
        let secrets = Secrets::default();
        secrets.add(&site);
        for line in [
            "x(\"hunter22\")",
            "let Password = 1",
            "redis://u:p@host/0",
            "#{ \"wpa2-pre-shared-key\": \"1234\" }",
        ] {
            assert!(secrets.are_in(line), "{line}");
        }
        for line in [
            "mikrotik::rows(\"/user\")",
            "http://host/a@b",
            "redis::get(key)",
        ] {
            assert!(!secrets.are_in(line), "{line}");
        }
    }
}
