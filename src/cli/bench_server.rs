//! `holdline bench-server`: the push server against a bare echo server, on this machine.

use std::io::Write;
use std::net::{SocketAddr, ToSocketAddrs};

use super::exit::{self, CliError, Exit};
use super::format::Format;
use super::progress::announce;
use crate::live::bench::{BenchError, Plan, Server, bench, generate, serve_echo};

/// Measure the push server against a bare echo server
///
/// Starts `holdline serve` and a bare tokio echo server in turns, each with as many connections, and says for
/// both: memory a connection, connects and deliveries a second, latencies, and the ratios of the medians.
/// Every delivery is counted once; one too many or too few is an error.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = exit::with_exit_codes_of_no_verdict!("\
Examples:
  holdline bench-server
  holdline bench-server --connections 19000 --runs 3 --format json
  holdline bench-server --connections 100000       several processes
  holdline bench-server --connect 127.0.0.1:7400 --control-token secret"))]
pub(super) struct BenchServerArgs {
    /// How many connections
    #[arg(long, value_name = "N", default_value_t = 10_000,
        value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
    connections: u32,

    /// Spread the client's sockets over so many processes [default: as few as descriptors allow]
    #[arg(long, value_name = "P", value_parser = clap::value_parser!(u32).range(1..=1000))]
    processes: Option<u32>,

    /// Spread the connections over so many servers [default: as few as descriptors allow]
    #[arg(long, value_name = "S", value_parser = clap::value_parser!(u32).range(1..=1000))]
    servers: Option<u32>,

    /// How often all is measured
    #[arg(long, value_name = "N", default_value_t = 5,
        value_parser = clap::value_parser!(u32).range(1..=1000))]
    runs: u32,

    /// Pushes to all connections in a run
    #[arg(long, value_name = "N", default_value_t = 10,
        value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    rounds: u32,

    /// Pushes to one connection in a run
    #[arg(long, value_name = "N", default_value_t = 50_000,
        value_parser = clap::value_parser!(u32).range(1..=1_000_000_000))]
    messages: u32,

    /// How many of these are under way at most
    #[arg(long, value_name = "N", default_value_t = 64,
        value_parser = clap::value_parser!(u32).range(1..=1000))]
    window: u32,

    /// Pings in a run, one at a time and again several at once
    #[arg(long, value_name = "N", default_value_t = 20_000,
        value_parser = clap::value_parser!(u32).range(1..=1_000_000_000))]
    pings: u32,

    /// How many pings are several
    #[arg(long, value_name = "N", default_value_t = 64,
        value_parser = clap::value_parser!(u32).range(1..=100_000))]
    at_once: u32,

    /// Bytes of a payload
    #[arg(long, value_name = "BYTES", default_value_t = 64,
        value_parser = clap::value_parser!(u32).range(40..=4096))]
    payload: u32,

    /// Measure a push server that runs already
    #[arg(long, value_name = "ADDR", requires = "control_token", conflicts_with = "servers")]
    connect: Option<String>,

    /// The token of its control API
    #[arg(long, value_name = "T", requires = "connect")]
    control_token: Option<String>,

    /// Its process, to look at its memory
    #[arg(long, value_name = "PID", requires = "connect")]
    pid: Option<u32>,

    /// How to write the answer
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,

    /// What this process is, when another one started it to measure
    #[arg(long, value_enum, hide = true)]
    child: Option<Child>,
}

/// What a process is that was started to measure.
#[derive(Copy, Clone, PartialEq, Eq, Debug, clap::ValueEnum)]
enum Child {
    /// The echo server
    Echo,
    /// A load generator
    Generator,
}

/// Measures as `args` say.
pub(super) fn run(args: &BenchServerArgs, out: &mut dyn Write) -> Result<Exit, CliError> {
    match args.child {
        Some(Child::Echo) => return serve_echo().map(|()| Exit::Passed).map_err(told),
        Some(Child::Generator) => return generate().map(|()| Exit::Passed).map_err(told),
        None => {}
    }
    let program = std::env::current_exe()
        .map_err(|error| CliError::Environment(format!("where is holdline itself? {error}")))?;
    let plan = Plan {
        program,
        server: server(args)?,
        connections: args.connections,
        processes: args.processes,
        servers: args.servers,
        runs: args.runs,
        rounds: args.rounds,
        messages: args.messages,
        window: args.window,
        pings: args.pings,
        at_once: args.at_once,
        payload: args.payload as usize,
    };
    let report = bench(&plan, announce).map_err(told)?;
    let command = command();
    let text = format!("{command}\n{}", report.text());
    let numbers = serde_json::to_value(&report).map_err(std::io::Error::from)?;
    args.format.write(out, text, serde_json::json!({ "command": command, "bench": numbers }))
}

/// The command as it was given, without what is secret.
fn command() -> String {
    let mut words = vec!["holdline".to_owned()];
    let mut secret = false;
    for word in std::env::args().skip(1) {
        let hidden = std::mem::replace(&mut secret, word == "--control-token");
        words.push(match word.split_once('=') {
            Some(("--control-token", _)) => "--control-token=…".into(),
            Some(_) | None if hidden => "…".into(),
            Some(_) | None => word,
        });
    }
    words.join(" ")
}

fn server(args: &BenchServerArgs) -> Result<Server, CliError> {
    let (Some(text), Some(token)) = (&args.connect, &args.control_token) else {
        return Ok(Server::Own);
    };
    let found = text.to_socket_addrs().map(|mut found| found.next());
    let address: SocketAddr = found.ok().flatten().ok_or_else(|| {
        CliError::WrongInput(format!("`{text}` is no address; one is 127.0.0.1:7400"))
    })?;
    Ok(Server::Running { address, token: token.clone(), pid: args.pid })
}

fn told(error: BenchError) -> CliError {
    match error {
        BenchError::Options(why) => CliError::WrongInput(why),
        error @ (BenchError::Descriptors { .. }
        | BenchError::Io { .. }
        | BenchError::Failed(_)
        | BenchError::Interrupted) => CliError::Environment(error.to_string()),
    }
}
