//! What one device's events say, as stretches of time and as moments: what every drawing of a run is made of.

pub(in crate::report) mod fault;
pub(in crate::report) mod sign;

use std::collections::BTreeMap;
use std::ops::Range;

use crate::platform::Profile;
use crate::port::{AppState, PushId, Span, Time};
use crate::trace::{Event, KillCode, KillRule, PushFate, WakeReason, What};
use sign::{Belief, Sign, sign};

/// Two beliefs that differ for less than this differ because news travel.
pub(in crate::report) const NEWS: Span = Span::from_secs(1);

/// How many wakes are allowed in which time, if they are limited.
pub(in crate::report) type Limit = Option<(u32, Span)>;

/// How many wakes a platform allows.
pub(in crate::report) fn limit(profile: &Profile) -> Limit {
    profile.wake_limit.map(|most| (most, profile.wake_limit_window))
}

/// A stretch of time in which something was so.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(in crate::report) struct Stretch<T> {
    pub(in crate::report) from: Time,
    pub(in crate::report) to: Time,
    pub(in crate::report) is: T,
}

/// One wake.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(in crate::report) struct Wake {
    pub(in crate::report) at: Time,
    /// What for.
    pub(in crate::report) reason: WakeReason,
    /// How many there were within the window of the wake limit, this one included.
    pub(in crate::report) recent: u32,
}

/// The way of one push.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(in crate::report) struct Flight {
    pub(in crate::report) push: PushId,
    /// When the server took it, or gave it up without taking it.
    pub(in crate::report) accepted: Time,
    /// When it was written to a connection for the first time.
    pub(in crate::report) sent: Option<Time>,
    /// When the app read it for the first time.
    pub(in crate::report) received: Option<Time>,
    /// When the user saw it.
    pub(in crate::report) notified: Option<Time>,
    /// When and why the server gave it up.
    pub(in crate::report) dropped: Option<(Time, PushFate)>,
}

impl Flight {
    /// The moments it has, to be moved together.
    fn times(&mut self) -> impl Iterator<Item = &mut Time> {
        let Flight { push: _, accepted, sent, received, notified, dropped } = self;
        let later = sent.iter_mut().chain(received).chain(notified);
        std::iter::once(accepted).chain(later).chain(dropped.iter_mut().map(|(at, _)| at))
    }

    /// Whether the server gave it up the moment it heard of it.
    pub(in crate::report) fn refused(&self) -> bool {
        self.sent.is_none() && self.dropped.is_some_and(|(at, _)| at == self.accepted)
    }

    /// When its way was over, if it was.
    pub(in crate::report) fn over(&self) -> Option<Time> {
        self.notified.or(self.received).or(self.dropped.map(|(at, _)| at))
    }
}

/// What is drawn of a device.
#[derive(Clone, Debug, Default)]
pub(in crate::report) struct History {
    /// The app's state.
    pub(in crate::report) states: Vec<Stretch<AppState>>,
    /// When the client believed that it was connected.
    pub(in crate::report) client: Vec<Stretch<()>>,
    /// When the server believed that the device was connected.
    pub(in crate::report) server: Vec<Stretch<()>>,
    /// When they did not believe in the same connection, or in one that was dead.
    pub(in crate::report) wrong: Vec<Stretch<()>>,
    /// Steps by their number.
    pub(in crate::report) steps: Vec<(Time, u32)>,
    /// What each of the steps did: as many as there are steps.
    pub(in crate::report) actions: Vec<&'static str>,
    /// Wakes.
    pub(in crate::report) wakes: Vec<Wake>,
    /// What became of each push, in the order in which the server took them.
    pub(in crate::report) flights: Vec<Flight>,
    /// Pushes written to a connection.
    pub(in crate::report) sent: Vec<Time>,
    /// Pushes read by the app for the first time.
    pub(in crate::report) received: Vec<Time>,
    /// Pushes shown to the user.
    pub(in crate::report) notified: Vec<Time>,
    /// What went wrong around the app, by its sign.
    pub(in crate::report) faults: Vec<(Time, char)>,
    /// Terminations by the system, the user's among them.
    pub(in crate::report) kills: Vec<(Time, KillCode, KillRule)>,
}

impl History {
    /// A push of which the server hears at this time.
    fn begin(&mut self, flying: &mut BTreeMap<PushId, usize>, push: PushId, accepted: Time) {
        let (sent, received, notified, dropped) = (None, None, None, None);
        flying.insert(push, self.flights.len());
        self.flights.push(Flight { push, accepted, sent, received, notified, dropped });
    }

    /// Does something to the flight of `push`, if the server took it.
    fn of(
        &mut self,
        flying: &BTreeMap<PushId, usize>,
        push: PushId,
        act: impl FnOnce(&mut Flight),
    ) {
        if let Some(flight) = flying.get(&push).and_then(|place| self.flights.get_mut(*place)) {
            act(flight);
        }
    }

    /// What is of this time, counted from its beginning.
    pub(in crate::report) fn part(mut self, part: &Range<Time>) -> History {
        let moved = |at: Time| at.since(part.start).from_start();
        fn cut<T>(list: &mut Vec<Stretch<T>>, part: &Range<Time>, moved: impl Fn(Time) -> Time) {
            list.retain(|stretch| stretch.from < part.end && stretch.to > part.start);
            for stretch in list {
                (stretch.from, stretch.to) = (moved(stretch.from), moved(stretch.to.min(part.end)));
            }
        }
        cut(&mut self.states, part, moved);
        for list in [&mut self.client, &mut self.server, &mut self.wrong] {
            cut(list, part, moved);
        }
        self.wakes.retain(|wake| part.contains(&wake.at));
        self.wakes.iter_mut().for_each(|wake| wake.at = moved(wake.at));
        let in_part = |flight: &Flight| {
            flight.accepted < part.end && flight.over().is_none_or(|over| over >= part.start)
        };
        self.flights.retain(in_part);
        self.flights.iter_mut().flat_map(Flight::times).for_each(|at| *at = moved(*at));
        let lists = [&mut self.sent, &mut self.received, &mut self.notified];
        for list in lists {
            list.retain(|at| part.contains(at));
            list.iter_mut().for_each(|at| *at = moved(*at));
        }
        let mut kept = self.steps.iter().map(|(at, _)| part.contains(at));
        self.actions.retain(|_| kept.next().unwrap_or(false));
        self.steps.retain(|(at, _)| part.contains(at));
        self.steps.iter_mut().for_each(|(at, _)| *at = moved(*at));
        self.faults.retain(|(at, _)| part.contains(at));
        self.faults.iter_mut().for_each(|(at, _)| *at = moved(*at));
        self.kills.retain(|(at, ..)| part.contains(at));
        self.kills.iter_mut().for_each(|(at, ..)| *at = moved(*at));
        self
    }
}

/// Something that is so until it changes.
struct Track<T> {
    since: Time,
    is: T,
}

impl<T: Copy + PartialEq> Track<T> {
    fn new(is: T) -> Track<T> {
        Track { since: Time::ZERO, is }
    }

    /// The stretch that ends when it becomes `now`, if it was any other.
    fn set(&mut self, now: T, at: Time) -> Option<Stretch<T>> {
        if now == self.is {
            return None;
        }
        let done = Stretch { from: self.since, to: at, is: self.is };
        (self.since, self.is) = (at, now);
        (done.from < done.to).then_some(done)
    }

    fn finish(self, at: Time) -> Option<Stretch<T>> {
        (self.since < at).then_some(Stretch { from: self.since, to: at, is: self.is })
    }
}

/// Only the stretches in which it is so.
fn so(stretch: Option<Stretch<bool>>) -> Option<Stretch<()>> {
    stretch.filter(|s| s.is).map(|s| Stretch { from: s.from, to: s.to, is: () })
}

/// The three beliefs, and who believes what now.
struct Beliefs {
    client: Option<u32>,
    server: Option<u32>,
    dead: Option<u32>,
    client_on: Track<bool>,
    server_on: Track<bool>,
    wrong: Track<bool>,
}

impl Beliefs {
    fn change(&mut self, belief: Belief, connection: u32) {
        let is = Some(connection);
        match belief {
            Belief::ClientUp => self.client = is,
            Belief::ClientDown if self.client == is => self.client = None,
            Belief::ServerUp => self.server = is,
            Belief::ServerDown if self.server == is => self.server = None,
            Belief::Dead => self.dead = is,
            Belief::Healed if self.dead == is => self.dead = None,
            // Of an older connection: nobody believes in it any more.
            Belief::ClientDown | Belief::ServerDown | Belief::Healed => {}
        }
    }

    fn note(&mut self, history: &mut History, at: Time) {
        let Beliefs { client, server, dead, .. } = *self;
        history.client.extend(so(self.client_on.set(client.is_some(), at)));
        history.server.extend(so(self.server_on.set(server.is_some(), at)));
        let in_dead = dead.is_some() && (client == dead || server == dead);
        history.wrong.extend(so(self.wrong.set(client != server || in_dead, at)));
    }
}

/// What a step does; of what is no step, nothing.
fn action(what: &What) -> &'static str {
    if let What::Step { action, .. } = what { action } else { "" }
}

/// What the events of `device` say, over a run that ends at `end`.
pub(in crate::report) fn history(events: &[Event], device: u32, end: Time) -> History {
    let mut history = History::default();
    let mut flying = BTreeMap::new();
    let mut state = Track::new(AppState::NotRunning);
    let mut beliefs = Beliefs {
        client: None,
        server: None,
        dead: None,
        client_on: Track::new(false),
        server_on: Track::new(false),
        wrong: Track::new(false),
    };
    for event in events.iter().filter(|event| event.owner == 0 || event.owner == device) {
        let at = event.at;
        match sign(&event.what) {
            Sign::Step(number) => {
                history.steps.push((at, number));
                history.actions.push(action(&event.what));
            }
            Sign::State(to) => {
                history.states.extend(state.set(to, at));
                if to == AppState::NotRunning {
                    // Nobody is left to believe anything.
                    beliefs.client = None;
                    beliefs.note(&mut history, at);
                }
            }
            Sign::Wake(reason, recent) => history.wakes.push(Wake { at, reason, recent }),
            Sign::Accepted(push) => history.begin(&mut flying, push, at),
            Sign::Sent(push) => {
                history.sent.push(at);
                history.of(&flying, push, |flight| _ = flight.sent.get_or_insert(at));
            }
            Sign::Received(push) => {
                history.received.push(at);
                history.of(&flying, push, |flight| _ = flight.received.get_or_insert(at));
            }
            Sign::Notified(push) => {
                history.notified.push(at);
                history.of(&flying, push, |flight| _ = flight.notified.get_or_insert(at));
            }
            Sign::Dropped(push, fate) => {
                if !flying.contains_key(&push) {
                    history.begin(&mut flying, push, at);
                }
                history.of(&flying, push, |flight| flight.dropped = Some((at, fate)));
            }
            Sign::Kill(code, rule) => history.kills.push((at, code, rule)),
            Sign::Fault(fault) => history.faults.push((at, fault)),
            Sign::Belief(belief, connection) => {
                if belief == Belief::Dead {
                    history.faults.push((at, '!'));
                }
                beliefs.change(belief, connection);
                beliefs.note(&mut history, at);
            }
            Sign::Listed | Sign::Routine => {}
        }
    }
    history.states.extend(state.finish(end));
    history.client.extend(so(beliefs.client_on.finish(end)));
    history.server.extend(so(beliefs.server_on.finish(end)));
    history.wrong.extend(so(beliefs.wrong.finish(end)));
    history.wrong.retain(|stretch| stretch.to.since(stretch.from) >= NEWS);
    history
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::{ConnectionEnd, DeadCause, SessionEnd};

    fn at(seconds: u64) -> Time {
        Span::from_secs(seconds).from_start()
    }

    fn wrong(whats: &[(u64, What)]) -> Vec<(u64, u64)> {
        let event = |(place, (seconds, what)): (usize, &(u64, What))| Event {
            at: at(*seconds),
            owner: 1,
            seq: place as u64,
            lane: what.lane(),
            what: *what,
        };
        let events: Vec<Event> = whats.iter().enumerate().map(event).collect();
        let seconds = |time: Time| time.as_micros() / 1_000_000;
        let history = history(&events, 1, at(1_000));
        history.wrong.iter().map(|s| (seconds(s.from), seconds(s.to))).collect()
    }

    #[test]
    fn a_dead_connection_is_a_wrong_belief_until_both_have_given_it_up() {
        let events = [
            (1, What::ClientConnected { pair: 1 }),
            (1, What::SessionOpened { connection: 1 }),
            (100, What::ConnectionDead { connection: 1, cause: DeadCause::Nat }),
            (400, What::ClientDisconnected { pair: 1, how: ConnectionEnd::TimedOut }),
            (402, What::ClientConnected { pair: 2 }),
            (402, What::SessionClosed { connection: 1, why: SessionEnd::Replaced }),
            (402, What::SessionOpened { connection: 2 }),
        ];
        assert_eq!(wrong(&events), [(100, 402)]);
    }

    #[test]
    fn a_push_that_the_server_does_not_take_is_lost_at_once() {
        let push = PushId { name: 0, member: 0 };
        let what = What::PushDropped { push, fate: PushFate::NotConnected };
        let event = Event { at: at(5), owner: 1, seq: 0, lane: what.lane(), what };
        let flights = history(&[event], 1, at(10)).flights;
        assert_eq!(flights[0].accepted, at(5));
        assert_eq!(flights[0].dropped, Some((at(5), PushFate::NotConnected)));
    }

    #[test]
    fn a_part_begins_at_zero_and_holds_what_is_of_its_time() {
        let stretch = |from, to| Stretch { from: at(from), to: at(to), is: () };
        let wake = |seconds| Wake { at: at(seconds), reason: WakeReason::Socket, recent: 1 };
        let history = History {
            client: vec![stretch(0, 50), stretch(60, 150), stretch(300, 400)],
            wakes: [99, 100, 199, 200].map(wake).to_vec(),
            ..History::default()
        };
        let part = history.part(&(at(100)..at(200)));
        assert_eq!(part.client, [stretch(0, 50)]);
        assert_eq!(part.wakes.iter().map(|wake| wake.at).collect::<Vec<_>>(), [at(0), at(99)]);
    }

    #[test]
    fn one_side_that_believes_alone_is_wrong() {
        let events = [
            (1, What::ClientConnected { pair: 1 }),
            (1, What::SessionOpened { connection: 1 }),
            (50, What::SessionClosed { connection: 1, why: SessionEnd::Idle }),
        ];
        assert_eq!(wrong(&events), [(50, 1_000)]);
    }
}
