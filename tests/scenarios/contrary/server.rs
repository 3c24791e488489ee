//! What is changed in `scenarios/server`.

use super::Change::{Set, Text};
use super::Row;

pub(super) const ROWS: &[Row] = &[
    ("server/believed-delivered", Set("server.queue.delivered-when", "acknowledged"), 4),
    ("server/believed-delivered", Text("user.lock", "user.unlock"), 1),
    ("server/broker-hangs-up", Set("server.idle-timeout", "20m"), 1),
    ("server/broker-hangs-up", Set("platform.voip-socket.wakes-on-end", "false"), 3),
    ("server/call-that-is-over", Text("ttl = \"30s\"", "ttl = \"1h\""), 1),
    ("server/drain-unheard", Set("client.use", "default"), 2),
    ("server/drain", Set("client.reconnect.enabled", "false"), 1),
    ("server/drain", Text("how = \"drain\"", "how = \"process\""), 3),
    ("server/heartbeats-too-frequent", Set("server.use", "heartbeat-4m"), 1),
    ("server/heartbeats-too-frequent", Set("platform.use", "ios-4"), 1),
    ("server/heartbeats-too-frequent", Set("server.heartbeat.interval", "21s"), 1),
    ("server/host-down", Text("how = \"host-down\"", "how = \"process\""), 1),
    ("server/keeps-nothing", Set("server.queue.kind", "durable"), 2),
    ("server/late-fin", Set("server.session.ended-by", "device"), 3),
    ("server/late-fin-removes-the-session", Set("server.session.ended-by", "connection"), 5),
    ("server/process-restart", Set("platform.voip-socket.wakes-on-end", "false"), 3),
    ("server/process-restart", Text("how = \"process\"", "how = \"host-down\""), 3),
    ("server/push-to-all", Set("platform.relaunch.on-memory", "false"), 5),
    ("server/push-to-all", Set("platform.voip-socket.wakes", "false"), 1),
    ("server/queue-delivered-once", Set("client.use", "shows-twice"), 4),
    ("server/queue-delivered-once", Set("server.queue.kind", "none"), 1),
    ("server/queue-full", Set("server.queue.limit", "100"), 1),
    ("server/queue-in-memory", Set("server.use", "default"), 3),
    ("server/resume-window-over", Set("server.resume.window", "never"), 2),
    ("server/restart-while-suspended", Set("client.keep-alive.timeout", "30m"), 3),
    ("server/restart-while-suspended", Set("client.keep-alive.hang", "11s"), 2),
    ("server/silence-of-a-host", Set("client.keep-alive.task", "false"), 2),
    ("server/two-restarts-in-one-back-off", Set("client.reconnect.cap", "4s"), 2),
    ("server/two-restarts-in-one-back-off", Set("server.use", "memory-queue"), 5),
    ("server/unanswered-heartbeat", Set("server.use", "default"), 1),
    ("server/ten-devices", Set("client.use", "plain-socket"), 1),
    ("server/ten-devices", Set("devices", "9"), 3),
];
