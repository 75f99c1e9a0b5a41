//! `text::` what Rhai's own strings lack for the texts of routers and databases.

use rhai::plugin::*;
use rhai::{Array, Dynamic, INT};
use routeros_schema::{RouterText, UnknownEncoding};

use super::bounded::{pieces, room};
use super::call;
use super::dynamic::{json_of, type_of};
use super::error::{CallResult, HostError};
use super::folded;
use super::given::bytes_of;
use super::primitive::primitives;

primitives! {
    _: () = plain before(Text, Text);
    _: () = plain after(Text, Text);
    _: () = plain lines(Text);
    _: () = plain shorten(Text, Value);
    _: () = plain folded(Text);
    _: () = plain in_network(Address, Address);
    _: () = plain decode(Value, Text);
    _: () = plain join(Value, Text);
    _: () = plain from_json(Text);
    _: () = plain to_json(Value);
}

/// Texts: parts, padding, JSON.
#[export_module]
pub mod text_module {
    use super::*;

    /// The part of a text before the first separator; the whole text where there is none.
    ///
    /// ```rhai
    /// assert_eq(text::before("quota_debt_limit|debt_mb=600", "|"), "quota_debt_limit");
    /// ```
    pub fn before(text: &str, separator: &str) -> String {
        text.split_once(separator)
            .map_or(text, |(before, _)| before)
            .to_owned()
    }

    /// The part of a text after the first separator; empty where there is none.
    ///
    /// ```rhai
    /// assert_eq(text::after("uid=7|user=0812", "uid="), "7|user=0812");
    /// ```
    pub fn after(text: &str, separator: &str) -> String {
        text.split_once(separator)
            .map_or("", |(_, after)| after)
            .to_owned()
    }

    /// A text as people type it when they look for it: in lower case, without accents, with single
    /// blanks.
    ///
    /// ```rhai
    /// assert(text::folded("Warung Café").contains(text::folded("CAFE")), "it is found");
    /// ```
    pub fn folded(text: &str) -> String {
        folded::folded(text)
    }

    /// The lines of a text, without line ends.
    ///
    /// ```rhai
    /// assert_eq(text::lines("a\nb"), ["a", "b"]);
    /// ```
    #[rhai_fn(return_raw)]
    pub fn lines(context: NativeCallContext, text: &str) -> CallResult<Array> {
        pieces(&context, text, text.lines())
    }

    /// The text cut to `width` characters; where something was cut it ends in `…`.
    ///
    /// ```rhai
    /// assert_eq(text::shorten("abcdef", 4), "abc…");
    /// ```
    pub fn shorten(text: &str, width: INT) -> String {
        let width = usize::try_from(width).unwrap_or(0);
        if text.chars().count() <= width {
            return text.to_owned();
        }
        let kept: String = text.chars().take(width.saturating_sub(1)).collect();
        format!("{kept}…")
    }

    /// True if an address, a network or a range lies in a network or a range: `10.20.0.0/24`,
    /// `10.20.0.5-10.20.0.9`, or a single address. What is none of these lies in nothing.
    ///
    /// ```rhai
    /// assert(text::in_network("10.20.0.7", "10.20.0.0/24"), "an address");
    /// assert(text::in_network("10.20.0.64/27", "10.20.0.0-10.20.0.99"), "a network in a range");
    /// assert(!text::in_network("10.20.1.7", "10.20.0.0/24"), "the network beside it");
    /// ```
    pub fn in_network(text: &str, network: &str) -> bool {
        routeros_schema::contains(network.as_bytes(), text.as_bytes())
    }

    /// The text of bytes in an encoding such as `windows-1251`, by any name of the Encoding Standard. The
    /// bytes are a blob, or a text of the router as it was read: one that somebody wrote in another
    /// encoding than the site's `router_text`. Bytes that the encoding does not have become `\xNN`.
    /// Fails with kind `invalid` for an encoding that does not exist.
    ///
    /// ```rhai
    /// assert_eq(text::decode("caf\\xe9", "windows-1252"), "café");
    /// let blob = blob(1, 0xc8);
    /// assert_eq(text::decode(blob, "windows-1251"), "И");
    /// ```
    #[rhai_fn(return_raw)]
    pub fn decode(
        context: NativeCallContext,
        value: Dynamic,
        encoding: &str,
    ) -> CallResult<String> {
        let as_read = call::host(&context)?.router_text();
        let decode = || {
            let encoding: RouterText = encoding
                .parse()
                .map_err(|error: UnknownEncoding| HostError::invalid(error.to_string()))?;
            let bytes = bytes_of(&value, as_read)?.ok_or_else(|| {
                let given = type_of(&value);
                HostError::invalid(format!("a text or a blob is decoded, not a {given}"))
            })?;
            Ok(encoding.read(&bytes).into_owned())
        };
        decode().map_err(|error: HostError| error.at(&context).raise())
    }

    /// The elements of an array as one text with a separator between them.
    ///
    /// ```rhai
    /// assert_eq(text::join(["a", 2], ", "), "a, 2");
    /// ```
    #[rhai_fn(return_raw)]
    pub fn join(context: NativeCallContext, parts: Array, separator: &str) -> CallResult<String> {
        room(&context, parts.len().saturating_mul(separator.len()))?;
        let parts: Vec<String> = parts.iter().map(ToString::to_string).collect();
        room(&context, parts.iter().map(String::len).sum())?;
        Ok(parts.join(separator))
    }

    /// The value of a JSON text: objects become maps, null becomes `()`.
    /// Fails with kind `invalid` if the text is not JSON.
    ///
    /// ```rhai
    /// assert_eq(text::from_json("{\"fail\": 2}").fail, 2);
    /// ```
    #[rhai_fn(return_raw)]
    pub fn from_json(context: NativeCallContext, text: &str) -> CallResult<Dynamic> {
        let json: serde_json::Value = serde_json::from_str(text).map_err(|error| {
            HostError::invalid("the text is not JSON")
                .caused_by(&error)
                .at(&context)
                .raise()
        })?;
        Ok(super::super::rows::value_of_json(&json).into_dynamic())
    }

    /// The JSON text of a value, on one line.
    /// Fails with kind `invalid` for a value without JSON form.
    ///
    /// ```rhai
    /// assert_eq(text::to_json(#{ a: [1, ()] }), "{\"a\":[1,null]}");
    /// ```
    #[rhai_fn(return_raw)]
    pub fn to_json(context: NativeCallContext, value: Dynamic) -> CallResult<String> {
        json_of(&value)
            .map(|json| json.to_string())
            .map_err(|error| error.at(&context).raise())
    }
}
