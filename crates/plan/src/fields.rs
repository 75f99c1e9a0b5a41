//! The fields of a row as bytes, for plans and journals: what is not UTF-8 is kept as it is.

use std::fmt;
use std::sync::Arc;

use indexmap::IndexMap;
use routeros_proto::RowRef;
use routeros_schema::{Menu, RouterText};
use serde::de::{self, Deserialize, Deserializer};
use serde::ser::{Serialize, SerializeMap, Serializer};

use site::config::MASK;

/// The end of a name in JSON whose value is bytes in hexadecimal, as in the files of
/// `tikbook simulate --state`.
const HEX: &str = "$hex";

/// Named values in the order they came in; a name counts once. `Debug` shows names only. Clones share them
/// until one is written: a row goes through many hands on its way to the router.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Fields(Arc<IndexMap<String, Vec<u8>>>);

impl Fields {
    /// The value of a field. Absent and empty differ.
    pub fn get(&self, name: &str) -> Option<&[u8]> {
        self.0.get(name).map(Vec::as_slice)
    }

    /// The value of a field as text, if it is UTF-8; `""` where it is absent.
    pub fn text(&self, name: &str) -> &str {
        self.get(name)
            .and_then(|value| std::str::from_utf8(value).ok())
            .unwrap_or_default()
    }

    /// Gives a field a value.
    pub fn set(&mut self, name: impl Into<String>, value: impl Into<Vec<u8>>) {
        Arc::make_mut(&mut self.0).insert(name.into(), value.into());
    }

    /// Takes a field out.
    pub fn remove(&mut self, name: &str) {
        if self.0.contains_key(name) {
            Arc::make_mut(&mut self.0).shift_remove(name);
        }
    }

    /// Names and values in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.0
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_slice()))
    }

    /// True without fields.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The fields that `keep` names, in the order of `self`.
    pub fn only(&self, mut keep: impl FnMut(&str) -> bool) -> Self {
        self.iter().filter(|(name, _)| keep(name)).collect()
    }

    /// The fields that have a value, in the order of `self`.
    pub fn with_a_value(&self) -> Self {
        self.iter().filter(|(_, value)| !value.is_empty()).collect()
    }
}

impl<Name: Into<String>, Value: Into<Vec<u8>>> FromIterator<(Name, Value)> for Fields {
    /// Of several values with one name the first counts, as it does for the router's clients.
    fn from_iter<I: IntoIterator<Item = (Name, Value)>>(fields: I) -> Self {
        let mut map = IndexMap::new();
        for (name, value) in fields {
            map.entry(name.into()).or_insert_with(|| value.into());
        }
        Self(Arc::new(map))
    }
}

impl From<RowRef<'_>> for Fields {
    fn from(row: RowRef<'_>) -> Self {
        row.fields()
            .map(|(name, value)| (String::from_utf8_lossy(name).into_owned(), value))
            .collect()
    }
}

impl fmt::Debug for Fields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

/// The value of a field of `menu` for people: a text as its router writes it, secrets as `***`.
pub fn shown_of(menu: &Menu, name: &str, value: &[u8], router_text: RouterText) -> String {
    match routeros_schema::is_secret_of(menu, name) {
        true => MASK.to_owned(),
        false => router_text.read(value).into_owned(),
    }
}

impl Serialize for Fields {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in self.iter() {
            match std::str::from_utf8(value) {
                Ok(text) => map.serialize_entry(name, text)?,
                Err(_) => map.serialize_entry(&format!("{name}{HEX}"), &hex::encode(value))?,
            }
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let written = IndexMap::<String, String>::deserialize(deserializer)?;
        let mut fields = Self::default();
        for (name, value) in written {
            match name.strip_suffix(HEX) {
                None => fields.set(name, value),
                Some(name) => fields.set(
                    name,
                    hex::decode(&value)
                        .map_err(|_| de::Error::custom("hexadecimal digits expected"))?,
                ),
            }
        }
        Ok(fields)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_that_are_not_utf8_survive_json() {
        let fields: Fields = [("comment", &b"\xe7\x00"[..]), ("list", b"blocked")]
            .into_iter()
            .collect();
        let text = serde_json::to_string(&fields).unwrap();
        assert_eq!(text, r#"{"comment$hex":"e700","list":"blocked"}"#);
        assert_eq!(serde_json::from_str::<Fields>(&text).unwrap(), fields);
        for wrong in [r#"{"a$hex":"e"}"#, r#"{"a$hex":"+1"}"#, r#"{"a$hex":"é"}"#] {
            assert!(serde_json::from_str::<Fields>(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn secrets_are_not_shown() {
        for (menu, name) in [
            ("/ip/hotspot/user", "password"),
            (
                "/interface/wireless/security-profiles",
                "wpa2-pre-shared-key",
            ),
            ("/no/such/menu", "preshared-key"),
            // By its menu alone.
            ("/snmp/community", "name"),
        ] {
            let menu: Menu = menu.parse().unwrap();
            let shown = |name, value| shown_of(&menu, name, value, RouterText::default());
            assert_eq!(shown(name, b"hunter2"), "***", "{menu} {name}");
            assert_eq!(shown("comment", b"caf\xe9"), "caf\\xe9");
        }
        let fields: Fields = [("password", "hunter2")].into_iter().collect();
        assert!(!format!("{fields:?}").contains("hunter2"));
    }
}
