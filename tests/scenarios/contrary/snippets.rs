//! What is changed in `scenarios/snippets`, and for every strategy with a flaw the corrected twin in the scenario
//! that shows the flaw.

use std::collections::BTreeSet;

use holdline::client::{STRATEGIES, snippet};

use super::Change::{Set, Sets, Text};
use super::{CONTRARY, Row};
use crate::library::folder;

pub(super) const ROWS: &[Row] = &[
    ("keep-alive/ping-without-a-task", Set("client.use", "ping-in-handler"), 4),
    ("keep-alive/reconnect-once-a-day", Set("client.use", "default"), 2),
    ("life/deadline-on-a-clock-that-stops", Set("client.use", "deadline-on-uptime-fixed"), 3),
    ("snippets/backgrounding-enabled", Set("platform.use", "ios-16"), 3),
    ("snippets/backgrounding-enabled", Set("client.use", "gcd-async-socket-outside"), 1),
    ("snippets/backgrounding-enabled", Set("client.stream.service-type", "default"), 2),
    ("snippets/backgrounding-enabled", Set("client.keep-alive.timeout", "30m"), 4),
    ("snippets/blank-proves-nothing", Set("client.use", "default"), 1),
    ("snippets/closed-without-unscheduling", Set("client.use", "closes-scheduled-fixed"), 1),
    ("snippets/closed-without-unscheduling", Set("platform.stream.told-after-close", "false"), 1),
    ("snippets/closed-without-unscheduling", Set("client.stream.compare", "true"), 1),
    ("snippets/enabled-outside-perform-block", Set("client.use", "gcd-async-socket"), 4),
    ("snippets/end-handled-twice", Set("client.use", "handles-end-twice-fixed"), 1),
    (
        "snippets/ended-after-the-expiration-handler",
        Set("client.use", "ends-task-too-late-fixed"),
        3,
    ),
    ("snippets/ended-after-the-expiration-handler", Set("client.expiry.end-after", "2s"), 3),
    ("snippets/ended-by-another-thread", Set("client.use", "ends-wrong-task-fixed"), 1),
    ("snippets/ended-by-another-thread", Set("client.task.end-after", "100ms"), 1),
    ("snippets/long-poll-on-ios-9", Set("client.stream.long-poll", "false"), 3),
    ("snippets/long-poll-on-ios-9", Set("platform.voip-request.wakes", "false"), 1),
    ("snippets/long-poll-on-ios-10", Set("platform.voip-request.wakes", "true"), 1),
    ("snippets/long-poll-on-ios-10", Set("client.use", "default"), 1),
    ("snippets/long-poll-on-ios-10", Set("client.stream.service-type", "voip"), 1),
    ("snippets/ping-after-the-handler", Set("client.use", "pings-after-handler-fixed"), 1),
    ("snippets/reconnecting-every-600-s", Set("client.use", "reconnect-every-600s-fixed"), 1),
    ("snippets/run-loop-in-another-mode", Set("client.use", "default"), 1),
    ("snippets/run-loop-in-another-mode", Set("client.use", "default"), 4),
    ("snippets/run-loop-stopped", Set("client.use", "default"), 1),
    ("snippets/run-loop-stopped", Set("client.use", "default"), 4),
    ("snippets/run-loop-without-sources", Set("client.use", "default"), 1),
    ("snippets/run-loop-without-sources", Set("client.use", "default"), 4),
    ("snippets/suspended-before-open-completed", Set("client.use", "default"), 4),
    ("sockets/read-stream-not-scheduled", Set("client.use", "default"), 3),
    ("sockets/tagged-after-open", Set("client.use", "default"), 4),
    ("tasks/identifier-overwritten", Set("client.use", "ping-in-handler"), 1),
    ("tasks/never-ended", Set("client.use", "leaks-task-fixed"), 1),
];

/// Whether a bundled scenario lets `strategy` play, with its `twin` as a contrary.
fn is_shown(strategy: &str, twin: &str) -> bool {
    let plays = format!("use = \"{strategy}\"");
    CONTRARY.iter().copied().flatten().any(|(name, change, _)| match change {
        Set("client.use", other) if *other == twin => {
            let text = std::fs::read_to_string(folder().join(format!("{name}.toml"))).unwrap();
            text.contains(&plays)
        }
        Set(..) | Sets(..) | Text(..) => false,
    })
}

#[test]
fn every_flaw_of_published_code_is_shown_and_gone_with_its_twin() {
    let flaws = STRATEGIES.names().filter_map(|name| Some((name, snippet(name)?.twin?)));
    let missing: BTreeSet<_> = flaws.filter(|(name, twin)| !is_shown(name, twin)).collect();
    assert!(
        missing.is_empty(),
        "no scenario with a contrary `Set(\"client.use\", twin)`: {missing:?}"
    );
}
