//! The causes of what the server does.

use super::Past;
use crate::port::{Frame, PushId};
use crate::trace::{ConnectionEnd, PushFate, SessionEnd, What};

/// What arrived on `connection` at this moment.
pub(super) fn arrived(past: &Past<'_>, connection: u32) -> Option<usize> {
    past.now(|what| {
        matches!(what, What::Arrived { connection: of, from: "phone", .. } if *of == connection)
    })
}

/// The last that the server heard on `connection`.
fn heard(past: &Past<'_>, connection: u32) -> Option<usize> {
    past.last(|what| {
        matches!(
            what,
            What::Arrived { connection: of, from: "phone", .. }
                | What::SessionOpened { connection: of } if *of == connection
        )
    })
}

/// Why a session, or its second connection, is over.
pub(super) fn closed(past: &Past<'_>, connection: u32, why: SessionEnd) -> Option<usize> {
    let end = || {
        past.last(|what| {
            matches!(
                what,
                What::Ended { connection: of, side: "server", how }
                    if *of == connection && *how != ConnectionEnd::Closed
            ) || matches!(
                what,
                What::TimedOut { connection: of, side: "server", .. } if *of == connection
            )
        })
    };
    match why {
        // The second connection ends with the first one, whose end is what is heard of.
        SessionEnd::ClosedByClient | SessionEnd::Failed => end().or_else(|| {
            past.now(|what| {
                matches!(what, What::Ended { side: "server", .. } | What::TimedOut { .. })
            })
        }),
        SessionEnd::LateEnd => past.now(|what| {
            matches!(
                what,
                What::Ended { side: "server", .. } | What::TimedOut { side: "server", .. }
            )
        }),
        SessionEnd::Idle => heard(past, connection),
        SessionEnd::HeartbeatUnanswered => past.last(
            |what| matches!(what, What::Heartbeat { connection: of, .. } if *of == connection),
        ),
        SessionEnd::RegistrationExpired => past.last(|what| {
            matches!(
                what,
                What::Arrived { connection: of, from: "phone", frame: Frame::Hello { .. }, .. }
                    if *of == connection
            )
        }),
        SessionEnd::Replaced => past.now(|what| {
            matches!(
                what,
                What::Arrived {
                    from: "phone",
                    frame: Frame::Hello { .. } | Frame::HelloSide { .. },
                    ..
                }
            )
        }),
        SessionEnd::Restart | SessionEnd::Drained => {
            past.last(|what| matches!(what, What::ServerDown { .. }))
        }
        SessionEnd::Dropped => past.act(),
    }
}

/// Why a push was written: it was just accepted, or the device came back.
pub(super) fn push_sent(past: &Past<'_>, push: PushId, connection: u32) -> Option<usize> {
    past.now(|what| matches!(what, What::PushAccepted { push: of, .. } if *of == push))
        .or_else(|| arrived(past, connection))
}

/// What switched a media stream on or off: who asked for it, or its time, or the end of its connection.
pub(super) fn media(past: &Past<'_>, on: bool) -> Option<usize> {
    let ended = || {
        past.now(|what| {
            matches!(
                what,
                What::Ended { side: "server", .. }
                    | What::TimedOut { side: "server", .. }
                    | What::ServerDown { .. }
                    | What::Arrived { from: "phone", .. }
            )
        })
    };
    let began = || past.last(|what| matches!(what, What::Media { on: true }));
    past.act().or_else(|| if on { None } else { ended().or_else(began) })
}

/// Why a push is not delivered.
pub(super) fn dropped(past: &Past<'_>, push: PushId, fate: PushFate) -> Option<usize> {
    let accepted =
        || past.last(|what| matches!(what, What::PushAccepted { push: of, .. } if *of == push));
    let over = || past.last(|what| matches!(what, What::SessionClosed { .. }));
    match fate {
        PushFate::Expired => accepted(),
        PushFate::QueueFull => past.now(|what| matches!(what, What::PushAccepted { .. })),
        PushFate::Cancelled => {
            past.now(|what| matches!(what, What::PushCancelled { push: of, .. } if *of == push))
        }
        PushFate::GivenUp => past
            .now(|what| matches!(what, What::SessionClosed { .. } | What::SideClosed { .. }))
            .or_else(|| {
                past.last(|what| matches!(what, What::PushSent { push: of, .. } if *of == push))
            }),
        PushFate::NotConnected => over().or_else(|| past.act()),
        PushFate::LostInRestart | PushFate::ServerDown => {
            past.last(|what| matches!(what, What::ServerDown { .. }))
        }
        PushFate::ResumeExpired => over(),
    }
}
