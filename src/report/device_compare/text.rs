//! A log beside the model in lines: who they are, how well they go together, what differs and why, what to set.

use std::fmt::Write;

use super::Told;
use crate::device::host::compare::{
    Agreement, Change, Episode, Explained, Group, Proposal, Reason, SEEDS, block, said,
};
use crate::port::{Span, Time};
use crate::report::compare::words::record_line;
use crate::report::human;
use crate::report::paragraph::{cut, paragraph, plain};
use crate::report::style::{BAD, FAINT, GOOD, HEADING, UNSURE, paint};

/// More groups than this are counted and not told.
const MOST_GROUPS: usize = 8;
/// More times of a group than this are.
const MOST_TIMES: usize = 4;

/// The comparison in lines of at most `width` columns where words allow it.
pub fn text(told: &Told<'_>, width: usize) -> String {
    let mut out = String::new();
    head(&mut out, told, width);
    verdict(&mut out, told, width);
    alignment(&mut out, told, width);
    unexplained(&mut out, told, width);
    explained(&mut out, told, width);
    proposal(&mut out, told, width);
    out
}

fn head(out: &mut String, told: &Told<'_>, width: usize) {
    let Told { file, scenario_file, log, scenario, compared, .. } = told;
    let about = match &log.about {
        Some(about) => {
            let sdk = about.sdk.map_or(String::new(), |(a, b)| format!(", SDK {a}.{b}"));
            format!("{}, {}{sdk} ({})", about.model, about.os, about.backend)
        }
        None => format!("a trace of \"{}\"", log.header.scenario),
    };
    let records = compared.records[0].len() as u64;
    let events = human::plural(records, "event");
    let phone = format!("{}: {about}, {events}", plain(file));
    let model = format!(
        "{}: client {}, {}, seed {}",
        plain(scenario_file),
        scenario.client.name,
        scenario.platform.name,
        compared.asked.seed
    );
    for (name, text) in [("phone", phone), ("model", model)] {
        let head = format!("{}  ", paint(HEADING, name));
        paragraph(out, (&head, 7), 7, &text, width);
    }
    let warnings = told.warnings.iter().map(ToString::to_string);
    for note in warnings.chain(compared.notes.iter().cloned()) {
        paragraph(out, ("       ", 7), 7, &plain(&note), width);
    }
}

fn verdict(out: &mut String, told: &Told<'_>, width: usize) {
    let (word, colour, text) = match &told.compared.agreement {
        Agreement::Agrees if told.compared.explained.is_empty() => {
            ("AGREES", GOOD, "nothing differs".to_owned())
        }
        Agreement::Agrees => ("AGREES", GOOD, "everything that differs is explained".to_owned()),
        Agreement::Differs => {
            let groups = told.compared.unexplained.len() as u64;
            ("DIFFERS", BAD, format!("{}, unexplained", human::plural(groups, "difference")))
        }
        Agreement::CannotTell(why) => ("UNDETERMINED", UNSURE, why.clone()),
    };
    let head = format!("\n{}  ", paint(colour, word));
    paragraph(out, (&head, word.len() + 2), word.len() + 2, &text, width);
}

fn alignment(out: &mut String, told: &Told<'_>, width: usize) {
    let (found, asked) = (&told.compared.found, &told.compared.asked);
    let [phone, model] = found.events;
    let counts = format!(
        "{} of {} on the phone and {} in the model belong together",
        human::count(found.matched as u64),
        human::plural(phone as u64, "event"),
        human::count(model as u64)
    );
    let mut facts = vec![counts];
    if found.matched > 0 {
        let [half, all] = found.apart.map(|us| human::span(Span::from_micros(us)));
        let offset = Span::from_micros(found.offset.unsigned_abs());
        let ahead = if found.offset < 0 { "behind" } else { "ahead of" };
        facts.push(format!("the phone's clock is {offset} {ahead} the scenario's"));
        facts.push(format!(
            "beyond that, half of the times that are the same are within {half}, all within {all}"
        ));
    }
    facts.push(format!("up to {} is the same time", asked.within));
    paragraph(out, ("  ", 2), 2, &facts.join("; "), width);
}

fn heading(out: &mut String, text: &str) {
    let _ = writeln!(out, "\n{}", paint(HEADING, text));
}

fn unexplained(out: &mut String, told: &Told<'_>, width: usize) {
    let groups = &told.compared.unexplained;
    if groups.is_empty() {
        return;
    }
    heading(out, "unexplained");
    for (number, group) in groups.iter().take(MOST_GROUPS).enumerate() {
        one_group(out, told, (number + 1, group), width);
    }
    if groups.len() > MOST_GROUPS {
        let _ = writeln!(out, "  … and {} more", groups.len() - MOST_GROUPS);
    }
}

/// A time on the scenario's clock.
fn time(told: &Told<'_>, at: i64) -> String {
    let us = u64::try_from(at - told.compared.found.offset).unwrap_or(0);
    Time::from_micros(us).to_string()
}

fn one_group(out: &mut String, told: &Told<'_>, (number, group): (usize, &Group), width: usize) {
    let mut text = plain(&said(group));
    let times = group.episodes.iter().take(MOST_TIMES);
    let times: Vec<String> = times.map(|one| time(told, one.first.at)).collect();
    text.push_str(&format!(": {}", times.join(", ")));
    if group.episodes.len() > MOST_TIMES {
        text.push_str(", …");
    }
    let devices = told.scenario.devices;
    if devices > 1 {
        text.push_str(&format!(", on device {}", group.first().first.device));
    }
    let head = format!("{number:>3}. ");
    paragraph(out, (&head, 5), 5, &text, width);
    let Episode { items, places, alone, .. } = group.first();
    for (side, name) in ["phone", "model"].iter().enumerate() {
        for place in &places[side] {
            let line = record_line(&told.compared.records[side][*place]);
            let line = cut(&line, width.saturating_sub(12));
            let _ = writeln!(out, "     {} {line}", paint(FAINT, name));
        }
        let more = alone[side].saturating_sub(places[side].len());
        if more > 0 {
            let _ = writeln!(out, "     {} … and {more} more", paint(FAINT, name));
        }
    }
    let told_already = alone.iter().sum::<usize>().max(1);
    if *items > told_already {
        let more = human::plural((items - told_already) as u64, "more difference");
        let text = format!("with {more} in what follows from it");
        paragraph(out, ("     ", 5), 5, &text, width);
    }
}

fn explained(out: &mut String, told: &Told<'_>, width: usize) {
    let all = &told.compared.explained;
    if all.is_empty() {
        return;
    }
    heading(out, "explained");
    for one in all.iter().take(MOST_GROUPS) {
        let text = format!("{} × `{}`: {}", one.times, plain(&one.what), why(one));
        paragraph(out, ("  ", 2), 4, &text, width);
    }
    if all.len() > MOST_GROUPS {
        let _ = writeln!(out, "  … and {} more", all.len() - MOST_GROUPS);
    }
}

/// Why something is as it is.
pub(super) fn why(explained: &Explained) -> String {
    match explained.reason {
        Reason::Luck(None) => {
            format!("chance; the model's runs under {SEEDS} other seeds differ in it, too")
        }
        Reason::Luck(Some([_, most])) => format!(
            "chance; in the model's runs under {SEEDS} other seeds it differs by up to {}",
            human::span(Span::from_micros(most.unsigned_abs()))
        ),
        Reason::Retry => "the server wrote the push again: its acknowledgement was late".to_owned(),
    }
}

fn proposal(out: &mut String, told: &Told<'_>, width: usize) {
    let Some(proposal) = &told.compared.proposal else { return };
    let Some(block) = block(told.compared, told.scenario) else {
        heading(out, "no key of the platform makes them agree better");
        return paragraph(out, ("  ", 2), 2, &tried(proposal), width);
    };
    heading(
        out,
        match told.compared.agreement {
            Agreement::Differs | Agreement::Agrees => "what would make them agree",
            Agreement::CannotTell(_) => "what would make them agree, if the log is whole",
        },
    );
    let left = proposal.changes.last().map_or(0, |change: &Change| change.left[1]);
    let first = proposal.changes.first().map_or(0, |change| change.left[0]);
    let first = human::plural(first as u64, "single difference");
    let rest = match left {
        0 => format!("of {first} none is left"),
        left => format!("of {first} {left} are left"),
    };
    paragraph(out, ("  ", 2), 2, &format!("{rest}; {}", tried(proposal)), width);
    out.push('\n');
    for line in block.lines() {
        let mut rest = line;
        if let Some(comment) = line.strip_prefix("# ") {
            let mut wrapped = String::new();
            paragraph(&mut wrapped, ("", 0), 0, comment, width.saturating_sub(2));
            for part in wrapped.lines() {
                let _ = writeln!(out, "{}", paint(FAINT, &format!("# {part}")));
            }
            rest = "";
        }
        if !rest.is_empty() {
            let _ = writeln!(out, "{}", plain(rest));
        }
    }
}

fn tried(proposal: &Proposal) -> String {
    let runs = human::plural(proposal.runs as u64, "run");
    let keys = human::plural(proposal.keys as u64, "key");
    let short = if proposal.cut_short { "; not all of it was tried: see --runs" } else { "" };
    let matter = if proposal.keys == 1 { "matters" } else { "matter" };
    format!("{keys} of the platform {matter} here, tried in {runs} of the model{short}")
}
