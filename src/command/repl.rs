//! `tikbook repl`: lines evaluated on a site, one by one.

use std::time::Duration;

use crate::cli::Global;
use crate::config::{self, Secret, Site};
use crate::failure::{Code, Failure};
use crate::repl::{self, ReplError, Surroundings};
use crate::session::Session;

use super::progress::Line;
use super::{Setting, runtime};

/// Words that stand beside secrets: a line with one of them is not kept.
const TELLING: [&str; 5] = ["password", "passwd", "secret", "credential", "api_key"];
/// A secret that is shorter is no secret, and would be found in every line.
const SHORTEST: usize = 4;

/// Reads lines until Ctrl-D.
///
/// # Errors
/// The site is not described well, or the terminal cannot be used.
pub fn run(global: &Global) -> Result<Code, Failure> {
    let setting = Setting::of(global)?;
    let secrets = secrets(&setting.site()?);
    let runtime = runtime::start()?;
    let sources = setting.sources.clone();
    let open = move |name: Option<&str>| {
        let mut sources = sources.clone();
        sources.site = name.map(str::to_owned).or(sources.site);
        config::load(sources)
            .map(Session::new)
            .map_err(|error| error.to_string())
    };
    let color = setting.output.color;
    let progress = setting.output.progress;
    let outcome = repl::run(Surroundings {
        library: setting.library.clone(),
        runtime: runtime.handle().clone(),
        open: Box::new(open),
        explain: Box::new(move |trace| Failure::from(trace).render(color)),
        progress: Box::new(move || Box::new(Line::new(progress))),
        is_secret: Box::new(move |line| is_secret(&secrets, line)),
        history: config::state_folder(&setting.sources).map(|folder| folder.join("history")),
        state_folder: config::state_folder(&setting.sources),
        operator: config::operator(&setting.sources),
        sites: config::sites(&setting.sources)?,
        color,
        own: None,
    });
    runtime.shutdown_timeout(Duration::from_millis(200));
    match outcome {
        Ok(()) => Ok(Code::Done),
        Err(ReplError::Output(error)) => Err(error.into()),
        Err(error) => Err(Failure::of(Code::Failed, "repl", &error)),
    }
}

/// The passwords and keys of a site.
fn secrets(site: &Site) -> Vec<String> {
    let redis = [&site.redis, &site.broker, &site.results];
    let redis = redis
        .into_iter()
        .flatten()
        .flat_map(|target| [&target.password, &target.sentinel_password])
        .flatten();
    let routers = site.routers.iter().map(|router| &router.password);
    routers
        .chain(redis)
        .chain(&site.secret_key)
        .map(Secret::expose)
        .filter(|secret| secret.len() >= SHORTEST)
        .map(str::to_owned)
        .collect()
}

fn is_secret(secrets: &[String], line: &str) -> bool {
    let lower = line.to_lowercase();
    let has_login = line.match_indices("://").any(|(start, _)| {
        line[start + 3..]
            .split(['/', ' ', '"', '`'])
            .next()
            .is_some_and(|host| host.contains('@'))
    });
    has_login
        || TELLING.iter().any(|word| lower.contains(word))
        || secrets.iter().any(|secret| line.contains(secret.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_hold_a_secret_are_known() {
        let secrets = ["hunter22".to_owned()];
        for line in ["x(\"hunter22\")", "let Password = 1", "redis://u:p@host/0"] {
            assert!(is_secret(&secrets, line), "{line}");
        }
        for line in ["mikrotik::rows(\"/user\")", "http://host/a@b"] {
            assert!(!is_secret(&secrets, line), "{line}");
        }
    }
}
