//! What is changed in `scenarios/matrix`. Where a file varies, the first of its scenarios stands for it, or the
//! one that is set.

use super::Change::{Set, Sets};
use super::Row;

pub(super) const ROWS: &[Row] = &[
    ("matrix/heartbeats-on-every-ios", Set("server.heartbeat.interval", "10m"), 1),
    (
        "matrix/heartbeats-on-every-ios",
        Sets(&[("platform.use", "ios-9"), ("server.heartbeat.interval", "9s")]),
        2,
    ),
    (
        "matrix/heartbeats-on-every-ios",
        Sets(&[("platform.use", "ios-16"), ("platform.voip-socket.wakes", "true")]),
        1,
    ),
    (
        "matrix/heartbeats-on-every-ios",
        Sets(&[("platform.use", "ios-16"), ("platform.voip-socket.wakes", "true")]),
        2,
    ),
    ("matrix/keep-alive-against-nats", Set("client.ping.reply-within", "never"), 3),
    ("matrix/keep-alive-against-nats", Set("server.heartbeat.interval", "50s"), 1),
    ("matrix/keep-alive-against-nats", Set("server.heartbeat.interval", "50s"), 2),
    (
        "matrix/keep-alive-against-nats",
        Sets(&[("variables.nat", "15m"), ("client.keep-alive.timeout", "1800s")]),
        1,
    ),
    ("matrix/loss-delays-a-call", Set("network.nat.idle-timeout", "5m"), 1),
    ("matrix/loss-delays-a-call", Set("network.loss", "0%"), 2),
    ("matrix/loss-delays-a-call", Set("network.latency", "2s"), 3),
];
