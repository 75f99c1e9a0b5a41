//! `time::` points in time and durations, as databases and routers write them.

use std::time::Duration;

use jiff::fmt::strtime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use rhai::plugin::*;
use rhai::{Dynamic, INT};

use super::call;
use super::error::{CallResult, HostError};
use super::moment::Moment;
use super::primitive::primitives;

use wording::duration;

/// Seconds of a RouterOS duration such as `1w2d3h4m5s`, `23h59m12s`, `14ms612us` or `00:10:00`
/// (MikroTik's manual, "Scripting", type time); `none` and `never` have none.
pub fn router_seconds(text: &str) -> Option<f64> {
    if text.contains(':') {
        let mut seconds = 0.0;
        for part in text.split(':') {
            seconds = seconds * 60.0 + part.parse::<u32>().ok()? as f64;
        }
        return Some(seconds);
    }
    let mut rest = text;
    let mut total = 0.0;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let number: f64 = rest[..digits].parse().ok()?;
        rest = &rest[digits..];
        let end = rest
            .find(|c: char| c.is_ascii_digit())
            .unwrap_or(rest.len());
        total += number
            * match &rest[..end] {
                "w" => 604_800.0,
                "d" => 86_400.0,
                "h" => 3_600.0,
                "m" => 60.0,
                "s" => 1.0,
                "ms" => 1e-3,
                "us" => 1e-6,
                "ns" => 1e-9,
                _ => return None,
            };
        rest = &rest[end..];
    }
    (!text.is_empty()).then_some(total)
}

/// Registers the type and its comparisons.
pub fn register(engine: &mut rhai::Engine) {
    engine
        .register_type_with_name::<Moment>("Time")
        .register_fn("==", |a: Moment, b: Moment| a == b)
        .register_fn("!=", |a: Moment, b: Moment| a != b)
        .register_fn("<", |a: Moment, b: Moment| a < b)
        .register_fn("<=", |a: Moment, b: Moment| a <= b)
        .register_fn(">", |a: Moment, b: Moment| a > b)
        .register_fn(">=", |a: Moment, b: Moment| a >= b)
        .register_fn("-", |a: Moment, b: Moment| {
            a.0.duration_since(b.0).as_secs()
        });
}

primitives! {
    _: () = plain now();
    _: () = plain planned();
    _: () = plain zone();
    _: () = plain parse(Time);
    _: () = plain from_unix(Time);
    _: () = plain unix(Value);
    _: () = plain plus(Value, Seconds);
    _: () = plain local(Value);
    _: () = plain local_date(Value);
    _: () = plain to_string(Value);
    _: () = plain to_debug(Value);
    _: () = plain seconds(Duration);
    _: () = plain duration(Seconds);
}

/// Points in time and durations. Times compare with `<` and `>`; the difference of two is a number
/// of seconds.
#[export_module]
pub mod time_module {
    use super::*;

    /// The present time.
    ///
    /// ```rhai
    /// assert(time::now() > time::parse("2024-01-01T00:00:00Z"), "the clock is set");
    /// ```
    #[rhai_fn(return_raw)]
    pub fn now(context: NativeCallContext) -> CallResult<Moment> {
        Ok(Moment(call::host(&context)?.now()))
    }

    /// The time at which the run was planned first: the same one when it is planned again before it is
    /// applied, and when its plan file is applied. What is written, such as the time in a comment, is the
    /// same in both plannings with it.
    ///
    /// ```rhai
    /// assert(time::planned() <= time::now(), "planned before now");
    /// ```
    #[rhai_fn(return_raw)]
    pub fn planned(context: NativeCallContext) -> CallResult<Moment> {
        Ok(Moment(call::host(&context)?.planned_at()))
    }

    /// The name of the site's time zone.
    ///
    /// ```rhai
    /// assert_eq(time::zone(), "Asia/Makassar");
    /// ```
    #[rhai_fn(return_raw)]
    pub fn zone(context: NativeCallContext) -> CallResult<String> {
        let zone = call::host(&context)?.time_zone();
        Ok(zone.iana_name().unwrap_or("UTC").to_owned())
    }

    /// The time a text names: RFC 3339 (`2026-05-31T12:00:00Z`), or without an offset
    /// (`2026-05-31 12:00:00`), which is taken in the site's time zone.
    /// Fails with kind `invalid` for any other text.
    ///
    /// ```rhai
    /// assert_eq(time::parse("1970-01-01T00:01:00Z").unix(), 60);
    /// ```
    #[rhai_fn(return_raw)]
    pub fn parse(context: NativeCallContext, text: &str) -> CallResult<Moment> {
        let zone = call::host(&context)?.time_zone();
        text.parse::<Timestamp>()
            .or_else(|_| {
                text.replacen(' ', "T", 1)
                    .parse::<jiff::civil::DateTime>()
                    .and_then(|local| local.to_zoned_datetime(zone))
                    .map(|zoned| zoned.timestamp())
            })
            .map(Moment)
            .map_err(|error| {
                HostError::invalid(format!("`{text}` is not a time"))
                    .caused_by(&error)
                    .hint("write it like 2026-05-31T12:00:00Z or 2026-05-31 12:00:00")
                    .at(&context)
                    .raise()
            })
    }

    /// The time a number of seconds after 1970-01-01T00:00:00Z, as Redis keys of the portal hold it.
    /// Fails with kind `invalid` beyond the year 9999.
    ///
    /// ```rhai
    /// assert_eq(time::from_unix(60), time::parse("1970-01-01T00:01:00Z"));
    /// ```
    #[rhai_fn(return_raw)]
    pub fn from_unix(context: NativeCallContext, seconds: INT) -> CallResult<Moment> {
        Timestamp::from_second(seconds)
            .map(Moment)
            .map_err(|error| {
                HostError::invalid(format!("{seconds} seconds are not a time"))
                    .caused_by(&error)
                    .at(&context)
                    .raise()
            })
    }

    /// Seconds after 1970-01-01T00:00:00Z, cut off.
    ///
    /// ```rhai
    /// assert_eq(time::from_unix(60).unix(), 60);
    /// ```
    #[rhai_fn(global, name = "unix", pure)]
    pub fn unix(moment: &mut Moment) -> INT {
        moment.0.as_second()
    }

    /// The time that many seconds later, or earlier for a negative number.
    /// Fails with kind `invalid` beyond the year 9999.
    ///
    /// ```rhai
    /// assert_eq(time::from_unix(60).plus(-60).unix(), 0);
    /// ```
    #[rhai_fn(global, name = "plus", return_raw, pure)]
    pub fn plus(
        context: NativeCallContext,
        moment: &mut Moment,
        seconds: INT,
    ) -> CallResult<Moment> {
        moment
            .0
            .checked_add(SignedDuration::from_secs(seconds))
            .map(Moment)
            .map_err(|error| {
                HostError::invalid(format!("cannot add {seconds} seconds to {}", moment.0))
                    .caused_by(&error)
                    .at(&context)
                    .raise()
            })
    }

    /// The time as text in the site's time zone: `2026-05-31 20:00:00`.
    ///
    /// ```rhai
    /// assert_eq(time::parse("2026-05-31 20:00:00").local(), "2026-05-31 20:00:00");
    /// ```
    #[rhai_fn(global, name = "local", return_raw, pure)]
    pub fn local(context: NativeCallContext, moment: &mut Moment) -> CallResult<String> {
        in_zone(&context, moment, "%Y-%m-%d %H:%M:%S")
    }

    /// The day in the site's time zone: `2026-05-31`.
    ///
    /// ```rhai
    /// assert_eq(time::parse("2026-05-31 20:00:00").local_date(), "2026-05-31");
    /// ```
    #[rhai_fn(global, name = "local_date", return_raw, pure)]
    pub fn local_date(context: NativeCallContext, moment: &mut Moment) -> CallResult<String> {
        in_zone(&context, moment, "%Y-%m-%d")
    }

    /// The time in RFC 3339, in UTC.
    ///
    /// ```rhai
    /// assert_eq(time::from_unix(0).to_string(), "1970-01-01T00:00:00Z");
    /// ```
    #[rhai_fn(global, name = "to_string", name = "to_debug", pure)]
    pub fn to_text(moment: &mut Moment) -> String {
        moment.0.to_string()
    }

    /// Seconds of a duration as routers write it, such as `1w2d`, `23h59m12s` or `00:10:00`;
    /// parts of a second are cut off; `()` for `none`, `never` and other text.
    ///
    /// ```rhai
    /// assert_eq(time::seconds("1h2m3s"), 3723);
    /// assert_eq(time::seconds("never"), ());
    /// ```
    pub fn seconds(text: &str) -> Dynamic {
        router_seconds(text).map_or(Dynamic::UNIT, |seconds| Dynamic::from_int(seconds as INT))
    }

    /// A number of seconds for people, in its two largest units.
    ///
    /// ```rhai
    /// assert_eq(time::duration(3723), "1h 2m");
    /// ```
    pub fn duration(seconds: INT) -> String {
        let sign = if seconds < 0 { "-" } else { "" };
        let length = Duration::from_secs(seconds.unsigned_abs());
        format!("{sign}{}", duration::text(length))
    }
}

fn in_zone(context: &NativeCallContext, moment: &Moment, format: &str) -> CallResult<String> {
    let zone: TimeZone = call::host(context)?.time_zone();
    strtime::format(format, &moment.0.to_zoned_datetime(zone)).map_err(|error| {
        HostError::invalid(format!("cannot write the time {}", moment.0))
            .caused_by(&error)
            .at(context)
            .raise()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_of_routers_are_read() {
        assert_eq!(router_seconds("35w3d13h13m56s"), Some(21_474_836.0));
        assert_eq!(router_seconds("14ms612us"), Some(0.014612));
        assert_eq!(router_seconds("00:10:00"), Some(600.0));
        for text in ["", "none", "never", "5", "5x", "s", "1:x"] {
            assert_eq!(router_seconds(text), None, "{text}");
        }
    }
}
