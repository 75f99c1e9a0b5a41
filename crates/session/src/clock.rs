//! What the services of a site take for the present time.

use jiff::Timestamp;
use jiff::civil::{Date, Time};
use jiff::fmt::strtime;
use jiff::tz::Offset;
use routeros_api::{ClientError, Print};

use super::database::{Database, DatabaseError};
use super::redis::{Redis, RedisError, RedisValue};
use super::router::RouterReader;

/// The time as a service told it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToldTime {
    /// The service's own words.
    pub text: String,
    /// The time they mean; `None` for a form that is not known.
    pub time: Option<Timestamp>,
}

/// The time of a router, by `/system/clock` (MikroTik manual, "Clock").
///
/// # Errors
/// As [`RouterReader::rows`].
pub async fn of_router(router: &RouterReader) -> Result<ToldTime, ClientError> {
    let print = Print::new("/system/clock").fields(["date", "time", "gmt-offset"]);
    let rows = router.rows(&print).await?;
    let row = rows.iter().next();
    let [date, time, offset] = ["date", "time", "gmt-offset"].map(|field| {
        let value = row.as_ref().and_then(|row| row.get(field));
        String::from_utf8_lossy(value.unwrap_or_default()).into_owned()
    });
    Ok(ToldTime {
        time: router_time(&date, &time, &offset),
        text: format!("{date} {time} {offset}"),
    })
}

/// The time of a database server at this moment, not at the begin of the snapshot. `None` for
/// SQLite, which has no clock but this machine's.
///
/// # Errors
/// As [`Database::rows`].
pub async fn of_database(database: &Database) -> Result<Option<ToldTime>, DatabaseError> {
    let Some(seconds) = database.unix_seconds().await? else {
        return Ok(None);
    };
    Ok(Some(told(&seconds)))
}

/// The time of the Redis server.
///
/// # Errors
/// As [`Redis::call`].
pub async fn of_redis(redis: &Redis) -> Result<ToldTime, RedisError> {
    let seconds = match redis.call("TIME", &[]).await? {
        RedisValue::Array(parts) => match parts.into_iter().next() {
            Some(RedisValue::Bytes(seconds)) => String::from_utf8_lossy(&seconds).into_owned(),
            _ => String::new(),
        },
        _ => String::new(),
    };
    Ok(told(&seconds))
}

/// The time that a text of whole seconds after 1970 means.
fn told(seconds: &str) -> ToldTime {
    ToldTime {
        text: seconds.to_owned(),
        time: seconds
            .parse()
            .ok()
            .and_then(|seconds| Timestamp::from_second(seconds).ok()),
    }
}

/// The time of `date` (`2026-05-31`, before RouterOS 7.10 `may/31/2026`), `time` and `gmt-offset`
/// (`+08:00`).
fn router_time(date: &str, time: &str, offset: &str) -> Option<Timestamp> {
    let date: Date = date.parse().ok().or_else(|| {
        let parsed = strtime::parse("%b/%d/%Y", date).ok()?;
        parsed.to_date().ok()
    })?;
    let time: Time = time.parse().ok()?;
    let moment = date.to_datetime(time);
    offset_of(offset)?.to_timestamp(moment).ok()
}

fn offset_of(text: &str) -> Option<Offset> {
    let (sign, digits) = match text.split_at_checked(1)? {
        ("+", digits) => (1, digits),
        ("-", digits) => (-1, digits),
        _ => return None,
    };
    let (hours, minutes) = digits.split_once(':')?;
    let seconds = hours.parse::<u8>().ok().map(i32::from)? * 3600
        + minutes.parse::<u8>().ok().map(i32::from)? * 60;
    Offset::from_seconds(sign * seconds).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_router_tells_the_time_in_either_form() {
        let expected: Timestamp = "2026-05-31T12:00:00Z".parse().unwrap();
        for (date, time, offset) in [
            ("2026-05-31", "20:00:00", "+08:00"),
            ("may/31/2026", "20:00:00", "+08:00"),
            ("2026-05-31", "07:30:00", "-04:30"),
        ] {
            assert_eq!(
                router_time(date, time, offset),
                Some(expected),
                "{date} {offset}"
            );
        }
        for (date, time, offset) in [
            ("", "20:00:00", "+08:00"),
            ("2026-05-31", "25:00:00", "+08:00"),
            ("2026-05-31", "20:00:00", "é"),
            ("2026-05-31", "20:00:00", ""),
            ("2026-05-31", "20:00:00", "+99:99"),
        ] {
            assert_eq!(
                router_time(date, time, offset),
                None,
                "{date} {time} {offset}"
            );
        }
    }

    #[test]
    fn seconds_that_are_no_time_are_told_as_they_are() {
        assert_eq!(told("99999999999999").time, None);
        assert_eq!(told("soon").text, "soon");
        assert_eq!(told("60").time, Timestamp::from_second(60).ok());
    }
}
