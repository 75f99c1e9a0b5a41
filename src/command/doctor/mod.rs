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
    let checks = runtime.block_on(all(&Session::new(site), service));
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
            format!("no answer within {}", duration::text(service)),
            "see that the service runs and that no firewall drops the packets",
        )],
    }
}

fn report(checks: &[Check]) -> Report {
    let count = |status| checks.iter().filter(|check| check.status == status).count();
    Report {
        title: match count(Status::Fail) {
            0 if count(Status::Unknown) == checks.len() => {
                "Doctor: there is nothing to check".into()
            }
            0 => "Doctor: nothing is dead".into(),
            failed => format!("Doctor: {failed} of {} checks failed", checks.len()).into(),
        },
        checks: checks.to_vec(),
        ..Report::default()
    }
}
