//! How each event is drawn. A new event does not compile until it has an opinion here.

use crate::port::{AppState, PushId};
use crate::trace::{KillCode, KillRule, PushFate, WakeReason, What};

/// How an event is drawn.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(in crate::report) enum Sign {
    /// A step of the scenario, by its number.
    Step(u32),
    /// The app is in another state.
    State(AppState),
    /// A wake: for what, and how many there were lately.
    Wake(WakeReason, u32),
    /// The server took a push.
    Accepted(PushId),
    /// A push was written to a connection.
    Sent(PushId),
    /// A push was read for the first time.
    Received(PushId),
    /// A push was shown to the user.
    Notified(PushId),
    /// The server gave a push up.
    Dropped(PushId, PushFate),
    /// A termination.
    Kill(KillCode, KillRule),
    /// Something around the app changed for the worse or the better.
    Fault(char),
    /// Somebody believes something else of a connection, or should.
    Belief(Belief, u32),
    /// Not drawn, but a part of the story.
    Listed,
    /// Routine.
    Routine,
}

/// What changed about a connection.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(in crate::report) enum Belief {
    /// The client believes in it.
    ClientUp,
    /// The client knows that it is gone.
    ClientDown,
    /// The server believes in it.
    ServerUp,
    /// The server has given it up.
    ServerDown,
    /// It carries nothing any more.
    Dead,
    /// It works again.
    Healed,
}

/// How `what` is drawn.
pub(in crate::report) fn sign(what: &What) -> Sign {
    match *what {
        What::Step { number, .. } => Sign::Step(number),
        What::State { to, .. } => Sign::State(to),
        What::Wake { reason, recent } => Sign::Wake(reason, recent),
        What::PushAccepted { push, .. } => Sign::Accepted(push),
        What::PushSent { push, .. } => Sign::Sent(push),
        What::PushReceived { push, .. } => Sign::Received(push),
        What::Notified { push, .. } => Sign::Notified(push),
        What::PushDropped { push, fate } => Sign::Dropped(push, fate),
        What::Kill { code, rule } => Sign::Kill(code, rule),

        What::ServerDown { .. }
        | What::PathChanged { silent: true }
        | What::InternetChanged { on: false }
        | What::PortalChanged { on: true }
        | What::DnsChanged { on: false }
        | What::VoiceCall { on: true, stalls: true } => Sign::Fault('v'),
        What::ServerUp {}
        | What::PathChanged { silent: false }
        | What::InternetChanged { on: true }
        | What::PortalChanged { on: false }
        | What::DnsChanged { on: true }
        | What::VoiceCall { on: false, stalls: true } => Sign::Fault('^'),
        What::InterfaceChanged { .. } => Sign::Fault('~'),
        What::AddressChanged {} => Sign::Fault('a'),
        What::NatForgot { .. } => Sign::Fault('n'),

        What::ClientConnected { pair } => Sign::Belief(Belief::ClientUp, pair),
        What::ClientDisconnected { pair, .. } => Sign::Belief(Belief::ClientDown, pair),
        What::SessionOpened { connection } => Sign::Belief(Belief::ServerUp, connection),
        What::SessionClosed { connection, .. } => Sign::Belief(Belief::ServerDown, connection),
        What::ConnectionDead { connection, .. } => Sign::Belief(Belief::Dead, connection),
        What::ConnectionHealed { connection } => Sign::Belief(Belief::Healed, connection),

        What::PhaseBegan { .. }
        | What::NotNotified { .. }
        | What::ProcessStarted { .. }
        | What::Exit { .. }
        | What::RelaunchPlanned { .. }
        | What::RelaunchRefused { .. }
        | What::KeepAliveRefused { .. }
        | What::KeepAliveUnscheduled {}
        | What::VoipTagIgnored { .. }
        | What::SystemLog { .. }
        | What::SocketReclaimed { .. }
        | What::Reboot {}
        | What::Booted {}
        | What::FirstUnlock {}
        | What::MemoryWarning {}
        | What::RanAgain { .. }
        | What::ProcessGone {}
        | What::LegacyCall { .. }
        | What::VoipPush { .. }
        | What::CallReported { .. }
        | What::PingTimedOut { .. }
        | What::PushDuplicate { .. }
        | What::GaveUp {}
        | What::StreamUnheard { .. }
        | What::ConnectFailed { .. }
        | What::TimedOut { .. }
        | What::SideOpened { .. }
        | What::SideClosed { .. }
        | What::PushCancelled { .. }
        | What::CancelLocalNotification { .. }
        | What::Media { .. } => Sign::Listed,

        What::ScreenLocked { .. }
        | What::Conditions { .. }
        | What::Charger { .. }
        | What::VoiceCall { stalls: false, .. }
        | What::LowPowerMode { .. }
        | What::Callback { .. }
        | What::CallbackReturned { .. }
        | What::LeaseBegan { .. }
        | What::LeaseEnded { .. }
        | What::DeviceSlept {}
        | What::DeviceWoke { .. }
        | What::SetKeepAliveTimeout { .. }
        | What::ClearKeepAliveTimeout {}
        | What::BeginBackgroundTask { .. }
        | What::EndBackgroundTask { .. }
        | What::SetTimer { .. }
        | What::CancelTimer { .. }
        | What::Audio { .. }
        | What::Busy { .. }
        | What::BackingOff { .. }
        | What::CreateStream { .. }
        | What::CreateStreamOver { .. }
        | What::Unschedule { .. }
        | What::CreateDatagramStream { .. }
        | What::SetServiceType { .. }
        | What::Schedule { .. }
        | What::Open { .. }
        | What::Close { .. }
        | What::Read { .. }
        | What::Write { .. }
        | What::StreamFailed { .. }
        | What::Connecting { .. }
        | What::Established { .. }
        | What::Sent { .. }
        | What::Arrived { .. }
        | What::Lost { .. }
        | What::Retransmitted { .. }
        | What::Ended { .. }
        | What::Reachable { .. }
        | What::PushResent { .. }
        | What::PushAcknowledged { .. }
        | What::Heartbeat { .. }
        | What::ServerPing { .. }
        | What::ServerPong { .. } => Sign::Routine,
    }
}

impl Sign {
    /// Whether the event is a part of the story.
    pub(in crate::report) fn notable(self) -> bool {
        match self {
            Sign::Step(_)
            | Sign::Sent(_)
            | Sign::Received(_)
            | Sign::Notified(_)
            | Sign::Dropped(..)
            | Sign::Kill(..)
            | Sign::Fault(_)
            | Sign::Belief(..)
            | Sign::Listed => true,
            Sign::State(_) | Sign::Wake(..) | Sign::Accepted(_) | Sign::Routine => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::history::fault::fault;

    #[test]
    fn a_fault_that_is_switched_is_drawn_as_going_down_and_coming_back() {
        let switched: [fn(bool) -> What; 5] = [
            |well| What::PathChanged { silent: !well },
            |well| What::InternetChanged { on: well },
            |well| What::PortalChanged { on: !well },
            |well| What::DnsChanged { on: well },
            |well| What::VoiceCall { on: !well, stalls: true },
        ];
        for what in switched {
            assert_eq!(sign(&what(false)), Sign::Fault('v'), "{:?}", what(false));
            assert_eq!(sign(&what(true)), Sign::Fault('^'), "{:?}", what(true));
            // What is drawn as a stretch begins and ends there.
            let lasts = [what(false), what(true)].map(|what| fault(&what).map(|(_, is)| is));
            assert_eq!(lasts, [Some(true), Some(false)]);
        }
    }

    #[test]
    fn a_call_that_stalls_nothing_is_no_fault() {
        assert_eq!(sign(&What::VoiceCall { on: true, stalls: false }), Sign::Routine);
    }
}
