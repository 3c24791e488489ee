//! What caused an event: back from any event, one cause at a time, to the step, the timer or the chance that began
//! it all. It reads events and knows no rule: it looks for what the event itself says was before it.
//!
//! `phone`, `lease` and `kill` have the causes of what iOS does, `app` of what the app does, `path` and `sent` of what
//! the network does, `server` of what the server does; `words` says each event in plain words.

mod app;
mod kill;
mod lease;
mod path;
mod phone;
mod sent;
mod server;
pub mod words;

use crate::port::{AppState, Frame, Time};
use crate::trace::{Event, What};

/// The place of the event that caused the one at `place`, which is always before it. `None` is a root: a step of
/// the scenario, the opening of the app, a timer that repeats itself, bad luck; or an event whose cause is not among
/// those that were kept.
pub fn cause(events: &[Event], place: usize) -> Option<usize> {
    let event = events.get(place)?;
    let past = Past { events, place, event };
    of(&past).filter(|cause| *cause < place)
}

/// The event at `place`, what caused it, what caused that, and so on to the root.
pub fn chain(events: &[Event], place: usize) -> Vec<usize> {
    let first = (place < events.len()).then_some(place);
    std::iter::successors(first, |place| cause(events, *place)).collect()
}

/// What was before one event, of its own device and of what all devices share.
#[derive(Copy, Clone)]
struct Past<'a> {
    events: &'a [Event],
    place: usize,
    event: &'a Event,
}

impl<'a> Past<'a> {
    fn at(&self) -> Time {
        self.event.at
    }

    /// The events before, the last one first.
    fn back(&self) -> impl Iterator<Item = (usize, &'a Event)> + use<'a> {
        let owner = self.event.owner;
        // What all devices share concerns every device, and nothing but itself concerns it.
        let of = move |event: &Event| event.owner == owner || event.owner == 0;
        self.events[..self.place].iter().enumerate().rev().filter(move |(_, event)| of(event))
    }

    /// The last event before that `is` it.
    fn last(&self, is: impl Fn(&What) -> bool) -> Option<usize> {
        self.back().find(|(_, event)| is(&event.what)).map(|(place, _)| place)
    }

    /// The last event at the same moment that `is` it.
    fn now(&self, is: impl Fn(&What) -> bool) -> Option<usize> {
        let at = self.at();
        self.back()
            .take_while(|(_, event)| event.at == at)
            .find(|(_, event)| is(&event.what))
            .map(|(place, _)| place)
    }

    /// The last of those that `is` it, among those not later than `at`.
    fn last_by(&self, at: Time, is: impl Fn(&What) -> bool) -> Option<usize> {
        let mut back = self.back();
        back.find(|(_, event)| event.at <= at && is(&event.what)).map(|(place, _)| place)
    }

    /// How many events before are such.
    fn count(&self, is: impl Fn(&What) -> bool) -> usize {
        self.back().filter(|(_, event)| is(&event.what)).count()
    }

    /// The `n`th event before, counted from the first as 0, that `is` it.
    fn nth(&self, n: usize, is: impl Fn(&What) -> bool) -> Option<usize> {
        let owner = self.event.owner;
        let mut forth = self.events[..self.place]
            .iter()
            .enumerate()
            .filter(|(_, event)| (event.owner == owner || event.owner == 0) && is(&event.what));
        forth.nth(n).map(|(place, _)| place)
    }

    /// The event that comes next on this device at the same moment.
    fn next(&self) -> Option<Past<'a>> {
        let own = |event: &&Event| event.owner == self.event.owner;
        let rest = self.events.get(self.place + 1..)?;
        let (more, event) = rest.iter().enumerate().find(|(_, event)| own(event))?;
        let place = self.place + 1 + more;
        (event.at == self.at()).then_some(Past { events: self.events, place, event })
    }

    /// What somebody did at this moment: a step of the scenario, or the end of its faults.
    fn act(&self) -> Option<usize> {
        self.now(|what| matches!(what, What::Step { .. } | What::PhaseBegan { .. }))
    }

    /// What `is` it or the step of this name, whichever was last.
    fn last_or_step(&self, actions: &[&str], is: impl Fn(&What) -> bool) -> Option<usize> {
        self.last(|what| {
            matches!(what, What::Step { action, .. } if actions.contains(action)) || is(what)
        })
    }
}

/// The cause of an event. A new event does not compile until it has an opinion here.
fn of(past: &Past<'_>) -> Option<usize> {
    match past.event.what {
        What::Step { .. } | What::PhaseBegan { .. } => None,

        What::ScreenLocked { .. }
        | What::Charger { .. }
        | What::VoiceCall { .. }
        | What::LowPowerMode { .. }
        | What::MemoryWarning {}
        | What::RanAgain { .. }
        | What::ProcessGone {}
        | What::LegacyCall { .. }
        | What::VoipPush { .. }
        | What::CallReported { .. }
        | What::KeepAliveUnscheduled {}
        | What::Audio { .. }
        | What::AddressChanged {}
        | What::InternetChanged { .. }
        | What::PortalChanged { .. }
        | What::DnsChanged { .. }
        | What::Conditions { .. }
        | What::ServerDown { .. }
        | What::PushAccepted { .. }
        | What::PushCancelled { .. }
        | What::Reboot {} => past.act(),

        What::State { to, .. } => phone::state(past, to),
        What::ProcessStarted { reason } => phone::process_started(past, reason),
        What::Callback { name, id } => phone::callback(past, name, id),
        What::CallbackReturned { name, .. } => {
            past.last(|what| matches!(what, What::Callback { name: of, .. } if *of == name))
        }
        What::Wake { reason, .. } => phone::wake(past, reason),
        What::LeaseBegan { reason, .. } => lease::began(past, reason),
        What::LeaseEnded { reason, how, .. } => lease::ended(past, reason, how),
        What::Kill { rule, .. } => kill::kill(past, rule),
        What::Exit { .. } => {
            past.now(|what| matches!(what, What::Step { .. } | What::CallbackReturned { .. }))
        }
        What::RelaunchPlanned { .. } | What::RelaunchRefused { .. } => {
            past.now(|what| matches!(what, What::Kill { .. } | What::Exit { .. } | What::Booted {}))
        }
        What::KeepAliveRefused { .. } => {
            past.now(|what| matches!(what, What::SetKeepAliveTimeout { .. }))
        }
        What::VoipTagIgnored { pair, .. } => {
            past.now(|what| matches!(what, What::Open { pair: of, .. } if *of == pair))
        }
        What::SystemLog { .. } => phone::logged(past),
        What::SocketReclaimed { .. } => past.last(|what| {
            matches!(
                what,
                What::State { to: AppState::Suspended, .. } | What::ScreenLocked { locked: true }
            )
        }),
        What::DeviceSlept {} => phone::device_slept(past),
        What::DeviceWoke { .. } => phone::device_woke(past),
        What::Booted {} => past.last(|what| matches!(what, What::Reboot {})),
        What::FirstUnlock {} => past.now(|what| matches!(what, What::ScreenLocked { .. })),

        What::SetTimer { id, .. } => app::set_timer(past, id),
        What::Busy { .. } => {
            past.now(|what| matches!(what, What::Callback { .. } | What::Step { .. }))
        }
        What::BackingOff { .. } | What::GaveUp {} => app::backed_off(past),
        What::PingTimedOut { .. } => app::ping_timed_out(past),
        What::PushReceived { pair, .. } | What::ClientConnected { pair } => {
            past.now(|what| matches!(what, What::Read { pair: of, .. } if *of == pair))
        }
        What::PushDuplicate { push } => {
            past.last(|what| matches!(what, What::PushReceived { push: of, .. } if *of == push))
        }
        What::Notified { push, .. } | What::NotNotified { push, .. } => {
            past.last(|what| matches!(what, What::PushReceived { push: of, .. } if *of == push))
        }
        What::ClientDisconnected { pair, how } => app::disconnected(past, pair, how),
        What::Read { pair, .. } => app::read(past, pair),
        What::StreamUnheard { pair, .. } => path::told_phone(past, Some(pair)),
        What::SetKeepAliveTimeout { .. }
        | What::ClearKeepAliveTimeout {}
        | What::BeginBackgroundTask { .. }
        | What::EndBackgroundTask { .. }
        | What::CancelTimer { .. }
        | What::CancelLocalNotification { .. }
        | What::CreateDatagramStream { .. }
        | What::CreateStream { .. }
        | What::CreateStreamOver { .. }
        | What::SetServiceType { .. }
        | What::Schedule { .. }
        | What::Unschedule { .. }
        | What::Open { .. }
        | What::Close { .. }
        | What::Write { .. }
        | What::StreamFailed { .. } => app::turn(past),

        What::InterfaceChanged { .. } => path::interface(past),
        What::PathChanged { silent } => path::silence(past, silent),
        What::Connecting { connection } => {
            past.last(|what| matches!(what, What::Open { pair, .. } if *pair == connection))
        }
        What::Established { connection, .. } => path::connecting(past, connection),
        What::ConnectFailed { connection, error } => path::connect_failed(past, connection, error),
        What::Sent { connection, from, frame } => sent::sent(past, connection, from, frame),
        What::Arrived { connection, from, frame, .. } => {
            sent::arrived(past, connection, from, frame)
        }
        What::Lost { connection, cause, .. } => path::lost(past, connection, cause),
        What::Retransmitted { connection, from, .. } => path::retransmitted(past, connection, from),
        What::TimedOut { connection, .. } => path::timed_out(past, connection),
        What::Ended { connection, side, how } => path::ended(past, connection, side, how),
        What::NatForgot { connection, idle } => path::nat_forgot(past, connection, idle),
        What::ConnectionDead { connection, cause } => path::dead(past, connection, cause),
        What::ConnectionHealed { connection } => path::healed(past, connection),
        What::Reachable { why, .. } => path::reachable(past, why),

        What::ServerUp {} => {
            past.act().or_else(|| past.last(|what| matches!(what, What::ServerDown { .. })))
        }
        What::SessionOpened { connection } | What::SideOpened { connection } => {
            server::arrived(past, connection)
        }
        What::SessionClosed { connection, why } | What::SideClosed { connection, why } => {
            server::closed(past, connection, why)
        }
        What::PushSent { push, connection } => server::push_sent(past, push, connection),
        What::PushResent { push, .. } => {
            past.last(|what| matches!(what, What::PushSent { push: of, .. } if *of == push))
        }
        What::Media { on } => server::media(past, on),
        What::PushAcknowledged { .. } => past.now(|what| {
            matches!(what, What::Arrived { from: "phone", frame: Frame::Ack { .. }, .. })
        }),
        What::PushDropped { push, fate } => server::dropped(past, push, fate),
        // The server's own timer began it.
        What::Heartbeat { .. } => None,
        What::ServerPing { connection, .. } | What::ServerPong { connection, .. } => {
            server::arrived(past, connection)
        }
    }
}
