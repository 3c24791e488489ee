//! `holdline client`: a real client, the built-in one, over a real connection and in real time.

use std::io::Write;

use clap_complete::ArgValueCompleter;

use super::elsewhere::ElsewhereArgs;
use super::exit::{CliError, Exit, with_exit_codes_of_no_verdict};
use super::format::Format;
use super::{complete, overrides};
use crate::live::world::{LiveError, LiveOptions, Pace, Said, play_told};
use crate::port::Span;
use crate::report::style::{BAD, FAINT, GOOD, paint};
use crate::scenario::{Override, Presets, Scenario, decode};
use crate::trace::{Event, Names, Observer, What, write_event};
use crate::wire::wire_id;

macro_rules! examples {
    () => {
        "\
Examples:
  holdline client --connect localhost --device alice
  holdline client --connect localhost --device alice --platform ios-9 \\
      --lifecycle
  holdline client --connect localhost --device alice --platform ios-16 \\
      --lifecycle '10s user.lock, 20m user.unlock' --for 30m
  holdline client --connect test.example.com --dialect mqtt --device alice \\
      --keep-alive 60s --client ping-in-handler"
    };
}

/// Connect to a server as a client does: print pushes, reconnect, answer heartbeats
///
/// The client is the one of the simulator, over a real connection. With `--lifecycle` it is put through the
/// life of an app as that iOS has it, in real time: suspended, woken by its socket, ended.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = examples!(), after_long_help = with_exit_codes_of_no_verdict!(examples!()))]
pub(super) struct ClientArgs {
    #[command(flatten)]
    elsewhere: ElsewhereArgs,

    /// What the device is called
    #[arg(long, value_name = "NAME")]
    device: String,

    /// The iOS it runs on
    #[arg(long, value_name = "NAME", default_value = "ios-9",
        add = ArgValueCompleter::new(complete::platforms))]
    platform: String,

    /// What the client does: one of `holdline list strategies`
    #[arg(long, value_name = "NAME", default_value = "ping-in-handler")]
    client: String,

    /// Put the app through its life: what happens when, as `TIME STEP, TIME STEP`
    #[arg(long, value_name = "STEPS", num_args = 0..=1, default_missing_value = "10s user.lock")]
    lifecycle: Option<String>,

    /// How long
    #[arg(long = "for", value_name = "TIME", default_value = "24h", value_parser = Span::parse)]
    lasts: Span,

    /// Set a key, for example client.ping.interval=30s; can be given again
    #[arg(long, value_name = "KEY=VALUE", value_parser = overrides::parse,
        add = ArgValueCompleter::new(complete::set))]
    set: Vec<Override>,

    /// Say everything that happens
    #[arg(long, short)]
    verbose: bool,

    /// How to write what happens; in JSON, one event a line as in traces
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// Connects, and goes on until the time is over or it is interrupted.
pub(super) fn run(args: &ClientArgs, _: &mut dyn Write) -> Result<Exit, CliError> {
    let Some(mut server) = args.elsewhere.server(None)? else {
        return Err(CliError::WrongInput("--connect HOST[:PORT] is missing".into()));
    };
    server.vars.device.clone_from(&args.device);
    let scenario = scenario(args)?;
    let options =
        LiveOptions { server: Some(server), proxied: false, ..LiveOptions::new(1, Pace::Times(1)) };
    let mut printer = Printer { json: args.format == Format::Json, all: args.verbose };
    let mut told = |what: &Said| match what {
        Said::Payload(push, payload) => {
            let line = format!("push {} {}", wire_id(*push), payload.escape_debug());
            if args.format == Format::Text {
                print(&paint(GOOD, &line));
            }
        }
        Said::Refused(why) => print_error(&format!("the server says: {}", why.escape_debug())),
        Said::NotPublished(why) => print_error(&format!("not published: {why}")),
        Said::Frame(_) => {}
    };
    let played = play_told(&scenario, &options, &mut printer, &mut told);
    played.map(|_| Exit::Passed).map_err(|error| match error {
        LiveError::Unsupported(_) | LiveError::TooFast { .. } | LiveError::BadValue(_) => {
            CliError::WrongInput(error.to_string())
        }
        LiveError::Io(_) => CliError::Environment(error.to_string()),
    })
}

/// The life of the app, as a scenario.
fn scenario(args: &ClientArgs) -> Result<Scenario, CliError> {
    let mut text = format!(
        "version = 1\nname = \"client\"\nduration = \"{}\"\n[platform]\nuse = {:?}\n\
         [client]\nuse = {:?}\n[network]\nuse = \"ideal\"\n",
        args.lasts, args.platform, args.client
    );
    for step in args.lifecycle.iter().flat_map(|steps| steps.split(',')) {
        let step = step.trim();
        let Some((at, act)) = step.rsplit_once(' ') else {
            let message = format!("`{step}` is no step; write TIME STEP, as in \"10s user.lock\"");
            return Err(CliError::WrongInput(message));
        };
        text.push_str(&format!("[[step]]\nat = {at:?}\ndo = {act:?}\n"));
    }
    decode(&text, &Presets::built_in(), &args.set).map_err(|mistakes| {
        let first = mistakes.first().map(|mistake| {
            let help = mistake.help.as_deref().map(|help| format!("\n{help}")).unwrap_or_default();
            format!("{}{help}", mistake.message)
        });
        CliError::WrongInput(first.unwrap_or_else(|| "the options make no scenario".into()))
    })
}

/// Prints what happens.
struct Printer {
    json: bool,
    all: bool,
}

impl Observer for Printer {
    fn event(&mut self, event: &Event) {
        if self.json {
            let mut line = String::new();
            write_event(&mut line, event, &Names::default());
            return print(line.trim_end());
        }
        match notable(&event.what) {
            Some((true, text)) => print(&format!("{} {text}", event.at)),
            Some((false, text)) => print(&format!("{} {}", event.at, paint(BAD, &text))),
            None if self.all => {
                let mut line = String::new();
                write_event(&mut line, event, &Names::default());
                print(&paint(FAINT, line.trim_end()));
            }
            None => {}
        }
    }
}

/// What is worth a line, and whether it is good news.
#[expect(clippy::wildcard_enum_match_arm, reason = "most events are details")]
fn notable(what: &What) -> Option<(bool, String)> {
    Some(match what {
        What::ClientConnected { .. } => (true, "connected".into()),
        What::ClientDisconnected { how, .. } => (false, format!("disconnected: {how}")),
        What::ConnectFailed { error, .. } => (false, format!("cannot connect: {error}")),
        What::BackingOff { delay, .. } => (true, format!("connects again in {delay}")),
        What::PingTimedOut { .. } => (false, "no answer to a ping".into()),
        What::PushDuplicate { push } => (true, format!("push {} again", wire_id(*push))),
        What::Notified { push, .. } => (true, format!("notification for push {}", wire_id(*push))),
        What::State { to, .. } => (true, format!("app {to}")),
        What::Wake { reason, .. } => (true, format!("woken: {reason}")),
        What::Kill { code, rule } => (false, format!("killed: {code}, {rule}")),
        What::RelaunchPlanned { after, .. } => (true, format!("started again in {after}")),
        _ => return None,
    })
}

/// A line on stdout, now: somebody may follow it. Nothing can be done if nobody reads.
fn print(line: &str) {
    let mut out = anstream::stdout().lock();
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}

fn print_error(line: &str) {
    let mut err = anstream::stderr().lock();
    let _ = writeln!(err, "{}", paint(BAD, line));
}
