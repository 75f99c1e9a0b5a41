//! `print`, `getall` and `listen`.

use std::collections::HashSet;
use std::sync::Arc;

use bytes::{BufMut, BytesMut};
use routeros_proto::{Query, length};
use tokio::sync::broadcast;

use super::{Answer, Call, MOST_ARGUMENTS, Watch, target};
use crate::change::Change;
use crate::menu::Shape;
use crate::router::Router;
use crate::shown::Shown;
use crate::trap::{Refusal, Trap};
use crate::{Id, Row};

/// Rows on their way out: those of the moment the command came.
pub(crate) struct Print {
    rows: Arc<Vec<Row>>,
    next: usize,
    /// `None` for rows that are sent as they are.
    shown: Option<Shown>,
    view: View,
    only: Option<HashSet<Id>>,
    /// Whether `!empty` is said when there is no row.
    pub(crate) says_empty: bool,
    /// What follows the rows in place of `!done`.
    pub(crate) follow: Option<Listen>,
}

/// What a look at one row of a print gives.
pub(crate) enum Next {
    /// A row to send.
    Row(Row),
    /// One that is not to be sent.
    Skipped,
    /// There are no more.
    End,
}

/// Changes on their way out.
pub(crate) struct Listen {
    menu: String,
    shown: Shown,
    view: View,
    changes: broadcast::Receiver<Change>,
}

/// Which rows of a menu are sent, and which of their fields.
#[derive(Clone)]
pub(crate) struct View {
    query: Option<Query>,
    fields: Option<Vec<Vec<u8>>>,
}

/// Executes `print` (manual "API": `getall` is the same).
pub(super) fn print(router: &mut Router, call: &Call) -> Result<Answer, Refusal> {
    let view = view(router, call)?;
    let flag = |name| call.request.get(name).is_some();
    if flag("follow-only") {
        return Ok(Answer::Listen(listen_to(router, call, view)));
    }
    if flag("interval") {
        return again_and_again(router, call, view);
    }
    let follow = flag("follow").then(|| listen_to(router, call, view.clone()));
    let print = Print {
        rows: router.rows(call.menu),
        next: 0,
        shown: Some(router.shown(call.rules)),
        view,
        only: chosen(router, call)?,
        says_empty: router.says_empty,
        follow,
    };
    if flag("count-only") {
        // Seen: the count is in `ret`, and there are no rows.
        return Ok(Answer::Count(print));
    }
    Ok(Answer::Print(print))
}

/// Executes `print` with `interval`: all rows in each round (seen).
fn again_and_again(router: &mut Router, call: &Call, view: View) -> Result<Answer, Refusal> {
    let only = chosen(router, call)?;
    let (menu, rules) = (call.menu.to_owned(), call.rules);
    let watch = Watch::new(call.request, move |router, _| {
        let mut print = Print {
            rows: router.rows(&menu),
            next: 0,
            shown: Some(router.shown(rules)),
            view: view.clone(),
            only: only.clone(),
            says_empty: false,
            follow: None,
        };
        let mut rows = Vec::new();
        loop {
            match print.next() {
                Next::Row(row) => rows.push(view.cut(&row)),
                Next::Skipped => {}
                Next::End => return rows,
            }
        }
    })?;
    Ok(Answer::Watch(watch))
}

/// Executes `listen`, which is a `print` with `follow-only` (seen: menus with one row refuse it so).
pub(super) fn listen(router: &mut Router, call: &Call) -> Result<Answer, Refusal> {
    if call.rules.shape == Shape::Single {
        return Err(unknown_parameter(router, "follow-only").into());
    }
    let view = view(router, call)?;
    Ok(Answer::Listen(listen_to(router, call, view)))
}

/// The refusal of an argument that the command does not know.
pub(super) fn unknown_parameter(router: &Router, name: &str) -> Trap {
    match router.version.names_unknown_parameter() {
        true => Trap::text(format!("unknown parameter {name}")),
        false => Trap::text("unknown parameter"),
    }
}

fn listen_to(router: &Router, call: &Call, view: View) -> Listen {
    Listen {
        menu: call.menu.to_owned(),
        shown: router.shown(call.rules),
        view,
        changes: router.listen(),
    }
}

/// Arguments of a real router whose effect is not known well enough to be shown.
const NOT_IMITATED: [&str; 6] = [
    "append",
    "file",
    "group-by",
    "on-event",
    "value-list",
    "where",
];

fn view(router: &Router, call: &Call) -> Result<View, Refusal> {
    for (name, _) in call.all_arguments()? {
        if name == ".proplist" {
            continue;
        }
        if !call.rules.has_print_argument(name) {
            return Err(unknown_parameter(router, name).into());
        }
        if NOT_IMITATED.contains(&name) {
            return Err(Trap::not_imitated(&format!("print {name}")).into());
        }
    }
    let has_query = call
        .request
        .sentence()
        .words()
        .any(|word| word.starts_with(b"?"));
    let query = call
        .request
        .query()
        .map_err(|error| Trap::text(format!("failure: {error}")))?;
    let list = call
        .request
        .get(".proplist")
        .or_else(|| call.request.get("proplist"));
    Ok(View {
        query: has_query.then_some(query),
        fields: list.map(names).transpose()?,
    })
}

/// The names in a `.proplist`.
fn names(list: &[u8]) -> Result<Vec<Vec<u8>>, Trap> {
    let names: Vec<Vec<u8>> = list
        .split(|byte| *byte == b',')
        .map(<[u8]>::to_vec)
        .collect();
    match names.len() {
        0..=MOST_ARGUMENTS => Ok(names),
        _ => Err(Trap::too_many("properties")),
    }
}

/// The rows named by `from`.
fn chosen(router: &mut Router, call: &Call) -> Result<Option<HashSet<Id>>, Trap> {
    match target::list(router, call, "from") {
        Some(items) => items.into_iter().collect::<Result<_, Trap>>().map(Some),
        None => Ok(None),
    }
}

impl Print {
    /// Rows that are sent as they are, whatever the state holds.
    pub(super) fn of(rows: Vec<Row>, says_empty: bool) -> Print {
        Print {
            rows: Arc::new(rows),
            next: 0,
            shown: None,
            view: View {
                query: None,
                fields: None,
            },
            only: None,
            says_empty,
            follow: None,
        }
    }

    /// The next row that is to be sent, if the query keeps it, with its timeout as it was when the
    /// command came.
    ///
    /// It looks at one row only, so that a long search can be interrupted.
    pub(crate) fn next(&mut self) -> Next {
        let Some(row) = self.rows.get(self.next) else {
            return Next::End;
        };
        self.next += 1;
        let row = match &self.shown {
            Some(shown) => shown.row(row),
            None => row.clone(),
        };
        let is_chosen = |ids: &HashSet<Id>| row.id().is_some_and(|id| ids.contains(&id));
        match self.only.as_ref().is_none_or(is_chosen) && self.view.keeps(&row) {
            true => Next::Row(row),
            false => Next::Skipped,
        }
    }

    /// Appends a row to `out`; see [`View::write`].
    pub(crate) fn write(&self, row: &Row, tag: &[u8], tag_last: bool, out: &mut BytesMut) {
        self.view.write(row, tag, tag_last, out);
    }
}

impl Listen {
    /// The next change as an encoded reply. `None` when the router has gone.
    pub(crate) async fn next(&mut self, tag: &[u8], tag_last: bool) -> Option<BytesMut> {
        loop {
            let change = match self.changes.recv().await {
                Ok(change) => change,
                Err(broadcast::error::RecvError::Lagged(_)) => continue,
                Err(broadcast::error::RecvError::Closed) => return None,
            };
            if *change.menu != *self.menu {
                continue;
            }
            let mut out = BytesMut::new();
            match &change.row {
                Ok(row) => {
                    let row = self.shown.hidden(row);
                    if !self.view.keeps(&row) {
                        continue;
                    }
                    self.view.write(&row, tag, tag_last, &mut out);
                }
                Err(id) => gone(*id).write(tag, tag_last, &mut out),
            }
            return Some(out);
        }
    }
}

/// What `listen` says of a row that went (seen; the manual writes `.dead=yes`).
fn gone(id: Id) -> Row {
    Row::new(Some(id), [(&b".dead"[..], &b"true"[..])])
}

impl View {
    fn keeps(&self, row: &Row) -> bool {
        let sentence = row.sentence();
        let value = |name: &[u8]| {
            std::str::from_utf8(name)
                .ok()
                .and_then(|name| sentence.get(name))
        };
        self.query.as_ref().is_none_or(|query| query.matches(value))
    }

    /// The row with the fields that are sent.
    fn cut(&self, row: &Row) -> Row {
        let Some(wanted) = &self.fields else {
            return row.clone();
        };
        let is_wanted = |name: &[u8]| wanted.iter().any(|wanted| wanted == name);
        let id = row.id().filter(|_| is_wanted(b".id"));
        Row::new(id, row.fields().filter(|(name, _)| is_wanted(name)))
    }

    /// Appends a row to `out` as a reply under `tag`, an encoded `.tag` word or nothing.
    ///
    /// With a `.proplist`, a row that has none of its fields is a bare `!re` (seen).
    fn write(&self, row: &Row, tag: &[u8], tag_last: bool, out: &mut BytesMut) {
        let Some(fields) = &self.fields else {
            return row.write(tag, tag_last, out);
        };
        write_word(b"!re", out);
        if !tag_last {
            out.put_slice(tag);
        }
        for word in row.sentence().words().skip(1) {
            if fields.iter().any(|field| is_field(word, field)) {
                write_word(word, out);
            }
        }
        if tag_last {
            out.put_slice(tag);
        }
        out.put_u8(0);
    }
}

/// Whether `word` is `=field=…`.
fn is_field(word: &[u8], field: &[u8]) -> bool {
    let rest = word
        .strip_prefix(b"=")
        .and_then(|word| word.strip_prefix(field));
    rest.is_some_and(|rest| rest.starts_with(b"="))
}

fn write_word(word: &[u8], out: &mut BytesMut) {
    // Words of rows are within the limits of what was received, or were written by a test.
    length::encode(u32::try_from(word.len()).unwrap_or(u32::MAX), out);
    out.put_slice(word);
}
