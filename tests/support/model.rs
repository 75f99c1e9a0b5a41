//! A second router, of another make than the simulator: rows are plain maps, and it has its own idea of
//! spelling, of keys and of order. It knows a few menus, and says values in other words than RouterOS.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc};
use std::thread;
use std::time::Duration;

use routeros_proto::{Limits, Request, Server, TagPlace};

use super::router::on_port;
use super::tikbook::Tikbook;

/// A row: its fields by their names. The id is not among them.
pub type Fields = BTreeMap<String, String>;

/// A router that does one thing after the other, whoever asks; gone with the value.
pub struct Model {
    address: SocketAddr,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    is_over: AtomicBool,
}

/// A command, and where its answer goes.
type Asked = (Request, Arc<TcpStream>);

#[derive(Default)]
struct State {
    menus: BTreeMap<String, Vec<(u64, Fields)>>,
    /// The last id that was given: no menu has an id of another one.
    last: u64,
}

/// What a value is.
#[derive(Clone, Copy)]
enum Spelling {
    Text,
    Truth,
    Mac,
    Network,
    Target,
    Time,
    Rates,
}

struct Menu {
    path: &'static str,
    is_ordered: bool,
    unique: &'static [&'static str],
    fields: &'static [(&'static str, Spelling)],
}

const MENUS: &[Menu] = &[
    Menu {
        path: "/ip/firewall/address-list",
        is_ordered: false,
        unique: &["list", "address"],
        fields: &[
            ("list", Spelling::Text),
            ("address", Spelling::Network),
            ("comment", Spelling::Text),
            ("disabled", Spelling::Truth),
        ],
    },
    Menu {
        path: "/ip/firewall/filter",
        is_ordered: true,
        unique: &[],
        fields: &[
            ("chain", Spelling::Text),
            ("action", Spelling::Text),
            ("src-address", Spelling::Network),
            ("log-prefix", Spelling::Text),
            ("disabled", Spelling::Truth),
        ],
    },
    Menu {
        path: "/ip/hotspot/ip-binding",
        is_ordered: true,
        unique: &[],
        fields: &[
            ("mac-address", Spelling::Mac),
            ("address", Spelling::Network),
            ("type", Spelling::Text),
            ("comment", Spelling::Text),
            ("disabled", Spelling::Truth),
        ],
    },
    Menu {
        path: "/ip/hotspot/user",
        is_ordered: false,
        unique: &["name"],
        fields: &[
            ("name", Spelling::Text),
            ("mac-address", Spelling::Mac),
            ("limit-uptime", Spelling::Time),
            ("comment", Spelling::Text),
            ("disabled", Spelling::Truth),
        ],
    },
    Menu {
        path: "/queue/simple",
        is_ordered: true,
        unique: &["name"],
        fields: &[
            ("name", Spelling::Text),
            ("target", Spelling::Target),
            ("max-limit", Spelling::Rates),
            ("comment", Spelling::Text),
            ("disabled", Spelling::Truth),
        ],
    },
];

impl Model {
    /// A router without a row, that no command keeps busy.
    pub fn start() -> Model {
        Model::start_at(|_| Duration::ZERO)
    }

    /// A router without a row, that each command keeps busy for a time, by its number from 1.
    pub fn start_at(pace: fn(u32) -> Duration) -> Model {
        let listener = TcpListener::bind("127.0.0.1:0").expect("there is a free port");
        let address = listener.local_addr().expect("it is bound");
        let shared = Arc::new(Shared::default());
        let (queue, asked) = mpsc::channel();
        let of_worker = Arc::clone(&shared);
        thread::spawn(move || work(&of_worker, asked, pace));
        let of_listener = Arc::clone(&shared);
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if of_listener.is_over.load(Ordering::SeqCst) {
                    return;
                }
                let queue = queue.clone();
                thread::spawn(move || read(Arc::new(stream), &queue));
            }
        });
        Model { address, shared }
    }

    /// `tikbook` on the site of this router.
    pub fn tikbook(&self, tikbook: Tikbook) -> Tikbook {
        on_port(tikbook, self.port())
    }

    /// Its port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// Puts these rows into a menu, in place of all it had.
    pub fn put(&self, menu: &str, rows: impl IntoIterator<Item = (u64, Fields)>) {
        let mut state = self.shared.state();
        let menu_of = known(menu).expect("the model knows the menu");
        let rows = rows.into_iter().map(|(id, row)| {
            let spelled = row.into_iter().map(|(name, value)| {
                let value = menu_of.kept(&name, &value).expect("the model takes it");
                (name, value)
            });
            (id, spelled.collect())
        });
        let rows: Vec<(u64, Fields)> = rows.collect();
        let highest = rows.iter().map(|(id, _)| *id).max().unwrap_or_default();
        state.last = state.last.max(highest);
        state.menus.insert(menu.to_owned(), rows);
    }

    /// The rows of a menu in their order, with their ids, as the router says them.
    pub fn rows(&self, menu: &str) -> Vec<(String, Fields)> {
        let state = self.shared.state();
        let rows = state.menus.get(menu).into_iter().flatten();
        rows.map(|(id, row)| (format!("*{id:X}"), said(menu, row)))
            .collect()
    }
}

impl Drop for Model {
    fn drop(&mut self) {
        self.shared.is_over.store(true, Ordering::SeqCst);
        // Who waits for a connection looks when there is one.
        let _ = TcpStream::connect(self.address);
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Reads what comes on a connection.
fn read(stream: Arc<TcpStream>, queue: &mpsc::Sender<Asked>) {
    let mut server = Server::new(Limits::default(), TagPlace::default());
    let mut bytes = [0; 64 * 1024];
    let _ = stream.set_nodelay(true);
    while let Ok(length @ 1..) = (&*stream).read(&mut bytes) {
        if server.receive(&bytes[..length]).is_err() {
            return;
        }
        while let Some(request) = server.poll_request() {
            if queue.send((request, Arc::clone(&stream))).is_err() {
                return;
            }
        }
    }
}

/// Does what all connections ask for, in the order in which it came.
fn work(shared: &Shared, asked: mpsc::Receiver<Asked>, pace: fn(u32) -> Duration) {
    for (number, (request, stream)) in (1..).zip(asked) {
        thread::sleep(pace(number));
        let mut server = Server::new(Limits::default(), TagPlace::default());
        answer(&mut shared.state(), &request, &mut server);
        while let Some(bytes) = server.poll_transmit() {
            // Who has gone needs no answer.
            let _ = (&*stream).write_all(&bytes);
        }
    }
}

fn answer(state: &mut State, request: &Request, server: &mut Server) {
    let path = String::from_utf8_lossy(request.path()).into_owned();
    let tag = request.tag();
    let (menu, verb) = path.rsplit_once('/').unwrap_or_default();
    let answer = match (known(menu), verb) {
        (None, "login") => Ok(None),
        (Some(menu), "print") => {
            print(state, menu, request, server);
            return;
        }
        // It is never started anew.
        (None, "print") if menu == "/system/resource" => {
            server.row(tag, [("uptime", "1000w")]);
            Ok(None)
        }
        (Some(menu), "add") => state.add(menu, request).map(Some),
        (Some(menu), "set") => state.set(menu, request).map(|()| None),
        (Some(menu), "unset") => state.unset(menu, request).map(|()| None),
        (Some(menu), "remove") => state.remove(menu, request).map(|()| None),
        _ => Err("no such command".to_owned()),
    };
    match answer {
        Ok(ret) => server.done(tag, ret.map(|id| ("ret", id))),
        Err(why) => {
            server.trap(tag, None, &why);
            server.done(tag, [("", ""); 0]);
        }
    }
}

fn print(state: &State, menu: &Menu, request: &Request, server: &mut Server) {
    let tag = request.tag();
    let Ok(query) = request.query() else {
        server.trap(tag, None, "invalid query");
        return server.done(tag, [("", ""); 0]);
    };
    let names = request.get(".proplist").map(String::from_utf8_lossy);
    let names: Option<Vec<&str>> = names.as_ref().map(|names| names.split(',').collect());
    let rows = state.menus.get(menu.path).into_iter().flatten();
    let kept = rows.filter_map(|(id, row)| {
        let id = format!("*{id:X}");
        let value_of = |name: &[u8]| match name {
            b".id" => Some(id.as_bytes()),
            name => Some(row.get(std::str::from_utf8(name).ok()?)?.as_bytes()),
        };
        let is_kept = query.matches(value_of);
        is_kept.then_some((id, row))
    });
    let kept: Vec<_> = kept.collect();
    if request.get("count-only").is_some() {
        return server.done(tag, [("ret", kept.len().to_string())]);
    }
    for (id, row) in kept {
        let fields = said(menu.path, row).into_iter();
        let fields = [(".id".to_owned(), id)].into_iter().chain(fields);
        let is_asked = |name: &str| names.as_ref().is_none_or(|names| names.contains(&name));
        let fields: Vec<_> = fields.filter(|(name, _)| is_asked(name)).collect();
        server.row(tag, fields);
    }
    server.done(tag, [("", ""); 0]);
}

impl State {
    fn rows(&mut self, menu: &Menu) -> &mut Vec<(u64, Fields)> {
        self.menus.entry(menu.path.to_owned()).or_default()
    }

    fn add(&mut self, menu: &Menu, request: &Request) -> Result<String, String> {
        let mut row = Fields::from([("disabled".to_owned(), "false".to_owned())]);
        let mut place = None;
        for (name, value) in arguments(request) {
            match name.as_str() {
                "place-before" if menu.is_ordered => place = Some(self.position(menu, &value)?),
                _ => menu.give(&mut row, name, &value)?,
            }
        }
        self.refuse_second(menu, &row, None)?;
        self.last += 1;
        let id = self.last;
        let rows = self.rows(menu);
        rows.insert(place.unwrap_or(rows.len()), (id, row));
        Ok(format!("*{id:X}"))
    }

    fn set(&mut self, menu: &Menu, request: &Request) -> Result<(), String> {
        let at = self.named(menu, request)?;
        let (id, mut row) = self.rows(menu)[at].clone();
        for (name, value) in arguments(request) {
            menu.give(&mut row, name, &value)?;
        }
        self.refuse_second(menu, &row, Some(id))?;
        self.rows(menu)[at] = (id, row);
        Ok(())
    }

    fn unset(&mut self, menu: &Menu, request: &Request) -> Result<(), String> {
        let at = self.named(menu, request)?;
        let name = request.get("value-name").map(String::from_utf8_lossy);
        let name = name.ok_or("missing value(s) of argument(s) value-name")?;
        self.rows(menu)[at].1.remove(&*name);
        Ok(())
    }

    fn remove(&mut self, menu: &Menu, request: &Request) -> Result<(), String> {
        let at = self.named(menu, request)?;
        self.rows(menu).remove(at);
        Ok(())
    }

    fn named(&mut self, menu: &Menu, request: &Request) -> Result<usize, String> {
        let id = request.get(".id").or_else(|| request.get("numbers"));
        let id = String::from_utf8_lossy(id.unwrap_or_default()).into_owned();
        self.position(menu, &id)
    }

    fn position(&mut self, menu: &Menu, id: &str) -> Result<usize, String> {
        let number = id.strip_prefix('*');
        let number = number.and_then(|digits| u64::from_str_radix(digits, 16).ok());
        let at = self
            .rows(menu)
            .iter()
            .position(|(id, _)| Some(*id) == number);
        at.ok_or_else(|| "no such item".to_owned())
    }

    /// Two rows with the same key are one too many.
    fn refuse_second(&mut self, menu: &Menu, row: &Fields, own: Option<u64>) -> Result<(), String> {
        let key = |row: &Fields| -> Vec<Option<String>> {
            menu.unique
                .iter()
                .map(|name| row.get(*name).cloned())
                .collect()
        };
        let is_second = |(id, other): &(u64, Fields)| Some(*id) != own && key(other) == key(row);
        match !menu.unique.is_empty() && self.rows(menu).iter().any(is_second) {
            true => Err("failure: already have such entry".to_owned()),
            false => Ok(()),
        }
    }
}

impl Menu {
    fn give(&self, row: &mut Fields, name: String, value: &str) -> Result<(), String> {
        match value {
            "" => row.remove(&name),
            value => row.insert(name.clone(), self.kept(&name, value)?),
        };
        Ok(())
    }

    /// The value as it is kept, by which rows are found and told apart.
    fn kept(&self, name: &str, value: &str) -> Result<String, String> {
        let field = self.fields.iter().find(|(known, _)| *known == name);
        let (_, spelling) = field.ok_or_else(|| format!("unknown parameter {name}"))?;
        let kept = kept(*spelling, value);
        kept.ok_or_else(|| format!("invalid value for argument {name}"))
    }
}

fn arguments(request: &Request) -> impl Iterator<Item = (String, String)> {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let arguments = request
        .attributes()
        .map(move |(name, value)| (text(name), text(value)));
    arguments.filter(|(name, _)| ![".id", "numbers"].contains(&name.as_str()))
}

fn known(menu: &str) -> Option<&'static Menu> {
    MENUS.iter().find(|known| known.path == menu)
}

fn kept(spelling: Spelling, value: &str) -> Option<String> {
    match spelling {
        Spelling::Text => Some(value.to_owned()),
        Spelling::Truth => match value {
            "yes" | "true" => Some("true".to_owned()),
            "no" | "false" => Some("false".to_owned()),
            _ => None,
        },
        Spelling::Mac => {
            let digits: String = value.chars().filter(char::is_ascii_hexdigit).collect();
            let pairs: Vec<&str> = (0..digits.len() / 2)
                .map(|n| &digits[2 * n..2 * n + 2])
                .collect();
            (pairs.len() == 6).then(|| pairs.join(":").to_ascii_uppercase())
        }
        Spelling::Network => Some(match value.split_once('-') {
            // The only range that is asked for here is a network of 256 addresses.
            Some((first, _)) => format!("{first}/24"),
            None => value.strip_suffix("/32").unwrap_or(value).to_owned(),
        }),
        Spelling::Target => Some(match value.contains('/') {
            true => value.to_owned(),
            false => format!("{value}/32"),
        }),
        Spelling::Time => Some(spelled_time(seconds(value)?)),
        Spelling::Rates => {
            let (up, down) = value.split_once('/').unwrap_or((value, value));
            Some(format!("{}/{}", rate(up)?, rate(down)?))
        }
    }
}

fn rate(value: &str) -> Option<u64> {
    let (digits, times) = match value.strip_suffix('k') {
        Some(digits) => (digits, 1_000),
        None => match value.strip_suffix('M') {
            Some(digits) => (digits, 1_000_000),
            None => (value, 1),
        },
    };
    Some(digits.parse::<u64>().ok()? * times)
}

/// `1d2h3m4s` and `26:03:04`, each as seconds.
fn seconds(value: &str) -> Option<u64> {
    if value.contains(':') {
        let parts = value.split(':').map(|part| part.parse::<u64>().ok());
        return parts
            .into_iter()
            .try_fold(0, |sum, part| Some(sum * 60 + part?));
    }
    let (mut sum, mut number) = (0, 0);
    for character in value.chars() {
        let unit = match character {
            'w' => 604_800,
            'd' => 86_400,
            'h' => 3_600,
            'm' => 60,
            's' => 1,
            digit => {
                number = number * 10 + u64::from(digit.to_digit(10)?);
                continue;
            }
        };
        sum += number * unit;
        number = 0;
    }
    Some(sum + number)
}

fn spelled_time(seconds: u64) -> String {
    let units = [
        (604_800, 'w'),
        (86_400, 'd'),
        (3_600, 'h'),
        (60, 'm'),
        (1, 's'),
    ];
    let (mut left, mut text) = (seconds, String::new());
    for (size, unit) in units {
        if left >= size {
            text.push_str(&format!("{}{unit}", left / size));
            left %= size;
        }
    }
    if text.is_empty() {
        "0s".to_owned()
    } else {
        text
    }
}

/// A row as the router says it: in words that mean the same, and that RouterOS would not choose.
fn said(menu: &str, row: &Fields) -> Fields {
    let spelling = |name: &str| {
        let fields = known(menu)?.fields.iter();
        fields
            .into_iter()
            .find(|(known, _)| *known == name)
            .map(|(_, spelling)| *spelling)
    };
    let said = |(name, value): (&String, &String)| {
        let value = match spelling(name) {
            Some(Spelling::Truth) => if value == "true" { "yes" } else { "no" }.to_owned(),
            Some(Spelling::Mac) => value.to_ascii_lowercase().replace(':', "-"),
            Some(Spelling::Time) => {
                let seconds = seconds(value).unwrap_or_default();
                format!(
                    "{}:{:02}:{:02}",
                    seconds / 3_600,
                    seconds / 60 % 60,
                    seconds % 60
                )
            }
            Some(Spelling::Network) if !value.contains('/') => format!("{value}/32"),
            _ => value.clone(),
        };
        (name.clone(), value)
    };
    row.iter().map(said).collect()
}
