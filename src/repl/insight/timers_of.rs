//! What each thing that is due is called, what it does, and what would be before it.

use super::timers::{Holds, Row};
use crate::client::timer_meaning;
use crate::net::{self, End};
use crate::os::{self, Timer};
use crate::port::{Clock, LaunchReason};
use crate::report::cause::words::lease;
use crate::report::human;
use crate::report::paragraph::plain;
use crate::server::{Due, Job, ServerDue};
use crate::trace::{KillRule, LeaseReason, Names};

/// What is due on the phone; `fires` says whether it happens at its time as the app is now.
pub(super) fn of_phone(due: os::Due, fires: bool) -> Row {
    let row = |owner, name: &str, reason: &str, unless| Row {
        at: due.at,
        owner,
        name: name.to_owned(),
        reason: reason.to_owned(),
        holds: if fires { Holds::Unless(unless) } else { Holds::Waits("the app runs again") },
    };
    match due.what {
        Timer::MainThread => {
            row("app", "main thread", "it is free again", "the process ends or is suspended")
        }
        Timer::App { id, clock } => app_timer(id, clock, &row),
        Timer::KeepAlive { timeout } => {
            let reason = format!("iOS calls the handler (timeout {})", human::span(timeout));
            row("phone", "keep-alive wake", &reason, "it is cleared or the process ends")
        }
        Timer::TaskWarning => row(
            "phone",
            "task warning",
            "the expiration handlers are called",
            "the app ends its background tasks",
        ),
        Timer::LeaseEnds(reason) => {
            let name = format!("lease {reason}");
            row(
                "phone",
                &name,
                &lease_ends(reason),
                "the app is done before or comes to the screen",
            )
        }
        Timer::Watchdog(rule) => {
            row("phone", &format!("watchdog {rule}"), watchdog(rule), "the app returns in time")
        }
        Timer::Reclaim => row(
            "phone",
            "socket reclaim",
            "iOS takes the untagged sockets of the suspended app",
            "the app runs before",
        ),
        Timer::Launch(reason) => {
            row("phone", "relaunch", launch(reason), "the user opens or removes the app")
        }
        Timer::Termination(rule) => row(
            "phone",
            "termination",
            &format!("the process is ended by {rule}"),
            "applicationWillTerminate: returns before",
        ),
        Timer::Booted => {
            let reason = "the device has booted";
            Row { holds: Holds::Certain, ..row("phone", "boot", reason, "") }
        }
        Timer::DeviceSleeps => row(
            "phone",
            "device sleep",
            "the device falls asleep",
            "the app is woken, the screen goes on or the charger is plugged in",
        ),
    }
}

fn app_timer(
    id: crate::port::TimerId,
    clock: Clock,
    row: &impl Fn(&'static str, &str, &str, &'static str) -> Row,
) -> Row {
    let reason = timer_meaning(id).unwrap_or("set by the app");
    let unless = match clock {
        Clock::Continuous => "the app cancels it or is suspended",
        Clock::Uptime => "the app cancels it or is suspended, or the device sleeps",
    };
    row("app", &format!("timer {}", id.0), reason, unless)
}

/// What the end of a budget does.
fn lease_ends(reason: LeaseReason) -> String {
    let what = match reason {
        LeaseReason::Launch | LeaseReason::SocketWake | LeaseReason::Audio => {
            "is used up; the app is suspended if it has no other reason to run"
        }
        LeaseReason::Grace => return "the app is suspended".to_owned(),
        LeaseReason::EnteredBackground
        | LeaseReason::BackgroundTask
        | LeaseReason::KeepAliveHandler => "is overrun",
    };
    format!("run time for {} {what}", lease(reason))
}

fn watchdog(rule: KillRule) -> &'static str {
    match rule {
        KillRule::LaunchTooSlow => "launching has taken too long: the app is ended",
        KillRule::ResumeTooSlow => "coming to the screen has taken too long: the app is ended",
        KillRule::ExpiryHandlerTooSlow => {
            "an expiration handler has taken too long: the app is ended"
        }
        KillRule::EnteredBackgroundTooSlow
        | KillRule::TaskNeverEnded
        | KillRule::TooManyTasks
        | KillRule::KeepAliveHandlerTooSlow
        | KillRule::WakeLimit
        | KillRule::Memory
        | KillRule::ForceQuit
        | KillRule::ModernSdkTrap => "the app is ended",
    }
}

fn launch(reason: LaunchReason) -> &'static str {
    match reason {
        LaunchReason::User => "the app is opened",
        LaunchReason::VoipRelaunch => "iOS starts the app again in background",
        LaunchReason::Boot => "iOS starts the app after the boot",
    }
}

/// What is due on the path.
pub(super) fn of_path(due: net::Due, fires: bool) -> Row {
    use net::Timer;
    let connection = due.connection.unwrap_or_default();
    let row = |name: &str, reason: String, holds| Row {
        at: due.at,
        owner: "net",
        name: due.connection.map_or(name.to_owned(), |n| format!("{name} {n}")),
        reason,
        holds: if fires { holds } else { Holds::Waits("the device is awake") },
    };
    let heard = Holds::Unless("something gets through before");
    match due.what {
        Timer::Attached => row(
            "interface",
            "the interface that attaches carries traffic".to_owned(),
            Holds::Unless("it is switched again"),
        ),
        Timer::Arrives { from, what } => {
            let to = from.peer();
            let reason = format!("a {what} from the {from} arrives at the {to}");
            row("arrival", reason, Holds::Certain)
        }
        Timer::Retransmits { from, n } => row(
            "retransmission",
            format!("the {from} sends again, for the {} time", nth(n)),
            Holds::Unless("the other end closes or resets the connection"),
        ),
        Timer::GivesUp { from } => {
            row("give-up", format!("the {from}'s kernel gives the connection up"), heard)
        }
        Timer::SynAgain { n } => row(
            "SYN",
            format!("the phone asks for the connection again, for the {} time", nth(n)),
            Holds::Unless("the server answers or the app closes"),
        ),
        Timer::ConnectFails => row(
            "connect",
            "the attempt to connect fails".to_owned(),
            Holds::Unless("the server answers or the app closes"),
        ),
        Timer::NatForgets => row(
            "NAT",
            format!("the NAT forgets connection {connection}"),
            Holds::Unless("there is traffic"),
        ),
        Timer::Probe { from, n } => {
            let side = side(from);
            row(
                "TCP keep-alive",
                format!("{side} sends probe {n}"),
                Holds::Unless("there is traffic"),
            )
        }
        Timer::ProbesEnd { from } => {
            let side = side(from);
            row("TCP keep-alive", format!("{side} gives the connection up"), heard)
        }
    }
}

fn side(end: End) -> &'static str {
    match end {
        End::Phone => "the phone's kernel",
        End::Server => "the server's kernel",
    }
}

/// `1st`, `2nd`, `11th`.
fn nth(n: u32) -> String {
    let suffix = match (n % 100, n % 10) {
        (11..=13, _) => "th",
        (_, 1) => "st",
        (_, 2) => "nd",
        (_, 3) => "rd",
        _ => "th",
    };
    format!("{n}{suffix}")
}

/// What is due in the server.
pub(super) fn of_server(due: ServerDue, names: &Names) -> Row {
    let row = |name: String, reason: &str, unless| Row {
        at: due.at,
        owner: "server",
        name,
        reason: reason.to_owned(),
        holds: Holds::Unless(unless),
    };
    let push = |id| plain(&names.push(id));
    match due.what {
        Job::Connection { connection, due } => {
            let (name, reason, unless) = on_connection(due);
            row(format!("{name} {connection}"), reason, unless)
        }
        Job::Resend { push: id, n, connection } => row(
            format!("resend `{}`", push(id)),
            &format!("it is written to connection {connection} for the {} time", nth(n + 1)),
            "the app acknowledges it",
        ),
        Job::ResendEnds { push: id } => row(
            format!("give up `{}`", push(id)),
            "it is not written again",
            "the app acknowledges it",
        ),
        Job::Media { connection } => row(
            format!("media {connection}"),
            "the next packet of the media stream is sent",
            "the stream ends",
        ),
        Job::MediaEnds { connection } => {
            row(format!("media end {connection}"), "the media stream is over", "it ends before")
        }
        Job::ResumeOver => row(
            "resume window".to_owned(),
            "what waits for the session that ended is dropped",
            "the device comes back",
        ),
        Job::PushExpires { push: id } => row(
            format!("expiry `{}`", push(id)),
            "from then on the server drops it when it would write it",
            "the app acknowledges it",
        ),
    }
}

fn on_connection(due: Due) -> (&'static str, &'static str, &'static str) {
    match due {
        Due::Drained => ("drain", "the server hangs up, because it drains", "it ends before"),
        Due::Unanswered => {
            ("heartbeat", "it was not answered: the server hangs up", "the client is heard of")
        }
        Due::Expired => {
            ("registration", "it expires: no push goes out any more", "the client says hello again")
        }
        Due::Idle => ("idle timeout", "the server hangs up", "the client is heard of"),
        Due::Heartbeat => {
            ("heartbeat", "the server asks for a sign of life", "the client is heard of")
        }
    }
}
