//! A runbook's arguments: texts of the command line become values of the declared types.

use rhai::{Array, Dynamic, Map};

use super::header::{Kind, Parameter};

/// A parameter's value is wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("--{} {problem}", name.replace('_', "-"))]
pub struct ArgumentError {
    /// The parameter.
    pub name: String,
    /// What is wrong with its value.
    pub problem: String,
}

/// The map that `run(args)` gets: every parameter, given or by its default; `()` for one that has
/// neither and need not be given.
///
/// # Errors
/// A text is not of its parameter's type or is out of bounds.
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
                None => absent(parameter),
            };
            Ok((parameter.name.as_str().into(), value))
        })
        .collect()
}

fn absent(parameter: &Parameter) -> Dynamic {
    match (&parameter.default, &parameter.kind) {
        (Some(default), _) => default.clone(),
        (None, Kind::Bool) => Dynamic::FALSE,
        (None, Kind::List) => Dynamic::from_array(Array::new()),
        (None, _) => Dynamic::UNIT,
    }
}

fn value(parameter: &Parameter, texts: &[String]) -> Result<Dynamic, ArgumentError> {
    let wrong = |problem: String| ArgumentError {
        name: parameter.name.clone(),
        problem,
    };
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
        Kind::Int => {
            let number: i64 = text
                .trim()
                .parse()
                .map_err(|_| wrong(format!("takes a whole number, not `{text}`")))?;
            within(parameter, number as f64).map_err(wrong)?;
            Ok(Dynamic::from_int(number))
        }
        Kind::Float => {
            let number: f64 = text
                .trim()
                .parse()
                .ok()
                .filter(|number: &f64| number.is_finite())
                .ok_or_else(|| wrong(format!("takes a number, not `{text}`")))?;
            within(parameter, number).map_err(wrong)?;
            Ok(Dynamic::from_float(number))
        }
    }
}

fn within(parameter: &Parameter, number: f64) -> Result<(), String> {
    let bound = |value: &Option<Dynamic>| {
        value.as_ref().and_then(|value| {
            value
                .as_float()
                .ok()
                .or(value.as_int().ok().map(|n| n as f64))
        })
    };
    match (bound(&parameter.min), bound(&parameter.max)) {
        (Some(min), _) if number < min => Err(format!("takes {min} or more, not {number}")),
        (_, Some(max)) if number > max => Err(format!("takes {max} or less, not {number}")),
        _ => Ok(()),
    }
}
