//! Readers of a run: sentences, lines, tables, drawings. Nothing here prints; it writes into what it is
//! given, with ANSI colours that the caller strips where they do not belong.

// Nothing here decides what happens in a run, so wall clocks and unordered maps do no harm.
#![allow(clippy::disallowed_types, clippy::disallowed_methods)]

pub mod baseline;
pub mod because;
pub mod cause;
pub mod compare;
pub mod console;
mod counted_json;
pub mod days;
pub mod days_json;
pub mod device_compare;
pub mod diagnostics;
pub mod event_line;
pub mod explanation;
pub mod failure;
pub mod github;
mod history;
pub mod html;
pub mod human;
pub mod json;
pub mod junit;
pub mod matrix;
pub mod matrix_json;
mod matrix_rows;
pub mod paragraph;
pub mod pcap;
pub mod perfetto;
pub mod read_trace;
pub mod sentence;
pub mod stored;
pub mod style;
pub mod timeline;
mod unmet;

use crate::port::Span;
use crate::run::{Difference, Outcome, Sometimes, Verdict, flaky, overall, sometimes};
use crate::scenario::Scenario;
use crate::study::baseline::Against;
use crate::trace::Event;

/// A scenario and what its reader calls it.
#[derive(Clone, Debug)]
pub struct Subject {
    /// The folder it is listed under; empty when it was named by itself.
    pub group: String,
    /// Its short name: the file's without `.toml`.
    pub stem: String,
    /// The file, as a command line names it.
    pub file: String,
    /// The file as it was read.
    pub text: String,
    /// The scenario.
    pub scenario: Scenario,
}

/// One run of a scenario, as it is reported.
#[derive(Clone, Debug)]
pub struct Run {
    /// What came out; without events.
    pub outcome: Outcome,
    /// What the run says in a sentence.
    pub sentence: String,
    /// The command that runs this again.
    pub reproduce: String,
    /// Whether two runs of this seed were the same, if that was asked.
    pub determinism: Option<Determinism>,
}

/// What came of running a seed twice.
#[derive(Copy, Clone, PartialEq, Debug)]
pub enum Determinism {
    /// Every event was the same.
    Same,
    /// Here they differ first.
    Differs(Difference),
}

impl Run {
    /// Whether two runs of the same seed differed.
    pub fn differs(&self) -> bool {
        matches!(self.determinism, Some(Determinism::Differs(_)))
    }
}

/// All runs of one scenario, in the order of their seeds; at least one.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The scenario.
    pub subject: Subject,
    /// Its runs.
    pub runs: Vec<Run>,
    /// What to show under its line: the failure in detail, the timeline. Complete lines.
    pub detail: String,
    /// What happened in the run that is shown, if somebody wants to draw it: see [`Entry::shown`].
    pub events: Option<Vec<Event>>,
    /// How its runs stand against what is stored of them, if that was asked.
    pub baseline: Option<Against>,
}

impl Entry {
    fn outcomes(&self) -> impl Iterator<Item = &Outcome> + Clone {
        self.runs.iter().map(|run| &run.outcome)
    }

    /// What all its runs come to, and how they stand against what is stored of them.
    pub fn verdict(&self) -> Verdict {
        let stored = self.baseline.as_ref().map_or(Verdict::Pass, Against::verdict);
        overall(&self.subject.scenario, self.outcomes()).max(stored)
    }

    /// Whether the verdict depends on the seed.
    pub fn flaky(&self) -> bool {
        flaky(self.outcomes())
    }

    /// What became of the expectations that need to be met only sometimes.
    pub fn sometimes(&self) -> Vec<Sometimes> {
        sometimes(&self.subject.scenario, self.outcomes())
    }

    /// The worst verdict of its runs, each by itself.
    pub fn worst(&self) -> Verdict {
        self.runs.iter().map(|run| run.outcome.verdict).max().unwrap_or(Verdict::Pass)
    }

    /// The run that is shown for all: the first of the worst.
    pub fn shown(&self) -> Option<&Run> {
        let worst = self.worst();
        self.runs.iter().find(|run| run.outcome.verdict == worst)
    }

    /// The seed of the run that is shown.
    pub fn seed(&self) -> u64 {
        self.shown().map_or(self.subject.scenario.seed, |run| run.outcome.seed)
    }

    /// What was simulated: every device over the duration, in every run.
    pub fn simulated(&self) -> Span {
        let scenario = &self.subject.scenario;
        let runs = u64::from(scenario.devices).saturating_mul(self.runs.len() as u64);
        scenario.duration.saturating_mul(runs)
    }
}
