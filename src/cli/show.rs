//! `holdline show`: every value of a preset, and where it comes from.

use std::io::Write;

use super::exit::{CliError, Exit};
use super::list::presets;
use super::terminal;
use crate::report::paragraph::paragraph;
use crate::report::style::{FAINT, HEADING, paint};
use crate::scenario::Library;
use crate::settings::{Layer, Settings, nearest};

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
    let library = presets();
    let name = &args.name;
    let text = match args.sort {
        Sort::Platform => library.platform(name).map(|layer| shown(&layer, args.verbose)),
        Sort::Network => library.network(name).map(|layer| shown(&layer, args.verbose)),
        Sort::Strategy => library.strategy(name).map(|layer| shown(&layer, args.verbose)),
        Sort::Server => library.server(name).map(|layer| shown(&layer, args.verbose)),
    };
    let Some(text) = text else {
        let (noun, names) = match args.sort {
            Sort::Platform => ("platform", library.platform_names()),
            Sort::Network => ("network", library.network_names()),
            Sort::Strategy => ("strategy", library.strategy_names()),
            Sort::Server => ("server preset", library.server_names()),
        };
        let near = nearest(name, names.iter().map(String::as_str));
        let meant = near.map_or(String::new(), |near| format!("; did you mean `{near}`?"));
        let names = names.join(", ");
        return Err(CliError::WrongInput(format!("there is no {noun} `{name}`{meant}\n{names}")));
    };
    out.write_all(text.as_bytes())?;
    Ok(Exit::Passed)
}

fn shown<S: Settings>(layer: &Layer<S>, verbose: bool) -> String {
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
