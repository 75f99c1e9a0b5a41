//! `tikbook config trust`: which files of others are used, though they are only found.

use std::io::{self, Write};

use crate::cli::{ConfigArgs, ConfigCommand, Global, TrustArgs};
use crate::failure::{Code, Failure};
use crate::signals::Signals;
use sentences::{ConfigTrustNothing, ConfigTrusted, ConfigTrustedNoMore};
use site::trust::{Record, RecordError};

use super::output::Output;

/// Does what is asked for with the user's own configuration. Nothing that stands in a folder is read for it.
///
/// # Errors
/// The record cannot be read or written, a file cannot be read, or stdout cannot be written to.
pub fn run(global: &Global, args: &ConfigArgs, signals: &Signals) -> Result<Code, Failure> {
    let mut sources = super::sources(global)?;
    // What is to be trusted now needs no warning that it is not.
    sources.warnings.clear();
    let output = Output::of(global, &sources, signals);
    let ConfigCommand::Trust(args) = &args.command;
    let place = Record::place(&sources).ok_or(RecordError::NoPlace)?;
    let mut out = output.stdout()?;
    trust(args, &place, (&output, &mut out))?;
    out.flush()?;
    Ok(Code::Done)
}

fn trust(
    args: &TrustArgs,
    place: &std::path::Path,
    (output, out): (&Output, &mut dyn Write),
) -> Result<(), Failure> {
    let mut record = Record::read(place)?;
    if args.list {
        return list(&record, out).map_err(Failure::from);
    }
    if args.paths.is_empty() {
        return Err(Failure::usage(ConfigTrustNothing));
    }
    let mut said = Vec::new();
    for path in &args.paths {
        match args.remove {
            true => said.extend(record.remove(path)?),
            false => said.extend(record.add(path)?),
        }
    }
    record.write(place)?;
    for file in said {
        let file = file.display().to_string();
        match args.remove {
            true => output.say(out, ConfigTrustedNoMore { file })?,
            false => output.say(out, ConfigTrusted { file })?,
        }
    }
    Ok(())
}

/// The files with their SHA-256, as `sha256sum` prints and checks them.
fn list(record: &Record, out: &mut dyn Write) -> io::Result<()> {
    record
        .files()
        .try_for_each(|(file, digest)| writeln!(out, "{digest}  {}", file.display()))
}
