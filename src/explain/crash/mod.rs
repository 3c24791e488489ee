//! Crash reports as phones write them, and what they mean.
//!
//! Three formats: text (`.crash`, and `.ips` until iOS 14 after a line of JSON), JSON (`.ips` from iOS 15 on:
//! Apple, Interpreting the JSON format of a crash report), and the list of processes of a JetsamEvent.

mod diagnosis;
mod ips;
mod reproduce;
mod text;

pub use diagnosis::{Diagnosis, Finding};
pub use reproduce::Reproduce;

use serde::{Serialize, Serializer};

use crate::port::words;

/// A report that is longer than this is none.
pub const MAX_REPORT_BYTES: usize = 16 << 20;

words! {
    /// What sort of report something is.
    #[derive(Default)]
    pub enum ReportKind {
        /// A process crashed, or was ended.
        #[default]
        Crash = "crash report",
        /// Processes were ended for memory: a JetsamEvent.
        Memory = "memory report",
        /// A process used too much of the processor, or woke it too often.
        Resource = "resource report",
        /// No report at all: lines of the system's log.
        Log = "log",
    }
}

/// Writes a word as it is spelled.
fn spelled<S: Serializer>(word: &impl std::fmt::Display, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(word)
}

/// What a report says, as far as it matters here. What it does not say is empty.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
pub struct Report {
    /// What sort of report it is.
    #[serde(serialize_with = "spelled")]
    pub kind: ReportKind,
    /// The app's name.
    pub app: String,
    /// Its bundle identifier.
    pub bundle_id: String,
    /// Its version.
    pub app_version: String,
    /// The system, with its build: `iPhone OS 15.0 (19A346)`.
    pub os: String,
    /// The device's model.
    pub model: String,
    /// When it happened.
    pub time: String,
    /// The exception's type, with its signal.
    pub exception: String,
    /// The exception's codes, as printed.
    pub exception_codes: Vec<u64>,
    /// Who ended the process: `FRONTBOARD`, `SIGNAL`.
    pub namespace: String,
    /// With which code.
    pub code: Option<u64>,
    /// What is said about it, line by line.
    pub reasons: Vec<String>,
    /// The processes that were ended for memory.
    pub victims: Vec<Victim>,
    /// The number that Apple gives to the sort of report.
    pub bug_type: String,
}

/// A process that was ended for memory.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Victim {
    /// Its name.
    pub name: String,
    /// Why: `per-process-limit`, `vm-pageshortage`.
    pub reason: String,
    /// The memory it held, in bytes; zero when it is not said.
    pub bytes: u64,
    /// Its states: `frontmost`, `suspended`.
    pub states: Vec<String>,
}

impl Report {
    /// Whether no part of the system gave a reason of its own: a signal ended the process.
    pub fn ended_by_signal(&self) -> bool {
        ["", "SIGNAL"].contains(&self.namespace.as_str())
    }

    /// The major version of iOS, if the system is one.
    pub fn ios(&self) -> Option<u32> {
        let after = ["iPhone OS ", "iPadOS ", "iPod OS ", "iOS "]
            .iter()
            .find_map(|name| self.os.split_once(name).map(|(_, rest)| rest))?;
        let digits: String = after.chars().take_while(char::is_ascii_digit).collect();
        digits.parse().ok()
    }
}

/// Why something is no report that can be read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ReportError {
    /// Where: `byte 12`, `line 3, column 7`; empty when it is about the whole.
    pub place: String,
    /// What is wrong.
    pub problem: String,
    /// What to do.
    pub help: &'static str,
}

const HELP: &str = "Give a crash report as a phone writes it: .ips, .crash or a JetsamEvent .ips.";

impl ReportError {
    fn new(place: impl Into<String>, problem: impl Into<String>) -> ReportError {
        ReportError { place: place.into(), problem: problem.into(), help: HELP }
    }
}

impl std::fmt::Display for ReportError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let gap = if self.place.is_empty() { "" } else { ": " };
        write!(f, "{}{gap}{}\n{}", self.place, self.problem, self.help)
    }
}

impl std::error::Error for ReportError {}

/// Reads a report.
///
/// # Errors
/// [`ReportError`] when it is too long, no text in UTF-8, JSON that is broken, or no report.
pub fn read_report(bytes: &[u8]) -> Result<Report, ReportError> {
    if bytes.len() > MAX_REPORT_BYTES {
        let most = MAX_REPORT_BYTES >> 20;
        return Err(ReportError::new("", format!("it is longer than {most} MB: no report is")));
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        ReportError::new(format!("byte {}", error.valid_up_to()), "this is not text in UTF-8")
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.trim().is_empty() {
        return Err(ReportError::new("", "it is empty"));
    }
    if text.trim_start().starts_with('{') { ips::read(text) } else { text::read(text) }
}
