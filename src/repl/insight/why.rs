//! Why something happened or did not: the chain of its causes, one line an event, back to what began it.

use super::{View, hang};
use crate::port::{AppState, PushId, Time};
use crate::report::cause::{chain, words::words};
use crate::report::paragraph::plain;
use crate::trace::{Event, Names, Pattern, SessionEnd, Unreachable, What};

/// What is asked.
#[derive(Clone, PartialEq, Debug)]
pub enum Question {
    /// Why the app was woken last.
    LastWake,
    /// Why the app was ended last.
    LastKill,
    /// Why the app was not woken by what came, or should have come, while it was suspended.
    NotWoken,
    /// Why a push sent now would not be received.
    Unreachable,
    /// What became of the push of this name, and why.
    Push(String),
    /// Why the event at this place among the events happened.
    Place(usize),
    /// Why the last event like this happened.
    Event(Pattern),
}

/// The longest chain that is written whole; of a longer one the middle is left out.
const MOST: usize = 24;
/// How many of its last lines, which lead to the beginning, are kept then.
const TAIL: usize = 8;

/// Answers `question` about the device.
pub fn why(view: &View<'_>, question: &Question, out: &mut String) {
    answer(view.events, view.names, view.number, question, out);
}

/// Answers `question` about `device`, of which `events` tell.
pub fn answer(events: &[Event], names: &Names, device: u32, question: &Question, out: &mut String) {
    let told = Told { events, names, device };
    match question {
        Question::LastWake => {
            let last = told.last(|what| matches!(what, What::Wake { .. }));
            told.chain_or(last, "the app was not woken yet", out);
        }
        Question::LastKill => {
            let last = told.last(|what| matches!(what, What::Kill { .. } | What::Exit { .. }));
            told.chain_or(last, "the app was not ended yet", out);
        }
        Question::NotWoken => told.not_woken(out),
        Question::Unreachable => told.unreachable(out),
        Question::Push(name) => told.push(name, out),
        Question::Place(place) => {
            let place = Some(*place).filter(|place| *place < events.len());
            told.chain_or(place, "there is no event at this place", out);
        }
        Question::Event(pattern) => {
            let last = told.own().rev().find(|(_, event)| pattern.matches(event, names));
            let none = format!("no event like `{}` yet", plain(&pattern.to_string()));
            told.chain_or(last.map(|(place, _)| place), &none, out);
        }
    }
}

/// What is told of one device.
#[derive(Copy, Clone)]
struct Told<'a> {
    events: &'a [Event],
    names: &'a Names,
    device: u32,
}

impl<'a> Told<'a> {
    /// The events of the device and of what all share, with their places.
    fn own(&self) -> impl DoubleEndedIterator<Item = (usize, &'a Event)> + use<'a> {
        let device = self.device;
        let own = move |event: &Event| event.owner == device || event.owner == 0;
        self.events.iter().enumerate().filter(move |(_, event)| own(event))
    }

    fn last(&self, is: impl Fn(&What) -> bool) -> Option<usize> {
        self.own().rev().find(|(_, event)| is(&event.what)).map(|(place, _)| place)
    }

    /// One event as a line.
    fn line(&self, sign: &str, event: &Event, out: &mut String) {
        hang(out, &format!("{}  {sign}", event.at), &words(&event.what, self.names));
    }

    fn chain_or(&self, place: Option<usize>, none: &str, out: &mut String) {
        match place {
            Some(place) => self.chain(place, out),
            None => hang(out, "", none),
        }
    }

    /// The event at `place` and all that led to it.
    fn chain(&self, place: usize, out: &mut String) {
        let places = chain(self.events, place);
        let left_out = if places.len() > MOST { MOST - TAIL..places.len() - TAIL } else { 0..0 };
        for (n, place) in places.iter().enumerate() {
            if n == left_out.start && !left_out.is_empty() {
                out.push_str(&format!("{:>12}  <- … {} more …\n", "", left_out.len()));
            }
            if !left_out.contains(&n) {
                self.line(if n == 0 { "" } else { "<- " }, &self.events[*place], out);
            }
        }
        if let Some(beginning) = places.last().and_then(|place| beginning(&self.events[*place])) {
            hang(out, &format!("{:>12}  ", ""), beginning);
        }
        let mut topics: Vec<&str> = Vec::new();
        for place in &places {
            let topic = topic(&self.events[*place].what);
            topics.extend(topic.filter(|topic| !topics.contains(topic)));
        }
        for topic in topics.iter().take(2) {
            out.push_str(&format!("holdline explain {topic}\n"));
        }
    }

    /// The last frame that came, or was lost, while the app was suspended, and after which it was not woken.
    fn not_woken(&self, out: &mut String) {
        let mut suspended = false;
        let mut found: Option<usize> = None;
        let mut again: Option<u64> = None;
        for (place, event) in self.own() {
            if let What::State { to, .. } = event.what {
                suspended = to == AppState::Suspended;
            } else if let What::Wake { .. } = event.what {
                // What came at this moment woke it.
                found = found.filter(|place| self.events[*place].at < event.at);
            } else if let What::Retransmitted { .. } = event.what {
                // What is lost once more was lost before.
                again = Some(event.seq);
            } else if let What::Arrived { from: "server", .. } | What::Lost { from: "server", .. } =
                event.what
                && suspended
                && again.is_none_or(|seq| event.seq != seq + 1)
            {
                found = Some(place);
            }
        }
        let Some(place) = found else {
            return hang(out, "", "nothing came for the suspended app that did not wake it");
        };
        if let What::Arrived { connection, .. } = self.events[place].what {
            self.line("", &self.events[place], out);
            out.push_str("the app was suspended, and was not woken:\n");
            self.not_watched(connection, place, out);
        } else {
            out.push_str("what was sent did not reach the suspended app:\n");
            self.chain(place, out);
        }
    }

    /// Why iOS does not wake the app for what came on `connection` before `place`.
    fn not_watched(&self, connection: u32, place: usize, out: &mut String) {
        let before = |is: &dyn Fn(&What) -> bool| {
            self.own().rev().find(|(at, event)| *at < place && is(&event.what)).map(|(at, _)| at)
        };
        let ignored = before(
            &|what| matches!(what, What::VoipTagIgnored { pair, .. } if *pair == connection),
        );
        let late = before(
            &|what| matches!(what, What::SetServiceType { pair, taken: false, .. } if *pair == connection),
        );
        let tagged = before(
            &|what| matches!(what, What::SetServiceType { pair, taken: true, .. } if *pair == connection),
        );
        let opened = before(&|what| matches!(what, What::Open { pair, .. } if *pair == connection));
        let text = match (ignored, late, tagged) {
            (Some(_), ..) => "the tag of its streams has no effect:",
            (None, Some(_), _) => "its streams were tagged too late:",
            (None, None, None) => {
                "the app did not tag its streams for VoIP, so iOS does not watch them:"
            }
            (None, None, Some(_)) => "its streams are tagged; this does not wake:",
        };
        out.push_str(&format!("{text}\n"));
        let shown = ignored.or(late).or(if tagged.is_none() { opened } else { Some(place) });
        self.chain_or(shown, "its streams are not known", out);
        out.push_str("holdline explain not-woken\n");
    }

    fn unreachable(&self, out: &mut String) {
        let last = self.last(|what| matches!(what, What::Reachable { .. }));
        match last {
            Some(place)
                if matches!(
                    self.events[place].what,
                    What::Reachable { why: Unreachable::Reachable, .. }
                ) =>
            {
                let since = self.events[place].at;
                hang(out, "", &format!("a push would be received, since {since}"));
            }
            other => self.chain_or(other, "nothing is known yet", out),
        }
    }

    /// The way of every push of this name, and why it was lost, is late, or waits.
    fn push(&self, name: &str, out: &mut String) {
        let mut ids: Vec<PushId> = Vec::new();
        for (_, event) in self.own() {
            ids.extend(push_of(&event.what).filter(|id| !ids.contains(id)));
        }
        ids.retain(|id| self.names.push(*id) == name);
        if ids.is_empty() {
            return hang(
                out,
                "",
                &format!("the server has not been given a push `{}` yet", plain(name)),
            );
        }
        for id in ids {
            self.one_push(id, out);
        }
    }

    fn one_push(&self, id: PushId, out: &mut String) {
        let of: Vec<(usize, &Event)> =
            self.own().filter(|(_, event)| push_of(&event.what) == Some(id)).collect();
        of.iter().for_each(|(_, event)| self.line("", event, out));
        let find = |is: fn(&What) -> bool| of.iter().find(|(_, event)| is(&event.what)).copied();
        let accepted = find(|what| matches!(what, What::PushAccepted { .. }));
        let received = find(|what| matches!(what, What::PushReceived { .. }));
        let dropped = find(|what| matches!(what, What::PushDropped { .. }));
        let sent = find(|what| matches!(what, What::PushSent { .. }));
        let end = received.map_or(usize::MAX, |(place, _)| place);
        let trouble = accepted.and_then(|(from, _)| self.trouble(from, sent, end));
        match (received, dropped, trouble) {
            (Some(_), _, Some(place)) => {
                out.push_str("it came, but not at once:\n");
                self.chain(place, out);
            }
            (Some((place, _)), _, None) => {
                out.push_str("it came at once:\n");
                self.chain(place, out);
            }
            (None, Some((place, _)), trouble) => {
                out.push_str("it was lost:\n");
                self.chain(place, out);
                if let Some(place) = trouble {
                    out.push_str("it could not come before, because:\n");
                    self.chain(place, out);
                }
            }
            (None, None, Some(place)) => {
                out.push_str("it has not been read yet:\n");
                self.chain(place, out);
            }
            (None, None, None) => out.push_str("it is on its way\n"),
        }
    }

    /// What was between the push that was accepted at `from` and its being read at `end`: why it could not be
    /// received then or from some later moment on, or the loss of a segment of the server.
    fn trouble(&self, from: usize, sent: Option<(usize, &Event)>, end: usize) -> Option<usize> {
        let unreachable = |place: usize| {
            matches!(self.events[place].what, What::Reachable { reachable: false, .. })
        };
        let is_reach = |event: &Event| matches!(event.what, What::Reachable { .. });
        let then = self.own().rev().find(|(place, event)| *place < from && is_reach(event));
        let then = then.map(|(place, _)| place).filter(|place| unreachable(*place));
        let later = || {
            let mut between = self.own().skip_while(|(place, _)| *place < from);
            between.find(|(place, _)| *place < end && unreachable(*place)).map(|(place, _)| place)
        };
        let lost = || {
            let (sent, _) = sent?;
            let lost = |what: &What| matches!(what, What::Lost { from: "server", .. });
            let mut after = self.own().skip_while(|(place, _)| *place < sent);
            after.find(|(place, event)| *place < end && lost(&event.what)).map(|(place, _)| place)
        };
        then.or_else(lost).or_else(later)
    }
}

/// The push that an event is about.
fn push_of(what: &What) -> Option<PushId> {
    let mut found = None;
    what.fields(&mut |_, field| {
        if let crate::trace::Field::Push(id) = field {
            found = Some(id);
        }
    });
    found
}

/// What is to be said of the event at which a chain begins, if it does not say so itself.
fn beginning(event: &Event) -> Option<&'static str> {
    if let What::Step { .. } | What::PhaseBegan { .. } = event.what {
        None
    } else if let What::SetTimer { .. } = event.what {
        Some("the app's own timer, which sets itself again when it fires")
    } else if let What::Heartbeat { .. } = event.what {
        Some("the server's own timer: holdline explain heartbeat.interval")
    } else if let What::Lost { .. } = event.what {
        Some("nothing caused it")
    } else if event.at == Time::ZERO {
        Some("how the run began")
    } else if let What::InterfaceChanged { .. } | What::PathChanged { .. } = event.what {
        Some("from a row of the connectivity trace")
    } else {
        Some("what was before it is not told")
    }
}

/// What `holdline explain` calls the rule behind an event, if there is one.
fn topic(what: &What) -> Option<&'static str> {
    if let What::Kill { rule, .. } = what {
        Some(rule.as_str())
    } else if let What::ConnectionDead { cause, .. } = what {
        Some(cause.as_str())
    } else if let What::PushDropped { fate, .. } = what {
        Some(fate.as_str())
    } else if let What::Reachable { reachable: false, why } = what {
        Some(why.as_str())
    } else if let What::Lost { cause, .. } = what {
        Some(cause.as_str())
    } else if let What::StreamUnheard { why, .. } = what {
        Some(why.as_str())
    } else if let What::VoipTagIgnored { why, .. } | What::KeepAliveRefused { why } = what {
        Some(why.as_str())
    } else if let What::RelaunchRefused { why } = what {
        Some(why.as_str())
    } else if let What::SessionClosed { why, .. } | What::SideClosed { why, .. } = what {
        // What the client or the network ended has its cause elsewhere.
        let ended = matches!(why, SessionEnd::ClosedByClient | SessionEnd::Failed);
        (!ended).then_some(why.as_str())
    } else if let What::Wake { .. } = what {
        Some("wake")
    } else if let What::NatForgot { .. } = what {
        Some("nat-forgot")
    } else if let What::ServerDown { .. } = what {
        Some("server.restart")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::explain::Explainer;
    use crate::port::{PushId, Span};
    use crate::trace::{
        DeadCause, KillCode, KillRule, LossCause, PushFate, Refusal, RelaunchRefusal, RestartKind,
        WakeReason,
    };

    #[test]
    fn every_topic_that_is_named_can_be_explained() {
        let push = PushId { name: 0, member: 0 };
        let mut whats = vec![
            What::Wake { reason: WakeReason::Socket, recent: 1 },
            What::NatForgot { connection: 1, idle: Span::ZERO },
            What::ServerDown { how: RestartKind::Drain, down_for: Span::ZERO },
        ];
        let code = KillCode::Watchdog;
        whats.extend(KillRule::ALL.iter().map(|rule| What::Kill { code, rule: *rule }));
        let dead = |cause: &DeadCause| What::ConnectionDead { connection: 1, cause: *cause };
        whats.extend(DeadCause::ALL.iter().map(dead));
        whats.extend(PushFate::ALL.iter().map(|fate| What::PushDropped { push, fate: *fate }));
        let reach = |why: &Unreachable| What::Reachable { reachable: false, why: *why };
        whats.extend(Unreachable::ALL.iter().map(reach));
        let lost = |cause: &LossCause| What::Lost { connection: 1, from: "server", cause: *cause };
        whats.extend(LossCause::ALL.iter().map(lost));
        whats.extend(Refusal::ALL.iter().map(|why| What::VoipTagIgnored { pair: 1, why: *why }));
        let refused = |why: &RelaunchRefusal| What::RelaunchRefused { why: *why };
        whats.extend(RelaunchRefusal::ALL.iter().map(refused));
        let closed = |why: &SessionEnd| What::SessionClosed { connection: 1, why: *why };
        whats.extend(SessionEnd::ALL.iter().map(closed));

        let names: BTreeSet<String> = Explainer::new(Vec::new()).names().into_iter().collect();
        let topics: Vec<&str> = whats.iter().filter_map(topic).chain(["not-woken"]).collect();
        assert!(topics.len() > 50);
        for topic in topics {
            assert!(names.contains(topic), "holdline explain {topic}");
        }
    }
}
