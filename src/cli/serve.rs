//! `holdline serve`: the push server on real sockets.

use std::fs;
use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use clap_complete::ArgValueCompleter;

use super::exit::{CliError, Exit, with_exit_codes_of_no_verdict};
use super::logs::LogFormat;
use super::long_running::{cannot_listen, end_asked, new_token};
use super::serve_parts::{Control, keep};
use super::{complete, overrides};
use crate::live::server::api::Command;
use crate::live::server::certificate::{Files, self_signed};
use crate::live::server::{Config, Handle, Hub, Kind, Limits, spawn};
use crate::port::Span;
use crate::scenario::Override;
use crate::server::{PRESETS, ServerOptions};
use crate::settings::{SetError, Settings, nearest};
use crate::wire::PORT;

macro_rules! examples {
    () => {
        "\
Examples:
  holdline serve                       lines over TCP, on 127.0.0.1:7400
  holdline serve --preset xmpp --set heartbeat.interval=60s
  holdline serve --listen 0.0.0.0:7400 --listen '[::1]:7400'
  holdline serve --tls-listen 7443 --tls-self-signed ./tls --tls-name push.test
  holdline serve --wss-listen 0.0.0.0:443 --cert chain.pem --key key.pem
  holdline serve --listen 0 --addr-file addresses --log-format json
  holdline serve --store pushes.redb --control 7401

By hand: nc 127.0.0.1 7400, then HELLO 1 my-phone. docs/protocol.md says what
can be said. Logs go to stderr, RUST_LOG=debug says more; SIGTERM and ctrl-c
let clients go before the server ends."
    };
}

/// Serve pushes to real clients: TCP, TLS and WebSocket, by the same rules as in scenarios
///
/// Devices say hello and are sent what is published for them, heartbeats and acknowledgements included; the
/// rules are a server preset with its keys. Every address that is listened on is one line on stdout.
#[derive(Clone, Debug, clap::Args)]
#[command(
    after_help = examples!(),
    after_long_help = with_exit_codes_of_no_verdict!(examples!()),
)]
pub(super) struct ServeArgs {
    /// Take lines over TCP here; can be given again, of port 0 a free one is chosen [default: 127.0.0.1:7400, if
    /// nothing else is listened on]
    #[arg(long, value_name = "ADDRESS|PORT", value_parser = address)]
    listen: Vec<SocketAddr>,

    /// Take lines over TLS here
    #[arg(long, value_name = "ADDRESS|PORT", value_parser = address)]
    tls_listen: Vec<SocketAddr>,

    /// Take WebSockets here, each text message a line
    #[arg(long, value_name = "ADDRESS|PORT", value_parser = address)]
    ws_listen: Vec<SocketAddr>,

    /// Take WebSockets over TLS here
    #[arg(long, value_name = "ADDRESS|PORT", value_parser = address)]
    wss_listen: Vec<SocketAddr>,

    /// The certificate for TLS, as PEM, with those between it and its CA behind
    #[arg(long, value_name = "FILE", requires = "key", conflicts_with = "tls_self_signed")]
    cert: Option<PathBuf>,

    /// The key of the certificate, as PEM
    #[arg(long, value_name = "FILE", requires = "cert")]
    key: Option<PathBuf>,

    /// Make a CA and a certificate for localhost in this folder, or use those that were made there
    #[arg(long, value_name = "FOLDER")]
    tls_self_signed: Option<PathBuf>,

    /// A further name or address that the made certificate is for; can be given again
    #[arg(long, value_name = "NAME", requires = "tls_self_signed")]
    tls_name: Vec<String>,

    /// The rules: a server preset
    #[arg(long, value_name = "NAME", default_value = "default",
        add = ArgValueCompleter::new(complete::servers))]
    preset: String,

    /// Set a key of the rules, for example heartbeat.interval=60s; can be given again
    #[arg(long, value_name = "KEY=VALUE", value_parser = overrides::parse)]
    set: Vec<Override>,

    /// Keep pushes in this file, which is made if it is missing: what was accepted outlives the process
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    store: Option<PathBuf>,

    /// Serve the control API here: HTTP for `holdline push` and others, docs/control-api.md
    #[arg(long, value_name = "ADDRESS|PORT", value_parser = address)]
    control: Option<SocketAddr>,

    /// What publishers have to know [default: one is made and printed]
    #[arg(long, value_name = "TOKEN", value_parser = token)]
    token: Option<String>,

    /// Write the lines that say what is listened on to this file, too, when all are there
    #[arg(long, value_name = "FILE")]
    addr_file: Option<PathBuf>,

    /// How long clients have to go when the server is told to end
    #[arg(long, value_name = "DURATION", default_value = "5s", value_parser = Span::parse)]
    drain_within: Span,

    /// How to write logs
    #[arg(long, value_enum, default_value_t = LogFormat::Text)]
    log_format: LogFormat,

    #[command(flatten)]
    bounds: Bounds,
}

/// What the server holds at most.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Bounds")]
struct Bounds {
    /// The longest line, in bytes; a longer one is answered ERROR too-long
    #[arg(long, value_name = "BYTES", default_value_t = 4_096,
        value_parser = clap::value_parser!(u32).range(256..=1_048_576))]
    max_line: u32,

    /// How long a connection may take to say hello, TLS and WebSocket included
    #[arg(long, value_name = "DURATION", default_value = "10s", value_parser = Span::parse)]
    handshake_within: Span,

    /// Connections in all
    #[arg(long, value_name = "N", default_value_t = 100_000)]
    max_connections: u32,

    /// Connections from one address; IPv6 addresses of one /64 are one
    #[arg(long, value_name = "N", default_value_t = 100_000)]
    max_per_address: u32,

    /// Devices that are known: connected, or with pushes that wait
    #[arg(long, value_name = "N", default_value_t = 200_000)]
    max_devices: u32,

    /// Bytes of all pushes that wait; queue.limit of --set bounds the pushes of one device
    #[arg(long, value_name = "BYTES", default_value_t = 268_435_456)]
    max_queued: u64,

    /// Bytes that may wait for a slow connection to take them, besides the pushes of its device; then it is cut off
    #[arg(long, value_name = "BYTES", default_value_t = 65_536,
        value_parser = clap::value_parser!(u32).range(1_024..))]
    max_outbound: u32,
}

impl Bounds {
    fn limits(&self) -> Limits {
        Limits {
            line: self.max_line as usize,
            handshake: self.handshake_within,
            connections: self.max_connections as usize,
            per_address: self.max_per_address as usize,
            devices: self.max_devices as usize,
            queued: usize::try_from(self.max_queued).unwrap_or(usize::MAX),
            outbound: self.max_outbound as usize,
            ..Limits::default()
        }
    }
}

/// Reads `HOST:PORT`, or a port of this machine alone.
fn address(text: &str) -> Result<SocketAddr, String> {
    let port = text.parse().map(|port: u16| SocketAddr::from((Ipv4Addr::LOCALHOST, port)));
    port.or_else(|_| text.parse()).map_err(|_| {
        "expected an address and a port, 127.0.0.1:7400 or [::1]:7400, or a port alone".into()
    })
}

/// Reads a token: one word on the wire.
fn token(text: &str) -> Result<String, String> {
    let graphic = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic());
    if graphic { Ok(text.to_owned()) } else { Err("expected one word of ASCII".into()) }
}

/// Serves until it is told to end.
pub(super) fn run(args: &ServeArgs, out: &mut dyn Write) -> Result<Exit, CliError> {
    let options = options(&args.preset, &args.set)?;
    let listen = listened(args)?;
    args.log_format.begin()?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| CliError::Environment(format!("no runtime for sockets: {error}")))?;
    runtime.block_on(serve(args, options, &listen, out))
}

/// The rules of sessions.
fn options(preset: &str, set: &[Override]) -> Result<ServerOptions, CliError> {
    let near = |name: Option<&str>, what: &str| {
        name.map_or_else(|| what.to_owned(), |near| format!("did you mean `{near}`?"))
    };
    let mut options = PRESETS
        .get(preset)
        .map_err(|_| {
            let meant =
                near(nearest(preset, PRESETS.names()), "`holdline list servers` lists them");
            CliError::WrongInput(format!("there is no server preset `{preset}`; {meant}"))
        })?
        .values;
    for over in set {
        // As scenarios write it, too.
        let key = over.key.strip_prefix("server.").unwrap_or(&over.key);
        options.set(key, &over.scalar()).map_err(|error| {
            let message = match error {
                SetError::UnknownKey(meant) => {
                    let list = "`holdline show server default` shows them";
                    format!("the server has no such key; {}", near(meant, list))
                }
                SetError::BadValue(message) => message,
            };
            CliError::WrongInput(format!("--set {}: {message}", over.key))
        })?;
    }
    Ok(options)
}

/// What is listened on, and whether there is a certificate for it.
fn listened(args: &ServeArgs) -> Result<Vec<(SocketAddr, Kind)>, CliError> {
    let of =
        |addresses: &[SocketAddr], kind| addresses.iter().map(move |one| (*one, kind)).collect();
    let mut all: Vec<(SocketAddr, Kind)> = of(&args.listen, Kind::Tcp);
    let secure: Vec<_> =
        [of(&args.tls_listen, Kind::Tls), of(&args.wss_listen, Kind::Wss)].concat();
    if !secure.is_empty() && args.cert.is_none() && args.tls_self_signed.is_none() {
        return Err(CliError::WrongInput(
            "TLS needs a certificate: --cert and --key, or --tls-self-signed".into(),
        ));
    }
    all.extend(secure);
    all.extend(of(&args.ws_listen, Kind::Ws));
    if all.is_empty() {
        all.push((SocketAddr::from((Ipv4Addr::LOCALHOST, PORT)), Kind::Tcp));
    }
    Ok(all)
}

/// The files of the certificate, if there is one.
fn certificate(args: &ServeArgs, out: &mut dyn Write) -> Result<Option<Files>, CliError> {
    let wrong = |error| CliError::WrongInput(format!("no certificate: {error}"));
    if let (Some(certificate), Some(key)) = (&args.cert, &args.key) {
        return Ok(Some(Files { certificate: certificate.clone(), key: key.clone() }));
    }
    let Some(folder) = &args.tls_self_signed else { return Ok(None) };
    let files = self_signed(folder, &args.tls_name).map_err(wrong)?;
    writeln!(
        out,
        "certificate {}, to be trusted by {}",
        files.certificate.display(),
        folder.join("ca.pem").display()
    )?;
    Ok(Some(files))
}

async fn serve(
    args: &ServeArgs,
    options: ServerOptions,
    listen: &[(SocketAddr, Kind)],
    out: &mut dyn Write,
) -> Result<Exit, CliError> {
    // Before anything is said, so that whoever reads it can end us.
    let end = end_asked()?;
    let tls = match certificate(args, out)? {
        Some(files) => Some(
            files
                .load()
                .map_err(|error| CliError::WrongInput(format!("no certificate: {error}")))?,
        ),
        None => None,
    };
    let made = if args.token.is_none() { Some(new_token()?) } else { None };
    let token = args.token.as_ref().or(made.as_ref()).cloned().unwrap_or_default();
    let given = Some(token.clone());
    let config = Config { limits: args.bounds.limits(), tls, token: given, ..Config::of(options) };
    let failed = |error| CliError::Environment(format!("the server cannot begin: {error}"));
    let (began, mut hub) = (Instant::now(), Hub::new(config).map_err(failed)?);
    let waker = hub.waker().map_err(failed)?;
    if let Some(path) = &args.store {
        keep(&mut hub, path, Arc::clone(&waker))?;
    }
    let mut addresses = String::new();
    for (address, kind) in listen {
        let bound = hub.listen(*address, *kind).map_err(|error| cannot_listen(*address, &error))?;
        addresses.push_str(&format!("listening {} {bound}\n", kind.as_str()));
    }
    let control = args.control.map(Control::listen).transpose()?;
    addresses.push_str(control.as_ref().map_or("", |control| &control.line));
    out.write_all(addresses.as_bytes())?;
    if let Some(token) = &made {
        writeln!(out, "token {token}")?;
    }
    let running = spawn(hub, waker, began).map_err(failed)?;
    let handle = running.handle.clone();
    let control = control.map(|control| control.serve(handle.clone(), token)).transpose()?;
    out.flush()?;
    if let Some(file) = &args.addr_file {
        publish(file, &addresses)?;
    }
    let mut ended = tokio::task::spawn_blocking(move || running.join());
    let joined = tokio::select! {
        joined = &mut ended => joined,
        () = end => {
            drain(&handle, args.drain_within).await;
            ended.await
        }
    };
    if let Some(control) = control {
        control.end();
    }
    match joined {
        Ok(Ok(())) => Ok(Exit::Passed),
        Ok(Err(error)) => Err(CliError::Environment(format!("the server ended: {error}"))),
        Err(error) => Err(CliError::Environment(format!("the server ended: {error}"))),
    }
}

/// Lets clients go; a server that is gone has none.
async fn drain(handle: &Handle, grace: Span) {
    match handle.ask(|reply| Command::Drain { grace, reply }).await {
        Ok(connected) => tracing::info!(connected, %grace, "draining"),
        Err(gone) => tracing::warn!(why = gone.reason(), "the server does not drain"),
    }
}

/// Writes the addresses in one go: whoever finds the file finds all of it.
fn publish(file: &PathBuf, addresses: &str) -> Result<(), CliError> {
    let mut beside = file.clone().into_os_string();
    beside.push(".new");
    fs::write(&beside, addresses)
        .and_then(|()| fs::rename(&beside, file))
        .map_err(|error| CliError::Environment(format!("cannot write {}: {error}", file.display())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_alone_is_this_machine_alone() {
        assert_eq!(address("7400"), Ok("127.0.0.1:7400".parse().unwrap()));
        assert_eq!(address("[::1]:0"), Ok("[::1]:0".parse().unwrap()));
        assert!(address("localhost").is_err());
    }

    #[test]
    fn a_key_may_be_written_as_in_scenarios_and_a_wrong_one_names_the_near() {
        let set = |key: &str, value: &str| options("xmpp", &[Override::new(key, value)]);
        let minute = Some(Span::from_secs(60));
        for key in ["heartbeat.interval", "server.heartbeat.interval"] {
            assert_eq!(set(key, "60s").unwrap().heartbeat_interval, minute);
        }
        let error = set("heartbeat.intervall", "60s").unwrap_err();
        assert!(error.to_string().contains("did you mean `heartbeat.interval`"), "{error}");
        assert!(set("heartbeat.interval", "60").is_err());
        assert!(options("xmmp", &[]).unwrap_err().to_string().contains("`xmpp`"));
    }
}
