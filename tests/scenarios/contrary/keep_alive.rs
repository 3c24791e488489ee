//! What is changed in `scenarios/keep-alive`.

use super::Change::Set;
use super::Row;

pub(super) const ROWS: &[Row] = &[
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
    ("keep-alive/timeout-below-the-minimum", Set("client.keep-alive.timeout", "600s"), 4),
    ("keep-alive/timeout-below-the-minimum", Set("client.keep-alive.timeout", "600s"), 5),
];
