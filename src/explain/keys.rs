//! Keys of the four sections: which there are, and what they are in each preset.

use std::sync::OnceLock;

use super::topic::{KeyValues, Named, Row, Sourced, TopicKind, squeezed};
use crate::client::{STRATEGIES, Strategy};
use crate::net::{self, Access};
use crate::platform::{IosRange, PROFILES, Profile, ios_range};
use crate::port::words;
use crate::scenario::Scenario;
use crate::server::{self, ServerOptions};
use crate::settings::{Key, Layer, Settings};

words! {
    /// A section of a scenario that has presets.
    pub enum Section {
        /// What iOS allows.
        Platform = "platform",
        /// What a network is like.
        Network = "network",
        /// What a client does.
        Client = "client",
        /// What the push server does.
        Server = "server",
    }
}

/// The presets of one sort, read.
type Layers<S> = [(&'static str, Layer<S>)];

/// Reads a shelf once: reading follows what each preset extends.
macro_rules! read_once {
    ($name:ident, $type:ty, $shelf:expr) => {
        fn $name() -> &'static Layers<$type> {
            static READ: OnceLock<Vec<(&'static str, Layer<$type>)>> = OnceLock::new();
            READ.get_or_init(|| {
                let shelf = &$shelf;
                shelf.names().filter_map(|name| Some((name, shelf.get(name).ok()?))).collect()
            })
        }
    };
}

read_once!(platforms, Profile, PROFILES);
read_once!(networks, Access, net::PRESETS);
read_once!(strategies, Strategy, STRATEGIES);
read_once!(servers, ServerOptions, server::PRESETS);

/// Calls the function for the type of a section's presets with all of them.
macro_rules! on_layers {
    ($section:expr, $call:ident($($argument:expr),*)) => {
        match $section {
            Section::Platform => $call::<Profile>(platforms(), $($argument),*),
            Section::Network => $call::<Access>(networks(), $($argument),*),
            Section::Client => $call::<Strategy>(strategies(), $($argument),*),
            Section::Server => $call::<ServerOptions>(servers(), $($argument),*),
        }
    };
}

/// The preset of this name.
fn named<'a, S>(layers: &'a Layers<S>, name: &str) -> Option<&'a Layer<S>> {
    layers.iter().find(|(known, _)| *known == name).map(|(_, layer)| layer)
}

impl Section {
    /// Its keys.
    pub fn keys(self) -> &'static [Key] {
        match self {
            Section::Platform => Profile::KEYS,
            Section::Network => Access::KEYS,
            Section::Client => Strategy::KEYS,
            Section::Server => ServerOptions::KEYS,
        }
    }

    /// Its presets, in their order.
    pub fn presets(self) -> Vec<&'static str> {
        fn names<S>(layers: &Layers<S>) -> Vec<&'static str> {
            layers.iter().map(|(name, _)| *name).collect()
        }
        on_layers!(self, names())
    }

    /// What one of its presets is called.
    pub const fn preset(self) -> TopicKind {
        match self {
            Section::Platform => TopicKind::Platform,
            Section::Network => TopicKind::Network,
            Section::Client => TopicKind::Strategy,
            Section::Server => TopicKind::ServerPreset,
        }
    }

    /// What `holdline show` calls the sort.
    pub const fn shown_as(self) -> &'static str {
        match self {
            Section::Platform | Section::Network | Section::Server => self.as_str(),
            Section::Client => "strategy",
        }
    }

    /// The sentence about one of its presets.
    pub fn about(self, preset: &str) -> String {
        fn about<S>(layers: &Layers<S>, preset: &str) -> String {
            named(layers, preset).map_or(String::new(), |layer| squeezed(&layer.about))
        }
        on_layers!(self, about(preset))
    }

    /// What one of its presets states itself, as key and value; for a platform what differs from the one
    /// before it.
    pub fn stated(self, preset: &str) -> Vec<Named> {
        if let Section::Platform = self {
            return changes(preset);
        }
        fn stated<S: Settings>(layers: &Layers<S>, preset: &str) -> Vec<Named> {
            let Some(layer) = named(layers, preset) else { return Vec::new() };
            let own = |key: &&Key| {
                layer.provenance.get(key.name).is_some_and(|from| from.preset == preset)
            };
            let value = |key: &Key| Named::new(key.name, &sourced(layer, key, shown(layer, key)));
            S::KEYS.iter().filter(own).map(value).collect()
        }
        on_layers!(self, stated(preset))
    }

    /// The values of `key` in its presets, alike ones together.
    pub fn values(self, key: &Key) -> Vec<Row> {
        on_layers!(self, rows(key, self))
    }

    /// The value that `key` has in `scenario`, and whether the scenario itself sets it.
    pub fn in_scenario(self, key: &Key, scenario: &Scenario) -> (String, bool) {
        fn of<S: Settings>(layer: &Layer<S>, key: &Key) -> (String, bool) {
            let from = layer.provenance.get(key.name);
            (shown(layer, key), from.is_some_and(|from| from.preset == "scenario"))
        }
        match self {
            Section::Platform => of(&scenario.platform, key),
            // One of the two that is set is the one it is about.
            Section::Network => match of(&scenario.network.cellular, key) {
                set @ (_, true) => set,
                _ => of(&scenario.network.wifi, key),
            },
            Section::Client => of(&scenario.client, key),
            Section::Server => of(&scenario.server, key),
        }
    }
}

/// The key that `name` means, with its section: `platform.wake-limit.count`.
pub(super) fn key(name: &str) -> Option<(Section, &'static Key)> {
    let (section, rest) = name.split_once('.')?;
    let section = Section::parse(section)?;
    Some((section, section.keys().iter().find(|key| key.name == rest)?))
}

/// The key of this full name and its values.
pub(super) fn key_values(name: &str) -> Option<KeyValues> {
    let (section, key) = key(name)?;
    let values = section.values(key);
    Some(KeyValues { key: name.to_owned(), means: squeezed(key.doc), values })
}

/// The value of `key` on one platform.
pub fn on_platform(key: &str, platform: &str) -> Option<Row> {
    let (section, key) = self::key(key)?;
    section.values(key).into_iter().find(|row| row.presets.contains(&platform))
}

fn shown<S: Settings>(layer: &Layer<S>, key: &Key) -> String {
    layer.values.get(key.name).unwrap_or_default()
}

/// `text` about a key with its source; without it where the value is a choice of ours.
fn sourced<S>(layer: &Layer<S>, key: &Key, text: String) -> String {
    match layer.provenance.get(key.name) {
        Some(from) if from.confidence != "T" => {
            let source = Sourced::new(&from.source, &from.confidence);
            format!("{text}; {} ({}): {}", source.trust, source.confidence, source.source)
        }
        Some(_) | None => text,
    }
}

fn rows<S: Settings>(layers: &Layers<S>, key: &Key, section: Section) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    for (name, layer) in layers {
        let value = shown(layer, key);
        let from = layer.provenance.get(key.name).cloned().unwrap_or_default();
        let source = Sourced::new(&from.source, &from.confidence);
        let known = match section {
            // Versions have an order, and each its own source: only neighbours are told together.
            Section::Platform => {
                rows.last_mut().filter(|row| row.value == value && row.source == source)
            }
            Section::Network | Section::Client | Section::Server => {
                rows.iter_mut().find(|row| row.value == value)
            }
        };
        match known {
            Some(row) => row.presets.push(*name),
            None => rows.push(Row { of: String::new(), presets: vec![*name], value, source }),
        }
    }
    let largest = rows.iter().map(|row| row.presets.len()).max().unwrap_or(0);
    let all = rows.len() == 1;
    for row in &mut rows {
        row.of = match section {
            Section::Platform => versions(&row.presets),
            Section::Network | Section::Client | Section::Server => match row.presets.len() {
                _ if all => "all".to_owned(),
                n if n > 3 && n == largest => format!("{n} others"),
                _ => row.presets.join(", "),
            },
        };
    }
    // What is special comes first.
    if section != Section::Platform {
        rows.sort_by_key(|row| row.of.ends_with(" others"));
    }
    rows
}

/// The versions of iOS that some neighbouring profiles stand for together.
pub fn versions(presets: &[&str]) -> String {
    let first = presets.first().and_then(|name| ios_range(name));
    let last = presets.last().and_then(|name| ios_range(name));
    match (first, last) {
        (Some(first), Some(last)) => IosRange { first: first.first, last: last.last }.to_string(),
        (None, _) | (_, None) => presets.join(", "),
    }
}

/// What differs on a platform from the one before it: `180s, was 600s`.
fn changes(platform: &str) -> Vec<Named> {
    let layers = platforms();
    let Some(at) = layers.iter().position(|(name, _)| *name == platform) else { return Vec::new() };
    let Some((_, before)) = at.checked_sub(1).and_then(|at| layers.get(at)) else {
        return Vec::new();
    };
    let (_, now) = &layers[at];
    let differs = |key: &Key| {
        let (old, new) = (shown(before, key), shown(now, key));
        let text = format!("{new}, was {old}");
        (old != new).then(|| Named::new(key.name, &sourced(now, key, text)))
    };
    Profile::KEYS.iter().filter_map(differs).collect()
}

/// At most so many values of other presets are tried.
const MOST_REAL: usize = 3;

/// Values to try for a key that is `now`: those it has in some preset, and some of its type; how many are of
/// the first sort.
pub(super) fn other_values(in_presets: &[Row], key: &Key, now: &str) -> (Vec<String>, usize) {
    let mut values: Vec<String> =
        in_presets.iter().map(|row| row.value.clone()).filter(|value| value != now).collect();
    values.dedup();
    values.truncate(MOST_REAL);
    let real = values.len();
    let of_type: &[&str] = match key.kind.name {
        _ if !key.kind.choices.is_empty() => key.kind.choices,
        "duration" => &["3s", "20m"],
        "duration or \"never\"" => &["never", "45s", "5m"],
        "duration or distribution" => &["7s"],
        "share" => &["9%"],
        "true or false" => &["true", "false"],
        "whole number" => &["0", "3", "100000"],
        "whole number or \"none\"" => &["none", "1", "10"],
        _ => &[],
    };
    for value in of_type {
        if *value != now && !values.iter().any(|known| known == value) {
            values.push((*value).to_owned());
        }
    }
    (values, real)
}
