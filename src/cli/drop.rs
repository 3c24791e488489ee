//! `holdline drop`: ends connections of a running server.

use std::io::Write;

use serde_json::json;

use super::control::{Ask, ControlArgs, devices_in, path_of};
use super::exit::{CliError, Exit, with_exit_codes_of_no_verdict};
use super::format::Format;
use crate::server::DropHow;

macro_rules! examples {
    () => {
        "\
Examples:
  holdline drop alice                  FIN: the client is told
  holdline drop alice --how reset      RST
  holdline drop --all --how silent     nobody is told anything"
    };
}

/// End a device's connection at a running server
#[derive(Clone, Debug, clap::Args)]
#[command(
    after_help = examples!(),
    after_long_help = with_exit_codes_of_no_verdict!(examples!()),
)]
pub(super) struct DropArgs {
    /// The device
    #[arg(value_name = "DEVICE", required_unless_present = "all", conflicts_with = "all")]
    device: Option<String>,

    /// Every device that is connected
    #[arg(long)]
    all: bool,

    /// What it looks like from outside: fin, reset or silent
    #[arg(long, value_name = "HOW", default_value = "fin", value_parser = how)]
    how: DropHow,

    #[command(flatten)]
    server: ControlArgs,

    /// How to write the answer
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

fn how(text: &str) -> Result<DropHow, String> {
    DropHow::parse(text).ok_or_else(|| format!("it is one of {}", DropHow::SPELLINGS.join(", ")))
}

/// Ends them.
pub(super) fn run(args: &DropArgs, out: &mut dyn Write) -> Result<Exit, CliError> {
    let path = path_of(args.device.as_deref(), "drop")?;
    let answer = args.server.ask(Ask::post(path, json!({ "how": args.how.as_str() })))?;
    let text = format!("dropped {}\n", devices_in(&answer));
    args.format.write(out, text, answer)
}
