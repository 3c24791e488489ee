//! `holdline device run`: one scenario on one device.

use std::io::Write;

use crate::cli::exit::{CliError, Exit, with_exit_codes};

macro_rules! examples {
    () => {
        "\
Examples:
  holdline device run talk.toml --device fake --speed 20
  holdline device run talk.toml --device sim --plan"
    };
}

/// Run one scenario on a phone, in the simulator, or with an agent on this machine
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = examples!(), after_long_help = with_exit_codes!(examples!()))]
pub(super) struct RunArgs {
    /// A scenario file, or `bundled:NAME`
    #[arg(value_name = "SCENARIO")]
    scenario: String,
}

/// Runs what `args` says and writes the result to `out`.
pub(super) fn run(args: &RunArgs, _out: &mut dyn Write) -> Result<Exit, CliError> {
    Err(CliError::WrongInput(format!("{}: no device is named", args.scenario)))
}
