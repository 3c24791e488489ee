//! `holdline show`: every value of a preset, and where it comes from.

use std::io::Write;

use super::exit::{CliError, Exit};
use super::terminal;
use crate::client::STRATEGIES;
use crate::platform::PROFILES;
use crate::report::paragraph::paragraph;
use crate::report::style::{FAINT, HEADING, paint};
use crate::settings::{Layer, Settings, Shelf, nearest};
use crate::{net, server};

/// Show every value of a preset, how far it can be trusted, and where it comes from
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "\
Examples:
  holdline show platform ios-9
  holdline show network lte-carrier
  holdline show strategy ping-in-handler
  holdline show server default

The letter before a source says how far it can be trusted; docs/sources.md explains them. T is a value
that nobody documents: try others with `set`.")]
pub(super) struct ShowArgs {
    /// What sort of preset
    #[arg(value_enum)]
    sort: Sort,

    /// Its name; `holdline list platforms` and so on list them
    #[arg(value_name = "NAME")]
    name: String,

    /// Say what each key means, too
    #[arg(long, short)]
    verbose: bool,
}

/// A sort of preset.
#[derive(Copy, Clone, PartialEq, Eq, Debug, clap::ValueEnum)]
enum Sort {
    /// What a version of iOS allows
    Platform,
    /// What a network is like
    Network,
    /// What a client does
    Strategy,
    /// What the push server does
    Server,
}

/// Shows what `args` names.
pub(super) fn run(args: &ShowArgs, out: &mut dyn Write) -> Result<Exit, CliError> {
    let text = match args.sort {
        Sort::Platform => shown(&PROFILES, "platform", args),
        Sort::Network => shown(&net::PRESETS, "network", args),
        Sort::Strategy => shown(&STRATEGIES, "strategy", args),
        Sort::Server => shown(&server::PRESETS, "server preset", args),
    }?;
    out.write_all(text.as_bytes())?;
    Ok(Exit::Passed)
}

/// The preset asked for, on a shelf of presets each of which is a `noun`.
fn shown<S: Settings>(shelf: &Shelf<S>, noun: &str, args: &ShowArgs) -> Result<String, CliError> {
    let name = args.name.as_str();
    match shelf.get(name) {
        Ok(layer) => Ok(drawn(&layer, args.verbose)),
        Err(_) => {
            let near = nearest(name, shelf.names());
            let meant = near.map_or(String::new(), |near| format!("; did you mean `{near}`?"));
            let names = shelf.names().collect::<Vec<_>>().join(", ");
            Err(CliError::WrongInput(format!("there is no {noun} `{name}`{meant}\n{names}")))
        }
    }
}

fn drawn<S: Settings>(layer: &Layer<S>, verbose: bool) -> String {
    let width = terminal::drawing_width();
    let mut out = String::new();
    let head = paint(HEADING, &layer.name);
    let about = format!(" {}", layer.about);
    paragraph(&mut out, (&format!("{head} "), layer.name.len() + 1), 2, &about, width);
    for key in S::KEYS {
        let value = layer.values.get(key.name).unwrap_or_default();
        out.push_str(&format!("\n{} = {value}\n", paint(HEADING, key.name)));
        if verbose {
            paragraph(&mut out, ("    ", 4), 4, key.doc, width);
        }
        let Some(from) = layer.provenance.get(key.name) else { continue };
        let preset = match from.preset == layer.name {
            true => String::new(),
            false => format!(" ({})", from.preset),
        };
        let text = format!("{}{preset}", from.source);
        let letter = if from.confidence.is_empty() { " " } else { &from.confidence };
        let head = format!("    {} ", paint(FAINT, letter));
        paragraph(&mut out, (&head, 6), 6, &text, width);
    }
    out
}
