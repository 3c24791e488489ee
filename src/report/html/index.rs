//! The list of all scenarios of a page, with what became of each.

use std::fmt::Write;

use super::escape::text;
use super::lanes::Around;
use super::{Shown, badge};
use crate::report::history::history;
use crate::report::human;
use crate::run::Verdict;
use crate::trace::Unreachable;

/// How wide the small band of a scenario is, in its own units.
const BAND: u64 = 160;

/// The list, with what it is filtered by.
pub(super) fn index(shown: &[Shown<'_>]) -> String {
    let count = |word: &str| shown.iter().filter(|one| one.word() == word).count() as u64;
    let mut out = String::from("<main id=\"index\" aria-labelledby=\"index-title\">\n");
    let all = human::plural(shown.len() as u64, "scenario");
    let _ = writeln!(out, "<h1 id=\"index-title\">{all}</h1>");
    out.push_str("<form class=\"filter js-only\" role=\"search\" id=\"filter\">\n");
    out.push_str(
        "<input type=\"search\" id=\"filter-text\" placeholder=\"Filter by name, sentence, folder\" \
         aria-label=\"Filter scenarios by text\" autocomplete=\"off\" spellcheck=\"false\">\n\
         <fieldset><legend class=\"hidden\">Verdict</legend>\n",
    );
    filter(&mut out, "", "all", shown.len() as u64);
    for word in WORDS {
        match count(word) {
            0 => {}
            n => filter(&mut out, word, word, n),
        }
    }
    out.push_str(
        "</fieldset>\n<output id=\"filter-count\" aria-live=\"polite\"></output>\n</form>\n",
    );
    let mut group = None;
    for (n, one) in shown.iter().enumerate() {
        let of = one.entry.subject.group.as_str();
        if group != Some(of) {
            if group.is_some() {
                out.push_str("</ul></section>\n");
            }
            out.push_str("<section class=\"group\">");
            if !of.is_empty() {
                let _ = write!(out, "<h2>{}</h2>", text(of));
            }
            out.push_str("<ul>\n");
            group = Some(of);
        }
        row(&mut out, one, n);
    }
    if group.is_some() {
        out.push_str("</ul></section>\n");
    }
    out.push_str("<p id=\"none-left\" hidden>No scenario is like that.</p>\n</main>\n");
    out
}

/// The words of verdicts, as the list is filtered by them.
const WORDS: [&str; 4] = ["fail", "flaky", "undetermined", "pass"];

fn filter(out: &mut String, value: &str, word: &str, n: u64) {
    let checked = if value.is_empty() { " checked" } else { "" };
    let n = human::count(n);
    let _ = writeln!(
        out,
        "<label class=\"chip {word}\"><input type=\"radio\" name=\"verdict\" value=\"{value}\"\
         {checked}> {word} <b>{n}</b></label>"
    );
}

fn row(out: &mut String, one: &Shown<'_>, n: usize) {
    let Shown { entry, run, slug, .. } = one;
    let word = one.word();
    let _ = writeln!(
        out,
        "<li data-verdict=\"{word}\"><a href=\"#{slug}\" id=\"row-{n}\">{badge}<span class=\"stem\">{stem}</span>\
         <span class=\"sentence\">{sentence}</span>{band}</a></li>",
        badge = badge(word),
        stem = text(&entry.subject.stem),
        sentence = text(&run.sentence),
        band = band(one),
    );
}

/// When a push would have been received, and when the app was ended, on the first device, as a small band.
fn band(one: &Shown<'_>) -> String {
    let Some(events) = &one.entry.events else { return String::new() };
    let scenario = &one.entry.subject.scenario;
    let duration = scenario.duration.as_micros().max(1);
    let column = |us: u64| (u128::from(us) * u128::from(BAND) / u128::from(duration)) as u64;
    let around = Around::of(scenario, events, 1);
    // Stretches in one column are one.
    let mut columns: Vec<(u64, u64)> = Vec::new();
    for stretch in around.reach.iter().filter(|s| s.is == Unreachable::Reachable) {
        let (from, to) = (column(stretch.from.as_micros()), column(stretch.to.as_micros()));
        match columns.last_mut() {
            Some((_, last)) if from <= *last => *last = to.max(*last),
            Some(_) | None => columns.push((from, to)),
        }
    }
    let mut path = String::new();
    for (from, to) in columns.iter().filter(|(from, to)| from < to) {
        let _ = write!(path, "M{from} 0H{to}V10H{from}z");
    }
    let mut kills: Vec<u64> = history(events, 1, scenario.duration.from_start())
        .kills
        .iter()
        .map(|(at, ..)| column(at.as_micros()).min(BAND - 2))
        .collect();
    kills.dedup();
    let kills: String = kills.iter().map(|at| format!("M{at} 0h2v10h-2z")).collect();
    let share = human::share(one.reachable());
    let killed = if kills.is_empty() { "" } else { "; red: the app is ended" };
    format!(
        "<svg class=\"band\" viewBox=\"0 0 {BAND} 10\" preserveAspectRatio=\"none\" role=\"img\" \
         aria-label=\"reachable {share} of the time{killed}\"><path d=\"{path}\"/>\
         <path class=\"kill\" d=\"{kills}\"/></svg>"
    )
}

/// The word of a verdict in a class and in a filter.
pub(super) fn word(verdict: Verdict, flaky: bool) -> &'static str {
    if flaky { "flaky" } else { verdict.as_str() }
}
