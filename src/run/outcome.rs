//! What came out of a run.

use super::judge::{Judgement, Verdict, judge_metric};
use crate::metrics::{Metric, Totals, Value};
use crate::port::Span;
use crate::scenario::{Expectation, Scenario};
use crate::trace::Event;

/// Something a run shows besides its expectations, and that its reader should know.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Note {
    /// A keep-alive handler took longer than the stricter of the two figures for its budget.
    HandlerOverStrictBudget {
        /// How long the longest took.
        took: Span,
        /// The stricter figure.
        strict: Span,
    },
    /// A debugger is attached: what passes proves nothing about the road.
    Debugger,
    /// This iOS looks at the SDK an app is linked with, and the scenario does not say which it is.
    SdkUnknown {
        /// The first SDK that is treated otherwise.
        gate: u32,
    },
}

impl std::fmt::Display for Note {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Note::HandlerOverStrictBudget { took, strict } => write!(
                f,
                "a keep-alive handler needed {took}: more than the {strict} of Apple's reference page, \
                 after which the app is suspended"
            ),
            Note::Debugger => f.write_str(
                "a debugger is attached: nothing suspends the app and no watchdog ends it, as long \
                 as its first process lives",
            ),
            Note::SdkUnknown { gate } => {
                write!(f, "no SDK given: taken as older than {gate}; give `sdk` in [app]")
            }
        }
    }
}

/// What came out of a run.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The seed it ran under.
    pub seed: u64,
    /// The worst of its judgements, without those that need to be met only sometimes; pass when nothing was
    /// expected.
    pub verdict: Verdict,
    /// What became of each expectation, in the scenario's order: of several devices, the worst.
    pub judgements: Vec<Judgement>,
    /// What was measured.
    pub totals: Totals,
    /// What else its reader should know.
    pub notes: Vec<Note>,
    /// Why a run over real sockets does not show everything, if it does not.
    pub blurred: Option<&'static str>,
    /// Every event in order, if they were to be kept.
    pub events: Option<Vec<Event>>,
}

impl Outcome {
    pub(super) fn of_part(totals: Totals, judgements: Vec<Judgement>) -> Outcome {
        let (verdict, notes, events) = (Verdict::Pass, Vec::new(), None);
        Outcome { seed: 0, verdict, judgements, totals, notes, blurred: None, events }
    }

    /// Adds what came out for other devices of the same run.
    pub(super) fn merge(&mut self, other: Outcome) {
        self.totals.merge(&other.totals);
        self.blurred = self.blurred.or(other.blurred);
        self.judgements.extend(other.judgements);
        if let (Some(mine), Some(theirs)) = (&mut self.events, other.events) {
            // What the shared server did is in every part; the first one's stands for all.
            mine.extend(theirs.into_iter().filter(|event| event.owner != 0));
        }
    }

    /// All devices have been played: judges what concerns them all.
    pub(crate) fn conclude(&mut self, scenario: &Scenario, seed: u64) {
        self.seed = seed;
        for (expect, entry) in scenario.expects.iter().enumerate() {
            if let Expectation::Metric { metric, min, max } = entry.that {
                let judged = judge_metric(expect, &self.totals, metric, min, max);
                self.judgements.push(match self.blurred {
                    Some(why) => judged.blurred(why),
                    None => judged,
                });
            }
        }
        // One judgement an expectation: the worst, of the first device that has it.
        self.judgements.sort_by(|a, b| a.expect.cmp(&b.expect).then(b.verdict.cmp(&a.verdict)));
        self.judgements.dedup_by_key(|judgement| judgement.expect);
        self.weigh(scenario);

        let strict = scenario.platform.values.keep_alive_handler_budget_strict;
        if let Some(Value::Duration(took)) = self.totals.value(Metric::KeepAliveHandlerMax)
            && took > strict
        {
            self.notes.push(Note::HandlerOverStrictBudget { took, strict });
        }
        if scenario.manifest.debugger {
            self.notes.push(Note::Debugger);
        }
        if let (Some(gate), None) =
            (scenario.platform.values.legacy_sdk_gate, scenario.manifest.sdk)
            && scenario.manifest.has_mode("voip")
        {
            self.notes.push(Note::SdkUnknown { gate });
        }
    }

    /// The verdict of the whole run, from those of its expectations.
    pub(crate) fn weigh(&mut self, scenario: &Scenario) {
        let always = |judgement: &&Judgement| {
            scenario.expects.get(judgement.expect).is_none_or(|expect| !expect.sometimes)
        };
        let worst = self.judgements.iter().filter(always).map(|judgement| judgement.verdict).max();
        self.verdict = worst.unwrap_or(Verdict::Pass);
    }
}
