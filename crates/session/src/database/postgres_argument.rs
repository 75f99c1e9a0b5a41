//! Parameters in the binary form that PostgreSQL expects of the types it inferred.
//!
//! A value is sent as what the query needs, not as what it looks like: otherwise a text beside a
//! uuid column would be an error of types.

use std::net::IpAddr;

use bigdecimal::{BigDecimal, ToPrimitive};
use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use sqlx::encode::{Encode, IsNull};
use sqlx::error::BoxDynError;
use sqlx::postgres::{PgArgumentBuffer, PgTypeInfo, PgTypeKind};
use sqlx::{Postgres, Type, TypeInfo};

use super::calendar::DAYS_TO_2000;
use super::postgres_value::EPOCH_MICROSECONDS;
use super::value::SqlValue;
use wording::mac;

/// One parameter, encoded for the type that the server inferred for it.
pub(super) struct PostgresArgument {
    bytes: Option<Vec<u8>>,
    type_info: PgTypeInfo,
}

impl PostgresArgument {
    /// Encodes `value` for `type_info`.
    ///
    /// # Errors
    /// A reason, if the value cannot be of that type.
    pub fn new(value: &SqlValue, type_info: &PgTypeInfo) -> Result<Self, String> {
        Ok(Self {
            bytes: encoded(value, type_info)?,
            type_info: type_info.clone(),
        })
    }
}

impl Type<Postgres> for PostgresArgument {
    fn type_info() -> PgTypeInfo {
        // Never used: `produces` names the type of each argument.
        <str as Type<Postgres>>::type_info()
    }
}

impl Encode<'_, Postgres> for PostgresArgument {
    fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        let Some(bytes) = &self.bytes else {
            return Ok(IsNull::Yes);
        };
        buffer.extend_from_slice(bytes);
        Ok(IsNull::No)
    }

    fn produces(&self) -> Option<PgTypeInfo> {
        Some(self.type_info.clone())
    }

    fn size_hint(&self) -> usize {
        self.bytes.as_ref().map_or(0, Vec::len)
    }
}

fn encoded(value: &SqlValue, type_info: &PgTypeInfo) -> Result<Option<Vec<u8>>, String> {
    match (type_info.kind(), value) {
        (_, SqlValue::Null) => Ok(None),
        (PgTypeKind::Domain(base), _) => encoded(value, base),
        (PgTypeKind::Array(element), SqlValue::Array(values)) => array(values, element).map(Some),
        (PgTypeKind::Array(_), _) => Err(mismatch(value, type_info)),
        (PgTypeKind::Enum(_), _) => text(value, type_info).map(Some),
        _ => scalar(value, type_info).map(Some),
    }
}

fn scalar(value: &SqlValue, type_info: &PgTypeInfo) -> Result<Vec<u8>, String> {
    let wrong = || mismatch(value, type_info);
    let words = || value.text().ok_or_else(wrong);
    Ok(match type_info.name() {
        "BOOL" => vec![u8::from(boolean(value).ok_or_else(wrong)?)],
        "INT2" => integer::<i16>(value, type_info)?.to_be_bytes().into(),
        "INT4" => integer::<i32>(value, type_info)?.to_be_bytes().into(),
        "INT8" => integer::<i64>(value, type_info)?.to_be_bytes().into(),
        "OID" => integer::<u32>(value, type_info)?.to_be_bytes().into(),
        "FLOAT4" => parsed::<f32>(value, type_info)?.to_be_bytes().into(),
        "FLOAT8" => parsed::<f64>(value, type_info)?.to_be_bytes().into(),
        "NUMERIC" => numeric(&words()?).ok_or_else(wrong)?,
        "TEXT" | "VARCHAR" | "CHAR" | "NAME" | "\"CHAR\"" | "UNKNOWN" | "JSON" | "citext" => {
            text(value, type_info)?
        }
        "JSONB" => [&[1], text(value, type_info)?.as_slice()].concat(),
        "BYTEA" => match value {
            SqlValue::Bytes(bytes) => bytes.clone(),
            _ => words()?.into_bytes(),
        },
        "UUID" => sqlx::types::Uuid::parse_str(words()?.trim())
            .map_err(|_| wrong())?
            .into_bytes()
            .into(),
        "TIMESTAMPTZ" => (instant(value).ok_or_else(wrong)? - EPOCH_MICROSECONDS)
            .to_be_bytes()
            .into(),
        "TIMESTAMP" => (date_time(value).ok_or_else(wrong)? - EPOCH_MICROSECONDS)
            .to_be_bytes()
            .into(),
        "DATE" => date(&words()?).ok_or_else(wrong)?.to_be_bytes().into(),
        "TIME" => time(&words()?).ok_or_else(wrong)?.to_be_bytes().into(),
        "INET" | "CIDR" => address(&words()?, type_info.name() == "CIDR").ok_or_else(wrong)?,
        "MACADDR" => mac::bytes(&words()?).ok_or_else(wrong)?.to_vec(),
        _ => return Err(unsendable(type_info)),
    })
}

fn mismatch(value: &SqlValue, type_info: &PgTypeInfo) -> String {
    let type_name = type_info.name().to_lowercase();
    format!(
        "the query needs {type_name}, and this {} is none",
        value.kind()
    )
}

fn unsendable(type_info: &PgTypeInfo) -> String {
    let type_name = type_info.name().to_lowercase();
    format!("values of type {type_name} cannot be sent as they are")
}

fn boolean(value: &SqlValue) -> Option<bool> {
    match value {
        SqlValue::Bool(value) => Some(*value),
        SqlValue::Text(text) => match text.to_ascii_lowercase().as_str() {
            "true" | "t" => Some(true),
            "false" | "f" => Some(false),
            _ => None,
        },
        _ => None,
    }
}

fn integer<N: TryFrom<i64>>(value: &SqlValue, type_info: &PgTypeInfo) -> Result<N, String> {
    let number = match value {
        SqlValue::Int(number) => Some(*number),
        // A float is only a whole number if nothing is lost.
        SqlValue::Float(number) if number.fract() == 0.0 => number.to_i64(),
        SqlValue::Text(text) | SqlValue::Decimal(text) => text.trim().parse().ok(),
        _ => None,
    };
    let number = number.ok_or_else(|| mismatch(value, type_info))?;
    N::try_from(number).map_err(|_| {
        format!(
            "{number} does not fit in {}",
            type_info.name().to_lowercase()
        )
    })
}

fn parsed<N: std::str::FromStr>(value: &SqlValue, type_info: &PgTypeInfo) -> Result<N, String> {
    match value {
        SqlValue::Int(_) | SqlValue::Float(_) | SqlValue::Text(_) | SqlValue::Decimal(_) => value
            .text()
            .and_then(|text| text.trim().parse().ok())
            .ok_or_else(|| mismatch(value, type_info)),
        _ => Err(mismatch(value, type_info)),
    }
}

fn text(value: &SqlValue, type_info: &PgTypeInfo) -> Result<Vec<u8>, String> {
    let text = value.text().ok_or_else(|| mismatch(value, type_info))?;
    if text.contains('\0') {
        return Err("PostgreSQL's text cannot hold a NUL character".to_owned());
    }
    Ok(text.into_bytes())
}

/// Groups of four decimal digits around the point, as the server keeps them.
fn numeric(text: &str) -> Option<Vec<u8>> {
    let text = text.trim();
    if text.eq_ignore_ascii_case("nan") {
        return Some(
            [0_u16, 0, 0xC000, 0]
                .iter()
                .flat_map(|w| w.to_be_bytes())
                .collect(),
        );
    }
    let number: BigDecimal = text.parse().ok()?;
    let (_, exponent) = number.as_bigint_and_exponent();
    // An exponent far out would be written out as that many zeros.
    if exponent.abs() > 10_000 {
        return None;
    }
    let plain = number.to_plain_string();
    let (sign, digits) = match plain.strip_prefix('-') {
        Some(digits) => (0x4000_u16, digits),
        None => (0, plain.as_str()),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let whole_groups = whole.len().div_ceil(4);
    let padded = format!(
        "{whole:0>width$}{fraction}{:0<tail$}",
        "",
        width = whole_groups * 4,
        tail = fraction.len().div_ceil(4) * 4 - fraction.len()
    );
    let mut words = vec![
        u16::try_from(padded.len() / 4).ok()?,
        u16::try_from(whole_groups).ok()?.wrapping_sub(1),
        sign,
        u16::try_from(fraction.len()).ok()?,
    ];
    for group in padded.as_bytes().chunks(4) {
        words.push(std::str::from_utf8(group).ok()?.parse().ok()?);
    }
    Some(words.iter().flat_map(|word| word.to_be_bytes()).collect())
}

fn instant(value: &SqlValue) -> Option<i64> {
    match value {
        SqlValue::Time(instant) => Some(instant.as_microsecond()),
        SqlValue::Text(text) | SqlValue::DateTime(text) => {
            let instant: Timestamp = text.trim().parse().ok()?;
            Some(instant.as_microsecond())
        }
        _ => None,
    }
}

fn date_time(value: &SqlValue) -> Option<i64> {
    let moment: DateTime = match value {
        SqlValue::Time(instant) => instant.to_zoned_datetime(TimeZone::UTC).datetime(),
        _ => value.text()?.trim().parse().ok()?,
    };
    let instant = moment.to_zoned_datetime(TimeZone::UTC).ok()?;
    Some(instant.timestamp().as_microsecond())
}

fn date(text: &str) -> Option<i32> {
    let date: Date = text.trim().parse().ok()?;
    let epoch = Date::constant(1970, 1, 1);
    let days = i64::from(date.since(epoch).ok()?.get_days());
    i32::try_from(days - DAYS_TO_2000).ok()
}

fn time(text: &str) -> Option<i64> {
    let time: Time = text.trim().parse().ok()?;
    let seconds =
        i64::from(time.hour()) * 3600 + i64::from(time.minute()) * 60 + i64::from(time.second());
    Some(seconds * 1_000_000 + i64::from(time.subsec_nanosecond()) / 1000)
}

fn address(text: &str, network: bool) -> Option<Vec<u8>> {
    let (address, bits) = match text.trim().split_once('/') {
        Some((address, bits)) => (address, Some(bits.parse::<u8>().ok()?)),
        None => (text.trim(), None),
    };
    let (family, bytes) = match address.parse().ok()? {
        IpAddr::V4(address) => (2, address.octets().to_vec()),
        IpAddr::V6(address) => (3, address.octets().to_vec()),
    };
    let length = u8::try_from(bytes.len()).ok()?;
    let bits = bits.unwrap_or(length * 8);
    (bits <= length * 8).then(|| [vec![family, bits, u8::from(network), length], bytes].concat())
}

fn array(values: &[SqlValue], element: &PgTypeInfo) -> Result<Vec<u8>, String> {
    let oid = element.oid().ok_or_else(|| unsendable(element))?.0;
    let length = i32::try_from(values.len()).map_err(|_| "the array is too long".to_owned())?;
    let mut bytes = Vec::new();
    bytes.extend(i32::from(!values.is_empty()).to_be_bytes());
    bytes.extend(i32::from(values.contains(&SqlValue::Null)).to_be_bytes());
    bytes.extend(oid.to_be_bytes());
    if !values.is_empty() {
        bytes.extend(length.to_be_bytes());
        bytes.extend(1_i32.to_be_bytes());
    }
    for value in values {
        match encoded(value, element)? {
            None => bytes.extend((-1_i32).to_be_bytes()),
            Some(value) => {
                let length = i32::try_from(value.len())
                    .map_err(|_| "a value of the array is too long".to_owned())?;
                bytes.extend(length.to_be_bytes());
                bytes.extend(value);
            }
        }
    }
    Ok(bytes)
}
