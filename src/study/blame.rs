//! What unreachable time was spent in, by the rule behind it.

use std::collections::BTreeMap;

use super::Refused;
use crate::port::Span;
use crate::trace::{DeadCause, KillRule, Refusal};

/// Why a push sent then would not have been received in time.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Blame {
    /// The server was down.
    ServerDown,
    /// The system had ended the process by this rule.
    Killed(KillRule),
    /// The process had ended by itself, or was not started.
    NotRunning,
    /// The system had taken the suspended app's socket away: it was untagged, or its tag had no effect.
    Reclaimed(Option<Refusal>),
    /// The connection was gone, for another reason, and the app had no new one.
    Lost(DeadCause),
    /// The app had no connection and wanted none, or did not get one.
    NotConnected,
    /// The device's registration had expired, though its connection lived.
    NotRegistered,
    /// The suspended app was not woken: its socket was untagged, or its tag had no effect.
    NotWoken(Option<Refusal>),
    /// The app was woken, but nobody read.
    NotHeard,
    /// The app's main thread was blocked.
    Busy,
    /// One more wake would have ended the app.
    WakeLimit,
}

impl Blame {
    /// The rule by the words of the trace: an event, or the reason that the event `reachable` gives.
    pub fn rule(self) -> String {
        match self {
            Blame::ServerDown => "server.down".into(),
            Blame::Killed(rule) => format!("kill {rule}"),
            Blame::NotRunning => "not-running".into(),
            Blame::Reclaimed(None) => "socket-reclaimed".into(),
            Blame::NotWoken(None) => "not-woken".into(),
            Blame::Reclaimed(Some(why)) | Blame::NotWoken(Some(why)) => {
                Refused::VoipTag(why).rule()
            }
            Blame::Lost(cause) => format!("connection-dead {cause}"),
            Blame::NotConnected => "no-session".into(),
            Blame::NotRegistered => "not-registered".into(),
            Blame::NotHeard => "not-heard".into(),
            Blame::Busy => "busy".into(),
            Blame::WakeLimit => "wake-limit".into(),
        }
    }

    /// The same for people, as what comes behind "because".
    pub fn words(self) -> &'static str {
        match self {
            Blame::ServerDown => "the server was down",
            Blame::Killed(rule) => killed(rule),
            Blame::NotRunning => "the app was not running",
            Blame::Reclaimed(None) => {
                "iOS took the suspended app's socket away: it has no VoIP service type"
            }
            Blame::NotWoken(None) => {
                "nothing wakes the suspended app for its socket: it has no VoIP service type"
            }
            Blame::Reclaimed(Some(why)) | Blame::NotWoken(Some(why)) => ignored(why),
            Blame::Lost(DeadCause::Interface) => {
                "the phone changed networks, and the app had no new connection yet"
            }
            Blame::Lost(DeadCause::Address) => {
                "the phone's address had changed, and the app had no new connection yet"
            }
            Blame::Lost(DeadCause::Silence) => "the network swallowed everything",
            Blame::Lost(DeadCause::NoInternet) => "the Wi-Fi had no way to the internet",
            Blame::Lost(DeadCause::CaptivePortal) => "a captive portal stood in the way",
            Blame::Lost(DeadCause::VoiceCall) => "a telephone call had the radio",
            Blame::Lost(DeadCause::Nat) => {
                "the NAT had forgotten the connection, and the app had no new one yet"
            }
            Blame::Lost(DeadCause::Server) => {
                "the server had forgotten the connection, and the app had no new one yet"
            }
            Blame::Lost(DeadCause::Reclaimed) => "iOS took the suspended app's socket away",
            Blame::Lost(DeadCause::Process) => "the process that held the connection was gone",
            Blame::NotConnected => "the app had no connection",
            Blame::NotRegistered => "the app's registration had expired",
            Blame::NotHeard => "the app was woken, but nobody read",
            Blame::Busy => "the app's main thread was blocked",
            Blame::WakeLimit => "one more wake would have ended the app",
        }
    }
}

/// Time by what it was spent in, the most first.
pub fn most_first(blames: &BTreeMap<Blame, Span>) -> Vec<(Blame, Span)> {
    let mut spent: Vec<_> = blames.iter().map(|(blame, span)| (*blame, *span)).collect();
    spent.sort_by_key(|(_, span)| std::cmp::Reverse(*span));
    spent
}

/// Why an app that was ended was away.
fn killed(rule: KillRule) -> &'static str {
    match rule {
        KillRule::EnteredBackgroundTooSlow => {
            "iOS ended the app: it entered the background too slowly"
        }
        KillRule::LaunchTooSlow => "iOS ended the app: it launched too slowly",
        KillRule::ResumeTooSlow => "iOS ended the app: it came back too slowly",
        KillRule::TaskNeverEnded => "iOS ended the app: it did not end a background task",
        KillRule::ExpiryHandlerTooSlow => "iOS ended the app: its expiration handler was slow",
        KillRule::TooManyTasks => "iOS ended the app: it held too many background tasks",
        KillRule::KeepAliveHandlerTooSlow => "iOS ended the app: its keep-alive handler was slow",
        KillRule::WakeLimit => "iOS ended the app: it was woken too often",
        KillRule::Memory => "iOS ended the app: memory was short",
        KillRule::ForceQuit => "the user removed the app from the app switcher",
        KillRule::ModernSdkTrap => {
            "the app trapped: this iOS has no VoIP sockets for apps linked with its SDK"
        }
    }
}

/// Why a VoIP tag had no effect.
fn ignored(why: Refusal) -> &'static str {
    match why {
        Refusal::TooShort => "the timeout is shorter than this iOS allows",
        Refusal::NoVoipMode => "the VoIP tag has no effect: `voip` is not in UIBackgroundModes",
        Refusal::SdkGate => "the VoIP tag has no effect: the app is linked with SDK 10 or later",
        Refusal::Datagrams => "the VoIP tag has no effect: the socket is a UDP socket",
        Refusal::NotAvailable => "the VoIP tag has no effect: this iOS has no VoIP sockets",
    }
}
