//! `holdline list`: the vocabulary, and the presets.

use std::io::Write;

use clap::ValueEnum;

use super::exit::{CliError, Exit};
use super::terminal;
use crate::client::STRATEGIES;
use crate::metrics::{Better, Metric};
use crate::platform::{PROFILES, ios_range};
use crate::report::paragraph::paragraph;
use crate::report::style::{FAINT, HEADING, paint};
use crate::scenario::{ACTS, EXPECTS, KeyInfo, Lint, Need};
use crate::settings::{Settings, Shelf};
use crate::trace::{EventInfo, Shape, What};
use crate::{net, server};

/// List what a scenario can name: events, metrics, steps, presets
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "\
Examples:
  holdline list steps
  holdline list events | grep keep-alive
  holdline list networks")]
pub(super) struct ListArgs {
    /// What to list
    #[arg(value_enum)]
    what: Listed,
}

/// What can be listed.
#[derive(Copy, Clone, PartialEq, Eq, Debug, clap::ValueEnum)]
enum Listed {
    /// What can happen in a run, with its fields
    Events,
    /// What is measured
    Metrics,
    /// What a step can do, with its arguments
    Steps,
    /// What can be expected, with its arguments
    Expectations,
    /// Versions of iOS
    Platforms,
    /// Network presets
    Networks,
    /// What clients do
    Strategies,
    /// Server presets
    Servers,
    /// What `validate` warns of
    Lints,
}

/// What can be listed, as it is written.
pub(super) fn sorts() -> Vec<String> {
    let name = |sort: &Listed| sort.to_possible_value().map(|value| value.get_name().to_owned());
    Listed::value_variants().iter().filter_map(name).collect()
}

/// A row: its name, what is beside the point, what it means.
type Row = (String, String, String);

/// Lists what `args` says.
pub(super) fn run(args: &ListArgs, out: &mut dyn Write) -> Result<Exit, CliError> {
    let rows: Vec<Row> = match args.what {
        Listed::Events => What::TABLE.iter().map(event).collect(),
        Listed::Metrics => Metric::TABLE
            .iter()
            .map(|row| {
                let better = match row.better {
                    Better::Higher => "; more is better",
                    Better::Lower => "; less is better",
                    Better::Neither => "",
                };
                let doc = format!("{} [{}{better}]", row.doc.trim(), row.unit);
                (row.metric.to_string(), String::new(), doc)
            })
            .collect(),
        Listed::Steps => ACTS.iter().map(|row| keyed(row.name, row.args, row.doc)).collect(),
        Listed::Expectations => {
            EXPECTS.iter().map(|row| keyed(row.name, row.args, row.doc)).collect()
        }
        Listed::Platforms => presets(&PROFILES)
            .into_iter()
            .map(|(name, aside, about)| {
                let range = ios_range(&name).map_or(String::new(), |range| format!("{range}. "));
                (name, aside, format!("{range}{about}"))
            })
            .collect(),
        Listed::Networks => presets(&net::PRESETS),
        Listed::Strategies => presets(&STRATEGIES),
        Listed::Servers => presets(&server::PRESETS),
        Listed::Lints => {
            let meanings = Lint::SPELLINGS.iter().zip(Lint::MEANINGS);
            let row = |(name, doc): (&&str, &&str)| {
                ((*name).to_owned(), String::new(), doc.trim().to_owned())
            };
            meanings.map(row).collect()
        }
    };
    out.write_all(table(&rows, terminal::drawing_width()).as_bytes())?;
    Ok(Exit::Passed)
}

fn event(info: &EventInfo) -> Row {
    let field = |field: &crate::trace::FieldInfo| match field.shape {
        Shape::Words(words) if words.len() <= 4 => format!("{}={}", field.name, words.join("|")),
        Shape::Words(_) | Shape::Name => format!("{}=WORD", field.name),
        Shape::Number | Shape::Signed => format!("{}=N", field.name),
        Shape::Flag => format!("{}=true|false", field.name),
        Shape::Span => format!("{}=DURATION", field.name),
        Shape::Push => format!("{}=PUSH", field.name),
    };
    let fields: Vec<String> = info.fields.iter().map(field).collect();
    let doc = format!("{} [{}, {}]", info.doc.trim(), info.lane, info.on_phone);
    (info.name.to_owned(), fields.join(" "), doc)
}

fn keyed(name: &str, args: &[KeyInfo], doc: &str) -> Row {
    let arg = |key: &KeyInfo| match key.need {
        Need::Required => key.name.to_owned(),
        Need::Optional => format!("[{}]", key.name),
        Need::Default(default) => format!("[{} = {default}]", key.name),
    };
    let args: Vec<String> = args.iter().map(arg).collect();
    (name.to_owned(), args.join(", "), doc.to_owned())
}

fn presets<S: Settings>(shelf: &Shelf<S>) -> Vec<Row> {
    let about = |name| shelf.get(name).map_or(String::new(), |layer| layer.about);
    shelf.names().map(|name| (name.to_owned(), String::new(), about(name))).collect()
}

fn table(rows: &[Row], width: usize) -> String {
    let names = rows.iter().map(|(name, ..)| name.chars().count()).max().unwrap_or(0);
    let indent = names + 2;
    let mut out = String::new();
    for (name, aside, doc) in rows {
        let head = format!("{}  ", paint(HEADING, &format!("{name:<names$}")));
        paragraph(&mut out, (&head, indent), indent, doc, width);
        if !aside.is_empty() {
            let mut lines = String::new();
            paragraph(&mut lines, ("", indent), indent, aside, width);
            for line in lines.lines() {
                out.push_str(&format!("{}{}\n", " ".repeat(indent), paint(FAINT, line.trim())));
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn platforms_are_listed_with_the_versions_they_stand_for() {
        let mut out = Vec::new();
        run(&ListArgs { what: Listed::Platforms }, &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        for range in ["iOS 9.", "iOS 10.", "iOS 11 to 12.", "iOS 13 to 15.", "iOS 16 and later."] {
            assert!(text.contains(range), "{text}");
        }
    }
}
