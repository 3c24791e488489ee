//! The language as data: what can stand where, with type, default and meaning. The documentation and
//! the JSON Schema are made of it, and the decoder reads by the same tables.

use std::fmt::Write;

use super::acts::ACTS;
use super::expects::{self, EXPECTS};
use super::network::NETWORK;
use super::preset_section::{CLIENT, PLATFORM, PresetSection, SERVER};
use super::presets::Presets;
use super::table::{KeyInfo, Need};
use super::{app, decode, phases, steps};
use crate::settings::Settings;

/// Where a group of keys stands.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Place {
    /// At the top of the text.
    Top,
    /// In a table of this path: `platform`, `platform.set`, `step.after`.
    Table,
    /// In every element of a list of this name: `step`, `expect`.
    Each,
    /// In a step whose `do` is this.
    Act,
    /// In an expectation whose `that` is this.
    Expectation,
}

/// A group of keys.
#[derive(Clone, Debug)]
pub struct SectionDoc {
    /// Where the keys stand.
    pub place: Place,
    /// The table's path, the list's, the act's or the expectation's name; empty for the top.
    pub name: &'static str,
    /// What it means.
    pub doc: &'static str,
    /// The keys.
    pub keys: Vec<KeyInfo>,
    /// What each key is in the preset of those who name none, as written in TOML; empty where the keys are
    /// not those of a preset.
    pub usual: Vec<String>,
}

impl SectionDoc {
    /// What the key is when it is absent, as written in TOML.
    pub fn default(&self, name: &str) -> Option<String> {
        let place = self.keys.iter().position(|key| key.name == name)?;
        match self.keys[place].need {
            Need::Default(text) => Some(text.to_owned()),
            Need::Required | Need::Optional => self.usual.get(place).cloned(),
        }
    }
}

/// Every section, step, act and expectation of the language.
pub fn describe() -> Vec<SectionDoc> {
    let group = |place, name, doc, keys: &[KeyInfo]| SectionDoc {
        place,
        name,
        doc,
        keys: keys.to_vec(),
        usual: Vec::new(),
    };
    let table = |name, doc, keys: &[KeyInfo]| group(Place::Table, name, doc, keys);
    let mut all = vec![
        group(
            Place::Top,
            "",
            "A situation: who is in it, what happens, what is expected.",
            decode::TOP,
        ),
        table("platform", "What iOS allows.", PLATFORM.keys),
        preset(&PLATFORM, "platform.set", "The keys of a platform profile."),
        table("app", "What the app's bundle says, and how the app is run.", app::APP),
        table("network", "What the networks are like.", NETWORK.keys),
        preset(&NETWORK, "network.set", "The keys of a network preset."),
        table("client", "What the client does.", CLIENT.keys),
        preset(&CLIENT, "client.set", "The keys of a strategy."),
        table("server", "What the push server does.", SERVER.keys),
        preset(&SERVER, "server.set", "The keys of a server preset."),
        table("phases", "Two phases: faults act, then everything heals.", phases::PHASES),
        group(Place::Each, "step", "One thing that happens.", steps::STEP),
        table("step.after", "The event a step waits for.", steps::AFTER),
        group(Place::Each, "expect", "One thing that is expected.", expects::EXPECT),
        table("expect.count", "How often an event happens.", expects::COUNT),
    ];
    all.extend(ACTS.iter().map(|act| group(Place::Act, act.name, act.doc, act.args)));
    all.extend(EXPECTS.iter().map(|row| group(Place::Expectation, row.name, row.doc, row.args)));
    all
}

/// The keys that `set` of a section gives other values.
fn preset<S: Settings>(
    section: &PresetSection<S>,
    name: &'static str,
    doc: &'static str,
) -> SectionDoc {
    let key = |key: &crate::settings::Key| KeyInfo {
        name: key.name,
        kind: key.kind,
        need: Need::Optional,
        doc: key.doc.trim(),
    };
    let keys: Vec<KeyInfo> = S::KEYS.iter().map(key).collect();
    let named = section.keys.iter().find(|key| key.name == "use").map(|key| key.need);
    let usual = match named {
        Some(Need::Default(text)) => {
            (section.find)(&Presets::built_in(), text.trim_matches('"')).map(|layer| layer.values)
        }
        Some(Need::Required | Need::Optional) | None => None,
    };
    let value = |key: &KeyInfo, values: &S| values.get(key.name).map(|text| key.kind.toml(&text));
    let usual = usual.map_or(Vec::new(), |values| {
        keys.iter().map(|key| value(key, &values).unwrap_or_default()).collect()
    });
    SectionDoc { place: Place::Table, name, doc, keys, usual }
}

/// Text without line breaks and double blanks.
pub(super) fn squeezed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The keys of a group as a Markdown table.
pub fn key_table(section: &SectionDoc) -> String {
    let mut out = String::from("| key | type | unit | default | example | meaning |\n");
    out.push_str("|---|---|---|---|---|---|\n");
    for key in &section.keys {
        let _ = writeln!(out, "| {}", row(section, key));
    }
    out
}

/// The keys of all groups in one sort of place as a Markdown table.
pub fn argument_table(place: Place) -> String {
    let mut out = String::from("| name | key | type | unit | default | example | meaning |\n");
    out.push_str("|---|---|---|---|---|---|---|\n");
    for section in describe().iter().filter(|section| section.place == place) {
        for key in &section.keys {
            let _ = writeln!(out, "| `{}` | {}", section.name, row(section, key));
        }
    }
    out
}

/// A key in a row, without its beginning.
fn row(section: &SectionDoc, key: &KeyInfo) -> String {
    let default = match (key.need, section.default(key.name)) {
        (Need::Required, _) => "required".to_owned(),
        (Need::Optional | Need::Default(_), Some(text)) => format!("`{text}`"),
        (Need::Optional | Need::Default(_), None) => String::new(),
    };
    let (kind, unit) = (kind(key), key.kind.unit);
    let (example, doc) = (key.kind.example(), squeezed(key.doc));
    format!("`{}` | {kind} | {unit} | {default} | `{example}` | {doc} |", key.name)
}

/// All groups in one sort of place as a Markdown table: a row each, with its keys.
pub fn name_table(place: Place) -> String {
    let mut out = String::from("| name | keys | meaning |\n|---|---|---|\n");
    for section in describe().iter().filter(|section| section.place == place) {
        let keys: Vec<String> = section.keys.iter().map(short).collect();
        let _ = writeln!(out, "| `{}` | {} | {} |", section.name, keys.join(", "), section.doc);
    }
    out
}

/// A key in a few words: `on` (true or false, `true`).
fn short(key: &KeyInfo) -> String {
    match key.need {
        Need::Required => format!("`{}`: {}", key.name, kind(key)),
        Need::Optional => format!("[`{}`: {}]", key.name, kind(key)),
        Need::Default(text) => format!("[`{}`: {}, `{text}`]", key.name, kind(key)),
    }
}

/// A type; one that has no better name than `word` is spelled out.
fn kind(key: &KeyInfo) -> String {
    match (key.kind.name, key.kind.choices) {
        ("word", choices) if !choices.is_empty() => {
            choices.iter().map(|c| format!("`\"{c}\"`")).collect::<Vec<_>>().join(" or ")
        }
        (name, _) => name.to_owned(),
    }
}
