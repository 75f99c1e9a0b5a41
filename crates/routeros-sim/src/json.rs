//! A router's state as a JSON text.

use std::collections::HashSet;

use indexmap::IndexMap;
use serde_json::{Map, Value};

use crate::state::Table;
use crate::{Id, Row, State};

/// The end of a name whose value is bytes in hexadecimal.
const HEX: &str = "$hex";

/// A state text that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// The text is no JSON object.
    #[error("the router state is not a JSON object of menus")]
    Json(#[source] serde_json::Error),
    /// A menu holds something else than rows.
    #[error("{menu} is not a list of JSON objects")]
    Rows {
        /// The menu's path.
        menu: String,
    },
    /// A menu is not written as a path.
    #[error("the menu `{menu}` is not a path like /ip/firewall/address-list")]
    Menu {
        /// What stands in the place of a menu.
        menu: String,
    },
    /// A field has no name, or a value that is no text.
    #[error("field `{field}` of row {row} of {menu}: {problem}")]
    Field {
        /// The menu's path.
        menu: String,
        /// The row's place in the list, from 1.
        row: usize,
        /// The field's name as written.
        field: String,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// Two rows of a menu have one id.
    #[error("{menu} has two rows with the id {id}")]
    DoubleId {
        /// The menu's path.
        menu: String,
        /// The id in question.
        id: Id,
    },
}

impl State {
    /// Reads `{"/ip/arp": [{".id": "*1", "address": "10.0.0.1", "comment$hex": "c3a9"}], "/system/identity": [{"name": "gw"}]}`.
    ///
    /// A name ending in `$hex` gives the bytes of a value that is not UTF-8. Numbers and booleans
    /// stand for their text. Rows of a list without `.id` are given one; menus may be any path.
    /// Values are kept as they are written.
    ///
    /// # Errors
    /// [`StateError`] names menu, row and field.
    pub fn from_json(text: &str) -> Result<State, StateError> {
        let menus: IndexMap<String, Value> =
            serde_json::from_str(text).map_err(StateError::Json)?;
        let mut state = State::new();
        for (menu, rows) in menus {
            if !is_path(&menu) {
                return Err(StateError::Menu { menu });
            }
            let (rows, is_list) = match rows {
                Value::Array(rows) => (rows, true),
                row => (vec![row], false),
            };
            let has_ids = is_list && !state.is_single(&menu);
            read_rows(&mut state, &menu, &rows, has_ids)?;
        }
        Ok(state)
    }

    /// Writes the form that [`State::from_json`] reads, one row a line.
    pub fn to_json(&self) -> String {
        let menus: Vec<String> = self
            .menus
            .iter()
            .map(|(menu, table)| {
                let rows: Vec<String> = table
                    .rows
                    .iter()
                    .map(|row| format!("    {}", row_json(row)))
                    .collect();
                let rows = if rows.is_empty() {
                    String::new()
                } else {
                    format!("\n{}\n  ", rows.join(",\n"))
                };
                format!("  {}: [{rows}]", Value::from(menu.as_str()))
            })
            .collect();
        format!("{{\n{}\n}}\n", menus.join(",\n"))
    }
}

/// `/a/b-c`: parts of visible characters, none empty.
fn is_path(menu: &str) -> bool {
    let is_part = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_graphic());
    menu.strip_prefix('/')
        .is_some_and(|path| path.split('/').all(is_part))
}

fn read_rows(
    state: &mut State,
    menu: &str,
    rows: &[Value],
    has_ids: bool,
) -> Result<(), StateError> {
    let mut seen = HashSet::new();
    for (index, row) in rows.iter().enumerate() {
        let row = row.as_object().ok_or_else(|| StateError::Rows {
            menu: menu.to_owned(),
        })?;
        let fields = read_fields(menu, index + 1, row)?;
        let id = match has_ids {
            true => id_of(menu, index + 1, &fields)?,
            false => None,
        };
        if let Some(id) = id.filter(|id| !seen.insert(*id)) {
            return Err(StateError::DoubleId {
                menu: menu.to_owned(),
                id,
            });
        }
        let fields = fields
            .iter()
            .map(|(name, value)| (name.as_bytes(), value.as_slice()));
        state.table(menu).push(Row::new(id, fields));
    }
    let table = state.table(menu);
    if has_ids && seen.len() < rows.len() {
        give_missing_ids(table);
    }
    Ok(())
}

/// Done when all rows are known, so that no id is given twice.
fn give_missing_ids(table: &mut Table) {
    for at in 0..table.rows.len() {
        if table.rows[at].id().is_none() {
            let id = table.new_id();
            let named = table.rows[at].under(id);
            table.replace(at, named);
        }
    }
}

type Fields = Vec<(String, Vec<u8>)>;

fn read_fields(menu: &str, row: usize, object: &Map<String, Value>) -> Result<Fields, StateError> {
    let read = |(name, value): (&String, &Value)| {
        read_field(name, value).map_err(|problem| StateError::Field {
            menu: menu.to_owned(),
            row,
            field: name.clone(),
            problem,
        })
    };
    object.iter().map(read).collect()
}

fn read_field(name: &str, value: &Value) -> Result<(String, Vec<u8>), &'static str> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Bool(truth) => truth.to_string(),
        Value::Null | Value::Array(_) | Value::Object(_) => return Err("the value is not a text"),
    };
    let (name, value) = match name.strip_suffix(HEX) {
        Some(name) => (
            name,
            hex::decode(&text).map_err(|_| "the value is not hexadecimal")?,
        ),
        None => (name, text.into_bytes()),
    };
    if name.is_empty() || name.contains('=') {
        return Err("a name has at least one character and no `=`");
    }
    Ok((name.to_owned(), value))
}

fn id_of(menu: &str, row: usize, fields: &Fields) -> Result<Option<Id>, StateError> {
    let Some((_, value)) = fields.iter().find(|(name, _)| name == ".id") else {
        return Ok(None);
    };
    let id = std::str::from_utf8(value)
        .ok()
        .and_then(|text| text.parse().ok());
    id.map(Some).ok_or_else(|| StateError::Field {
        menu: menu.to_owned(),
        row,
        field: ".id".to_owned(),
        problem: "an id looks like *1F",
    })
}

fn row_json(row: &Row) -> Value {
    row.fields()
        .map(|(name, value)| field_json(name, value))
        .collect::<Map<_, _>>()
        .into()
}

fn field_json(name: &[u8], value: &[u8]) -> (String, Value) {
    let name = String::from_utf8_lossy(name);
    match std::str::from_utf8(value) {
        Ok(text) => (name.into_owned(), text.into()),
        Err(_) => (format!("{name}{HEX}"), hex::encode(value).into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_survives_being_written_and_read() {
        let text = r#"{"/ip/arp": [{".id": "*A", "address": "10.0.0.1", "comment$hex": "78a0"},
            {"address": "10.0.0.2"}], "/system/identity": [{"name": "gw"}], "/x/y": []}"#;
        let state = State::from_json(text).unwrap();
        assert_eq!(state.rows("/ip/arp")[0].get("comment"), Some(&b"x\xA0"[..]));
        assert_eq!(state.rows("/ip/arp")[1].id(), Some(Id(11)));
        assert_eq!(state.rows("/system/identity")[0].id(), None);
        let written = state.to_json();
        let again = State::from_json(&written).unwrap();
        assert_eq!(again.to_json(), written);
        assert_eq!(again.rows("/ip/arp"), state.rows("/ip/arp"));
        assert_eq!(
            again.menus().collect::<Vec<_>>(),
            ["/ip/arp", "/system/identity", "/x/y"]
        );
    }

    #[test]
    fn unusable_texts_are_refused_by_name() {
        let message = |text: &str| State::from_json(text).unwrap_err().to_string();
        assert!(message("[]").contains("not a JSON object"));
        assert!(message(r#"{"/log": 1}"#).contains("/log is not a list"));
        assert!(message(r#"{"ip/arp": []}"#).contains("`ip/arp`"));
        assert!(message(r#"{"/ip/arp/": []}"#).contains("`/ip/arp/`"));
        let double = message(r#"{"/log": [{".id": "*a"}, {".id": "*A"}]}"#);
        assert_eq!(double, "/log has two rows with the id *A");
        let field = message(r#"{"/log": [{}, {"message": null}]}"#);
        assert_eq!(
            field,
            "field `message` of row 2 of /log: the value is not a text"
        );
        for text in ["é0", "0", "+1", "zz"] {
            let hex = message(&format!(r#"{{"/log": [{{"message$hex": "{text}"}}]}}"#));
            assert!(hex.contains("not hexadecimal"), "{hex}");
        }
    }
}
