//! The causes of what is sent and of what arrives.

use super::Past;
use crate::port::Frame;
use crate::trace::{RestartKind, What};

/// What made an end send a frame.
pub(super) fn sent(past: &Past<'_>, connection: u32, from: &str, frame: Frame) -> Option<usize> {
    if from == "phone" {
        return past.last(|what| {
            matches!(what, What::Write { pair, frame: of, .. } if *pair == connection && *of == frame)
        });
    }
    match frame {
        Frame::Push { .. } => push(past, connection),
        Frame::Media => past.last(|what| matches!(what, What::Media { on: true })),
        Frame::Cancel { .. } => past.now(|what| matches!(what, What::PushCancelled { .. })),
        Frame::Knock => {
            past.now(|what| matches!(what, What::PushAccepted { .. } | What::PushCancelled { .. }))
        }
        Frame::GoAway => {
            past.last(|what| matches!(what, What::ServerDown { how: RestartKind::Drain, .. }))
        }
        Frame::Ping { .. } => past.now(
            |what| matches!(what, What::Heartbeat { connection: of, .. } if *of == connection),
        ),
        // Everything else of the server answers what has just arrived.
        Frame::TlsClient { .. }
        | Frame::TlsServer { .. }
        | Frame::Hello { .. }
        | Frame::HelloSide { .. }
        | Frame::Welcome
        | Frame::Pong { .. }
        | Frame::Ack { .. }
        | Frame::WhiteSpace => past.now(|what| {
            matches!(
                what,
                What::Arrived { connection: of, from: "phone", .. } if *of == connection
            )
        }),
    }
}

/// The push that was written: of several at one moment, in their order.
fn push(past: &Past<'_>, connection: u32) -> Option<usize> {
    let at = past.at();
    let now = || past.back().take_while(move |(_, event)| event.at == at);
    let before = now().filter(|(_, event)| {
        matches!(
            event.what,
            What::Sent { connection: of, from: "server", frame: Frame::Push { .. } } if of == connection
        )
    });
    let mut written: Vec<usize> = now()
        .filter(|(_, event)| {
            matches!(
                event.what,
                What::PushSent { connection: of, .. } | What::PushResent { connection: of, .. }
                    if of == connection
            )
        })
        .map(|(place, _)| place)
        .collect();
    written.reverse();
    written.get(before.count()).copied()
}

/// The sending of a frame that arrived. Over TCP frames arrive in the order in which they were sent; a datagram
/// may be lost or overtaken.
pub(super) fn arrived(past: &Past<'_>, connection: u32, from: &str, frame: Frame) -> Option<usize> {
    let of = |what: &What| {
        if let What::Sent { connection: on, from: by, frame: of } = *what {
            (on == connection && by == from).then_some(of)
        } else {
            None
        }
    };
    let datagrams = past
        .last(|what| matches!(what, What::CreateDatagramStream { pair } if *pair == connection))
        .is_some();
    if !datagrams {
        let before = past.count(|what| {
            matches!(
                what,
                What::Arrived { connection: on, from: by, .. } if *on == connection && *by == from
            )
        });
        let place = past.nth(before, |what| of(what).is_some());
        if let Some(place) = place.filter(|place| of(&past.events[*place].what) == Some(frame)) {
            return Some(place);
        }
    }
    past.last(|what| of(what) == Some(frame))
}
