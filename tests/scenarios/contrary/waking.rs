//! What is changed in `scenarios/waking`.

use super::Change::Set;
use super::Row;

pub(super) const ROWS: &[Row] = &[
    ("waking/audio-during-a-call", Set("app.background-modes", "voip"), 1),
    ("waking/audio-during-a-call", Set("app.background-modes", "voip"), 2),
    ("waking/audio-during-a-call", Set("app.background-modes", "audio"), 6),
    ("waking/call-without-audio-mode", Set("app.background-modes", "voip,audio"), 1),
    ("waking/call-without-audio-mode", Set("app.background-modes", "voip,audio"), 2),
    ("waking/call-without-audio-mode", Set("platform.use", "ios-4"), 2),
];
