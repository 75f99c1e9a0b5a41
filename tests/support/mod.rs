//! What the tests stand on: real servers, databases with the portal's tables, and a way to run
//! the binary from outside.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener};
use std::time::{Duration, Instant};

use socket2::{Domain, Socket, Type};

pub mod celery;
pub mod docker;
pub mod hotspot;
pub mod mariadb;
pub mod model;
pub mod on_server;
pub mod oracle;
pub mod portal;
pub mod postgres;
pub mod program;
pub mod redis;
pub mod router;
pub mod server;
pub mod simulated;
pub mod snapshot;
pub mod sqlite;
pub mod terminal;
pub mod tikbook;

/// How much is done by a test that has more cases, or times, than every run can wait for.
#[derive(Clone, Copy)]
pub enum Harness {
    /// Some of each kind.
    Short,
    /// All, as `tests/run --all` has it.
    Full,
}

/// What this run of the tests does of them.
pub fn harness() -> Harness {
    match std::env::var_os("TIKBOOK_FULL_HARNESSES") {
        None => Harness::Short,
        Some(_) => Harness::Full,
    }
}

/// A number below `limit` that looks like chance, and is the same in every run.
pub fn chance(seed: u64, limit: u64) -> u64 {
    let mixed = seed.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    (mixed ^ (mixed >> 31)) % limit
}

/// The longest wait for anything: a machine that is busy takes its time.
const LIMIT: Duration = Duration::from_secs(60);

/// Waits until something is so.
pub fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let began = Instant::now();
    // Looking may start a process, and must not keep a busy machine from what is waited for.
    let mut pause = Duration::from_millis(5);
    while !is_so() {
        assert!(began.elapsed() < LIMIT, "waited {LIMIT:?} until {what}");
        std::thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(80));
    }
}

/// A port of loopback on which nobody listens, and on which no other test's server begins to: it stays
/// taken.
pub fn closed_port() -> u16 {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).expect("there are sockets");
    let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    socket.bind(&any.into()).expect("there is a free port");
    let address = socket.local_addr().expect("it is bound");
    let port = address.as_socket().expect("it is one of IP").port();
    std::mem::forget(socket);
    port
}

/// The port of a peer that sends `bytes` to whoever connects, and ends.
pub fn peer(bytes: &'static [u8]) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("there is a free port");
    let port = listener.local_addr().expect("it is bound").port();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            // The client may have gone already; then there is nobody to send to.
            let _ = stream.write_all(bytes);
            let _ = stream.shutdown(Shutdown::Write);
            let _ = stream.read(&mut [0; 1024]);
        }
    });
    port
}

/// Runs `future` to its end on a thread of its own, so that tests with a runtime and tests
/// without one may both call what needs one.
pub fn block_on<T: Send>(future: impl Future<Output = T> + Send) -> T {
    let run = || {
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime for one future can be built")
            .block_on(future)
    };
    std::thread::scope(|scope| scope.spawn(run).join().expect("the future did not panic"))
}
