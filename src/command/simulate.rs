//! `tikbook simulate`: a simulated router for trying scripts and for tests.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use routeros_sim::rustls::pki_types::pem::PemObject;
use routeros_sim::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use routeros_sim::rustls::{self, ServerConfig};
use routeros_sim::{Faults, LoginKind, Options, Recorder, Simulator, State};

use files::{Readers, Unfinished};

use crate::cli::{FaultArgs, Global, SimulateArgs};
use crate::failure::{Code, Failure};
use crate::signals::Signals;
use demo;
use sentences::{
    DoneListening, UsageCannotListen, UsageCannotListenHint, UsageDemoDamaged, UsageFileUnwritten,
    UsageOfFlag, UsageStateUnusable, UsageStateUnwritten, UsageTlsTwoFiles, UsageTlsUnusable,
    UsageTlsUnusableHint,
};
use site::config;
use site::text_file;

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
        let address = address.to_string();
        setting.output.say(&mut out, DoneListening { address })?;
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
            UsageCannotListen {
                address: address.to_string(),
            },
        )
        .caused_by(&error)
        .hint(UsageCannotListenHint)
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
        tls: args.tls.as_deref().map(tls).transpose()?,
        recorder: args.record.as_deref().map(recorder).transpose()?,
        ..Options::default()
    })
}

/// Bytes of a file of rows: some hundred thousand of them.
const MOST_OF_A_STATE: u64 = 64 << 20;

/// The rows of `--state` or `--demo`; without either the router is empty.
fn state(args: &SimulateArgs) -> Result<State, Failure> {
    let Some(file) = &args.state else {
        let text = if args.demo { demo::ROUTER_STATE } else { "{}" };
        return State::from_json(text).map_err(|error| {
            Failure::new(Code::Failed, "demo", UsageDemoDamaged).caused_by(&error)
        });
    };
    let unusable = |error: &(dyn std::error::Error + 'static)| {
        let file = file.display().to_string();
        Failure::usage(UsageStateUnusable { file }).caused_by(error)
    };
    let text = text_file::read(file, MOST_OF_A_STATE).map_err(|error| unusable(&error))?;
    State::from_json(&text).map_err(|error| unusable(&error))
}

/// TLS with the certificate in the first file and the key in the second one.
fn tls(files: &[PathBuf]) -> Result<Arc<ServerConfig>, Failure> {
    let [certificates, key] = files else {
        return Err(Failure::usage(UsageTlsTwoFiles));
    };
    let unusable = |file: &Path, error: &(dyn std::error::Error + 'static)| {
        let file = file.display().to_string();
        let failure = Failure::usage(UsageTlsUnusable { file }).caused_by(error);
        failure.hint(UsageTlsUnusableHint)
    };
    let chain = CertificateDer::pem_file_iter(certificates)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| unusable(certificates, &error))?;
    let key_der = PrivateKeyDer::from_pem_file(key).map_err(|error| unusable(key, &error))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .and_then(|builder| {
            let builder = builder.with_no_client_auth();
            builder.with_single_cert(chain, key_der)
        });
    config
        .map(Arc::new)
        .map_err(|error| unusable(certificates, &error))
}

/// Writes a line for every request into the file, which is made anew.
fn recorder(file: &Path) -> Result<Recorder, Failure> {
    let opened = files::stream(file).and_then(|stream| match stream {
        Some(stream) => Ok(stream),
        None => Unfinished::begin(file, Readers::Owner)?.replace(),
    });
    let opened = opened.map_err(|error| {
        let file = format!("`{}`", file.display());
        Failure::usage(UsageFileUnwritten { file }).caused_by(&error)
    })?;
    let (opened, name) = (Mutex::new(Some(opened)), file.to_owned());
    Ok(Recorder::new(move |words| {
        let mut line = serde_json::json!({ "words": words }).to_string();
        line.push('\n');
        let mut place = opened.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(opened) = place.as_mut() else { return };
        if let Err(error) = opened.write_all(line.as_bytes()) {
            tracing::warn!(
                "no more requests are written to `{}`: {error}",
                name.display()
            );
            *place = None;
        }
    }))
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
        lacks: all_parsed("--lacks", &args.lacks)?,
        ..Faults::default()
    })
}

fn duration(flag: &str, text: Option<&str>) -> Result<Duration, Failure> {
    let given = text.map(config::parse_wait).transpose();
    let duration = given.map_err(|problem| {
        Failure::usage(UsageOfFlag {
            flag,
            why: problem.to_string(),
        })
    })?;
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
    text.parse().map_err(|error: Value::Err| {
        Failure::usage(UsageOfFlag {
            flag,
            why: error.to_string(),
        })
    })
}

/// Replaces the file at once, so that it is never half written.
fn write_state(file: &Path, state: &State) -> Result<(), Failure> {
    files::replace(file, state.to_json().as_bytes(), Readers::Owner).map_err(|error| {
        let file = file.display().to_string();
        let message = UsageStateUnwritten { file };
        Failure::new(Code::Failed, "output", message).caused_by(&error)
    })
}
