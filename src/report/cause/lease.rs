//! The causes of what begins and ends a reason to run.

use super::{Past, phone};
use crate::port::AppState;
use crate::trace::{Event, LeaseEnd, LeaseReason, WakeReason, What};

/// What a reason to run began with.
pub(super) fn began(past: &Past<'_>, reason: LeaseReason) -> Option<usize> {
    match reason {
        LeaseReason::Launch => past.now(|what| matches!(what, What::ProcessStarted { .. })),
        LeaseReason::EnteredBackground => phone::user(past),
        LeaseReason::BackgroundTask => past.now(|what| {
            matches!(
                what,
                What::BeginBackgroundTask { id: 1.. }
                    | What::Wake { .. }
                    | What::ProcessStarted { .. }
                    | What::State { to: AppState::Background, .. }
            )
        }),
        LeaseReason::KeepAliveHandler => past
            .now(|what| matches!(what, What::Wake { reason: WakeReason::KeepAlive, .. }))
            .or_else(|| phone::installed(past)),
        LeaseReason::SocketWake => past.now(|what| matches!(what, What::Wake { .. })),
        LeaseReason::Audio => past.now(|what| {
            matches!(what, What::Audio { on: true } | What::State { to: AppState::Background, .. })
        }),
        LeaseReason::Grace => past.now(|what| matches!(what, What::LeaseEnded { .. })),
    }
}

/// What a reason to run ended with.
pub(super) fn ended(past: &Past<'_>, reason: LeaseReason, how: LeaseEnd) -> Option<usize> {
    match how {
        LeaseEnd::Finished => finished(past, reason),
        LeaseEnd::UsedUp => beginning(past, reason),
        LeaseEnd::Overrun => overrun(past, reason),
        LeaseEnd::Foreground => phone::user(past),
        LeaseEnd::ProcessEnded => phone::ended_process(past),
        LeaseEnd::Superseded => past
            .now(|what| {
                matches!(
                    what,
                    What::BeginBackgroundTask { .. }
                        | What::Audio { .. }
                        | What::ScreenLocked { .. }
                        | What::Step { .. }
                )
            })
            .or_else(|| beginning(past, reason)),
    }
}

/// Its own beginning.
pub(super) fn beginning(past: &Past<'_>, reason: LeaseReason) -> Option<usize> {
    past.last(|what| matches!(what, What::LeaseBegan { reason: of, .. } if *of == reason))
}

fn finished(past: &Past<'_>, reason: LeaseReason) -> Option<usize> {
    let returned = |name: &'static str| {
        past.now(move |what| matches!(what, What::CallbackReturned { name: of, .. } if *of == name))
    };
    match reason {
        LeaseReason::EnteredBackground => returned("entered-background"),
        LeaseReason::KeepAliveHandler => returned("keep-alive"),
        LeaseReason::BackgroundTask => {
            past.now(|what| matches!(what, What::EndBackgroundTask { .. }))
        }
        LeaseReason::Audio => past.now(|what| matches!(what, What::Audio { on: false })),
        LeaseReason::Launch | LeaseReason::SocketWake | LeaseReason::Grace => {
            beginning(past, reason)
        }
    }
}

/// Why the app was not done in time: its main thread was blocked, or nobody ended what it began.
fn overrun(past: &Past<'_>, reason: LeaseReason) -> Option<usize> {
    let began = beginning(past, reason);
    match reason {
        LeaseReason::EnteredBackground | LeaseReason::KeepAliveHandler => {
            blocked_since(past, began).or(began)
        }
        LeaseReason::BackgroundTask
        | LeaseReason::Launch
        | LeaseReason::SocketWake
        | LeaseReason::Audio
        | LeaseReason::Grace => began,
    }
}

/// What blocked the main thread until now: the last time that it began, if it lasts still.
pub(super) fn blocked_since(past: &Past<'_>, began: Option<usize>) -> Option<usize> {
    let busy = |(place, event): (usize, &Event)| {
        if let What::Busy { span } = event.what { Some((place, event.at, span)) } else { None }
    };
    let (place, at, span) = past.back().find_map(busy)?;
    let since = began.and_then(|began| past.events.get(began)).map(|event| event.at);
    let lasts = at + span >= past.at();
    (lasts && since.is_none_or(|since| at >= since)).then_some(place)
}
