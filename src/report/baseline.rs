//! A scenario against what is stored of it: the lines under its own.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde_json::{Value as Json, json};

use super::compare::words::values;
use super::failure::labelled;
use super::human;
use super::json::unit;
use super::paragraph::plain;
use super::style::{BAD, FAINT, GOOD, UNSURE, paint};
use super::{Entry, Run};
use crate::metrics::{Better, Metric, Value};
use crate::run::Verdict;
use crate::study::baseline::{Against, Moved, Regression};

/// The lines; empty when everything is as stored.
pub fn lines(entry: &Entry, against: &Against) -> String {
    let mut out = String::new();
    if !against.stored {
        let then = if against.updated { "stored now" } else { "`--update-baseline` stores it" };
        let style = if against.strict { UNSURE } else { FAINT };
        labelled(&mut out, style, "baseline", &format!("nothing is stored of it; {then}"));
        return out;
    }
    for change in &against.changes {
        labelled(&mut out, UNSURE, "baseline", &plain(change));
    }
    if !against.without.is_empty() {
        let style = if against.strict { UNSURE } else { FAINT };
        let seeds = human::plural(against.without.len() as u64, "seed");
        let first = against.without[0];
        let text = format!("nothing is stored of {seeds}, first {first}");
        labelled(&mut out, style, "baseline", &text);
    }
    match against.updated {
        true => {
            let worse = against.worse.iter().map(|worse| worse.moved).collect::<Vec<_>>();
            moved(&mut out, BAD, "worse", &worse);
        }
        false => worse(&mut out, entry, against),
    }
    moved(&mut out, GOOD, "better", &against.better);
    moved(&mut out, FAINT, "otherwise", &against.otherwise);
    out
}

/// A metric that is worse than what is stored, by more than is tolerated, in words.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Worse {
    /// The metric.
    pub(super) metric: Metric,
    /// What would have been tolerated, as in `at least 98.67%`.
    pub(super) bound: String,
    /// How that follows from what is stored, as in `as stored`.
    tolerated: String,
    /// What was found, as in `54.83%`, and under which seeds.
    pub(super) was: String,
    /// The seed under which it is worst; of equals the first.
    pub(super) seed: u64,
}

impl Worse {
    /// What was expected.
    pub(super) fn expected(&self) -> String {
        format!("{} {}, {}", self.metric, self.bound, self.tolerated)
    }

    /// What was found.
    pub(super) fn found(&self) -> String {
        format!("{} was {}", self.metric, self.was)
    }

    /// The run in which it is worst.
    pub(super) fn run<'a>(&self, entry: &'a Entry) -> Option<&'a Run> {
        entry.runs.iter().find(|run| run.outcome.seed == self.seed)
    }
}

/// What is worse, metric by metric: the worst of its seeds.
pub(super) fn regressions(entry: &Entry, against: &Against) -> Vec<Worse> {
    let mut metrics: BTreeMap<Metric, Vec<&Regression>> = BTreeMap::new();
    for one in &against.worse {
        metrics.entry(one.moved.metric).or_default().push(one);
    }
    let runs = entry.runs.len();
    metrics.values().filter_map(|all| worst(all, runs)).collect()
}

/// The worst of the seeds of a metric.
fn worst(all: &[&Regression], runs: usize) -> Option<Worse> {
    let by = |one: &&&Regression| {
        let found = one.moved.found.map_or(0, Value::number);
        found.abs_diff(one.limit.number())
    };
    // Of equals the first seed.
    let worst = all.iter().rev().max_by_key(by)?;
    let Moved { metric, stored, found, seed } = worst.moved;
    let bound = match metric.better() {
        Better::Higher => "at least",
        Better::Lower | Better::Neither => "at most",
    };
    let ([limit, found], _) = values([Some(worst.limit), found]);
    let tolerated = match Some(worst.limit) == stored {
        true => "as stored".to_owned(),
        false => format!("stored is {}", values([stored, None]).0[0]),
    };
    let seeds = match (runs, all.len()) {
        (1, _) => String::new(),
        (_, 1) => format!(" under seed {seed}"),
        (_, n) => format!(" under {n} seeds, the most under {seed}"),
    };
    let (bound, was) = (format!("{bound} {limit}"), format!("{found}{seeds}"));
    Some(Worse { metric, bound, tolerated, was, seed })
}

/// The lines of what is worse, and the command that runs the first of it again.
fn worse(out: &mut String, entry: &Entry, against: &Against) {
    let all = regressions(entry, against);
    for one in &all {
        labelled(out, BAD, "expected", &one.expected());
        labelled(out, BAD, "found", &one.found());
    }
    let run = all.first().and_then(|one| one.run(entry));
    // What else failed in it has said so already.
    if let Some(run) = run.filter(|run| run.outcome.verdict != Verdict::Fail) {
        labelled(out, FAINT, "run again", &run.reproduce);
    }
}

/// Metrics that are another, a line each: of several seeds the first.
fn moved(out: &mut String, style: anstyle::Style, label: &str, all: &[Moved]) {
    let mut metrics: BTreeMap<Metric, Vec<&Moved>> = BTreeMap::new();
    for one in all {
        metrics.entry(one.metric).or_default().push(one);
    }
    for (metric, all) in metrics {
        let Some(first) = all.first() else { continue };
        let ([was, is], _) = values([first.stored, first.found]);
        let more = match all.len() {
            1 => String::new(),
            n => format!(" under seed {}; so or alike under {n} seeds", first.seed),
        };
        labelled(out, style, label, &format!("{metric} {was} → {is}{more}"));
    }
}

/// How all scenarios stand against what is stored, in a line or some.
pub fn summary(entries: &[Entry], gone: &[String], written: Option<usize>) -> String {
    const MOST: usize = 5;
    let all = || entries.iter().filter_map(|entry| entry.baseline.as_ref());
    let count = |wanted: fn(&Against) -> bool| all().filter(|one| wanted(one)).count() as u64;
    let worse = count(|one| !one.worse.is_empty());
    let better = count(|one| !one.better.is_empty());
    let missing = count(|one| !one.stored);
    let style = |n: u64, style, text: String| if n == 0 { text } else { paint(style, &text) };
    let mut out = format!(
        "against the baseline: {}, {} better, {} without",
        style(worse, BAD, format!("{} worse", human::count(worse))),
        human::count(better),
        human::count(missing)
    );
    if let Some(written) = written {
        let _ = write!(out, "; {} written", human::plural(written as u64, "file"));
    } else if better > 0 {
        out.push_str("; `--update-baseline` stores what is better");
    }
    out.push('\n');
    for name in gone.iter().take(MOST) {
        let _ = writeln!(out, "stored, but in no scenario of this run: {}", plain(name));
    }
    if gone.len() > MOST {
        let _ = writeln!(out, "and {} more", gone.len() - MOST);
    }
    out
}

/// The same for programs.
pub(super) fn json(against: &Against) -> Json {
    let moved = |one: &Moved| {
        json!({
            "metric": one.metric.as_str(),
            "unit": unit(one.metric),
            "seed": one.seed,
            "stored": one.stored.map(Value::number),
            "found": one.found.map(Value::number),
        })
    };
    let worse = against.worse.iter().map(|one| {
        let mut json = moved(&one.moved);
        json["limit"] = one.limit.number().into();
        json
    });
    json!({
        "stored": against.stored,
        "updated": against.updated,
        "verdict": against.verdict().as_str(),
        "changes": against.changes,
        "worse": worse.collect::<Vec<_>>(),
        "better": against.better.iter().map(moved).collect::<Vec<_>>(),
        "otherwise": against.otherwise.iter().map(moved).collect::<Vec<_>>(),
        "seeds_without": against.without,
    })
}
