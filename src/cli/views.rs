//! Files in which a run can be looked at elsewhere: one option each.

use std::io::Write;
use std::path::{Path, PathBuf};

use super::exit::CliError;
use super::{files, trace_files};
use crate::report::{Entry, html, human, junit, perfetto};

/// Files to be written.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Looking at it elsewhere")]
pub(super) struct ViewArgs {
    /// Write the result as JUnit XML, for CI systems
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,

    /// Write a page with lanes to zoom into; it needs no network
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,

    /// Write the run as a trace for the Perfetto UI; of several scenarios one file each, into the folder
    /// FILE/
    #[arg(long, value_name = "FILE")]
    perfetto: Option<PathBuf>,
}

impl ViewArgs {
    /// Whether a file shows what happened, so that the events of the runs that are shown have to be kept.
    pub(super) fn need_events(&self) -> bool {
        let ViewArgs { junit: _, html, perfetto } = self;
        html.is_some() || perfetto.is_some()
    }

    /// Whether a file shows the details of a failure.
    pub(super) fn need_details(&self) -> bool {
        self.junit.is_some()
    }

    /// Whether the files can be had of so many scenarios, before any is played.
    ///
    /// # Errors
    /// [`CliError::WrongInput`] when several would be written to one.
    pub(super) fn check(&self, scenarios: usize) -> Result<(), CliError> {
        match &self.perfetto {
            Some(path) => check_each("--perfetto", path, scenarios),
            None => Ok(()),
        }
    }

    /// Writes them.
    ///
    /// # Errors
    /// [`CliError::Environment`] when a file cannot be written.
    pub(super) fn write(&self, entries: &[Entry]) -> Result<(), CliError> {
        if let Some(path) = &self.junit {
            let xml = junit::junit(entries).map_err(std::io::Error::other)?;
            files::write(path, "JUnit file", |file| file.write_all(xml.as_bytes()))?;
        }
        if let Some(path) = &self.html {
            let page = html::html(entries).map_err(std::io::Error::from)?;
            files::write(path, "HTML page", |file| file.write_all(page.as_bytes()))?;
        }
        if let Some(path) = &self.perfetto {
            for (target, entry) in each(path, entries, "perfetto-trace").iter().zip(entries) {
                match perfetto::perfetto(entry) {
                    Some(bytes) => {
                        files::write(target, "Perfetto trace", |file| file.write_all(&bytes))?;
                    }
                    None => not_drawn(entry, "Perfetto trace"),
                }
            }
        }
        Ok(())
    }
}

/// Whether an option that writes a file a scenario names a folder for them.
fn is_folder(path: &Path) -> bool {
    path.is_dir() || path.as_os_str().to_string_lossy().ends_with(std::path::is_separator)
}

/// Whether an option that writes one file a scenario can do so for so many: to a file for one, into a folder for
/// several, which ends in `/` or exists.
fn check_each(option: &str, path: &Path, scenarios: usize) -> Result<(), CliError> {
    let shown = path.display();
    let without = path.components().as_path();
    if is_folder(path) && without.exists() && !without.is_dir() {
        return Err(CliError::WrongInput(format!(
            "{option} {shown}: this is a file, and a folder is asked for\n\
             Leave out the `/` at the end, or name another folder."
        )));
    }
    if scenarios > 1 && !is_folder(path) {
        let count = human::plural(scenarios as u64, "scenario");
        return Err(CliError::WrongInput(format!(
            "{option} {shown}: {count} would be written to one file\n\
             With `{option} {shown}/` each gets a file of its own in that folder; or choose one with --filter."
        )));
    }
    Ok(())
}

/// The file of each entry for an option that writes one a scenario.
fn each(path: &Path, entries: &[Entry], extension: &str) -> Vec<PathBuf> {
    if !is_folder(path) {
        return entries.iter().map(|_| path.to_owned()).collect();
    }
    let with_extension = |name: PathBuf| {
        let mut name = name.into_os_string();
        name.push(format!(".{extension}"));
        name.into()
    };
    let names = trace_files::names(path, entries.iter().map(|entry| &entry.subject));
    names.into_iter().map(with_extension).collect()
}

/// Says on stderr that the file of `entry` is missing.
fn not_drawn(entry: &Entry, noun: &str) {
    let file = crate::report::paragraph::plain(&entry.subject.file);
    eprintln!("no {noun} of {file}: too much happens in it; shorten `duration`");
}
