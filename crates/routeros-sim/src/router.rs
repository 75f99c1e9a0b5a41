//! A router's state with everything that watches over it: clock, rules, counters, listeners.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::broadcast;

use crate::change::Change;
use crate::menu::{self, Menu, Shape};
use crate::received::Received;
use crate::shown::Shown;
use crate::{Clock, Faults, Id, Policy, Row, State, Version};

/// The simulated router behind all connections.
pub(crate) struct Router {
    pub(crate) state: State,
    pub(crate) clock: Clock,
    pub(crate) version: Version,
    pub(crate) says_empty: bool,
    /// Whether counters grow and ages pass.
    pub(crate) moves: bool,
    pub(crate) faults: Faults,
    pub(crate) received: Received,
    /// `remove` commands since the faults were set.
    pub(crate) removes: usize,
    changes: broadcast::Sender<Change>,
    /// How many rows of a menu have a key, for menus in which it must be unique. Made when needed.
    keys: HashMap<String, HashMap<Vec<u8>, usize>>,
    /// When the first timed row ends.
    soonest: Option<Duration>,
    /// When it was started last, as a reading of the clock.
    booted: Duration,
    /// Commands since the faults were set.
    pub(crate) commands: u32,
}

/// Changes a listener may be behind before it loses some.
const CHANGES_KEPT: usize = 4_096;

impl Router {
    pub(crate) fn new(state: State, clock: Clock, version: Version, says_empty: bool) -> Router {
        let mut router = Router {
            state,
            clock,
            version,
            says_empty,
            moves: false,
            faults: Faults::default(),
            received: Received::default(),
            removes: 0,
            changes: broadcast::Sender::new(CHANGES_KEPT),
            keys: HashMap::new(),
            soonest: None,
            booted: Duration::ZERO,
            commands: 0,
        };
        router.start_timers();
        router
    }

    /// The rules of a menu that is in the table or in the state.
    pub(crate) fn rules(&self, menu: &str) -> Option<&'static Menu> {
        let shape = || match self.state.is_single(menu) {
            true => Shape::Single,
            false => Shape::List,
        };
        let in_state = self.state.menus.contains_key(menu);
        menu::find(menu).or_else(|| in_state.then(|| menu::generic(shape())))
    }

    /// A snapshot of a menu's rows. What a single menu always has is made up if the state lacks it.
    pub(crate) fn rows(&mut self, menu: &str) -> Arc<Vec<Row>> {
        match self.state.menus.get(menu) {
            Some(table) => table.rows.clone(),
            None => Arc::new(self.given(menu).into_iter().collect()),
        }
    }

    /// The single row that every router has.
    fn given(&self, menu: &str) -> Option<Row> {
        let now = self.clock.now();
        let fields: Vec<(&str, String)> = match menu {
            "/system/identity" => vec![("name", "MikroTik".into())],
            "/system/resource" => vec![
                (
                    "uptime",
                    routeros_schema::value::duration::format(self.uptime()),
                ),
                ("version", format!("{} (stable)", self.version)),
                ("cpu-count", "1".into()),
                ("cpu-load", "0".into()),
                ("free-memory", "201326592".into()),
                ("total-memory", "268435456".into()),
                ("architecture-name", "x86_64".into()),
                ("board-name", "CHR".into()),
                ("platform", "MikroTik".into()),
            ],
            "/system/clock" => vec![
                ("time", now.strftime("%H:%M:%S").to_string()),
                ("date", self.date()),
                ("time-zone-autodetect", "true".into()),
                ("time-zone-name", "UTC".into()),
                ("gmt-offset", "+00:00".into()),
                ("dst-active", "false".into()),
            ],
            _ => return None,
        };
        let fields = fields
            .iter()
            .map(|(name, value)| (name.as_bytes(), value.as_bytes()));
        Some(Row::new(None, fields))
    }

    /// Writes the made up row of a single menu into the state, so that it can change.
    pub(crate) fn keep_given(&mut self, menu: &str) {
        if self.state.rows(menu).is_empty() {
            let row = self.given(menu).unwrap_or_else(|| Row::new(None, []));
            self.state.table(menu).rows = Arc::new(vec![row]);
        }
    }

    fn uptime(&self) -> Duration {
        self.clock.elapsed().saturating_sub(self.booted)
    }

    /// Starts the router anew: rows with a timeout, hosts and logins of the hotspot are gone (documented,
    /// "Address-lists"; the others ours), and every other row of a list has the id that its neighbour
    /// had (ours: whether ids survive is told both ways, so clients are held to the worse).
    pub(crate) fn reboot(&mut self) {
        const LOST: [&str; 2] = ["/ip/hotspot/host", "/ip/hotspot/active"];
        for (menu, table) in &mut self.state.menus {
            let stays = |row: &&Row| !row.counts_down() && !LOST.contains(&menu.as_str());
            let rows: Vec<Row> = table.rows.iter().filter(stays).cloned().collect();
            let ids = rows.iter().filter_map(Row::id).collect::<Vec<_>>();
            let rotated = ids.iter().cycle().skip(1);
            table.rows = Arc::new(match ids.len() == rows.len() {
                true => rows
                    .iter()
                    .zip(rotated)
                    .map(|(row, id)| row.under(*id))
                    .collect(),
                false => rows,
            });
        }
        self.keys.clear();
        self.booted = self.clock.elapsed();
        self.start_timers();
    }

    fn date(&self) -> String {
        let now = self.clock.now();
        match self.version.writes_iso_dates() {
            true => now.strftime("%Y-%m-%d").to_string(),
            false => now.strftime("%b/%d/%Y").to_string().to_lowercase(),
        }
    }

    /// Date and time as the router's release writes them.
    pub(crate) fn date_time(&self) -> String {
        format!("{} {}", self.date(), self.clock.now().strftime("%H:%M:%S"))
    }

    /// What a reader sees of a menu's rows now.
    pub(crate) fn shown(&self, rules: &'static Menu) -> Shown {
        let sees_secrets = self.faults.allows(Policy::Sensitive);
        Shown::new(rules, self.clock.elapsed(), (self.moves, sees_secrets))
    }

    /// A view of all coming changes.
    pub(crate) fn listen(&self) -> broadcast::Receiver<Change> {
        self.changes.subscribe()
    }

    /// Puts a new row at `at`, or at the end.
    pub(crate) fn insert(&mut self, menu: &str, at: Option<usize>, row: Row) {
        self.count_key(menu, &row, true);
        let row = self.armed(menu, row);
        let table = self.state.table(menu);
        table.insert(at.unwrap_or(table.rows.len()), row.clone());
        self.tell(menu, Ok(row));
    }

    /// Puts a changed row in the place of the old one.
    pub(crate) fn replace(&mut self, menu: &str, at: usize, row: Row) {
        let old = self.state.table(menu).rows[at].clone();
        self.count_key(menu, &old, false);
        self.count_key(menu, &row, true);
        let row = self.armed(menu, row);
        self.state.table(menu).replace(at, row.clone());
        self.tell(menu, Ok(row));
    }

    /// Takes a row out.
    pub(crate) fn remove(&mut self, menu: &str, at: usize) -> Row {
        let row = self.state.table(menu).remove(at);
        self.count_key(menu, &row, false);
        if let Some(id) = row.id() {
            self.tell(menu, Err(id));
        }
        row
    }

    /// Whether another row than `except` has the key of `row`, in a menu where it must be unique.
    pub(crate) fn is_taken(
        &mut self,
        rules: &Menu,
        menu: &str,
        row: &Row,
        except: Option<&Row>,
    ) -> bool {
        let Some(unique) = rules.unique() else {
            return false;
        };
        let wanted = key(unique, row);
        if row.get(unique[0]).is_none_or(<[u8]>::is_empty) {
            // Without the first field, as a lease without an address, rows are not alike.
            return false;
        }
        if except.is_some_and(|old| key(unique, old) == wanted) {
            return false;
        }
        self.keys(menu, unique)
            .get(&wanted)
            .is_some_and(|count| *count > 0)
    }

    fn keys(&mut self, menu: &str, unique: &[&str]) -> &mut HashMap<Vec<u8>, usize> {
        if !self.keys.contains_key(menu) {
            let mut keys = HashMap::new();
            for row in self.state.rows(menu) {
                *keys.entry(key(unique, row)).or_default() += 1;
            }
            self.keys.insert(menu.to_owned(), keys);
        }
        self.keys.entry(menu.to_owned()).or_default()
    }

    /// Keeps the count of keys right, if it was made already.
    fn count_key(&mut self, menu: &str, row: &Row, comes: bool) {
        let unique = menu::find(menu).and_then(Menu::unique);
        let (Some(unique), Some(keys)) = (unique, self.keys.get_mut(menu)) else {
            return;
        };
        let count = keys.entry(key(unique, row)).or_default();
        *count = if comes {
            *count + 1
        } else {
            count.saturating_sub(1)
        };
        if *count == 0 {
            keys.remove(&key(unique, row));
        }
    }

    fn tell(&self, menu: &str, row: Result<Row, Id>) {
        if self.changes.receiver_count() > 0 {
            let menu = menu.into();
            // An error means that the last listener went this moment.
            let _ = self.changes.send(Change { menu, row });
        }
    }

    /// The row with its timeout running, if the menu has that.
    fn armed(&mut self, menu: &str, row: Row) -> Row {
        if !menu::find(menu).is_some_and(|rules| rules.counts_down()) {
            return row;
        }
        let row = row.armed(self.clock.elapsed()).unwrap_or(row);
        self.soonest = self.soonest.into_iter().chain(row.ends()).min();
        row
    }

    /// Starts the timeouts of all rows that have one.
    fn start_timers(&mut self) {
        let now = self.clock.elapsed();
        for rules in menu::all().iter().filter(|rules| rules.counts_down()) {
            let Some(table) = self.state.menus.get_mut(rules.path) else {
                continue;
            };
            if table.rows.iter().any(|row| row.armed(now).is_some()) {
                let armed = |row: &Row| row.armed(now).unwrap_or_else(|| row.clone());
                table.rows = Arc::new(table.rows.iter().map(armed).collect());
            }
        }
        self.find_soonest();
    }

    fn find_soonest(&mut self) {
        let timed = menu::all().iter().filter(|rules| rules.counts_down());
        let rows = timed.flat_map(|rules| self.state.rows(rules.path));
        self.soonest = rows.filter_map(Row::ends).min();
    }

    /// Takes out the rows whose time has run out.
    pub(crate) fn settle(&mut self) {
        let now = self.clock.elapsed();
        if self.soonest.is_none_or(|soonest| soonest > now) {
            return;
        }
        let is_over = |row: &Row| row.ends().is_some_and(|end| end <= now);
        for rules in menu::all().iter().filter(|rules| rules.counts_down()) {
            let rows = self.rows(rules.path);
            let (over, left): (Vec<Row>, Vec<Row>) = rows.iter().cloned().partition(is_over);
            if over.is_empty() {
                continue;
            }
            self.state.table(rules.path).rows = Arc::new(left);
            self.keys.remove(rules.path);
            for id in over.iter().filter_map(Row::id) {
                self.tell(rules.path, Err(id));
            }
        }
        self.find_soonest();
    }

    /// The state with every timeout as it reads now.
    pub(crate) fn settled(&mut self) -> State {
        self.settle();
        let now = self.clock.elapsed();
        let mut state = self.state.clone();
        for table in state.menus.values_mut() {
            if table.rows.iter().any(Row::counts_down) {
                table.rows = Arc::new(table.rows.iter().map(|row| row.at(now)).collect());
            }
        }
        state
    }

    /// Lets `change` edit the state, then tells the listeners what it did.
    pub(crate) fn edit<Answer>(&mut self, change: impl FnOnce(&mut State) -> Answer) -> Answer {
        self.settle();
        let before = self.state.clone();
        let answer = change(&mut self.state);
        self.keys.clear();
        self.start_timers();
        self.tell_differences(&before);
        answer
    }

    fn tell_differences(&self, before: &State) {
        if self.changes.receiver_count() == 0 {
            return;
        }
        let new_menus = self
            .state
            .menus()
            .filter(|menu| !before.menus.contains_key(*menu));
        for menu in before.menus().chain(new_menus) {
            let (old, new) = (rows_by_id(before, menu), rows_by_id(&self.state, menu));
            for id in old.keys().filter(|id| !new.contains_key(id)).flatten() {
                self.tell(menu, Err(*id));
            }
            let is_new = |row: &&Row| old.get(&row.id()).is_none_or(|old| !old.is_same(row));
            for row in self.state.rows(menu).iter().filter(is_new) {
                self.tell(menu, Ok(row.clone()));
            }
        }
    }
}

fn rows_by_id<'a>(state: &'a State, menu: &str) -> HashMap<Option<Id>, &'a Row> {
    state.rows(menu).iter().map(|row| (row.id(), row)).collect()
}

/// The values of the fields that must be unique together, in a form that keeps them apart.
fn key(unique: &[&str], row: &Row) -> Vec<u8> {
    let mut key = Vec::new();
    for field in unique {
        let value = row.get(field).unwrap_or_default();
        key.extend_from_slice(&value.len().to_be_bytes());
        key.extend_from_slice(value);
    }
    key
}
