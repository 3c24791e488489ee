//! `[app]`: what the app's bundle says, and how the app is run.

use super::diagnostic::{Diagnostic, Problems, did_you_mean, listed};
use super::library::Library;
use super::overrides::{Override, Overrides};
use super::table::{KeyInfo, Reader};
use super::values::{Line, Text};
use crate::platform::{BACKGROUND_MODES, InfoPlist, Manifest, read_info_plist, unknown_modes};
use crate::settings::{Form, Setting, nearest};

/// The keys of `[app]`.
pub(super) const APP: &[KeyInfo] = &[
    KeyInfo::nested(
        "background-modes",
        "list of texts",
        "[\"voip\"]",
        &[Form::List(0, &[Form::Words(BACKGROUND_MODES)])],
        "The UIBackgroundModes of the app; `[\"voip\"]` when absent.",
    ),
    KeyInfo::optional::<Option<u32>>("sdk", "The major version of the SDK the app is linked with."),
    KeyInfo::optional::<Text>(
        "info-plist",
        "An Info.plist that says both; its path is relative to the scenario's file.",
    ),
    KeyInfo::or::<bool>(
        "debugger",
        "false",
        "Whether a debugger is attached: nothing suspends the app, no watchdog ends it.",
    ),
];

/// Reads `[app]`.
pub(super) fn read(
    top: &Reader<'_>,
    library: &dyn Library,
    overrides: &Overrides<'_>,
) -> Option<Manifest> {
    let reader = &top.section("app", APP);
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
    let debugger = match overrides.own("app", "debugger") {
        Some(over) => over.read::<bool>(reader.problems),
        None => reader.get::<bool>("debugger"),
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
            match manifest_at(library, &path.0) {
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
    manifest.debugger = debugger?;
    Some(manifest)
}

/// The app that the Info.plist at `path` describes.
fn manifest_at(library: &dyn Library, path: &str) -> Result<Manifest, String> {
    let info = read_info_plist(&library.file(path)?).map_err(|error| {
        let place = error.place.map_or(String::new(), |place| format!("{place}: "));
        format!("{path}: {place}{}; {}", error.problem, error.help)
    })?;
    Ok(info.manifest())
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
