//! `rows::` the methods of rows.

use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use indexmap::IndexMap;
use rhai::plugin::*;
use rhai::{Array, Dynamic, FnPtr, INT, ImmutableString, Map};
use routeros_schema::Kind;
use serde_json::Value as Json;
use site::config::MASK;

use super::super::dynamic::{json_of, key_of, quoted, type_of, value_of};
use super::super::error::{CallResult, HostError};
use super::super::primitive::primitives;
use super::super::secret;
use super::super::value::Value;
use super::beside::Beside;
use super::by_kind::{self, Wanted};
use super::lookup::{Groups, Index, found, group, grouped};
use super::tables::{Chain, Maps, value_of_json};
use super::{Row, Rows, View};

use wording::bytes::shown;
use wording::count::counted;

primitives! {
    _: () = plain from(Value);
    _: () = plain chain(Value);
    _: () = plain len(Value);
    _: () = plain is_empty(Value);
    _: () = plain first(Value);
    _: () = plain take(Value, Value);
    _: () = plain where(Value, Columns);
    _: () = plain filter(Value, Value);
    _: () = plain some(Value, Value);
    _: () = plain map(Value, Value);
    _: () = plain column(Value, Column);
    _: () = plain index_by(Value, Column);
    _: () = plain contains(Value, Value);
    _: () = plain len(Value);
    _: () = plain beside(Value, Value, Column, Text);
    _: () = plain group_by(Value, Column);
    _: () = plain group_by(Value, Value);
    _: () = plain keys(Value);
    _: () = plain len(Value);
    _: () = plain count_by(Value, Column);
    _: () = plain sort_by(Value, Column);
    _: () = plain diff(Value, Value, Column);
    _: () = plain has(Value, Column);
    _: () = plain number(Value, Column);
    _: () = plain fields(Value);
    _: () = plain to_map(Value);
    _: () = plain to_string(Value);
    _: () = plain to_debug(Value);
    _: () = plain to_string(Value);
    _: () = plain to_debug(Value);
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
            .map(|map| match map.read_lock::<Map>() {
                Some(fields) => {
                    let fields = fields.iter();
                    fields
                        .map(|(name, value)| Ok((name.to_string(), value_of(value)?)))
                        .collect()
                }
                None => own_row(map),
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
                    let given = type_of(part);
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

    /// The rows whose fields have these values; `()` means absent, an array stands for any of its
    /// values. Fields of the router are compared by what they are, whatever the spelling, and a network
    /// or range means every address and network in it; other texts are compared exactly.
    /// Fails with kind `invalid` for the misspelt name of a field, which would match nothing.
    ///
    /// ```rhai
    /// let rows = rows::from([#{ list: "blocked" }, #{ list: "active" }, #{ list: "fup" }]);
    /// assert_eq(rows.where(#{ list: "blocked" }).len(), 1);
    /// assert_eq(rows.where(#{ list: ["active", "fup"], comment: () }).len(), 2);
    /// let lease = mikrotik::rows("/ip/dhcp-server/lease").where(#{ address: "10.0.0.0/8" });
    /// assert(lease.len() > 0, "leases of the demo");
    /// ```
    #[rhai_fn(global, name = "where", return_raw, pure)]
    pub fn matching(context: NativeCallContext, rows: &mut Rows, fields: Map) -> CallResult<Rows> {
        let view = view(rows)?;
        let wanted = fields
            .into_iter()
            .map(|(name, value)| {
                known(&view, &name).map_err(|error| error.at(&context).raise())?;
                Ok((name.to_string(), Wanted::of(view.kind(&name), &value)))
            })
            .collect::<CallResult<Vec<_>>>()?;
        let mut kept = Vec::new();
        for index in 0..view.len() {
            let mut matches = true;
            for (name, wanted) in &wanted {
                // Of the first row all fields are looked at, so that a column that is not there is
                // told whatever the others say.
                if !matches && index > 0 {
                    break;
                }
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

    /// True if `is(row)` is true for a row; the rows after it are not looked at.
    ///
    /// ```rhai
    /// let rows = rows::from([#{ n: 1 }, #{ n: 5 }]);
    /// assert(rows.some(|row| row.n > 2), "the second one");
    /// ```
    #[rhai_fn(global, name = "some", return_raw, pure)]
    pub fn some(context: NativeCallContext, rows: &mut Rows, is: FnPtr) -> CallResult<bool> {
        let view = view(rows)?;
        for index in 0..view.len() {
            if is.call_within_context::<bool>(&context, (view.row(index),))? {
                return Ok(true);
            }
        }
        Ok(false)
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
        let keys = by_kind::keys(&view, field).map_err(HostError::raise)?;
        let positions = keys.into_iter().zip(0..).collect();
        Ok(Index {
            kind: view.kind(field),
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
        index
            .positions
            .contains_key(&by_kind::key(&index.kind, &key))
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

    /// The same rows, each with the fields of the row that `index` has for the value of its field: their
    /// names begin with `prefix` and a point. Where the index has none, these fields are `()`.
    ///
    /// ```rhai
    /// let users = rows::from([#{ id: 7, name: "budi" }]).index_by("id");
    /// let rows = rows::from([#{ user: 7 }, #{ user: 8 }]).beside(users, "user", "of");
    /// assert_eq(rows.column("of.name"), ["budi", ()]);
    /// assert_eq(rows.where(#{ "of.name": "budi" }).len(), 1);
    /// ```
    #[rhai_fn(global, name = "beside", return_raw, pure)]
    pub fn beside(rows: &mut Rows, index: Index, field: &str, prefix: &str) -> CallResult<Rows> {
        let view = view(rows)?;
        let beside = Beside::new(view, index, field, prefix).map_err(HostError::raise)?;
        Ok(Rows::of(Arc::new(beside)))
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
        let keys = by_kind::shown_keys(&view, field).map_err(HostError::raise)?;
        let kind = view.kind(field);
        Ok(grouped(view, kind, keys))
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
                // The names of groups are seen: that of a secret is what it prints as.
                Ok(match secret::exposed(&key) {
                    Some(_) => MASK.to_owned(),
                    None => key_of(&key),
                })
            })
            .collect::<CallResult<_>>()?;
        Ok(grouped(view, Kind::Text, keys))
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
        for key in by_kind::shown_keys(&view(rows)?, field).map_err(HostError::raise)? {
            *counts.entry(key).or_default() += 1;
        }
        Ok(counts
            .into_iter()
            .map(|(key, count)| (key.into(), Dynamic::from_int(count)))
            .collect())
    }

    /// The rows in the order of a field: of a router's by what the field is (addresses, durations,
    /// rates, numbers), of others numbers as numbers and all else by its text. Equal rows keep their
    /// order; rows without the field come first.
    ///
    /// ```rhai
    /// let rows = rows::from([#{ n: "b" }, #{ n: "a" }]);
    /// assert_eq(rows.sort_by("n").column("n"), ["a", "b"]);
    /// assert_eq(rows::from([#{ n: 10 }, #{ n: 9 }]).sort_by("n").column("n"), [9, 10]);
    /// ```
    #[rhai_fn(global, name = "sort_by", return_raw, pure)]
    pub fn sort_by(rows: &mut Rows, field: &str) -> CallResult<Rows> {
        let view = view(rows)?;
        let order = by_kind::order(&view, field).map_err(HostError::raise)?;
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
        let left_keys = by_kind::shown_keys(&left, key).map_err(HostError::raise)?;
        let right_keys = by_kind::shown_keys(&right, key).map_err(HostError::raise)?;
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

    /// The number that a field's value means: bytes, bits per second of a rate, seconds of a length of
    /// time; `()` where the row has no such field, which has no order: give a default, `?? 0`. A text
    /// is not compared with a number, so this is how a field of the router is.
    /// Fails with kind `invalid` for a value that is no number.
    ///
    /// ```rhai
    /// let host = mikrotik::rows("/ip/hotspot/host")[0];
    /// assert(host.number("bytes-out") > 1000, "it has received something");
    /// assert(host.number("uptime") >= 60, "for a minute at least");
    /// assert_eq(rows::from([#{ n: "12" }])[0].number("n"), 12);
    /// ```
    #[rhai_fn(global, name = "number", return_raw, pure)]
    pub fn number(context: NativeCallContext, row: &mut Row, field: &str) -> CallResult<Dynamic> {
        if row.kind(field).is_secret() {
            let text = format!("the field `{field}` holds secrets, which are shown as no number");
            return Err(HostError::invalid(text).at(&context).raise());
        }
        let Some(bytes) = row.bytes(field) else {
            return Ok(Dynamic::UNIT);
        };
        match by_kind::number(&row.kind(field), &bytes) {
            Some(number) => Ok(number.into_dynamic()),
            None => Err(HostError::invalid(format!(
                "`{field}` is no number: {}",
                quoted(&shown(&bytes))
            ))
            .at(&context)
            .raise()),
        }
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
        Ok(counted(view(rows)?.len(), "row"))
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

fn view(rows: &Rows) -> CallResult<View> {
    rows.resolve().map_err(HostError::raise)
}

/// Refuses a name that is a slip away from a field, and that no row has: it would match nothing.
fn known(view: &View, name: &str) -> Result<(), HostError> {
    match view.table.misspelt(name) {
        None => Ok(()),
        Some(meant) => Err(
            HostError::invalid(format!("the rows have no field `{name}`"))
                .hint(format!("did you mean `{meant}`?")),
        ),
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
        if !by_kind::is_same(&name, left, right).map_err(HostError::raise)? {
            fields.push(name.into());
        }
    }
    Ok(fields)
}

/// The fields of a value that is no map and yet has some: a row, a change.
fn own_row(value: &Dynamic) -> Result<IndexMap<String, Value>, HostError> {
    match json_of(value)? {
        Json::Object(fields) => {
            let fields = fields.iter();
            Ok(fields
                .map(|(name, value)| (name.clone(), value_of_json(value)))
                .collect())
        }
        _ => Err(HostError::invalid(format!(
            "rows are made of maps, not of `{}`",
            type_of(value)
        ))),
    }
}
