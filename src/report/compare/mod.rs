//! Two runs under one another, for people and for programs.

pub(in crate::report) mod json;
mod party;
mod text;
pub(in crate::report) mod words;

use super::history::limit;
use crate::port::Span;
use crate::run::{Outcome, Verdict};
use crate::scenario::Scenario;
use crate::study::compare::{
    Code, Difference, How, SettingDifference, Side, code, compare, settings,
};
use crate::trace::{Event, Header, Names};

pub use json::json;
pub use party::{played, traced};
pub use text::text;

/// One of the two runs, with what is shown of it.
#[derive(Clone, Debug)]
pub struct Party {
    /// The file, as the command line names it.
    pub file: String,
    /// What it is.
    pub what: Kind,
    /// What is compared.
    pub side: Side,
    /// Its events as far as this version has them: what is drawn.
    pub events: Vec<Event>,
    /// The names of its pushes.
    pub names: Names,
    /// How long it lasted; of a trace, until its last event.
    pub lasted: Span,
}

/// Where a run comes from.
#[derive(Clone, Debug)]
pub enum Kind {
    /// It was played just now.
    Played(Box<Played>),
    /// It was read from a trace.
    Trace(Header),
}

/// A run that was played just now.
#[derive(Clone, Debug)]
pub struct Played {
    /// What was played.
    pub scenario: Scenario,
    /// What came out; without events.
    pub outcome: Outcome,
    /// What the run says in a sentence.
    pub sentence: String,
}

impl Party {
    /// The run, if it was played just now.
    fn played(&self) -> Option<&Played> {
        match &self.what {
            Kind::Played(played) => Some(played),
            Kind::Trace(_) => None,
        }
    }

    /// How many wakes its platform allows in which time; a trace does not say.
    fn wake_limit(&self) -> Option<(u32, Span)> {
        limit(&self.played()?.scenario.platform.values)
    }

    fn verdict(&self) -> Option<Verdict> {
        self.played().map(|played| played.outcome.verdict)
    }

    fn seed(&self) -> u64 {
        match &self.what {
            Kind::Played(played) => played.outcome.seed,
            Kind::Trace(header) => header.seed,
        }
    }
}

/// Two runs, and everything in which they differ.
#[derive(Clone, Debug)]
pub struct Compared {
    /// The runs.
    pub parties: [Party; 2],
    /// How they were compared.
    pub how: How,
    /// The keys in which their scenarios differ, if both are known.
    pub settings: Vec<SettingDifference>,
    /// The published code that these keys are.
    pub code: Vec<Code>,
    /// What came out otherwise.
    pub differences: Vec<Difference>,
}

impl Compared {
    /// Compares two runs.
    pub fn of(parties: [Party; 2], how: How) -> Compared {
        let differences = compare(&parties[0].side, &parties[1].side, how);
        let (settings, code) = match [parties[0].played(), parties[1].played()] {
            [Some(a), Some(b)] => {
                (settings(&a.scenario, &b.scenario), code(&a.scenario, &b.scenario))
            }
            [_, _] => (Vec::new(), Vec::new()),
        };
        Compared { parties, how, settings, code, differences }
    }
}
