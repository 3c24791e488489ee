//! One JSON Lines file a run.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};

use super::exit::CliError;
use super::files;
use super::load::Loaded;
use crate::run::header;
use crate::scenario::Scenario;
use crate::trace::{Event, write_event, write_header};

/// Where the trace of each scenario goes, without extension: folders as in the sources, no two alike.
pub(super) fn names(dir: &Path, loaded: &[Loaded]) -> Vec<PathBuf> {
    let mut taken = BTreeSet::new();
    let mut name = |below: &Path| {
        let mut name = dir.join(below);
        let mut n = 2;
        while !taken.insert(name.clone()) {
            name = dir.join(format!("{}-{n}", below.display()));
            n += 1;
        }
        name
    };
    loaded.iter().map(|one| name(&one.below)).collect()
}

/// The file of one run; the seed is part of its name when there are several.
pub(super) fn file(name: &Path, seed: u64, several: bool) -> PathBuf {
    let mut name = name.as_os_str().to_owned();
    if several {
        name.push(format!(".seed-{seed}"));
    }
    name.push(".jsonl");
    name.into()
}

/// Writes the trace of one run to `path`, making its folder.
///
/// # Errors
/// [`CliError::Environment`] when that fails; nothing half-written is left.
pub(super) fn write(
    path: &Path,
    scenario: &Scenario,
    seed: u64,
    events: &[Event],
) -> Result<(), CliError> {
    files::write(path, "trace", |file| {
        let mut line = String::new();
        write_header(&mut line, &header(scenario, seed));
        for event in events {
            write_event(&mut line, event, &scenario.names);
            file.write_all(line.as_bytes())?;
            line.clear();
        }
        file.write_all(line.as_bytes())
    })
}
