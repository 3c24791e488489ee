//! What was counted of days in a life, for machines: one shape for one run and for a cell of many.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use crate::port::Span;
use crate::study::{Blame, Quantile, Refused, most_first, quantile};
use crate::trace::{KillCode, KillRule};

/// How many pushes were sent and read, and how soon; `null` where fewer than that were read.
pub(super) fn pushes(delays: &[Span], unread: u64) -> Json {
    let mut sorted = delays.to_vec();
    sorted.sort_unstable();
    let within = |percent| match quantile(&sorted, unread, percent) {
        Quantile::Within(span) => Some(span.as_micros()),
        Quantile::Never | Quantile::NoPushes => None,
    };
    let read = sorted.len() as u64;
    json!({ "sent": read + unread, "read": read, "p50_us": within(50), "p99_us": within(99) })
}

/// What unreachable time was spent in, the most first.
pub(super) fn unreachable(blames: &BTreeMap<Blame, Span>) -> Json {
    let one = |(blame, span): (Blame, Span)| json!({ "rule": blame.rule(), "words": blame.words(), "us": span.as_micros() });
    most_first(blames).into_iter().map(one).collect()
}

/// What ended the app, and how often.
pub(super) fn kills(kills: &BTreeMap<(KillRule, KillCode), u64>) -> Json {
    let one = |((rule, code), n): (&(KillRule, KillCode), &u64)| json!({ "rule": rule.as_str(), "code": code.as_str(), "count": n });
    kills.iter().map(one).collect()
}

/// What was refused or had no effect, and how often.
pub(super) fn refused(refused: &BTreeMap<Refused, u64>) -> Json {
    let one = |(refused, n): (&Refused, &u64)| json!({ "rule": refused.rule(), "count": n });
    refused.iter().map(one).collect()
}
