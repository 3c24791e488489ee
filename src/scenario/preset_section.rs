//! The sections that name a preset: which one, and what is overridden in it.

use super::diagnostic::{Diagnostic, did_you_mean, listed};
use super::library::Library;
use super::overrides::Overrides;
use super::set;
use super::table::{KeyInfo, Reader};
use super::values::Line;
use crate::client::Strategy;
use crate::platform::Profile;
use crate::server::ServerOptions;
use crate::settings::{Form, Layer, Settings, nearest};

pub(super) const SET: KeyInfo = KeyInfo::nested(
    "set",
    "table of keys",
    "{ … }",
    &[Form::Table],
    "Keys of the preset that have another value here.",
);

/// A section that names a preset of one sort, and how such presets are found.
pub(super) struct PresetSection<S> {
    /// Its name.
    pub(super) name: &'static str,
    /// Its own keys.
    pub(super) keys: &'static [KeyInfo],
    /// A preset in a sentence: `strategy`.
    pub(super) noun: &'static str,
    pub(super) find: fn(&dyn Library, &str) -> Option<Layer<S>>,
    pub(super) names: fn(&dyn Library) -> Vec<String>,
}

/// `[platform]`.
pub(super) const PLATFORM: PresetSection<Profile> = PresetSection {
    name: "platform",
    keys: &[KeyInfo::or::<Line>("use", "\"ios-9\"", "The iOS version: a platform profile."), SET],
    noun: "platform",
    find: |library, name| library.platform(name),
    names: |library| library.platform_names(),
};

/// `[client]`.
pub(super) const CLIENT: PresetSection<Strategy> = PresetSection {
    name: "client",
    keys: &[KeyInfo::or::<Line>("use", "\"default\"", "What the client does: a strategy."), SET],
    noun: "strategy",
    find: |library, name| library.strategy(name),
    names: |library| library.strategy_names(),
};

/// `[server]`.
pub(super) const SERVER: PresetSection<ServerOptions> = PresetSection {
    name: "server",
    keys: &[KeyInfo::or::<Line>("use", "\"default\"", "What the push server does: a preset."), SET],
    noun: "server preset",
    find: |library, name| library.server(name),
    names: |library| library.server_names(),
};

impl<S: Settings> PresetSection<S> {
    /// The preset that `key` names, before anything is set.
    pub(super) fn find(
        &self,
        reader: &Reader<'_>,
        key: &str,
        library: &dyn Library,
        overrides: &Overrides<'_>,
    ) -> Option<Layer<S>> {
        let over = overrides.own(self.name, key);
        let name = match over {
            Some(over) => over.read::<Line>(reader.problems)?.0,
            None => reader.get::<Line>(key)?.0,
        };
        let found = (self.find)(library, &name);
        if found.is_none() {
            let names = (self.names)(library);
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
    pub(super) fn set(
        &self,
        reader: &Reader<'_>,
        layer: Option<Layer<S>>,
        library: &dyn Library,
        overrides: &Overrides<'_>,
    ) -> Option<Layer<S>> {
        let found = layer.is_some();
        let mut layer = layer.unwrap_or_default();
        if let Some((table, _)) = reader.table("set") {
            set::apply(&mut layer, table, self.name, (library, reader.problems));
        }
        for (key, over) in overrides.preset(self.name) {
            if !self.keys.iter().any(|known| known.name == key && known.name != "set") {
                set::apply_override(&mut layer, key, over, self.name, (library, reader.problems));
            }
        }
        found.then_some(layer)
    }

    /// Reads the section: the preset named by `use`, with what `set` overrides.
    pub(super) fn read(
        &self,
        top: &Reader<'_>,
        library: &dyn Library,
        overrides: &Overrides<'_>,
    ) -> Option<Layer<S>> {
        let reader = &top.section(self.name, self.keys);
        let layer = self.find(reader, "use", library, overrides);
        let layer = self.set(reader, layer, library, overrides);
        reader.finish();
        layer
    }
}
