//! The cause of a termination, by its rule.

use super::{Past, lease, phone};
use crate::trace::{KillRule, LeaseReason, What};

/// What the system terminated the app for.
pub(super) fn kill(past: &Past<'_>, rule: KillRule) -> Option<usize> {
    let overrun = |reason: LeaseReason| {
        past.now(move |what| matches!(what, What::LeaseEnded { reason: of, .. } if *of == reason))
    };
    match rule {
        KillRule::WakeLimit => past.now(|what| matches!(what, What::Wake { .. })),
        KillRule::EnteredBackgroundTooSlow => overrun(LeaseReason::EnteredBackground),
        KillRule::KeepAliveHandlerTooSlow => overrun(LeaseReason::KeepAliveHandler),
        KillRule::TaskNeverEnded => overrun(LeaseReason::BackgroundTask),
        KillRule::LaunchTooSlow => {
            let began = past.last(|what| matches!(what, What::ProcessStarted { .. }));
            lease::blocked_since(past, began).or(began)
        }
        KillRule::ResumeTooSlow => {
            let began = phone::user(past);
            // It may have been blocked since before the user came back.
            lease::blocked_since(past, None).or(began)
        }
        KillRule::ExpiryHandlerTooSlow => {
            let began =
                past.last(|what| matches!(what, What::Callback { name: "task-expiring", .. }));
            lease::blocked_since(past, began).or(began)
        }
        KillRule::TooManyTasks => past.now(|what| matches!(what, What::BeginBackgroundTask { .. })),
        KillRule::Memory => past.act(),
        KillRule::ForceQuit => past.last_or_step(&["user.force-quit"], |_| false),
        KillRule::ModernSdkTrap => {
            past.now(|what| matches!(what, What::Established { .. } | What::Open { .. }))
        }
    }
}
