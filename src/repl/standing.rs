//! How what is expected stands, as of now.

use std::fmt::Write;

use crate::report::paragraph::{paragraph, plain};
use crate::report::style::{FAINT, UNSURE, paint, verdict};
use crate::run::{SoFar, Verdict};
use crate::scenario::Scenario;

/// The column of the text behind the verdict.
const INDENT: usize = 8;

/// What became of one expectation, in one line or a few.
pub(super) fn line(out: &mut String, scenario: &Scenario, found: &SoFar, width: usize) {
    let SoFar { judgement, settled } = found;
    let (word, style) = match judgement.verdict {
        Verdict::Undetermined => ("open", UNSURE),
        Verdict::Pass | Verdict::Fail => verdict(judgement.verdict),
    };
    let expected = scenario.expects.get(judgement.expect);
    let expected = expected.map_or(String::new(), |expect| plain(&expect.text));
    let head = format!("{}{}", paint(style, word), " ".repeat(INDENT.saturating_sub(word.len())));
    paragraph(out, (&head, INDENT.max(word.len())), INDENT, &expected, width);
    let so_far = if *settled { "" } else { "so far: " };
    let mut lines = String::new();
    let text = format!("{so_far}{}", plain(&judgement.found));
    paragraph(&mut lines, (&" ".repeat(INDENT), INDENT), INDENT, &text, width);
    for line in lines.lines() {
        let _ = writeln!(out, "{}{}", " ".repeat(INDENT), paint(FAINT, line.trim_start()));
    }
}

/// Whether any is not met, were the run over now.
pub(super) fn fails(all: &[SoFar]) -> bool {
    all.iter().any(|one| one.judgement.verdict == Verdict::Fail)
}
