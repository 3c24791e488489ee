//! `help`: the commands, and more about one.

use std::fmt::Write;

use super::commands::COMMANDS;
use super::names::{self, ALIASES, Meaning, short_of};
use super::refusal::Refusal;
use super::step_line;
use crate::report::paragraph::paragraph;
use crate::report::style::{HEADING, paint};
use crate::scenario::{ACTS, ActInfo, KeyInfo, Need};

/// All commands, a line each.
pub(super) fn all(out: &mut String, width: usize) {
    let _ = writeln!(out, "{}", paint(HEADING, "Commands"));
    for row in COMMANDS {
        let usage = format!("{} {}", row.name, row.usage);
        entry(out, usage.trim_end(), row.does, width);
    }
    let _ = writeln!(
        out,
        "{}",
        paint(HEADING, "Acts: what happens now, or at=10m, in=5m, every=1m, after=EVENT")
    );
    for info in ACTS {
        entry(out, &usage(info), info.doc, width);
    }
    let _ = writeln!(out, "{}", paint(HEADING, "Short forms"));
    for alias in ALIASES {
        entry(out, alias.name, alias.does, width);
    }
    out.push_str(
        "A name can be cut short, as long as it means one thing. Blocks of a scenario, as [[step]], can be\n\
         written as they are, with an empty line at their end. `help COMMAND` says more.\n",
    );
}

/// One command or act.
pub(super) fn one(out: &mut String, name: &str, width: usize) -> Result<(), Refusal> {
    match names::find(name)? {
        Meaning::Command(row) => {
            entry(out, format!("{} {}", row.name, row.usage).trim_end(), row.does, width);
            if !row.more.is_empty() {
                let _ = writeln!(out, "  {}", row.more.replace('\n', "\n  "));
            }
        }
        Meaning::Act(info, given) => {
            entry(out, &usage(info), info.doc, width);
            if let Some(alias) = ALIASES.iter().find(|alias| alias.name == name) {
                let given: Vec<String> =
                    given.iter().map(|(key, value)| format!("{key}={value}")).collect();
                let means = format!("{} {}: {}", short_of(info), given.join(" "), alias.does);
                entry(out, alias.name, &means, width);
            }
            for key in info.args.iter().chain(step_line::keys()) {
                argument(out, key, width);
            }
            let help = "So long from now, instead of `at`.";
            entry(out, "  in=DURATION", help, width);
        }
    }
    Ok(())
}

/// An act with its arguments: `push PUSH [ttl=…]`.
fn usage(info: &ActInfo) -> String {
    let mut out = short_of(info);
    for key in info.args {
        let value = match key.kind.choices {
            [] if super::values::is_flag(&key.kind) => "on|off".to_owned(),
            [] => key.kind.name.split_whitespace().next().unwrap_or("value").to_uppercase(),
            choices => choices.join("|"),
        };
        let _ = match key.need {
            Need::Required => write!(out, " {value}"),
            Need::Optional | Need::Default(_) => write!(out, " [{}={value}]", key.name),
        };
    }
    out
}

fn argument(out: &mut String, key: &KeyInfo, width: usize) {
    let default = match key.need {
        Need::Required | Need::Optional => String::new(),
        Need::Default(text) => format!(" [{}]", text.trim_matches('"')),
    };
    let head = format!("  {}={}", key.name, key.kind.words().replace(' ', "-"));
    entry(out, &head, &format!("{}{default}", key.doc), width);
}

fn entry(out: &mut String, head: &str, text: &str, width: usize) {
    const COLUMN: usize = 26;
    let length = head.chars().count() + 2;
    if length + 2 > COLUMN {
        let _ = writeln!(out, "  {head}");
        paragraph(out, (&" ".repeat(COLUMN), COLUMN), COLUMN, text, width);
    } else {
        let padded = format!("  {head}{}", " ".repeat(COLUMN - length));
        paragraph(out, (&padded, COLUMN), COLUMN, text, width);
    }
}
