//! The Docker Engine: does it answer this user, and does it know the portal's containers?

use super::{Container, Docker};
use crate::Session;
use crate::error::{Explained, SessionError, said_whole};
use crate::probe::Check;
use catalogue::Said;
use sentences::{DoctorDockerNoProject, DoctorDockerNoProjectAdvice, DoctorDockerRunning};
use site::kind::Kind;

/// The one check.
pub(super) const ID: &str = "docker";

/// Asks the Engine for its version and its containers. The portal works without tikbook seeing its
/// containers, so nothing here has failed: what cannot be asked is a warning.
pub(super) async fn checks(session: &Session) -> Vec<Check> {
    vec![match containers(session).await {
        Ok((engine, containers)) => found(session, &engine, &containers),
        Err(error) => refused(&error),
    }]
}

async fn containers(session: &Session) -> Result<(Said, Vec<Container>), SessionError> {
    let docker = session.open::<Docker>().await?;
    Ok((docker.describe(), docker.containers().await?))
}

fn found(session: &Session, engine: &Said, containers: &[Container]) -> Check {
    let running = containers.iter().filter(|one| one.state == "running");
    let evidence = DoctorDockerRunning {
        engine,
        running: running.count(),
        containers: containers.len(),
    };
    match &session.site().compose_project {
        Some(project) if containers.is_empty() => Check::warn(
            ID,
            DoctorDockerNoProject { engine, project },
            DoctorDockerNoProjectAdvice,
        ),
        _ => Check::pass(ID, evidence),
    }
}

fn refused(error: &SessionError) -> Check {
    let advice = error.hint().unwrap_or_default();
    match error.kind() {
        Kind::NotConfigured => Check::unknown(ID, said_whole(error), advice),
        _ => Check::warn(ID, said_whole(error), advice),
    }
}
