//! A row, kept as the `!re` sentence it is sent as.

use std::sync::Arc;
use std::time::Duration;

use bytes::{BufMut, Bytes, BytesMut};
use routeros_proto::{Sentence, SentenceRef};

use crate::Id;
use routeros_schema::value::duration;

/// One row of a menu: its fields in order, as raw bytes. Cloning is cheap.
#[derive(Clone)]
pub struct Row {
    id: Option<Id>,
    data: Arc<Data>,
}

struct Data {
    /// `!re`, the fields, and the empty word at the end.
    wire: Bytes,
    timer: Option<Timer>,
}

/// A `timeout` that counts down.
#[derive(Clone, Copy)]
struct Timer {
    since: Duration,
    length: Duration,
}

/// The bytes before the first field.
const REPLY_WORD: &[u8] = b"\x03!re";

impl Row {
    /// A row of a list, or with no `id` that of a menu with a single row.
    pub(crate) fn new<'a>(
        id: Option<Id>,
        fields: impl IntoIterator<Item = (&'a [u8], &'a [u8])>,
    ) -> Row {
        let mut sentence = Sentence::new();
        sentence.word(b"!re");
        if let Some(id) = id {
            sentence.attribute(b".id", id.to_string().as_bytes());
        }
        for (name, value) in fields.into_iter().filter(|(name, _)| *name != b".id") {
            sentence.attribute(name, value);
        }
        Row::of_wire(id, sentence.finish(), None)
    }

    fn of_wire(id: Option<Id>, wire: Bytes, timer: Option<Timer>) -> Row {
        let data = Arc::new(Data { wire, timer });
        Row { id, data }
    }

    /// The row's `.id`; `None` in menus with a single row.
    pub fn id(&self) -> Option<Id> {
        self.id
    }

    /// The value of the field `name`, `None` where the row has none.
    pub fn get(&self, name: &str) -> Option<&[u8]> {
        self.sentence().get(name)
    }

    /// Names and values in the order they are sent, `.id` among them.
    pub fn fields(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        self.sentence().fields()
    }

    /// The row as the sentence it is sent as.
    pub(crate) fn sentence(&self) -> SentenceRef<'_> {
        SentenceRef::new(&self.data.wire)
    }

    /// Whether both are the very same version of a row.
    pub(crate) fn is_same(&self, other: &Row) -> bool {
        Arc::ptr_eq(&self.data, &other.data)
    }

    /// Whether the field `name` is a true boolean in either spelling.
    pub(crate) fn is_true(&self, name: &str) -> bool {
        matches!(self.get(name), Some(b"true" | b"yes"))
    }

    /// The row with some fields given a value, or none. New fields come last.
    pub(crate) fn with(&self, changes: &[(&[u8], Option<&[u8]>)]) -> Row {
        let change = |name: &[u8]| changes.iter().find(|(changed, _)| *changed == name);
        let kept = self
            .fields()
            .filter_map(|(name, value)| match change(name) {
                Some((_, changed)) => changed.map(|value| (name, value)),
                None => Some((name, value)),
            });
        let has = |name: &[u8]| self.fields().any(|(existing, _)| existing == name);
        let new = changes
            .iter()
            .filter(|(name, _)| !has(name))
            .filter_map(|(name, value)| value.map(|value| (*name, value)));
        let changed = Row::new(self.id, kept.chain(new));
        let timer = self.data.timer.filter(|_| change(b"timeout").is_none());
        Row::of_wire(changed.id, changed.data.wire.clone(), timer)
    }

    /// The same fields under another id.
    pub(crate) fn under(&self, id: Id) -> Row {
        Row::new(Some(id), self.fields())
    }

    /// The row with its `timeout` started at `now`, a reading of the clock, if it has one that is not running.
    pub(crate) fn armed(&self, now: Duration) -> Option<Row> {
        if self.data.timer.is_some() {
            return None;
        }
        let length = duration::parse(self.get("timeout")?).ok();
        let length = length.filter(|length| !length.is_zero())?;
        let timer = Timer { since: now, length };
        Some(Row::of_wire(self.id, self.data.wire.clone(), Some(timer)))
    }

    /// When the row vanishes, as a reading of the clock.
    pub(crate) fn ends(&self) -> Option<Duration> {
        let timer = self.data.timer?;
        Some(timer.since.saturating_add(timer.length))
    }

    /// The row as it reads at `now`: with what is left of its `timeout`.
    ///
    /// Within the first second the text is left as it was given.
    pub(crate) fn at(&self, now: Duration) -> Row {
        let Some(timer) = self.data.timer else {
            return self.clone();
        };
        let passed = now.saturating_sub(timer.since);
        if passed < Duration::from_secs(1) {
            return self.clone();
        }
        let left = duration::format(timer.length.saturating_sub(passed));
        let shown = self.with(&[(b"timeout", Some(left.as_bytes()))]);
        Row::of_wire(self.id, shown.data.wire.clone(), Some(timer))
    }

    /// Whether what is sent depends on the time.
    pub(crate) fn counts_down(&self) -> bool {
        self.data.timer.is_some()
    }

    /// Appends the row to `out` as a reply under `tag`, an encoded `.tag` word or nothing.
    pub(crate) fn write(&self, tag: &[u8], tag_last: bool, out: &mut BytesMut) {
        let fields = &self.data.wire[REPLY_WORD.len()..self.data.wire.len() - 1];
        out.reserve(self.data.wire.len() + tag.len());
        out.put_slice(REPLY_WORD);
        let (first, last) = if tag_last {
            (fields, tag)
        } else {
            (tag, fields)
        };
        out.put_slice(first);
        out.put_slice(last);
        out.put_u8(0);
    }
}

impl std::fmt::Debug for Row {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.sentence().fmt(out)
    }
}

impl PartialEq for Row {
    /// Whether all fields are equal and in the same order.
    fn eq(&self, other: &Row) -> bool {
        self.data.wire == other.data.wire
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row() -> Row {
        let fields: [(&[u8], &[u8]); 3] = [
            (b"list", b"blocked"),
            (b"timeout", b"00:04:59"),
            (b"comment", b"\xB2"),
        ];
        Row::new(Some(Id(31)), fields)
    }

    #[test]
    fn a_row_keeps_bytes_and_order() {
        let names: Vec<_> = row().fields().map(|(name, _)| name.to_vec()).collect();
        assert_eq!(
            names,
            [
                b".id".to_vec(),
                b"list".to_vec(),
                b"timeout".to_vec(),
                b"comment".to_vec()
            ]
        );
        assert_eq!(row().get("comment"), Some(&b"\xB2"[..]));
        assert_eq!(row().get(".id"), Some(&b"*1F"[..]));
    }

    #[test]
    fn a_change_replaces_in_place_appends_and_removes() {
        let changed = row().with(&[
            (b"list", Some(b"vip")),
            (b"comment", None),
            (b"disabled", Some(b"true")),
        ]);
        let mut out = BytesMut::new();
        changed.write(b"", false, &mut out);
        assert_eq!(
            &out[..],
            b"\x03!re\x08=.id=*1F\x09=list=vip\x11=timeout=00:04:59\x0e=disabled=true\x00"
        );
    }

    #[test]
    fn the_tag_stands_first_or_last() {
        let row = Row::new(None, [(&b"name"[..], &b"gw"[..])]);
        let mut out = BytesMut::new();
        row.write(b"\x06.tag=1", false, &mut out);
        row.write(b"\x06.tag=1", true, &mut out);
        assert_eq!(
            &out[..],
            b"\x03!re\x06.tag=1\x08=name=gw\x00\x03!re\x08=name=gw\x06.tag=1\x00"
        );
    }

    #[test]
    fn a_running_timeout_shows_what_is_left() {
        let armed = row().armed(Duration::from_secs(10)).unwrap();
        assert_eq!(
            armed.at(Duration::from_secs(10)).get("timeout"),
            Some(&b"00:04:59"[..])
        );
        assert_eq!(
            armed.at(Duration::from_secs(69)).get("timeout"),
            Some(&b"4m"[..])
        );
        assert_eq!(armed.ends(), Some(Duration::from_secs(309)));
    }
}
