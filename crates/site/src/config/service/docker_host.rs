//! Where a site's Docker Engine is, as `DOCKER_HOST` says it.

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;

use catalogue::Said;
use sentences::{ReasonDockerForm, ReasonDockerHost, ReasonDockerPort, ReasonDockerSsh};

use super::super::variables::Variables;

const SOCKET: &str = "unix:///var/run/docker.sock";
const PLAIN_PORT: u16 = 2375;
const TLS_PORT: u16 = 2376;

/// The address of an Engine as somebody wrote it. What cannot be used says so when the Engine is
/// first asked for: a run that needs no containers does not mind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DockerHost {
    text: String,
    /// The folder of `ca.pem`, `cert.pem` and `key.pem`, where TLS is wanted.
    certificates: Option<PathBuf>,
}

impl DockerHost {
    /// The address `text`, with TLS if `DOCKER_TLS_VERIFY` says so: its certificates lie in
    /// `DOCKER_CERT_PATH`, else in `~/.docker`.
    pub(in crate::config) fn new(text: &str, variables: &Variables) -> Self {
        let folder = || {
            let named = variables.filled("DOCKER_CERT_PATH").map(PathBuf::from);
            let home = || PathBuf::from(variables.filled("HOME").unwrap_or_default());
            named.unwrap_or_else(|| home().join(".docker"))
        };
        let text = text.trim().to_owned();
        let tls = variables.filled("DOCKER_TLS_VERIFY").is_some() || text.starts_with("https://");
        Self {
            text,
            certificates: tls.then(folder),
        }
    }

    /// The Engine behind a port, without TLS.
    pub fn of_port(address: SocketAddr) -> Self {
        Self {
            text: format!("tcp://{address}"),
            certificates: None,
        }
    }

    /// What to connect to.
    ///
    /// # Errors
    /// Why nothing can be connected to by this address.
    pub fn target(&self) -> Result<DockerTarget, Said> {
        let (scheme, rest) = self.text.split_once("://").unwrap_or(("", &self.text));
        match scheme {
            "unix" | "" if rest.starts_with('/') => Ok(DockerTarget::Socket(PathBuf::from(rest))),
            "tcp" | "http" | "https" => self.tcp(rest.trim_end_matches('/')),
            "ssh" => Err(ReasonDockerSsh.into()),
            _ => Err(ReasonDockerForm.into()),
        }
    }

    fn tcp(&self, text: &str) -> Result<DockerTarget, Said> {
        let default = match self.certificates {
            Some(_) => TLS_PORT,
            None => PLAIN_PORT,
        };
        let (host, port) = match text.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => {
                let port = port.parse();
                (host, port.map_err(|_| Said::from(ReasonDockerPort))?)
            }
            _ => (text, default),
        };
        let host = host.trim_start_matches('[').trim_end_matches(']');
        if host.is_empty() || host.contains(['/', '@']) {
            return Err(ReasonDockerHost.into());
        }
        Ok(DockerTarget::Tcp {
            host: host.to_owned(),
            port,
            certificates: self.certificates.clone(),
        })
    }
}

impl Default for DockerHost {
    /// The socket of the Engine of this machine.
    fn default() -> Self {
        Self {
            text: SOCKET.to_owned(),
            certificates: None,
        }
    }
}

impl fmt::Display for DockerHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// What a connection to an Engine is made to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DockerTarget {
    /// A socket of this machine.
    Socket(PathBuf),
    /// A port, over TLS where a folder of certificates is given.
    Tcp {
        /// Host name or address.
        host: String,
        /// Port.
        port: u16,
        /// The folder of `ca.pem`, and of `cert.pem` and `key.pem` where the Engine wants them.
        certificates: Option<PathBuf>,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(host: &str, pairs: &[(&str, &str)]) -> Result<DockerTarget, Said> {
        let pairs = pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        DockerHost::new(host, &Variables::new(pairs.collect())).target()
    }

    fn tcp(host: &str, port: u16, certificates: Option<&str>) -> DockerTarget {
        DockerTarget::Tcp {
            host: host.to_owned(),
            port,
            certificates: certificates.map(PathBuf::from),
        }
    }

    #[test]
    fn a_socket_or_a_port_is_connected_to() {
        let socket = DockerTarget::Socket(PathBuf::from("/run/d.sock"));
        assert_eq!(target("unix:///run/d.sock", &[]), Ok(socket));
        assert_eq!(target("tcp://h:99", &[]), Ok(tcp("h", 99, None)));
        assert_eq!(target("tcp://[::1]/", &[]), Ok(tcp("::1", 2375, None)));
    }

    #[test]
    fn tls_takes_its_certificates_from_the_folder_that_docker_takes_them_from() {
        let home = [("DOCKER_TLS_VERIFY", "1"), ("HOME", "/home/a")];
        let expected = tcp("h", 2376, Some("/home/a/.docker"));
        assert_eq!(target("tcp://h", &home), Ok(expected));
        let named = [("DOCKER_TLS_VERIFY", "1"), ("DOCKER_CERT_PATH", "/c")];
        assert_eq!(target("tcp://h:1", &named), Ok(tcp("h", 1, Some("/c"))));
    }

    #[test]
    fn what_cannot_be_connected_to_says_why() {
        for (host, word) in [
            ("ssh://pi@h", "ssh"),
            ("npipe:////./pipe/x", "neither"),
            ("unix://relative", "neither"),
            ("tcp://h:x", "port"),
            ("tcp://", "host"),
            ("tcp://a@b", "host"),
            ("", "neither"),
        ] {
            let reason = target(host, &[]).unwrap_err();
            assert!(reason.to_string().contains(word), "{host}: {reason}");
        }
    }
}
