//! What is changed in `scenarios/sockets`.

use super::Change::Set;
use super::Row;

pub(super) const ROWS: &[Row] = &[
    ("sockets/linked-with-sdk-10", Set("app.sdk", "9"), 1),
    ("sockets/linked-with-sdk-10", Set("app.sdk", "9"), 5),
    ("sockets/old-sdk-on-ios-16", Set("platform.use", "ios-13"), 1),
    ("sockets/old-sdk-on-ios-16", Set("platform.use", "ios-13"), 5),
    ("sockets/old-sdk-on-ios-13", Set("platform.use", "ios-9"), 5),
    ("sockets/old-sdk-on-ios-13", Set("app.sdk", "13"), 1),
    ("sockets/old-sdk-on-ios-13", Set("platform.use", "ios-9"), 6),
    ("sockets/plain-socket-dies", Set("client.use", "default"), 1),
    ("sockets/plain-socket-dies", Set("platform.use", "ios-13"), 4),
    ("sockets/read-stream-not-scheduled", Set("client.use", "default"), 5),
    ("sockets/tagged-after-open", Set("client.stream.tag-after-open", "false"), 1),
    ("sockets/tagged-after-open", Set("client.use", "default"), 4),
    ("sockets/trap-of-ios-16", Set("platform.use", "ios-13"), 1),
    ("sockets/trap-of-ios-16", Set("app.sdk", "13"), 1),
    ("sockets/voip-mode-missing-in-info-plist", Set("app.background-modes", "voip"), 1),
    ("sockets/voip-mode-missing-in-info-plist", Set("app.background-modes", "voip"), 6),
    ("sockets/voip-socket-wakes-the-app", Set("client.use", "plain-socket"), 1),
    ("sockets/voip-socket-wakes-the-app", Set("platform.voip-socket.wakes", "false"), 1),
];
