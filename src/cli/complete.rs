//! Completion in a shell, from the tables that the decoder reads by: `source <(COMPLETE=bash holdline)`.

use std::ffi::OsStr;
use std::path::Path;

use clap_complete::CompletionCandidate;
use clap_complete::engine::{PathCompleter, ValueCompleter};

use super::bundled;
use crate::client::STRATEGIES;
use crate::explain::{Explainer, Section};
use crate::platform::PROFILES;
use crate::scenario::{Place, SET_AT_THE_TOP, SectionDoc, describe, preset_names};
use crate::settings::{Kind, Settings, Shelf};
use crate::{net, server};

/// Those of `all` that go on from what is written.
fn from(
    all: impl IntoIterator<Item = CompletionCandidate>,
    written: &OsStr,
) -> Vec<CompletionCandidate> {
    let written = written.to_string_lossy();
    let fits =
        |one: &CompletionCandidate| one.get_value().to_string_lossy().starts_with(written.as_ref());
    all.into_iter().filter(fits).collect()
}

/// A candidate with what it means, in a line.
fn candidate(value: impl Into<String>, meaning: &str) -> CompletionCandidate {
    let line = meaning.trim().lines().next().unwrap_or_default().to_owned();
    CompletionCandidate::new(value.into()).help((!line.is_empty()).then(|| line.into()))
}

fn shelf<S: Settings>(shelf: &Shelf<S>) -> Vec<CompletionCandidate> {
    let about = |name: &str| shelf.get(name).map_or(String::new(), |layer| layer.about);
    shelf.names().map(|name| candidate(name, &about(name))).collect()
}

/// Versions of iOS.
pub(super) fn platforms(written: &OsStr) -> Vec<CompletionCandidate> {
    from(shelf(&PROFILES), written)
}

/// Networks.
pub(super) fn networks(written: &OsStr) -> Vec<CompletionCandidate> {
    from(shelf(&net::PRESETS), written)
}

/// Strategies.
pub(super) fn strategies(written: &OsStr) -> Vec<CompletionCandidate> {
    from(shelf(&STRATEGIES), written)
}

/// Servers.
pub(super) fn servers(written: &OsStr) -> Vec<CompletionCandidate> {
    from(shelf(&server::PRESETS), written)
}

/// Presets of every sort.
pub(super) fn presets(written: &OsStr) -> Vec<CompletionCandidate> {
    let servers = shelf(&server::PRESETS);
    let all = [shelf(&PROFILES), shelf(&net::PRESETS), shelf(&STRATEGIES), servers];
    from(all.into_iter().flatten(), written)
}

/// A platform, or one of its keys.
pub(super) fn platform_or_key(written: &OsStr) -> Vec<CompletionCandidate> {
    let keys = Section::Platform.keys().iter().map(|key| candidate(key.name, key.doc));
    from(shelf(&PROFILES).into_iter().chain(keys), written)
}

/// Names that `explain` knows.
pub(super) fn explained(written: &OsStr) -> Vec<CompletionCandidate> {
    // Without the scenarios, which it would have to play.
    let names = Explainer::new(Vec::new()).names();
    from(names.into_iter().map(|name| candidate(name, "")), written)
}

/// Bundled scenarios and their folders, and files and folders here.
pub(super) fn scenarios(written: &OsStr) -> Vec<CompletionCandidate> {
    let mut paths: Vec<String> = vec![String::new()];
    for file in bundled::scenarios("") {
        let folder = file.path.parent().map(|folder| format!("{}/", folder.display()));
        paths.extend(folder);
        paths.push(file.path.display().to_string());
    }
    paths.dedup();
    let named = paths.into_iter().map(|path| candidate(format!("{}{path}", bundled::PREFIX), ""));
    let is_one = |path: &Path| path.is_dir() || path.extension().is_some_and(|end| end == "toml");
    let files = PathCompleter::any().filter(is_one).complete(written);
    from(named, written).into_iter().chain(files).collect()
}

/// `KEY=VALUE` of `--set`: the keys, and behind the sign the words that a key can be.
pub(super) fn set(written: &OsStr) -> Vec<CompletionCandidate> {
    let all = describe();
    let text = written.to_string_lossy();
    let keys = all.iter().flat_map(settable);
    match text.split_once('=') {
        None => from(keys.map(|(key, _, doc)| candidate(format!("{key}="), doc)), written),
        Some((wanted, _)) => {
            let known = keys.into_iter().find(|(key, ..)| key == wanted);
            let values = known.map_or(Vec::new(), |(key, kind, _)| values(&key, kind));
            let whole = values.into_iter().map(|value| candidate(format!("{wanted}={value}"), ""));
            from(whole, written)
        }
    }
}

/// The keys of a section that `--set` takes: name, type and meaning.
fn settable(section: &SectionDoc) -> Vec<(String, Kind, &'static str)> {
    let nested = ["step", "expect"].map(|list| format!("{list}."));
    let prefix = match section.place {
        Place::Top => String::new(),
        Place::Table if nested.iter().any(|list| section.name.starts_with(list)) => {
            return Vec::new();
        }
        Place::Table => format!("{}.", section.name.trim_end_matches(".set")),
        Place::Each | Place::Act | Place::Expectation => return Vec::new(),
    };
    let taken = |name: &str| match section.place {
        Place::Top => SET_AT_THE_TOP.contains(&name),
        Place::Table | Place::Each | Place::Act | Place::Expectation => name != "set",
    };
    let keys = section.keys.iter().filter(|key| taken(key.name));
    keys.map(|key| (format!("{prefix}{}", key.name), key.kind, key.doc)).collect()
}

/// The words that a key can be: its own, or the names of presets.
fn values(key: &str, kind: Kind) -> Vec<String> {
    match &preset_names(key)[..] {
        names if !names.is_empty() => names.iter().map(|name| (*name).to_owned()).collect(),
        _ if kind.name == "true or false" => vec!["true".to_owned(), "false".to_owned()],
        _ => kind.choices.iter().map(|word| (*word).to_owned()).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{Override, Presets, decode};

    fn names(some: &[CompletionCandidate]) -> Vec<String> {
        some.iter().map(|one| one.get_value().to_string_lossy().into_owned()).collect()
    }

    #[test]
    fn every_key_that_is_offered_can_be_set() {
        let text = "name = \"x\"\nduration = \"1h\"";
        let offered = names(&set(OsStr::new("")));
        assert!(offered.len() > 150, "{}", offered.len());
        for key in offered.iter().filter(|key| !key.starts_with("phases.")) {
            let over = Override::new(key.trim_end_matches('='), "?");
            // The value is wrong; that the key is must not be said.
            let wrong = decode(text, &Presets::built_in(), &[over]).err().unwrap_or_default();
            assert!(
                wrong.iter().all(|problem| !problem.message.contains("no such key")),
                "{wrong:?}"
            );
        }
    }

    #[test]
    fn behind_the_sign_come_the_words_that_the_key_can_be() {
        let platforms = names(&set(OsStr::new("platform.use=")));
        assert!(platforms.contains(&"platform.use=ios-9".to_owned()), "{platforms:?}");
        assert_eq!(
            names(&set(OsStr::new("network.nat.on-expiry=si"))),
            ["network.nat.on-expiry=silent"]
        );
        assert_eq!(names(&set(OsStr::new("app.debugger=t"))), ["app.debugger=true"]);
        assert!(set(OsStr::new("no.such=")).is_empty());
    }
}
