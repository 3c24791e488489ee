//! `holdline new`: a commented scenario to begin with.

use std::io::{self, BufRead, IsTerminal, Write};
use std::path::PathBuf;

use clap_complete::ArgValueCompleter;

use super::exit::{CliError, Exit, with_exit_codes_of_no_verdict};
use super::names::{known, known_platform};
use super::overrides::quoted;
use super::{complete, files};
use crate::client::STRATEGIES;
use crate::net;
use crate::platform::{PROFILES, covering};
use crate::report::paragraph::paragraph;
use crate::settings::{Settings, Shelf};

macro_rules! examples {
    () => {
        "\
Examples:
  holdline new talk.toml
  holdline new talk.toml --platform ios-6 --network carrier-5m
  holdline new talk.toml && holdline run talk.toml --timeline"
    };
}

/// Write a commented scenario to begin with
///
/// The phone is locked, calls come every 43 minutes, the server vanishes once; each call has to be shown
/// within five seconds. On a terminal it asks for what no option says. A file that is there is not
/// touched.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = examples!(), after_long_help = with_exit_codes_of_no_verdict!(examples!()))]
pub(super) struct NewArgs {
    /// The file to write
    #[arg(value_name = "FILE")]
    file: PathBuf,

    /// The iOS version [default: ios-9]
    #[arg(long, value_name = "NAME", add = ArgValueCompleter::new(complete::platforms))]
    platform: Option<String>,

    /// How the app stays connected; `holdline list strategies` lists them [default: default]
    #[arg(long, value_name = "NAME", add = ArgValueCompleter::new(complete::strategies))]
    client: Option<String>,

    /// The Wi-Fi or the cellular network; `holdline list networks` lists them [default: wifi-home]
    #[arg(long, value_name = "NAME", add = ArgValueCompleter::new(complete::networks))]
    network: Option<String>,

    /// Ask nothing, even on a terminal
    #[arg(long, short)]
    yes: bool,
}

/// How wide the comments are.
const WIDTH: usize = 88;

/// The template; what stands in braces is filled in.
const STARTER: &str = include_str!("starter.toml");

/// Something that is chosen: what it is called, what is asked, and how an answer is checked.
struct Question {
    asks: &'static str,
    default: &'static str,
    check: fn(&str) -> Result<(), CliError>,
    names: fn() -> Vec<&'static str>,
}

const PLATFORM: Question = Question {
    asks: "Which iOS",
    default: "ios-9",
    check: known_platform,
    names: || PROFILES.names().collect(),
};
const CLIENT: Question = Question {
    asks: "How does the app stay connected",
    default: "default",
    check: |name| known(&STRATEGIES, "strategy", name),
    names: || STRATEGIES.names().collect(),
};
const NETWORK: Question = Question {
    asks: "On what network",
    default: "wifi-home",
    check: |name| known(&net::PRESETS, "network", name),
    names: || net::PRESETS.names().collect(),
};

/// Writes the scenario that `args` asks for, and says to `out` how to go on.
pub(super) fn run(args: &NewArgs, out: &mut dyn Write) -> Result<Exit, CliError> {
    files::must_be_new(&args.file)?;
    let stdin = io::stdin();
    let asks = !args.yes && stdin.is_terminal() && io::stderr().is_terminal();
    let ask = |given: &Option<String>, question: &Question| {
        if let Some(name) = given {
            return (question.check)(name).map(|()| name.clone());
        }
        match asks {
            true => answer(question, &mut stdin.lock(), &mut anstream::stderr()),
            false => Ok(question.default.to_owned()),
        }
    };
    let platform = ask(&args.platform, &PLATFORM)?;
    let client = ask(&args.client, &CLIENT)?;
    let network = ask(&args.network, &NETWORK)?;
    files::write_new(&args.file, &starter(&platform, &client, &network))?;
    let file = args.file.to_string_lossy();
    let word = quoted(&file);
    writeln!(out, "{file} is a scenario. Next:\n  holdline run {word} --timeline")?;
    Ok(Exit::Passed)
}

/// Asks until the answer is a name that there is; nothing is the default.
///
/// # Errors
/// [`CliError::WrongInput`] when there is no answer.
fn answer(
    question: &Question,
    from: &mut impl BufRead,
    to: &mut impl Write,
) -> Result<String, CliError> {
    loop {
        write!(to, "{}? [{}; ? lists them] ", question.asks, question.default)?;
        to.flush()?;
        let mut line = String::new();
        let read = from.read_line(&mut line);
        if read.map_err(|error| CliError::Environment(format!("no answer: {error}")))? == 0 {
            return Err(CliError::WrongInput("no answer; nothing was written".into()));
        }
        let name = match line.trim() {
            "" => question.default,
            name => name,
        };
        if name == "?" {
            writeln!(to, "{}", (question.names)().join(", "))?;
            continue;
        }
        match (question.check)(name) {
            Ok(()) => return Ok(name.to_owned()),
            Err(error) => writeln!(to, "{error}")?,
        }
    }
}

/// The scenario with these presets, which there are.
fn starter(platform: &str, client: &str, network: &str) -> String {
    let profile = covering(platform).map_or(platform, |(profile, _)| profile);
    [
        ("# {platform-about}", comment(&about(&PROFILES, profile))),
        ("# {network-about}", comment(&about(&net::PRESETS, network))),
        ("# {client-about}", comment(&about(&STRATEGIES, client))),
        ("{platform}", platform.to_owned()),
        ("{client}", client.to_owned()),
        ("{network}", network.to_owned()),
    ]
    .iter()
    .fold(STARTER.to_owned(), |text, (hole, value)| text.replace(hole, value))
}

/// A preset's own sentence about itself.
fn about<S: Settings>(shelf: &Shelf<S>, name: &str) -> String {
    shelf.get(name).map_or(String::new(), |layer| layer.about)
}

/// `text` as lines of a comment.
fn comment(text: &str) -> String {
    let mut lines = String::new();
    paragraph(&mut lines, ("", 0), 0, text, WIDTH - 2);
    lines.lines().map(|line| format!("# {}", line.trim())).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::{Options, Verdict, play};
    use crate::scenario::{Presets, decode};

    fn played(platform: &str, client: &str, network: &str) -> Verdict {
        let text = starter(platform, client, network);
        let scenario = decode(&text, &Presets::built_in(), &[])
            .unwrap_or_else(|problems| panic!("{platform} {client} {network}: {problems:?}"));
        play(&scenario, Options::of(&scenario)).verdict
    }

    #[test]
    fn whatever_is_chosen_gives_a_scenario_that_runs() {
        for platform in PROFILES.names().chain(["ios-17"]) {
            played(platform, "default", "wifi-home");
        }
        for client in STRATEGIES.names() {
            played("ios-9", client, "wifi-home");
        }
        for network in net::PRESETS.names() {
            played("ios-9", "default", network);
        }
    }

    #[test]
    fn the_first_run_passes_and_another_network_fails() {
        assert_eq!(played("ios-9", "default", "wifi-home"), Verdict::Pass);
        assert_eq!(played("ios-9", "default", "carrier-270s"), Verdict::Fail);
    }

    #[test]
    fn no_line_is_wider_than_an_editor_and_no_hole_is_left() {
        let text = starter("ios-16", "gcd-async-socket", "wifi-home-5m");
        assert!(text.lines().all(|line| line.chars().count() <= WIDTH), "{text}");
        assert!(!text.contains("{platform") && !text.contains("{client"), "{text}");
    }

    #[test]
    fn a_wrong_answer_is_asked_again_and_none_is_the_default() {
        let mut said = Vec::new();
        let given = answer(&PLATFORM, &mut &b"ios-99x\n?\n\n"[..], &mut said).unwrap();
        assert_eq!(given, "ios-9");
        let said = String::from_utf8(said).unwrap();
        assert_eq!(said.matches("Which iOS? [ios-9").count(), 3, "{said}");
        assert!(said.contains("there is no platform") && said.contains("ios-4, ios-5"), "{said}");
        assert!(answer(&PLATFORM, &mut &b""[..], &mut Vec::new()).is_err());
    }
}
