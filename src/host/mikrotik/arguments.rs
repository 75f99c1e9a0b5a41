//! What scripts write to say which rows: menus, queries, fields.

use rhai::{Array, Dynamic, ImmutableString, Map};
use routeros_api::{Print, Query};

use super::super::error::HostError;
use super::super::value::key_of;

/// What to ask the router for: the rows of `menu` that `query` keeps, with these `fields`.
///
/// # Errors
/// One of them cannot be understood.
pub fn print(
    menu: &str,
    query: Option<Dynamic>,
    fields: Option<Array>,
) -> Result<Print, HostError> {
    is_menu(menu)?;
    let mut print = Print::new(menu);
    if let Some(query) = query.map(|query| query_of(&query)).transpose()?.flatten() {
        print = print.query(query);
    }
    if let Some(fields) = fields {
        print = print.fields(
            fields
                .iter()
                .map(field_name)
                .collect::<Result<Vec<_>, _>>()?,
        );
    }
    Ok(print)
}

/// Checks that `menu` is written as one.
///
/// # Errors
/// It is not.
pub fn is_menu(menu: &str) -> Result<(), HostError> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/-_ ".contains(c);
    match menu.starts_with('/') && menu.chars().all(plain) {
        true => Ok(()),
        false => Err(HostError::invalid(format!("`{menu}` is not a menu"))
            .hint("write it like \"/ip/firewall/address-list\"")),
    }
}

fn query_of(query: &Dynamic) -> Result<Option<Query>, HostError> {
    if let Some(fields) = query.read_lock::<Map>() {
        return Ok(fields
            .iter()
            .map(|(name, value)| match value.is_unit() {
                true => Query::absent(name.as_str()),
                false => Query::equal(name.as_str(), key_of(value)),
            })
            .reduce(Query::and));
    }
    if let Some(words) = query.read_lock::<Array>() {
        let words: Vec<String> = words.iter().map(ToString::to_string).collect();
        return Query::parse(&words).map(Some).map_err(|error| {
            HostError::invalid("the query cannot be understood").caused_by(&error)
        });
    }
    Err(HostError::invalid(format!(
        "a query is a map of fields or an array of query words, not `{}`",
        query.type_name()
    )))
}

/// A field's name as an array of fields may hold it: a comma would ask for two.
fn field_name(field: &Dynamic) -> Result<String, HostError> {
    field
        .read_lock::<ImmutableString>()
        .filter(|name| !name.is_empty() && !name.contains([',', '=']))
        .map(|name| name.to_string())
        .ok_or_else(|| HostError::invalid(format!("`{field}` is not the name of a field")))
}
