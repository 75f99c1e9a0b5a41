//! Rows of a router's menu or of a query: shared, immutable, decoded when touched.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::rc::Rc;
use std::sync::Arc;

use rhai::plugin::*;
use rhai::{Array, Dynamic, FnPtr, INT, ImmutableString, Map};
use serde_json::Value as Json;

use super::call::{Answer, CallResult, Read};
use super::error::HostError;
use super::value::{Value, json_of, key_of};

/// Rows as a service gave them. Implementations keep the bytes they came in.
pub trait Table: Send + Sync {
    /// How many rows there are.
    fn len(&self) -> usize;

    /// True without rows.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The value of a field; [`Value::Unit`] where the row has none of that name.
    ///
    /// # Errors
    /// The value cannot be decoded, or the table has no such column at all.
    fn value(&self, row: usize, field: &str) -> Result<Value, HostError>;

    /// The names of the fields this row has, in the order they came.
    fn fields(&self, row: usize) -> Vec<String>;

    /// Calls `with` with the text of a field where it has one; cheaper than [`Table::value`] as
    /// nothing is copied. Bytes are as they came.
    fn with_text(&self, row: usize, field: &str, with: &mut dyn FnMut(&[u8])) {
        if let Ok(value) = self.value(row, field)
            && value != Value::Unit
        {
            with(value.key().as_bytes());
        }
    }
}

/// The rows a read gives. Cheap to copy; waits for its read when it is first used.
#[derive(Clone)]
pub struct Rows {
    source: Source,
    /// Positions in the table, where this is a part of it.
    selection: Option<Arc<[u32]>>,
}

#[derive(Clone)]
enum Source {
    Read(Rc<Read>),
    Table(Arc<dyn Table>),
}

impl Rows {
    /// The rows that `read` will give.
    pub fn deferred(read: Rc<Read>) -> Self {
        Self {
            source: Source::Read(read),
            selection: None,
        }
    }

    /// All rows of a table that is here already.
    pub fn of(table: Arc<dyn Table>) -> Self {
        Self {
            source: Source::Table(table),
            selection: None,
        }
    }

    /// Waits for the read. Fails as the read failed.
    pub fn resolve(&self) -> Result<View, HostError> {
        let table = match &self.source {
            Source::Table(table) => table.clone(),
            Source::Read(read) => match read.wait()? {
                Answer::Table(table) => table,
                Answer::Value(_) => {
                    return Err(HostError::invalid("the read did not give rows"));
                }
            },
        };
        Ok(View {
            table,
            selection: self.selection.clone(),
        })
    }

    /// All rows as JSON objects.
    pub fn to_json(&self) -> Result<Json, HostError> {
        self.resolve()?.iter().map(|row| row.to_json()).collect()
    }
}

/// Rows that are here: a table, or a part of one.
#[derive(Clone)]
pub struct View {
    table: Arc<dyn Table>,
    selection: Option<Arc<[u32]>>,
}

impl View {
    /// How many rows.
    pub fn len(&self) -> usize {
        self.selection
            .as_ref()
            .map_or_else(|| self.table.len(), |selection| selection.len())
    }

    /// True without rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The table below and the position in it of the row at `index` of this view.
    pub fn place(&self, index: usize) -> (&dyn Table, usize) {
        let position = self
            .selection
            .as_ref()
            .map_or(index, |selection| selection[index] as usize);
        (&*self.table, position)
    }

    /// The row at `index`; panics beyond the end, as slices do.
    pub fn row(&self, index: usize) -> Row {
        let (_, position) = self.place(index);
        Row {
            table: self.table.clone(),
            position: position as u32,
        }
    }

    /// The rows in order.
    pub fn iter(&self) -> impl Iterator<Item = Row> + '_ {
        (0..self.len()).map(|index| self.row(index))
    }

    /// The value of a field of the row at `index`.
    pub fn value(&self, index: usize, field: &str) -> Result<Value, HostError> {
        let (table, position) = self.place(index);
        table.value(position, field)
    }

    /// The rows at these positions of this view, in this order.
    pub fn select(&self, indexes: impl IntoIterator<Item = usize>) -> Rows {
        Rows {
            source: Source::Table(self.table.clone()),
            selection: Some(
                indexes
                    .into_iter()
                    .map(|index| self.place(index).1 as u32)
                    .collect(),
            ),
        }
    }

    fn keys(&self, field: &str) -> Result<Vec<String>, HostError> {
        (0..self.len())
            .map(|index| Ok(self.value(index, field)?.key().into_owned()))
            .collect()
    }
}

/// One row. Fields are read as `row.comment` or `row["mac-address"]`; an absent one is `()`.
#[derive(Clone)]
pub struct Row {
    table: Arc<dyn Table>,
    position: u32,
}

impl Row {
    /// The value of a field.
    pub fn value(&self, field: &str) -> Result<Value, HostError> {
        self.table.value(self.position as usize, field)
    }

    /// The names of its fields.
    pub fn fields(&self) -> Vec<String> {
        self.table.fields(self.position as usize)
    }

    /// The row as a JSON object.
    pub fn to_json(&self) -> Result<Json, HostError> {
        self.fields()
            .into_iter()
            .map(|name| {
                let value = self.value(&name)?.to_json();
                Ok((name, value))
            })
            .collect()
    }
}

/// Rows found by the value of one field: `users[id]` is the row, or `()`.
#[derive(Clone)]
pub struct Index {
    view: View,
    positions: Rc<HashMap<String, u32>>,
}

/// Rows in groups by the value of one field: `groups[value]` are the rows, possibly none.
#[derive(Clone)]
pub struct Groups {
    view: View,
    order: Rc<Vec<String>>,
    positions: Rc<HashMap<String, Vec<usize>>>,
}

/// A table made of a script's own maps.
struct Maps(Vec<serde_json::Map<String, Json>>);

impl Table for Maps {
    fn len(&self) -> usize {
        self.0.len()
    }

    fn value(&self, row: usize, field: &str) -> Result<Value, HostError> {
        Ok(self.0[row].get(field).map_or(Value::Unit, value_of_json))
    }

    fn fields(&self, row: usize) -> Vec<String> {
        self.0[row].keys().cloned().collect()
    }
}

/// Tables one after another.
struct Chain(Vec<View>);

impl Chain {
    /// The part that holds the row at `index`, and the row's index there.
    fn part(&self, mut index: usize) -> Option<(&View, usize)> {
        for part in &self.0 {
            if index < part.len() {
                return Some((part, index));
            }
            index -= part.len();
        }
        None
    }
}

impl Table for Chain {
    fn len(&self) -> usize {
        self.0.iter().map(View::len).sum()
    }

    fn value(&self, row: usize, field: &str) -> Result<Value, HostError> {
        self.part(row)
            .map_or(Ok(Value::Unit), |(part, index)| part.value(index, field))
    }

    fn fields(&self, row: usize) -> Vec<String> {
        self.part(row)
            .map_or_else(Vec::new, |(part, index)| part.row(index).fields())
    }
}

/// The value a JSON value stands for: objects become maps, null becomes nothing.
pub fn value_of_json(json: &Json) -> Value {
    match json {
        Json::Null => Value::Unit,
        Json::Bool(flag) => Value::Bool(*flag),
        Json::Number(number) => number
            .as_i64()
            .map(Value::Int)
            .or_else(|| super::decimal::Decimal::parse(&number.to_string()).map(Value::Decimal))
            .unwrap_or(Value::Unit),
        Json::String(text) => Value::Text(text.clone()),
        Json::Array(values) => Value::Array(values.iter().map(value_of_json).collect()),
        Json::Object(values) => Value::Map(
            values
                .iter()
                .map(|(name, value)| (name.clone(), value_of_json(value)))
                .collect(),
        ),
    }
}

/// What lets `for row in rows` raise the error of a failed read.
impl IntoIterator for Rows {
    type Item = CallResult<Row>;
    type IntoIter = Box<dyn Iterator<Item = Self::Item>>;

    fn into_iter(self) -> Self::IntoIter {
        match self.resolve() {
            Ok(view) => Box::new((0..view.len()).map(move |index| Ok(view.row(index)))),
            Err(error) => Box::new(std::iter::once(Err(error.raise()))),
        }
    }
}

fn field_of(row: &Row, name: &str) -> CallResult<Dynamic> {
    Ok(row.value(name).map_err(HostError::raise)?.into_dynamic())
}

/// Registers the types, `for … in`, `row.field` and `row["field"]`.
pub fn register(engine: &mut rhai::Engine) {
    engine
        .register_type_with_name::<Rows>("Rows")
        .register_type_with_name::<Row>("Row")
        .register_type_with_name::<Index>("Index")
        .register_type_with_name::<Groups>("Groups")
        .register_iterator_result::<Rows, Row>()
        .register_indexer_get(|row: &mut Row, name: ImmutableString| field_of(row, &name))
        .register_indexer_get(|rows: &mut Rows, index: INT| -> CallResult<Row> {
            let view = rows.resolve().map_err(HostError::raise)?;
            let length = view.len();
            let from_start = if index < 0 {
                index + length as INT
            } else {
                index
            };
            usize::try_from(from_start)
                .ok()
                .filter(|index| *index < length)
                .map(|index| view.row(index))
                .ok_or_else(|| {
                    HostError::invalid(format!("there is no row {index} among {length} rows"))
                        .raise()
                })
        })
        .register_indexer_get(|index: &mut Index, key: Dynamic| found(index, &key))
        .register_indexer_get(|groups: &mut Groups, key: Dynamic| group(groups, &key));
}

fn found(index: &Index, key: &Dynamic) -> Dynamic {
    index
        .positions
        .get(&key_of(key))
        .map_or(Dynamic::UNIT, |position| {
            Dynamic::from(index.view.row(*position as usize))
        })
}

fn group(groups: &Groups, key: &Dynamic) -> Rows {
    let positions = groups.positions.get(&key_of(key));
    groups.view.select(positions.into_iter().flatten().copied())
}

fn view(rows: &Rows) -> CallResult<View> {
    rows.resolve().map_err(HostError::raise)
}

/// Working with rows: what `mikrotik::rows` and `db::rows` give. A method that needs the rows
/// waits for the read behind them and fails as that read failed.
#[export_module]
pub mod rows_module {
    use super::*;

    /// Rows made of an array of maps, for a script's own data and for trying things.
    /// Fails with kind `invalid` if an element is not a map.
    ///
    /// ```rhai
    /// let rows = rows::from([#{ id: 1, name: "budi" }, #{ id: 2, name: "sari" }]);
    /// assert_eq(rows.len(), 2);
    /// assert_eq(rows[1].name, "sari");
    /// ```
    #[rhai_fn(name = "from", return_raw)]
    pub fn from(context: NativeCallContext, maps: Array) -> CallResult<Rows> {
        let maps = maps
            .iter()
            .map(|map| match json_of(map)? {
                Json::Object(fields) => Ok(fields),
                _ => Err(HostError::invalid(format!(
                    "rows are made of maps, not of `{}`",
                    map.type_name()
                ))),
            })
            .collect::<Result<_, _>>()
            .map_err(|error: HostError| error.at(&context).raise())?;
        Ok(Rows::of(Arc::new(Maps(maps))))
    }

    /// The rows of several reads one after another.
    /// Fails with kind `invalid` if an element is not rows, or as one of the reads failed.
    ///
    /// ```rhai
    /// let both = rows::chain([rows::from([#{ n: 1 }]), rows::from([#{ n: 2 }])]);
    /// assert_eq(both.column("n"), [1, 2]);
    /// ```
    #[rhai_fn(name = "chain", return_raw)]
    pub fn chain(parts: Array) -> CallResult<Rows> {
        let parts = parts
            .iter()
            .map(|part| match part.read_lock::<Rows>() {
                Some(rows) => view(&rows),
                None => {
                    let given = part.type_name();
                    Err(HostError::invalid(format!("rows are chained, not `{given}`")).raise())
                }
            })
            .collect::<CallResult<Vec<View>>>()?;
        Ok(Rows::of(Arc::new(Chain(parts))))
    }

    /// How many rows there are.
    ///
    /// ```rhai
    /// assert_eq(rows::from([]).len(), 0);
    /// ```
    #[rhai_fn(global, name = "len", get = "length", return_raw, pure)]
    pub fn len(rows: &mut Rows) -> CallResult<INT> {
        Ok(view(rows)?.len() as INT)
    }

    /// True without rows.
    ///
    /// ```rhai
    /// assert(rows::from([]).is_empty(), "no rows");
    /// ```
    #[rhai_fn(global, name = "is_empty", return_raw, pure)]
    pub fn is_empty(rows: &mut Rows) -> CallResult<bool> {
        Ok(view(rows)?.is_empty())
    }

    /// The first row, or `()`.
    ///
    /// ```rhai
    /// assert_eq(rows::from([#{ name: "budi" }]).first().name, "budi");
    /// ```
    #[rhai_fn(global, name = "first", return_raw, pure)]
    pub fn first(rows: &mut Rows) -> CallResult<Dynamic> {
        let view = view(rows)?;
        Ok(if view.is_empty() {
            Dynamic::UNIT
        } else {
            Dynamic::from(view.row(0))
        })
    }

    /// The first `count` rows, or all if there are fewer.
    ///
    /// ```rhai
    /// assert_eq(rows::from([#{ n: 1 }, #{ n: 2 }]).take(1).len(), 1);
    /// ```
    #[rhai_fn(global, name = "take", return_raw, pure)]
    pub fn take(rows: &mut Rows, count: INT) -> CallResult<Rows> {
        let view = view(rows)?;
        let count = usize::try_from(count).unwrap_or(0).min(view.len());
        Ok(view.select(0..count))
    }

    /// The rows whose fields have these values; text is compared exactly, `()` means absent, an array
    /// stands for any of its values.
    ///
    /// ```rhai
    /// let rows = rows::from([#{ list: "blocked" }, #{ list: "active" }, #{ list: "fup" }]);
    /// assert_eq(rows.where(#{ list: "blocked" }).len(), 1);
    /// assert_eq(rows.where(#{ list: ["active", "fup"], comment: () }).len(), 2);
    /// ```
    #[rhai_fn(global, name = "where", return_raw, pure)]
    pub fn matching(rows: &mut Rows, fields: Map) -> CallResult<Rows> {
        let view = view(rows)?;
        let wanted: Vec<(String, Wanted)> = fields
            .into_iter()
            .map(|(name, value)| (name.to_string(), Wanted::of(&value)))
            .collect();
        let mut kept = Vec::new();
        for index in 0..view.len() {
            let mut matches = true;
            for (name, wanted) in &wanted {
                let value = view.value(index, name).map_err(HostError::raise)?;
                matches = matches && wanted.is(&value);
            }
            if matches {
                kept.push(index);
            }
        }
        Ok(view.select(kept))
    }

    /// The rows for which `keep(row)` is true.
    ///
    /// ```rhai
    /// let rows = rows::from([#{ n: 1 }, #{ n: 5 }]);
    /// assert_eq(rows.filter(|row| row.n > 2).len(), 1);
    /// ```
    #[rhai_fn(global, name = "filter", return_raw, pure)]
    pub fn filter(context: NativeCallContext, rows: &mut Rows, keep: FnPtr) -> CallResult<Rows> {
        let view = view(rows)?;
        let mut kept = Vec::new();
        for index in 0..view.len() {
            if keep.call_within_context::<bool>(&context, (view.row(index),))? {
                kept.push(index);
            }
        }
        Ok(view.select(kept))
    }

    /// An array of `make(row)` for each row.
    ///
    /// ```rhai
    /// assert_eq(rows::from([#{ n: 2 }]).map(|row| row.n * 2), [4]);
    /// ```
    #[rhai_fn(global, name = "map", return_raw, pure)]
    pub fn map(context: NativeCallContext, rows: &mut Rows, make: FnPtr) -> CallResult<Array> {
        view(rows)?
            .iter()
            .map(|row| make.call_within_context::<Dynamic>(&context, (row,)))
            .collect()
    }

    /// An array of the values of one field.
    ///
    /// ```rhai
    /// assert_eq(rows::from([#{ n: 2 }, #{ n: 3 }]).column("n"), [2, 3]);
    /// ```
    #[rhai_fn(global, name = "column", return_raw, pure)]
    pub fn column(rows: &mut Rows, field: &str) -> CallResult<Array> {
        let view = view(rows)?;
        (0..view.len())
            .map(|index| {
                let value = view.value(index, field).map_err(HostError::raise)?;
                Ok(value.into_dynamic())
            })
            .collect()
    }

    /// Finds rows by the value of a field: `index[value]` is the row or `()`. Of several rows with
    /// one value the last wins.
    ///
    /// ```rhai
    /// let users = rows::from([#{ id: "a", name: "budi" }]).index_by("id");
    /// assert_eq(users["a"].name, "budi");
    /// assert_eq(users["b"], ());
    /// ```
    #[rhai_fn(global, name = "index_by", return_raw, pure)]
    pub fn index_by(rows: &mut Rows, field: &str) -> CallResult<Index> {
        let view = view(rows)?;
        let keys = view.keys(field).map_err(HostError::raise)?;
        let positions = keys.into_iter().zip(0..).collect();
        Ok(Index {
            view,
            positions: Rc::new(positions),
        })
    }

    /// True if some row has this value in the field of the index.
    ///
    /// ```rhai
    /// assert(rows::from([#{ id: 7 }]).index_by("id").contains(7), "by value");
    /// ```
    #[rhai_fn(global, name = "contains", pure)]
    pub fn index_contains(index: &mut Index, key: Dynamic) -> bool {
        index.positions.contains_key(&key_of(&key))
    }

    /// How many different values the index holds.
    ///
    /// ```rhai
    /// assert_eq(rows::from([#{ id: 7 }, #{ id: 7 }]).index_by("id").len(), 1);
    /// ```
    #[rhai_fn(global, name = "len", pure)]
    pub fn index_len(index: &mut Index) -> INT {
        index.positions.len() as INT
    }

    /// The rows in groups by the value of a field: `groups[value]` are the rows of that value,
    /// `groups.keys()` the values in the order they first came.
    ///
    /// ```rhai
    /// let groups = rows::from([#{ list: "a" }, #{ list: "b" }, #{ list: "a" }]).group_by("list");
    /// assert_eq(groups.keys(), ["a", "b"]);
    /// assert_eq(groups["a"].len(), 2);
    /// assert_eq(groups["c"].len(), 0);
    /// ```
    #[rhai_fn(global, name = "group_by", return_raw, pure)]
    pub fn group_by(rows: &mut Rows, field: &str) -> CallResult<Groups> {
        let view = view(rows)?;
        let keys = view.keys(field).map_err(HostError::raise)?;
        Ok(grouped(view, keys))
    }

    /// The rows in groups by what `name(row)` gives for them.
    ///
    /// ```rhai
    /// let rows = rows::from([#{ n: 1 }, #{ n: 5 }, #{ n: 7 }]);
    /// assert_eq(rows.group_by(|row| if row.n > 2 { "many" } else { "few" })["many"].len(), 2);
    /// ```
    #[rhai_fn(global, name = "group_by", return_raw, pure)]
    pub fn group_by_name(
        context: NativeCallContext,
        rows: &mut Rows,
        name: FnPtr,
    ) -> CallResult<Groups> {
        let view = view(rows)?;
        let keys = view
            .iter()
            .map(|row| {
                let key = name.call_within_context::<Dynamic>(&context, (row,))?;
                Ok(key_of(&key))
            })
            .collect::<CallResult<_>>()?;
        Ok(grouped(view, keys))
    }

    /// The values by which rows were grouped, in the order they first came.
    ///
    /// ```rhai
    /// assert_eq(rows::from([#{ n: 1 }]).group_by("n").keys(), ["1"]);
    /// ```
    #[rhai_fn(global, name = "keys", pure)]
    pub fn group_keys(groups: &mut Groups) -> Array {
        groups.order.iter().cloned().map(Dynamic::from).collect()
    }

    /// How many groups there are.
    ///
    /// ```rhai
    /// assert_eq(rows::from([#{ n: 1 }, #{ n: 1 }]).group_by("n").len(), 1);
    /// ```
    #[rhai_fn(global, name = "len", pure)]
    pub fn group_len(groups: &mut Groups) -> INT {
        groups.order.len() as INT
    }

    /// A map from each value of a field to the number of rows that have it; rows without the field
    /// count under the empty text.
    ///
    /// ```rhai
    /// let counts = rows::from([#{ list: "a" }, #{ list: "a" }]).count_by("list");
    /// assert_eq(counts, #{ a: 2 });
    /// ```
    #[rhai_fn(global, name = "count_by", return_raw, pure)]
    pub fn count_by(rows: &mut Rows, field: &str) -> CallResult<Map> {
        let mut counts: HashMap<String, INT> = HashMap::new();
        for key in view(rows)?.keys(field).map_err(HostError::raise)? {
            *counts.entry(key).or_default() += 1;
        }
        Ok(counts
            .into_iter()
            .map(|(key, count)| (key.into(), Dynamic::from_int(count)))
            .collect())
    }

    /// The rows ordered by the text of a field; rows with equal text keep their order.
    ///
    /// ```rhai
    /// let rows = rows::from([#{ n: "b" }, #{ n: "a" }]);
    /// assert_eq(rows.sort_by("n").column("n"), ["a", "b"]);
    /// ```
    #[rhai_fn(global, name = "sort_by", return_raw, pure)]
    pub fn sort_by(rows: &mut Rows, field: &str) -> CallResult<Rows> {
        let view = view(rows)?;
        let keys = view.keys(field).map_err(HostError::raise)?;
        let mut order: Vec<usize> = (0..keys.len()).collect();
        order.sort_by(|a, b| keys[*a].cmp(&keys[*b]));
        Ok(view.select(order))
    }

    /// What differs between two sets of rows that share a key field: a map of `only_left` and
    /// `only_right` (rows) and `changed`, an array of `#{ key, fields, left, right }` where
    /// `fields` names the fields whose values differ. Of several rows with one key the last counts.
    ///
    /// ```rhai
    /// let before = rows::from([#{ id: 1, n: "a" }, #{ id: 2, n: "b" }]);
    /// let after = rows::from([#{ id: 2, n: "c" }, #{ id: 3, n: "d" }]);
    /// let difference = diff(before, after, "id");
    /// assert_eq(difference.only_left.column("id"), [1]);
    /// assert_eq(difference.only_right.column("id"), [3]);
    /// assert_eq(difference.changed[0].fields, ["n"]);
    /// ```
    #[rhai_fn(global, name = "diff", return_raw)]
    pub fn diff(left: Rows, right: Rows, key: &str) -> CallResult<Map> {
        let (left, right) = (view(&left)?, view(&right)?);
        let left_keys = left.keys(key).map_err(HostError::raise)?;
        let right_keys = right.keys(key).map_err(HostError::raise)?;
        let position_in =
            |keys: &[String]| -> HashMap<String, usize> { keys.iter().cloned().zip(0..).collect() };
        let (in_left, in_right) = (position_in(&left_keys), position_in(&right_keys));
        let mut changed = Array::new();
        for (index, key) in left_keys.iter().enumerate() {
            let (true, Some(other)) = (in_left[key] == index, in_right.get(key)) else {
                continue;
            };
            let fields = differing(&left.row(index), &right.row(*other))?;
            if !fields.is_empty() {
                changed.push(Dynamic::from_map(Map::from([
                    ("key".into(), key.clone().into()),
                    ("fields".into(), fields.into()),
                    ("left".into(), Dynamic::from(left.row(index))),
                    ("right".into(), Dynamic::from(right.row(*other))),
                ])));
            }
        }
        let only = |view: &View, keys: &[String], others: &HashMap<String, usize>| {
            let absent = (0..keys.len()).filter(|index| !others.contains_key(&keys[*index]));
            Dynamic::from(view.select(absent))
        };
        Ok(Map::from([
            ("only_left".into(), only(&left, &left_keys, &in_right)),
            ("only_right".into(), only(&right, &right_keys, &in_left)),
            ("changed".into(), changed.into()),
        ]))
    }

    /// True if the row has a value for the field.
    ///
    /// ```rhai
    /// assert(!rows::from([#{ n: 1 }])[0].has("comment"), "no comment");
    /// ```
    #[rhai_fn(global, name = "has", return_raw, pure)]
    pub fn has(row: &mut Row, field: &str) -> CallResult<bool> {
        Ok(row.value(field).map_err(HostError::raise)? != Value::Unit)
    }

    /// The names of the row's fields, in the order they came.
    ///
    /// ```rhai
    /// assert_eq(rows::from([#{ n: 1 }])[0].fields(), ["n"]);
    /// ```
    #[rhai_fn(global, name = "fields", pure)]
    pub fn fields(row: &mut Row) -> Array {
        row.fields().into_iter().map(Dynamic::from).collect()
    }

    /// The row as a map of its own, to change and add to.
    ///
    /// ```rhai
    /// let map = rows::from([#{ n: 1 }])[0].to_map();
    /// map.m = 2;
    /// assert_eq(map, #{ m: 2, n: 1 });
    /// ```
    #[rhai_fn(global, name = "to_map", return_raw, pure)]
    pub fn to_map(row: &mut Row) -> CallResult<Map> {
        row.fields()
            .into_iter()
            .map(|name| Ok((name.as_str().into(), field_of(row, &name)?)))
            .collect()
    }

    /// The row as text, for a log line or a glance.
    ///
    /// ```rhai
    /// assert_eq(rows::from([#{ n: 1 }])[0].to_string(), `{"n":1}`);
    /// ```
    #[rhai_fn(global, name = "to_string", name = "to_debug", return_raw, pure)]
    pub fn row_text(row: &mut Row) -> CallResult<String> {
        Ok(row.to_json().map_err(HostError::raise)?.to_string())
    }

    /// How many rows there are, in words; printing rows does not print each of them.
    ///
    /// ```rhai
    /// assert_eq(rows::from([#{ n: 1 }]).to_string(), "1 row");
    /// ```
    #[rhai_fn(global, name = "to_string", name = "to_debug", return_raw, pure)]
    pub fn rows_text(rows: &mut Rows) -> CallResult<String> {
        Ok(match view(rows)?.len() {
            1 => "1 row".to_owned(),
            count => format!("{count} rows"),
        })
    }
}

fn grouped(view: View, keys: Vec<String>) -> Groups {
    let mut order = Vec::new();
    let mut positions: HashMap<String, Vec<usize>> = HashMap::new();
    for (index, key) in keys.into_iter().enumerate() {
        match positions.entry(key) {
            Entry::Occupied(mut entry) => entry.get_mut().push(index),
            Entry::Vacant(entry) => {
                order.push(entry.key().clone());
                entry.insert(vec![index]);
            }
        }
    }
    Groups {
        view,
        order: Rc::new(order),
        positions: Rc::new(positions),
    }
}

/// What `where` compares a field with: the keys it may have, and whether it may be absent.
struct Wanted {
    keys: Vec<String>,
    absent: bool,
}

impl Wanted {
    fn of(value: &Dynamic) -> Self {
        let values = value
            .clone()
            .into_array()
            .unwrap_or_else(|_| vec![value.clone()]);
        let (units, values): (Vec<_>, Vec<_>) = values.into_iter().partition(Dynamic::is_unit);
        Wanted {
            keys: values.iter().map(key_of).collect(),
            absent: !units.is_empty(),
        }
    }

    fn is(&self, value: &Value) -> bool {
        match value {
            Value::Unit => self.absent,
            value => self.keys.iter().any(|key| *key == value.key()),
        }
    }
}

fn differing(left: &Row, right: &Row) -> CallResult<Array> {
    let mut names = left.fields();
    for name in right.fields() {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let mut fields = Array::new();
    for name in names {
        let same = left.value(&name).map_err(HostError::raise)?
            == right.value(&name).map_err(HostError::raise)?;
        if !same {
            fields.push(name.into());
        }
    }
    Ok(fields)
}
