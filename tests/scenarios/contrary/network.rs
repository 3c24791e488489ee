//! What is changed in `scenarios/network`.

use super::Change::{Set, Text};
use super::Row;

pub(super) const ROWS: &[Row] = &[
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
];
