//! `[phases]`: faults act, then everything heals and has to come to rest.

use super::decode::TOP;
use super::diagnostic::{Diagnostic, did_you_mean, listed};
use super::model::Phases;
use super::overrides::Overrides;
use super::table::{KeyInfo, Reader};
use super::values::Positive;
use crate::port::Span;
use crate::settings::nearest;

/// The keys of `[phases]`.
pub(super) const PHASES: &[KeyInfo] = &[
    KeyInfo::required::<Positive>("safety", "How long faults act; at its end everything heals."),
    KeyInfo::required::<Positive>(
        "liveness",
        "How long the run goes on from there, without faults.",
    ),
];

/// The duration of a run without phases, which has to be there.
fn needed(top: &Reader<'_>) -> Option<Positive> {
    let duration = top.maybe::<Positive>("duration")?;
    if duration.is_none()
        && let Some(key) = TOP.iter().find(|key| key.name == "duration")
    {
        top.missing(key);
    }
    duration
}

/// How long the run is, and its phases if it has them; `None` when that is wrong, which is reported.
pub(super) fn read(top: &Reader<'_>, overrides: &Overrides<'_>) -> Option<(Span, Option<Phases>)> {
    if !top.has("phases") {
        let unknown = overrides.preset("phases");
        for (_, over) in &unknown {
            let help = "write `[phases]` with `safety` and `liveness` instead of `duration`";
            top.problems.report(over.wrong("the scenario has no `[phases]`").help(help));
        }
        let duration = match overrides.top("duration") {
            Some(over) => over.read::<Positive>(top.problems),
            None => needed(top),
        };
        return duration.filter(|_| unknown.is_empty()).map(|duration| (duration.0, None));
    }
    let contradictory = "`duration` and `[phases]` are contradictory";
    let help = "both phases together are the duration: change `phases.safety` or `phases.liveness`";
    let mut sound = true;
    if let Some(over) = overrides.top("duration") {
        top.problems.report(over.wrong(contradictory).help(help));
        sound = false;
    }
    if top.has("duration") {
        let span = top.key_span("duration");
        top.problems.report(Diagnostic::new(contradictory, span, "remove one of them").help(help));
        sound = false;
    }
    // Something else than a section is reported, and then nothing is missing in it.
    top.table("phases")?;
    let reader = &top.section("phases", PHASES);
    reader.finish();
    let names = || PHASES.iter().map(|key| key.name);
    for (key, over) in overrides.preset("phases") {
        if names().all(|name| name != key) {
            let label = did_you_mean(nearest(key, names()), "see the list of keys");
            let help = format!("the keys are: {}", listed(names()));
            let message = format!("there is no such key; {label}");
            top.problems.report(over.wrong(&message).help(help));
        }
    }
    let span = |key: &str| match overrides.own("phases", key) {
        Some(over) => over.read::<Positive>(reader.problems),
        None => reader.get::<Positive>(key),
    };
    let (safety, liveness) = (span("safety"), span("liveness"));
    let (Positive(safety), Positive(liveness)) = (safety?, liveness?);
    sound.then_some((safety + liveness, Some(Phases { safety, liveness })))
}
