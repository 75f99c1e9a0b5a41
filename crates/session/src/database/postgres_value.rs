//! Values as PostgreSQL sends them in its binary form.
//!
//! The forms are those of the server's `…_send` functions. Nothing here trusts a length or a limit.

use std::net::{Ipv4Addr, Ipv6Addr};

use jiff::Timestamp;
use sqlx::postgres::{PgRow, PgTypeInfo, PgTypeKind, PgValueFormat};
use sqlx::{Row, TypeInfo, ValueRef};

use super::calendar::{DAYS_TO_2000, date_text, date_time_text, fraction_text, time_text};
use super::value::SqlValue;
use wording::mac;

/// From the start of 1970 to the start of 2000, where PostgreSQL counts from.
pub(super) const EPOCH_MICROSECONDS: i64 = 946_684_800_000_000;

/// How to read the values of one column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum PostgresDecoder {
    Bool,
    Int,
    Oid,
    Float,
    Numeric,
    Text,
    Bytes,
    Uuid,
    Json,
    Jsonb,
    TimestampTz,
    Timestamp,
    Date,
    Time,
    TimeTz,
    Interval,
    Address,
    Mac,
    Void,
    Array(Box<PostgresDecoder>),
    Unknown(String),
}

impl PostgresDecoder {
    /// The way to read values of `type_info`.
    pub fn of(type_info: &PgTypeInfo) -> Self {
        match type_info.kind() {
            PgTypeKind::Enum(_) => return Self::Text,
            PgTypeKind::Domain(base) => return Self::of(base),
            PgTypeKind::Array(element) => return Self::Array(Box::new(Self::of(element))),
            _ => {}
        }
        match type_info.name() {
            "BOOL" => Self::Bool,
            "INT2" | "INT4" | "INT8" => Self::Int,
            "OID" => Self::Oid,
            "FLOAT4" | "FLOAT8" => Self::Float,
            "NUMERIC" => Self::Numeric,
            "TEXT" | "VARCHAR" | "CHAR" | "NAME" | "\"CHAR\"" | "UNKNOWN" | "citext" | "xml" => {
                Self::Text
            }
            "BYTEA" => Self::Bytes,
            "UUID" => Self::Uuid,
            "JSON" => Self::Json,
            "JSONB" => Self::Jsonb,
            "TIMESTAMPTZ" => Self::TimestampTz,
            "TIMESTAMP" => Self::Timestamp,
            "DATE" => Self::Date,
            "TIME" => Self::Time,
            "TIMETZ" => Self::TimeTz,
            "INTERVAL" => Self::Interval,
            "INET" | "CIDR" => Self::Address,
            "MACADDR" | "MACADDR8" => Self::Mac,
            "VOID" => Self::Void,
            other => Self::Unknown(other.to_lowercase()),
        }
    }

    /// The value of `row` at `column`.
    ///
    /// # Errors
    /// A reason, if the bytes do not have the form of the type.
    pub fn value(&self, row: &PgRow, column: usize) -> Result<SqlValue, String> {
        let raw = row.try_get_raw(column).map_err(|error| error.to_string())?;
        if raw.is_null() {
            return Ok(SqlValue::Null);
        }
        if raw.format() == PgValueFormat::Text {
            let text = raw.as_str().map_err(|error| error.to_string())?;
            return Ok(SqlValue::Text(text.to_owned()));
        }
        let bytes = raw.as_bytes().map_err(|error| error.to_string())?;
        self.decode(bytes)
    }

    /// Calls `with` with the bytes of a text; `false`, and nothing called, for anything else.
    pub fn with_text(&self, row: &PgRow, column: usize, with: &mut dyn FnMut(&[u8])) -> bool {
        if *self != Self::Text {
            return false;
        }
        let raw = row.try_get_raw(column).ok();
        let Some(bytes) = raw.and_then(|raw| raw.as_bytes().ok()) else {
            return false;
        };
        with(bytes);
        true
    }

    fn decode(&self, bytes: &[u8]) -> Result<SqlValue, String> {
        Ok(match self {
            Self::Bool => SqlValue::Bool(bytes != [0]),
            Self::Int => SqlValue::Int(whole_number(bytes)?),
            Self::Oid => SqlValue::Int(u32::from_be_bytes(exactly(bytes)?).into()),
            Self::Float => SqlValue::Float(float(bytes)?),
            Self::Numeric => SqlValue::Decimal(numeric_text(bytes)?),
            Self::Text => SqlValue::Text(text(bytes)?),
            Self::Bytes => SqlValue::Bytes(bytes.to_owned()),
            Self::Uuid => SqlValue::Uuid(uuid_text(exactly(bytes)?)),
            Self::Json => SqlValue::Json(text(bytes)?),
            Self::Jsonb => SqlValue::Json(text(bytes.get(1..).unwrap_or_default())?),
            Self::TimestampTz => instant(i64::from_be_bytes(exactly(bytes)?)),
            Self::Timestamp => date_time(i64::from_be_bytes(exactly(bytes)?)),
            Self::Date => date(i32::from_be_bytes(exactly(bytes)?)),
            Self::Time => SqlValue::TimeOfDay(time_text(i64::from_be_bytes(exactly(bytes)?))),
            Self::TimeTz => SqlValue::TimeOfDay(time_with_zone(bytes)?),
            Self::Interval => SqlValue::Text(interval_text(bytes)?),
            Self::Address => SqlValue::Text(address_text(bytes)?),
            Self::Mac => SqlValue::Text(mac::text(bytes).to_ascii_lowercase()),
            Self::Void => SqlValue::Null,
            Self::Array(element) => array(bytes, element)?,
            Self::Unknown(type_name) => SqlValue::Unknown {
                type_name: type_name.clone(),
            },
        })
    }
}

fn exactly<const N: usize>(bytes: &[u8]) -> Result<[u8; N], String> {
    bytes
        .try_into()
        .map_err(|_| format!("{N} bytes were expected, {} came", bytes.len()))
}

/// Cuts the first `N` bytes off `bytes`.
fn take<const N: usize>(bytes: &mut &[u8]) -> Result<[u8; N], String> {
    let (first, rest) = bytes
        .split_first_chunk()
        .ok_or_else(|| "it ends too early".to_owned())?;
    *bytes = rest;
    Ok(*first)
}

fn whole_number(bytes: &[u8]) -> Result<i64, String> {
    match bytes.len() {
        2 => Ok(i16::from_be_bytes(exactly(bytes)?).into()),
        4 => Ok(i32::from_be_bytes(exactly(bytes)?).into()),
        _ => Ok(i64::from_be_bytes(exactly(bytes)?)),
    }
}

/// A `real` is read by its shortest text, so that 0.1 stays 0.1.
fn float(bytes: &[u8]) -> Result<f64, String> {
    if bytes.len() == 4 {
        let single = f32::from_be_bytes(exactly(bytes)?);
        return Ok(single.to_string().parse().unwrap_or(f64::from(single)));
    }
    Ok(f64::from_be_bytes(exactly(bytes)?))
}

fn text(bytes: &[u8]) -> Result<String, String> {
    String::from_utf8(bytes.to_owned()).map_err(|_| "it is not UTF-8".to_owned())
}

pub(super) fn uuid_text(bytes: [u8; 16]) -> String {
    sqlx::types::Uuid::from_bytes(bytes).to_string()
}

fn instant(microseconds: i64) -> SqlValue {
    let unix = microseconds.checked_add(EPOCH_MICROSECONDS);
    match unix.map(Timestamp::from_microsecond) {
        Some(Ok(instant)) => SqlValue::Time(instant),
        _ => match date_time(microseconds) {
            // Beyond the year 9999, where jiff ends.
            SqlValue::DateTime(text) if !text.ends_with("infinity") => {
                SqlValue::DateTime(format!("{text}Z"))
            }
            infinity => infinity,
        },
    }
}

fn date_time(microseconds: i64) -> SqlValue {
    SqlValue::DateTime(match microseconds {
        i64::MAX => "infinity".to_owned(),
        i64::MIN => "-infinity".to_owned(),
        _ => date_time_text(microseconds),
    })
}

fn date(days: i32) -> SqlValue {
    SqlValue::Date(match days {
        i32::MAX => "infinity".to_owned(),
        i32::MIN => "-infinity".to_owned(),
        _ => date_text(i64::from(days) + DAYS_TO_2000),
    })
}

fn time_with_zone(mut bytes: &[u8]) -> Result<String, String> {
    let time = time_text(i64::from_be_bytes(take(&mut bytes)?));
    let west = i64::from(i32::from_be_bytes(exactly(bytes)?));
    let sign = if west > 0 { '-' } else { '+' };
    let zone = time_text(west.abs().saturating_mul(1_000_000));
    let zone = zone.strip_suffix(":00").unwrap_or(&zone);
    Ok(format!("{time}{sign}{zone}"))
}

/// ISO 8601, as PostgreSQL writes it with `intervalstyle = iso_8601`.
fn interval_text(mut bytes: &[u8]) -> Result<String, String> {
    let microseconds = i64::from_be_bytes(take(&mut bytes)?);
    let days = i32::from_be_bytes(take(&mut bytes)?);
    let months = i32::from_be_bytes(exactly(bytes)?);
    let mut text = "P".to_owned();
    for (amount, unit) in [(months / 12, 'Y'), (months % 12, 'M'), (days, 'D')] {
        if amount != 0 {
            text.push_str(&format!("{amount}{unit}"));
        }
    }
    if microseconds != 0 {
        text.push_str(&clock_text(microseconds));
    }
    Ok(if text == "P" { "PT0S".to_owned() } else { text })
}

fn clock_text(microseconds: i64) -> String {
    let seconds = microseconds / 1_000_000;
    let rest = microseconds % 1_000_000;
    let mut text = "T".to_owned();
    for (amount, unit) in [(seconds / 3600, 'H'), (seconds / 60 % 60, 'M')] {
        if amount != 0 {
            text.push_str(&format!("{amount}{unit}"));
        }
    }
    if seconds % 60 != 0 || rest != 0 {
        let sign = if microseconds < 0 { "-" } else { "" };
        let whole = (seconds % 60).abs();
        text.push_str(&format!("{sign}{whole}{}S", fraction_text(rest.abs())));
    }
    text
}

fn address_text(bytes: &[u8]) -> Result<String, String> {
    let [family, bits, is_network, length, address @ ..] = bytes else {
        return Err("an address of fewer than 4 bytes".to_owned());
    };
    if address.len() != usize::from(*length) {
        return Err("an address that is not as long as it says".to_owned());
    }
    let (text, all) = match family {
        2 => (Ipv4Addr::from(exactly::<4>(address)?).to_string(), 32),
        3 => (Ipv6Addr::from(exactly::<16>(address)?).to_string(), 128),
        other => return Err(format!("an address of the unknown family {other}")),
    };
    Ok(if *bits == all && *is_network == 0 {
        text
    } else {
        format!("{text}/{bits}")
    })
}

/// A numeric: groups of four decimal digits, the weight of the first one, and how many digits are
/// to be shown behind the point.
fn numeric_text(mut bytes: &[u8]) -> Result<String, String> {
    let groups = u16::from_be_bytes(take(&mut bytes)?);
    let weight = i32::from(i16::from_be_bytes(take(&mut bytes)?));
    let sign = u16::from_be_bytes(take(&mut bytes)?);
    let scale = usize::from(u16::from_be_bytes(take(&mut bytes)?));
    match sign {
        0xC000 => return Ok("NaN".to_owned()),
        0xD000 => return Ok("Infinity".to_owned()),
        0xF000 => return Ok("-Infinity".to_owned()),
        _ => {}
    }
    if bytes.len() != usize::from(groups) * 2 {
        return Err("a number that is not as long as it says".to_owned());
    }
    let group = |place: i32| {
        let at = usize::try_from(weight - place).ok()?;
        let pair = bytes.get(at * 2..at * 2 + 2)?;
        Some(u16::from_be_bytes([pair[0], pair[1]]))
    };
    let mut whole = String::new();
    for place in (0..=weight).rev() {
        whole.push_str(&format!("{:04}", group(place).unwrap_or(0)));
    }
    let whole = whole.trim_start_matches('0');
    let mut fraction = String::new();
    let mut place = -1;
    while fraction.len() < scale {
        fraction.push_str(&format!("{:04}", group(place).unwrap_or(0)));
        place -= 1;
    }
    fraction.truncate(scale);
    let minus = if sign == 0x4000 { "-" } else { "" };
    let whole = if whole.is_empty() { "0" } else { whole };
    let point = if scale > 0 { "." } else { "" };
    Ok(format!("{minus}{whole}{point}{fraction}"))
}

fn array(mut bytes: &[u8], element: &PostgresDecoder) -> Result<SqlValue, String> {
    let dimensions = i32::from_be_bytes(take(&mut bytes)?);
    let _has_nulls: [u8; 4] = take(&mut bytes)?;
    let _element_type: [u8; 4] = take(&mut bytes)?;
    // PostgreSQL's own limit.
    if !(0..=6).contains(&dimensions) {
        return Err(format!("an array of {dimensions} dimensions"));
    }
    let mut lengths = Vec::new();
    for _ in 0..dimensions {
        lengths.push(i32::from_be_bytes(take(&mut bytes)?));
        let _lower_bound: [u8; 4] = take(&mut bytes)?;
    }
    if lengths.is_empty() {
        return Ok(SqlValue::Array(Vec::new()));
    }
    elements(&mut bytes, &lengths, element)
}

fn elements(
    bytes: &mut &[u8],
    lengths: &[i32],
    element: &PostgresDecoder,
) -> Result<SqlValue, String> {
    let Some((length, inner)) = lengths.split_first() else {
        return one_element(bytes, element);
    };
    let mut values = Vec::new();
    for _ in 0..*length {
        // Also keeps an announced length without elements from running long.
        if bytes.is_empty() {
            return Err("an array that ends too early".to_owned());
        }
        values.push(elements(bytes, inner, element)?);
    }
    Ok(SqlValue::Array(values))
}

fn one_element(bytes: &mut &[u8], element: &PostgresDecoder) -> Result<SqlValue, String> {
    let length = i32::from_be_bytes(take(bytes)?);
    let Ok(length) = usize::try_from(length) else {
        return Ok(SqlValue::Null);
    };
    let (value, rest) = bytes
        .split_at_checked(length)
        .ok_or_else(|| "an array that ends too early".to_owned())?;
    *bytes = rest;
    element.decode(value)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ALL: &[PostgresDecoder] = &[
        PostgresDecoder::Bool,
        PostgresDecoder::Int,
        PostgresDecoder::Oid,
        PostgresDecoder::Float,
        PostgresDecoder::Numeric,
        PostgresDecoder::Text,
        PostgresDecoder::Uuid,
        PostgresDecoder::Jsonb,
        PostgresDecoder::TimestampTz,
        PostgresDecoder::Timestamp,
        PostgresDecoder::Date,
        PostgresDecoder::Time,
        PostgresDecoder::TimeTz,
        PostgresDecoder::Interval,
        PostgresDecoder::Address,
        PostgresDecoder::Mac,
    ];

    proptest! {
        #[test]
        fn no_bytes_make_a_decoder_panic(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
            for decoder in ALL {
                let _ = decoder.decode(&bytes);
                let _ = PostgresDecoder::Array(Box::new(decoder.clone())).decode(&bytes);
            }
        }
    }

    #[test]
    fn infinity_and_far_times_are_text_and_no_panic() {
        let at = |microseconds: i64| {
            PostgresDecoder::TimestampTz
                .decode(&microseconds.to_be_bytes())
                .unwrap()
        };
        assert_eq!(at(i64::MAX), SqlValue::DateTime("infinity".to_owned()));
        assert_eq!(at(i64::MIN), SqlValue::DateTime("-infinity".to_owned()));
        assert_eq!(
            at(0),
            SqlValue::Time("2000-01-01T00:00:00Z".parse().unwrap())
        );
        let SqlValue::DateTime(far) = at(9_223_371_331_199_999_999) else {
            panic!("not text");
        };
        assert_eq!(far, "294276-12-31T23:59:59.999999Z");
    }

    #[test]
    fn an_array_that_announces_more_than_it_holds_reserves_nothing() {
        let mut bytes = Vec::new();
        for word in [1_i32, 0, 23, i32::MAX, 1] {
            bytes.extend(word.to_be_bytes());
        }
        assert!(
            PostgresDecoder::Array(Box::new(PostgresDecoder::Int))
                .decode(&bytes)
                .is_err()
        );
    }
}
