//! What is changed in `scenarios/life`.

use super::Change::{Set, Text};
use super::Row;

pub(super) const ROWS: &[Row] = &[
    ("life/crash-loop", Set("client.launch.exit", "none"), 5),
    ("life/crash-loop", Set("platform.relaunch.backoff-factor", "1"), 1),
    ("life/crash-loop", Set("client.launch.exit-in-background-only", "true"), 3),
    ("life/crashes-when-launched-in-background", Set("client.launch.exit", "none"), 2),
    (
        "life/crashes-when-launched-in-background",
        Set("client.launch.exit-in-background-only", "false"),
        3,
    ),
    (
        "life/crashes-when-launched-in-background",
        Text("phone.memory-kill", "phone.memory-pressure"),
        1,
    ),
    ("life/deadline-on-a-clock-that-stops", Set("client.ping.deadline-clock", "continuous"), 2),
    ("life/debugger-attached", Set("app.debugger", "false"), 1),
    ("life/debugger-attached", Set("app.debugger", "false"), 3),
    ("life/fast-toggling", Set("client.background.disconnect", "true"), 4),
    ("life/fast-toggling", Set("client.background.task-end", "never"), 7),
    ("life/fast-toggling", Set("client.background.hang", "200ms"), 2),
    ("life/force-quit", Set("platform.use", "ios-13"), 6),
    ("life/force-quit", Text("user.force-quit", "phone.memory-kill"), 4),
    ("life/force-quit-of-another-app", Set("platform.use", "ios-10"), 3),
    ("life/force-quit-of-another-app", Set("platform.keep-alive.lost-with-other-app", "false"), 4),
    ("life/hangs-at-launch", Set("client.launch.hang", "19s"), 1),
    ("life/hangs-when-it-comes-back", Set("platform.resume.watchdog", "40s"), 1),
    ("life/hangs-when-it-is-terminated", Set("client.terminate.hang", "4s"), 3),
    ("life/hangs-when-it-is-terminated", Set("platform.terminate.budget", "10s"), 1),
    ("life/memory-is-short", Set("platform.relaunch.on-memory", "false"), 2),
    ("life/nonzero-exit-is-relaunched", Text("code = 1", "code = 0"), 1),
    ("life/nonzero-exit-is-relaunched", Set("platform.use", "ios-13"), 3),
    ("life/notifications-denied", Text("allowed = false", "allowed = true"), 2),
    ("life/reboot-before-first-unlock", Set("platform.relaunch.at-boot", "false"), 2),
    ("life/shown-twice", Set("client.use", "default"), 1),
    ("life/stale-socket-and-late-timers", Set("client.ping.reply-within", "never"), 3),
    ("life/stale-socket-and-late-timers", Set("client.ping.interval", "never"), 1),
    ("life/trusts-the-old-socket", Set("client.foreground.check", "true"), 2),
    ("life/zero-exit-is-final", Set("client.background.exit", "1"), 3),
];
