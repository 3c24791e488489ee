//! Texts to scenarios, or all that is wrong with them.

use super::exit::CliError;
use super::sources::Source;
use crate::report::Subject;
use crate::report::diagnostics::{draw, on_command_line};
use crate::scenario::{Override, Presets, Scenario, decode_all};

/// A scenario and the path its trace is written to, without extension.
pub(super) struct Loaded {
    /// The scenario.
    pub(super) subject: Subject,
    /// Its path below the folder that was given.
    pub(super) below: std::path::PathBuf,
}

/// Reads all `sources` that `filter` selects by path or name, in capitals or not.
///
/// # Errors
/// [`CliError::Mistakes`] with every mistake of every file, [`CliError::WrongInput`] when nothing is
/// selected.
pub(super) fn load(
    sources: Vec<Source>,
    overrides: &[Override],
    filter: Option<&str>,
    width: usize,
) -> Result<Vec<Loaded>, CliError> {
    let filter = filter.map(|text| (text, text.to_lowercase()));
    let mut loaded = Vec::new();
    let (mut drawn, mut mistakes, mut files) = (String::new(), 0, 0);
    let mut options: Vec<String> = Vec::new();
    for source in sources {
        let holds = |name: &str, text: &str| name.to_lowercase().contains(text);
        let wanted = |name: &str| {
            filter.as_ref().is_none_or(|(_, text)| holds(&source.file, text) || holds(name, text))
        };
        let library = Presets { files: |path: &str| source.read(path) };
        let read = match &source.unreadable {
            Some(problem) => Err(vec![problem.clone()]),
            None => decode_all(&source.text, &library, overrides),
        };
        match read {
            Ok(scenarios) => {
                for scenario in scenarios {
                    if wanted(&scenario.name) {
                        loaded.push(one(&source, scenario));
                    }
                }
            }
            Err(problems) => {
                if !wanted(name_line(&source.text)) {
                    continue;
                }
                files += usize::from(!problems.iter().all(on_command_line));
                for problem in problems {
                    // A mistake in an option would be told again for every file.
                    if on_command_line(&problem) {
                        if options.contains(&problem.message) {
                            continue;
                        }
                        options.push(problem.message.clone());
                    }
                    mistakes += 1;
                    drawn.push_str(&draw(&problem, &source.file, &source.text, width));
                }
            }
        }
    }
    match (mistakes, loaded.is_empty(), filter) {
        (0, false, _) => Ok(loaded),
        (0, true, Some((filter, _))) => Err(CliError::WrongInput(format!(
            "no scenario has `{filter}` in its path or name\n`holdline run --list` lists them."
        ))),
        (0, true, None) => Err(CliError::WrongInput("there are no scenarios".into())),
        (1.., _, _) => Err(CliError::Mistakes { drawn, mistakes, files }),
    }
}

/// One of the scenarios of a file, called by what is its own among them.
fn one(source: &Source, scenario: Scenario) -> Loaded {
    let Source { group, stem, file, below, text, .. } = source;
    let (group, file, text) = (group.clone(), file.clone(), text.clone());
    if scenario.variant.is_empty() {
        let (stem, below) = (stem.clone(), below.clone());
        return Loaded { subject: Subject { group, stem, file, text, scenario }, below };
    }
    let values: Vec<&str> = scenario.variant.iter().map(|(_, value)| value.as_str()).collect();
    let stem = format!("{stem} [{}]", values.join(", "));
    // As a file's name: what is not plain becomes a hyphen.
    let plain = |c: char| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '-' };
    let words: String = values.join("-").chars().map(plain).collect();
    let below = std::path::PathBuf::from(format!("{}.{words}", below.display()));
    Loaded { subject: Subject { group, stem, file, text, scenario }, below }
}

/// The line that names a scenario that cannot be read.
fn name_line(text: &str) -> &str {
    text.lines().find(|line| line.trim_start().starts_with("name")).unwrap_or_default()
}
