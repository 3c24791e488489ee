//! `[app]`: what the app's bundle says.

use super::diagnostic::Diagnostic;
use super::library::Library;
use super::table::{KeyInfo, Reader};
use super::values::{Line, Text};
use crate::platform::Manifest;
use crate::settings::Setting;

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

/// Reads `[app]`.
pub(super) fn read(top: &Reader<'_>, library: &dyn Library) -> Option<Manifest> {
    let reader = &top.section("app", APP);
    reader.finish();
    let modes = background_modes(reader);
    let sdk = reader.maybe::<Option<u32>>("sdk");
    let mut manifest = match reader.maybe::<Text>("info-plist")? {
        Some(path) => {
            if reader.has("background-modes") {
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
                    reader.problems.report(Diagnostic::new(message, span, "cannot be used"));
                    return None;
                }
            }
        }
        None => Manifest::voip(),
    };
    if let Some(modes) = modes? {
        manifest.background_modes = modes;
    }
    if let Some(sdk) = sdk? {
        manifest.sdk = sdk;
    }
    Some(manifest)
}

fn background_modes(reader: &Reader<'_>) -> Option<Option<Vec<String>>> {
    let list = reader.list("background-modes")?;
    let modes: Vec<String> = list
        .iter()
        .filter_map(|item| reader.read::<Line>("background-modes", item))
        .map(|mode| mode.show())
        .collect();
    (modes.len() == list.len()).then_some(reader.has("background-modes").then_some(modes))
}
