//! Values as MySQL and MariaDB send them in the answer to a prepared statement.

use sqlx::mysql::{MySqlRow, MySqlTypeInfo};
use sqlx::{Decode, MySql, Row, Type, TypeInfo, ValueRef};

use super::calendar::fraction_text;
use super::value::SqlValue;

/// How to read the values of one column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum MysqlDecoder {
    Bool,
    Signed,
    Unsigned,
    Bit,
    Float,
    Decimal,
    Text,
    Json,
    Bytes,
    Timestamp,
    DateTime,
    Date,
    Time,
    Unknown(String),
}

impl MysqlDecoder {
    /// The way to read values of `type_info`.
    pub fn of(type_info: &MySqlTypeInfo) -> Self {
        let name = type_info.name();
        match name {
            "BOOLEAN" => Self::Bool,
            "TINYINT" | "SMALLINT" | "MEDIUMINT" | "INT" | "BIGINT" => Self::Signed,
            "YEAR" => Self::Unsigned,
            _ if name.ends_with(" UNSIGNED") => Self::Unsigned,
            "BIT" => Self::Bit,
            "FLOAT" | "DOUBLE" => Self::Float,
            "DECIMAL" => Self::Decimal,
            "JSON" => Self::Json,
            "TIMESTAMP" => Self::Timestamp,
            "DATETIME" => Self::DateTime,
            "DATE" => Self::Date,
            "TIME" => Self::Time,
            "ENUM" | "SET" => Self::Text,
            "NULL" => Self::Bytes,
            // By collation: MariaDB's JSON and every text with a binary collation call themselves
            // BLOB, and are text all the same.
            _ if <str as Type<MySql>>::compatible(type_info) => Self::Text,
            _ if <[u8] as Type<MySql>>::compatible(type_info) => Self::Bytes,
            other => Self::Unknown(other.to_lowercase()),
        }
    }

    /// The value of `row` at `column`.
    ///
    /// # Errors
    /// A reason, if the bytes do not have the form of the type.
    pub fn value(&self, row: &MySqlRow, column: usize) -> Result<SqlValue, String> {
        let raw = row.try_get_raw(column).map_err(|error| error.to_string())?;
        let zero_date = matches!(self, Self::Timestamp | Self::DateTime | Self::Date);
        if raw.is_null() && !zero_date {
            return Ok(SqlValue::Null);
        }
        // The driver calls the date 0000-00-00 NULL; its bytes are there all the same.
        match <&[u8] as Decode<MySql>>::decode(raw) {
            Ok(bytes) => self.decode(bytes),
            Err(_) => Ok(SqlValue::Null),
        }
    }

    /// Calls `with` with the bytes of a text; `false`, and nothing called, for anything else.
    pub fn with_text(&self, row: &MySqlRow, column: usize, with: &mut dyn FnMut(&[u8])) -> bool {
        if *self != Self::Text {
            return false;
        }
        let raw = row.try_get_raw(column).ok();
        let Some(bytes) = raw.and_then(|raw| <&[u8] as Decode<MySql>>::decode(raw).ok()) else {
            return false;
        };
        with(bytes);
        true
    }

    fn decode(&self, bytes: &[u8]) -> Result<SqlValue, String> {
        Ok(match self {
            Self::Bool => truth(signed(bytes)?),
            Self::Signed => SqlValue::Int(signed(bytes)?),
            Self::Unsigned => unsigned(bytes)?,
            Self::Bit => bits(bytes),
            Self::Float => SqlValue::Float(float(bytes)?),
            Self::Decimal => SqlValue::Decimal(text(bytes)?),
            Self::Text => SqlValue::Text(text(bytes)?),
            Self::Json => SqlValue::Json(text(bytes)?),
            Self::Bytes => SqlValue::Bytes(bytes.to_owned()),
            Self::Timestamp => timestamp(bytes)?,
            Self::DateTime => SqlValue::DateTime(moment(bytes)?),
            Self::Date => SqlValue::Date(moment(bytes)?[..10].to_owned()),
            Self::Time => SqlValue::TimeOfDay(time(bytes)?),
            Self::Unknown(type_name) => SqlValue::Unknown {
                type_name: type_name.clone(),
            },
        })
    }
}

/// Little-endian, of any length up to eight bytes.
fn little_endian(bytes: &[u8]) -> Result<u64, String> {
    if bytes.len() > 8 {
        return Err(format!("a number of {} bytes", bytes.len()));
    }
    let shifted = bytes.iter().rev();
    Ok(shifted.fold(0, |number, byte| (number << 8) | u64::from(*byte)))
}

fn signed(bytes: &[u8]) -> Result<i64, String> {
    let number = little_endian(bytes)?;
    let unused = 64 - u32::try_from(bytes.len() * 8).unwrap_or(64);
    // Shifting there and back copies the sign into the bits that were not sent.
    Ok(number
        .checked_shl(unused)
        .unwrap_or(0)
        .cast_signed()
        .checked_shr(unused)
        .unwrap_or(0))
}

fn unsigned(bytes: &[u8]) -> Result<SqlValue, String> {
    let number = little_endian(bytes)?;
    Ok(match i64::try_from(number) {
        Ok(number) => SqlValue::Int(number),
        Err(_) => SqlValue::Decimal(number.to_string()),
    })
}

/// `TINYINT(1)` is how MySQL spells a boolean, and can hold more than that.
fn truth(number: i64) -> SqlValue {
    match number {
        0 => SqlValue::Bool(false),
        1 => SqlValue::Bool(true),
        other => SqlValue::Int(other),
    }
}

/// The one type that comes with its highest byte first.
fn bits(bytes: &[u8]) -> SqlValue {
    let reversed: Vec<u8> = bytes.iter().rev().copied().collect();
    unsigned(&reversed).unwrap_or_else(|_| SqlValue::Bytes(bytes.to_owned()))
}

/// A `FLOAT` is read by its shortest text, so that 0.1 stays 0.1.
fn float(bytes: &[u8]) -> Result<f64, String> {
    if let Ok(bytes) = bytes.try_into() {
        let single = f32::from_le_bytes(bytes);
        return Ok(single.to_string().parse().unwrap_or(f64::from(single)));
    }
    let bytes = bytes.try_into();
    bytes
        .map(f64::from_le_bytes)
        .map_err(|_| "a float of neither 4 nor 8 bytes".to_owned())
}

fn text(bytes: &[u8]) -> Result<String, String> {
    String::from_utf8(bytes.to_owned()).map_err(|_| "it is not UTF-8".to_owned())
}

/// The session's time zone is UTC, so a `TIMESTAMP` is an instant.
fn timestamp(bytes: &[u8]) -> Result<SqlValue, String> {
    let text = moment(bytes)?;
    Ok(match format!("{text}Z").parse() {
        Ok(instant) => SqlValue::Time(instant),
        Err(_) => SqlValue::DateTime(text),
    })
}

/// Length, year, month, day, and as far as they are not zero hour, minute, second, microseconds.
fn moment(bytes: &[u8]) -> Result<String, String> {
    let field = |at: usize| bytes.get(at).copied().unwrap_or(0);
    if !matches!(bytes.len(), 1 | 5 | 8 | 12) || bytes.len() != usize::from(bytes[0]) + 1 {
        return Err("a date that is not as long as it says".to_owned());
    }
    let year = u16::from_le_bytes([field(1), field(2)]);
    let microseconds = u32::from_le_bytes([field(8), field(9), field(10), field(11)]);
    Ok(format!(
        "{year:04}-{:02}-{:02}T{:02}:{:02}:{:02}{}",
        field(3),
        field(4),
        field(5),
        field(6),
        field(7),
        fraction_text(microseconds.into())
    ))
}

/// Length, sign, days, hour, minute, second, microseconds: a length of time rather than an hour.
fn time(bytes: &[u8]) -> Result<String, String> {
    let field = |at: usize| bytes.get(at).copied().unwrap_or(0);
    if !matches!(bytes.len(), 1 | 9 | 13) || bytes.len() != usize::from(bytes[0]) + 1 {
        return Err("a time that is not as long as it says".to_owned());
    }
    let sign = if field(1) == 0 { "" } else { "-" };
    let days = u32::from_le_bytes([field(2), field(3), field(4), field(5)]);
    let hours = u64::from(days) * 24 + u64::from(field(6));
    let microseconds = u32::from_le_bytes([field(9), field(10), field(11), field(12)]);
    Ok(format!(
        "{sign}{hours:02}:{:02}:{:02}{}",
        field(7),
        field(8),
        fraction_text(microseconds.into())
    ))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ALL: &[MysqlDecoder] = &[
        MysqlDecoder::Bool,
        MysqlDecoder::Signed,
        MysqlDecoder::Unsigned,
        MysqlDecoder::Bit,
        MysqlDecoder::Float,
        MysqlDecoder::Decimal,
        MysqlDecoder::Timestamp,
        MysqlDecoder::DateTime,
        MysqlDecoder::Date,
        MysqlDecoder::Time,
    ];

    proptest! {
        #[test]
        fn no_bytes_make_a_decoder_panic(bytes in prop::collection::vec(any::<u8>(), 0..16)) {
            for decoder in ALL {
                let _ = decoder.decode(&bytes);
            }
        }
    }

    #[test]
    fn numbers_keep_their_sign_and_their_size() {
        assert_eq!(signed(&[0xff]), Ok(-1));
        assert_eq!(signed(&[0xfe, 0xff]), Ok(-2));
        assert_eq!(signed(&i64::MIN.to_le_bytes()), Ok(i64::MIN));
        assert_eq!(unsigned(&[0xff]), Ok(SqlValue::Int(255)));
        let huge = SqlValue::Decimal(u64::MAX.to_string());
        assert_eq!(unsigned(&u64::MAX.to_le_bytes()), Ok(huge));
        assert_eq!(truth(5), SqlValue::Int(5));
    }

    #[test]
    fn times_beyond_a_day_and_before_zero_are_kept() {
        assert_eq!(time(&[0]), Ok("00:00:00".to_owned()));
        assert_eq!(
            time(&[8, 1, 34, 0, 0, 0, 22, 59, 59]),
            Ok("-838:59:59".to_owned())
        );
    }
}
