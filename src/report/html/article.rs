//! The page of one scenario, as far as it needs no script: verdict, sentence, expectations with what happened
//! around them, measurements, the text.

use std::fmt::Write;

use super::escape::{prose, text};
use super::facts::{facts, metrics, source};
use super::{Shown, badge, data};
use crate::port::Time;
use crate::report::failure::{Evidence, QUIET, evidence};
use crate::report::{Determinism, because, console, event_line, human};
use crate::run::{Judgement, Verdict};

/// The page of the scenario that is number `n` in its file; `alone` when it is the only one.
pub(super) fn article(shown: &Shown<'_>, n: usize, alone: bool) -> String {
    let Shown { entry, slug, .. } = shown;
    let scenario = &entry.subject.scenario;
    let mut out = format!(
        "<article class=\"scenario\" id=\"{slug}\" data-n=\"{n}\" aria-labelledby=\"title-{n}\">\n<header>\n"
    );
    let file = text(&entry.subject.file);
    let _ = match alone {
        true => writeln!(out, "<p class=\"crumb\"><span>{file}</span></p>"),
        false => writeln!(
            out,
            "<p class=\"crumb\"><a href=\"#index\">All scenarios</a> <span>{file}</span></p>"
        ),
    };
    let _ = writeln!(
        out,
        "<h1 id=\"title-{n}\" tabindex=\"-1\">{}</h1>\n<p class=\"verdict\">{}<span class=\"sentence\">{}</span></p>",
        text(&scenario.name),
        badge(shown.word()),
        text(&said(shown)),
    );
    seeds(&mut out, shown);
    notes(&mut out, shown);
    out.push_str("</header>\n<div class=\"pair\">\n");
    expectations(&mut out, shown);
    story(&mut out, shown);
    out.push_str("</div>\n");
    timeline(&mut out, shown, n);
    out.push_str("<div class=\"pair\">\n");
    out.push_str(&metrics(shown));
    out.push_str(&facts(shown));
    out.push_str("</div>\n");
    out.push_str(&source(shown));
    out.push_str("</article>\n");
    out
}

/// The sentence, as one.
fn said(shown: &Shown<'_>) -> String {
    let mut letters = shown.run.sentence.chars();
    let first = letters.next().map(char::to_uppercase);
    first.into_iter().flatten().chain(letters).chain(['.']).collect()
}

/// Of several seeds: what became of them, and which one is shown.
fn seeds(out: &mut String, shown: &Shown<'_>) {
    let (entry, run) = (shown.entry, shown.run);
    let runs = entry.runs.len();
    if runs < 2 {
        return;
    }
    let why = match run.outcome.verdict {
        Verdict::Fail => "the first that fails",
        Verdict::Undetermined => "the first that does not pass",
        Verdict::Pass => "the first of them",
    };
    let _ = writeln!(
        out,
        "<p class=\"seeds\">{}. Shown is seed {}: {why}.</p>",
        text(&console::tally(entry, runs)),
        run.outcome.seed
    );
}

/// What else a reader has to know of the run.
fn notes(out: &mut String, shown: &Shown<'_>) {
    let (entry, run) = (shown.entry, shown.run);
    let scenario = &entry.subject.scenario;
    let mut notes: Vec<(&str, String)> = Vec::new();
    for run in &entry.runs {
        if let Some(Determinism::Differs(difference)) = &run.determinism {
            let (seed, place) = (run.outcome.seed, difference.place);
            let said = format!(
                "two runs of seed {seed} differ from event {place} on, at {}",
                difference.at
            );
            notes.push(("not deterministic", said));
        }
    }
    let events = entry.events.as_deref().unwrap_or_default();
    notes.extend(because::reasons(scenario, &run.outcome, events));
    notes.extend(run.outcome.notes.iter().map(|note| ("note", note.to_string())));
    if notes.is_empty() {
        return;
    }
    out.push_str("<ul class=\"notes\">\n");
    for (word, said) in notes {
        // A command at the end of a reason.
        let said = match said.split_once(": holdline explain ") {
            Some((why, name)) => format!("{why}: `holdline explain {name}`"),
            None => said,
        };
        let _ = writeln!(out, "<li><b>{word}</b> {}</li>", prose(&said));
    }
    out.push_str("</ul>\n");
}

/// What the scenario says of itself.
fn story(out: &mut String, shown: &Shown<'_>) {
    let scenario = &shown.entry.subject.scenario;
    let told = [
        ("What it shows", &scenario.shows),
        ("Why", &scenario.why),
        ("What to do instead", &scenario.instead),
    ];
    if told.iter().all(|(_, said)| said.trim().is_empty()) {
        return;
    }
    out.push_str("<section class=\"story\">\n");
    for (title, said) in told.iter().filter(|(_, said)| !said.trim().is_empty()) {
        let _ = writeln!(out, "<h3>{title}</h3>");
        for part in said.trim().split("\n\n") {
            let _ = writeln!(out, "<p>{}</p>", prose(part.trim()));
        }
    }
    out.push_str("</section>\n");
}

fn expectations(out: &mut String, shown: &Shown<'_>) {
    out.push_str("<section class=\"expectations\"><h3>Expectations</h3>\n");
    let judgements = &shown.run.outcome.judgements;
    if judgements.is_empty() {
        out.push_str("<p>Nothing was expected.</p></section>\n");
        return;
    }
    out.push_str("<ol>\n");
    for judgement in judgements {
        expectation(out, shown, judgement);
    }
    out.push_str("</ol></section>\n");
}

fn expectation(out: &mut String, shown: &Shown<'_>, judgement: &Judgement) {
    let scenario = &shown.entry.subject.scenario;
    let expect = scenario.expects.get(judgement.expect);
    let sometimes = expect.is_some_and(|expect| expect.sometimes);
    let _ = writeln!(
        out,
        "<li class=\"expect {verdict}\">{badge}<div><p class=\"what\">{what}</p><p class=\"found\">{found}</p>",
        verdict = judgement.verdict,
        badge = badge(judgement.verdict.as_str()),
        what = text(expect.map_or("", |expect| &expect.text)),
        found = prose(&judgement.found),
    );
    if sometimes {
        let all = shown.entry.sometimes();
        let found = all.iter().find(|one| one.expect == judgement.expect);
        if let Some(found) = found {
            let runs = human::plural(shown.entry.runs.len() as u64, "seed");
            let _ = writeln!(
                out,
                "<p class=\"found\">Needs to be met only sometimes: met under {} of {runs}.</p>",
                human::count(found.met as u64)
            );
        }
    }
    if let Some((at, device)) = judgement.look_at {
        let events = shown.entry.events.as_deref().unwrap_or_default();
        let around = evidence(scenario, judgement, events);
        look(out, at, device, around.as_ref());
        if let Some(around) = around.filter(|_| judgement.verdict != Verdict::Pass) {
            events_around(out, shown, &around);
        }
    }
    out.push_str("</div></li>\n");
}

/// The button that shows the moment in the lanes.
fn look(out: &mut String, at: Time, device: u32, around: Option<&Evidence<'_>>) {
    let moment = around.and_then(|around| around.events.get(around.moment));
    let event = moment.map_or("", |event| event.what.name());
    let at_event = moment.map_or(at, |event| event.at);
    let first = around.and_then(|around| around.events.first()).map_or(at, |event| event.at);
    let last = around.and_then(|around| around.events.last()).map_or(at, |event| event.at);
    let _ = writeln!(
        out,
        "<p><button type=\"button\" class=\"look js-only\" data-at=\"{}\" data-device=\"{device}\" \
         data-from=\"{}\" data-to=\"{}\" data-event=\"{event}\" data-moment=\"{}\">Show in the lanes: \
         <time>{at}</time></button></p>",
        at.as_micros(),
        first.as_micros(),
        last.as_micros(),
        at_event.as_micros(),
    );
}

fn events_around(out: &mut String, shown: &Shown<'_>, around: &Evidence<'_>) {
    let names = &shown.entry.subject.scenario.names;
    out.push_str("<ol class=\"evidence\" aria-label=\"What happened around it\">\n");
    let mut before: Option<Time> = None;
    for (place, event) in around.events.iter().enumerate() {
        let gap = before.map(|before| event.at.since(before)).filter(|gap| *gap >= QUIET);
        if let Some(gap) = gap {
            let _ = writeln!(out, "<li class=\"gap\">… {} later</li>", human::span(gap));
        }
        let class = if place == around.moment { " class=\"moment\"" } else { "" };
        let _ = writeln!(
            out,
            "<li{class} data-at=\"{}\" data-device=\"{}\" data-event=\"{}\"><time>{}</time> <i>{}</i> {}</li>",
            event.at.as_micros(),
            around.device,
            event.what.name(),
            event.at,
            event.lane,
            text(&event_line::describe(&event.what, names))
        );
        before = Some(event.at);
    }
    out.push_str("</ol>\n");
}

/// The place where the script draws lanes and lists events.
fn timeline(out: &mut String, shown: &Shown<'_>, n: usize) {
    let _ = writeln!(
        out,
        "<section class=\"timeline\" aria-labelledby=\"lanes-{n}\"><h3 id=\"lanes-{n}\">Timeline</h3>"
    );
    if shown.entry.events.is_none() {
        out.push_str(
            "<p>This run has too many events to be drawn. Shorten its <code>duration</code>.</p></section>\n",
        );
        return;
    }
    let scenario = &shown.entry.subject.scenario;
    let drawn = data::drawn(scenario, shown.run);
    if (drawn.len() as u64) < u64::from(scenario.devices) {
        let listed: Vec<String> = drawn.iter().map(ToString::to_string).collect();
        let _ = writeln!(
            out,
            "<p class=\"faint\">Of {} devices these are drawn: {}. <code>--trace DIR</code> writes the events of all.</p>",
            human::count(u64::from(scenario.devices)),
            listed.join(", ")
        );
    }
    let _ = writeln!(
        out,
        "<noscript><p>The lanes and the list of events are drawn by a script, which this browser does not run.</p>\
         </noscript>\n<div class=\"lanes\" id=\"chart-{n}\"></div></section>"
    );
}
