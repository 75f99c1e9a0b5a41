//! The names of the portal's lists against what the router has.

use rhai::plugin::*;
use rhai::{Array, Dynamic, Map};

use super::super::error::{CallResult, HostError};
use super::super::primitive::primitives;
use super::super::rows::Rows;
use super::owned::with_field;
use super::{raise, text_or_unit};
use portal::list_name::{Census, DoubtedName, ListKind, ListName, ListRow};

primitives! {
    _: () = plain doubted_lists(Value, Value);
    _: () = plain unconfirmed_lists(Value, Value);
}

/// The names of lists.
#[export_module]
pub mod list_names_module {
    use super::*;

    /// The names in doubt: nothing speaks for them (`portal::unconfirmed_lists`), and the portal's
    /// comments stand on lists that no name stands for, or on one that has another list's name.
    /// `names` has for each list of the portal that is looked for (`active`, `fup`, `habis`,
    /// `expired`, `inactive`, `blocked`, `unauthorized`) its `name`, and whether it is `given` by a
    /// setting or only a default; `rows` are all rows of the router's address-lists, with `list`,
    /// `comment` and `disabled`. Gives for each name in doubt its `kind`, the `setting` that it
    /// should stand in, the `name`, the lists that were `found`, and the `likely` one or `()`.
    /// Fails with kind `invalid` for names in another form, or as the rows' read failed.
    ///
    /// ```rhai
    /// let names = #{ blocked: #{ name: "blocked", given: false } };
    /// let rows = rows::from([#{ list: "klient_blocked", comment: "lpsaring|status=blocked|user=0812345678" }]);
    /// let doubted = portal::doubted_lists(names, rows);
    /// assert_eq(doubted[0].setting, "MIKROTIK_ADDRESS_LIST_BLOCKED");
    /// assert_eq(doubted[0].likely, "klient_blocked");
    /// ```
    #[rhai_fn(return_raw)]
    pub fn doubted_lists(context: NativeCallContext, names: Map, rows: Rows) -> CallResult<Array> {
        let doubts = read(&names, &rows).map(|(names, census)| census.doubts(&names));
        let doubts = doubts.map_err(|error| raise(&context, error))?;
        Ok(doubts.into_iter().map(described).collect())
    }

    /// The lists, by kind, that nothing speaks for: nobody set the name, and none of the rows of that
    /// list carries the portal's comments and is enabled. `names` and `rows` as for
    /// `portal::doubted_lists`; the rows of the lists of these names will do.
    /// Fails with kind `invalid` for names in another form, or as the rows' read failed.
    ///
    /// ```rhai
    /// let names = #{ blocked: #{ name: "blocked", given: false } };
    /// let rows = rows::from([#{ list: "blocked", comment: "spam" }]);
    /// assert_eq(portal::unconfirmed_lists(names, rows), ["blocked"]);
    /// ```
    #[rhai_fn(return_raw)]
    pub fn unconfirmed_lists(
        context: NativeCallContext,
        names: Map,
        rows: Rows,
    ) -> CallResult<Array> {
        let (names, census) = read(&names, &rows).map_err(|error| raise(&context, error))?;
        let unconfirmed = census.unconfirmed(&names);
        Ok(unconfirmed
            .map(|name| Dynamic::from(name.kind.word()))
            .collect())
    }
}

fn read(names: &Map, rows: &Rows) -> Result<(Vec<ListName>, Census), HostError> {
    let names: Vec<ListName> = names
        .iter()
        .map(|(word, value)| named(word, value))
        .collect::<Result<_, _>>()?;
    let rows = rows.resolve()?;
    let mut census = Census::default();
    for row in 0..rows.len() {
        with_field(&rows, row, "list", |list| {
            let mut comment = String::new();
            with_field(&rows, row, "comment", |text| text.clone_into(&mut comment));
            let mut is_disabled = false;
            with_field(&rows, row, "disabled", |text| is_disabled = text == "true");
            census.add(ListRow {
                list,
                comment: &comment,
                is_disabled,
            });
        });
    }
    Ok((names, census))
}

fn named(word: &str, value: &Dynamic) -> Result<ListName, HostError> {
    let invalid = |what: &str| {
        HostError::invalid(format!("`{word}`: {what}"))
            .hint("write #{ blocked: #{ name: \"klient_blocked\", given: true } }")
    };
    let kind = ListKind::of_word(word).ok_or_else(|| invalid("the portal has no such list"))?;
    let fields = value.as_map_ref().map_err(|_| invalid("not a map"))?;
    let name = fields
        .get("name")
        .and_then(|name| name.clone().into_string().ok())
        .ok_or_else(|| invalid("it has no name"))?;
    let is_given = fields
        .get("given")
        .and_then(|given| given.as_bool().ok())
        .ok_or_else(|| invalid("it does not say whether the name is given"))?;
    Ok(ListName {
        kind,
        name,
        is_given,
    })
}

fn described(doubt: DoubtedName) -> Dynamic {
    let found: Array = doubt.found.into_iter().map(Dynamic::from).collect();
    Dynamic::from_map(Map::from([
        ("kind".into(), Dynamic::from(doubt.kind.word())),
        ("setting".into(), Dynamic::from(doubt.kind.setting())),
        ("name".into(), Dynamic::from(doubt.name)),
        ("found".into(), Dynamic::from_array(found)),
        ("likely".into(), text_or_unit(doubt.likely.as_deref())),
    ]))
}
