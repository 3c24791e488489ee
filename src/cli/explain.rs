//! `holdline explain`: what a name or a crash report means.

use std::io::Write;
use std::path::Path;

use super::exit::{CliError, Exit};
use super::format::Format;
use super::{bundled, sources, terminal};
use crate::explain::{Bundled, Explainer, MAX_REPORT_BYTES};
use crate::report::explanation;

macro_rules! examples {
    () => {
        "\
Examples:
  holdline explain 0xbad22222
  holdline explain wake-limit
  holdline explain keep-alive.minimum-timeout
  holdline explain not-woken
  holdline explain Talk-2013-06-06-234536.crash

A name of a table comes first; write ./NAME for a file that is called like one."
    };
}

/// Explain a kill code, a rule, a key, an event, a preset, a scenario, or a crash report
///
/// Says what it means, which rule it is, on which versions of iOS, who says so and how far that can be
/// trusted, where sources disagree, which bundled scenario shows it, and what to do.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = examples!())]
pub(super) struct ExplainArgs {
    /// A name, in any spelling of a code, or a crash report: .ips, .crash, a JetsamEvent
    #[arg(value_name = "WHAT", required = true)]
    what: Vec<String>,

    /// How to write the answer
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// Explains what `args` names.
pub(super) fn run(args: &ExplainArgs, out: &mut dyn Write) -> Result<Exit, CliError> {
    let what = args.what.join(" ");
    let explainer = explainer()?;
    let width = terminal::drawing_width();
    let (text, json) = match explainer.explain(&what) {
        Ok(topics) => {
            (explanation::topics(&topics, width), serde_json::json!({ "topics": topics }))
        }
        Err(_) if looks_like_a_file(&what) => {
            let bytes = report_at(Path::new(&what))?;
            let wrong = |error| CliError::WrongInput(format!("{what}: {error}"));
            let diagnosis = explainer.diagnose(&bytes).map_err(wrong)?;
            let json = serde_json::json!({ "diagnosis": diagnosis });
            (explanation::diagnosis(&diagnosis, width), json)
        }
        Err(unknown) => {
            let meant = match unknown.near {
                Some(near) => format!("did you mean `{near}`?"),
                None => "`holdline list` lists names of each sort".to_owned(),
            };
            return Err(CliError::WrongInput(format!(
                "nothing is known by the name `{what}`, and there is no such file; {meant}"
            )));
        }
    };
    args.format.write(out, text, json)
}

/// Knows the scenarios in the binary.
pub(super) fn explainer() -> Result<Explainer, CliError> {
    let all = sources::find(&[bundled::PREFIX.to_owned()])?;
    let bundled = all.into_iter().map(|source| Bundled {
        file: source.file.clone(),
        text: source.text.clone(),
        manifest: Box::new(move |path| source.manifest(path)),
    });
    Ok(Explainer::new(bundled.collect()))
}

/// Whether somebody who wrote this means a file: there is one, or it is written like a path.
fn looks_like_a_file(what: &str) -> bool {
    let ends = [".ips", ".crash", ".txt", ".log", ".json", ".synced"];
    Path::new(what).exists()
        || ends.iter().any(|end| what.to_lowercase().ends_with(end))
        || what.starts_with(['.', '/', '~'])
}

/// Reads a report, no further than one may be long.
fn report_at(path: &Path) -> Result<Vec<u8>, CliError> {
    sources::read(path, MAX_REPORT_BYTES as u64 + 1).map_err(|error| {
        CliError::WrongInput(format!(
            "{}: cannot be read: {error}\nGive a name, or a crash report as a phone writes it.",
            path.display()
        ))
    })
}
