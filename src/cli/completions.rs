//! `holdline completions`: what makes a shell complete commands, options, keys and names.

use std::io::Write;

use clap_complete::env::Shells;

use super::exit::{CliError, Exit};

/// Print what makes a shell complete commands, options, keys and names
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "\
Examples:
  source <(holdline completions bash)              for this session
  holdline completions bash >> ~/.bashrc
  holdline completions zsh > \"${fpath[1]}/_holdline\"
  holdline completions fish > ~/.config/fish/completions/holdline.fish

The shell asks holdline itself for each candidate, so that completion knows
what this version knows.")]
pub(super) struct CompletionsArgs {
    /// The shell
    #[arg(value_name = "SHELL", value_parser = clap::builder::PossibleValuesParser::new(names()))]
    shell: String,
}

/// The shells that there is something for.
fn names() -> Vec<&'static str> {
    Shells::builtins().names().collect()
}

/// Prints the registration for a shell.
pub(super) fn run(args: &CompletionsArgs, out: &mut dyn Write) -> Result<Exit, CliError> {
    let shells = Shells::builtins();
    let Some(shell) = shells.completer(&args.shell) else {
        return Err(CliError::WrongInput(format!("there is no completion for {}", args.shell)));
    };
    let mut script = Vec::new();
    shell.write_registration("COMPLETE", "holdline", "holdline", "holdline", &mut script)?;
    out.write_all(&script)?;
    Ok(Exit::Passed)
}
