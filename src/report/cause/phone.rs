//! The causes of what iOS decides about the app and the device.

use super::{Past, app, path};
use crate::port::{AppState, LaunchReason};
use crate::trace::{LeaseReason, WakeReason, What};

/// What the user did last that put the app on the screen or took it away.
pub(super) fn user(past: &Past<'_>) -> Option<usize> {
    let steps = ["user.foreground", "user.background", "user.lock", "user.unlock"];
    past.last_or_step(&steps, |what| {
        matches!(
            what,
            What::ScreenLocked { .. } | What::ProcessStarted { reason: LaunchReason::User }
        )
    })
}

/// What a change of the app's state followed from.
pub(super) fn state(past: &Past<'_>, to: AppState) -> Option<usize> {
    match to {
        AppState::NotRunning => ended_process(past),
        AppState::Suspended => past.now(|what| matches!(what, What::LeaseEnded { .. })),
        AppState::Background => past
            .now(|what| matches!(what, What::Wake { .. } | What::ProcessStarted { .. }))
            .or_else(|| left_screen(past)),
        AppState::Inactive => {
            past.now(|what| matches!(what, What::ProcessStarted { .. })).or_else(|| user(past))
        }
        AppState::Active => user(past),
    }
}

/// The lease that began when the user left the app.
fn left_screen(past: &Past<'_>) -> Option<usize> {
    past.last(|what| {
        matches!(what, What::LeaseBegan { reason: LeaseReason::EnteredBackground, .. })
    })
    .or_else(|| user(past))
}

/// What ended the process at this moment.
pub(super) fn ended_process(past: &Past<'_>) -> Option<usize> {
    past.now(|what| matches!(what, What::Kill { .. } | What::Exit { .. } | What::Reboot {}))
}

/// What a process was started for.
pub(super) fn process_started(past: &Past<'_>, reason: LaunchReason) -> Option<usize> {
    match reason {
        // Without a step it is the opening of the app, as every run begins.
        LaunchReason::User => {
            past.now(|what| matches!(what, What::Step { .. } | What::ScreenLocked { .. }))
        }
        LaunchReason::VoipRelaunch | LaunchReason::Boot => {
            past.last(|what| matches!(what, What::RelaunchPlanned { .. }))
        }
    }
}

/// What the app was called for.
pub(super) fn callback(past: &Past<'_>, name: &str, id: u32) -> Option<usize> {
    match name {
        "launched" => past.last(|what| matches!(what, What::ProcessStarted { .. })),
        "became-active" | "will-resign-active" | "entered-background" | "will-enter-foreground" => {
            past.last(|what| matches!(what, What::State { .. }))
        }
        "will-terminate" => past.last_or_step(&["user.force-quit"], |_| false),
        "memory-warning" => past.last(|what| matches!(what, What::MemoryWarning {})),
        "protected-data-available" => past.last(|what| matches!(what, What::FirstUnlock {})),
        "keep-alive" => keep_alive_lease(past),
        "task-expiring" => {
            past.last(|what| matches!(what, What::BeginBackgroundTask { id: of } if *of == id))
        }
        "timer" => past.last(|what| matches!(what, What::SetTimer { id: of, .. } if *of == id)),
        "reachability-changed" => past.last(|what| matches!(what, What::InterfaceChanged { .. })),
        "low-power-mode-changed" => past.last(|what| matches!(what, What::LowPowerMode { .. })),
        "continue" => past.last(|what| matches!(what, What::Busy { .. })),
        event => app::stream_event(past, event, id),
    }
}

/// The run time that was given for the keep-alive handler.
fn keep_alive_lease(past: &Past<'_>) -> Option<usize> {
    past.last(|what| {
        matches!(
            what,
            What::LeaseBegan { reason: LeaseReason::KeepAliveHandler, .. }
                | What::Wake { reason: WakeReason::KeepAlive, .. }
        )
    })
}

/// When the keep-alive handler was installed: from then on its timer goes by itself.
pub(super) fn installed(past: &Past<'_>) -> Option<usize> {
    past.last(|what| matches!(what, What::SetKeepAliveTimeout { installed: true, .. }))
}

/// What a suspended app was woken for.
pub(super) fn wake(past: &Past<'_>, reason: WakeReason) -> Option<usize> {
    match reason {
        WakeReason::KeepAlive => installed(past),
        WakeReason::Socket => path::told_phone(past, None),
        WakeReason::User => user(past),
        WakeReason::Reachability => past.now(|what| matches!(what, What::InterfaceChanged { .. })),
    }
}

/// What a line in the system log is about: what stands right before it.
pub(super) fn logged(past: &Past<'_>) -> Option<usize> {
    past.now(|what| {
        matches!(
            what,
            What::EndBackgroundTask { .. }
                | What::Step { .. }
                | What::LeaseEnded { .. }
                | What::Callback { .. }
        )
    })
}

/// What was the last to let the device sleep.
pub(super) fn device_slept(past: &Past<'_>) -> Option<usize> {
    past.last_or_step(&["phone.screen", "phone.activity"], |what| {
        matches!(
            what,
            What::State { to: AppState::Suspended | AppState::NotRunning, .. }
                | What::ScreenLocked { .. }
                | What::Charger { .. }
                | What::Booted {}
        )
    })
}

/// What woke the device: it is told before what it was woken for.
pub(super) fn device_woke(past: &Past<'_>) -> Option<usize> {
    let follows = past
        .next()
        .filter(|next| matches!(next.event.what, What::Wake { .. } | What::ProcessStarted { .. }));
    follows.as_ref().and_then(super::of).or_else(|| past.act())
}
