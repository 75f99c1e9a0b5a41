//! `say`: what is said to people, by its key in a catalogue.

use catalogue::Said;
use rhai::plugin::*;
use rhai::{Array, Dynamic, Map};

use super::call;
use super::dynamic::type_of;
use super::error::{CallResult, HostError};
use super::primitive::primitives;
use super::words;

primitives! {
    _: () = plain say(MessageKey);
    _: () = plain say(Value);
    _: () = plain say(MessageKey, Value);
}

/// Lets scripts read a message: its text is the English one.
pub fn register(engine: &mut rhai::Engine) {
    engine
        .register_type_with_name::<Said>("Message")
        .register_get("key", |said: &mut Said| match said {
            Said::Message(message) => message.key().into(),
            Said::Plain(_) | Said::Several(_) => Dynamic::UNIT,
        })
        .register_fn("to_string", |said: &mut Said| said.to_string())
        .register_fn("to_debug", |said: &mut Said| said.to_string())
        .register_fn("==", |left: &mut Said, right: Said| *left == right)
        .register_fn("!=", |left: &mut Said, right: Said| *left != right);
}

/// Sentences by key, each whole and with named placeholders, so that they can be said in another language. The
/// texts stand in catalogues, one file a language in the syntax of Fluent (`catalogue/en.ftl` beside the scripts);
/// those of bundled runbooks come with them. A report takes a message wherever it takes text. Needs no namespace.
#[export_module]
pub mod say_module {
    use super::*;

    /// The message of a key without placeholders; `key.attribute` is an attribute of it. It becomes words when it
    /// is shown. `message.key` is its key (`()` of several), `message.to_string()` its English text.
    /// Fails with kind `invalid` if no catalogue has the key, or its text has placeholders.
    ///
    /// ```rhai
    /// let report = report::create("Nobody");
    /// report.next(say("explain-try-another"));
    /// assert(say("explain-try-another").to_string().starts_with("Try another phone"), "in English");
    /// ```
    #[rhai_fn(global, name = "say", return_raw)]
    pub fn say(context: NativeCallContext, key: &str) -> CallResult<Said> {
        message(&context, key, &Map::new())
    }

    /// The message of a key with what stands in its placeholders, by their names: texts, numbers (by which a
    /// text chooses its plural forms), messages, or an array of them, which is shown with commas.
    /// Fails with kind `invalid` if no catalogue has the key, or the names are not those of its placeholders.
    ///
    /// ```rhai
    /// let several = say("explain-several", #{ count: 2, kind: "name", value: "budi" });
    /// assert_eq(several.to_string(), "2 users are known by the name budi");
    /// assert_eq(several.key, "explain-several");
    /// ```
    #[rhai_fn(global, name = "say", return_raw)]
    pub fn say_with(context: NativeCallContext, key: &str, values: Map) -> CallResult<Said> {
        message(&context, key, &values)
    }

    /// Several messages or texts as one, with semicolons between.
    /// Fails with kind `invalid` for what is neither.
    ///
    /// ```rhai
    /// let both = say([say("explain-try-another"), "so much is known"]);
    /// assert(both.to_string().ends_with("MAC.; so much is known"), "one after another");
    /// ```
    #[rhai_fn(global, name = "say", return_raw)]
    pub fn say_all(context: NativeCallContext, messages: Array) -> CallResult<Said> {
        let said = messages.iter().map(|value| {
            let said = words::said(value);
            said.ok_or_else(|| {
                let given = type_of(value);
                HostError::invalid(format!(
                    "what is said is a text or a message, not `{given}`"
                ))
            })
        });
        let said: Vec<Said> = said
            .collect::<Result<_, HostError>>()
            .map_err(|error| error.at(&context).raise())?;
        Ok(Said::several(said))
    }
}

fn message(context: &NativeCallContext, key: &str, values: &Map) -> CallResult<Said> {
    let message = call::host(context)?.words().message(key, values);
    message.map_err(|error: HostError| error.at(context).raise())
}
