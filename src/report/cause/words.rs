//! An event in plain words, for a chain of causes: one short sentence each, without its time.

use crate::port::{AppState, LaunchReason, Span};
use crate::report::human;
use crate::report::paragraph::plain;
use crate::trace::{
    ConnectionEnd, DeadCause, KillCode, LeaseReason, LossCause, Names, PushFate, Unreachable,
    WakeReason, What,
};

/// What happened, in words. Names from a scenario are given as they are, control characters left out.
pub fn words(what: &What, names: &Names) -> String {
    let push = |id| format!("push `{}`", plain(&names.push(id)));
    let span = |span: Span| human::span(span);
    match *what {
        What::Step { action, number } => format!("step {number}: {action}"),
        What::PhaseBegan { name } => format!("the phase `{name}` began"),
        What::ScreenLocked { locked: true } => "the screen was locked".into(),
        What::ScreenLocked { locked: false } => "the screen was unlocked".into(),
        What::Charger { connected: true } => "the charger was plugged in".into(),
        What::Charger { connected: false } => "the charger was pulled out".into(),
        What::VoiceCall { on, .. } => format!("a telephone call {}", begins(on)),
        What::LowPowerMode { on } => format!("low-power mode was switched {}", switched(on)),
        What::Notified { push: id, .. } => format!("the user saw a notification for {}", push(id)),
        What::NotNotified { push: id, .. } => {
            format!("notifications are forbidden: nobody saw {}", push(id))
        }

        What::State { to, .. } => state(to).into(),
        What::ProcessStarted { reason } => match reason {
            LaunchReason::User => "the user opened the app".into(),
            LaunchReason::VoipRelaunch => "iOS started the app again".into(),
            LaunchReason::Boot => "iOS started the app after the boot".into(),
        },
        What::Callback { name: "timer", id } => format!("timer {id} of the app fired"),
        What::Callback { name, .. } => format!("the app was called: {name}"),
        What::CallbackReturned { name, .. } => format!("the app returned from {name}"),
        What::Wake { reason, recent } => {
            format!("the app was woken {}: wake {recent} in the window", woken_by(reason))
        }
        What::LeaseBegan { reason, budget: Span::MAX } => {
            format!("run time began for {}, without a limit", lease(reason))
        }
        What::LeaseBegan { reason, budget } => {
            format!("run time of {} began for {}", span(budget), lease(reason))
        }
        What::LeaseEnded { reason, how, held } => {
            format!("run time for {} ended after {}: {how}", lease(reason), span(held))
        }
        What::Kill { code, rule } => format!("iOS ended the app by {rule}{}", in_brackets(code)),
        What::Exit { code } => format!("the process exited with {code}"),
        What::RelaunchPlanned { after, .. } => {
            format!("iOS will start the app again in {}", span(after))
        }
        What::RelaunchRefused { why } => format!("iOS will not start the app again: {why}"),
        What::KeepAliveRefused { why } => format!("the keep-alive handler was refused: {why}"),
        What::KeepAliveUnscheduled {} => "iOS unscheduled the keep-alive wake".into(),
        What::VoipTagIgnored { pair, why } => {
            format!("the VoIP tag of stream {pair} has no effect: {why}")
        }
        What::SystemLog { line, .. } => format!("system log: {line}"),
        What::SocketReclaimed { pair, unread } => {
            format!("iOS took socket {pair} away, {} unread", human::plural(unread.into(), "frame"))
        }
        What::DeviceSlept {} => "the device went to sleep".into(),
        What::DeviceWoke { slept } => format!("the device woke up after {}", span(slept)),
        What::Reboot {} => "the device went down to boot".into(),
        What::Booted {} => "the device has booted".into(),
        What::FirstUnlock {} => "the device was unlocked for the first time".into(),
        What::MemoryWarning {} => "the app was told to free memory".into(),
        What::RanAgain { after } => format!("the app ran again after {after} without run time"),
        What::ProcessGone {} => "the process had ended without a word".into(),
        What::LegacyCall { call, plan, why } => format!("the legacy call {call}: {plan} ({why})"),
        What::VoipPush { .. } => "a VoIP push of Apple's push service arrived".into(),
        What::CallReported { taken: true, .. } => "the app reported a call".into(),
        What::CallReported { taken: false, .. } => {
            "the call that the app reported was refused".into()
        }

        What::SetKeepAliveTimeout { timeout, installed: true } => {
            format!("the app installed a keep-alive handler: {}", span(timeout))
        }
        What::SetKeepAliveTimeout { timeout, installed: false } => {
            format!("the app asked in vain for a keep-alive handler: {}", span(timeout))
        }
        What::ClearKeepAliveTimeout {} => "the app cleared its keep-alive handler".into(),
        What::BeginBackgroundTask { id: 0 } => "the app was refused a background task".into(),
        What::BeginBackgroundTask { id } => format!("the app began background task {id}"),
        What::EndBackgroundTask { id, .. } => format!("the app ended background task {id}"),
        What::SetTimer { id, after, .. } => {
            format!("the app set timer {id} to {}", span(after))
        }
        What::CancelTimer { id } => format!("the app cancelled timer {id}"),
        What::Busy { span: busy } => format!("the main thread was blocked for {}", span(busy)),
        What::Audio { on: true } => "the app began to play or record".into(),
        What::Audio { on: false } => "the app stopped playing or recording".into(),
        What::CancelLocalNotification { push: id, .. } => {
            format!("the app took back its notification for {}", push(id))
        }
        What::BackingOff { attempt, delay } => {
            format!("the app waits {} before attempt {attempt}", span(delay))
        }
        What::PingTimedOut { n } => format!("the app's ping {n} was not answered in time"),
        What::PushReceived { push: id, .. } => format!("the app read {}", push(id)),
        What::PushDuplicate { push: id } => format!("the app had {} already", push(id)),
        What::GaveUp {} => "the app gave up connecting".into(),
        What::ClientConnected { pair } => format!("the app was welcomed on connection {pair}"),
        What::ClientDisconnected { pair, how } => {
            format!("the app knew that connection {pair} was gone: {}", ended(how))
        }

        What::CreateDatagramStream { pair } => format!("the app made UDP stream {pair}"),
        What::CreateStream { pair } => format!("the app made stream {pair}"),
        What::CreateStreamOver { pair } => format!("the app made streams over socket {pair}"),
        What::SetServiceType { pair, side, service, taken } => {
            let late = if taken { "" } else { ", too late" };
            format!("the app tagged the {side} side of stream {pair} {service}{late}")
        }
        What::Schedule { pair, side, run_loop } => {
            format!("the app scheduled the {side} side of stream {pair} on run loop {run_loop}")
        }
        What::Unschedule { pair, side } => {
            format!("the app took the {side} side of stream {pair} off its run loop")
        }
        What::Open { pair, side, .. } => {
            format!("the app opened the {side} side of stream {pair}")
        }
        What::Close { pair, side } => format!("the app closed the {side} side of stream {pair}"),
        What::Read { pair, frame } => format!("the app read a {frame} frame from stream {pair}"),
        What::Write { pair, frame, .. } => {
            format!("the app wrote a {frame} frame to stream {pair}")
        }
        What::StreamFailed { pair, call, error } => {
            format!("{call} on stream {pair} failed: {error}")
        }
        What::StreamUnheard { pair, event, why, .. } => {
            format!("nobody heard {event} of stream {pair}: {why}")
        }
        What::InterfaceChanged { to } => format!("the interface that carries traffic: {to}"),
        What::AddressChanged {} => "the phone's address changed".into(),
        What::PathChanged { silent: true } => "the path went silent".into(),
        What::PathChanged { silent: false } => "the path works again".into(),
        What::Conditions { interface, .. } => format!("{interface} has other conditions"),
        What::InternetChanged { on } => {
            format!("the Wi-Fi {} the internet", if on { "reaches" } else { "does not reach" })
        }
        What::PortalChanged { on } => format!("a captive portal was switched {}", switched(on)),
        What::DnsChanged { on } => {
            format!("names are {}", if on { "resolved again" } else { "not resolved any more" })
        }
        What::Connecting { connection } => format!("the phone asked for connection {connection}"),
        What::Established { connection, .. } => {
            format!("connection {connection} was established")
        }
        What::ConnectFailed { connection, error } => {
            format!("connection {connection} could not be made: {error}")
        }
        What::Sent { connection, from, frame } => {
            format!("the {from} sent a {frame} frame on connection {connection}")
        }
        What::Arrived { connection, from, frame, .. } => {
            format!("a {frame} frame of the {from} arrived on connection {connection}")
        }
        What::Lost { connection, from, cause } => {
            let why = loss(cause);
            format!("a segment from the {from} on connection {connection} was lost: {why}")
        }
        What::Retransmitted { connection, from, n } => {
            let n = human::times(n.into());
            format!("the {from} sent again on connection {connection}, now {n}")
        }
        What::TimedOut { connection, side, after } => {
            let after = span(after);
            format!("the {side}'s kernel gave connection {connection} up after {after}")
        }
        What::Ended { connection, side, how } => {
            format!("connection {connection} ended at the {side}: {}", ended(how))
        }
        What::NatForgot { connection, idle } => {
            format!("the NAT forgot connection {connection}, idle for {}", span(idle))
        }
        What::ConnectionDead { connection, cause } => {
            format!("connection {connection} was dead: {}", death(cause))
        }
        What::ConnectionHealed { connection } => format!("connection {connection} works again"),
        What::Reachable { why, .. } => reach(why).into(),

        What::ServerDown { how, .. } => format!("the server went down: {how}"),
        What::ServerUp {} => "the server was up again".into(),
        What::SessionOpened { connection } => {
            format!("the server opened a session on connection {connection}")
        }
        What::SessionClosed { connection, why } => {
            format!("the server's session on connection {connection} ended: {why}")
        }
        What::SideOpened { connection } => {
            format!("connection {connection} became the second one of the session")
        }
        What::SideClosed { connection, why } => {
            format!("the second connection {connection} ended: {why}")
        }
        What::PushAccepted { push: id, .. } => format!("the server accepted {}", push(id)),
        What::PushSent { push: id, connection } => {
            format!("the server wrote {} to connection {connection}", push(id))
        }
        What::PushResent { push: id, connection, n } => {
            format!("the server wrote {} to connection {connection} again, {n}", push(id))
        }
        What::PushCancelled { push: id, .. } => format!("{} was cancelled", push(id)),
        What::Media { on } => format!("the server's media stream {}", begins(on)),
        What::PushAcknowledged { push: id } => format!("the app's ack for {} arrived", push(id)),
        What::PushDropped { push: id, fate } => {
            format!("the server dropped {}: {}", push(id), dropped(fate))
        }
        What::Heartbeat { connection, n } => {
            format!("the server's heartbeat {n} was due on connection {connection}")
        }
        What::ServerPing { n, .. } => format!("the server answered ping {n}"),
        What::ServerPong { n, .. } => format!("heartbeat {n} was answered"),
    }
}

fn begins(on: bool) -> &'static str {
    if on { "began" } else { "ended" }
}

fn switched(on: bool) -> &'static str {
    if on { "on" } else { "off" }
}

fn state(to: AppState) -> &'static str {
    match to {
        AppState::NotRunning => "the app does not run",
        AppState::Inactive => "the app is on screen, and inactive",
        AppState::Active => "the app is active",
        AppState::Background => "the app runs in background",
        AppState::Suspended => "the app was suspended",
    }
}

fn woken_by(reason: WakeReason) -> &'static str {
    match reason {
        WakeReason::KeepAlive => "for its keep-alive handler",
        WakeReason::Socket => "by its socket",
        WakeReason::User => "by the user",
        WakeReason::Reachability => "by a change of reachability",
    }
}

/// What run time is for.
pub fn lease(reason: LeaseReason) -> &'static str {
    match reason {
        LeaseReason::Launch => "the launch in background",
        LeaseReason::EnteredBackground => "entering the background",
        LeaseReason::BackgroundTask => "background tasks",
        LeaseReason::KeepAliveHandler => "the keep-alive handler",
        LeaseReason::SocketWake => "traffic on a socket",
        LeaseReason::Audio => "sound",
        LeaseReason::Grace => "the grace before suspension",
    }
}

/// The code of a termination, where it says more than its rule.
fn in_brackets(code: KillCode) -> String {
    match code {
        KillCode::Watchdog
        | KillCode::TooManyWakes
        | KillCode::TooManyTasks
        | KillCode::TaskOverrun
        | KillCode::ForceQuit => format!(" ({code})"),
        KillCode::Jetsam | KillCode::Trap => String::new(),
    }
}

/// How a connection ended.
pub fn ended(how: ConnectionEnd) -> &'static str {
    match how {
        ConnectionEnd::Fin => "the peer closed it (FIN)",
        ConnectionEnd::Reset => "reset (RST)",
        ConnectionEnd::TimedOut => "nobody answered",
        ConnectionEnd::Refused => "refused",
        ConnectionEnd::Unreachable => "no way there",
        ConnectionEnd::NotResolved => "the name was not resolved",
        ConnectionEnd::Reclaimed => "iOS had taken the socket away",
        ConnectionEnd::Closed => "closed here",
    }
}

/// Why a connection carries nothing.
pub fn death(cause: DeadCause) -> &'static str {
    match cause {
        DeadCause::Interface => "the phone left its interface",
        DeadCause::Address => "the phone has another address",
        DeadCause::Silence => "the path is silent",
        DeadCause::NoInternet => "the Wi-Fi does not reach the internet",
        DeadCause::CaptivePortal => "a captive portal is in the way",
        DeadCause::VoiceCall => "a telephone call has the radio",
        DeadCause::Nat => "the NAT has forgotten it",
        DeadCause::Server => "the server has forgotten it",
        DeadCause::Reclaimed => "iOS took the phone's socket away",
        DeadCause::Process => "the process that held it is gone",
    }
}

/// Why a segment did not arrive.
pub fn loss(cause: LossCause) -> &'static str {
    match cause {
        LossCause::NoInterface => "the phone left the interface",
        LossCause::OldAddress => "the phone has another address",
        LossCause::Silence => "the path is silent",
        LossCause::NoInternet => "the Wi-Fi does not reach the internet",
        LossCause::CaptivePortal => "a captive portal kept it",
        LossCause::VoiceCall => "a telephone call has the radio",
        LossCause::Chance => "bad luck",
        LossCause::Nat => "the NAT has forgotten the connection",
        LossCause::HostDown => "the host is down",
        LossCause::NoSocket => "the phone has no such socket",
        LossCause::BufferFull => "the socket's buffer is full",
    }
}

/// Whether a push sent now would be received, or why not.
pub fn reach(why: Unreachable) -> &'static str {
    match why {
        Unreachable::Reachable => "a push would be received",
        Unreachable::NoSession => "the server has no session",
        Unreachable::NotRegistered => "the registration has expired",
        Unreachable::ServerDown => "the server is down",
        Unreachable::ConnectionDead => "the connection is dead",
        Unreachable::NotWoken => "the app is suspended, and nothing wakes it",
        Unreachable::NotHeard => "nobody in the app reads",
        Unreachable::Busy => "the main thread is blocked",
        Unreachable::WakeLimit => "one more wake would end the app",
        Unreachable::NotRunning => "the app does not run",
    }
}

fn dropped(fate: PushFate) -> &'static str {
    match fate {
        PushFate::Expired => "its time to live was over",
        PushFate::QueueFull => "the queue was full",
        PushFate::Cancelled => "it was cancelled",
        PushFate::GivenUp => "written again and again, never acknowledged",
        PushFate::NotConnected => "nobody was connected, and it keeps nothing",
        PushFate::LostInRestart => "the queue was in memory",
        PushFate::ServerDown => "it was down",
        PushFate::ResumeExpired => "the device did not come back in time",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::port::PushId;
    use crate::trace::KillRule;

    #[test]
    fn a_termination_says_its_rule_and_a_code_that_adds_to_it() {
        let said = |code, rule| words(&What::Kill { code, rule }, &Names::default());
        assert_eq!(
            said(KillCode::TooManyWakes, KillRule::WakeLimit),
            "iOS ended the app by wake-limit (0xbad22222)"
        );
        assert_eq!(said(KillCode::Jetsam, KillRule::Memory), "iOS ended the app by memory");
    }

    #[test]
    fn a_name_cannot_move_the_cursor() {
        let names = Names { pushes: vec!["a\u{1b}[2Jb".into()] };
        let push = PushId { name: 0, member: 0 };
        let said = words(&What::PushAccepted { push, waiting: 1 }, &names);
        assert_eq!(said, "the server accepted push `a [2Jb`");
    }
}
