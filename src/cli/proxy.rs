//! `holdline proxy`: the fault proxy between any client and any server.

use std::io::Write;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use clap_complete::ArgValueCompleter;
use tokio::net::TcpListener;

use super::exit::{CliError, Exit, with_exit_codes_of_no_verdict};
use super::load::load;
use super::long_running::{cannot_listen, end_asked, new_token};
use super::{complete, overrides, sources, terminal};
use crate::live::proxy::{Change, FaultSpec, Options, Proxy, Scaled, Script, control, play};
use crate::scenario::{Override, Scenario};

macro_rules! examples {
    () => {
        "\
Examples:
  holdline proxy --to push.example.com:5222
  holdline proxy --to 127.0.0.1:5222 --listen 127.0.0.1:5223 \\
      --fault 'delay latency=80ms jitter=uniform(0ms, 20ms)'
  holdline proxy --to 127.0.0.1:5222 --fault 'nat-forget idle-timeout=5m' -v
  holdline proxy --to 127.0.0.1:5222 --control 127.0.0.1:0
  holdline proxy --to 127.0.0.1:5222 \\
      --scenario bundled:network/path-goes-silent.toml --speed 60

Faults: silence, delay, bandwidth, refuse, accept-silent, nat-forget,
close-after; through --control also what is done at once: reset, close,
half-open, nat-forget now. docs/proxy.md says what each does and where it
differs from a path that is really dead."
    };
}

/// Break the path between a client and a server: a TCP proxy with faults
///
/// Forwards bytes, whatever they are, from whoever connects to --listen to --to, and breaks the path in
/// between as it is told: by --fault from before the first byte, by the steps of a scenario, and over HTTP
/// while it runs. Ends with ctrl-c.
#[derive(Clone, Debug, clap::Args)]
#[command(
    after_help = examples!(),
    after_long_help = with_exit_codes_of_no_verdict!(examples!()),
)]
pub(super) struct ProxyArgs {
    /// Where clients connect; of port 0 a free one is chosen
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0")]
    listen: SocketAddr,

    /// The server
    #[arg(long, value_name = "HOST:PORT")]
    to: String,

    /// A fault, for example 'delay latency=80ms'; can be given again
    #[arg(long, value_name = "FAULT", value_parser = FaultSpec::parse)]
    fault: Vec<FaultSpec>,

    /// Serve the control API here
    #[arg(long, value_name = "ADDRESS")]
    control: Option<SocketAddr>,

    /// Who knows it may control the proxy [default: one is made and printed]
    #[arg(long, value_name = "TOKEN", requires = "control")]
    token: Option<String>,

    /// Play the network steps of a scenario
    #[arg(long, value_name = "FILE", add = ArgValueCompleter::new(complete::scenarios))]
    scenario: Option<String>,

    /// Set a key of the scenario, for example network.wifi=ideal; can be given again
    #[arg(long, value_name = "KEY=VALUE", value_parser = overrides::parse, requires = "scenario")]
    set: Vec<Override>,

    /// Let the proxy's time run so many times as fast: every duration of faults and steps
    #[arg(long, value_name = "N", default_value_t = 1.0, value_parser = speed)]
    speed: f64,

    /// The seed of delays, and of the scenario's luck [default: the scenario's own, or 1]
    #[arg(long, value_name = "N")]
    seed: Option<u64>,

    /// How many bytes of each direction of a connection it holds
    #[arg(long, value_name = "BYTES", default_value_t = 65_536,
        value_parser = clap::value_parser!(u32).range(1..=16_777_216))]
    hold: u32,

    /// How many connections it takes at once; more are refused
    #[arg(long, value_name = "N", default_value_t = 10_000,
        value_parser = clap::value_parser!(u32).range(1..))]
    connections: u32,

    /// Say on stderr what happens on each connection
    #[arg(long, short)]
    verbose: bool,
}

fn speed(text: &str) -> Result<f64, String> {
    let within = Scaled::SLOWEST..=Scaled::FASTEST;
    text.parse()
        .ok()
        .filter(|speed| within.contains(speed))
        .ok_or_else(|| format!("expected a number from {} to {}", Scaled::SLOWEST, Scaled::FASTEST))
}

/// Runs the proxy until it is told to end.
pub(super) fn run(args: &ProxyArgs, out: &mut dyn Write) -> Result<Exit, CliError> {
    let scenario =
        args.scenario.as_deref().map(|path| one_scenario(path, &args.set)).transpose()?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| CliError::Environment(format!("no runtime for sockets: {error}")))?;
    runtime.block_on(serve(args, scenario, out))
}

/// The scenario at `path`, which has to be one.
fn one_scenario(path: &str, set: &[Override]) -> Result<Scenario, CliError> {
    let sources = sources::find(&[path.to_owned()])?;
    let mut loaded = load(sources, set, None, terminal::text_width())?;
    match (loaded.pop(), loaded.len()) {
        (Some(one), 0) => Ok(one.subject.scenario),
        (_, others) => Err(CliError::WrongInput(format!(
            "`{path}` is {} scenarios; name one file, and choose of its variants with --set",
            others + 1
        ))),
    }
}

async fn serve(
    args: &ProxyArgs,
    scenario: Option<Scenario>,
    out: &mut dyn Write,
) -> Result<Exit, CliError> {
    // Before anything is said, so that whoever reads it can end us.
    let end = end_asked()?;
    let upstream = resolve(&args.to).await?;
    let seed = args.seed.or(scenario.as_ref().map(|scenario| scenario.seed)).unwrap_or(1);
    let options =
        Options { hold: args.hold as usize, most_connections: args.connections as usize, seed };
    let clock = Arc::new(Scaled::new(args.speed));
    let proxy = Proxy::bind_with(args.listen, upstream, clock, options)
        .map_err(|error| cannot_listen(args.listen, &error))?;
    if let Some(fault) = args.fault.iter().find(|spec| spec.fault.at_once()) {
        return Err(CliError::WrongInput(format!(
            "`{fault}` is done at once, to connections that are there: there are none at the \
             beginning. Give it to --control, or use refuse or close-after."
        )));
    }
    let changes = args.fault.iter().cloned().map(Change::Add).collect();
    proxy.apply(changes).map_err(|invalid| CliError::WrongInput(format!("--fault: {invalid}")))?;
    let proxy = Arc::new(proxy);
    writeln!(out, "listening on {}, to {upstream}", proxy.local_addr())?;
    if let Some(address) = args.control {
        let listener =
            TcpListener::bind(address).await.map_err(|error| cannot_listen(address, &error))?;
        let address = listener.local_addr()?;
        let token = match &args.token {
            Some(token) => token.clone(),
            None => new_token()?,
        };
        match &args.token {
            Some(_) => writeln!(out, "control on http://{address}")?,
            None => writeln!(out, "control on http://{address}, token {token}")?,
        }
        tokio::spawn(control::serve(listener, Arc::clone(&proxy), token));
    }
    if args.verbose {
        let mut events = proxy.events();
        tokio::spawn(async move {
            while let Some(event) = events.recv().await {
                eprintln!("{event}");
            }
        });
    }
    out.flush()?;
    let played = async {
        if let Some(scenario) = scenario {
            play_aloud(&proxy, &Script::of(&scenario, seed)).await?;
        }
        // The proxy goes on.
        std::future::pending::<Result<(), CliError>>().await
    };
    tokio::select! {
        () = end => Ok(Exit::Passed),
        failed = played => failed.map(|()| Exit::Passed),
    }
}

async fn play_aloud(proxy: &Proxy, script: &Script) -> Result<(), CliError> {
    for note in &script.notes {
        eprintln!("not played: {note}");
    }
    let told = |at, planned: &crate::live::proxy::Planned| {
        let now = planned.at_once.iter().map(|fault| FaultSpec::from(fault.clone()).to_string());
        let set = planned.faults.iter().map(|fault| FaultSpec::from(fault.clone()).to_string());
        let all: Vec<String> = now.chain(set).collect();
        let all = if all.is_empty() { "no fault".to_owned() } else { all.join("; ") };
        eprintln!("{at} {}: {all}", planned.why);
    };
    let over = play(proxy, script, told).await;
    over.map_err(|invalid| CliError::Environment(format!("the scenario ends: {invalid}")))?;
    eprintln!("the scenario is over; what it set stays set");
    Ok(())
}

/// The first address of `to`.
async fn resolve(to: &str) -> Result<SocketAddr, CliError> {
    if let Ok(address) = to.parse() {
        return Ok(address);
    }
    let wrong = |why: String| CliError::WrongInput(format!("--to {to}: {why}"));
    let mut found: Vec<SocketAddr> = tokio::net::lookup_host(to)
        .await
        .map_err(|error| wrong(format!("{error}; write HOST:PORT")))?
        .collect();
    // A server on `localhost` mostly listens to IPv4 only.
    found.sort_by_key(|address| !matches!(address.ip(), IpAddr::V4(_)));
    found.into_iter().next().ok_or_else(|| wrong("the name has no address".into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_speed_is_a_number_within_bounds() {
        assert_eq!(speed("60"), Ok(60.0));
        for wrong in ["0", "-1", "NaN", "inf", "fast", "1e12"] {
            assert!(speed(wrong).is_err(), "{wrong}");
        }
    }
}
