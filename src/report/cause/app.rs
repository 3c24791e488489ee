//! The causes of what the app asks for and learns.

use super::{Past, path};
use crate::port::Frame;
use crate::trace::{ConnectionEnd, LossCause, What};

/// The callback in which the app did it.
pub(super) fn turn(past: &Past<'_>) -> Option<usize> {
    past.last(|what| matches!(what, What::Callback { .. }))
}

/// The turn in which a timer was set. One that sets itself again whenever it fires is a root: the app's own timer.
pub(super) fn set_timer(past: &Past<'_>, id: u32) -> Option<usize> {
    let turn = turn(past)?;
    let again =
        matches!(past.events[turn].what, What::Callback { name: "timer", id: of } if of == id);
    (!again).then_some(turn)
}

/// What the app was told before it gave up, or put off, to connect.
pub(super) fn backed_off(past: &Past<'_>) -> Option<usize> {
    past.now(|what| {
        matches!(
            what,
            What::PingTimedOut { .. }
                | What::ClientDisconnected { .. }
                | What::StreamFailed { .. }
                | What::Callback { .. }
        )
    })
}

/// Why no pong came: the connection was dead. Else the app waited for it in vain since it set the timer.
pub(super) fn ping_timed_out(past: &Past<'_>) -> Option<usize> {
    let connected = past.back().find_map(|(_, event)| {
        if let What::ClientConnected { pair } = event.what { Some(pair) } else { None }
    });
    connected.and_then(|connection| path::dead_since(past, connection)).or_else(|| turn(past))
}

/// By what sign the app knew that its connection was gone.
pub(super) fn disconnected(past: &Past<'_>, pair: u32, how: ConnectionEnd) -> Option<usize> {
    match how {
        ConnectionEnd::Closed => past.now(|what| {
            matches!(
                what,
                What::PingTimedOut { .. }
                    | What::Callback { .. }
                    | What::Read { frame: Frame::GoAway, .. }
            )
        }),
        ConnectionEnd::Reclaimed => {
            past.last(|what| matches!(what, What::SocketReclaimed { pair: of, .. } if *of == pair))
        }
        ConnectionEnd::Fin
        | ConnectionEnd::Reset
        | ConnectionEnd::TimedOut
        | ConnectionEnd::Refused
        | ConnectionEnd::Unreachable
        | ConnectionEnd::NotResolved => path::end_at_phone(past, pair).or_else(|| turn(past)),
    }
}

/// The arrival of the frame that was read: frames are read in the order in which they arrived.
pub(super) fn read(past: &Past<'_>, pair: u32) -> Option<usize> {
    let read = past.count(|what| matches!(what, What::Read { pair: of, .. } if *of == pair));
    // What arrived and found no room was never read.
    let full = |place: usize| {
        past.events.get(place + 1).is_some_and(|next| {
            matches!(
                next.what,
                What::Lost { connection, cause: LossCause::BufferFull, .. } if connection == pair
            )
        })
    };
    let owner = past.event.owner;
    let arrived = past.events[..past.place].iter().enumerate().filter(|(place, event)| {
        let here = event.owner == owner
            && matches!(
                event.what,
                What::Arrived { connection, from: "server", .. } if connection == pair
            );
        here && !full(*place)
    });
    arrived.map(|(place, _)| place).nth(read)
}

/// What a stream told the app of.
pub(super) fn stream_event(past: &Past<'_>, event: &str, connection: u32) -> Option<usize> {
    match event {
        "has-bytes-available" => past.last(|what| {
            matches!(
                what,
                What::Arrived { connection: of, from: "server", .. } if *of == connection
            )
        }),
        // UDP needs no connection: the stream is open at once.
        "open-completed" | "can-accept-bytes" => past.last(|what| {
            matches!(
                what,
                What::Established { connection: of, .. } | What::Open { pair: of, .. }
                    if *of == connection
            )
        }),
        _ => path::end_at_phone(past, connection),
    }
}
