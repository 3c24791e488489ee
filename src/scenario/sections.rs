//! The sections that say who takes part: platform, app, network, client, server.

use super::diagnostic::{Diagnostic, Problems, did_you_mean, listed};
use super::library::Library;
use super::model::NetworkSetup;
use super::overrides::{Override, Overrides};
use super::set;
use super::table::{KeyInfo, Reader};
use super::values::{Line, Text};
use crate::net::Access;
use crate::platform::{InfoPlist, Manifest, unknown_modes};
use crate::port::Interface;
use crate::settings::{Layer, Setting, Settings, nearest};

const SET: KeyInfo = KeyInfo::nested(
    "set",
    "table of keys",
    "{ … }",
    "Keys of the preset that have another value here.",
);

/// The keys of `[platform]`.
pub(super) const PLATFORM: &[KeyInfo] =
    &[KeyInfo::or::<Line>("use", "\"ios-9\"", "The iOS version: a platform profile."), SET];

/// The keys of `[client]`.
pub(super) const CLIENT: &[KeyInfo] =
    &[KeyInfo::or::<Line>("use", "\"default\"", "What the client does: a strategy."), SET];

/// The keys of `[server]`.
pub(super) const SERVER: &[KeyInfo] =
    &[KeyInfo::or::<Line>("use", "\"default\"", "What the push server does: a preset."), SET];

/// The keys of `[network]`.
pub(super) const NETWORK: &[KeyInfo] = &[
    KeyInfo::or::<Line>("use", "\"wifi-home\"", "The network the phone begins on: a preset."),
    SET,
    KeyInfo::optional::<Line>(
        "other",
        "The network of the other interface: a preset; `wifi-home` or `lte-carrier` when absent.",
    ),
    KeyInfo::optional::<Interface>(
        "interface",
        "The interface that carries traffic at the beginning; that of `use` when absent.",
    ),
];

/// The keys of `[app]`.
pub(super) const APP: &[KeyInfo] = &[
    KeyInfo::nested(
        "background-modes",
        "list of texts",
        "[\"voip\"]",
        "The UIBackgroundModes of the app; `[\"voip\"]` when absent.",
    ),
    KeyInfo::optional::<Option<u32>>("sdk", "The major version of the SDK the app is linked with."),
    KeyInfo::optional::<Text>(
        "info-plist",
        "An Info.plist that says both; its path is relative to the scenario's file.",
    ),
];

/// How to find a preset of one sort.
pub(super) struct Presets<'a, S> {
    /// The section's name.
    pub(super) section: &'static str,
    /// A preset in a sentence: `strategy`.
    pub(super) noun: &'static str,
    pub(super) find: &'a dyn Fn(&str) -> Option<Layer<S>>,
    pub(super) names: &'a dyn Fn() -> Vec<String>,
}

impl<S: Settings> Presets<'_, S> {
    /// The preset that `key` names, before anything is set.
    fn find(&self, reader: &Reader<'_>, key: &str, overrides: &Overrides<'_>) -> Option<Layer<S>> {
        let over = overrides.own(self.section, key);
        let name = match over {
            Some(over) => over.read::<Line>(reader.problems)?.0,
            None => reader.get::<Line>(key)?.0,
        };
        let found = (self.find)(&name);
        if found.is_none() {
            let names = (self.names)();
            let near = nearest(&name, names.iter().map(String::as_str));
            let message = format!("there is no {} `{name}`", self.noun);
            let label = did_you_mean(near, "unknown name");
            let problem = match over {
                Some(over) => over.wrong(&format!("{message}; {label}")),
                None => Diagnostic::new(message, reader.span(key), label),
            };
            let known = listed(names.iter().map(String::as_str));
            reader.problems.report(problem.help(format!("the names are: {known}")));
        }
        found
    }

    /// Sets in `layer` what the scenario and the command line override. Keys are checked even when
    /// the preset itself was not found.
    fn set(
        &self,
        reader: &Reader<'_>,
        layer: Option<Layer<S>>,
        own: &[KeyInfo],
        overrides: &Overrides<'_>,
    ) -> Option<Layer<S>> {
        let found = layer.is_some();
        let mut layer = layer.unwrap_or_default();
        if let Some((table, _)) = reader.table("set") {
            set::apply(&mut layer, table, self.section, reader.problems);
        }
        for (key, over) in overrides.preset(self.section) {
            if !own.iter().any(|known| known.name == key && known.name != "set") {
                set::apply_override(&mut layer, key, over, self.section, reader.problems);
            }
        }
        found.then_some(layer)
    }

    /// The preset named by `use`, with what `set` overrides.
    pub(super) fn read(
        &self,
        reader: &Reader<'_>,
        own: &[KeyInfo],
        overrides: &Overrides<'_>,
    ) -> Option<Layer<S>> {
        let layer = self.find(reader, "use", overrides);
        let layer = self.set(reader, layer, own, overrides);
        reader.finish();
        layer
    }
}

/// Reads `[network]`.
pub(super) fn network(
    reader: &Reader<'_>,
    library: &dyn Library,
    overrides: &Overrides<'_>,
) -> Option<NetworkSetup> {
    let presets = Presets {
        section: "network",
        noun: "network",
        find: &|name| library.network(name),
        names: &|| library.network_names(),
    };
    let used = presets.find(reader, "use", overrides);
    // What a preset is for is read before `set` can blur it.
    let kind = used.as_ref().map(|layer| layer.values.interface);
    let used = presets.set(reader, used, NETWORK, overrides);
    let named = if reader.has("other") || overrides.own("network", "other").is_some() {
        Some(presets.find(reader, "other", overrides))
    } else {
        None
    };
    let initial = match overrides.own("network", "interface") {
        Some(over) => over.read::<Interface>(reader.problems).map(Some),
        None => reader.maybe::<Interface>("interface"),
    };
    reader.finish();

    let (used, kind) = (used?, kind?);
    // A misfit is reported, and its values are used for the other interface all the same.
    if used.values.interface != kind {
        let message = "`interface` cannot be set in a preset";
        let help = "choose another preset with `use`, or write `interface` beside `use`";
        reader
            .problems
            .report(Diagnostic::new(message, reader.span("set"), "sets `interface`").help(help));
    }
    let other = match named {
        Some(found) => {
            let found = found?;
            check_other(reader, &used, kind, &found);
            Some(found)
        }
        None => None,
    };
    let initial = initial?.unwrap_or(kind);
    let default = |name: &str| -> Option<Layer<Access>> {
        let found = library.network(name);
        if found.is_none() {
            let message = format!("there is no network `{name}`, which other networks go with");
            reader.problems.report(Diagnostic::new(message, reader.head(), "needed here"));
        }
        found
    };
    let (wifi, cellular) = match (kind, other) {
        (Interface::Wifi, other) => (used, other.map_or_else(|| default("lte-carrier"), Some)?),
        (Interface::Cellular, other) => (other.map_or_else(|| default("wifi-home"), Some)?, used),
        (Interface::None, Some(other)) if other.values.interface == Interface::Cellular => {
            (default("wifi-home")?, other)
        }
        (Interface::None, Some(other)) => (other, default("lte-carrier")?),
        (Interface::None, None) => (default("wifi-home")?, default("lte-carrier")?),
    };
    Some(NetworkSetup { initial, wifi, cellular })
}

/// Reports an `other` network that is for the same interface as `use`.
fn check_other(reader: &Reader<'_>, used: &Layer<Access>, kind: Interface, other: &Layer<Access>) {
    let both = other.values.interface;
    if both != kind {
        return;
    }
    let message = format!("`{}` and `{}` are both {both}", used.name, other.name);
    let help = "`use` and `other` are one Wi-Fi and one cellular network";
    reader
        .problems
        .report(Diagnostic::new(message, reader.span("other"), "the same interface").help(help));
}

/// Reads `[app]`.
pub(super) fn app(
    reader: &Reader<'_>,
    library: &dyn Library,
    overrides: &Overrides<'_>,
) -> Option<Manifest> {
    reader.finish();
    unknown_overrides(reader.problems, overrides);
    let modes = match overrides.own("app", "background-modes") {
        Some(over) => modes_of(over, reader.problems).map(Some),
        None => background_modes(reader),
    };
    let sdk = match overrides.own("app", "sdk") {
        Some(over) => over.read::<Option<u32>>(reader.problems).map(Some),
        None => reader.maybe::<Option<u32>>("sdk"),
    };
    let plist = overrides.own("app", "info-plist");
    let path = match plist {
        Some(over) => over.read::<Text>(reader.problems).map(Some),
        None => reader.maybe::<Text>("info-plist"),
    };
    let mut manifest = match path? {
        Some(path) => {
            if reader.has("background-modes") && plist.is_none() {
                let message = "`background-modes` and `info-plist` cannot both be given";
                let span = reader.key_span("background-modes");
                let help = "the Info.plist says which background modes the app has";
                reader
                    .problems
                    .report(Diagnostic::new(message, span, "remove one of them").help(help));
            }
            match library.manifest(&path.0) {
                Ok(manifest) => manifest,
                Err(message) => {
                    let span = reader.span("info-plist");
                    reader.problems.report(match plist {
                        Some(over) => over.wrong(&message),
                        None => Diagnostic::new(message, span, "cannot be used"),
                    });
                    return None;
                }
            }
        }
        None => Manifest::voip(),
    };
    // An Info.plist from outside replaces the modes in the text; modes from outside replace both.
    let replaced = plist.is_some() && overrides.own("app", "background-modes").is_none();
    if let Some(modes) = modes?.filter(|_| !replaced) {
        manifest.background_modes = modes;
    }
    if let Some(sdk) = sdk? {
        manifest.sdk = sdk;
    }
    Some(manifest)
}

/// Reports overrides of keys that `[app]` does not have.
fn unknown_overrides(problems: &Problems, overrides: &Overrides<'_>) {
    let names = || APP.iter().map(|key| key.name);
    for (key, over) in overrides.preset("app") {
        if names().all(|name| name != key) {
            let label = did_you_mean(nearest(key, names()), "see the list of keys");
            let help = format!("the keys are: {}", listed(names()));
            problems.report(over.wrong(&format!("there is no such key; {label}")).help(help));
        }
    }
}

fn background_modes(reader: &Reader<'_>) -> Option<Option<Vec<String>>> {
    let list = reader.list("background-modes")?;
    let read = |item| {
        let mode = reader.read::<Line>("background-modes", item)?.show();
        if let Some((message, label)) = unknown_mode(&mode) {
            reader.problems.report(Diagnostic::new(message, item.span(), label));
            return None;
        }
        Some(mode)
    };
    let modes: Vec<String> = list.iter().filter_map(read).collect();
    (modes.len() == list.len()).then_some(reader.has("background-modes").then_some(modes))
}

/// The modes in `--set app.background-modes=voip,audio`; brackets and quotes may stand there too.
fn modes_of(over: &Override, problems: &Problems) -> Option<Vec<String>> {
    let text = over.value.trim();
    let inner = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    let bare = |word: &str| word.trim().trim_matches('"').trim().to_owned();
    let modes: Vec<String> =
        inner.trim_matches('"').split(',').map(bare).filter(|mode| !mode.is_empty()).collect();
    let mut right = true;
    for mode in &modes {
        if let Some((message, label)) = unknown_mode(mode) {
            problems.report(over.wrong(&format!("{message}; {label}")));
            right = false;
        }
    }
    right.then_some(modes)
}

/// What is wrong with a background mode that does not exist: a message and a label.
fn unknown_mode(mode: &str) -> Option<(String, String)> {
    let app = InfoPlist { background_modes: vec![mode.to_owned()], ..InfoPlist::default() };
    let near = unknown_modes(&app).first().map(|(_, near)| *near)?;
    let label = did_you_mean(near, "it would have no effect");
    Some((format!("there is no background mode `{mode}`"), label))
}
