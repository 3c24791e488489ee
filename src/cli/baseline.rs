//! `holdline run --baseline`: stored results of scenarios, one JSON file each, in folders like those of the
//! scenarios.

use std::collections::BTreeSet;
use std::fs;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use super::exit::CliError;
use super::load::Loaded;
use super::{files, sources, trace_files};
use crate::report::paragraph::plain;
use crate::report::stored::{read_stored, write_stored};
use crate::report::{Entry, baseline};
use crate::scenario::World;
use crate::study::baseline::{Stamp, Stored, Tolerances, against, read_tolerances};

/// A stored result is not longer than this.
const MOST_BYTES: u64 = 64 << 20;
/// What is tolerated, in the folder of the stored results.
const TOLERANCES: &str = "tolerances.toml";
/// Folders in folders, at most.
const DEEPEST: usize = 32;

/// Stored results.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Against stored results")]
pub(super) struct BaselineArgs {
    /// Fail where a metric is worse than what is stored in DIR, by more than DIR/tolerances.toml allows
    #[arg(long, value_name = "DIR")]
    baseline: Option<PathBuf>,

    /// Store the results of this run in the DIR of --baseline
    #[arg(long, requires = "baseline")]
    update_baseline: bool,

    /// Take a scenario or seed of which nothing is stored for undetermined
    #[arg(long, requires = "baseline", conflicts_with = "update_baseline")]
    baseline_strict: bool,
}

/// Stored results, all read before anything is played.
pub(super) struct Baseline {
    dir: PathBuf,
    update: bool,
    strict: bool,
    world: World,
    tolerances: Tolerances,
    /// Of each scenario its name below the folder, and what is stored.
    scenarios: Vec<(String, Option<Stored>)>,
    /// Files of scenarios that there are not.
    gone: Vec<String>,
}

impl BaselineArgs {
    /// Reads what is stored of `loaded`. With `all`, these are all scenarios there are, so that other files are
    /// of scenarios that are gone.
    ///
    /// # Errors
    /// [`CliError::WrongInput`] when a file cannot be read, or nothing is stored of any of them.
    pub(super) fn open(
        &self,
        loaded: &[Loaded],
        all: bool,
        world: World,
    ) -> Result<Option<Baseline>, CliError> {
        let Some(dir) = &self.baseline else { return Ok(None) };
        let names = trace_files::names(Path::new(""), loaded);
        let names = names.iter().map(|name| sources::slashed(name));
        let mut scenarios = Vec::new();
        for name in names {
            let stored = stored(dir, &name)?;
            scenarios.push((name, stored));
        }
        if !self.update_baseline && scenarios.iter().all(|(_, stored)| stored.is_none()) {
            return Err(CliError::WrongInput(format!(
                "{}: nothing is stored there of any of these scenarios\n\
                 `--update-baseline` stores their results. Files are named as with `--trace`: give the same \
                 paths as then.",
                dir.display()
            )));
        }
        let known: BTreeSet<String> = scenarios.iter().map(|(name, _)| name.clone()).collect();
        let mut there = Vec::new();
        if dir.is_dir() {
            collect(dir, "", DEEPEST, &mut there)?;
        }
        there.sort();
        let tolerances = tolerances(dir, |name| {
            known.contains(name) || there.iter().any(|there| there == name)
        })?;
        there.retain(|name| all && !known.contains(name));
        let gone = there.into_iter().map(|name| format!("{name}.json")).collect();
        Ok(Some(Baseline {
            dir: dir.clone(),
            update: self.update_baseline,
            strict: self.baseline_strict,
            world,
            tolerances,
            scenarios,
            gone,
        }))
    }
}

impl Baseline {
    /// Puts each entry against what is stored of it; with `details`, in its lines, too. Entries are of the first
    /// scenarios in the order of their list.
    pub(super) fn judge(&self, entries: &mut [Entry], details: bool) {
        for (entry, (name, stored)) in entries.iter_mut().zip(&self.scenarios) {
            let stamp = Stamp::of(&entry.subject.scenario, self.world.as_str());
            let runs = entry.runs.iter().map(|run| &run.outcome);
            let mut found = against(stored.as_ref(), &stamp, runs, &self.tolerances.rules(name));
            (found.strict, found.updated) = (self.strict, self.update);
            if details {
                let lines = baseline::lines(entry, &found);
                entry.detail.push_str(&lines);
            }
            entry.baseline = Some(found);
        }
    }

    /// Stores the results, if that is asked for; answers how many files are another now.
    ///
    /// # Errors
    /// [`CliError::Environment`] when a file cannot be written.
    pub(super) fn store(&self, entries: &[Entry]) -> Result<Option<usize>, CliError> {
        if !self.update {
            return Ok(None);
        }
        let mut written = 0;
        for (entry, (name, stored)) in entries.iter().zip(&self.scenarios) {
            let stamp = Stamp::of(&entry.subject.scenario, self.world.as_str());
            let now = Stored::of(stamp, entry.runs.iter().map(|run| &run.outcome));
            if stored.as_ref() == Some(&now) {
                continue;
            }
            let text = write_stored(&now).map_err(std::io::Error::from)?;
            let path = self.dir.join(format!("{name}.json"));
            files::write(&path, "stored result", |file| file.write_all(text.as_bytes()))?;
            written += 1;
        }
        Ok(Some(written))
    }

    /// Says beside the answer what is stored of no scenario of this run.
    pub(super) fn warn(&self) {
        for name in &self.gone {
            let name = plain(name);
            anstream::eprintln!("note: stored, but in no scenario of this run: {name}");
        }
    }

    /// How all stand, in a line or some.
    pub(super) fn summary(&self, entries: &[Entry], written: Option<usize>) -> String {
        baseline::summary(entries, &self.gone, written)
    }
}

/// What is stored of the scenario of this name, if there is anything.
fn stored(dir: &Path, name: &str) -> Result<Option<Stored>, CliError> {
    let path = dir.join(format!("{name}.json"));
    let Some(bytes) = read(&path)? else { return Ok(None) };
    read_stored(&bytes).map(Some).map_err(|why| {
        CliError::WrongInput(format!(
            "{}: this is no stored result: {why}\n\
             Bring it back as it was, or remove it and store it anew with `--update-baseline`.",
            path.display()
        ))
    })
}

/// What is tolerated; `known` says whether there is such a scenario.
fn tolerances(dir: &Path, known: impl Fn(&str) -> bool) -> Result<Tolerances, CliError> {
    let path = dir.join(TOLERANCES);
    let wrong = |why: String| CliError::WrongInput(format!("{}: {why}", path.display()));
    let Some(bytes) = read(&path)? else { return Ok(Tolerances::default()) };
    let text = String::from_utf8(bytes).map_err(|_| wrong("it is no UTF-8".into()))?;
    let tolerances = read_tolerances(&text).map_err(wrong)?;
    if let Some(name) = tolerances.scenarios().find(|name| !known(name)) {
        return Err(wrong(format!(
            "there is no scenario `{name}`; it is named as its file here, without `.json`"
        )));
    }
    Ok(tolerances)
}

/// The bytes of a file, if it is there.
fn read(path: &Path) -> Result<Option<Vec<u8>>, CliError> {
    let wrong = |why: String| CliError::WrongInput(format!("{}: {why}", path.display()));
    match sources::read(path, MOST_BYTES + 1) {
        Ok(bytes) if bytes.len() as u64 > MOST_BYTES => {
            Err(wrong(format!("it is longer than {} MiB", MOST_BYTES >> 20)))
        }
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            Ok(None)
        }
        Err(error) => Err(wrong(format!("cannot be read: {error}"))),
    }
}

/// The names of all stored results below `dir`, without `.json`.
fn collect(dir: &Path, below: &str, deep: usize, found: &mut Vec<String>) -> Result<(), CliError> {
    let unreadable = |error: std::io::Error| {
        CliError::WrongInput(format!("{}: cannot be read: {error}", dir.display()))
    };
    for entry in fs::read_dir(dir).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let kind = entry.file_type().map_err(unreadable)?;
        if kind.is_dir() && deep > 0 {
            collect(&entry.path(), &format!("{below}{name}/"), deep - 1, found)?;
        } else if let Some(stem) = name.strip_suffix(".json")
            && kind.is_file()
        {
            found.push(format!("{below}{stem}"));
        }
    }
    Ok(())
}
