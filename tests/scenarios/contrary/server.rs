//! What is changed in `scenarios/server`.

use super::Change::{Set, Text};
use super::Row;

pub(super) const ROWS: &[Row] = &[
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
];
