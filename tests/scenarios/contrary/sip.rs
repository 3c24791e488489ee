//! What is changed in `scenarios/sip`.

use super::Change::Set;
use super::Row;

pub(super) const ROWS: &[Row] = &[
    ("sip/cancel-takes-the-ring-back", Set("server.push.withdraw", "false"), 2),
    ("sip/cancel-takes-the-ring-back", Set("client.push.idempotent-id", "false"), 2),
    ("sip/cancelled-while-offline", Set("server.push.withdraw", "false"), 1),
    ("sip/cancelled-while-offline", Set("server.push.withdraw", "false"), 3),
    ("sip/invite-lost-between-two-sockets", Set("server.push.via", "main"), 3),
    ("sip/invite-lost-between-two-sockets", Set("platform.socket-reclaim.trigger", "never"), 3),
    ("sip/media-wakes-to-death", Set("client.second.service-type", "default"), 1),
    ("sip/media-wakes-to-death", Set("platform.use", "ios-4"), 1),
    ("sip/nat-forgets-the-udp-socket", Set("network.nat.udp-idle-timeout", "20m"), 2),
    ("sip/nat-forgets-the-udp-socket", Set("server.retransmit.first", "500ms"), 2),
    ("sip/nat-forgets-the-udp-socket", Set("server.push.via", "main"), 2),
    ("sip/registration-expires-first", Set("server.registration.expires", "900s"), 2),
    ("sip/registration-expires-first", Set("server.registration.expires", "900s"), 5),
    ("sip/two-tagged-sockets", Set("client.second.service-type", "default"), 1),
    ("sip/two-tagged-sockets", Set("server.heartbeat.interval", "70s"), 1),
    ("sip/udp-never-wakes", Set("client.stream.transport", "tcp"), 3),
    ("sip/udp-never-wakes", Set("platform.voip-socket.udp", "true"), 3),
    ("sip/udp-never-wakes", Set("server.retransmit.first", "never"), 6),
];
