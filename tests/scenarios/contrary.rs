//! A check that cannot fail is worthless: for every scenario there is a change of the situation under
//! which a named expectation of it fails.

use std::collections::BTreeSet;

use holdline::run::{Options, Verdict, play};
use holdline::scenario::Override;

use crate::library::{bundled, folder, read};

/// What is changed.
enum Change {
    /// A key: section, dot, key; and its value.
    Set(&'static str, &'static str),
    /// A piece of the file, and what stands there instead.
    Text(&'static str, &'static str),
}

use Change::{Set, Text};

/// A scenario, a change of it, and the expectation that fails then, counted from 1.
const CONTRARY: &[(&str, Change, usize)] = &[
    ("keep-alive/handler-hangs-by-apples-page", Set("platform.keep-alive.on-overrun", "kill"), 1),
    ("keep-alive/handler-hangs-by-apples-page", Set("client.use", "ping-in-handler"), 2),
    ("keep-alive/handler-hangs", Set("client.use", "ping-in-handler"), 1),
    ("keep-alive/handler-hangs", Set("platform.keep-alive.on-overrun", "suspend"), 1),
    ("keep-alive/handler-hangs", Set("platform.keep-alive.handler-budget", "41s"), 1),
    ("keep-alive/ping-under-a-task", Set("client.use", "heartbeat-only"), 4),
    ("keep-alive/ping-under-a-task", Set("client.use", "ping-without-task"), 5),
    ("keep-alive/ping-without-a-task", Set("client.use", "ping-in-handler"), 1),
    ("keep-alive/ping-without-a-task", Set("platform.keep-alive.suspension-delay", "5s"), 1),
    ("keep-alive/reconnect-once-a-day", Set("client.use", "ping-in-handler"), 2),
    ("keep-alive/reconnect-once-a-day", Set("client.reconnect.task", "true"), 5),
    ("keep-alive/timeout-below-the-minimum", Set("client.keep-alive.timeout", "600s"), 1),
    ("life/deadline-on-a-clock-that-stops", Set("client.ping.deadline-clock", "continuous"), 2),
    ("life/force-quit", Set("platform.use", "ios-13"), 6),
    ("life/force-quit", Text("user.force-quit", "phone.memory-kill"), 4),
    ("life/hangs-at-launch", Set("client.launch.hang", "19s"), 1),
    ("life/hangs-when-it-comes-back", Set("platform.resume.watchdog", "40s"), 1),
    ("life/memory-is-short", Set("platform.relaunch.on-memory", "false"), 2),
    ("life/nonzero-exit-is-relaunched", Text("code = 1", "code = 0"), 1),
    ("life/nonzero-exit-is-relaunched", Set("platform.use", "ios-13"), 3),
    ("life/notifications-denied", Text("allowed = false", "allowed = true"), 2),
    ("life/reboot-before-first-unlock", Set("platform.relaunch.at-boot", "false"), 2),
    ("life/shown-twice", Set("client.use", "default"), 1),
    ("life/zero-exit-is-final", Set("client.background.exit", "1"), 3),
    ("network/azure-forgets-in-silence", Set("network.use", "carrier-255s-rst"), 3),
    ("network/azure-forgets-in-silence", Set("network.use", "wifi-home"), 1),
    ("network/carrier-resets-after-255-s", Set("network.nat.on-expiry", "silent"), 1),
    ("network/nat-forgets-before-the-handler", Set("network.use", "wifi-home"), 5),
    ("network/nat-forgets-before-the-handler", Set("server.use", "heartbeat-4m"), 5),
    (
        "network/only-one-of-two-phones",
        Text("to = \"none\"\ndevice = 2", "to = \"none\"\ndevice = 1"),
        4,
    ),
    ("network/only-one-of-two-phones", Text("at = \"35m\"", "at = \"59m\""), 3),
    ("network/only-one-of-two-phones", Text("at = \"15m\"", "at = \"17m\""), 6),
    ("network/path-goes-silent", Set("client.use", "heartbeat-only"), 3),
    ("network/reachability-wakes", Set("platform.reachability.wakes", "false"), 1),
    ("network/server-heartbeats-hold-the-nat", Set("server.use", "default"), 2),
    ("network/server-heartbeats-hold-the-nat", Set("client.heartbeat.reply", "false"), 4),
    ("network/wifi-lost-silently", Set("platform.reachability.wakes", "true"), 3),
    ("network/wifi-lost-silently", Set("platform.voip-socket.event-on-network-change", "true"), 2),
    ("server/drain", Set("client.reconnect.enabled", "false"), 1),
    ("server/drain", Text("how = \"drain\"", "how = \"process\""), 3),
    ("server/heartbeats-too-frequent", Set("server.use", "heartbeat-4m"), 1),
    ("server/heartbeats-too-frequent", Set("platform.use", "ios-4"), 1),
    ("server/heartbeats-too-frequent", Set("server.heartbeat.interval", "21s"), 1),
    ("server/host-down", Text("how = \"host-down\"", "how = \"process\""), 1),
    ("server/process-restart", Set("platform.voip-socket.wakes-on-end", "false"), 3),
    ("server/process-restart", Text("how = \"process\"", "how = \"host-down\""), 3),
    ("server/queue-in-memory", Set("server.use", "default"), 3),
    ("server/restart-while-suspended", Set("client.keep-alive.timeout", "30m"), 3),
    ("server/restart-while-suspended", Set("client.keep-alive.hang", "11s"), 2),
    ("server/silence-of-a-host", Set("client.keep-alive.task", "false"), 2),
    ("server/unanswered-heartbeat", Set("server.use", "default"), 1),
    ("server/ten-devices", Set("client.use", "plain-socket"), 1),
    ("server/ten-devices", Set("devices", "9"), 3),
    ("sockets/linked-with-sdk-10", Text("sdk = 10", "sdk = 9"), 1),
    ("sockets/old-sdk-on-ios-16", Set("platform.use", "ios-13"), 1),
    ("sockets/old-sdk-on-ios-13", Set("platform.use", "ios-9"), 5),
    ("sockets/old-sdk-on-ios-13", Text("sdk = 9", "sdk = 13"), 1),
    ("sockets/plain-socket-dies", Set("client.use", "default"), 1),
    ("sockets/plain-socket-dies", Set("platform.use", "ios-13"), 4),
    ("sockets/read-stream-not-scheduled", Set("client.use", "default"), 5),
    ("sockets/tagged-after-open", Set("client.use", "default"), 4),
    ("sockets/trap-of-ios-16", Set("platform.use", "ios-13"), 1),
    ("sockets/trap-of-ios-16", Text("sdk = 16", "sdk = 13"), 1),
    (
        "sockets/voip-mode-missing-in-info-plist",
        Text("info-plist = \"without-voip/Info.plist\"", "background-modes = [\"voip\"]"),
        1,
    ),
    ("sockets/voip-socket-wakes-the-app", Set("client.use", "plain-socket"), 1),
    ("sockets/voip-socket-wakes-the-app", Set("platform.voip-socket.wakes", "false"), 1),
    ("tasks/begun-again-in-the-expiration-handler", Set("client.expiry.begin-again", "false"), 1),
    ("tasks/expiration-handler-hangs", Set("client.expiry.hang", "1s"), 1),
    ("tasks/identifier-overwritten", Set("client.use", "ping-in-handler"), 1),
    ("tasks/never-ended", Set("client.background.task-end", "expiry"), 1),
    ("tasks/never-ended", Set("platform.use", "ios-6"), 1),
    ("tasks/reconnect-without-a-task", Set("client.reconnect.task", "true"), 1),
    ("tasks/slow-to-enter-the-background", Set("client.background.hang", "4s"), 1),
];

#[test]
fn in_another_situation_the_expectations_fail() {
    let mut report = String::new();
    for (name, change, expect) in CONTRARY {
        let path = folder().join(format!("{name}.toml"));
        let text = std::fs::read_to_string(&path).unwrap();
        let (scenario, what) = match change {
            Set(key, value) => {
                let over = Override::new(*key, *value);
                (read(&path, &text, &[over]), format!("{key}={value}"))
            }
            Text(from, to) => {
                assert!(text.contains(from), "{name} has no {from:?}");
                (read(&path, &text.replace(from, to), &[]), format!("{to:?} for {from:?}"))
            }
        };
        let outcome = play(&scenario, Options::of(&scenario));
        let judgement = outcome.judgements.iter().find(|judgement| judgement.expect + 1 == *expect);
        let Some(judgement) = judgement else {
            report += &format!("{name} has no expectation {expect}\n");
            continue;
        };
        if judgement.verdict != Verdict::Fail {
            let bad = outcome.judgements.iter().filter(|other| other.verdict != Verdict::Pass);
            let bad: Vec<usize> = bad.map(|other| other.expect + 1).collect();
            let found = &judgement.found;
            report += &format!(
                "{name} with {what}: expectation {expect} does not fail: {found}; {bad:?} do not pass\n"
            );
        }
    }
    assert!(report.is_empty(), "\n{report}");
}

#[test]
fn every_scenario_has_a_contrary() {
    let named: BTreeSet<_> =
        CONTRARY.iter().map(|(name, ..)| folder().join(format!("{name}.toml"))).collect();
    let missing: Vec<_> = bundled().into_iter().filter(|path| !named.contains(path)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}
