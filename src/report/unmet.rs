//! What a scenario fails for: the expectations that were not met, each with the place where it stands, and what is
//! worse than stored.

use super::Entry;
use super::baseline::{Worse, regressions};
use super::diagnostics::file_of;
use crate::run::Verdict;
use crate::scenario::Expect;

/// An expectation that was not met, or of which it is not known.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Unmet<'a> {
    /// Fail or undetermined.
    pub(super) verdict: Verdict,
    /// What was expected.
    pub(super) text: &'a str,
    /// What was found.
    pub(super) found: String,
    /// The file it stands in, as a command line names it.
    pub(super) file: String,
    /// Line and column, from 1 on.
    pub(super) at: (usize, usize),
}

/// The file in which an expectation stands, as a command line names it.
pub(super) fn file(entry: &Entry, expect: &Expect) -> String {
    file_of(expect.location.file.as_deref(), &entry.subject.file)
}

/// What was not met: in the run that is shown, and, where it needs to be met only sometimes, in all of them.
pub(super) fn unmet(entry: &Entry) -> Vec<Unmet<'_>> {
    let expects = &entry.subject.scenario.expects;
    let one = |place: usize, verdict: Verdict, found: String| {
        let expect = expects.get(place)?;
        let at = (expect.location.line, expect.location.column);
        let met = verdict == Verdict::Pass;
        let unmet = Unmet { verdict, text: &expect.text, found, file: file(entry, expect), at };
        (!met).then_some(unmet)
    };
    let judgements = entry.shown().into_iter().flat_map(|run| &run.outcome.judgements);
    let always = judgements
        .filter(|judgement| expects.get(judgement.expect).is_some_and(|expect| !expect.sometimes));
    let always = always.filter_map(|j| one(j.expect, j.verdict, j.found.clone()));
    let runs = entry.runs.len();
    let seldom = entry.sometimes().into_iter().filter_map(|found| {
        let text = super::failure::how_often(found, runs);
        one(found.expect, found.verdict, text)
    });
    always.chain(seldom).collect()
}

/// What fails because it is worse than stored. No line of the scenario says it, so it stands at the first.
pub(super) fn worse(entry: &Entry) -> Vec<Worse> {
    match &entry.baseline {
        Some(against) if !against.updated => regressions(entry, against),
        Some(_) | None => Vec::new(),
    }
}
