//! The names a session knows, for completion.

use super::ask::QUESTIONS;
use super::commands::COMMANDS;
use super::names::{self, Meaning};
use super::session::Session;
use super::{goals, step_line, values};
use crate::scenario::{EXPECTS, KeyInfo, Place, SET_AT_THE_TOP, describe, preset_names};
use crate::trace::{Event, What};

/// More connections than this are not offered.
const MOST_CONNECTIONS: usize = 64;

/// A command or an act.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CommandWords {
    /// Its name.
    pub name: String,
    /// What it does, in a line.
    pub does: String,
    /// Its arguments and their values; of commands that are no acts none.
    pub keys: Vec<KeyWords>,
}

/// A key, and the words it can be.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KeyWords {
    /// Its name.
    pub name: String,
    /// What it means.
    pub means: String,
    /// The words it can be; none when its values are no words.
    pub values: Vec<String>,
}

/// All names that can stand in a line now.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Vocabulary {
    /// What can stand first.
    pub commands: Vec<CommandWords>,
    /// What can stand behind `until` beside an event.
    pub goals: Vec<String>,
    /// What can stand behind `why` beside an event.
    pub questions: Vec<String>,
    /// Events, and their fields.
    pub events: Vec<CommandWords>,
    /// Expectations, and their keys.
    pub expectations: Vec<CommandWords>,
    /// Keys of `set`.
    pub settings: Vec<KeyWords>,
    /// The pushes that are sent.
    pub pushes: Vec<String>,
    /// The ids of steps.
    pub ids: Vec<String>,
    /// The connections there were.
    pub connections: Vec<u32>,
    /// The futures there are.
    pub forks: Vec<String>,
    /// How many devices there are.
    pub devices: u32,
}

impl Session {
    /// The names that can stand in a line now.
    pub fn vocabulary(&self) -> Vocabulary {
        let mut forks: Vec<String> = self.forks.keys().cloned().collect();
        forks.push(self.fork.clone());
        forks.sort();
        Vocabulary {
            commands: commands(),
            goals: goals::forms().map(str::to_owned).collect(),
            questions: QUESTIONS.iter().map(|word| (*word).to_owned()).collect(),
            events: events(),
            expectations: expectations(),
            settings: settings(),
            pushes: self.scenario.names.pushes.clone(),
            ids: self.scenario.steps.iter().filter_map(|step| step.id.clone()).collect(),
            connections: connections(self.ground.events()),
            forks,
            devices: self.scenario.devices,
        }
    }
}

/// Every connection that was begun, once; the last ones, where there were many.
fn connections(events: &[Event]) -> Vec<u32> {
    let mut all = Vec::new();
    for event in events {
        if let What::Connecting { connection } = event.what {
            all.push(connection);
        }
    }
    all.sort_unstable();
    all.dedup();
    all.split_off(all.len().saturating_sub(MOST_CONNECTIONS))
}

fn key(info: &KeyInfo) -> KeyWords {
    let values = match info.kind.choices {
        [] if values::is_flag(&info.kind) => vec!["on".to_owned(), "off".to_owned()],
        choices => choices.iter().map(|word| (*word).to_owned()).collect(),
    };
    KeyWords { name: info.name.to_owned(), means: info.doc.trim().to_owned(), values }
}

fn commands() -> Vec<CommandWords> {
    let row = |row: &super::commands::Row| CommandWords {
        name: row.name.to_owned(),
        does: row.does.to_owned(),
        keys: Vec::new(),
    };
    let mut all: Vec<CommandWords> = COMMANDS.iter().map(row).collect();
    for (name, meaning) in names::all() {
        let Meaning::Act(info, _) = meaning else { continue };
        let own = info.args.iter().chain(step_line::keys()).map(key);
        all.push(CommandWords { name, does: info.doc.to_owned(), keys: own.collect() });
    }
    all
}

fn events() -> Vec<CommandWords> {
    let field = |field: &crate::trace::FieldInfo| KeyWords {
        name: field.name.to_owned(),
        means: String::new(),
        values: match field.shape {
            crate::trace::Shape::Words(words) => {
                words.iter().map(|word| (*word).to_owned()).collect()
            }
            crate::trace::Shape::Flag => vec!["true".to_owned(), "false".to_owned()],
            crate::trace::Shape::Number
            | crate::trace::Shape::Signed
            | crate::trace::Shape::Name
            | crate::trace::Shape::Span
            | crate::trace::Shape::Push => Vec::new(),
        },
    };
    let one = |event: &crate::trace::EventInfo| CommandWords {
        name: event.name.to_owned(),
        does: event.doc.trim().to_owned(),
        keys: event.fields.iter().map(field).collect(),
    };
    What::TABLE.iter().map(one).collect()
}

fn expectations() -> Vec<CommandWords> {
    let one = |info: &crate::scenario::ExpectInfo| CommandWords {
        name: info.name.to_owned(),
        does: info.doc.to_owned(),
        keys: info.args.iter().map(key).collect(),
    };
    EXPECTS.iter().map(one).collect()
}

fn settings() -> Vec<KeyWords> {
    let mut all = Vec::new();
    for section in describe() {
        let (prefix, top) = match section.place {
            Place::Top => (String::new(), true),
            Place::Table
                if section.name.starts_with("step") || section.name.starts_with("expect") =>
            {
                continue;
            }
            Place::Table => (format!("{}.", section.name.trim_end_matches(".set")), false),
            Place::Each | Place::Act | Place::Expectation => continue,
        };
        let taken = |info: &&KeyInfo| match top {
            true => SET_AT_THE_TOP.contains(&info.name),
            false => info.name != "set",
        };
        for info in section.keys.iter().filter(taken) {
            let name = format!("{prefix}{}", info.name);
            let mut words = key(info);
            words.values.extend(preset_names(&name).into_iter().map(str::to_owned));
            all.push(KeyWords { name, ..words });
        }
    }
    all
}
