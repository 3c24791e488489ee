//! `holdline server`: what else can be asked of a running server.

use std::io::Write;

use serde_json::{Value, json};

use super::control::{Ask, ControlArgs, devices_in, path_of};
use super::exit::{CliError, Exit, with_exit_codes_of_no_verdict};
use super::format::Format;
use crate::port::Span;
use crate::trace::RestartKind;

macro_rules! examples {
    () => {
        "\
Examples:
  holdline server stats
  holdline server heartbeat alice
  holdline server restart --how host-down --down-for 2m
  holdline server drain --grace 30s"
    };
}

/// Control a running server: counters, heartbeats, restarts, draining
#[derive(Clone, Debug, clap::Args)]
#[command(
    after_help = examples!(),
    after_long_help = with_exit_codes_of_no_verdict!(examples!()),
)]
pub(super) struct ServerArgs {
    #[command(subcommand)]
    what: What,
}

#[derive(Clone, Debug, clap::Subcommand)]
enum What {
    /// Show what it counted, and what it holds
    Stats {
        #[command(flatten)]
        common: Common,
    },
    /// Ask a device, or all, for a sign of life now
    Heartbeat {
        /// The device [default: every device that is connected]
        #[arg(value_name = "DEVICE")]
        device: Option<String>,
        #[command(flatten)]
        common: Common,
    },
    /// Let it go down and come back, as it looks from outside
    Restart {
        /// What it looks like: process, host-down or drain
        #[arg(long, value_name = "HOW", default_value = "process", value_parser = how)]
        how: RestartKind,
        /// How long it is down
        #[arg(long, value_name = "DURATION", default_value = "1s", value_parser = Span::parse)]
        down_for: Span,
        #[command(flatten)]
        common: Common,
    },
    /// Tell everybody to go away, accept nobody any more, and end
    Drain {
        /// How long clients have to go
        #[arg(long, value_name = "DURATION", default_value = "5s", value_parser = Span::parse)]
        grace: Span,
        #[command(flatten)]
        common: Common,
    },
}

#[derive(Clone, Debug, clap::Args)]
struct Common {
    #[command(flatten)]
    server: ControlArgs,

    /// How to write the answer
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

fn how(text: &str) -> Result<RestartKind, String> {
    let words = RestartKind::SPELLINGS.join(", ");
    RestartKind::parse(text).ok_or_else(|| format!("it is one of {words}"))
}

/// Asks it.
pub(super) fn run(args: &ServerArgs, out: &mut dyn Write) -> Result<Exit, CliError> {
    let (common, answer, text) = match &args.what {
        What::Stats { common } => {
            let answer = common.server.ask(Ask::get("/v1/stats"))?;
            let text = stats(&answer);
            (common, answer, text)
        }
        What::Heartbeat { device, common } => {
            let path = path_of(device.as_deref(), "heartbeat")?;
            let answer = common.server.ask(Ask::post(path, Value::Null))?;
            let text = format!("asked {}\n", devices_in(&answer));
            (common, answer, text)
        }
        What::Restart { how, down_for, common } => {
            let body = json!({ "how": how.as_str(), "down_for": down_for.to_string() });
            let answer = common.server.ask(Ask::post("/v1/restart", body))?;
            let text = match how {
                RestartKind::Drain => "clients are told to go away\n".to_owned(),
                RestartKind::Process | RestartKind::HostDown => {
                    format!("down for {down_for}\n")
                }
            };
            (common, answer, text)
        }
        What::Drain { grace, common } => {
            let body = json!({ "grace": grace.to_string() });
            let answer = common.server.ask(Ask::post("/v1/drain", body))?;
            let text = format!("draining {} for at most {grace}\n", devices_in(&answer));
            (common, answer, text)
        }
    };
    common.format.write(out, text, answer)
}

/// One line a counter.
fn stats(answer: &Value) -> String {
    let values = answer["values"].as_array().map_or(&[][..], |values| values);
    let line = |stat: &Value| {
        let labels = stat["labels"].as_object().into_iter().flatten();
        let labels: String = labels.map(|(name, value)| format!("{{{name}={value}}}")).collect();
        format!("{}{labels} {}\n", stat["name"].as_str().unwrap_or("?"), stat["value"])
    };
    values.iter().map(line).collect()
}
