//! What is changed in `scenarios/tasks`.

use super::Change::Set;
use super::Row;

pub(super) const ROWS: &[Row] = &[
    ("tasks/begun-again-in-the-expiration-handler", Set("client.expiry.begin-again", "false"), 1),
    ("tasks/begun-again-in-the-expiration-handler", Set("client.expiry.begin-again", "false"), 2),
    ("tasks/expiration-handler-hangs", Set("client.expiry.hang", "1s"), 1),
    ("tasks/expiration-handler-hangs", Set("client.expiry.hang", "1s"), 3),
    ("tasks/identifier-overwritten", Set("client.use", "ping-in-handler"), 1),
    ("tasks/never-ended", Set("client.background.task-end", "expiry"), 1),
    ("tasks/never-ended", Set("platform.use", "ios-6"), 1),
    ("tasks/reconnect-without-a-task", Set("client.reconnect.task", "true"), 1),
    ("tasks/reconnect-without-a-task", Set("client.reconnect.task", "true"), 3),
    ("tasks/slow-to-enter-the-background", Set("client.background.hang", "4s"), 1),
];
