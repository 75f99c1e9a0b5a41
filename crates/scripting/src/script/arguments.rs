//! A runbook's arguments: texts of the command line become values of the declared types.

use std::net::IpAddr;

use rhai::{Array, Dynamic, Map};

use portal::phone::typed_phone;
use site::config::said_of_length;
use wording::{duration, mac};

use catalogue::Said;
use sentences::{
    ArgumentDuration, ArgumentFloat, ArgumentInt, ArgumentIp, ArgumentLeast, ArgumentMac,
    ArgumentMost, ArgumentPhone, ArgumentTooLong,
};

use super::header::{Kind, Parameter};
use super::text_file;

/// A parameter's value is wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{said}")]
pub struct ArgumentError {
    /// Which parameter it is, what it takes, and what was given.
    pub said: Said,
}

/// The map that `run(args)` gets: every parameter, given or by its default; `()` for one that has
/// neither and need not be given.
///
/// # Errors
/// A text is not of its parameter's type or is out of bounds; a file cannot be read.
pub fn values(
    parameters: &[Parameter],
    given: &[(String, Vec<String>)],
) -> Result<Map, ArgumentError> {
    parameters
        .iter()
        .map(|parameter| {
            let texts = given
                .iter()
                .find(|(name, _)| *name == parameter.name)
                .map(|(_, texts)| texts.as_slice());
            let value = match texts {
                Some(texts) => value(parameter, texts)?,
                None => absent(parameter)?,
            };
            Ok((parameter.name.as_str().into(), value))
        })
        .collect()
}

fn absent(parameter: &Parameter) -> Result<Dynamic, ArgumentError> {
    Ok(match (&parameter.default, &parameter.kind) {
        // These are written as on the command line, and read as from there.
        (Some(default), Kind::Phone | Kind::Ip | Kind::Mac | Kind::Duration)
            if default.is_string() =>
        {
            value(parameter, &[default.to_string()])?
        }
        (Some(default), _) => default.clone(),
        (None, Kind::Bool) => Dynamic::FALSE,
        (None, Kind::List | Kind::File) => Dynamic::from_array(Array::new()),
        (None, _) => Dynamic::UNIT,
    })
}

fn value(parameter: &Parameter, texts: &[String]) -> Result<Dynamic, ArgumentError> {
    let flag = || parameter.flag();
    let text = texts.last().map_or("", String::as_str);
    match &parameter.kind {
        Kind::Bool => Ok(Dynamic::TRUE),
        Kind::String | Kind::Choice(_) => Ok(text.to_owned().into()),
        Kind::List => Ok(texts
            .iter()
            .flat_map(|text| text.split(','))
            .map(|part| Dynamic::from(part.trim().to_owned()))
            .collect::<Array>()
            .into()),
        Kind::File => match text_file::lines(&flag(), texts) {
            Ok(lines) => Ok(Dynamic::from(lines)),
            Err(problem) => Err(wrong(problem)),
        },
        Kind::Phone => match phone(text) {
            Some(local) => Ok(Dynamic::from(local)),
            None => Err(wrong(ArgumentPhone {
                flag: flag(),
                given: text,
            })),
        },
        Kind::Ip => match text.trim().parse::<IpAddr>() {
            Ok(address) => Ok(address.to_string().into()),
            Err(_) => Err(wrong(ArgumentIp {
                flag: flag(),
                given: text,
            })),
        },
        Kind::Mac => match mac::canonical(text) {
            Some(mac) => Ok(Dynamic::from(mac)),
            None => Err(wrong(ArgumentMac {
                flag: flag(),
                given: text,
            })),
        },
        Kind::Duration => seconds(parameter, text).map(Dynamic::from_int),
        Kind::Int => match text.trim().parse::<i64>() {
            Ok(number) => {
                within(parameter, number as f64)?;
                Ok(Dynamic::from_int(number))
            }
            Err(_) => Err(wrong(ArgumentInt {
                flag: flag(),
                given: text,
            })),
        },
        Kind::Float => match text.trim().parse::<f64>() {
            Ok(number) if number.is_finite() => {
                within(parameter, number)?;
                Ok(Dynamic::from_float(number))
            }
            _ => Err(wrong(ArgumentFloat {
                flag: flag(),
                given: text,
            })),
        },
    }
}

fn wrong(said: impl Into<Said>) -> ArgumentError {
    ArgumentError { said: said.into() }
}

/// The local number, `08…`, of as many digits as a whole number has.
fn phone(text: &str) -> Option<String> {
    typed_phone(text).filter(|local| (6..=16).contains(&local.len()))
}

/// A length of time as scripts take it: seconds.
fn seconds(parameter: &Parameter, text: &str) -> Result<i64, ArgumentError> {
    let flag = parameter.flag();
    let length = match duration::parse(text) {
        Ok(length) => length,
        Err(error) => {
            let problem = said_of_length(&error);
            return Err(wrong(ArgumentDuration { flag, problem }));
        }
    };
    within(parameter, length.as_secs_f64())?;
    let seconds = i64::try_from(length.as_secs());
    seconds.map_err(|_| wrong(ArgumentTooLong { flag, given: text }))
}

fn within(parameter: &Parameter, number: f64) -> Result<(), ArgumentError> {
    let bound = |value: &Option<Dynamic>| {
        value.as_ref().and_then(|value| {
            value
                .as_float()
                .ok()
                .or(value.as_int().ok().map(|n| n as f64))
        })
    };
    let (flag, given) = (parameter.flag(), number.to_string());
    match (bound(&parameter.min), bound(&parameter.max)) {
        (Some(least), _) if number < least => {
            let least = least.to_string();
            Err(wrong(ArgumentLeast { flag, least, given }))
        }
        (_, Some(most)) if number > most => {
            let most = most.to_string();
            Err(wrong(ArgumentMost { flag, most, given }))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(kind: Kind, text: &str) -> Result<Dynamic, ArgumentError> {
        let parameter = Parameter {
            name: "x".to_owned(),
            kind,
            default: None,
            min: None,
            max: Some(Dynamic::from_int(86_400)),
            help: Said::default(),
        };
        value(&parameter, &[text.to_owned()])
    }

    #[test]
    fn texts_of_the_field_become_what_scripts_compare() {
        for (kind, text, expected) in [
            (Kind::Phone, "+62 812-3456-789", "08123456789"),
            (Kind::Ip, " 10.0.0.9 ", "10.0.0.9"),
            (Kind::Ip, "FE80::1", "fe80::1"),
            (Kind::Mac, "0a-1b-2c-3d-4e-5f", "0A:1B:2C:3D:4E:5F"),
            (Kind::Mac, "0a1b.2c3d.4e5f", "0A:1B:2C:3D:4E:5F"),
            (Kind::Duration, "1h30m", "5400"),
            (Kind::Duration, "1.5h", "5400"),
        ] {
            assert_eq!(read(kind, text).unwrap().to_string(), expected, "{text}");
        }
    }

    #[test]
    fn other_texts_are_refused_with_what_is_wanted() {
        for (kind, text, word) in [
            (Kind::Phone, "Budi 0812", "a phone number"),
            (Kind::Phone, "12", "a phone number"),
            (Kind::Ip, "10.0.0", "an IP address"),
            (Kind::Mac, "0a:1b", "a MAC address"),
            (Kind::Mac, "0a:1b:2c:3d:4e:5\u{e9}", "a MAC address"),
            (Kind::Duration, "soon", "a length of time"),
            (Kind::Duration, "600", "600s, 600m"),
            (Kind::Duration, "2d", "86400 or less"),
        ] {
            let problem = read(kind, text).unwrap_err().to_string();
            assert!(problem.contains(word), "{text}: {problem}");
        }
    }
}
