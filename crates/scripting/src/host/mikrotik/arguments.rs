//! What scripts write to say which rows: menus, queries, fields.

use rhai::{Array, Dynamic, ImmutableString, Map};
use routeros_schema::schema;
use routeros_schema::{Kind, Menu, MenuSchema, RouterText, canonical};

use super::super::dynamic::{key_of, type_of};
use super::super::error::HostError;
use super::super::given::{bytes_of, unwritable};
use session::router::{Print, Query};
use wording::bytes::shown;

/// What to ask the router for: the rows of `menu` that `query` keeps, with these `fields`.
///
/// # Errors
/// One of them cannot be understood.
pub fn print(
    menu: &Menu,
    query: Option<Dynamic>,
    fields: Option<Array>,
    text: RouterText,
) -> Result<Print, HostError> {
    let mut print = Print::new(menu.path());
    if let Some(query) = query
        .map(|query| query_of(menu, &query, text))
        .transpose()?
        .flatten()
    {
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

fn query_of(menu: &Menu, query: &Dynamic, text: RouterText) -> Result<Option<Query>, HostError> {
    let schema = schema::menu(menu);
    if let Some(fields) = query.read_lock::<Map>() {
        for name in fields.keys() {
            known(menu, schema, name)?;
        }
        let conditions = fields.iter().map(|(name, value)| {
            let kind = schema.map_or(Kind::Text, |schema| schema.kind(name));
            condition(name, &kind, value, text)
        });
        let conditions = conditions.collect::<Result<Vec<_>, _>>()?;
        return Ok(conditions.into_iter().reduce(Query::and));
    }
    if let Some(words) = query.read_lock::<Array>() {
        let words: Vec<String> = words.iter().map(ToString::to_string).collect();
        if let Some(word) = words.iter().find(|word| searches_text(word)) {
            return Err(
                HostError::invalid(format!("`{word}`: the API cannot search in texts"))
                    .hint("read the rows and use .filter(|row| row.comment.contains(\"…\"))"),
            );
        }
        let words = words.iter().map(|word| text.written(word));
        let words = words.collect::<Result<Vec<_>, _>>().map_err(unwritable)?;
        let query = Query::parse(&words).map_err(|error| {
            HostError::invalid("the query cannot be understood").caused_by(&error)
        })?;
        for name in query.names() {
            known(menu, schema, &shown(name))?;
        }
        return Ok(Some(query));
    }
    Err(HostError::invalid(format!(
        "a query is a map of fields or an array of query words, not `{}`",
        type_of(query)
    )))
}

/// What a script's value asks of a field: that it is absent, equal, or any of several.
fn condition(
    name: &str,
    kind: &Kind,
    value: &Dynamic,
    text: RouterText,
) -> Result<Query, HostError> {
    if let Some(values) = value.read_lock::<Array>() {
        let conditions = values.iter();
        let conditions = conditions.map(|value| condition(name, kind, value, text));
        let conditions = conditions.collect::<Result<Vec<_>, _>>()?;
        // Of no values none is equal.
        let nothing = || Query::present(name).and(Query::absent(name));
        return Ok(conditions
            .into_iter()
            .reduce(Query::or)
            .unwrap_or_else(nothing));
    }
    if value.is_unit() {
        return Ok(Query::absent(name));
    }
    let bytes = bytes_of(value, text)?.unwrap_or_else(|| key_of(value).into_bytes());
    Ok(Query::equal(name, canonical(kind, &bytes)))
}

/// Whether a query word is of the console's `comment~"text"`, which the API takes for a name.
fn searches_text(word: &str) -> bool {
    let name = word.split('=').next().unwrap_or(word);
    name.contains('~')
}

/// Refuses a field that the menu does not have: the router would find no row, and say nothing.
fn known(menu: &Menu, schema: Option<&'static MenuSchema>, name: &str) -> Result<(), HostError> {
    let Some(schema) = schema.filter(|schema| schema.field(name).is_none()) else {
        return Ok(());
    };
    let error = HostError::invalid(format!("{menu} has no field `{name}` to ask for"));
    Err(match schema.closest_field(name) {
        _ if name.contains('~') => {
            error.hint("the API cannot search in texts: read the rows and use .filter(|row| …)")
        }
        Some(near) => error.hint(format!("did you mean `{near}`?")),
        None => error.hint(format!(
            "a field that your router has beside these is found by mikrotik::rows(\"{menu}\").where(…)"
        )),
    })
}

/// A field's name as an array of fields may hold it: a comma would ask for two.
fn field_name(field: &Dynamic) -> Result<String, HostError> {
    field
        .read_lock::<ImmutableString>()
        .filter(|name| !name.is_empty() && !name.contains([',', '=']))
        .map(|name| name.to_string())
        .ok_or_else(|| HostError::invalid(format!("`{field}` is not the name of a field")))
}
