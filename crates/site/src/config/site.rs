//! A site as the rest of the program sees it: everything decided, nothing left to look up.

use std::fmt;
use std::path::PathBuf;

use routeros_schema::RouterText;

use super::endpoints::Endpoints;
use super::limits::Limits;
use super::protected::Protected;
use super::router_address::with_port;
use super::secret::Secret;
use super::secrets::Secrets;
use super::service::DockerHost;
use super::variables::Variables;

/// The time zone of a site that names none; the portal's own default.
pub const DEFAULT_TIME_ZONE: &str = "Asia/Makassar";

/// One hotspot site: where its services are, how to log in to them, and what to mind there.
///
/// A service that is `None` (or no router) is not configured; asking the session for it says so.
#[derive(Debug, Clone)]
pub struct Site {
    /// Its name; `default` when only the environment describes it.
    pub name: String,
    /// Whether this is the built-in site of `--site demo`, which brings its own services.
    pub demo: bool,
    /// Where its services are that have a URL.
    pub endpoints: Endpoints,
    /// Its routers; the first is the one meant when none is named.
    pub routers: Vec<RouterTarget>,
    /// The portal's environment: environment files overlaid by the process's own variables.
    pub environment: Variables,
    /// The portal's `SECRET_KEY`, under which its encrypted settings are kept.
    pub secret_key: Option<Secret>,
    /// Name of the site's time zone (`APP_TIMEZONE`).
    pub time_zone: String,
    /// How the texts of its routers are read and written.
    pub router_text: RouterText,
    /// Where the Docker Engine of the portal's containers is.
    pub docker: DockerHost,
    /// Name of the Compose project that the portal's containers belong to.
    pub compose_project: Option<String>,
    /// What no run may change, whatever a script asks for.
    pub protected: Vec<Protected>,
    /// Address lists of its own: their rows may be changed without a token of the portal.
    pub writable: Vec<String>,
    /// Folders of the site's own runbooks, the first one searched first.
    pub scripts: Vec<PathBuf>,
    /// For how many days after its end the journal of a run is kept; always without.
    pub keep: Option<u16>,
    /// How long and how much anything may take.
    pub limits: Limits,
    /// What is secret of it, and of the other sites that were read from the same sources.
    pub secrets: Secrets,
}

impl Site {
    /// A site of which nothing is known but its name.
    pub fn named(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            demo: false,
            endpoints: Endpoints::default(),
            routers: Vec::new(),
            environment: Variables::default(),
            secret_key: None,
            time_zone: DEFAULT_TIME_ZONE.to_owned(),
            router_text: RouterText::default(),
            docker: DockerHost::default(),
            compose_project: None,
            protected: Vec::new(),
            writable: Vec::new(),
            scripts: Vec::new(),
            keep: None,
            limits: Limits::default(),
            secrets: Secrets::default(),
        }
    }

    /// What was understood, and is perhaps not what was meant.
    pub fn warnings(&self) -> impl Iterator<Item = String> {
        let of_secrets = self.secrets.remarks().into_iter();
        let key = format!("sites.{}.protected", self.name);
        let doubts = self.protected.iter().filter_map(Protected::doubt);
        let doubts = doubts.map(move |doubt| format!("{key}: {doubt}"));
        of_secrets.chain(doubts)
    }
}

/// A router of a site. `Display` is its name and address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RouterTarget {
    /// The name scripts call it by.
    pub name: String,
    /// Host name or address.
    pub host: String,
    /// Port of the API service: 8728, or 8729 with TLS.
    pub port: u16,
    /// Who logs in; empty when nobody was named.
    pub user: String,
    /// The password; may be empty on a router that was never set up.
    pub password: Secret,
    /// TLS, where the API service speaks it.
    pub tls: Option<RouterTls>,
}

impl RouterTarget {
    /// `host:port`, an address with colons of its own in brackets.
    pub fn address(&self) -> String {
        with_port(&self.host, self.port)
    }
}

impl fmt::Display for RouterTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.name, self.address())
    }
}

/// How a TLS connection to a router is checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RouterTls {
    /// What makes its certificate good.
    pub check: CertificateCheck,
    /// The name its certificate must hold; the host's when `None`.
    pub server_name: Option<String>,
}

/// What makes a router's certificate good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CertificateCheck {
    /// It is signed by one of the well-known authorities.
    Authorities,
    /// It is signed by an authority of this PEM file.
    CaFile(PathBuf),
    /// It is this very certificate, by the SHA-256 of its DER form.
    PinSha256([u8; 32]),
    /// Nothing: the portal's `MIKROTIK_SSL_VERIFY=False`. A session refuses to connect this way.
    Nothing,
}
