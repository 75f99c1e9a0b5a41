//! `tikbook doctor`: can each service of the site be reached, logged in to and read, and do the
//! clocks agree?

mod lists;

use std::time::Duration;

use futures_util::future::join_all;
use jiff::Timestamp;

use crate::cli::Global;
use crate::failure::{Code, Failure};
use crate::run as runs;
use crate::signals::Signals;
use report::Report;
use sentences::{DoctorNoAnswer, DoctorNoAnswerAdvice, DoctorTitle};
use session::probe::{Check, Probe, Status};
use session::{SERVICES, Session};
use site::config::{Service, Site};
use wording::duration;

use super::{Setting, publish, runtime};

/// The longest wait for one answer, so that all is said within three seconds with everything dead;
/// `--timeout` sets another.
const WAIT: Duration = Duration::from_secs(2);
/// How much longer all checks of one service may take, which follow each other.
const REST: Duration = Duration::from_millis(500);

/// Checks all services side by side and says what is wrong with each and what to do about it. The
/// shell sees 4 if a check failed, and 2 if nothing is described that could be checked.
///
/// # Errors
/// The site is not described, or stdout cannot be written to.
pub fn run(global: &Global, signals: &Signals) -> Result<Code, Failure> {
    let setting = Setting::of(global, signals)?;
    let wait = setting.sources.timeout;
    let (site, service) = hurried(setting.site()?, wait);
    let frame = runs::frame(&site, "doctor", Timestamp::now());
    let runtime = runtime::start()?;
    let session = Session::new(site);
    let checks = runtime.block_on(all(&session, service));
    runtime.block_on(session.close());
    drop(runtime);
    let report = report(&checks);
    publish::show(&setting, &frame, &report, None)?;
    Ok(code(&checks))
}

/// What the shell sees: a site without a single service that could be checked is not described.
fn code(checks: &[Check]) -> Code {
    if checks.iter().any(|check| check.status == Status::Fail) {
        Code::Unreachable
    } else if checks.iter().all(|check| check.status == Status::Unknown) {
        Code::Usage
    } else {
        Code::Done
    }
}

/// The site with waits no longer than a doctor's, unless the operator said how long, and the longest
/// wait for all checks of one service.
fn hurried(mut site: Site, wait: Option<Duration>) -> (Site, Duration) {
    let wait = wait.unwrap_or_else(|| site.limits.connect.min(WAIT));
    site.limits.set_every_wait(wait);
    (site, wait.saturating_add(REST))
}

async fn all(session: &Session, service: Duration) -> Vec<Check> {
    let services = SERVICES.iter().map(|known| async {
        let probes = (known.probes)(session).into_iter();
        let probes = probes.map(|probe| within(service, probe));
        (known.service, join_all(probes).await.concat())
    });
    let (services, lists) = tokio::join!(
        join_all(services),
        tokio::time::timeout(service, lists::check(session)),
    );
    // Without an answer in time there is nothing to say that the router's checks do not say.
    let mut lists = lists.ok().flatten();
    let mut checks = Vec::new();
    for (service, found) in services {
        checks.extend(found);
        if service == Service::Mikrotik {
            checks.extend(lists.take());
        }
    }
    checks
}

/// The checks of one probe, or that it took too long.
async fn within(service: Duration, probe: Probe<'_>) -> Vec<Check> {
    match tokio::time::timeout(service, probe.checks).await {
        Ok(checks) => checks,
        Err(_) => vec![Check::fail(
            &probe.id,
            DoctorNoAnswer {
                limit: duration::text(service),
            },
            DoctorNoAnswerAdvice,
        )],
    }
}

fn report(checks: &[Check]) -> Report {
    Report {
        title: DoctorTitle.into(),
        checks: checks.to_vec(),
        ..Report::default()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};
    use std::io::{self, Write};
    use std::net::{Shutdown, TcpListener};
    use std::thread;

    use super::*;
    use crate::shouted;
    use catalogue::Language;
    use report::sheet::Sheet;
    use report::{json, text};
    use site::config::{self, Sources, Variables};

    /// The page of a site's doctor in a language, and its JSON.
    fn pages(sources: Sources, language: Language) -> (String, String) {
        let (site, service) = hurried(config::load(sources).unwrap(), None);
        let frame = runs::frame(&site, "doctor", Timestamp::UNIX_EPOCH);
        let runtime = runtime::start().unwrap();
        let report = report(&runtime.block_on(all(&Session::new(site), service)));
        let sheet = Sheet {
            language,
            ..Sheet::PIPE
        };
        let (mut page, mut programs) = (Vec::new(), Vec::new());
        text::write(&mut page, &frame, &report, sheet).unwrap();
        json::write(&mut programs, &frame, &report, None).unwrap();
        let read = |bytes| String::from_utf8(bytes).unwrap();
        (read(page), read(programs))
    }

    #[test]
    fn a_doctors_page_is_whole_in_the_language_of_its_sheet_and_its_json_in_english() {
        let nobody = Sources {
            environment: Variables::new(BTreeMap::from(
                [
                    ("MIKROTIK_HOST", "127.0.0.1:1"),
                    ("MIKROTIK_USERNAME", "reader"),
                    ("MIKROTIK_PASSWORD", "x"),
                ]
                .map(|(name, text)| (name.to_owned(), text.to_owned())),
            )),
            ..Sources::of_site("default")
        };
        for (sources, title, said) in [
            (
                Sources::of_site("demo"),
                "Doctor: all is well",
                [
                    "for reading only",
                    "agrees with this machine's",
                    "logged in to",
                ],
            ),
            (
                nobody,
                "checks failed",
                [
                    "is configured for the site",
                    "describe the site in tikbook.toml",
                    "look around with --site demo",
                ],
            ),
        ] {
            let (page, programs) = pages(sources.clone(), shouted::language());
            let english = pages(sources, Language::English);
            // Programs are told no title.
            assert!(page.contains(&title.to_uppercase()), "{page}");
            assert!(english.0.contains(title), "{}", english.0);
            for said in said {
                assert!(page.contains(&said.to_uppercase()), "{said}: {page}");
                assert!(!page.contains(said), "{said}: {page}");
                assert!(english.0.contains(said), "{said}: {}", english.0);
                assert!(programs.contains(said), "{said}: {programs}");
            }
        }
    }

    fn site_of(variables: &[(&str, &str)]) -> Sources {
        let variables = variables.iter();
        let variables = variables.map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
        Sources {
            environment: Variables::new(variables.collect()),
            ..Sources::of_site("default")
        }
    }

    /// A service that answers every connection with these bytes and ends it.
    fn answering(bytes: &'static [u8]) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                let mut connection = connection;
                drop(connection.write_all(bytes));
                drop(connection.shutdown(Shutdown::Write));
                // Until the other side ends it: what was not read would cut the answer off.
                drop(io::copy(&mut connection, &mut io::sink()));
            }
        });
        address
    }

    /// Where nothing answers, or something else than the service, what the doctor says is in the catalogue: in
    /// small letters stand names, settings, commands, and words of the system and of the service.
    #[test]
    fn what_a_doctor_says_of_dead_services_is_whole_in_the_language_of_its_sheet() {
        const DEAD: &str = "127.0.0.1:1";
        let (cut, foreign) = (answering(b""), answering(b"HTTP/1.1 400 No\r\n\r\n"));
        let of_page = "demo default Asia/Makassar";
        for (service, variables, said, names) in [
            (
                "a router that is dead",
                vec![("MIKROTIK_HOST", DEAD.to_owned())],
                "router `127.0.0.1:1`: cannot connect",
                "onnection refused os error",
            ),
            (
                "a router that hangs up",
                vec![("MIKROTIK_HOST", cut.clone())],
                "connection was closed before the login was answered",
                "",
            ),
            (
                "no router",
                vec![("MIKROTIK_HOST", foreign.clone())],
                "this is not the API of a RouterOS router",
                // What is wrong with the bytes the protocol says.
                "the answer is not one of a outer server it starts with o r n",
            ),
            (
                "a dead database",
                vec![("DATABASE_URL", format!("postgresql://u:p@{DEAD}/portal"))],
                "cannot reach the database at",
                "postgresql u portal onnection refused",
            ),
            (
                "no database",
                vec![("DATABASE_URL", format!("postgresql://u:p@{foreign}/portal"))],
                "cannot reach the database at",
                "postgresql u portal unknown message type encountered unexpected response from erver unexpected x equest sqlx \
                 postgres connection tls",
            ),
            (
                "a dead redis",
                vec![("REDIS_URL", format!("redis://{DEAD}/0"))],
                "cannot reach redis at",
                "onnection refused redis rediss",
            ),
            (
                "no redis",
                vec![("REDIS_URL", format!("redis://{foreign}/0"))],
                "redis",
                "redis arse error nexpected at",
            ),
            (
                "a dead broker",
                vec![("CELERY_BROKER_URL", format!("redis://{DEAD}/1"))],
                "cannot reach redis at",
                "onnection refused redis",
            ),
            (
                "a dead engine",
                vec![("DOCKER_HOST", format!("tcp://{DEAD}"))],
                "cannot reach docker at",
                "onnection refused",
            ),
            (
                "no engine",
                vec![("DOCKER_HOST", format!("tcp://{foreign}"))],
                "docker",
                // As it happens, which of them its client says.
                "tcp operation was canceled connection not ready received unexpected message from",
            ),
            (
                "no socket",
                vec![("DOCKER_HOST", "unix:///nowhere/docker.sock".to_owned())],
                "there is no docker socket at",
                "nowhere docker sock",
            ),
            (
                "no address",
                vec![("DOCKER_HOST", "ssh://somewhere".to_owned())],
                "cannot reach docker at",
                // What is wrong with the address the configuration says.
                "ssh somewhere an ngine behind is not asked",
            ),
        ] {
            let mut variables: Vec<(&str, &str)> = variables
                .iter()
                .map(|(name, text)| (*name, text.as_str()))
                .collect();
            variables.extend([("MIKROTIK_USERNAME", "reader"), ("MIKROTIK_PASSWORD", "x")]);
            let sources = site_of(&variables);
            let (page, programs) = pages(sources.clone(), shouted::language());
            let (english, _) = pages(sources, Language::English);
            assert!(page.contains(&said.to_uppercase()), "{service}: {page}");
            assert!(english.contains(said), "{service}: {english}");
            assert!(programs.contains(said), "{service}: {programs}");
            let known = shouted::small_words(of_page).into_iter();
            let known: BTreeSet<&str> = known
                .chain(shouted::small_words(names))
                .chain(shouted::small_words(IDS))
                .collect();
            let small = shouted::small_words(&page);
            let sentences: Vec<_> = small.difference(&known).collect();
            assert_eq!(sentences, Vec::<&&str>::new(), "{service}: {page}");
        }
    }

    /// The checks by their ids, and what the sentences of the page have of settings.
    const IDS: &str = "router database redis broker docker run docker.sock var run";
}
