//! Files in which a run can be looked at elsewhere: one option each.

use std::io::Write;
use std::path::{Path, PathBuf};

use super::exit::CliError;
use super::load::Loaded;
use super::{files, trace_files};
use crate::report::{Entry, junit, perfetto};

/// Files to be written.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Looking at it elsewhere")]
pub(super) struct ViewArgs {
    /// Write the result as JUnit XML, for CI systems
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,

    /// Write the run as a trace for the Perfetto UI (ui.perfetto.dev); a
    /// FILE that ends in / is a folder with one a scenario
    #[arg(long, value_name = "FILE")]
    perfetto: Option<PathBuf>,
}

/// The files of the views that have one a scenario, in the order of the scenarios.
pub(super) struct Places {
    perfetto: Vec<PathBuf>,
}

impl ViewArgs {
    /// Whether a file shows what happened, so that the events of the runs that are shown have to be kept.
    pub(super) fn need_events(&self) -> bool {
        let ViewArgs { junit: _, perfetto } = self;
        perfetto.is_some()
    }

    /// Whether a file shows the details of a failure.
    pub(super) fn need_details(&self) -> bool {
        self.junit.is_some()
    }

    /// Where the views of these scenarios go.
    ///
    /// # Errors
    /// [`CliError::WrongInput`] when one file is named for several scenarios.
    pub(super) fn places(&self, loaded: &[Loaded]) -> Result<Places, CliError> {
        let perfetto = self.perfetto.as_ref();
        let perfetto = perfetto
            .map(|path| one_each("--perfetto", path, "perfetto-trace", loaded))
            .transpose()?;
        Ok(Places { perfetto: perfetto.unwrap_or_default() })
    }

    /// Writes them.
    ///
    /// # Errors
    /// [`CliError`] when a file cannot be written, or too much happened for one.
    pub(super) fn write(&self, entries: &[Entry], places: &Places) -> Result<(), CliError> {
        for (entry, path) in entries.iter().zip(&places.perfetto) {
            let trace = perfetto::perfetto(entry, events(entry)?);
            files::write(path, "Perfetto trace", |file| file.write_all(&trace))?;
        }
        if let Some(path) = &self.junit {
            let xml = junit::junit(entries).map_err(std::io::Error::other)?;
            files::write(path, "JUnit file", |file| file.write_all(xml.as_bytes()))?;
        }
        Ok(())
    }
}

/// A file for each scenario: `path` itself for a single one, else one below it.
fn one_each(
    option: &str,
    path: &Path,
    extension: &str,
    loaded: &[Loaded],
) -> Result<Vec<PathBuf>, CliError> {
    if path.is_dir() || path.as_os_str().as_encoded_bytes().ends_with(b"/") {
        let names = trace_files::names(path, loaded).into_iter();
        return Ok(names.map(|name| with_extension(name, extension)).collect());
    }
    match loaded.len() {
        1 => Ok(vec![path.to_owned()]),
        count => Err(CliError::WrongInput(format!(
            "{option} names one file, and there are {count} scenarios\n\
             Choose one of them, or name a folder for a file each: {option} {}/",
            path.display()
        ))),
    }
}

/// The name with an extension behind it, whatever dots it has.
fn with_extension(name: PathBuf, extension: &str) -> PathBuf {
    let mut name = name.into_os_string();
    name.push(".");
    name.push(extension);
    name.into()
}

/// What happened in the run that is shown.
fn events(entry: &Entry) -> Result<&[crate::trace::Event], CliError> {
    entry.events.as_deref().ok_or_else(|| {
        CliError::WrongInput(format!(
            "{}: too much happens for a file of it; shorten `duration`, or take fewer `devices`",
            entry.subject.file
        ))
    })
}
