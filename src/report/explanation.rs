//! What a name or a crash report means, for people: a heading, what it means, then labelled lines.

use std::fmt::Write;

use super::paragraph::{paragraph, plain};
use super::style::{BAD, FAINT, HEADING, UNSURE, paint};
use crate::explain::{
    Diagnosis, Disagreement, Finding, KeyValues, List, Mapped, Report, Row, Scenarios, Sourced,
    Topic, versions,
};
use crate::settings::grouped;

/// The column at which labelled text begins.
const COLUMN: usize = 14;

/// At most so many scenarios are named; JSON has all.
const MOST_SCENARIOS: usize = 4;

/// At most so many processes that were ended for memory are named; JSON has all.
const MOST_VICTIMS: usize = 5;

/// All topics, a blank line between them.
pub fn topics(topics: &[Topic], width: usize) -> String {
    topics.iter().map(|topic| one(topic, width)).collect::<Vec<_>>().join("\n")
}

fn one(topic: &Topic, width: usize) -> String {
    let mut out = String::new();
    let aside = match topic.detail.is_empty() {
        true => topic.kind.to_string(),
        false => format!("{}: {}", topic.kind, topic.detail),
    };
    let head = format!("{}  ", paint(HEADING, &topic.name));
    paragraph(&mut out, (&head, topic.name.chars().count() + 2), 2, &aside, width);
    if !topic.means.is_empty() {
        paragraph(&mut out, ("  ", 2), 2, &topic.means, width);
    }
    body(&mut out, topic, width);
    out
}

/// What stands below a topic's meaning.
fn body(out: &mut String, topic: &Topic, width: usize) {
    for named in &topic.more {
        label(out, &named.name, &named.means, width);
    }
    label(out, "versions", &topic.versions, width);
    for list in &topic.lists {
        names(out, list, width);
    }
    if let Some(mapped) = &topic.snippet {
        snippet(out, mapped, width);
    }
    for (place, key) in topic.keys.iter().enumerate() {
        match topic.kind.is_key() {
            true => rows(out, &key.values, 2, width),
            false => key_in_short(out, place, key, width),
        }
    }
    for source in &topic.sources {
        sourced(out, source, width);
    }
    for disagreement in &topic.disagreements {
        sides(out, disagreement, width);
    }
    if let Some(scenarios) = &topic.scenarios {
        let head = if topic.kind.is_used() { "used by" } else { "shown by" };
        shown_by(out, head, scenarios, width);
    }
    label(out, "do", &topic.advice, width);
    for (place, see) in topic.see.iter().enumerate() {
        label(out, if place == 0 { "see" } else { "" }, see, width);
    }
}

/// A label and a text; nothing when there is no text.
fn label(out: &mut String, name: &str, text: &str, width: usize) {
    if text.is_empty() {
        return;
    }
    paragraph(out, (&head(FAINT, name), COLUMN), COLUMN, text, width);
}

/// A label in the columns before [`COLUMN`].
fn head(style: anstyle::Style, name: &str) -> String {
    format!("  {} ", paint(style, &format!("{name:<width$}", width = COLUMN - 3)))
}

fn names(out: &mut String, list: &List, width: usize) {
    let longest = list.items.iter().map(|item| item.name.chars().count()).max().unwrap_or(0);
    let column = COLUMN + longest.min(28) + 2;
    for (place, item) in list.items.iter().enumerate() {
        let name = if place == 0 { list.head } else { "" };
        let head = head(FAINT, name) + &item.name;
        let mut at = COLUMN + item.name.chars().count();
        let gap = column.saturating_sub(at).max(2);
        at += gap;
        paragraph(out, (&format!("{head}{}", " ".repeat(gap)), at), column, &item.means, width);
    }
}

/// Published code: its calls and the keys that stand for them.
fn snippet(out: &mut String, mapped: &Mapped, width: usize) {
    label(out, "published", &mapped.published, width);
    label(out, "flaw", mapped.flaw.as_deref().unwrap_or_default(), width);
    label(out, "without it", mapped.twin.as_deref().unwrap_or_default(), width);
    let below = " ".repeat(COLUMN + 2);
    for (place, one) in mapped.calls.iter().enumerate() {
        let name = if place == 0 { "calls" } else { "" };
        paragraph(out, (&head(FAINT, name), COLUMN), COLUMN + 4, &one.call, width);
        let text = format!("{} = {}: {}", one.key, one.value, one.note);
        paragraph(out, (&below, COLUMN + 2), COLUMN + 2, &text, width);
    }
}

/// Values with where they come from.
fn rows(out: &mut String, rows: &[Row], indent: usize, width: usize) {
    let longest = rows.iter().map(|row| row.value.chars().count()).max().unwrap_or(0).min(18);
    let column = indent + longest + 2;
    for row in rows {
        let value = paint(HEADING, &row.value);
        let gap = column.saturating_sub(indent + row.value.chars().count()).max(2);
        let head = format!("{}{value}{}", " ".repeat(indent), " ".repeat(gap));
        let at = indent + row.value.chars().count() + gap;
        let source = &row.source;
        let text =
            format!("{}; {} ({}): {}", row.of, source.trust, source.confidence, source.source);
        paragraph(out, (&head, at), column, &text, width);
    }
}

/// A key and its values in a line each, without their sources.
fn key_in_short(out: &mut String, place: usize, key: &KeyValues, width: usize) {
    let mut merged: Vec<(&str, Vec<&str>, Vec<&str>)> = Vec::new();
    for Row { value, presets, source, .. } in &key.values {
        match merged.last_mut().filter(|(known, ..)| known == value) {
            Some((_, of, trust)) => {
                of.extend(presets);
                if !trust.contains(&source.trust) {
                    trust.push(source.trust);
                }
            }
            None => merged.push((value, presets.clone(), vec![source.trust])),
        }
    }
    let platform = key.key.starts_with("platform.");
    let each = |(value, presets, trust): &(&str, Vec<&str>, Vec<&str>)| {
        let of = match presets.len() {
            _ if platform => versions(presets),
            n if n > 3 => format!("{n} presets"),
            _ => presets.join(", "),
        };
        match platform {
            true => format!("{value} ({of}: {})", trust.join(", ")),
            false => format!("{value} ({of})"),
        }
    };
    let values = merged.iter().map(each).collect::<Vec<_>>().join(", ");
    label(out, key_label(place), &format!("{} = {values}", key.key), width);
}

/// The label of the first key stands for all.
fn key_label(place: usize) -> &'static str {
    if place == 0 { "keys" } else { "" }
}

fn sourced(out: &mut String, source: &Sourced, width: usize) {
    let text = format!("{} ({}): {}", source.trust, source.confidence, source.source);
    label(out, "source", &text, width);
}

fn sides(out: &mut String, disagreement: &Disagreement, width: usize) {
    paragraph(out, (&head(UNSURE, "disputed"), COLUMN), COLUMN, &disagreement.about, width);
    for side in &disagreement.sides {
        let source = &side.source;
        let text =
            format!("{}; {} ({}): {}", side.says, source.trust, source.confidence, source.source);
        paragraph(
            out,
            (&format!("{}- ", " ".repeat(COLUMN)), COLUMN + 2),
            COLUMN + 2,
            &text,
            width,
        );
    }
    let here = format!("here: {}", disagreement.here);
    paragraph(out, (&" ".repeat(COLUMN), COLUMN), COLUMN, &here, width);
}

fn shown_by(out: &mut String, head: &str, scenarios: &Scenarios, width: usize) {
    label(out, head, &scenarios.none, width);
    for (place, shown) in scenarios.list.iter().take(MOST_SCENARIOS).enumerate() {
        let name = if place == 0 { head } else { "" };
        let how = if shown.how.is_empty() { &shown.name } else { &shown.how };
        let _ = writeln!(out, "{}{}", self::head(FAINT, name), shown.scenario);
        let mut lines = String::new();
        paragraph(&mut lines, ("", COLUMN + 2), COLUMN + 2, how, width);
        for line in lines.lines() {
            let _ = writeln!(out, "{}{}", " ".repeat(COLUMN + 2), paint(FAINT, line.trim()));
        }
    }
    if scenarios.list.len() > MOST_SCENARIOS {
        let more = scenarios.list.len() - MOST_SCENARIOS;
        let _ = writeln!(out, "{}and {more} more", " ".repeat(COLUMN));
    }
}

/// What a crash report says and what that means.
pub fn diagnosis(diagnosis: &Diagnosis, width: usize) -> String {
    let mut out = String::new();
    let report = &diagnosis.report;
    let app = title(report);
    paragraph(&mut out, (&paint(HEADING, &app), app.chars().count()), 2, "", width);
    let mut place = vec![plain(&report.os), plain(&report.model), plain(&report.time)];
    place.retain(|part| !part.is_empty());
    label(&mut out, "on", &place.join(" · "), width);
    label(&mut out, "says", &plain(&diagnosis.line), width);
    let style = match diagnosis.finding {
        Finding::Rule | Finding::Code | Finding::OwnCrash => BAD,
        Finding::UnknownCode | Finding::Unsaid => UNSURE,
    };
    let that_is = head(style, "that is");
    paragraph(&mut out, (&that_is, COLUMN), COLUMN, &plain(&diagnosis.sentence), width);
    for victim in report.victims.iter().take(MOST_VICTIMS) {
        let mut text = format!("{}, {}", victim.name, victim.reason);
        if victim.bytes > 0 {
            let _ = write!(text, ", {} MB", grouped(victim.bytes / 1_000_000));
        }
        if !victim.states.is_empty() {
            let _ = write!(text, ", {}", victim.states.join(" "));
        }
        label(&mut out, "ended", &plain(&text), width);
    }
    label(&mut out, "note", &diagnosis.note, width);
    if let Some(topic) = &diagnosis.topic {
        in_report(&mut out, topic, diagnosis.platform.is_some(), width);
    }
    label(&mut out, "afterwards", &diagnosis.relaunch, width);
    if let Some(reproduce) = &diagnosis.reproduce {
        command(&mut out, &reproduce.command);
        label(&mut out, "", &reproduce.scenario, width);
        label(&mut out, "", &reproduce.note, width);
    }
    label(&mut out, "reproduce", &diagnosis.not_reproduced, width);
    if let Some(topic) = &diagnosis.topic {
        label(&mut out, "do", &topic.advice, width);
        label(&mut out, "more", &format!("holdline explain {}", topic.name), width);
    }
    out
}

/// What is said about a report's rule or code; where the platform is known, each key has one value.
fn in_report(out: &mut String, topic: &Topic, platform_known: bool, width: usize) {
    label(out, "means", &topic.means, width);
    label(out, "versions", &topic.versions, width);
    for source in &topic.sources {
        sourced(out, source, width);
    }
    for (place, key) in topic.keys.iter().enumerate() {
        match platform_known {
            // Of one value there is room for where it comes from.
            true => value_there(out, place, key, width),
            false => key_in_short(out, place, key, width),
        }
    }
    for list in topic.lists.iter().filter(|list| list.head == "rules") {
        names(out, list, width);
    }
    for disagreement in &topic.disagreements {
        sides(out, disagreement, width);
    }
}

/// The command that reproduces it, to be copied: a shell joins what is broken here.
fn command(out: &mut String, command: &str) {
    let (run, set) = match command.split_once(" --set") {
        Some((run, set)) => {
            (format!("{run} \\"), format!("{}    --set{set}\n", " ".repeat(COLUMN)))
        }
        None => (command.to_owned(), String::new()),
    };
    let _ = write!(out, "{}{run}\n{set}", head(FAINT, "reproduce"));
}

/// A key with its value on the report's platform.
fn value_there(out: &mut String, place: usize, key: &KeyValues, width: usize) {
    for row in &key.values {
        let source = &row.source;
        let text = format!(
            "{} = {}; {} ({}): {}",
            key.key, row.value, source.trust, source.confidence, source.source
        );
        label(out, key_label(place), &text, width);
    }
}

fn title(report: &Report) -> String {
    let (app, version) = (plain(&report.app), plain(&report.app_version));
    let bundle = match report.bundle_id.as_str() {
        "" => String::new(),
        id => format!("({})", plain(id)),
    };
    let mut words = vec![app, version, bundle];
    words.retain(|word| !word.is_empty());
    if words.is_empty() {
        return report.kind.to_string();
    }
    format!("{}: {}", report.kind, words.join(" "))
}
