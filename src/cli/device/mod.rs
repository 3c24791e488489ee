//! `holdline device`: scenarios on a real phone, and what there is to do around it.

mod binding;
mod compare;
mod doctor;
mod outcome;
mod package;
mod plan;
mod run;
mod subject;
mod talk;

use std::io::Write;

use super::exit::{CliError, Exit, with_exit_codes};

macro_rules! examples {
    () => {
        "\
Examples:
  holdline device run talk.toml --device sim
  holdline device run talk.toml --device fake --speed 20
  holdline device run talk.toml --device 00008030-001C --plan
  holdline device doctor --device sim
  holdline device package --agent holdline-agent --out app
  holdline device compare phone.jsonl talk.toml"
    };
}

/// Run scenarios on a real iPhone, in its simulator, or with an agent on this machine
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = examples!(), after_long_help = with_exit_codes!(examples!()))]
pub(super) struct DeviceArgs {
    #[command(subcommand)]
    what: What,
}

#[derive(Clone, Debug, clap::Subcommand)]
enum What {
    Run(Box<run::RunArgs>),
    Package(Box<package::PackageArgs>),
    Doctor(doctor::DoctorArgs),
    Compare(compare::CompareArgs),
}

/// Does what `args` says.
pub(super) fn run(args: &DeviceArgs, out: &mut dyn Write) -> Result<Exit, CliError> {
    match &args.what {
        What::Run(args) => run::run(args, out),
        What::Package(args) => package::run(args, out),
        What::Doctor(args) => doctor::run(args, out),
        What::Compare(args) => compare::run(args, out),
    }
}
