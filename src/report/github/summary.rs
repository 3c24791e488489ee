//! The summary of a step, in GitHub's Markdown: what failed, with what to do about it; what passed, folded.

use std::fmt::Write;

use crate::report::console::came;
use crate::report::unmet::{Unmet, unmet, worse};
use crate::report::{Entry, Run, human};
use crate::run::Verdict;

/// Room for what stands behind the tables.
const END: usize = 200;

/// The result as Markdown of at most `most` bytes; rows that do not fit are counted.
pub fn summary(entries: &[Entry], most: usize) -> String {
    let number = |wanted| entries.iter().filter(|entry| entry.verdict() == wanted).count();
    let mut out = format!(
        "## holdline: {} failed, {} undetermined, {} passed\n\n",
        number(Verdict::Fail),
        number(Verdict::Undetermined),
        number(Verdict::Pass)
    );
    let flaky = entries.iter().filter(|entry| entry.flaky()).count() as u64;
    if flaky > 0 {
        let scenarios = human::plural(flaky, "scenario");
        let _ = write!(out, "The verdict of {scenarios} depends on the seed.\n\n");
    }
    let (passed, others): (Vec<&Entry>, Vec<&Entry>) = entries.iter().partition(|entry| {
        entry.verdict() == Verdict::Pass && !entry.runs.iter().any(Run::differs)
    });
    if !others.is_empty() {
        let head =
            "| | scenario | expected | found | run again |\n| --- | --- | --- | --- | --- |\n";
        let rows = others.iter().flat_map(|entry| rows(entry)).collect();
        table(&mut out, head, rows, most);
        out.push('\n');
    }
    if !passed.is_empty() {
        let count = passed.len();
        let _ = write!(out, "<details><summary>{count} passed</summary>\n\n");
        let row = |entry: &&Entry| format!("| {} | {} |\n", name(entry), text(&came(entry)));
        let rows = passed.iter().map(row).collect();
        table(&mut out, "| scenario | what came of it |\n| --- | --- |\n", rows, most);
        out.push_str("\n</details>\n\n");
    }
    if out.len() > most { String::new() } else { out }
}

/// A table of as many rows as there is room for.
fn table(out: &mut String, head: &str, rows: Vec<String>, most: usize) {
    out.push_str(head);
    let all = rows.len();
    for (place, row) in rows.into_iter().enumerate() {
        if out.len() + row.len() + END > most {
            let left = human::plural((all - place) as u64, "row");
            let _ = writeln!(out, "\n{left} left out: the summary of a step has no room for more.");
            return;
        }
        out.push_str(&row);
    }
}

/// A row for every expectation that was not met and every metric that is worse than stored; one for a scenario
/// whose runs differ.
fn rows(entry: &Entry) -> Vec<String> {
    let again = entry.shown().map_or("", |run| &run.reproduce);
    let scenario = format!("{}<br>{}", name(entry), text(&came(entry)));
    let row_of = |word: &str, expected: String, found: &str, again: &str| {
        let (found, again) = (text(found), text(again));
        format!("| {word} | {scenario} | {expected} | {found} | <code>{again}</code> |\n")
    };
    let row = |word: &str, expected, found: &str| row_of(word, expected, found, again);
    let mut rows = Vec::new();
    for Unmet { verdict, text: expected, found, file, at: (line, _) } in unmet(entry) {
        let expected = format!("{}<br>{}", text(expected), text(&format!("{file}:{line}")));
        rows.push(row(verdict.as_str(), expected, &found));
    }
    for one in worse(entry) {
        let file = format!("{}:1", entry.subject.file);
        let expected = format!("{}<br>{}", text(&one.expected()), text(&file));
        let again = one.run(entry).map_or("", |run| &run.reproduce);
        rows.push(row_of(Verdict::Fail.as_str(), expected, &one.found(), again));
    }
    if let Some(run) = entry.runs.iter().find(|run| Run::differs(run)) {
        let found = format!("two runs of seed {} differ", run.outcome.seed);
        rows.push(row("not deterministic", "the same run twice".to_owned(), &found));
    }
    if rows.is_empty() {
        // A run that is not shown failed in its own way.
        rows.push(row(entry.verdict().as_str(), String::new(), ""));
    }
    rows
}

fn name(entry: &Entry) -> String {
    let group = match entry.subject.group.as_str() {
        "" => String::new(),
        group => format!("{group}/"),
    };
    format!("**{}**", text(&format!("{group}{}", entry.subject.stem)))
}

/// A text as it is to be read, in a cell of a table: nothing in it is Markdown or HTML.
fn text(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    for c in raw.chars() {
        match c {
            c if c.is_control() => out.push(' '),
            c if c.is_ascii_punctuation() && !".,;%/=-".contains(c) => {
                let _ = write!(out, "&#{};", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
pub(in crate::report) mod tests {
    use super::*;
    use crate::metrics::{Metric, Value};
    use crate::report::Subject;
    use crate::report::sentence::sentence;
    use crate::run::{Options, play};
    use crate::scenario::{Presets, decode};
    use crate::study::baseline::{Against, Moved, Regression};

    /// A scenario, played.
    pub(in crate::report) fn entry(raw: &str) -> Entry {
        let scenario = decode(raw, &Presets::built_in(), &[]).expect("a scenario");
        let run = |seed: u64| {
            let outcome = play(&scenario, Options { seed, ..Options::of(&scenario) });
            let reproduce = format!("holdline run talk.toml --seed {seed}");
            let sentence = sentence(&scenario, &outcome.totals, false);
            Run { outcome, sentence, reproduce, determinism: None }
        };
        let runs = (scenario.seed..scenario.seed + scenario.runs).map(run).collect();
        let (group, stem) = ("scenarios".to_owned(), "talk".to_owned());
        let (file, text) = ("talk.toml".to_owned(), raw.to_owned());
        let subject = Subject { group, stem, file, text, scenario };
        Entry { subject, runs, detail: String::new(), events: None, baseline: None }
    }

    /// The same against a store that has it more reachable, and with fewer kills.
    pub(in crate::report) fn worse_than_stored(mut entry: Entry) -> Entry {
        let worse = |metric: Metric, stored: u64, found: u64| {
            let [limit, found] = [stored, found].map(|number| Value::of(metric.unit(), number));
            let moved = Moved { metric, seed: 1, stored: Some(limit), found: Some(found) };
            Regression { moved, limit }
        };
        let share = worse(Metric::Reachable, 986_700, 548_300);
        let worse = vec![share, worse(Metric::Kills, 0, 2)];
        entry.baseline = Some(Against { stored: true, worse, ..Against::default() });
        entry
    }

    fn with(bound: &str) -> String {
        format!(
            "name = \"talk\"\nduration = \"1h\"\n\
             [[expect]]\nthat = \"metric\"\nmetric = \"kills\"\n{bound}\n"
        )
    }

    #[test]
    fn failures_stand_in_a_table_and_passes_are_folded() {
        let entries = [entry(&with("min = 1")), entry(&with("max = 1"))];
        insta::assert_snapshot!(summary(&entries, 10_000));
    }

    #[test]
    fn what_is_worse_than_stored_has_a_row_for_every_metric_beside_what_failed() {
        let rows = |bound: &str| rows(&worse_than_stored(entry(&with(bound))));
        let cells = "| reachable at least 98.67%, as stored<br>talk.toml&#58;1 \
                     | reachable was 54.83% | <code>holdline run talk.toml --seed 1</code> |\n";
        let worse = rows("max = 1");
        assert_eq!(worse.len(), 2, "{worse:?}");
        assert!(worse[0].starts_with("| fail | ") && worse[0].ends_with(cells), "{}", worse[0]);
        let both = rows("min = 1");
        assert_eq!(both.len(), 3, "{both:?}");
        assert!(both[0].contains("| metric kills at least 1<br>"), "{}", both[0]);
        assert_eq!(both[1..], worse);
    }

    #[test]
    fn what_does_not_fit_is_counted() {
        let entries: Vec<Entry> = (0..40).map(|_| entry(&with("min = 1"))).collect();
        let whole = summary(&entries, 1 << 20);
        let part = summary(&entries, whole.len() / 2);
        assert!(part.len() <= whole.len() / 2, "{}", part.len());
        let shown = part.lines().filter(|line| line.starts_with("| fail |")).count();
        assert!((10..30).contains(&shown), "{shown}");
        assert!(part.contains(&format!("{} rows left out", 40 - shown)), "{part}");
        assert_eq!(summary(&entries, 50), "");
    }

    #[test]
    fn no_text_is_markdown_or_html() {
        assert_eq!(
            text("a|b <i>*x*</i>\n`c` [d](e)"),
            "a&#124;b &#60;i&#62;&#42;x&#42;&#60;/i&#62; &#96;c&#96; &#91;d&#93;&#40;e&#41;"
        );
        assert_eq!(text("reachable 98 %, 1.5 s"), "reachable 98 %, 1.5 s");
    }
}
