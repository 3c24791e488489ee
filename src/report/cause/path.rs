//! The causes of what happens on the way between phone and server.

use super::{Past, phone};
use crate::port::{AppState, Interface, Span, StreamError, Time};
use crate::trace::{ConnectionEnd, DeadCause, LossCause, Unreachable, What};

/// What the phone's kernel learned at this moment, about `connection` or any.
pub(super) fn told_phone(past: &Past<'_>, connection: Option<u32>) -> Option<usize> {
    let wanted = |of: u32| connection.is_none_or(|connection| connection == of);
    past.now(|what| {
        matches!(
            what,
            What::Arrived { connection: of, from: "server", .. }
                | What::Ended { connection: of, side: "phone", .. }
                | What::TimedOut { connection: of, side: "phone", .. }
                | What::Established { connection: of, .. }
                | What::ConnectFailed { connection: of, .. } if wanted(*of)
        ) || matches!(what, What::InterfaceChanged { .. } | What::AddressChanged {})
    })
}

/// How the phone learned that `connection` ended.
pub(super) fn end_at_phone(past: &Past<'_>, connection: u32) -> Option<usize> {
    let closed_here = ConnectionEnd::Closed;
    let ended = past.last(|what| {
        matches!(
            what,
            What::Ended { connection: of, side: "phone", how }
                if *of == connection && *how != closed_here
        ) || matches!(
            what,
            What::TimedOut { connection: of, side: "phone", .. }
                | What::ConnectFailed { connection: of, .. }
                | What::SocketReclaimed { pair: of, .. } if *of == connection
        )
    });
    // Some systems report a change of the network as an error of the socket.
    ended.or_else(|| {
        past.last(|what| matches!(what, What::InterfaceChanged { .. } | What::AddressChanged {}))
    })
}

/// What began a change of the interface: a switch or airplane mode since the last change; else the interface
/// before was left for it.
pub(super) fn interface(past: &Past<'_>) -> Option<usize> {
    let steps = ["network.switch", "network.airplane"];
    let began = past.last_or_step(&steps, |what| {
        matches!(
            what,
            What::InterfaceChanged { .. }
                | What::Reboot {}
                | What::Booted {}
                | What::PhaseBegan { .. }
        )
    })?;
    // A row of a connectivity trace, which leads from one interface to the next at once, is no event.
    let row = if let What::InterfaceChanged { to } = past.events[began].what {
        to != Interface::None
    } else {
        past.events[began].at == Time::ZERO && past.at() != Time::ZERO
    };
    (!row).then_some(began)
}

/// What made the path silent or ended that. A silence that was to last so long ends by itself.
pub(super) fn silence(past: &Past<'_>, silent: bool) -> Option<usize> {
    let began = || past.last(|what| matches!(what, What::PathChanged { silent: true }));
    past.act().or_else(|| if silent { None } else { began() })
}

/// The attempt by which a connection was made.
pub(super) fn connecting(past: &Past<'_>, connection: u32) -> Option<usize> {
    past.last(|what| matches!(what, What::Connecting { connection: of } if *of == connection))
}

/// Why an attempt to connect failed.
pub(super) fn connect_failed(
    past: &Past<'_>,
    connection: u32,
    error: StreamError,
) -> Option<usize> {
    let lost =
        past.last(|what| matches!(what, What::Lost { connection: of, .. } if *of == connection));
    let fault = match error {
        StreamError::NotResolved => {
            past.last(|what| matches!(what, What::DnsChanged { on: false }))
        }
        StreamError::Unreachable => past.last(|what| matches!(what, What::InterfaceChanged { .. })),
        StreamError::Refused => lost.or_else(|| server_down(past)),
        StreamError::TimedOut => lost,
        StreamError::Reset
        | StreamError::NotOpen
        | StreamError::NotConnected
        | StreamError::BrokenPipe => None,
    };
    fault.or_else(|| connecting(past, connection))
}

/// When the server went down, if it is.
fn server_down(past: &Past<'_>) -> Option<usize> {
    let last = past.last(|what| matches!(what, What::ServerDown { .. } | What::ServerUp {}))?;
    matches!(past.events[last].what, What::ServerDown { .. }).then_some(last)
}

/// Why a segment was lost.
pub(super) fn lost(past: &Past<'_>, connection: u32, cause: LossCause) -> Option<usize> {
    match cause {
        LossCause::NoInterface => past.last(|what| matches!(what, What::InterfaceChanged { .. })),
        LossCause::OldAddress => past.last(|what| matches!(what, What::AddressChanged {})),
        LossCause::Silence => past.last(|what| matches!(what, What::PathChanged { silent: true })),
        LossCause::NoInternet => {
            past.last(|what| matches!(what, What::InternetChanged { on: false }))
        }
        LossCause::CaptivePortal => {
            past.last(|what| matches!(what, What::PortalChanged { on: true }))
        }
        LossCause::VoiceCall => past.last(|what| matches!(what, What::VoiceCall { on: true, .. })),
        // Bad luck has no cause.
        LossCause::Chance => None,
        LossCause::Nat => past.last(
            |what| matches!(what, What::NatForgot { connection: of, .. } if *of == connection),
        ),
        LossCause::HostDown => past.last(|what| matches!(what, What::ServerDown { .. })),
        LossCause::NoSocket => past.last(|what| {
            let closed = matches!(
                what,
                What::Close { pair, .. } | What::SocketReclaimed { pair, .. } if *pair == connection
            );
            closed || matches!(what, What::Kill { .. } | What::Exit { .. } | What::Reboot {})
        }),
        LossCause::BufferFull => past
            .now(|what| matches!(what, What::Arrived { connection: of, .. } if *of == connection)),
    }
}

/// The loss that a retransmission answers.
pub(super) fn retransmitted(past: &Past<'_>, connection: u32, from: &str) -> Option<usize> {
    past.last(|what| {
        matches!(
            what,
            What::Lost { connection: of, from: by, .. } if *of == connection && *by == from
        ) || matches!(what, What::Connecting { connection: of } if *of == connection)
    })
}

/// Since when `connection` is dead, if it is.
pub(super) fn dead_since(past: &Past<'_>, connection: u32) -> Option<usize> {
    let last = past.last(|what| {
        matches!(
            what,
            What::ConnectionDead { connection: of, .. } | What::ConnectionHealed { connection: of }
                if *of == connection
        )
    })?;
    matches!(past.events[last].what, What::ConnectionDead { .. }).then_some(last)
}

/// Why nobody answered.
pub(super) fn timed_out(past: &Past<'_>, connection: u32) -> Option<usize> {
    dead_since(past, connection).or_else(|| {
        past.last(|what| {
            matches!(
                what,
                What::Lost { connection: of, .. } | What::Sent { connection: of, .. }
                    if *of == connection
            )
        })
    })
}

/// Why an end of a connection is over: this side closed it, or what the other side did.
pub(super) fn ended(
    past: &Past<'_>,
    connection: u32,
    side: &str,
    how: ConnectionEnd,
) -> Option<usize> {
    let closed_by = |by: &'static str| {
        past.last(move |what| {
            matches!(
                what,
                What::Ended { connection: of, side, how: ConnectionEnd::Closed }
                    | What::TimedOut { connection: of, side, .. }
                    if *of == connection && *side == by
            )
        })
    };
    let other = if side == "phone" { "server" } else { "phone" };
    match how {
        ConnectionEnd::Closed if side == "phone" => past.now(|what| {
            matches!(
                what,
                What::Close { pair, .. } | What::SocketReclaimed { pair, .. }
                    if *pair == connection
            ) || matches!(what, What::Kill { .. } | What::Exit { .. })
        }),
        ConnectionEnd::Closed => past
            .now(|what| {
                matches!(
                    what,
                    What::SessionClosed { .. }
                        | What::SideClosed { .. }
                        | What::ServerDown { .. }
                        | What::Step { .. }
                        | What::Ended { side: "server", .. }
                        | What::Arrived { from: "phone", .. }
                )
            })
            // A newer connection took its place before it had said hello.
            .or_else(|| past.last(|what| matches!(what, What::Connecting { .. }))),
        ConnectionEnd::Fin => closed_by(other),
        ConnectionEnd::Reset => dead_since(past, connection)
            .or_else(|| closed_by(other))
            // The phone gave its attempt up before it was granted.
            .or_else(|| {
                past.last(|what| matches!(what, What::Close { pair, .. } if *pair == connection))
            }),
        ConnectionEnd::TimedOut
        | ConnectionEnd::Refused
        | ConnectionEnd::Unreachable
        | ConnectionEnd::NotResolved
        | ConnectionEnd::Reclaimed => dead_since(past, connection),
    }
}

/// What the NAT saw last of a connection; or who made it forget.
pub(super) fn nat_forgot(past: &Past<'_>, connection: u32, idle: Span) -> Option<usize> {
    let by = Time::from_micros(past.at().as_micros().saturating_sub(idle.as_micros()));
    past.act().or_else(|| {
        past.last_by(by, |what| {
            matches!(
                what,
                What::Sent { connection: of, .. }
                    | What::Established { connection: of, .. }
                    | What::Connecting { connection: of }
                    | What::Retransmitted { connection: of, .. }
                    | What::Ended { connection: of, .. } if *of == connection
            )
        })
    })
}

/// What a connection died of.
pub(super) fn dead(past: &Past<'_>, connection: u32, cause: DeadCause) -> Option<usize> {
    let of = |what: &What, by: &str| {
        matches!(
            what,
            What::TimedOut { connection: of, side, .. } | What::Ended { connection: of, side, .. }
                if *of == connection && *side == by
        )
    };
    match cause {
        DeadCause::Interface => past.last(|what| matches!(what, What::InterfaceChanged { .. })),
        DeadCause::Address => past.last(|what| matches!(what, What::AddressChanged {})),
        DeadCause::Silence => past.last(|what| matches!(what, What::PathChanged { silent: true })),
        DeadCause::NoInternet => {
            past.last(|what| matches!(what, What::InternetChanged { on: false }))
        }
        DeadCause::CaptivePortal => {
            past.last(|what| matches!(what, What::PortalChanged { on: true }))
        }
        DeadCause::VoiceCall => past.last(|what| matches!(what, What::VoiceCall { on: true, .. })),
        DeadCause::Nat => past.last(
            |what| matches!(what, What::NatForgot { connection: of, .. } if *of == connection),
        ),
        DeadCause::Server => past.last_or_step(&["server.drop"], |what| {
            let session = matches!(
                what,
                What::SessionClosed { connection: of, .. } | What::SideClosed { connection: of, .. }
                    if *of == connection
            );
            session || matches!(what, What::ServerDown { .. }) || of(what, "server")
        }),
        DeadCause::Reclaimed => past
            .last(|what| matches!(what, What::SocketReclaimed { pair, .. } if *pair == connection)),
        DeadCause::Process => past.last(|what| {
            matches!(what, What::Kill { .. } | What::Exit { .. } | What::Reboot {})
                || of(what, "phone")
        }),
    }
}

/// What gave a connection its life back.
pub(super) fn healed(past: &Past<'_>, connection: u32) -> Option<usize> {
    past.now(|what| {
        matches!(
            what,
            What::PathChanged { silent: false }
                | What::InternetChanged { on: true }
                | What::PortalChanged { on: false }
                | What::VoiceCall { on: false, .. }
                | What::ServerUp {}
        ) || matches!(what, What::Sent { connection: of, .. } if *of == connection)
    })
}

/// Why a push could, or could not, be received from this moment on.
pub(super) fn reachable(past: &Past<'_>, why: Unreachable) -> Option<usize> {
    let last = |is: fn(&What) -> bool| past.last(is);
    match why {
        Unreachable::Reachable => past.now(|what| {
            matches!(
                what,
                What::SessionOpened { .. }
                    | What::SideOpened { .. }
                    | What::ConnectionHealed { .. }
                    | What::Wake { .. }
                    | What::State { .. }
                    | What::Callback { .. }
                    | What::CallbackReturned { .. }
                    | What::Sent { .. }
                    | What::Retransmitted { .. }
                    | What::Arrived { .. }
                    | What::ServerUp {}
            )
        }),
        Unreachable::NoSession => last(|what| {
            matches!(
                what,
                What::SessionClosed { .. }
                    | What::SideClosed { .. }
                    | What::Connecting { .. }
                    | What::ProcessStarted { .. }
            )
        }),
        Unreachable::NotRegistered => last(|what| matches!(what, What::SessionClosed { .. })),
        Unreachable::ServerDown => last(|what| matches!(what, What::ServerDown { .. })),
        Unreachable::ConnectionDead => last(|what| {
            matches!(
                what,
                What::ConnectionDead { .. }
                    | What::Ended { .. }
                    | What::TimedOut { .. }
                    | What::Lost { .. }
                    | What::NatForgot { .. }
            )
        }),
        Unreachable::NotWoken => {
            last(|what| matches!(what, What::State { to: AppState::Suspended, .. }))
        }
        Unreachable::NotHeard => last(|what| {
            matches!(
                what,
                What::StreamUnheard { .. }
                    | What::Close { .. }
                    | What::Open { .. }
                    | What::SessionOpened { .. }
            )
        }),
        Unreachable::Busy => last(|what| matches!(what, What::Busy { .. })),
        Unreachable::WakeLimit => last(|what| matches!(what, What::Wake { .. })),
        Unreachable::NotRunning => phone::ended_process(past).or_else(|| {
            past.last(|what| {
                matches!(what, What::Kill { .. } | What::Exit { .. } | What::Reboot {})
            })
        }),
    }
}
