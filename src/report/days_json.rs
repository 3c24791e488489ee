//! What days in a life were like, for machines.

use serde_json::json;

use super::counted_json as counted;
use super::days::{options, sentences};
use super::json::metrics;
use crate::scenario::Scenario;
use crate::study::{Advice, Choice, Trial};

/// The version of this format.
const VERSION: u32 = 1;

/// One JSON object: durations in microseconds, shares in millionths, energies in nanojoules.
///
/// # Errors
/// Only when it cannot be written at all.
pub fn json(
    choice: &Choice,
    scenario: &Scenario,
    trial: &Trial,
    advice: &[Advice],
) -> serde_json::Result<String> {
    let tally = &trial.tally;
    let worst = tally.worst.map(|worst| {
        json!({
            "from_us": worst.from.as_micros(), "lasted_us": worst.lasted.as_micros(),
            "rule": worst.blame.rule(), "words": worst.blame.words(),
        })
    });
    let sentences: Vec<_> = sentences(scenario, trial)
        .into_iter()
        .map(|(about, sentence)| json!({ "about": about, "sentence": sentence }))
        .collect();
    let advice: Vec<_> = advice
        .iter()
        .map(|advice| {
            json!({
                "options": options(&advice.change), "reachable_ppm": advice.trial.reachable(),
            })
        })
        .collect();
    let set: Vec<_> =
        choice.set_last().map(|over| format!("{}={}", over.key, over.value)).collect();
    let whole = json!({
        "version": VERSION,
        "holdline": env!("CARGO_PKG_VERSION"),
        "platform": choice.platform(),
        "profile": scenario.platform.name,
        "sdk": scenario.manifest.sdk,
        "client": scenario.client.name,
        "server": scenario.server.name,
        "wifi": scenario.network.wifi.name,
        "cellular": scenario.network.cellular.name,
        "seed": scenario.seed,
        "set": set,
        "simulated_us": scenario.duration.as_micros(),
        "reachable_ppm": trial.reachable(),
        "pushes": counted::pushes(&tally.delays, tally.unread),
        "worst": worst,
        "unreachable": counted::unreachable(&tally.blames),
        "kills": counted::kills(&tally.kills),
        "refused": counted::refused(&tally.refused),
        "metrics": metrics(&trial.outcome.totals),
        "advice": advice,
        "sentences": sentences,
    });
    Ok(serde_json::to_string_pretty(&whole)? + "\n")
}
