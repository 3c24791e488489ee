//! The result of `holdline run` for people: a line a scenario, then what it all came to.

use std::fmt::Write;

use super::human;
use super::paragraph::paragraph;
use super::style::{self, BAD, FAINT, HEADING, UNSURE, paint};
use super::{Determinism, Entry, Run};
use crate::port::Span;
use crate::run::Verdict;

/// Names longer than this do not push the sentences of all others to the right.
const LONGEST_NAME: usize = 40;

/// What was done altogether.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Summary {
    /// The number of scenarios.
    pub scenarios: u64,
    /// The number of runs.
    pub runs: u64,
    /// Scenarios all of whose runs passed.
    pub passed: u64,
    /// Scenarios with a run that failed.
    pub failed: u64,
    /// The others.
    pub undetermined: u64,
    /// Scenarios with a seed that gave two different runs.
    pub nondeterministic: u64,
    /// Whether every run was played twice and compared.
    pub compared: bool,
    /// Scenarios whose verdict depends on the seed; each is also counted by its verdict.
    pub flaky: u64,
    /// Scenarios that are not for this world.
    pub elsewhere: u64,
    /// Scenarios that were not run because an earlier one failed.
    pub left_out: u64,
    /// The time simulated, over all devices.
    pub simulated: Span,
    /// Timer firings and arrivals of frames.
    pub events: u64,
}

impl Summary {
    /// Sums up; `left_out` scenarios were not run, `elsewhere` are not for this world.
    pub fn of(entries: &[Entry], left_out: usize, elsewhere: usize) -> Summary {
        let number = |wanted: Verdict| {
            entries.iter().filter(|entry| entry.verdict() == wanted).count() as u64
        };
        let runs = || entries.iter().flat_map(|entry| &entry.runs);
        Summary {
            scenarios: entries.len() as u64,
            runs: runs().count() as u64,
            passed: number(Verdict::Pass),
            failed: number(Verdict::Fail),
            undetermined: number(Verdict::Undetermined),
            nondeterministic: entries.iter().filter(|e| e.runs.iter().any(Run::differs)).count()
                as u64,
            compared: runs().next().is_some() && runs().all(|run| run.determinism.is_some()),
            flaky: entries.iter().filter(|entry| entry.flaky()).count() as u64,
            elsewhere: elsewhere as u64,
            left_out: left_out as u64,
            simulated: entries.iter().fold(Span::ZERO, |sum, entry| sum + entry.simulated()),
            events: runs().map(|run| run.outcome.totals.logical_events()).sum(),
        }
    }
}

/// All scenarios, a heading for every folder.
pub fn entries(entries: &[Entry], width: usize) -> String {
    let mut out = String::new();
    let word_width = entries.iter().map(|entry| word(entry).0.len()).max();
    let mut columns = Columns { word: word_width.unwrap_or(4), name: 0, width };
    let mut group: Option<&str> = None;
    let mut detailed = false;
    for entry in entries {
        let of = entry.subject.group.as_str();
        if group != Some(of) {
            if group.is_some() {
                out.push('\n');
            }
            if !of.is_empty() {
                let _ = writeln!(out, "{}", paint(HEADING, of));
            }
            group = Some(of);
            columns.name = name_width(entries, of);
        } else if detailed {
            out.push('\n');
        }
        detailed = !entry.detail.is_empty();
        line(&mut out, entry, &columns);
    }
    out
}

/// The width of the names in a folder.
fn name_width(entries: &[Entry], group: &str) -> usize {
    let names = entries.iter().filter(|entry| entry.subject.group == group);
    let longest = names.map(|entry| entry.subject.stem.chars().count()).max();
    longest.unwrap_or(0).min(LONGEST_NAME)
}

struct Columns {
    word: usize,
    name: usize,
    width: usize,
}

/// The word at the beginning of a scenario's line.
fn word(entry: &Entry) -> (&'static str, anstyle::Style) {
    match entry.flaky() {
        true => style::FLAKY,
        false => style::verdict(entry.verdict()),
    }
}

fn line(out: &mut String, entry: &Entry, columns: &Columns) {
    let (word, style) = word(entry);
    let Columns { word: word_width, name: name_width, width } = *columns;
    let stem = super::paragraph::plain(&entry.subject.stem);
    let gap = " ".repeat(word_width - word.len());
    let head = format!("  {}{gap}  {stem:<name_width$}  ", paint(style, word));
    let head_width = word_width + 6 + name_width.max(stem.chars().count());
    let indent = word_width + 6 + name_width;
    let Some(shown) = entry.shown() else { return };
    let text = match entry.runs.len() {
        1 => shown.sentence.clone(),
        n => format!("{}; seed {}: {}", tally(entry, n), shown.outcome.seed, shown.sentence),
    };
    let text = match entry.subject.scenario.expects.is_empty() {
        true => text + " (nothing expected)",
        false => text,
    };
    paragraph(out, (&head, head_width), indent, &text, width);
    for note in &shown.outcome.notes {
        let head = format!("    {} ", paint(UNSURE, "note     "));
        paragraph(out, (&head, 14), 14, &note.to_string(), width);
    }
    for run in &entry.runs {
        differs(out, run, entry, width);
    }
    out.push_str(&entry.detail);
}

/// What came of it in a line; of several seeds, which of them did not pass.
pub(super) fn came(entry: &Entry) -> String {
    let sentence = entry.shown().map_or("", |run| &run.sentence);
    match entry.runs.len() {
        1 => sentence.to_owned(),
        n => format!("{}; {sentence}", tally(entry, n)),
    }
}

/// How often each verdict came, and which seeds did not pass.
pub(super) fn tally(entry: &Entry, runs: usize) -> String {
    let seeds = |wanted: Verdict| -> Vec<u64> {
        let some = entry.runs.iter().filter(|run| run.outcome.verdict == wanted);
        some.map(|run| run.outcome.seed).collect()
    };
    let passed = seeds(Verdict::Pass).len();
    let mut text = format!("{passed} of {runs} seeds pass");
    for (wanted, word) in [(Verdict::Fail, "fail"), (Verdict::Undetermined, "undetermined")] {
        let seeds = seeds(wanted);
        if !seeds.is_empty() {
            let _ = write!(text, "; {} {word}: {}", seeds.len(), listed(&seeds));
        }
    }
    text
}

/// Some seeds, in a line: runs of neighbours as `3-7`, and no more than a few.
fn listed(seeds: &[u64]) -> String {
    const MOST: usize = 12;
    let mut ranges: Vec<(u64, u64)> = Vec::new();
    for seed in seeds {
        match ranges.last_mut() {
            Some((_, last)) if last.checked_add(1) == Some(*seed) => *last = *seed,
            Some(_) | None => ranges.push((*seed, *seed)),
        }
    }
    let show = |(first, last): &(u64, u64)| match first == last {
        true => first.to_string(),
        false => format!("{first}-{last}"),
    };
    let mut text = ranges.iter().take(MOST).map(show).collect::<Vec<_>>().join(", ");
    if ranges.len() > MOST {
        let _ = write!(text, ", … and {} more", ranges.len() - MOST);
    }
    text
}

/// Two runs of one seed that were not the same: the first event that differs, in both versions.
fn differs(out: &mut String, run: &Run, entry: &Entry, width: usize) {
    let Some(Determinism::Differs(difference)) = &run.determinism else { return };
    let names = &entry.subject.scenario.names;
    let head = format!("    {} ", paint(BAD, "not deterministic"));
    let text = format!(
        "two runs of seed {} differ from event {} on, at {}",
        run.outcome.seed, difference.place, difference.at
    );
    paragraph(out, (&head, 22), 22, &text, width);
    for (word, event) in [("first ", difference.first), ("second", difference.second)] {
        let text = event.map_or("the trace ended".to_owned(), |event| {
            format!("{} (device {})", super::event_line::event_line(&event, names), event.owner)
        });
        let _ = writeln!(out, "      {}  {text}", paint(FAINT, word));
    }
}

/// The last lines: how many of each, what was simulated, how long it took.
pub fn summary(summary: &Summary, took: Span) -> String {
    let part = |n: u64, word: &str, style: anstyle::Style| match n {
        0 => format!("{n} {word}"),
        n => paint(style, &format!("{} {word}", human::count(n))),
    };
    let mut line = [
        part(summary.passed, "passed", style::GOOD),
        part(summary.failed, "failed", BAD),
        part(summary.undetermined, "undetermined", UNSURE),
    ]
    .join(", ");
    if summary.nondeterministic > 0 {
        let _ = write!(line, ", {}", part(summary.nondeterministic, "not deterministic", BAD));
    }
    if summary.flaky > 0 {
        let _ = write!(line, ", {}", part(summary.flaky, "flaky", BAD));
    }
    if summary.elsewhere > 0 {
        let _ = write!(line, ", {} not for this world", human::count(summary.elsewhere));
    }
    if summary.left_out > 0 {
        let _ = write!(line, ", {} not run", human::count(summary.left_out));
    }
    let mut what = human::plural(summary.scenarios, "scenario");
    if summary.runs != summary.scenarios {
        let _ = write!(what, " in {}", human::plural(summary.runs, "run"));
    }
    let compared = match summary.compared && summary.nondeterministic == 0 {
        true => "each played twice, apart and together: the same\n",
        false => "",
    };
    format!(
        "\n{line}\n{what}, {} simulated in {} ({} timer firings and arrivals)\n{compared}",
        device_time(summary.simulated),
        human::span(took),
        human::count(summary.events),
    )
}

/// A long span in hours or days, as it is spoken of.
fn device_time(span: Span) -> String {
    let hours = (span.as_micros() + 1_800_000_000) / 3_600_000_000;
    match hours {
        0..=2 => human::span(span),
        3..=96 => format!("{hours} h"),
        hours => format!("{} days", human::count((hours + 12) / 24)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{Presets, decode};

    /// A scenario in which nothing is expected, played under these seeds.
    fn entry(seeds: std::ops::Range<u64>) -> Entry {
        let text = "name = \"quiet\"\nduration = \"1m\"";
        let scenario = decode(text, &Presets::built_in(), &[]).unwrap();
        let run = |seed| {
            let options = crate::run::Options { seed, mode: Default::default(), trace: true };
            let outcome = crate::run::play(&scenario, options);
            let sentence = "reachable".to_owned();
            Run { outcome, sentence, reproduce: String::new(), determinism: None }
        };
        let runs = seeds.map(run).collect();
        let (group, stem, file) = (String::new(), "quiet".into(), "quiet.toml".into());
        let text = text.to_owned();
        let subject = crate::report::Subject { group, stem, file, text, scenario };
        Entry { subject, runs, detail: String::new(), events: None, baseline: None }
    }

    fn shown(entry: Entry) -> String {
        anstream::adapter::strip_str(&entries(&[entry], 80)).to_string()
    }

    #[test]
    fn the_first_event_that_differs_is_shown_in_both_versions() {
        let mut entry = entry(1..2);
        let first = entry.runs[0].outcome.events.as_ref().unwrap().first().copied();
        let at = crate::port::Time::from_micros(12_000);
        let difference = crate::run::Difference { place: 1, at, first, second: None };
        entry.runs[0].determinism = Some(Determinism::Differs(difference));
        insta::assert_snapshot!(shown(entry), @r"
        PASS  quiet  reachable (nothing expected)
          not deterministic two runs of seed 1 differ from event 1 on, at 00:00:00.012
            first   00:00:00.000 os     process-started reason=user (device 1)
            second  the trace ended
        ");
    }

    #[test]
    fn of_several_seeds_the_verdicts_are_counted() {
        let mut entry = entry(3..9);
        entry.runs[2].outcome.verdict = Verdict::Fail;
        entry.runs[3].outcome.verdict = Verdict::Fail;
        entry.runs[5].outcome.verdict = Verdict::Undetermined;
        insta::assert_snapshot!(shown(entry), @r"
        FLAKY  quiet  3 of 6 seeds pass; 2 fail: 5-6; 1 undetermined: 8; seed 5:
                      reachable (nothing expected)
        ");
    }

    #[test]
    fn neighbouring_seeds_are_listed_as_a_range() {
        assert_eq!(listed(&[3, 5, 6, 7, 12]), "3, 5-7, 12");
        let many: Vec<u64> = (0..20).map(|n| n * 2).collect();
        assert!(listed(&many).ends_with(", … and 8 more"));
    }

    #[test]
    fn the_summary_says_what_was_simulated_and_how_long_it_took() {
        let all = Summary {
            scenarios: 14,
            runs: 14,
            passed: 14,
            failed: 0,
            undetermined: 0,
            nondeterministic: 0,
            compared: true,
            flaky: 0,
            elsewhere: 0,
            left_out: 0,
            simulated: Span::parse("31h").unwrap(),
            events: 84_120,
        };
        let text = summary(&all, Span::from_millis(12));
        let text = anstream::adapter::strip_str(&text).to_string();
        assert_eq!(
            text,
            "\n14 passed, 0 failed, 0 undetermined\n\
             14 scenarios, 31 h simulated in 12 ms (84,120 timer firings and arrivals)\n\
             each played twice, apart and together: the same\n"
        );
    }
}
