//! `tikbook simulate`: a simulated router for trying scripts and for tests.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use routeros_sim::{Faults, LoginKind, Options, Simulator, State};

use crate::cli::{FaultArgs, Global, SimulateArgs};
use crate::failure::{Code, Failure};
use crate::signals::Signals;
use demo;
use site::config;

use super::{Setting, runtime};

/// Serves the router until Ctrl-C or SIGTERM, then writes its rows if that was asked for.
///
/// The first line on stdout is the address it listens on.
///
/// # Errors
/// A file cannot be used, or the address cannot be listened on.
pub fn run(global: &Global, args: &SimulateArgs, signals: &Signals) -> Result<Code, Failure> {
    // Before anybody is told that the router is there.
    let stopped = signals.run();
    let setting = Setting::of(global, signals)?;
    let options = options(&setting, args)?;
    let has_password = !options.password.is_empty();
    runtime::start()?.block_on(async {
        let simulator = start(options).await?;
        let address = simulator.address();
        if !address.ip().is_loopback() && !has_password {
            tracing::warn!("everybody who reaches {address} can log in without a password");
        }
        let mut out = setting.output.stdout()?;
        writeln!(out, "listening on {address}")?;
        out.flush()?;
        drop(out);
        stopped.cancelled().await;
        let state = simulator.state();
        simulator.stop().await;
        match &args.write_state {
            Some(file) => write_state(file, &state),
            None => Ok(()),
        }
    })?;
    Ok(Code::Done)
}

async fn start(options: Options) -> Result<Simulator, Failure> {
    let address = options.listen;
    Simulator::start(options).await.map_err(|error| {
        Failure::new(
            Code::Failed,
            "listen",
            format!("cannot listen on {address}"),
        )
        .caused_by(&error)
        .hint("choose another address with --listen; port 0 takes a free one")
    })
}

fn options(setting: &Setting, args: &SimulateArgs) -> Result<Options, Failure> {
    let secrets = &setting.sources.secrets;
    let password = match &args.password_file {
        Some(file) => Some(config::secret_file(file, secrets)?),
        None => {
            let variables = &setting.sources.environment;
            config::secret_variable(variables, "TIKBOOK_SIMULATE_PASSWORD", secrets)?
        }
    };
    Ok(Options {
        listen: args.listen,
        user: args.user.clone(),
        password: password.unwrap_or_default().expose().to_owned(),
        state: state(args)?,
        version: parsed("--version", &args.version)?,
        login: match args.challenge_login {
            true => LoginKind::Challenge,
            false => LoginKind::Plain,
        },
        tag_last: args.tag_last,
        moving: args.moving,
        empty_reply: args.empty_reply.then_some(true),
        faults: faults(&args.faults)?,
        ..Options::default()
    })
}

/// The rows of `--state` or `--demo`; without either the router is empty.
fn state(args: &SimulateArgs) -> Result<State, Failure> {
    let Some(file) = &args.state else {
        let text = if args.demo { demo::ROUTER_STATE } else { "{}" };
        return State::from_json(text).map_err(|error| {
            Failure::new(Code::Failed, "demo", "the demo's router is damaged").caused_by(&error)
        });
    };
    let unusable = |error: &(dyn std::error::Error + 'static)| {
        let message = format!("cannot use the router state `{}`", file.display());
        Failure::usage(message).caused_by(error)
    };
    let text = fs::read_to_string(file).map_err(|error| unusable(&error))?;
    State::from_json(&text).map_err(|error| unusable(&error))
}

fn faults(args: &FaultArgs) -> Result<Faults, Failure> {
    Ok(Faults {
        latency: duration("--latency", args.latency.as_deref())?,
        slower_after: args.slower_after,
        row_latency: duration("--row-latency", args.row_latency.as_deref())?,
        chunk: args.chunk.map(Into::into),
        drop_after_rows: args.drop_after,
        stall_after_rows: args.stall_after,
        trap_on: all_parsed("--trap-on", &args.trap_on)?,
        refuse_remove: all_parsed("--fail-remove", &args.fail_remove)?,
        refuse_login: args.refuse_login,
        ..Faults::default()
    })
}

fn duration(flag: &str, text: Option<&str>) -> Result<Duration, Failure> {
    let given = text.map(config::parse_wait).transpose();
    let duration = given.map_err(|problem| Failure::usage(format!("{flag}: {problem}")))?;
    Ok(duration.unwrap_or_default())
}

fn all_parsed<Value: FromStr>(flag: &str, texts: &[String]) -> Result<Vec<Value>, Failure>
where
    Value::Err: std::fmt::Display,
{
    texts.iter().map(|text| parsed(flag, text)).collect()
}

fn parsed<Value: FromStr>(flag: &str, text: &str) -> Result<Value, Failure>
where
    Value::Err: std::fmt::Display,
{
    text.parse()
        .map_err(|error| Failure::usage(format!("{flag}: {error}")))
}

/// Replaces the file at once, so that it is never half written.
fn write_state(file: &Path, state: &State) -> Result<(), Failure> {
    let mut beside = file.as_os_str().to_owned();
    beside.push(".new");
    fs::write(&beside, state.to_json())
        .and_then(|()| fs::rename(&beside, file))
        .map_err(|error| {
            let message = format!("cannot write the router state `{}`", file.display());
            Failure::new(Code::Failed, "output", message).caused_by(&error)
        })
}
