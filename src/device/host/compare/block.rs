//! What is proposed, as a `[platform.set]` table with the reasons beside it.

use super::{Change, Compared, Group, Kind};
use crate::port::Span;
use crate::scenario::Scenario;

/// The table, to be put into the scenario; `None` when nothing is proposed.
pub fn block(compared: &Compared, scenario: &Scenario) -> Option<String> {
    let changes = compared.proposal.as_ref().map(|proposal| &proposal.changes[..])?;
    if changes.is_empty() {
        return None;
    }
    let mut out = String::from("[platform.set]\n");
    for (place, change) in changes.iter().enumerate() {
        let differed = compared.unexplained.get(place).or(compared.unexplained.first());
        match differed {
            Some(group) => comment(&mut out, &said(group)),
            None => comment(&mut out, "the log ends, and the model goes on"),
        }
        reasons(&mut out, change, scenario);
        out.push_str(&format!("{} = {}\n", change.best.key, change.best.toml()));
    }
    Some(out)
}

fn reasons(out: &mut String, change: &Change, scenario: &Scenario) {
    let Change { best, alternatives, left: [before, _] } = change;
    comment(out, &format!("{} → {}: removes {} of {before}", best.from, best.to, best.removes));
    if !best.as_well.is_empty() {
        comment(out, &format!("as well: {}", best.as_well.join(", ")));
    }
    match scenario.platform.provenance.get(best.key) {
        Some(from) => {
            let (source, letter) = (from.source.trim(), &from.confidence);
            comment(out, &format!("the model's {} (confidence {letter}): {source}", best.from));
        }
        None => comment(out, "the model's value has no source"),
    }
    for other in alternatives {
        comment(out, &format!("or instead: {} = {}", other.key, other.toml()));
    }
}

/// A comment, whatever stands in `text`.
fn comment(out: &mut String, text: &str) {
    let plain: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let words: Vec<&str> = plain.split_whitespace().collect();
    out.push_str(&format!("# {}\n", words.join(" ")));
}

/// What a group is, in a sentence.
pub fn said(group: &Group) -> String {
    let first = &group.first().first;
    let what = &first.what;
    let span = |by: i64| Span::from_micros(by.unsigned_abs());
    let text = match &first.kind {
        Kind::OnlyPhone => format!("only the phone has `{what}`"),
        Kind::OnlyModel => format!("only the model has `{what}`"),
        Kind::Later(by) if *by < 0 => format!("`{what}` came {} earlier on the phone", span(*by)),
        Kind::Later(by) => format!("`{what}` came {} later on the phone", span(*by)),
        Kind::Longer(field, by) if *by < 0 => {
            format!("{field} of `{what}` was {} shorter on the phone", span(*by))
        }
        Kind::Longer(field, by) => {
            format!("{field} of `{what}` was {} longer on the phone", span(*by))
        }
        Kind::Otherwise(field, [one, other]) => {
            format!("{field} of `{what}` was {one} on the phone and {other} in the model")
        }
    };
    match group.episodes.len() {
        1 => text,
        times => format!("{text}, {times} times"),
    }
}
