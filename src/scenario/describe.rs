//! The language as data: what can stand where, with type, default and meaning. The documentation and
//! the JSON Schema are made of it, and the decoder reads by the same tables.

use std::fmt::Write;

use super::acts::ACTS;
use super::expects::{self, EXPECTS};
use super::network::NETWORK;
use super::preset_section::{CLIENT, PLATFORM, SERVER};
use super::table::{KeyInfo, Need};
use super::{app, decode, phases, steps};
use crate::client::Strategy;
use crate::net::Access;
use crate::platform::Profile;
use crate::server::ServerOptions;
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
}

/// Every section, step, act and expectation of the language.
pub fn describe() -> Vec<SectionDoc> {
    let group =
        |place, name, doc, keys: &[KeyInfo]| SectionDoc { place, name, doc, keys: keys.to_vec() };
    let table = |name, doc, keys: &[KeyInfo]| group(Place::Table, name, doc, keys);
    let mut all = vec![
        group(
            Place::Top,
            "",
            "A situation: who is in it, what happens, what is expected.",
            decode::TOP,
        ),
        table("platform", "What iOS allows.", PLATFORM.keys),
        preset::<Profile>("platform.set", "The keys of a platform profile."),
        table("app", "What the app's bundle says, and how the app is run.", app::APP),
        table("network", "What the networks are like.", NETWORK.keys),
        preset::<Access>("network.set", "The keys of a network preset."),
        table("client", "What the client does.", CLIENT.keys),
        preset::<Strategy>("client.set", "The keys of a strategy."),
        table("server", "What the push server does.", SERVER.keys),
        preset::<ServerOptions>("server.set", "The keys of a server preset."),
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

fn preset<S: Settings>(name: &'static str, doc: &'static str) -> SectionDoc {
    let key = |key: &crate::settings::Key| KeyInfo {
        name: key.name,
        kind: key.kind,
        need: Need::Optional,
        doc: key.doc.trim(),
    };
    SectionDoc { place: Place::Table, name, doc, keys: S::KEYS.iter().map(key).collect() }
}

/// The keys of a group as a Markdown table.
pub fn key_table(section: &SectionDoc) -> String {
    let mut out = String::from("| key | type | default | meaning |\n|---|---|---|---|\n");
    for key in &section.keys {
        let default = match key.need {
            Need::Required => "required".to_owned(),
            Need::Optional => String::new(),
            Need::Default(text) => format!("`{text}`"),
        };
        let _ = writeln!(out, "| `{}` | {} | {default} | {} |", key.name, kind(key), key.doc);
    }
    out
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

/// A type, spelled out when it is one of a few words.
fn kind(key: &KeyInfo) -> String {
    match key.kind.choices {
        [] => key.kind.name.to_owned(),
        choices if choices.len() > 6 => key.kind.name.to_owned(),
        choices => choices.iter().map(|c| format!("`\"{c}\"`")).collect::<Vec<_>>().join(" or "),
    }
}
