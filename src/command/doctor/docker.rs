//! The socket of the Docker Engine: is it there, and may this user use it?

use std::io::ErrorKind;

use tokio::net::UnixStream;

use crate::config::Site;

use super::check::Check;

const ID: &str = "docker";
const SOCKET: &str = "/var/run/docker.sock";

/// Opens the socket and closes it again. The demo has no containers, so nothing is checked there.
pub async fn checks(site: &Site) -> Vec<Check> {
    if site.demo {
        return Vec::new();
    }
    let host = site.environment.filled("DOCKER_HOST");
    let path = host.map_or(Some(SOCKET), |host| host.strip_prefix("unix://"));
    vec![match (path, host) {
        (Some(path), _) => socket(path).await,
        (None, host) => Check::unknown(
            ID,
            format!(
                "DOCKER_HOST is {}, no local socket",
                host.unwrap_or_default()
            ),
            "check it with `docker info`",
        ),
    }]
}

async fn socket(path: &str) -> Check {
    match UnixStream::connect(path).await {
        Ok(_) => Check::pass(ID, format!("{path} can be opened")),
        Err(error) => match error.kind() {
            ErrorKind::NotFound => Check::unknown(
                ID,
                format!("there is no {path}"),
                "run tikbook on the machine of the containers, or set DOCKER_HOST",
            ),
            ErrorKind::PermissionDenied => Check::warn(
                ID,
                format!("this user may not open {path}"),
                "add the user to the group docker, or run tikbook as one who may",
            ),
            _ => Check::warn(
                ID,
                format!("{path} cannot be opened: {error}"),
                "see that the Docker Engine runs: systemctl status docker",
            ),
        },
    }
}
