//! What Redis answers.

use redis::Value;

/// One answer of Redis, in either version of its protocol.
#[derive(Debug, Clone, PartialEq)]
pub enum RedisValue {
    /// Nothing there.
    Nil,
    /// A whole number.
    Int(i64),
    /// A fraction (RESP3).
    Double(f64),
    /// A truth value (RESP3).
    Bool(bool),
    /// A string of bytes; most often text.
    Bytes(Vec<u8>),
    /// A status word such as `OK` or the name of a type.
    Status(String),
    /// A list.
    Array(Vec<RedisValue>),
    /// Pairs (RESP3).
    Map(Vec<(RedisValue, RedisValue)>),
    /// An error inside of a list.
    Error(String),
}

impl From<Value> for RedisValue {
    fn from(value: Value) -> Self {
        match value {
            Value::Nil => Self::Nil,
            Value::Int(number) => Self::Int(number),
            Value::Double(number) => Self::Double(number),
            Value::Boolean(truth) => Self::Bool(truth),
            Value::BulkString(bytes) => Self::Bytes(bytes),
            Value::BigNumber(digits) => Self::Bytes(digits),
            Value::VerbatimString { text, .. } => Self::Bytes(text.into_bytes()),
            Value::SimpleString(text) => Self::Status(text),
            Value::Okay => Self::Status("OK".to_owned()),
            Value::Array(values) | Value::Set(values) => Self::Array(converted(values)),
            Value::Map(pairs) => Self::Map(
                pairs
                    .into_iter()
                    .map(|(key, value)| (key.into(), value.into()))
                    .collect(),
            ),
            Value::Attribute { data, .. } => Self::from(*data),
            Value::Push { data, .. } => Self::Array(converted(data)),
            Value::ServerError(error) => Self::Error(error.to_string()),
            _ => Self::Error("an answer of an unknown kind".to_owned()),
        }
    }
}

fn converted(values: Vec<Value>) -> Vec<RedisValue> {
    values.into_iter().map(RedisValue::from).collect()
}

impl RedisValue {
    /// The bytes of a string or a status; `None` for anything else.
    pub fn into_bytes(self) -> Option<Vec<u8>> {
        match self {
            Self::Bytes(bytes) => Some(bytes),
            Self::Status(text) => Some(text.into_bytes()),
            _ => None,
        }
    }

    /// The pairs of a map, or of a list in which keys and values take turns.
    pub fn into_pairs(self) -> Option<Vec<(RedisValue, RedisValue)>> {
        match self {
            Self::Map(pairs) => Some(pairs),
            Self::Array(values) if values.len() % 2 == 0 => {
                let mut values = values.into_iter();
                let mut pairs = Vec::new();
                while let (Some(key), Some(value)) = (values.next(), values.next()) {
                    pairs.push((key, value));
                }
                Some(pairs)
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_found_in_both_versions_of_the_protocol() {
        let bytes = |text: &str| RedisValue::Bytes(text.as_bytes().to_owned());
        let pairs = Some(vec![(bytes("a"), bytes("1"))]);
        assert_eq!(
            RedisValue::Array(vec![bytes("a"), bytes("1")]).into_pairs(),
            pairs
        );
        assert_eq!(
            RedisValue::Map(vec![(bytes("a"), bytes("1"))]).into_pairs(),
            pairs
        );
        assert_eq!(RedisValue::Array(vec![bytes("a")]).into_pairs(), None);
    }
}
