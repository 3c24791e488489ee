//! Files in which a run can be looked at elsewhere: one option each.

use std::io::Write;
use std::path::{Path, PathBuf};

use super::exit::CliError;
use super::load::Loaded;
use super::{files, trace_files};
use crate::report::{Entry, html, junit, pcap, perfetto};

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

    /// Write the run as a trace for the Perfetto UI (ui.perfetto.dev); a FILE that ends in / is a folder with
    /// one a scenario
    #[arg(long, value_name = "FILE")]
    perfetto: Option<PathBuf>,

    /// Write what went over the wire as a packet capture, for Wireshark; a FILE that ends in / is a folder
    /// with one a scenario
    #[arg(long, value_name = "FILE")]
    pcap: Option<PathBuf>,
}

/// The files of the views that have one a scenario, in the order of the scenarios.
pub(super) struct Places {
    perfetto: Vec<PathBuf>,
    pcap: Vec<PathBuf>,
}

impl ViewArgs {
    /// Whether a file shows what happened, so that the events of the runs that are shown have to be kept.
    pub(super) fn need_events(&self) -> bool {
        let ViewArgs { junit: _, html, perfetto, pcap } = self;
        html.is_some() || perfetto.is_some() || pcap.is_some()
    }

    /// Whether a file shows the details of a failure.
    pub(super) fn need_details(&self) -> bool {
        self.junit.is_some()
    }

    /// Where the views of these scenarios go; `live` says that they are played over real sockets.
    ///
    /// # Errors
    /// [`CliError::WrongInput`] when one file is named for several scenarios, or none can be made of them.
    pub(super) fn places(&self, loaded: &[Loaded], live: bool) -> Result<Places, CliError> {
        if live && self.pcap.is_some() {
            return Err(CliError::WrongInput(
                "--pcap goes with --world sim\n\
                 What goes over real sockets can be captured there, for example by tcpdump."
                    .into(),
            ));
        }
        self.spare_others()?;
        let each = |option, path: &Option<PathBuf>, extension| match path {
            Some(path) => one_each(option, path, extension, loaded),
            None => Ok(Vec::new()),
        };
        Ok(Places {
            perfetto: each("--perfetto", &self.perfetto, "perfetto-trace")?,
            pcap: each("--pcap", &self.pcap, "pcapng")?,
        })
    }

    /// Whether no file is named for two views, nor one that holds a scenario: a name that was forgotten makes the
    /// next argument one.
    fn spare_others(&self) -> Result<(), CliError> {
        let ViewArgs { junit, html, perfetto, pcap } = self;
        let options =
            [("--junit", junit), ("--html", html), ("--perfetto", perfetto), ("--pcap", pcap)];
        let named = options.into_iter().filter_map(|(option, path)| Some((option, path.as_ref()?)));
        let named: Vec<(&str, &PathBuf)> = named.collect();
        for (place, (option, path)) in named.iter().enumerate() {
            let shown = path.display();
            if path.extension().is_some_and(|extension| extension == "toml") {
                return Err(CliError::WrongInput(format!(
                    "{option} {shown}: a scenario has such a name, and would be written over\n\
                     Name the file to write: {option} FILE."
                )));
            }
            let folder = path.is_dir() || is_folder(path);
            let twin = named[..place].iter().find(|(_, other)| other == path && !folder);
            if let Some((other, _)) = twin {
                return Err(CliError::WrongInput(format!(
                    "{other} and {option} name the same file, {shown}\nGive each a file of its own."
                )));
            }
        }
        Ok(())
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
        for (entry, path) in entries.iter().zip(&places.pcap) {
            let (scenario, seed) = (&entry.subject.scenario, entry.seed());
            let events = events(entry)?;
            files::write(path, "capture", |file| pcap::pcap(scenario, seed, events, file))?;
        }
        if let Some(path) = &self.html {
            let page = html::html(entries).map_err(std::io::Error::from)?;
            files::write(path, "HTML page", |file| file.write_all(page.as_bytes()))?;
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
    if path.is_dir() || is_folder(path) {
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

/// Whether a path names a folder, there or not.
fn is_folder(path: &Path) -> bool {
    path.as_os_str().as_encoded_bytes().ends_with(b"/")
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
