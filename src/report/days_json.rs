//! What days in a life were like, for machines.

use serde_json::{Value as Json, json};

use super::days::{by_blame, options, refused_words, sentences};
use super::json::metrics;
use crate::port::Span;
use crate::scenario::Scenario;
use crate::study::{Advice, Quantile, Trial, quantile};

/// The version of this format.
const VERSION: u32 = 1;

/// One JSON object: durations in microseconds, shares in millionths, energies in nanojoules.
///
/// # Errors
/// Only when it cannot be written at all.
pub fn json(scenario: &Scenario, trial: &Trial, advice: &[Advice]) -> serde_json::Result<String> {
    let tally = &trial.tally;
    let kills: Vec<_> = tally
        .kills
        .iter()
        .map(
            |((rule, code), n)| json!({ "rule": rule.as_str(), "code": code.as_str(), "count": n }),
        )
        .collect();
    let refused: Vec<_> = tally
        .refused
        .iter()
        .map(|(refused, n)| json!({ "rule": refused_words(*refused), "count": n }))
        .collect();
    let unreachable: Vec<_> = by_blame(trial)
        .iter()
        .map(|(blame, span)| {
            json!({ "rule": blame.rule(), "words": blame.words(), "us": span.as_micros() })
        })
        .collect();
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
    let whole = json!({
        "version": VERSION,
        "holdline": env!("CARGO_PKG_VERSION"),
        "platform": scenario.platform.name,
        "sdk": scenario.manifest.sdk,
        "client": scenario.client.name,
        "server": scenario.server.name,
        "wifi": scenario.network.wifi.name,
        "cellular": scenario.network.cellular.name,
        "seed": scenario.seed,
        "simulated_us": scenario.duration.as_micros(),
        "reachable_ppm": trial.reachable(),
        "pushes": pushes_json(&tally.delays, tally.unread),
        "worst": worst,
        "unreachable": unreachable,
        "kills": kills,
        "refused": refused,
        "metrics": metrics(&trial.outcome.totals),
        "advice": advice,
        "sentences": sentences,
    });
    Ok(serde_json::to_string_pretty(&whole)? + "\n")
}

/// How many pushes were sent and read, and how soon; `null` where fewer than that were read.
pub(super) fn pushes_json(delays: &[Span], unread: u64) -> Json {
    let mut sorted = delays.to_vec();
    sorted.sort_unstable();
    let within = |percent| match quantile(&sorted, unread, percent) {
        Quantile::Within(span) => Some(span.as_micros()),
        Quantile::Never | Quantile::NoPushes => None,
    };
    let read = sorted.len() as u64;
    json!({ "sent": read + unread, "read": read, "p50_us": within(50), "p99_us": within(99) })
}
