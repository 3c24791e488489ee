//! `holdline push`: a push through a running server.

use std::io::Write;

use serde_json::json;

use super::control::{Ask, ControlArgs, devices_in, path_of};
use super::exit::{CliError, Exit, with_exit_codes_of_no_verdict};
use super::format::Format;
use crate::port::Span;

macro_rules! examples {
    () => {
        "\
Examples:
  holdline push alice 'hello'
  holdline push alice 'call from Bob' --ttl 30s
  holdline push --all 'maintenance at ten'"
    };
}

/// Push to a device through a running server
///
/// A device that is not connected gets it when it connects. What is accepted is on the disk, if the server
/// has a store.
#[derive(Clone, Debug, clap::Args)]
#[command(
    allow_missing_positional = true,
    after_help = examples!(),
    after_long_help = with_exit_codes_of_no_verdict!(examples!()),
)]
pub(super) struct PushArgs {
    /// The device
    #[arg(value_name = "DEVICE", required_unless_present = "all", conflicts_with = "all")]
    device: Option<String>,

    /// One line of text
    #[arg(value_name = "PAYLOAD", required = true)]
    payload: String,

    /// To every device that is connected
    #[arg(long)]
    all: bool,

    /// How long it is worth delivering [default: what the server says]
    #[arg(long, value_name = "DURATION", value_parser = Span::parse)]
    ttl: Option<Span>,

    #[command(flatten)]
    server: ControlArgs,

    /// How to write the answer
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// Pushes.
pub(super) fn run(args: &PushArgs, out: &mut dyn Write) -> Result<Exit, CliError> {
    let path = path_of(args.device.as_deref(), "push")?;
    let mut body = json!({ "payload": args.payload });
    if let Some(ttl) = args.ttl {
        body["ttl"] = ttl.to_string().into();
    }
    let answer = args.server.ask(Ask::post(path, body))?;
    let id = answer["id"].as_str().unwrap_or("?");
    let text = if args.all && answer["devices"] == 0 {
        "nobody is connected\n".to_owned()
    } else {
        format!("accepted as {id} for {}\n", devices_in(&answer))
    };
    args.format.write(out, text, answer)
}
