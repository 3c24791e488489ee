//! `holdline validate`: what is wrong with scenarios, and what was probably not meant. Nothing is run.

use std::io::Write;

use clap_complete::ArgValueCompleter;
use serde_json::json;

use super::exit::{CliError, Exit};
use super::format::Format;
use super::sources::{self, Source};
use super::{complete, overrides, terminal};
use crate::report::diagnostics::{draw, on_command_line, place, position};
use crate::report::human::plural;
use crate::report::style::{BAD, GOOD, UNSURE, paint};
use crate::scenario::{Diagnostic, Override, Presets, decode_linted};

macro_rules! examples {
    () => {
        "\
Examples:
  holdline validate scenarios
  holdline validate talk.toml --strict
  holdline validate --format json | jq '.problems[] | {file, line, message}'

A scenario silences lints by `allow` at its top: allow = [\"clock-stops\"].

Exit codes:
  0  no mistakes
  1  there are lints, and --strict was given
  2  there are mistakes
  3  holdline or its environment failed"
    };
}

/// Say what is wrong with scenarios, and what was probably not meant; run nothing
///
/// PATHS are scenario files or folders of them, as for `run`. Fragments are looked at where they are included.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = examples!())]
pub(super) struct ValidateArgs {
    /// Scenario files, or folders that are searched for *.toml
    #[arg(value_name = "PATHS", add = ArgValueCompleter::new(complete::scenarios))]
    paths: Vec<String>,

    /// Set a key in every scenario before it is looked at; can be given again
    #[arg(long, value_name = "KEY=VALUE", value_parser = overrides::parse,
        add = ArgValueCompleter::new(complete::set))]
    set: Vec<Override>,

    /// Exit with 1 when there are lints
    #[arg(long)]
    strict: bool,

    /// How to write the answer
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// What was found in one file.
struct Looked {
    source: Source,
    /// How many scenarios it is; none when it has mistakes.
    scenarios: usize,
    problems: Vec<Diagnostic>,
}

impl Looked {
    fn at(source: Source, set: &[Override]) -> Looked {
        let library = Presets { files: |path: &str| source.read(path) };
        let read = match &source.unreadable {
            Some(problem) => Err(vec![problem.clone()]),
            None => decode_linted(&source.text, &library, set),
        };
        let (scenarios, problems) = match read {
            Ok((scenarios, lints)) => (scenarios.len(), lints),
            Err(mistakes) => (0, mistakes),
        };
        Looked { source, scenarios, problems }
    }
}

/// Looks at what `args` names and writes what is wrong to `out`.
pub(super) fn run(args: &ValidateArgs, out: &mut dyn Write) -> Result<Exit, CliError> {
    let sources = sources::find(&args.paths)?;
    let all: Vec<Looked> =
        sources.into_iter().map(|source| Looked::at(source, &args.set)).collect();
    let problems = || all.iter().flat_map(|one| &one.problems);
    let lints = problems().filter(|problem| problem.lint.is_some()).count();
    let mistakes = problems().count() - lints;
    let scenarios: usize = all.iter().map(|one| one.scenarios).sum();
    let summary = json!({
        "files": all.len(), "scenarios": scenarios, "mistakes": mistakes, "lints": lints,
    });
    let json = json!({
        "problems": all.iter().flat_map(Looked::json).collect::<Vec<_>>(), "summary": summary,
    });
    args.format.write(out, text(&all, mistakes, lints), json)?;
    Ok(match (mistakes, lints) {
        (1.., _) => Exit::WrongInput,
        (0, 1..) if args.strict => Exit::Failed,
        (0, _) => Exit::Passed,
    })
}

fn text(all: &[Looked], mistakes: usize, lints: usize) -> String {
    let width = terminal::text_width();
    let mut out = String::new();
    let mut options: Vec<&str> = Vec::new();
    for one in all {
        for problem in &one.problems {
            // A mistake in an option would be told again for every file.
            if on_command_line(problem) {
                if options.contains(&problem.message.as_str()) {
                    continue;
                }
                options.push(&problem.message);
            }
            out.push_str(&draw(problem, &one.source.file, &one.source.text, width));
        }
    }
    let count = |n: usize, noun: &str, style| match n {
        0 => format!("no {noun}s"),
        n => paint(style, &plural(n as u64, noun)),
    };
    let scenarios: usize = all.iter().map(|one| one.scenarios).sum();
    let style = if mistakes + lints == 0 { GOOD } else { anstyle::Style::new() };
    out.push_str(&format!(
        "{} in {}: {}, {}\n",
        plural(scenarios as u64, "scenario"),
        plural(all.len() as u64, "file"),
        paint(style, &count(mistakes, "mistake", BAD)),
        count(lints, "lint", UNSURE),
    ));
    out
}

impl Looked {
    fn json(&self) -> Vec<serde_json::Value> {
        let one = |problem: &Diagnostic| {
            let text = problem.file.as_ref().map_or(&self.source.text, |file| &file.text);
            let (line, column) = position(text, problem.span.start);
            let (end_line, end_column) = position(text, problem.span.end);
            json!({
                "file": place(problem, &self.source.file),
                "scenario": self.source.file,
                "line": line, "column": column, "end_line": end_line, "end_column": end_column,
                "severity": if problem.lint.is_some() { "warning" } else { "error" },
                "lint": problem.lint.map(|lint| lint.as_str()),
                "message": problem.message, "label": problem.label, "note": problem.note,
                "help": problem.help, "see": format!("docs/scenarios.md#{}", problem.see),
            })
        };
        self.problems.iter().map(one).collect()
    }
}
