//! Rhai's own functions that a script must not have as they are: those that make a value of any
//! size in one step, before the memory limit can be asked, and the one that sleeps through Ctrl-C.

use std::mem::size_of;
use std::ops::{Range, RangeInclusive};
use std::time::Duration;

use rhai::{Array, Blob, Dynamic, Engine, FLOAT, INT, ImmutableString, NativeCallContext};

use super::call;
use super::error::CallResult;
use super::room::room_for;

/// What an element of an array costs beside its text.
const ELEMENT: usize = 4 * size_of::<Dynamic>();

/// Puts the bounded functions in the place of Rhai's own.
pub fn register(engine: &mut Engine) {
    register_padding(engine);
    register_replacing(engine);
    register_splitting(engine);
    register_parts(engine);
    engine.register_fn("sleep", |context: NativeCallContext, seconds: INT| {
        sleep(&context, seconds as FLOAT)
    });
    engine.register_fn("sleep", |context: NativeCallContext, seconds: FLOAT| {
        sleep(&context, seconds)
    });
}

fn register_padding(engine: &mut Engine) {
    engine.register_fn("blob", |context: NativeCallContext, length: INT| {
        blob(&context, length, 0)
    });
    engine.register_fn(
        "blob",
        |context: NativeCallContext, length: INT, value: INT| blob(&context, length, value),
    );
    engine.register_fn(
        "pad",
        |context: NativeCallContext, blob: &mut Blob, length: INT, value: INT| {
            let length = size(length);
            room(&context, length.saturating_sub(blob.len()))?;
            blob.resize(length.max(blob.len()), value as u8);
            CallResult::Ok(())
        },
    );
    engine.register_fn(
        "pad",
        |context: NativeCallContext, array: &mut Array, length: INT, item: Dynamic| {
            pad_array(&context, array, size(length), &item)
        },
    );
    engine.register_fn(
        "pad",
        |context: NativeCallContext, text: &mut ImmutableString, length: INT, with: char| {
            pad_text(&context, text, size(length), with.encode_utf8(&mut [0; 4]))
        },
    );
    engine.register_fn(
        "pad",
        |context: NativeCallContext, text: &mut ImmutableString, length: INT, with: &str| {
            pad_text(&context, text, size(length), with)
        },
    );
}

fn register_replacing(engine: &mut Engine) {
    engine.register_fn(
        "replace",
        |context: NativeCallContext, text: &mut ImmutableString, find: &str, with: &str| {
            replace(&context, text, find, with)
        },
    );
    engine.register_fn(
        "replace",
        |context: NativeCallContext, text: &mut ImmutableString, find: &str, with: char| {
            replace(&context, text, find, with.encode_utf8(&mut [0; 4]))
        },
    );
    engine.register_fn(
        "replace",
        |context: NativeCallContext, text: &mut ImmutableString, find: char, with: &str| {
            replace(&context, text, find.encode_utf8(&mut [0; 4]), with)
        },
    );
    engine.register_fn(
        "replace",
        |context: NativeCallContext, text: &mut ImmutableString, find: char, with: char| {
            let find = find.to_string();
            replace(&context, text, &find, with.encode_utf8(&mut [0; 4]))
        },
    );
}

fn register_splitting(engine: &mut Engine) {
    engine.register_fn(
        "split",
        |context: NativeCallContext, text: &mut ImmutableString| {
            pieces(&context, text, text.split_whitespace())
        },
    );
    engine.register_fn(
        "split",
        |context: NativeCallContext, text: &mut ImmutableString, at: &str| {
            pieces(&context, text, text.split(at))
        },
    );
    engine.register_fn(
        "split",
        |context: NativeCallContext, text: &mut ImmutableString, at: char| {
            pieces(&context, text, text.split(at))
        },
    );
    engine.register_fn(
        "split_rev",
        |context: NativeCallContext, text: &mut ImmutableString, at: &str| {
            let found = text.split(at).count();
            room_for_pieces(&context, text, found)?;
            CallResult::Ok(array(text.rsplit(at)))
        },
    );
    engine.register_fn(
        "split_rev",
        |context: NativeCallContext, text: &mut ImmutableString, at: char| {
            pieces(&context, text, text.rsplit(at))
        },
    );
    engine.register_fn("to_chars", |context: NativeCallContext, text: &str| {
        let count = text.chars().count();
        room(&context, count.saturating_mul(size_of::<Dynamic>()))?;
        CallResult::Ok(text.chars().map(Dynamic::from).collect::<Array>())
    });
}

/// Rhai's own copy a text into one character each, of four bytes, before they take a part of it.
fn register_parts(engine: &mut Engine) {
    engine.register_fn("sub_string", |text: &str, start: INT| {
        ImmutableString::from(part(text, start, INT::MAX))
    });
    engine.register_fn("sub_string", |text: &str, start: INT, length: INT| {
        ImmutableString::from(part(text, start, length))
    });
    engine.register_fn("sub_string", |text: &str, range: Range<INT>| {
        let (start, length) = exclusive(&range);
        ImmutableString::from(part(text, start, length))
    });
    engine.register_fn("sub_string", |text: &str, range: RangeInclusive<INT>| {
        let (start, length) = inclusive(&range);
        ImmutableString::from(part(text, start, length))
    });
    engine.register_fn("crop", |text: &mut ImmutableString, start: INT| {
        *text = part(text, start, INT::MAX).into();
    });
    engine.register_fn(
        "crop",
        |text: &mut ImmutableString, start: INT, length: INT| {
            *text = part(text, start, length).into();
        },
    );
    engine.register_fn("crop", |text: &mut ImmutableString, range: Range<INT>| {
        let (start, length) = exclusive(&range);
        *text = part(text, start, length).into();
    });
    engine.register_fn(
        "crop",
        |text: &mut ImmutableString, range: RangeInclusive<INT>| {
            let (start, length) = inclusive(&range);
            *text = part(text, start, length).into();
        },
    );
}

fn exclusive(range: &Range<INT>) -> (INT, INT) {
    let start = range.start.max(0);
    (start, range.end.saturating_sub(start))
}

fn inclusive(range: &RangeInclusive<INT>) -> (INT, INT) {
    let start = (*range.start()).max(0);
    let length = (*range.end())
        .max(start)
        .saturating_sub(start)
        .saturating_add(1);
    (start, length)
}

/// The `length` characters of a text from `start` on, counted from its end where that is negative; what
/// there is of them.
fn part(text: &str, start: INT, length: INT) -> &str {
    let skipped = match usize::try_from(start) {
        Ok(start) => start,
        Err(_) => {
            let back = usize::try_from(start.unsigned_abs()).unwrap_or(usize::MAX);
            text.chars().count().saturating_sub(back)
        }
    };
    let rest = &text[place(text, skipped)..];
    &rest[..place(rest, size(length))]
}

/// Where the character of this number begins, counted from 0; the end of a text that has fewer.
fn place(text: &str, number: usize) -> usize {
    let mut places = text.char_indices();
    places.nth(number).map_or(text.len(), |(place, _)| place)
}

fn blob(context: &NativeCallContext, length: INT, value: INT) -> CallResult<Blob> {
    room(context, size(length))?;
    Ok(vec![value as u8; size(length)])
}

/// An element may be large itself, so room is asked for before each copy.
fn pad_array(
    context: &NativeCallContext,
    array: &mut Array,
    length: usize,
    item: &Dynamic,
) -> CallResult<()> {
    room(
        context,
        length
            .saturating_sub(array.len())
            .saturating_mul(size_of::<Dynamic>()),
    )?;
    while array.len() < length {
        room(context, size_of::<Dynamic>())?;
        array.push(item.clone());
    }
    Ok(())
}

fn pad_text(
    context: &NativeCallContext,
    text: &mut ImmutableString,
    length: usize,
    with: &str,
) -> CallResult<()> {
    let missing = length.saturating_sub(text.chars().count());
    if missing == 0 || with.is_empty() {
        return Ok(());
    }
    let copies = missing.div_ceil(with.chars().count());
    room(context, copies.saturating_mul(with.len()))?;
    let padding: String = with.repeat(copies).chars().take(missing).collect();
    *text = format!("{text}{padding}").into();
    Ok(())
}

fn replace(
    context: &NativeCallContext,
    text: &mut ImmutableString,
    find: &str,
    with: &str,
) -> CallResult<()> {
    let found = text.matches(find).count();
    room(context, found.saturating_mul(with.len()))?;
    if found > 0 {
        *text = text.replace(find, with).into();
    }
    Ok(())
}

/// The pieces of a text as an array, if there is room for it.
///
/// # Errors
/// There is no room (kind `invalid`).
pub fn pieces<'a>(
    context: &NativeCallContext,
    text: &str,
    pieces: impl Iterator<Item = &'a str> + Clone,
) -> CallResult<Array> {
    room_for_pieces(context, text, pieces.clone().count())?;
    Ok(array(pieces))
}

fn room_for_pieces(context: &NativeCallContext, text: &str, count: usize) -> CallResult<()> {
    room(
        context,
        count.saturating_mul(ELEMENT).saturating_add(text.len()),
    )
}

fn array<'a>(pieces: impl Iterator<Item = &'a str>) -> Array {
    pieces
        .map(|piece| Dynamic::from(piece.to_owned()))
        .collect()
}

fn sleep(context: &NativeCallContext, seconds: FLOAT) -> CallResult<()> {
    let Ok(time) = Duration::try_from_secs_f64(seconds) else {
        return Ok(());
    };
    call::host(context)?
        .pause(time)
        .map_err(|error| error.at(context).raise())
}

/// Asks for room; the error has its place in the script.
///
/// # Errors
/// There is no room (kind `invalid`).
pub fn room(context: &NativeCallContext, bytes: usize) -> CallResult<()> {
    room_for(bytes).map_err(|error| error.at(context).raise())
}

fn size(length: INT) -> usize {
    usize::try_from(length).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every part of every text is what the language's own functions make of it.
    #[test]
    fn parts_are_those_of_the_language() {
        let own = Engine::new();
        let mut bounded = Engine::new();
        register_parts(&mut bounded);
        let (least, most) = (INT::MIN, INT::MAX);
        let numbers = [least, -7, -3, -1, 0, 1, 2, 3, 6, most];
        let mut calls = Vec::new();
        for first in numbers {
            calls.push(format!("{first}"));
            for second in numbers {
                calls.push(format!("{first}, {second}"));
                calls.push(format!("{first}..{second}"));
                calls.push(format!("{first}..={second}"));
            }
        }
        for text in ["", "a", "abc", "Café \u{1F600}é", "日本語"] {
            for call in &calls {
                // A literal cannot be the least number.
                let call = call.replace(&least.to_string(), "(-9223372036854775807 - 1)");
                let script = format!(
                    "let t = \"{text}\"; t.crop({call}); [\"{text}\".sub_string({call}), t]"
                );
                let parts = |engine: &Engine| format!("{:?}", engine.eval::<Array>(&script));
                assert_eq!(parts(&bounded), parts(&own), "{script}");
            }
        }
    }
}
