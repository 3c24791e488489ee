//! `holdline explain`: what a name or a crash report means.

use std::io::{Read, Write};
use std::path::Path;

use clap_complete::ArgValueCompleter;

use super::exit::{CliError, Exit};
use super::format::Format;
use super::{bundled, complete, list, sources, terminal};
use crate::explain::{Bundled, Diagnosis, Explainer, MAX_REPORT_BYTES};
use crate::report::explanation;
use crate::report::paragraph::plain;

/// What stands for standard input.
const STDIN: &str = "-";

macro_rules! examples {
    () => {
        "\
Examples:
  holdline explain 0xbad22222
  holdline explain wake-limit
  holdline explain keep-alive.minimum-timeout
  holdline explain not-woken
  holdline explain connection-dead nat
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
    /// A name, in any spelling of a code, or crash reports: .ips, .crash, a JetsamEvent; - is standard input
    #[arg(value_name = "WHAT", required = true,
        add = ArgValueCompleter::new(complete::explained))]
    what: Vec<String>,

    /// How to write the answer
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// Explains what `args` names.
pub(super) fn run(args: &ExplainArgs, out: &mut dyn Write) -> Result<Exit, CliError> {
    let what = args.what.join(" ");
    let several = args.what.len() > 1 && !Path::new(&what).exists();
    if several && args.what.iter().all(|one| looks_like_a_file(one)) {
        return reports(args, out);
    }
    let explainer = explainer()?;
    let width = terminal::drawing_width();
    let (text, json) = match explainer.explain(&what) {
        Ok(topics) => {
            (explanation::topics(&topics, width), serde_json::json!({ "topics": topics }))
        }
        Err(_) if looks_like_a_file(&what) => {
            let diagnosis = diagnosis_of(&explainer, &what)?;
            let json = serde_json::json!({ "diagnosis": diagnosis });
            (explanation::diagnosis(&diagnosis, width), json)
        }
        Err(unknown) => {
            let meant = match (unknown.near, unknown.code) {
                (Some(near), _) => format!("did you mean `{near}`?"),
                (None, true) => {
                    "a crash report that names it may say more: give its file".to_owned()
                }
                (None, false) => {
                    format!(
                        "`holdline list SORT` lists names: SORT is {}",
                        list::sorts().join(", ")
                    )
                }
            };
            return Err(CliError::WrongInput(match unknown.code {
                true => format!("the code `{what}` is not known here; {meant}"),
                false => format!(
                    "nothing is known by the name `{what}`, and there is no such file; {meant}"
                ),
            }));
        }
    };
    args.format.write(out, text, json)
}

/// Explains several reports, each under the name of its file.
fn reports(args: &ExplainArgs, out: &mut dyn Write) -> Result<Exit, CliError> {
    let explainer = explainer()?;
    let width = terminal::drawing_width();
    let (mut texts, mut all) = (Vec::new(), Vec::new());
    for file in &args.what {
        let diagnosis = diagnosis_of(&explainer, file)?;
        texts.push(format!("{}:\n{}", plain(file), explanation::diagnosis(&diagnosis, width)));
        all.push(serde_json::json!({ "file": file, "diagnosis": diagnosis }));
    }
    args.format.write(out, texts.join("\n"), serde_json::json!({ "reports": all }))
}

/// Reads the report in `file`, `-` for standard input, and says what it means.
fn diagnosis_of(explainer: &Explainer, file: &str) -> Result<Diagnosis, CliError> {
    let bytes = report_at(file)?;
    let wrong = |error| CliError::WrongInput(format!("{file}: {error}"));
    explainer.diagnose(&bytes).map_err(wrong)
}

/// Knows the scenarios in the binary.
pub(super) fn explainer() -> Result<Explainer, CliError> {
    let all = sources::find(&[bundled::PREFIX.to_owned()])?;
    let bundled = all.into_iter().map(|source| Bundled {
        file: source.file.clone(),
        text: source.text.clone(),
        files: Box::new(move |path| source.read(path)),
    });
    Ok(Explainer::new(bundled.collect()))
}

/// Whether somebody who wrote this means a file: there is one, or it is written like a path.
fn looks_like_a_file(what: &str) -> bool {
    let ends = [".ips", ".crash", ".txt", ".log", ".json", ".synced"];
    Path::new(what).exists()
        || ends.iter().any(|end| what.to_lowercase().ends_with(end))
        || what.starts_with(['.', '/', '~'])
        || what == STDIN
}

/// Reads a report, no further than one may be long.
fn report_at(file: &str) -> Result<Vec<u8>, CliError> {
    let most = MAX_REPORT_BYTES as u64 + 1;
    let read = match file {
        STDIN => {
            let mut bytes = Vec::new();
            std::io::stdin().take(most).read_to_end(&mut bytes).map(|_| bytes)
        }
        _ => sources::read(Path::new(file), most),
    };
    read.map_err(|error| {
        CliError::WrongInput(format!(
            "{file}: cannot be read: {error}\nGive a name, or a crash report as a phone writes it."
        ))
    })
}
