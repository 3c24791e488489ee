//! The command line: one file a subcommand.

// This room talks to the machine: it measures how long a run took, runs scenarios in parallel, prints.
#![allow(clippy::disallowed_types, clippy::disallowed_methods)]
#![allow(clippy::print_stdout, clippy::print_stderr)]
mod baseline;
mod bench_server;
mod bundled;
pub mod check;
mod check_json;
mod check_text;
mod client;
mod compare;
mod complete;
mod completions;
mod control;
mod device;
mod devices;
mod dialect;
mod dialect_try;
mod drop;
mod elsewhere;
pub mod exit;
mod explain;
mod files;
mod format;
mod github;
mod list;
mod live;
mod load;
mod logs;
mod long_running;
mod matrix;
mod names;
mod new;
mod overrides;
mod platform;
mod play;
mod progress;
mod proxy;
mod push;
mod repl;
mod run;
mod schema;
mod serve;
mod serve_parts;
mod server;
mod show;
mod sources;
mod terminal;
mod trace_files;
mod try_;
mod validate;
mod views;

use std::io::Write;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::report::style::{BAD, paint};
use exit::{CliError, Exit};

macro_rules! examples {
    () => {
        "\
Examples:
  holdline run                         all in ./scenarios, or the bundled ones
  holdline run talk.toml --timeline    one scenario, drawn by lanes
  holdline new talk.toml               a commented scenario to begin with
  holdline validate scenarios          mistakes and lints only, nothing is run
  holdline repl                        steer a scenario by hand
  holdline try                         a week in a life: no file needed
  holdline matrix                      which way works on which iOS
  holdline compare A.toml B.toml       two runs under one another
  holdline check Talk.app              what an app's Info.plist lets it do
  holdline explain 0xbad22222          what a kill code or a crash report means
  holdline platform ios-9              what that iOS allows, with sources
  holdline device run A.toml --device sim   the same client on a phone
  holdline proxy --to HOST:PORT        break the path to a real server
  holdline schema                      the language as JSON Schema, for editors
  holdline dialect list                how to talk to MQTT, XMPP, SIP, …
  holdline bench-server                the push server's memory and speed, here

Completion in a shell: source <(holdline completions bash), or zsh, fish, …"
    };
}

/// Will this client stay reachable when iOS puts it to sleep?
///
/// holdline puts a client that holds a connection through the iOS lifecycle (background, suspension,
/// keep-alive handlers, background tasks, socket wakes, kills, relaunches) while networks drop, NATs
/// forget and servers restart. Situations are TOML scenarios, played in virtual time, the same on every
/// machine for the same seed.
#[derive(Parser, Debug)]
#[command(
    name = "holdline",
    version,
    propagate_version = true,
    disable_help_subcommand = true,
    after_help = examples!(),
    after_long_help = exit::with_exit_codes!(examples!()),
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    Run(run::RunArgs),
    New(new::NewArgs),
    Validate(validate::ValidateArgs),
    Try(try_::TryArgs),
    Matrix(matrix::MatrixArgs),
    Compare(compare::CompareArgs),
    Check(check::CheckArgs),
    List(list::ListArgs),
    Show(show::ShowArgs),
    Explain(explain::ExplainArgs),
    Platform(platform::PlatformArgs),
    Repl(repl::ReplArgs),
    Proxy(proxy::ProxyArgs),
    Schema(schema::SchemaArgs),
    Completions(completions::CompletionsArgs),
    Dialect(dialect::DialectArgs),
    BenchServer(bench_server::BenchServerArgs),
    Serve(Box<serve::ServeArgs>),
    Client(client::ClientArgs),
    Push(push::PushArgs),
    Devices(devices::DevicesArgs),
    Device(device::DeviceArgs),
    Drop(drop::DropArgs),
    Server(server::ServerArgs),
}

/// Answers a shell that asks how a command line may go on, and ends then: `source <(COMPLETE=bash holdline)`.
fn complete() {
    clap_complete::CompleteEnv::with_factory(<Cli as clap::CommandFactory>::command).complete();
}

/// Reads the command line, does what it says, and tells how it went by the exit code.
pub fn main() -> ExitCode {
    complete();
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are no errors. Nothing can be done if they cannot be printed.
            let _ = error.print();
            let exit = if error.use_stderr() { Exit::WrongInput } else { Exit::Passed };
            return exit.into();
        }
    };
    match std::panic::catch_unwind(|| dispatch(&cli.command)) {
        Ok(Ok(exit)) => exit.into(),
        Ok(Err(error)) => {
            report(&error);
            error.exit().into()
        }
        Err(_) => {
            // The panic's own message is printed by then.
            report(&CliError::Environment(
                "this is a bug in holdline; please report it with the command and its scenario"
                    .into(),
            ));
            Exit::Broken.into()
        }
    }
}

fn dispatch(command: &Command) -> Result<Exit, CliError> {
    let mut out = anstream::stdout().lock();
    let exit = match command {
        Command::Run(args) => run::run(args, &mut out),
        Command::New(args) => new::run(args, &mut out),
        Command::Validate(args) => validate::run(args, &mut out),
        Command::Try(args) => try_::run(args, &mut out),
        Command::Matrix(args) => matrix::run(args, &mut out),
        Command::Compare(args) => compare::run(args, &mut out),
        Command::Check(args) => check::run(args, &mut out),
        Command::List(args) => list::run(args, &mut out),
        Command::Show(args) => show::run(args, &mut out),
        Command::Explain(args) => explain::run(args, &mut out),
        Command::Platform(args) => platform::run(args, &mut out),
        Command::Repl(args) => repl::run(args, &mut out),
        Command::Proxy(args) => proxy::run(args, &mut out),
        Command::Schema(args) => schema::run(args, &mut out),
        Command::Completions(args) => completions::run(args, &mut out),
        Command::Dialect(args) => dialect::run(args, &mut out),
        Command::BenchServer(args) => bench_server::run(args, &mut out),
        Command::Serve(args) => serve::run(args, &mut out),
        Command::Client(args) => client::run(args, &mut out),
        Command::Push(args) => push::run(args, &mut out),
        Command::Devices(args) => devices::run(args, &mut out),
        Command::Device(args) => device::run(args, &mut out),
        Command::Drop(args) => drop::run(args, &mut out),
        Command::Server(args) => server::run(args, &mut out),
    }?;
    match out.flush().map_err(CliError::from) {
        Ok(()) | Err(CliError::NoReader) => Ok(exit),
        Err(error) => Err(error),
    }
}

/// Says on stderr what went wrong; nothing can be done if even that fails.
fn report(error: &CliError) {
    let mut err = anstream::stderr().lock();
    let _ = match error {
        CliError::NoReader => Ok(()),
        CliError::Mistakes { drawn, .. } => {
            write!(err, "{drawn}").and_then(|()| writeln!(err, "{} {error}", paint(BAD, "error:")))
        }
        CliError::WrongInput(_) | CliError::Environment(_) => {
            writeln!(err, "{} {error}", paint(BAD, "error:"))
        }
    };
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    /// The lines that clap does not break: what is written by hand behind the options.
    fn by_hand(command: &clap::Command) -> Vec<String> {
        let helps = [command.get_after_help(), command.get_after_long_help()];
        let own = helps.into_iter().flatten().map(ToString::to_string);
        own.chain(command.get_subcommands().flat_map(by_hand)).collect()
    }

    #[test]
    fn every_help_breaks_its_own_lines_before_column_80() {
        let helps = by_hand(&Cli::command());
        assert!(helps.len() > 8, "every command has examples");
        for help in helps {
            assert!(help.lines().all(|line| line.chars().count() < 80), "{help}");
        }
    }
}
