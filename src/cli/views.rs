//! Files in which a run can be looked at elsewhere: one option each.

use std::io::Write;
use std::path::PathBuf;

use super::exit::CliError;
use super::files;
use crate::report::{Entry, html, junit};

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
}

impl ViewArgs {
    /// Whether a file shows what happened, so that the events of the runs that are shown have to be kept.
    pub(super) fn need_events(&self) -> bool {
        let ViewArgs { junit: _, html } = self;
        html.is_some()
    }

    /// Whether a file shows the details of a failure.
    pub(super) fn need_details(&self) -> bool {
        self.junit.is_some()
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
        Ok(())
    }
}
