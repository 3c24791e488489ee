//! Which bundled scenario shows what, by name: every rule file of `os`, and every way of dying, waking and
//! noticing. The event that a row names is to be seen in the trace of its scenario.

use std::collections::BTreeMap;
use std::path::Path;

use holdline::run::{Options, play};
use holdline::trace::{Event, Names, Pattern, Shape, What};

use crate::library::{folder, load};

/// What is shown, the event that shows it, and the scenario in which it is to be seen.
type Row = (&'static str, &'static str, &'static str);

/// Every file of `src/os` that holds a rule.
const FILES: &[Row] = &[
    ("app_timers", "callback name=timer", "life/deadline-on-a-clock-that-stops"),
    ("audio", "lease-began reason=audio", "waking/audio-during-a-call"),
    // The log says there that the watchdog does not bite.
    ("debugger", "system-log", "life/debugger-attached"),
    ("device", "device-slept", "life/deadline-on-a-clock-that-stops"),
    ("gate", "voip-tag-ignored why=sdk-gate", "sockets/linked-with-sdk-10"),
    ("keep_alive", "keep-alive-refused why=too-short", "keep-alive/timeout-below-the-minimum"),
    ("leases", "lease-ended how=overrun", "keep-alive/handler-hangs"),
    ("lifecycle", "callback name=entered-background", "sockets/plain-socket-dies"),
    // The second stream's end is told although both are closed, and costs the new connection.
    ("linger", "backing-off attempt=1", "snippets/closed-without-unscheduling"),
    ("over", "create-stream-over", "snippets/enabled-outside-perform-block"),
    ("process", "process-started reason=boot", "life/reboot-before-first-unlock"),
    ("reclaim", "socket-reclaimed", "sockets/plain-socket-dies"),
    ("sockets", "wake reason=socket", "sockets/voip-socket-wakes-the-app"),
    // What was stored can be read only from here on.
    ("storage", "callback name=protected-data-available", "life/reboot-before-first-unlock"),
    ("streams", "stream-unheard", "sockets/read-stream-not-scheduled"),
    ("suspension", "state to=suspended", "keep-alive/ping-without-a-task"),
    ("tasks", "kill rule=task-never-ended", "tasks/never-ended"),
    ("turns", "kill rule=launch-too-slow", "life/hangs-at-launch"),
    ("wake_limit", "kill rule=wake-limit", "server/heartbeats-too-frequent"),
];

/// Files of `src/os` that hold no rule: the room's front, the app's view of it, and what tests use.
const NO_RULES: &[&str] = &["inspect", "mod", "phone", "stream_tests", "testing"];

/// Every way in which a process ends.
const DYING: &[Row] = &[
    (
        "entered-background-too-slow",
        "kill rule=entered-background-too-slow",
        "tasks/slow-to-enter-the-background",
    ),
    ("launch-too-slow", "kill rule=launch-too-slow", "life/hangs-at-launch"),
    ("resume-too-slow", "kill rule=resume-too-slow", "life/hangs-when-it-comes-back"),
    ("task-never-ended", "kill rule=task-never-ended", "tasks/never-ended"),
    (
        "expiry-handler-too-slow",
        "kill rule=expiry-handler-too-slow",
        "tasks/expiration-handler-hangs",
    ),
    (
        "keep-alive-handler-too-slow",
        "kill rule=keep-alive-handler-too-slow",
        "keep-alive/handler-hangs",
    ),
    ("wake-limit", "kill rule=wake-limit", "server/heartbeats-too-frequent"),
    ("memory", "kill rule=memory", "life/memory-is-short"),
    ("too-many-tasks", "kill rule=too-many-tasks", "life/a-thousand-tasks"),
    ("force-quit", "kill rule=force-quit", "life/force-quit"),
    ("modern-sdk-trap", "kill rule=modern-sdk-trap", "sockets/trap-of-ios-16"),
    ("exit(0)", "exit code=0", "life/zero-exit-is-final"),
    ("exit(1)", "exit code=1", "life/nonzero-exit-is-relaunched"),
    ("reboot", "reboot", "life/reboot-before-first-unlock"),
];

/// Every way in which a suspended app, or one that is not running, comes to run.
const WAKING: &[Row] = &[
    ("keep-alive", "wake reason=keep-alive", "keep-alive/ping-under-a-task"),
    ("socket", "wake reason=socket", "sockets/voip-socket-wakes-the-app"),
    ("user", "wake reason=user", "sockets/plain-socket-dies"),
    ("reachability", "wake reason=reachability", "network/reachability-wakes"),
    ("launched by the user", "process-started reason=user", "life/hangs-at-launch"),
    ("relaunched", "process-started reason=voip-relaunch", "life/nonzero-exit-is-relaunched"),
    ("launched after a boot", "process-started reason=boot", "life/reboot-before-first-unlock"),
];

/// Every way in which the phone comes to know that its connection is gone.
const PHONE_NOTICES: &[Row] = &[
    ("fin", "client.disconnected how=fin", "server/process-restart"),
    ("reset", "client.disconnected how=reset", "server/host-down"),
    ("timed-out", "client.disconnected how=timed-out", "keep-alive/ping-without-a-task"),
    ("reclaimed", "client.disconnected how=reclaimed", "sockets/plain-socket-dies"),
    ("closed", "client.disconnected how=closed", "server/drain"),
    ("refused", "connect-failed error=refused", "tasks/reconnect-without-a-task"),
    ("unreachable", "connect-failed error=unreachable", "network/only-one-of-two-phones"),
    ("not-resolved", "connect-failed error=not-resolved", "network/names-do-not-exist"),
    ("no pong in time", "ping-timed-out", "network/path-goes-silent"),
    (
        "an interface that changed",
        "callback name=reachability-changed",
        "network/reachability-wakes",
    ),
];

/// Every way in which the server comes to know it, or ends the session itself.
const SERVER_NOTICES: &[Row] = &[
    ("closed-by-client", "server.session-closed why=closed-by-client", "life/force-quit"),
    ("failed", "server.session-closed why=failed", "network/path-goes-silent"),
    (
        "heartbeat-unanswered",
        "server.session-closed why=heartbeat-unanswered",
        "server/unanswered-heartbeat",
    ),
    ("replaced", "server.session-closed why=replaced", "network/wifi-lost-silently"),
    ("restart", "server.session-closed why=restart", "server/process-restart"),
    ("idle", "server.session-closed why=idle", "server/broker-hangs-up"),
    ("drained", "server.session-closed why=drained", "server/drain-unheard"),
    ("late-end", "server.session-closed why=late-end", "server/late-fin-removes-the-session"),
    (
        "registration-expired",
        "server.session-closed why=registration-expired",
        "sip/registration-expires-first",
    ),
    ("dropped", "server.session-closed why=dropped", "server/queue-in-memory"),
];

/// Words that need no row, and why: event, field, word.
const EXCUSED: &[(&str, &str, &str)] = &[
    // No connection was there to lose; `connect-failed` shows it.
    ("client.disconnected", "how", "refused"),
    ("client.disconnected", "how", "not-resolved"),
    // No profile reports a change of the interface on a socket; os/sockets.rs tests the key.
    ("client.disconnected", "how", "unreachable"),
];

/// Every table but that of the files, with the event and field whose words it has to name.
const WAYS: &[(&[Row], &str, &str)] = &[
    (DYING, "kill", "rule"),
    (WAKING, "wake", "reason"),
    (WAKING, "process-started", "reason"),
    (PHONE_NOTICES, "client.disconnected", "how"),
    (SERVER_NOTICES, "server.session-closed", "why"),
];

#[test]
fn each_is_shown_by_the_scenario_that_is_named_for_it() {
    let mut traces: BTreeMap<&str, (Vec<Event>, Names)> = BTreeMap::new();
    let mut report = String::new();
    for (what, pattern, name) in [FILES, DYING, WAKING, PHONE_NOTICES, SERVER_NOTICES].concat() {
        let (events, names) = traces.entry(name).or_insert_with(|| {
            let scenario = load(&folder().join(format!("{name}.toml")), &[]);
            let outcome = play(&scenario, Options { trace: true, ..Options::of(&scenario) });
            (outcome.events.unwrap(), scenario.names)
        });
        let pattern = Pattern::parse(pattern).unwrap();
        if !events.iter().any(|event| pattern.matches(event, names)) {
            report += &format!("{what}: `{pattern}` is not seen in {name}\n");
        }
    }
    assert!(report.is_empty(), "\n{report}");
}

#[test]
fn every_rule_file_is_named() {
    let mut report = String::new();
    for entry in std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/os")).unwrap() {
        let path = entry.unwrap().path();
        let file = path.file_stem().unwrap().to_str().unwrap();
        let named = FILES.iter().any(|(name, ..)| *name == file);
        if named == NO_RULES.contains(&file) {
            report += &format!("os/{file}: named is {named}\n");
        }
    }
    assert!(report.is_empty(), "\n{report}");
}

#[test]
fn every_way_of_dying_waking_and_noticing_is_named() {
    let mut report = String::new();
    for (rows, event, field) in WAYS {
        let info = What::TABLE.iter().find(|info| info.name == *event).unwrap();
        let shape = info.fields.iter().find(|known| known.name == *field).unwrap().shape;
        let Shape::Words(words) = shape else { panic!("{event} {field} is no word") };
        for word in words {
            let pattern = format!("{event} {field}={word}");
            let named = rows.iter().any(|(_, shows, _)| *shows == pattern);
            if named == EXCUSED.contains(&(event, field, word)) {
                report += &format!("`{pattern}`: named is {named}\n");
            }
        }
    }
    assert!(report.is_empty(), "\n{report}");
}
