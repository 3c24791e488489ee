//! What is changed in `scenarios/life`.

use super::Change::{Set, Text};
use super::Row;

pub(super) const ROWS: &[Row] = &[
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
];
