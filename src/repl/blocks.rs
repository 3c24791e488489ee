//! Blocks of TOML that somebody adds as they stand.

use std::sync::Arc;

use toml::de::{DeTable, DeValue};

use super::edit;
use super::ground::Ability;
use super::refusal::Refusal;
use super::session::{Flow, Session};
use super::text::{self, appended};
use super::{settings, standing};

/// The part of a block under one header, and the first key of that.
struct Part<'b> {
    key: String,
    text: &'b str,
}

/// Adds a block: steps and expectations stand at the end of the scenario from now on, the keys of a section
/// count as if they were set.
pub(super) fn add(session: &mut Session, block: &str, out: &mut String) -> Result<Flow, Refusal> {
    if block.lines().next().and_then(header).is_none() {
        let message = "a block begins with a header without quotes, as [[step]] or [network]";
        return Err(Refusal::new(message));
    }
    let mut text = session.text.clone();
    let mut changed = false;
    let (mut shown, mut from) = (block.to_owned(), None);
    for part in parts(block) {
        if ["step", "expect"].contains(&part.key.as_str()) || !edit::has(&text, &[&part.key]) {
            let start;
            (text, start) = appended(&text, part.text);
            from.get_or_insert(start);
        } else {
            text = merged(&text, part.text)?;
            shown.clear();
        }
        changed |= !["step", "expect"].contains(&part.key.as_str());
    }
    // A block that became several parts of the text is shown with all of it.
    let from = from.filter(|_| !shown.is_empty()).unwrap_or(0);
    let scenario = text::read(&text, &*session.desk, None, &[])
        .map(Arc::new)
        .map_err(|problems| text::drawn(&problems, &text, from, session.width))?;
    let (steps, expects) = (session.scenario.steps.len(), session.scenario.expects.len());
    if changed {
        session.has(Ability::Change)?;
        settings::change(session, text, scenario, out)?;
    } else if scenario.steps.len() > steps {
        session.has(Ability::Plan)?;
        session.plan(text, scenario, out)?;
    } else {
        session.ground.renew(&scenario)?;
        (session.text, session.scenario) = (text, scenario);
    }
    for found in session.standings().iter().filter(|found| found.judgement.expect >= expects) {
        standing::line(out, &session.scenario, found, session.width);
    }
    Ok(Flow::Continue)
}

/// The parts of a block. A table in a step belongs to the step.
fn parts(block: &str) -> Vec<Part<'_>> {
    let mut starts: Vec<(usize, String)> = Vec::new();
    let mut at = 0;
    for line in block.split_inclusive('\n') {
        if let Some(key) = header(line) {
            let goes_on = |(_, known): &(usize, String)| *known == key && !line.starts_with("[[");
            if !starts.last().is_some_and(goes_on) {
                starts.push((at, key));
            }
        }
        at += line.len();
    }
    let ends = starts.iter().skip(1).map(|(start, _)| *start).chain([block.len()]);
    let ends: Vec<usize> = ends.collect();
    let part = |((start, key), end): (&(usize, String), usize)| Part {
        key: key.clone(),
        text: &block[*start..end],
    };
    starts.iter().zip(ends).map(part).collect()
}

/// The first key of a header, if the line is one.
fn header(line: &str) -> Option<String> {
    let inside = line.trim_start().strip_prefix('[')?;
    let inside = inside.strip_prefix('[').unwrap_or(inside).trim_start();
    let end = inside.find(|c: char| !(c.is_ascii_alphanumeric() || "-_".contains(c)))?;
    let closed = inside[end..].trim_start().starts_with(['.', ']']);
    (end > 0 && closed).then(|| inside[..end].to_owned())
}

/// `text` with every key of the section `part`, which it has already.
fn merged(text: &str, part: &str) -> Result<String, Refusal> {
    let document = DeTable::parse(part)
        .map_err(|wrong| Refusal::new(format!("this is not TOML: {}", wrong.message())))?;
    let mut leaves: Vec<(Vec<String>, &str)> = Vec::new();
    let mut tables = vec![(Vec::new(), document.get_ref())];
    while let Some((path, table)) = tables.pop() {
        for (key, value) in table {
            let mut path = path.clone();
            path.push(key.get_ref().to_string());
            let written = &part[value.span()];
            match value.get_ref() {
                DeValue::Table(inner) => tables.push((path, inner)),
                DeValue::String(_)
                | DeValue::Integer(_)
                | DeValue::Float(_)
                | DeValue::Boolean(_)
                | DeValue::Datetime(_)
                | DeValue::Array(_) => leaves.push((path, written)),
            }
        }
    }
    leaves.sort();
    leaves.iter().try_fold(text.to_owned(), |text, (path, value)| {
        let path: Vec<&str> = path.iter().map(String::as_str).collect();
        edit::set(&text, &path, value).map_err(Refusal::new)
    })
}
