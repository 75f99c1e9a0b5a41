//! A simulator that runs: its address, its state, its end.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use routeros_proto::TagPlace;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::connection::Shared;
use crate::login::{Account, LoginKind};
use crate::received::Received;
use crate::recorder::Recorder;
use crate::router::Router;
use crate::transport::Transport;
use crate::{Clock, Faults, Row, State, Version};

/// What a simulator is to be. The default serves an empty router of the newest known release on a
/// free port of 127.0.0.1, to the user `admin` without a password.
#[derive(Clone)]
pub struct Options {
    /// Where to listen; port 0 takes a free one.
    pub listen: SocketAddr,
    /// The only user.
    pub user: String,
    /// Their password. `Debug` shows it as `***`.
    pub password: String,
    /// The rows at the start.
    pub state: State,
    /// The release to imitate.
    pub version: Version,
    /// The generation of login.
    pub login: LoginKind,
    /// Serve TLS with this configuration, as `api-ssl` does.
    #[cfg(feature = "tls")]
    pub tls: Option<Arc<crate::rustls::ServerConfig>>,
    /// Put `.tag` last in replies, as in the manual's examples; captures have it after the reply word.
    pub tag_last: bool,
    /// Whether a print without rows says `!empty`; `None` decides by the release.
    pub empty_reply: Option<bool>,
    /// Misbehaviour from the start.
    pub faults: Faults,
    /// Whether counters grow and ages pass, as on a router that is used; see
    /// [`Simulator::rows`] for what they are without.
    pub moving: bool,
    /// The router's time.
    pub clock: Clock,
    /// Who is told every request.
    pub recorder: Option<Recorder>,
    /// Connections at once; one more is closed as soon as it comes. 20 by default (manual
    /// "Services"; what becomes of one more is ours).
    pub max_sessions: usize,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            user: "admin".to_owned(),
            password: String::new(),
            state: State::new(),
            version: Version::default(),
            login: LoginKind::default(),
            #[cfg(feature = "tls")]
            tls: None,
            tag_last: false,
            empty_reply: None,
            faults: Faults::default(),
            moving: false,
            clock: Clock::default(),
            recorder: None,
            max_sessions: 20,
        }
    }
}

impl std::fmt::Debug for Options {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut shown = out.debug_struct("Options");
        #[cfg(feature = "tls")]
        shown.field("tls", &self.tls.is_some());
        shown
            .field("listen", &self.listen)
            .field("user", &self.user)
            .field("password", &"***")
            .field("version", &self.version)
            .field("login", &self.login)
            .field("faults", &self.faults)
            .finish_non_exhaustive()
    }
}

/// A RouterOS API server in this process. It stops when it is dropped.
///
/// ```
/// # tokio::runtime::Runtime::new().unwrap().block_on(async {
/// use routeros_sim::{Options, Simulator, State};
///
/// let state = State::from_json(r#"{"/ip/arp": [{"address": "10.0.0.9"}]}"#).unwrap();
/// let simulator = Simulator::start(Options { state, ..Options::default() }).await.unwrap();
/// assert_eq!(simulator.rows("/ip/arp")[0].get("address"), Some(&b"10.0.0.9"[..]));
/// assert_eq!(simulator.received().writes(), 0);
/// # });
/// ```
pub struct Simulator {
    shared: Arc<Shared>,
    address: SocketAddr,
    accepting: Option<JoinHandle<()>>,
}

impl Simulator {
    /// Starts listening. Must be called within a tokio runtime, which then serves the connections.
    ///
    /// # Errors
    /// When the address cannot be listened on.
    pub async fn start(options: Options) -> io::Result<Simulator> {
        let listener = TcpListener::bind(options.listen).await?;
        let address = listener.local_addr()?;
        let sessions = Arc::new(Semaphore::new(options.max_sessions));
        let transport = Transport::of(&options);
        let shared = Arc::new(shared(options));
        let accepting = tokio::spawn(accept(shared.clone(), listener, transport, sessions));
        Ok(Simulator {
            shared,
            address,
            accepting: Some(accepting),
        })
    }

    /// The address it listens on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The rows of a menu as they read now.
    pub fn rows(&self, menu: &str) -> Vec<Row> {
        let mut router = self.shared.router();
        router.settle();
        let now = router.clock.elapsed();
        router.rows(menu).iter().map(|row| row.at(now)).collect()
    }

    /// The state as it reads now.
    pub fn state(&self) -> State {
        self.shared.router().settled()
    }

    /// Changes rows behind the router's back, between two commands. Listeners are told.
    ///
    /// No rule of the router applies. What the closure returns is returned.
    pub fn edit<Answer>(&self, change: impl FnOnce(&mut State) -> Answer) -> Answer {
        self.shared.router().edit(change)
    }

    /// The commands received since the start, over all connections.
    pub fn received(&self) -> Received {
        self.shared.router().received.clone()
    }

    /// Misbehaves in this way from the next command on.
    pub fn set_faults(&self, faults: Faults) {
        let mut router = self.shared.router();
        router.faults = faults;
        router.removes = 0;
        router.commands = 0;
    }

    /// Starts the router anew, as `/system/reboot` does: all connections end, timed rows are gone, and
    /// the rows of a list have other ids of the same list.
    pub fn reboot(&self) {
        self.shared.router().reboot();
        self.shared.end_connections();
    }

    /// The router's time.
    pub fn clock(&self) -> Clock {
        self.shared.router().clock.clone()
    }

    /// Stops, and waits until the address is free again.
    pub async fn stop(mut self) {
        self.shared.stopped.cancel();
        if let Some(accepting) = self.accepting.take() {
            // It was cancelled, or panicked; either way it listens no more.
            let _ = accepting.await;
        }
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        self.shared.stopped.cancel();
    }
}

impl std::fmt::Debug for Simulator {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Simulator")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

fn shared(options: Options) -> Shared {
    let says_empty = options.empty_reply.unwrap_or(options.version.says_empty());
    let mut router = Router::new(options.state, options.clock, options.version, says_empty);
    router.faults = options.faults;
    router.moves = options.moving;
    let stopped = CancellationToken::new();
    Shared {
        router: Mutex::new(router),
        account: Account {
            user: options.user,
            password: options.password,
            kind: options.login,
        },
        recorder: options.recorder,
        tag_place: if options.tag_last {
            TagPlace::Last
        } else {
            TagPlace::AfterReplyWord
        },
        up: Mutex::new(stopped.child_token()),
        stopped,
    }
}

async fn accept(
    shared: Arc<Shared>,
    listener: TcpListener,
    transport: Transport,
    sessions: Arc<Semaphore>,
) {
    let stopped = shared.stopped.clone();
    while let Some(accepted) = stopped.run_until_cancelled(listener.accept()).await {
        let Ok((socket, client)) = accepted else {
            // Out of file descriptors, most likely: not worth a busy loop.
            tokio::time::sleep(Duration::from_millis(10)).await;
            continue;
        };
        let Ok(session) = sessions.clone().try_acquire_owned() else {
            continue;
        };
        let (shared, transport) = (shared.clone(), transport.clone());
        tokio::spawn(async move {
            // Without it small replies wait for acknowledgements. The socket may be gone already.
            let _ = socket.set_nodelay(true);
            transport.serve(shared, socket, client.ip()).await;
            drop(session);
        });
    }
}
