//! What scripts write to say which rows: menus, queries, fields.

use rhai::{Array, Dynamic, ImmutableString, Map};
use routeros_api::{Print, Query};
use routeros_schema::Menu;

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
    let mut print = Print::new(menu_of(menu)?.path());
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

/// The menu that `text` names, however it is spelled.
///
/// # Errors
/// Kind `invalid`: it names none.
pub fn menu_of(text: &str) -> Result<Menu, HostError> {
    text.parse::<Menu>().map_err(|error| {
        HostError::invalid(error.to_string()).hint("write it like \"/ip/firewall/address-list\"")
    })
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
