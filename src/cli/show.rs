//! `holdline show`: every value of a preset, and where it comes from.

use std::io::Write;

use clap_complete::ArgValueCompleter;

use super::exit::{CliError, Exit};
use super::names::{meant, unknown};
use super::{complete, terminal};
use crate::client::STRATEGIES;
use crate::platform::{PROFILES, covered_by, ios_range};
use crate::report::paragraph::paragraph;
use crate::report::style::{FAINT, HEADING, paint};
use crate::settings::{CONFIDENCES, Layer, Settings, Shelf, nearest};
use crate::{net, server};

/// Show every value of a preset, how far it can be trusted, and where it comes from
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "\
Examples:
  holdline show platform ios-9
  holdline show network lte-carrier
  holdline show strategy ping-in-handler
  holdline show server default

The letter before a source says how far it can be trusted; the last lines say
what the letters mean, and docs/sources.md says more. T is a value that nobody
documents: try others with `set`.")]
pub(super) struct ShowArgs {
    /// What sort of preset
    #[arg(value_enum)]
    sort: Sort,

    /// Its name; `holdline list platforms` and so on list them
    #[arg(value_name = "NAME", add = ArgValueCompleter::new(complete::presets))]
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

/// The platform called `name`.
pub(super) fn platform(name: &str, verbose: bool) -> Result<String, CliError> {
    shown(&PROFILES, "platform", &ShowArgs { sort: Sort::Platform, name: name.into(), verbose })
}

/// The preset asked for, on a shelf of presets each of which is a `noun`.
fn shown<S: Settings>(shelf: &Shelf<S>, noun: &str, args: &ShowArgs) -> Result<String, CliError> {
    let name = args.name.as_str();
    match shelf.get(name) {
        Ok(layer) => Ok(drawn(&layer, args.verbose)),
        Err(_) => {
            let covered = covered_by(name).filter(|_| args.sort == Sort::Platform);
            let hint = match covered {
                Some(covered) => format!("; {covered}"),
                None => meant(nearest(name, shelf.names())),
            };
            Err(CliError::WrongInput(unknown(noun, name, &hint)))
        }
    }
}

fn drawn<S: Settings>(layer: &Layer<S>, verbose: bool) -> String {
    let width = terminal::drawing_width();
    let mut out = String::new();
    let head = paint(HEADING, &layer.name);
    let stands_for = ios_range(&layer.name).map_or(String::new(), |range| format!(" ({range})"));
    let head = format!("{head}{stands_for}: ");
    let column = layer.name.len() + stands_for.len() + 2;
    paragraph(&mut out, (&head, column), 2, &layer.about, width);
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
    out.push_str(&legend(layer, width));
    out
}

/// What the letters and the names in brackets mean, as far as this preset has any.
fn legend<S: Settings>(layer: &Layer<S>, width: usize) -> String {
    let stated: Vec<_> = S::KEYS.iter().filter_map(|key| layer.provenance.get(key.name)).collect();
    let used = |letter: &str| stated.iter().any(|from| from.confidence == letter);
    let letters: Vec<_> = CONFIDENCES
        .iter()
        .filter(|confidence| used(confidence.letter))
        .map(|confidence| format!("{} {}", confidence.letter, confidence.short))
        .collect();
    let mut out = String::new();
    if !letters.is_empty() {
        out.push('\n');
        paragraph(&mut out, ("", 0), 0, &letters.join(" · "), width);
    }
    if let Some(from) = stated.iter().find(|from| from.preset != layer.name) {
        let text = format!("({}) after a source: stated by {0}, which this extends", from.preset);
        paragraph(&mut out, ("", 0), 0, &text, width);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_without_a_profile_of_its_own_is_answered_with_the_one_that_covers_it() {
        let asked = |sort, name: &str| {
            let args = ShowArgs { sort, name: name.into(), verbose: false };
            run(&args, &mut Vec::new()).unwrap_err().to_string()
        };
        let answer = asked(Sort::Platform, "ios-12");
        assert!(answer.contains("iOS 12 is covered by `ios-11` (iOS 11 to 12)"), "{answer}");
        assert!(!answer.contains("did you mean"), "{answer}");
        assert!(asked(Sort::Platform, "ios9").contains("did you mean `ios-9`?"));
        assert!(!asked(Sort::Network, "ios-12").contains("is covered by"));
    }

    #[test]
    fn the_legend_has_the_letters_used_and_says_who_states_an_inherited_value() {
        let text = legend(&PROFILES.get("ios-9").unwrap(), 200);
        assert!(text.contains("A Apple's documents · E Apple's engineers"), "{text}");
        assert!(!text.contains("primary source"), "{text}");
        assert!(text.contains("(ios-4) after a source: stated by ios-4"), "{text}");
        let text = legend(&net::PRESETS.get("lte-carrier").unwrap(), 200);
        assert!(text.contains("H primary source"), "{text}");
    }
}
