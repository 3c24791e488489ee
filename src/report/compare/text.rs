//! A comparison in lines: who they are, how they were meant to differ, what came of each, the lanes, the first
//! event that differs, metrics, kills, pushes.

use std::fmt::Write;

use super::words::{fate, record_line, terminations, values};
use super::{Compared, Kind, Party};
use crate::report::human;
use crate::report::paragraph::{cut, paragraph, plain};
use crate::report::style::{self, FAINT, HEADING, paint};
use crate::report::timeline::{Beside, beside};
use crate::study::compare::{Difference, Divergence, MetricDifference, SettingDifference, Winner};

/// What the two are called.
const NAMES: [&str; 2] = ["A", "B"];
/// More pushes than this are counted and not told.
const MOST_PUSHES: usize = 8;
/// More devices than this are.
const MOST_DEVICES: usize = 5;
/// Behind the name of a side.
const INDENT: usize = 3;

/// The comparison in lines of at most `width` columns where words allow it.
pub fn text(compared: &Compared, width: usize) -> String {
    let mut out = String::new();
    for (name, party) in NAMES.iter().zip(&compared.parties) {
        let head = format!("{}  ", paint(HEADING, name));
        paragraph(&mut out, (&head, INDENT), INDENT, &who(party), width);
    }
    settings(&mut out, compared, width);
    code(&mut out, compared, width);
    out.push('\n');
    for (name, party) in NAMES.iter().zip(&compared.parties) {
        sentence(&mut out, name, party, width);
    }
    drawing(&mut out, compared, width);
    differences(&mut out, compared, width);
    out
}

fn who(party: &Party) -> String {
    let file = plain(&party.file);
    match &party.what {
        Kind::Played(played) => format!(
            "{file}: client {}, {}, seed {}",
            played.scenario.client.name, played.scenario.platform.name, played.outcome.seed
        ),
        Kind::Trace(header) => format!(
            "{file}: a trace of \"{}\", {}, seed {}, model {}",
            plain(&header.scenario),
            plain(&header.platform),
            header.seed,
            plain(&header.model)
        ),
    }
}

fn heading(out: &mut String, text: &str) {
    let _ = writeln!(out, "\n{}", paint(HEADING, text));
}

fn settings(out: &mut String, compared: &Compared, width: usize) {
    if compared.settings.is_empty() {
        return;
    }
    heading(out, "settings that differ");
    for SettingDifference { key, sides: [a, b] } in &compared.settings {
        let head = format!("   {key}  ");
        let text = format!("{} → {}", plain(a), plain(b));
        paragraph(out, (&head, head.chars().count()), INDENT + 4, &text, width);
    }
}

/// The calls of published code, as a difference of two texts.
fn code(out: &mut String, compared: &Compared, width: usize) {
    if compared.code.is_empty() {
        return;
    }
    heading(out, "the code");
    for code in &compared.code {
        let signs = [("-", style::BAD), ("+", style::GOOD)];
        for ((sign, colour), (calls, value)) in
            signs.iter().zip(code.calls.iter().zip(&code.values))
        {
            for call in calls {
                let head = format!(" {} ", paint(*colour, sign));
                paragraph(out, (&head, INDENT), INDENT + 2, &call.call, width);
                let note = format!("{} = {value}: {}", code.key, call.note);
                paragraph(out, ("       ", 7), 7, &note, width);
            }
            if calls.is_empty() {
                let head = format!(" {} ", paint(*colour, sign));
                let text = format!("(no call of its own) {} = {value}", code.key);
                paragraph(out, (&head, INDENT), INDENT + 2, &text, width);
            }
        }
    }
}

fn sentence(out: &mut String, name: &str, party: &Party, width: usize) {
    let name = paint(HEADING, name);
    let Some(played) = party.played() else {
        let events = human::plural(party.side.records.len() as u64, "event");
        let text = format!("{events} until {}", party.lasted.from_start());
        return paragraph(out, (&format!("{name}  "), INDENT), INDENT, &text, width);
    };
    let sentence = &played.sentence;
    if played.scenario.expects.is_empty() {
        let text = format!("{sentence} (nothing expected)");
        return paragraph(out, (&format!("{name}  "), INDENT), INDENT, &text, width);
    }
    let (word, colour) = style::verdict(played.outcome.verdict);
    let head = format!("{name}  {}  ", paint(colour, word));
    paragraph(out, (&head, word.len() + 5), word.len() + 5, sentence, width);
    for judgement in &played.outcome.judgements {
        let Some(expect) = played.scenario.expects.get(judgement.expect) else { continue };
        if judgement.verdict == crate::run::Verdict::Pass || expect.sometimes {
            continue;
        }
        for (label, text) in [("expected", &expect.text), ("found", &judgement.found)] {
            let head = format!("   {} ", paint(FAINT, &format!("{label:<9}")));
            paragraph(out, (&head, 13), 13, text, width);
        }
    }
}

/// The device that is drawn: the one on which they differ first.
fn device(compared: &Compared) -> u32 {
    let first = compared.differences.iter().find_map(|difference| match difference {
        Difference::Events(divergence) if divergence.device > 0 => Some(divergence.device),
        Difference::Events(_)
        | Difference::Verdict { .. }
        | Difference::Metric(_)
        | Difference::Kills { .. }
        | Difference::Push { .. } => None,
    });
    first.unwrap_or(1)
}

/// Whether there are several devices, so that each has to be told.
fn several(compared: &Compared) -> bool {
    let records = compared.parties.iter().flat_map(|party| &party.side.records);
    records.map(|record| record.device).max().unwrap_or(0) > 1
}

fn drawing(out: &mut String, compared: &Compared, width: usize) {
    let device = device(compared);
    let runs: Vec<Beside<'_>> = NAMES
        .iter()
        .zip(&compared.parties)
        .map(|(name, party)| Beside {
            heading: name,
            events: &party.events,
            names: &party.names,
            limit: party.wake_limit(),
            end: party.lasted.from_start(),
        })
        .collect();
    out.push('\n');
    if several(compared) {
        let _ = writeln!(out, "    device {device}");
    }
    out.push_str(&beside(&runs, device, width));
}

fn differences(out: &mut String, compared: &Compared, width: usize) {
    let (mut parted, mut metrics, mut kills, mut pushes) = (vec![], vec![], vec![], vec![]);
    for difference in &compared.differences {
        match difference {
            // The sentences have it.
            Difference::Verdict { .. } => {}
            Difference::Events(divergence) => parted.push(divergence),
            Difference::Metric(metric) => metrics.push(metric),
            Difference::Kills { device, sides } => kills.push((*device, sides)),
            Difference::Push { device, push, sides } => pushes.push((*device, push, sides)),
        }
    }
    let on = |device: u32| match several(compared) {
        true => format!(" on device {device}"),
        false => String::new(),
    };
    match parted.split_first() {
        Some((first, others)) => first_event(out, compared, first, others, width),
        None => same_events(out, compared),
    }
    table(out, &metrics);
    if !kills.is_empty() {
        heading(out, "kills");
    }
    for (device, sides) in kills.iter().take(MOST_DEVICES) {
        for (name, kills) in NAMES.iter().zip(*sides) {
            let text = terminations(kills) + &on(*device);
            paragraph(out, (&format!("{name}  "), INDENT), INDENT, &text, width);
        }
    }
    if kills.len() > MOST_DEVICES {
        let _ = writeln!(out, "   … and on {} more devices", kills.len() - MOST_DEVICES);
    }
    if !pushes.is_empty() {
        heading(out, "pushes that fared otherwise");
    }
    for (device, push, sides) in pushes.iter().take(MOST_PUSHES) {
        let _ = writeln!(out, "   {}", plain(&format!("{push}{}", on(*device))));
        for (name, side) in NAMES.iter().zip(*sides) {
            let _ = writeln!(out, "{name}    {}", fate(side.as_ref()));
        }
    }
    if pushes.len() > MOST_PUSHES {
        let _ = writeln!(out, "   … and {} more", pushes.len() - MOST_PUSHES);
    }
}

fn same_events(out: &mut String, compared: &Compared) {
    let n =
        compared.parties[0].side.records.iter().filter(|one| compared.how.knows.of(one)).count();
    let alike = match compared.how.within {
        crate::port::Span::ZERO => "every event is the same".to_owned(),
        within => format!("every event is the same within {within}"),
    };
    let _ = writeln!(out, "\n{alike} ({})", human::count(n as u64));
}

/// The first event that differs, after the last ones that do not.
fn first_event(
    out: &mut String,
    compared: &Compared,
    first: &Divergence,
    others: &[&Divergence],
    width: usize,
) {
    let device = match (first.device, several(compared)) {
        (0, _) => ", in what all devices share".to_owned(),
        (_, false) => String::new(),
        (device, true) => format!(", on device {device}"),
    };
    let alike = human::plural(first.common as u64, "event");
    heading(out, &format!("first event that differs: {}{device}, after {alike} alike", first.at));
    let records = [&compared.parties[0].side.records, &compared.parties[1].side.records];
    let mut line = |name: &str, text: &str| {
        let _ = writeln!(out, "{name:<INDENT$}{}", cut(text, width.saturating_sub(INDENT)));
    };
    for place in &first.before {
        line("", &record_line(&records[0][*place]));
    }
    for (side, name) in NAMES.iter().enumerate() {
        for place in &first.next[side] {
            line(name, &record_line(&records[side][*place]));
        }
        if first.next[side].is_empty() {
            line(name, "nothing more");
        }
    }
    for other in others.iter().take(MOST_DEVICES) {
        let of = match other.device {
            0 => "what all devices share".to_owned(),
            device => format!("device {device}"),
        };
        line("", &format!("{of} differs from {} on", other.at));
    }
    if others.len() > MOST_DEVICES {
        line("", &format!("… and {} more devices differ", others.len() - MOST_DEVICES));
    }
}

fn table(out: &mut String, metrics: &[&MetricDifference]) {
    if metrics.is_empty() {
        return;
    }
    heading(out, "metrics that differ");
    let row = |metric: &str, [a, b]: [&str; 2], way: &str, better: &str| {
        let line = format!("   {metric:<23} {a:>13} {b:>13} {way:>14}  {better}");
        line.trim_end().to_owned() + "\n"
    };
    out.push_str(&paint(FAINT, &row("", ["A", "B"], "A to B", "better")));
    for difference in metrics {
        let ([a, b], way) = values(difference.sides);
        let better = match difference.better {
            Some(Winner::A) => "A",
            Some(Winner::B) => "B",
            None => "",
        };
        out.push_str(&row(difference.metric.as_str(), [&a, &b], &way, better));
    }
}
